"""Proves meta_analysis: metafor's numbers, correlated estimates, coverage, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research import DataError
from llo_research.numerics import heterogeneity
from llo_research.results.result import Result

CASES = {
    "apart": ([0.10, 0.24, -0.05, 0.31, 0.18, 0.02, 0.27], [4e-3, 2e-3, 9e-3, 1e-3, 3e-3, 6e-3, 2e-3]),
    "close": ([0.11, 0.13, 0.10, 0.12, 0.125], [4e-3, 2e-3, 9e-3, 1e-3, 3e-3]),
    "three": ([12.3, 7.1, 15.8], [1.5, 0.7, 4.2]),
}
METAFOR = pd.read_csv(Path(__file__).parents[1] / "reference" / "metafor.csv")
# metafor's iterations stop at 1e-5 of a standard error in some versions; 1e-6 was reached with the tolerances set.
AGREED = 1e-6


def people(y: list[float], v: list[float]) -> list[float]:
    """Four people a group, at y -+ sqrt(3 v): their mean is y, with variance v."""
    spread = np.sqrt(3 * np.array(v))
    return [m + d * sign for m, d in zip(y, spread, strict=True) for sign in (-1, -1, 1, 1)]


def survey(**outcomes: list[float]) -> llo.Survey:
    """Groups of four people, a stratum each."""
    groups = np.repeat([f"g{i}" for i in range(len(next(iter(outcomes.values()))) // 4)], 4)
    return llo.Survey(pd.DataFrame({"group": groups, "w": 1.0, **outcomes}), weights="w", strata="group")


def estimates(y: list[float], v: list[float]) -> Result:
    """A mean for each group that is y with variance v."""
    return llo.mean("y", survey(y=people(y, v)), by="group")


@pytest.mark.parametrize("knapp", [True, False])
@pytest.mark.parametrize("method", ["paule-mandel", "dersimonian-laird", "reml"])
@pytest.mark.parametrize("case", CASES)
def test_the_numbers_are_those_of_metafor(case: str, method: str, knapp: bool) -> None:
    found = llo.meta_analysis(estimates(*CASES[case]), method=method, knapp=knapp).to_frame().set_index("measure")
    wanted = METAFOR.query("case == @case and method == @method and knapp == @knapp").set_index("measure")
    for measure, column in [(m, c) for m in wanted.index for c in wanted if c not in ("case", "method", "knapp")]:
        if measure == "mean" and column == "p_value":
            assert np.isnan(found.loc["mean", "p_value"])  # a mean is no comparison
        elif np.isfinite(wanted.loc[measure, column]):
            assert found.loc[measure, column] == pytest.approx(wanted.loc[measure, column], rel=AGREED, abs=1e-9)


def test_a_mean_of_differences_is_tested() -> None:
    result = estimates(*CASES["apart"])
    gaps = result.contrast({f"gap {i}": {f"g{i}": 1, "g0": -1} for i in range(1, 7)})
    row = llo.meta_analysis(gaps).to_frame().iloc[0]
    assert 0 < row["p_value"] < 1


def test_blocks_are_pooled_by_themselves() -> None:
    y, v = CASES["apart"]
    svy = survey(y=people(y, v), z=people([2 * value for value in y], [0.01] * len(y)))
    parts = {name: llo.mean(name, svy, by="group") for name in ("y", "z")}
    found = llo.meta_analysis(llo.joint(parts), by="result").to_frame()
    assert found["result"].tolist() == ["y"] * 5 + ["z"] * 5
    for name, alone in parts.items():
        own = found[found["result"] == name].drop(columns="result").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, llo.meta_analysis(alone).to_frame(), rtol=1e-12)


def test_an_error_that_all_share_is_in_the_mean_and_not_between() -> None:
    y, v = (np.array(part) for part in CASES["apart"])
    alone, shared = np.diag(v), np.diag(v) + 0.01
    assert heterogeneity.paule_mandel(y, shared) == pytest.approx(heterogeneity.paule_mandel(y, alone), rel=1e-9)
    tau2 = heterogeneity.paule_mandel(y, alone)
    mean, variance, q = heterogeneity.centre(y, heterogeneity.weights(alone, tau2))
    with_shared = heterogeneity.centre(y, heterogeneity.weights(shared, tau2))
    assert with_shared == pytest.approx((mean, variance + 0.01, q), rel=1e-9)
    assert q == pytest.approx(len(y) - 1)


def test_ratios_are_pooled_on_logarithms() -> None:
    frame = pd.DataFrame({"country": np.repeat(list("abcd"), 60), "of": np.tile([0, 1], 120), "w": 1.0})
    rng = np.random.default_rng(4)
    frame["y"] = (rng.random(240) < 0.3 + 0.3 * frame["of"]).astype(float)
    svy = llo.Survey(frame, weights="w", strata="country")
    ratios = llo.gap("y", svy, group="of", of=1, minus=0, by="country", scale="ratio")
    logs = ratios.contrast({c: f"log({label})" for c, label in zip("abcd", ratios.labels, strict=True)})
    one, other = llo.meta_analysis(ratios).to_frame(), llo.meta_analysis(logs).to_frame()
    for name in ("estimate", "conf_low", "conf_high"):
        assert np.log(one[name][:2]).tolist() == pytest.approx(other[name][:2].tolist(), rel=1e-9)
    assert one["estimate"][2:].tolist() == pytest.approx(other["estimate"][2:].tolist(), rel=1e-9)


def test_intervals_hold_what_they_promise() -> None:
    rng, k, tau, draws = np.random.default_rng(11), 12, 0.08, 1500
    v = rng.uniform(0.0005, 0.004, k)
    held = np.zeros(3)
    for _ in range(draws):
        truth = 0.2 + tau * rng.normal(size=k + 1)
        y = truth[:k] + np.sqrt(v) * rng.normal(size=k)
        frame = _frame(y, v)
        held[0] += frame.loc["mean", "conf_low"] < 0.2 < frame.loc["mean", "conf_high"]
        held[1] += frame.loc["prediction", "conf_low"] < truth[k] < frame.loc["prediction", "conf_high"]
        held[2] += frame.loc["tau2", "conf_low"] < tau**2 < frame.loc["tau2", "conf_high"]
    # three standard errors of a share of 95 % in 1,500 draws are 1.7 points
    assert (held[[0, 2]] / draws).tolist() == pytest.approx([0.95] * 2, abs=0.017)
    # the prediction takes tau2 for known: said in the docstring
    assert held[1] / draws == pytest.approx(0.935, abs=0.019)


def _frame(y: np.ndarray, v: np.ndarray) -> pd.DataFrame:
    """The numbers of one draw, by the function behind the public one."""
    from llo_research.estimation.pooling import _frame as rows

    covariance = np.diag(v)
    tau2 = heterogeneity.paule_mandel(y, covariance)
    mean, variance, q = heterogeneity.centre(y, heterogeneity.weights(covariance, tau2))
    error = float(np.sqrt(variance * q / (len(y) - 1)))
    return rows(y, covariance, tau2, mean, error, 0.95, len(y) - 1.0).set_index("measure")


def test_what_is_refused() -> None:
    result = estimates(*CASES["apart"])
    with pytest.raises(DataError, match="of a result"):
        llo.meta_analysis(result.to_frame())  # type: ignore[arg-type]  # the mistake itself
    with pytest.raises(DataError, match="three estimates"):
        llo.meta_analysis(estimates([1.0, 2.0], [0.1, 0.1]))
    with pytest.raises(DataError, match="method"):
        llo.meta_analysis(result, method="hunter-schmidt")
    with pytest.raises(DataError, match="three estimates"):
        llo.meta_analysis(estimates([1.0, 2.0, 3.0], [0.1, 0.1, 0.0]))
    with pytest.raises(DataError, match="certain"):
        llo.meta_analysis(result.contrast({"a": {"g0": 1}, "b": {"g1": 1}, "both": {"g0": 1, "g1": 1}}))


def test_it_can_be_read_aloud() -> None:
    told = str(llo.meta_analysis(estimates(*CASES["apart"])))
    assert "random effects of 7 estimates; paule-mandel" in told
    assert "prediction: where a further one would lie" in told


def test_a_row_without_variance_is_left_out_and_said() -> None:
    y, v = CASES["apart"]
    found, without = llo.meta_analysis(estimates([*y, 0.9], [*v, 0.0])), llo.meta_analysis(estimates(y, v))
    pd.testing.assert_frame_equal(found.to_frame(), without.to_frame(), rtol=AGREED)
    assert "left out: 1" in found.summary() and "of 7 estimates" in found.summary()
    assert "left out" not in without.summary()


def test_numbers_of_different_things_have_no_mean() -> None:
    y, v = CASES["apart"]
    svy = survey(y=people(y, v), z=people(y[::-1], v))
    both = llo.joint({name: llo.mean(name, svy, by="group") for name in "yz"})
    with pytest.raises(DataError, match="different things"):
        llo.meta_analysis(both)
    assert len(llo.meta_analysis(both, by="result").to_frame()) == 10
    models = llo.joint({name: llo.glm("y ~ z", svy) for name in "abc"})
    with pytest.raises(DataError, match="term: Intercept, z"):
        llo.meta_analysis(models)
    gaps = [llo.gap("y", svy, of=f"group == 'g{i}'", minus="group == 'g6'") for i in range(3)]
    with pytest.raises(DataError, match="of: group == 'g0'"):
        llo.meta_analysis(llo.joint(dict(zip("abc", gaps, strict=True))))
