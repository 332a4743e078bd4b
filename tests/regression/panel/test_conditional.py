"""Conditional and fixed-effects ordered logit: R's clogit, loops over all answers, and laws."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import llo_research as llo
from llo_research.errors import DataError, DesignError, IdentificationError
from tests.regression.panel import nonlinear
from tests.regression.panel.panels import dummies, frame, survey

P = llo.panel
R_DIGITS = 1e-9  # clogit stops at 1e-14 of the likelihood, 1e-10 of a coefficient
SAME = 1e-9  # two routes to one maximum, each solved to 1e-12
RAW: dict[str, Any] = {"vcov": "cluster", "small_sample": "none"}


@pytest.mark.parametrize(("case", "weights"), [("clogit", "one"), ("clogit_weighted", "w")])
def test_clogit_of_r(case: str, weights: str) -> None:
    fit = P.conditional_logit("yes ~ x + u", nonlinear.panel(weights), vcov="iid")
    coefficients, covariance = nonlinear.theirs(case, fit.labels)
    assert fit.estimate == pytest.approx(coefficients, rel=R_DIGITS)
    # a whole weight is so many persons to clogit; the classical covariance takes weights of mean one
    rows = nonlinear.data()[np.isfinite(fit.fitted)]
    mean = rows.groupby("who")[weights].first().mean()
    assert fit.covariance == pytest.approx(covariance * mean, rel=R_DIGITS)
    loglik = nonlinear.known()[(case, "loglik", "_model")]
    assert fit.meta["log_likelihood"] == pytest.approx(loglik, rel=R_DIGITS)


@pytest.mark.parametrize(("case", "weights"), [("buc", "one"), ("buc_weighted", "w")])
def test_blown_up_clogit_of_r(case: str, weights: str) -> None:
    fit = P.fixed_effects_ordered("level ~ x + u", nonlinear.panel(weights))
    assert fit.estimate == pytest.approx(nonlinear.theirs(case, fit.labels)[0], rel=R_DIGITS)


def test_statsmodels_on_wages() -> None:
    from linearmodels.datasets import wage_panel
    from statsmodels.discrete.conditional_models import ConditionalLogit

    wages = wage_panel.load().assign(one=1.0)
    fit = P.conditional_logit(
        "union ~ married + exper + expersq", llo.Survey(wages, weights="one", unit="nr", time="year"), vcov="iid"
    )
    moved = wages.groupby("nr")["union"].transform("std") > 0
    own = wages[moved]
    found = ConditionalLogit(own["union"], own[["married", "exper", "expersq"]], groups=own["nr"])
    made = found.fit(disp=0, method="newton", maxiter=100, tol=1e-14)
    assert fit.estimate == pytest.approx(made.params.to_numpy(), rel=1e-8)
    assert fit.std_error == pytest.approx(made.bse.to_numpy(), rel=1e-6)  # numerical second derivatives there
    assert fit.nobs == len(own) and fit.meta["units_without_variation"] == wages["nr"].nunique() - own["nr"].nunique()


def by_hand(data: Any, beta: np.ndarray, cuts: Any) -> tuple[np.ndarray, np.ndarray]:
    """Scores of persons (N, p) and information, over all answers with as many yeses."""
    scores, information = [], np.zeros((len(beta), len(beta)))
    for _, rows in data.groupby("who"):
        x, own = rows[["x", "u"]].to_numpy(), np.zeros(len(beta))
        for cut in cuts:
            yes = rows["answer"].to_numpy() > cut
            sums = np.array([x[list(c)].sum(axis=0) for c in combinations(range(len(x)), int(yes.sum()))])
            chance = np.exp(sums @ beta)
            chance /= chance.sum()
            mean = chance @ sums
            own += x[yes].sum(axis=0) - mean
            information += rows["w"].iloc[0] * (sums - mean).T @ ((sums - mean) * chance[:, None])
        scores.append(own * rows["w"].iloc[0])
    return np.array(scores), information


@pytest.mark.parametrize("kind", ["yes", "level"])
def test_covariances_by_loops_over_all_answers(kind: str) -> None:
    data = nonlinear.data().assign(answer=lambda d: d[kind])
    svy = llo.Survey(data, weights="w", strata="stratum", unit="who", time="year")
    estimator, cuts = (P.conditional_logit, [0]) if kind == "yes" else (P.fixed_effects_ordered, [1, 2, 3])
    fit = estimator("answer ~ x + u", svy)
    scores, information = by_hand(data, fit.estimate, cuts)
    assert np.abs(scores.sum(axis=0)).max() < 1e-9
    z = scores @ np.linalg.inv(information)
    strata = data.groupby("who")["stratum"].first().to_numpy()
    expected = np.zeros((2, 2))
    for stratum in np.unique(strata):
        own = z[strata == stratum]
        expected += len(own) / (len(own) - 1) * (own - own.mean(axis=0)).T @ (own - own.mean(axis=0))
    assert fit.covariance == pytest.approx(expected, rel=SAME)
    clustered = estimator("answer ~ x + u", svy, **RAW)
    assert clustered.covariance == pytest.approx(z.T @ z, rel=SAME)
    sums = pd.DataFrame(fit.influence).groupby(data["who"].to_numpy()).sum().to_numpy()
    assert sums == pytest.approx(z, abs=1e-12)


def test_two_waves_are_a_logit_of_differences() -> None:
    data = frame(200, 2, complete=True)
    fit = P.conditional_logit("yes ~ x + u", survey(data))
    first, last = data[data["year"] == 2014].reset_index(drop=True), data[data["year"] == 2015].reset_index(drop=True)
    changes = first[["who", "stratum", "w"]].assign(
        dx=last["x"] - first["x"], du=last["u"] - first["u"], dy=last["yes"] - first["yes"]
    )
    svy = llo.Survey(changes, weights="w", strata="stratum").where("dy != 0").assign(up="dy > 0")
    logit = llo.glm("up ~ 0 + dx + du", svy, family="logit")
    assert fit.estimate == pytest.approx(logit.estimate, rel=SAME)
    assert fit.covariance == pytest.approx(logit.covariance, rel=SAME)
    assert fit.df.tolist() == logit.df.tolist()


def test_dummies_of_persons_double_the_coefficients_with_two_waves() -> None:
    # Abrevaya, J. (1997). The equivalence of two estimators of the fixed-effects logit model. Economics Letters, 55
    data = frame(150, 2, complete=True)
    fit = P.conditional_logit("yes ~ x", survey(data))
    moved = data.groupby("who")["yes"].transform("nunique") == 2
    own = survey(data[moved].reset_index(drop=True))
    biased = llo.glm("yes ~ 0 + x + C(who)", own, family="logit")
    assert biased.estimate[list(biased.labels).index("x")] == pytest.approx(2 * fit.estimate[0], rel=1e-7)


def test_in_samples_it_is_not_biased_and_its_twin_with_dummies_is() -> None:
    rng = np.random.default_rng(5)
    persons, waves = 1200, 4
    who = np.repeat(np.arange(persons), waves)
    lasting = rng.normal(size=persons)[who]
    data = pd.DataFrame(
        {"who": who, "year": np.tile(np.arange(waves), persons), "x": lasting + rng.normal(size=len(who))}
    )
    data["yes"] = (rng.random(len(who)) < expit(data["x"] + lasting)).astype(int)
    data["w"] = rng.gamma(4, 1, persons)[who]
    fit = P.conditional_logit("yes ~ x", llo.Survey(data, weights="w", unit="who", time="year"))
    assert abs(fit.estimate[0] - 1) < 3 * fit.std_error[0]
    moved = data[data.groupby("who")["yes"].transform("nunique") == 2]
    x = np.column_stack([moved["x"], dummies(moved["who"])])
    beta, w, y = np.zeros(x.shape[1]), moved["w"].to_numpy(), moved["yes"].to_numpy()
    for _ in range(12):
        p = expit(x @ beta)
        beta += np.linalg.solve((x * (w * p * (1 - p))[:, None]).T @ x, x.T @ (w * (y - p)))
    assert beta[0] > 1.25 and beta[0] - fit.estimate[0] > 5 * fit.std_error[0]


def test_laws() -> None:
    data = frame(60, 5)
    fit = P.conditional_logit("yes ~ x + u", survey(data), vcov="hc1")
    data["moved"] = data["x"] + 1e3 * data["fixed"]  # a constant of the person changes nothing
    same = P.conditional_logit("yes ~ moved + u", survey(data), vcov="hc1")
    assert same.estimate == pytest.approx(fit.estimate, rel=1e-8)
    assert same.covariance == pytest.approx(fit.covariance, rel=1e-8)
    data["no"] = 1 - data["yes"]
    turned = P.conditional_logit("no ~ x + u", survey(data), vcov="hc1")
    assert turned.estimate == pytest.approx(-fit.estimate, rel=SAME)
    assert turned.covariance == pytest.approx(fit.covariance, rel=SAME)
    data["w"] *= 7.5
    assert P.conditional_logit("yes ~ x + u", survey(data), vcov="hc1").estimate == pytest.approx(
        fit.estimate, rel=SAME
    )
    data["two"] = data["yes"] + 3
    ordered = P.fixed_effects_ordered("two ~ x + u", survey(data))
    design = P.conditional_logit("yes ~ x + u", survey(data))
    assert ordered.estimate == pytest.approx(design.estimate, rel=SAME)
    assert ordered.covariance == pytest.approx(design.covariance, rel=SAME)
    reversed_ = P.fixed_effects_ordered("no ~ x + u", survey(data))
    assert reversed_.estimate == pytest.approx(-design.estimate, rel=SAME)


def test_groups_of_many_rows_are_exact() -> None:
    # 60 rows a group: 1e17 answers with as many yeses; by the chance of the number of yeses in a product of logits
    rng = np.random.default_rng(3)
    x, number = rng.normal(size=(4 * 60)), 4
    who = np.repeat(np.arange(number), 60)
    yes = rng.random(len(x)) < expit(0.7 * x)
    data = pd.DataFrame({"who": who, "year": np.tile(np.arange(60), number), "x": x, "yes": yes, "w": 1.0})
    fit = P.conditional_logit("yes ~ x", llo.Survey(data, weights="w", unit="who", time="year"))

    def log_likelihood(beta: float) -> float:
        total = 0.0
        for i in range(number):
            own, ones = x[who == i], int(yes[who == i].sum())
            poly = np.array([1.0])
            p = expit(beta * own)
            for one in p:
                poly = np.convolve(poly, [1 - one, one])
            total += np.log(p[yes[who == i]]).sum() + np.log1p(-p[~yes[who == i]]).sum() - np.log(poly[ones])
        return total

    assert fit.meta["log_likelihood"] == pytest.approx(log_likelihood(fit.estimate[0]), rel=1e-12)
    step = 1e-4
    slope = log_likelihood(fit.estimate[0] + step) - log_likelihood(fit.estimate[0] - step)
    assert abs(slope / (2 * step)) < 1e-6


def test_units_without_changes_say_nothing() -> None:
    data = nonlinear.data()
    fit = P.conditional_logit("yes ~ x + u", nonlinear.panel("w", strata="stratum"))
    moved = data.groupby("who")["yes"].transform("nunique") == 2
    assert fit.nobs == int(moved.sum()) and fit.meta["n_rows"] == len(data)
    assert fit.meta["n_units"] == data.loc[moved, "who"].nunique()
    assert fit.meta["n_units"] + fit.meta["units_without_variation"] == data["who"].nunique()
    assert (fit.influence[~moved.to_numpy()] == 0).all() and np.isnan(fit.fitted[~moved.to_numpy()]).all()
    assert fit.df[0] == fit.meta["n_units"] - 3 + 1 - 2
    sums = pd.Series(fit.fitted).groupby(data["who"]).sum()[data.loc[moved, "who"].unique()]
    assert sums.to_numpy() == pytest.approx(data[moved].groupby("who")["yes"].sum().to_numpy(), rel=1e-12)


def separated() -> llo.Survey:
    data = frame()
    return survey(data.assign(yes=(data["x"] > data.groupby("who")["x"].transform("median")).astype(int)))


CASES = {
    "weights": (lambda: P.conditional_logit("yes ~ x", survey(frame(constant=False))), DesignError, "one weight"),
    "numbers": (lambda: P.conditional_logit("y ~ x", survey(frame())), DataError, "yes or no"),
    "never": (
        lambda: P.conditional_logit("yes ~ x", survey(frame().assign(yes=lambda d: d["who"] % 2))),
        IdentificationError,
        "none do",
    ),
    "constant": (lambda: P.conditional_logit("yes ~ x + fixed", survey(frame())), IdentificationError, "'fixed'"),
    "collinear": (
        lambda: P.conditional_logit("yes ~ x + x2", survey(frame().assign(x2=lambda d: 2 * d["x"]))),
        IdentificationError,
        "combination",
    ),
    "separated": (lambda: P.conditional_logit("yes ~ x", separated()), IdentificationError, "separation"),
    "wild": (lambda: P.conditional_logit("yes ~ x", survey(frame()), vcov="wild", seed=1), DataError, "linear models"),
    "no unit": (lambda: P.conditional_logit("yes ~ x", llo.Survey(frame(), weights="w")), DesignError, "unit"),
    "margins": (lambda: P.conditional_logit("yes ~ x", survey(frame())).margins(["x"]), DataError, "No model"),
    "ordered iid": (lambda: P.fixed_effects_ordered("yes ~ x", survey(frame()), vcov="iid"), DataError, "classical"),
    "no order": (lambda: P.fixed_effects_ordered("level ~ x", survey(frame())), DataError, "no order"),
}


@pytest.mark.parametrize("name", CASES)
def test_refused(name: str) -> None:
    call, error, words = CASES[name]
    with pytest.raises(error, match=words):
        call()
