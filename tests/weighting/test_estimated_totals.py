"""Proves that the covariance of estimated totals is in every variance: linearised, on replicates, in either order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.weighting import samples

COV = np.array([[360_000.0, -90_000.0], [-90_000.0, 810_000.0]])
TOTALS = {"sex": {"m": 7000.0, "v": 7500.0}}
ESTIMATED = llo.EstimatedTotals(TOTALS, COV)
REPLICATED: dict[str, tuple[str, dict[str, Any]]] = {
    "jkn": ("strata", {"method": "jkn"}),
    "jk1": ("elements", {"method": "jk1"}),
    "jk1 of places": ("places", {"method": "jk1"}),
    "bootstrap": ("strata", {"method": "bootstrap", "seed": 3, "replicates": 300}),
    "brr": ("pairs", {"method": "brr"}),
    "fay": ("pairs", {"method": "fay", "fay": 0.3}),
}
# Products of replicates and totals: nothing where there is room; else with a standard deviation of 1 / (2 sqrt(R)), of
# which two are allowed (forty places).
NEAR = {"jkn": 0.02, "jk1": 0.04, "jk1 of places": 0.16, "brr": 0.1, "fay": 0.1}


def survey(design: str, n: int = 120) -> llo.Survey:
    """A sample; `pairs`: sixty strata of two."""
    if design != "pairs":
        return samples.survey(3, n, design)
    frame = samples.people(3, n).sample(frac=1, random_state=1)
    return llo.Survey(frame.assign(pair=np.arange(n) // 2), weights="w", strata="pair")


def both_orders(svy: llo.Survey, step: Callable[[llo.Survey], llo.Survey], **how: Any) -> tuple[llo.Survey, llo.Survey]:
    return step(llo.replicate(svy, **how)), llo.replicate(step(svy), **how)


@pytest.mark.parametrize("mse", [True, False])
@pytest.mark.parametrize("method", ["linear", "raking"])
@pytest.mark.parametrize("name", REPLICATED)
def test_calibrated_totals_have_the_covariance_they_came_with(name: str, method: str, mse: bool) -> None:
    design, how = REPLICATED[name]
    for svy in both_orders(survey(design), lambda s: llo.calibrate(s, ESTIMATED, method=method), mse=mse, **how):
        assert np.asarray(llo.total("sex", svy).cov) == pytest.approx(COV, rel=1e-8)


@pytest.mark.parametrize("name", NEAR)
def test_replicate_and_linearised_errors_are_near(name: str) -> None:
    design, how = REPLICATED[name]
    svy = survey(design)
    linear = llo.calibrate(svy, ESTIMATED)
    for replicated in both_orders(svy, lambda s: llo.calibrate(s, ESTIMATED), **how):
        for call in (lambda s: llo.total(["x", "y"], s), lambda s: llo.mean(["x", "y"], s)):
            assert call(replicated).std_error == pytest.approx(call(linear).std_error, rel=NEAR[name])


@pytest.mark.parametrize("name", REPLICATED)
def test_without_sampling_variance_there_is_that_of_the_totals_exactly(name: str) -> None:
    """An outcome that follows from the margins: B' cov B in linearised and replicate designs."""
    design, how = REPLICATED[name]
    svy = survey(design).assign(z=lambda d: np.where(d["sex"] == "m", 2.0, 5.0))
    wanted = float(np.sqrt(np.array([2, 5]) @ COV @ np.array([2, 5])))
    for one in (llo.calibrate(svy, ESTIMATED), *both_orders(svy, lambda s: llo.calibrate(s, ESTIMATED), **how)):
        assert llo.total("z", one).std_error[0] == pytest.approx(wanted, rel=1e-8)


# Beyond first order: what is left of the replicates' own change of B.
@pytest.mark.parametrize(("name", "tolerance"), [("jkn", 0.003), ("bootstrap", 0.02)])
def test_what_is_added_is_that_of_the_totals(name: str, tolerance: float) -> None:
    """Where replicates leave room: variance with estimated totals minus that with known ones is B' cov B."""
    design, how = REPLICATED[name]
    svy = survey(design)
    frame, w = svy.frame, svy.weights
    slope = (w * frame["y"]).groupby(frame["sex"]).sum() / w.groupby(frame["sex"]).sum()
    drawn = llo.replicate(svy, **how)
    known, estimated = (llo.total("y", llo.calibrate(drawn, t)).std_error[0] ** 2 for t in (TOTALS, ESTIMATED))
    wanted = float(slope.to_numpy() @ COV @ slope.to_numpy())
    assert estimated - known == pytest.approx(wanted, rel=tolerance)


def test_each_group_has_totals_of_its_own() -> None:
    svy = survey("strata")
    told = {1: ESTIMATED, 2: llo.EstimatedTotals({"sex": {"m": 6000.0, "v": 8000.0}}, 4 * COV)}
    for replicated in both_orders(svy, lambda s: llo.calibrate(s, told, by="half"), method="jkn"):
        found = np.asarray(llo.total("sex", replicated, by="half").cov)
        linear = np.asarray(llo.total("sex", llo.calibrate(svy, told, by="half"), by="half").cov)
        assert found == pytest.approx(linear, rel=1e-8, abs=1e-3)
    mixed = {1: ESTIMATED, 2: TOTALS}
    for replicated in both_orders(svy, lambda s: llo.calibrate(s, mixed, by="half"), method="jkn"):
        errors = llo.total("sex", replicated, by="half").std_error
        assert np.sort(errors) == pytest.approx([0, 0, 600, 900], rel=1e-8, abs=1e-6)


