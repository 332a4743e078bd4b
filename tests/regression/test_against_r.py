"""svyglm, svyolr, regTermTest and svypredmeans of R survey 4.5: points, errors, tests, intervals, df."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

LINEAR = 1e-9  # least squares: rounding only
LIKELIHOOD = 1e-7  # of likelihood models, where R iterates to a change of the deviance of 1e-15
# R's criterion is on the deviance, which is flat at the solution: its cloglog stops where the coefficients still move
# by 1e-6 of themselves; a mean score test below shows which of the two solutions is the nearer one
STOPPED = 2e-6
OPTIMISER = 5e-4  # polr's optimiser stops where the coefficients are off by 7e-5, its numerical Hessian by more
DESIGNS: dict[str, dict[str, Any]] = {
    "strat": {"strata": "stype", "fpc": "fpc"},
    "clus1": {"psu": "dnum", "fpc": "fpc"},
}
YES = "`sch.wide` == 'Yes' ~ ell + meals + mobility"
MODELS: dict[str, tuple[str, dict[str, Any], float]] = {
    "gaussian": ("api00 ~ ell + meals + mobility", {}, LINEAR),
    "quasibinomial:logit": (YES, {"family": "binomial"}, LIKELIHOOD),
    "quasibinomial:probit": (YES, {"family": "probit"}, LIKELIHOOD),
    "quasibinomial:cloglog": (YES, {"family": "binomial", "link": "cloglog"}, STOPPED),
    "quasipoisson": ("`api.stu` ~ ell + meals", {"family": "poisson", "offset": "log(enroll)"}, LIKELIHOOD),
    "gamma_log": ("api00 ~ ell + meals", {"family": "gamma"}, LIKELIHOOD),
}
CLOGLOG = "quasibinomial:cloglog"
COLUMNS = {"est": "estimate", "se": "std_error", "t": "statistic", "p": "p_value"}
COLUMNS |= {"ci_lo": "conf_low", "ci_hi": "conf_high", "df": "df"}


@pytest.fixture(scope="module")
def expected(reference_dir: Path) -> pd.DataFrame:
    return pd.read_csv(reference_dir / "survey" / "03_models.csv")


@pytest.fixture(scope="module")
def surveys(reference_dir: Path) -> dict[str, llo.Survey]:
    folder = reference_dir / "survey" / "data"
    return {
        name: llo.Survey(pd.read_csv(folder / f"api{name}.csv"), weights="pw", **roles)
        for name, roles in DESIGNS.items()
    }


def numbers(expected: pd.DataFrame, case: str, stat: str) -> pd.Series:
    """R's numbers by our names of terms."""
    rows = expected[(expected.case == case) & (expected.stat == stat)]
    return rows.set_index("term").value.rename(lambda term: str(term).replace("(Intercept)", "Intercept"))


def check(fit: Any, expected: pd.DataFrame, case: str, tolerance: float) -> int:
    """Compare everything R tells of a model; how many numbers that were."""
    frame, count = fit.to_frame().set_index("term"), 0
    for stat, name in COLUMNS.items():
        wanted = numbers(expected, case, stat)
        if stat == "df":
            assert (frame["df"] == wanted.iloc[0]).all()
            count += 1
            continue
        # a tail of 1e-40 has as many digits less as its exponent has
        loose = tolerance * 1e3 if stat == "p" else tolerance
        there = wanted[(wanted > 1e-300) | (stat != "p")]  # below are numbers that hold no digits
        for term, value in there.items():
            assert frame.loc[term, name] == pytest.approx(value, rel=loose), (case, stat, term)
        count += len(wanted)
    for pair, value in numbers(expected, case, "vcov").items():
        a, b = str(pair).replace("(Intercept)", "Intercept").split("|")
        assert fit.cov.loc[a, b] == pytest.approx(value, rel=tolerance * 10, abs=1e-14), (case, pair)
        count += 1
    return count


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("model", [name for name in MODELS if name != CLOGLOG])
def test_glm(model: str, design: str, surveys: dict[str, llo.Survey], expected: pd.DataFrame) -> None:
    formula, options, tolerance = MODELS[model]
    fit = llo.glm(formula, surveys[design], **options)
    if (design, model) == ("strat", "quasibinomial:probit"):
        assert numbers(expected, f"{design}:{model}", "est").empty  # R's file does not have it
        return
    assert check(fit, expected, f"{design}:{model}", tolerance) >= 19


