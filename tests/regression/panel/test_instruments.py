"""Two-stage least squares with fixed effects: linearmodels with dummies, sets and strength, laws."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import llo_research as llo
from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.weak_instruments import anderson_rubin, effective_f, wald_limit
from tests.regression.panel import nonlinear
from tests.regression.panel.panels import dummies, frame, survey

P = llo.panel
SAME = 1e-9  # least squares with dummies by QR there, by projections here
GRID = 1e-3  # of the steps of a grid
RAW: dict[str, Any] = {"vcov": "cluster", "small_sample": "none"}
JUST, OVER = "y ~ x + [e ~ z1]", "y ~ x + [e ~ z1 + z2]"


@pytest.mark.parametrize("formula", [JUST, OVER])
def test_linearmodels_with_dummies(formula: str) -> None:
    from linearmodels.iv import IV2SLS

    data = nonlinear.data()
    instruments = ["z1"] if formula == JUST else ["z1", "z2"]
    exogenous = pd.DataFrame(dummies(data["who"]), index=data.index).assign(x=data["x"])
    exogenous.columns = [str(name) for name in exogenous.columns]
    model = IV2SLS(data["y"], exogenous, data["e"], data[instruments], weights=data["wv"])
    fit = P.fixed_effects_iv(formula, nonlinear.panel("wv"), **RAW)
    made = model.fit(cov_type="clustered", clusters=data["who"], debiased=False)
    assert fit.estimate == pytest.approx(made.params[["x", "e"]].to_numpy(), rel=SAME)
    assert fit.std_error == pytest.approx(made.std_errors[["x", "e"]].to_numpy(), rel=SAME)
    n, k = len(data), data["who"].nunique() + 2
    classical = P.fixed_effects_iv(formula, nonlinear.panel("wv"), vcov="iid")
    plain = model.fit(cov_type="unadjusted", debiased=False)
    expected = plain.std_errors[["x", "e"]].to_numpy() * np.sqrt(n / (n - k))
    assert classical.std_error == pytest.approx(expected, rel=SAME)
    chi2 = made.first_stage.diagnostics["f.stat"]["e"]  # robust Wald there, unadjusted for clusters of the call
    q = len(instruments)
    assert fit.first_stage["f"][0] * q == pytest.approx(chi2, rel=SAME)


def test_one_instrument_is_a_ratio_of_effects() -> None:
    svy = survey(frame(60, 4, constant=False))
    fit = P.fixed_effects_iv("y ~ u + [x ~ push]", svy)
    outcome = P.fixed_effects("y ~ u + push", svy)
    first = P.fixed_effects("x ~ u + push", svy)
    both = llo.joint({"outcome": outcome, "first": first}).contrast("`outcome:push` / `first:push`")
    assert fit.estimate[-1] == pytest.approx(both.estimate[0], rel=SAME)
    assert fit.std_error[-1] == pytest.approx(both.std_error[0], rel=SAME)
    f = (first.estimate[-1] / first.std_error[-1]) ** 2
    assert fit.first_stage["f"][0] == pytest.approx(f, rel=SAME)
    assert fit.first_stage["effective_f"][0] == pytest.approx(f, rel=SAME)
    # Montiel Olea and Pflueger, table 1: one instrument, a tenth, 5 %
    assert fit.first_stage["critical"][0] == pytest.approx(23.11, abs=0.005)


def test_an_instrument_that_is_the_regressor_gives_fixed_effects() -> None:
    data = frame(60, 4).assign(same=lambda d: 3 * d["x"] - 1)
    fit, plain = P.fixed_effects_iv("y ~ u + [x ~ same]", survey(data)), P.fixed_effects("y ~ u + x", survey(data))
    assert fit.estimate == pytest.approx(plain.estimate, rel=SAME)
    assert fit.covariance == pytest.approx(plain.covariance, rel=SAME)
    assert fit.df.tolist() == plain.df.tolist()


def test_textbook_errors_leave_out_the_first_stage_only_with_more_instruments() -> None:
    data = frame(60, 4)
    svy = survey(data, strata=None)
    units = data["who"].nunique()
    factor = units / (units - 1)
    for formula, same in (("y ~ u + [x ~ push]", True), ("y ~ u + [x ~ push + pull]", False)):
        exact, textbook = P.fixed_effects_iv(formula, svy), P.fixed_effects_iv(formula, svy, **RAW)
        ratio = exact.covariance / (textbook.covariance * factor)
        assert (np.abs(ratio - 1).max() < SAME) == same
        assert np.abs(ratio - 1).max() < 0.1


def test_effective_f_by_orthonormal_instruments() -> None:
    fit = P.fixed_effects_iv("y ~ u + [x ~ push + pull]", survey(frame(60, 4, constant=False)))
    coefficients, covariance = fit.reduced.of(1)
    root = np.linalg.cholesky(fit.reduced.square)
    p, v = root.T @ coefficients, root.T @ covariance @ root  # coefficients of orthonormal instruments
    assert fit.first_stage["effective_f"][0] == pytest.approx(p @ p / np.trace(v), rel=SAME)
    scaled = effective_f(coefficients, covariance, 7 * fit.reduced.square)
    assert scaled.statistic == pytest.approx(fit.first_stage["effective_f"][0], rel=SAME)
    assert scaled.critical == pytest.approx(fit.first_stage["critical"][0], rel=SAME)
    assert effective_f(np.ones(2), np.eye(2), np.eye(2)).df == pytest.approx(
        2.0
    )  # equal errors: as many as instruments


def test_sets_by_a_grid() -> None:
    rng = np.random.default_rng(4)
    shapes = set()
    for _ in range(300):
        q = int(rng.integers(1, 4))
        root = rng.normal(size=(2 * q, 2 * q + 3))
        covariance = root @ root.T / 4
        outcome, endogenous = 2 * rng.normal(size=q), rng.choice([0.5, 2.0, 8.0]) * rng.normal(size=q)
        limit = q * stats.f.ppf(0.95, q, 80)
        found = anderson_rubin(outcome, endogenous, covariance, limit)
        shapes.add(found.kind)
        for b in np.concatenate([np.linspace(-6, 6, 241), [-1e4, 1e4]]):
            left = covariance[:q, :q] - b * (covariance[:q, q:] + covariance[q:, :q]) + b**2 * covariance[q:, q:]
            inside = (outcome - b * endogenous) @ np.linalg.solve(left, outcome - b * endogenous) <= limit
            told = any(low <= b <= high for low, high in found.parts)
            near = min((abs(b - end) for part in found.parts for end in part), default=1.0)
            assert inside == told or near < GRID * max(1.0, abs(b)), (b, found)
    assert shapes >= {"interval", "two rays", "everything", "nothing"}


def test_one_instrument_has_a_closed_form() -> None:
    # Fieller: (g - b p)^2 = t^2 (v_gg - 2 b v_gp + b^2 v_pp)
    fit = P.fixed_effects_iv("y ~ u + [x ~ push]", survey(frame(60, 4)))
    (g,), (p,) = fit.reduced.coefficients
    v, t2 = fit.reduced.covariance, stats.f.ppf(0.95, 1, fit.df[0])
    roots = np.sort(np.roots([p**2 - t2 * v[1, 1], -2 * (g * p - t2 * v[0, 1]), g**2 - t2 * v[0, 0]]))
    found = fit.anderson_rubin()
    assert found.kind == "interval" and found.parts[0] == pytest.approx(tuple(roots), rel=1e-8)
    assert found.parts[0][0] < fit.estimate[-1] < found.parts[0][1]
    wider = fit.anderson_rubin(level=0.99).parts[0]
    assert wider[0] < found.parts[0][0] and wider[1] > found.parts[0][1]


def test_weak_and_contradicting_instruments_are_told() -> None:
    data = frame(80, 4)
    noise = np.random.default_rng(2).normal(size=len(data))
    fit = P.fixed_effects_iv("y ~ u + [x ~ noise]", survey(data.assign(noise=noise)))
    assert fit.anderson_rubin().kind in ("everything", "two rays")
    assert fit.first_stage["effective_f"][0] < fit.first_stage["critical"][0]
    data["other"] = data["y"] + noise  # goes with the outcome itself: not excluded
    assert P.fixed_effects_iv("y ~ u + [x ~ push + other]", survey(data)).anderson_rubin().kind == "nothing"


@pytest.mark.slow
def test_sets_hold_the_truth_where_wald_does_not() -> None:
    held = {"set": 0, "wald": 0}
    samples, rng = 400, np.random.default_rng(11)
    for _ in range(samples):
        n, who = 300, np.repeat(np.arange(100), 3)
        z, common = rng.normal(size=n), rng.normal(size=n)
        data = pd.DataFrame({"who": who, "year": np.tile(np.arange(3), 100), "z": z, "w": 1.0})
        data["e"] = 0.05 * z + common + 0.3 * rng.normal(size=n)
        data["y"] = data["e"] + common + 0.3 * rng.normal(size=n)
        fit = P.fixed_effects_iv("y ~ [e ~ z]", llo.Survey(data, weights="w", unit="who", time="year"))
        held["set"] += any(low <= 1 <= high for low, high in fit.anderson_rubin().parts)
        frame_ = fit.to_frame()
        held["wald"] += bool(frame_["conf_low"][0] <= 1 <= frame_["conf_high"][0])
    assert held["set"] / samples == pytest.approx(0.95, abs=3.5 * np.sqrt(0.05 * 0.95 / samples))
    assert held["wald"] / samples < 0.9


def test_replicates_have_a_reduced_form_too() -> None:
    svy = llo.replicate(survey(frame(60, 4)), "jkn")
    fit, linear = (P.fixed_effects_iv("y ~ u + [x ~ push + pull]", s) for s in (svy, survey(frame(60, 4))))
    assert fit.reduced.coefficients == pytest.approx(linear.reduced.coefficients, rel=1e-10)
    ratio = np.sqrt(np.diag(fit.reduced.covariance) / np.diag(linear.reduced.covariance))
    assert np.abs(ratio - 1).max() < 0.2
    first = P.fixed_effects("x ~ u + push + pull", svy)
    assert fit.reduced.of(1)[1] == pytest.approx(first.covariance[1:, 1:], rel=1e-8)


def test_several_endogenous_terms_and_levels() -> None:
    svy = survey(frame(60, 4).assign(v=lambda d: d["u"] + np.sin(np.arange(len(d)))))
    fit = P.fixed_effects_iv("y ~ C(level) + [x + u ~ push + pull + v]", svy)
    assert fit.labels == ("C(level)[T.low]", "C(level)[T.middle]", "x", "u")
    assert fit.meta["instruments"] == ["push", "pull", "v"] and len(fit.first_stage) == 2
    with pytest.raises(DataError, match="one endogenous"):
        fit.anderson_rubin()


def test_kept_in_a_file_and_pickled(tmp_path: Path) -> None:
    fit = P.fixed_effects_iv("y ~ u + [x ~ push]", survey(frame(60, 4)))
    fit.save(tmp_path / "fit.json")
    back = llo.read_result(tmp_path / "fit.json")
    for again in (back, pickle.loads(pickle.dumps(fit))):
        assert again.anderson_rubin().parts[0] == pytest.approx(fit.anderson_rubin().parts[0], rel=1e-12)
        pd.testing.assert_frame_equal(again.first_stage, fit.first_stage)


REFUSED = {
    "no bracket": ("y ~ x", DataError, "no instruments"),
    "two brackets": ("y ~ [x ~ push] + [u ~ pull]", DataError, "does so twice"),
    "both sides": ("y ~ [x ~ x]", DataError, "two places"),
    "too few": ("y ~ [x + u ~ push]", IdentificationError, "fewer instruments"),
    "absorbed": ("y ~ [x ~ fixed]", IdentificationError, "'fixed'"),
    "inside and outside": ("y ~ push + [x ~ push + pull]", DataError, "two places"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    formula, error, words = REFUSED[name]
    with pytest.raises(error, match=words), warnings.catch_warnings():
        P.fixed_effects_iv(formula, survey(frame()))


def test_read_by_a_session_that_fitted_nothing(tmp_path: Path) -> None:
    svy = survey(frame(60, 4))
    made = {"iv": P.fixed_effects_iv("y ~ u + [x ~ push]", svy), "fe": P.fixed_effects("y ~ x", svy)}
    for name, fit in made.items():
        fit.save(tmp_path / name)
    code = "import sys, llo_research as llo\nprint([type(llo.read_result(path)).__name__ for path in sys.argv[1:]])"
    paths = [str(tmp_path / name) for name in made]
    done = subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['InstrumentFit', 'PanelFit']"


def mroz() -> pd.DataFrame:
    """Wages of 428 married women, of linearmodels."""
    from linearmodels.datasets import mroz as women

    return women.load().dropna(subset=["lwage"]).reset_index(drop=True)


def test_effective_f_of_the_published_example() -> None:
    """``ivreg2 lwage exper expersq (educ = age kidslt6 kidsge6), robust`` and weakivtest, by their authors: 4.552."""
    data = mroz()
    x = np.column_stack([np.ones(len(data)), data[["exper", "expersq"]]])
    y, z = (data[names].to_numpy(float) for names in (["educ"], ["age", "kidslt6", "kidsge6"]))
    y, z = (v - x @ np.linalg.lstsq(x, v, rcond=None)[0] for v in (y, z))
    inverse = np.linalg.inv(z.T @ z)
    p = inverse @ (z.T @ y[:, 0])
    scores = z * (y[:, 0] - z @ p)[:, None]
    covariance = inverse @ (scores.T @ scores) @ inverse * len(data) / (len(data) - 6)
    made = effective_f(p, covariance, z.T @ z)
    assert made.statistic == pytest.approx(4.552, abs=5e-4)
    # its critical values (15.711, 9.957, 6.749, 5.562 for 5, 10, 20, 30 % of the worst bias) know of both equations;
    # ours, for any errors, is above
    assert made.critical > 9.957


@pytest.mark.parametrize(("share", "published"), [(0.05, 37.42), (0.10, 23.11), (0.20, 15.06), (0.30, 12.05)])
def test_critical_value_of_one_instrument_as_published(share: float, published: float) -> None:
    made = effective_f(np.ones(1), np.eye(1), np.eye(1))
    assert made.df == pytest.approx(1.0)
    assert stats.ncx2.ppf(0.95, 1, 1 / share) == pytest.approx(published, abs=6e-3)
    assert made.critical == pytest.approx(23.11, abs=6e-3)


def with_many(number: int, towns: int = 20) -> tuple[pd.DataFrame, str]:
    """Persons in towns with many instruments, which go together in a town."""
    rng = np.random.default_rng(5)
    data = pd.DataFrame({"who": np.repeat(np.arange(10 * towns), 2), "year": np.tile([1, 2], 10 * towns), "w": 1.0})
    data["town"] = data["who"] % towns
    names = [f"k{j}" for j in range(number)]
    for name in names:
        data[name] = rng.normal(size=len(data)) + data["year"] * rng.normal(size=towns)[data["town"]]
    data["e"] = data[names].sum(axis=1) + rng.normal(size=len(data))
    data["y"] = data["e"] + rng.normal(size=len(data))
    return data, f"y ~ [e ~ {' + '.join(names)}]"


def test_more_instruments_than_sampling_units_are_refused() -> None:
    """A covariance of 19 degrees of freedom has no inverse for 25: F was 1e15, the set nonsense."""
    data, formula = with_many(25)
    fit = P.fixed_effects_iv(formula, llo.Survey(data, weights="w", psu="town", unit="who", time="year"))
    assert np.isnan(fit.first_stage["f"][0]) and np.isfinite(fit.first_stage["effective_f"][0])
    with pytest.raises(llo.IdentificationError, match=r"(?s)too many instruments.*25 instruments, 19 degrees"):
        fit.anderson_rubin()
    iid = P.fixed_effects_iv(formula, llo.Survey(data, weights="w", psu="town", unit="who", time="year"), vcov="iid")
    assert iid.anderson_rubin().kind == "interval"


def test_the_limit_of_a_set_is_hotellings() -> None:
    rng, q, d, samples = np.random.default_rng(3), 5, 19, 4000
    held = {"hotelling": 0, "plain": 0}
    for _ in range(samples):
        sums = rng.normal(size=(d + 1, q))
        x = sums.mean(axis=0)
        inside = x @ np.linalg.solve(np.cov(sums, rowvar=False) / (d + 1), x)
        held["hotelling"] += bool(inside <= wald_limit(0.95, q, d, exact=False))
        held["plain"] += bool(inside <= wald_limit(0.95, q, d, exact=True))
    assert held["hotelling"] / samples == pytest.approx(0.95, abs=3.5 * np.sqrt(0.05 * 0.95 / samples))
    assert held["plain"] / samples < 0.9
    assert wald_limit(0.95, 1, 12, exact=False) == pytest.approx(stats.t.ppf(0.975, 12) ** 2)


@pytest.mark.parametrize("vcov", ["iid", "hc1"])
def test_conditional_f_by_two_regressions(vcov: str) -> None:
    """Sanderson and Windmeijer's: an endogenous term less its fit by the others, regressed on the instruments."""
    data = frame(60, 4, constant=False).assign(v=lambda d: d["u"] + np.sin(np.arange(len(d))))
    fit = P.fixed_effects_iv("y ~ [x + u ~ push + pull + v]", survey(data), vcov=vcov)
    w = survey(data).weights.to_numpy()
    root, dummies = np.sqrt(w), pd.get_dummies(data["who"]).to_numpy(float)

    def within(*names: str) -> np.ndarray:
        values = data[list(names)].to_numpy(float) * root[:, None]
        return values - (scaled := dummies * root[:, None]) @ np.linalg.lstsq(scaled, values, rcond=None)[0]

    z = within("push", "pull", "v")
    for row, (own, other) in enumerate((("x", "u"), ("u", "x"))):
        a, b = within(own)[:, 0], within(other)[:, 0]
        fitted = z @ np.linalg.lstsq(z, b, rcond=None)[0]
        left = a - b * (fitted @ a) / (fitted @ b)
        inverse = np.linalg.inv(z.T @ z)
        p = inverse @ (z.T @ left)
        error = left - z @ p
        n, k = len(data), dummies.shape[1] + 2  # as the fit counts: two coefficients and the dummies
        scores = z * error[:, None]
        meat = error @ error / (n - k) * z.T @ z if vcov == "iid" else n / (n - k) * scores.T @ scores
        expected = p @ np.linalg.solve(inverse @ meat @ inverse, p) / 2
        assert fit.first_stage["conditional_f"][row] == pytest.approx(expected, rel=1e-8)