def test_a_number_and_a_known_total_beside_an_estimated_one() -> None:
    """Totals of very different size, one known, and a margin of which a total follows from the others."""
    svy = survey("strata")
    education = samples.margin(svy, "education")
    education *= 14_500 / education.sum()
    cov = np.zeros((6, 6))
    cov[:2, :2] = 250_000 * np.array([[1, -1], [-1, 1]])
    cov[5, 5] = 300.0**2
    told = llo.EstimatedTotals({**TOTALS, "education": education, "x": 90_000.0}, cov)
    for replicated in both_orders(svy, lambda s: llo.calibrate(s, told), method="jkn"):
        assert llo.total("sex", replicated).std_error == pytest.approx([500, 500], rel=1e-8)
        assert llo.total("education", replicated).std_error == pytest.approx([0, 0, 0], abs=1e-5)
        assert llo.total("x", replicated).std_error == pytest.approx([300], rel=1e-8)


def test_in_a_chain_and_after_reading_back(tmp_path: Path) -> None:
    def chain(svy: llo.Survey) -> llo.Survey:
        return llo.calibrate(llo.adjust_nonresponse(svy, "came", classes="education"), ESTIMATED)

    svy = survey("strata", 300)
    for replicated in both_orders(svy, chain, method="jkn"):
        assert llo.total("sex", replicated).std_error == pytest.approx([600, 900], rel=1e-8)
        assert llo.mean("x", replicated).std_error == pytest.approx(llo.mean("x", chain(svy)).std_error, rel=0.03)
    again = llo.replicate(llo.read_survey(chain(svy).save(tmp_path / "chain")), "jkn")
    assert llo.total("sex", again).std_error == pytest.approx([600, 900], rel=1e-8)


def test_in_a_stack() -> None:
    plain = survey("strata")
    for mse in (True, False):
        drawn = llo.replicate(llo.calibrate(plain, ESTIMATED), "jkn", mse=mse)
        other = llo.replicate(survey("elements"), "jk1", mse=mse)
        stacked = llo.stack({"a": drawn, "b": other})
        errors = llo.total("sex", stacked.where("survey == 'a'")).std_error
        assert errors == pytest.approx([600, 900], rel=1e-8)
        later = llo.calibrate(stacked, {"a": ESTIMATED, "b": ESTIMATED}, by="survey")
        assert llo.total("sex", later).std_error == pytest.approx(np.sqrt([2 * 600**2, 2 * 900**2]), rel=1e-8)
    linear = llo.stack({"a": llo.calibrate(plain, ESTIMATED), "b": survey("elements")})
    errors = llo.total("sex", llo.replicate(linear, "jkn").where("survey == 'a'")).std_error
    assert errors == pytest.approx([600, 900], rel=1e-8)


def test_too_few_replicates_are_refused() -> None:
    svy = survey("strata")
    for mse, enough in ((True, 2), (False, 3)):
        how = {"method": "bootstrap", "seed": 3, "mse": mse}
        if enough > 2:
            with pytest.raises(llo.CalibrationError, match=f"too few replicates[\\s\\S]*at least {enough}"):
                llo.replicate(llo.calibrate(svy, ESTIMATED), replicates=enough - 1, **how)
        held = llo.replicate(llo.calibrate(svy, ESTIMATED), replicates=enough, **how)
        assert np.asarray(llo.total("sex", held).cov) == pytest.approx(COV, rel=1e-8)
    education = llo.EstimatedTotals({"education": samples.margin(svy, "education")}, np.eye(3) * 1e4)
    with pytest.raises(llo.CalibrationError, match=r"2 replicates[\s\S]*at least 3"):
        llo.calibrate(llo.replicate(svy, "bootstrap", seed=3, replicates=2), education)


def test_intervals_hold_their_level_where_totals_are_estimated() -> None:
    """400 samples of one population, totals from another sample each time; linearised and jackknife alike."""
    rng = np.random.default_rng(20231130)
    size, n = 20_000, 60
    old = rng.random(size) < 0.4
    y = 3.0 + 4.0 * old + rng.normal(0, 1, size)
    share, hits = old.mean(), {"linear": 0, "jackknife": 0, "as if known": 0}
    for _ in range(400):
        rows = rng.choice(size, n, replace=False)
        frame = pd.DataFrame({"old": np.where(old[rows], "yes", "no"), "y": y[rows], "w": size / n})
        there = rng.binomial(100, share) / 100
        variance = size**2 * there * (1 - there) / 100
        totals = {"old": {"no": size * (1 - there), "yes": size * there}}
        svy = llo.Survey(frame, weights="w")
        told = llo.EstimatedTotals(totals, variance * np.array([[1, -1], [-1, 1]]))
        results = {
            "linear": llo.total("y", llo.calibrate(svy, told)),
            "jackknife": llo.total("y", llo.replicate(llo.calibrate(svy, told), "jk1")),
            "as if known": llo.total("y", llo.calibrate(svy, totals)),
        }
        for name, result in results.items():
            hits[name] += bool(abs(result.estimate[0] - y.sum()) < 1.96 * result.std_error[0])
    # Four standard errors of a share of 400: 0.044.
    assert abs(hits["linear"] / 400 - 0.95) < 0.044
    assert abs(hits["jackknife"] / 400 - 0.95) < 0.044
    assert hits["as if known"] / 400 < 0.8