@pytest.mark.parametrize("design", DESIGNS)
def test_complementary_log_log_where_r_stops_early(
    design: str, surveys: dict[str, llo.Survey], expected: pd.DataFrame
) -> None:
    formula, options, tolerance = MODELS[CLOGLOG]
    assert check(llo.glm(formula, surveys[design], **options), expected, f"{design}:{CLOGLOG}", tolerance) >= 19


@pytest.mark.parametrize("design", DESIGNS)
def test_a_domain_keeps_the_design(design: str, surveys: dict[str, llo.Survey], expected: pd.DataFrame) -> None:
    fit = llo.glm("api00 ~ ell + meals", surveys[design].where("`comp.imp` == 'Yes'"))
    assert check(fit, expected, f"{design}:gaussian_domain", LINEAR) >= 19


@pytest.mark.parametrize("design", DESIGNS)
def test_wald_and_rao_scott(design: str, surveys: dict[str, llo.Survey], expected: pd.DataFrame) -> None:
    fit = llo.glm("api00 ~ ell + meals + mobility", surveys[design])
    wald, ratio = fit.test("ell = 0, meals = 0"), fit.test("ell, meals", method="lr")
    case = f"{design}:gaussian"
    assert wald.statistic == pytest.approx(numbers(expected, f"{case}:wald", "F").iloc[0], rel=LINEAR)
    assert wald.df_denominator == numbers(expected, f"{case}:wald", "ddf").iloc[0]
    assert wald.p_value == pytest.approx(numbers(expected, f"{case}:wald", "p").iloc[0], rel=1e-8)
    assert ratio.statistic == pytest.approx(numbers(expected, f"{case}:lrt", "chisq").iloc[0], rel=LINEAR)
    assert ratio.p_value == pytest.approx(numbers(expected, f"{case}:lrt", "p").iloc[0], rel=1e-7)


def test_predictive_margins(surveys: dict[str, llo.Survey], expected: pd.DataFrame) -> None:
    """R adds the variances of coefficients and covariates as if these were independent; ours has their covariance."""
    fit = llo.glm("api00 ~ ell + meals + stype", surveys["strat"])
    levels = ["E", "M", "H"]
    fixed = fit.margins(at={"stype": levels}, fixed=True)
    wanted = numbers(expected, "strat:predmeans", "est")[levels]
    assert fixed.estimate.tolist() == pytest.approx(wanted.tolist(), rel=LINEAR)
    slopes = dict(zip(fit.labels, fit.estimate, strict=True))
    part = surveys["strat"].assign(xb=lambda d: slopes["ell"] * d["ell"] + slopes["meals"] * d["meals"])
    covariates = llo.mean("xb", part).std_error[0]
    theirs = numbers(expected, "strat:predmeans", "se")[levels]
    np.testing.assert_allclose(np.hypot(fixed.std_error, covariates), theirs, rtol=LINEAR)


@pytest.mark.parametrize("design", DESIGNS)
def test_ordered_logit(design: str, surveys: dict[str, llo.Survey], expected: pd.DataFrame) -> None:
    def classes(frame: pd.DataFrame) -> pd.Categorical:
        cut = pd.cut(frame["meals"], [0, 25, 50, 75, 100], include_lowest=True, labels=["a", "b", "c", "d"])
        return pd.Categorical(cut, categories=["a", "b", "c", "d"], ordered=True)

    svy = surveys[design].assign(mealcat=classes(surveys[design].frame))
    fit = llo.ordered("mealcat ~ `avg.ed` + mobility + C(stype, levels=['E', 'H', 'M'])", svy)
    np.testing.assert_allclose(fit.estimate, numbers(expected, f"{design}:olr", "est"), rtol=OPTIMISER)
    np.testing.assert_allclose(fit.std_error, numbers(expected, f"{design}:olr", "se"), rtol=OPTIMISER)


def test_cloglog_is_nearer_the_solution_than_r(surveys: dict[str, llo.Survey], expected: pd.DataFrame) -> None:
    svy = surveys["strat"]
    fit = llo.glm(YES, svy, family="cloglog")
    frame, w = svy.frame, svy.weights.to_numpy()
    x = np.column_stack([np.ones(len(frame)), frame[["ell", "meals", "mobility"]]])
    y = (frame["sch.wide"] == "Yes").to_numpy()

    def score(beta: np.ndarray) -> float:
        eta = x @ beta
        mean = -np.expm1(-np.exp(eta))
        error = (y - mean) * np.exp(eta - np.exp(eta)) / (mean * (1 - mean))
        return float(np.abs(x.T @ (w * error)).max())

    theirs = numbers(expected, "strat:quasibinomial:cloglog", "est").to_numpy()
    assert score(fit.estimate) < 1e-4 * score(theirs)
