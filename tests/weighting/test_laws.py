"""Proves laws of weighting that hold whatever the numbers: totals reproduced, invariances, two routes to one answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import llo_research as llo
from llo_research.weighting import Distance
from tests.weighting import samples
from tests.weighting.samples import margin

REACHED = 1e-10
SAME = 1e-9  # two iterations to 1e-10
METHODS: dict[str, dict[str, Any]] = {
    "linear": {},
    "raking": {"method": "raking"},
    "logit": {"method": "logit", "bounds": (0.2, 4)},
    "truncated": {"method": "truncated", "bounds": (0.2, 4)},
}
MARGINS = ("education", "sex")
seeds = st.integers(min_value=0, max_value=10_000)
few = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def _totals(svy: llo.Survey, factor: float = 1.0) -> dict[Any, Any]:
    return {name: margin(svy, name, factor=factor) for name in MARGINS}


def _calibrated(svy: llo.Survey, method: str, factor: float = 1.0) -> llo.Survey:
    return llo.calibrate(svy, _totals(svy, factor), **METHODS[method])


@pytest.mark.parametrize("method", METHODS)
@few
@given(seed=seeds)
def test_totals_are_reproduced(method: str, seed: int) -> None:
    svy = samples.survey(seed, 200)
    totals = {**_totals(svy), "age": 45.5 * svy.frame["drawn"].sum()}
    totals = totals if method == "linear" else _totals(svy)
    out = llo.calibrate(svy, totals, **METHODS[method])
    for name in MARGINS:
        reached = out.weights.groupby(svy.frame[name], observed=True).sum()
        assert (reached / margin(svy, name) - 1).abs().max() < REACHED
    if "age" in totals:
        assert (out.weights * svy.frame["age"]).sum() == pytest.approx(totals["age"], rel=REACHED)
    bounds = METHODS[method].get("bounds")
    if bounds:
        g = out.weights / svy.weights
        assert g.min() >= bounds[0] and g.max() <= bounds[1]


@pytest.mark.parametrize("method", METHODS)
@few
@given(seed=seeds)
def test_a_calibrated_auxiliary_has_no_variance(method: str, seed: int) -> None:
    out = _calibrated(samples.survey(seed, 200), method)
    result = llo.total("ones", out.assign(ones=1.0), by="education")
    free = llo.total("ones", samples.survey(seed, 200).assign(ones=1.0), by="education")
    assert (result.std_error < 1e-10 * free.std_error).all()


@pytest.mark.parametrize("method", METHODS)
@few
@given(seed=seeds)
def test_order_of_rows_does_not_matter(method: str, seed: int) -> None:
    svy = samples.survey(seed, 150)
    order = np.random.default_rng(seed).permutation(len(svy))
    other = llo.Survey(svy.frame.iloc[order].reset_index(drop=True), weights="w", strata="stratum")
    one, two = _calibrated(svy, method), _calibrated(other, method)
    assert np.abs(two.weights.to_numpy() / one.weights.to_numpy()[order] - 1).max() < SAME
    _same_mean(one, two)


@pytest.mark.parametrize("method", METHODS)
@few
@given(seed=seeds, factor=st.floats(min_value=1e-3, max_value=1e3))
def test_scale_of_the_totals(method: str, seed: int, factor: float) -> None:
    """Base weights and totals in thousands: weights in thousands, means and their errors the same."""
    svy = samples.survey(seed, 150)
    scaled = llo.Survey(svy.frame.assign(w=svy.frame["w"] * factor), weights="w", strata="stratum")
    one, two = _calibrated(svy, method), _calibrated(scaled, method, factor)
    assert np.abs(two.weights / (one.weights * factor) - 1).max() < SAME
    _same_mean(one, two)


@pytest.mark.parametrize("method", METHODS)
@few
@given(seed=seeds)
def test_a_record_split_in_two(method: str, seed: int) -> None:
    """Two records with half the weight, in one sampling unit, are one record."""
    svy = samples.survey(seed, 150, "places")
    split = np.random.default_rng(seed).random(len(svy)) < 0.3
    halved = svy.frame.assign(
        w=svy.frame["w"] / np.where(split, 2, 1), drawn=svy.frame["drawn"] / np.where(split, 2, 1)
    )
    again = pd.concat([halved, halved[split]], ignore_index=True)
    one, two = _calibrated(svy, method), _calibrated(llo.Survey(again, weights="w", psu="place"), method)
    _same_mean(one, two)
    assert two.weights.sum() == pytest.approx(one.weights.sum(), rel=SAME)


def _same_mean(one: llo.Survey, two: llo.Survey) -> None:
    """Mean and standard error."""
    first, second = llo.mean(["y", "x"], one), llo.mean(["y", "x"], two)
    assert second.estimate == pytest.approx(first.estimate, rel=SAME)
    assert second.std_error == pytest.approx(first.std_error, rel=1e-7)


@few
@given(seed=seeds)
def test_raking_is_a_distance_of_ones_own(seed: int) -> None:
    svy = samples.survey(seed, 200)
    own = llo.calibrate(svy, _totals(svy), method=Distance(np.exp, np.exp))
    raked = _calibrated(svy, "raking")
    assert np.abs(own.weights / raked.weights - 1).max() < SAME
    fitted = _iterative_proportional_fitting(svy)
    assert np.abs(fitted / raked.weights - 1).max() < 1e-8
    _same_mean(own, raked)


def _iterative_proportional_fitting(svy: llo.Survey) -> pd.Series:
    """Raking as Deming and Stephan do it."""
    w = svy.weights.to_numpy()
    totals = {name: margin(svy, name) for name in MARGINS}
    codes = {name: totals[name].index.get_indexer(svy.frame[name]) for name in MARGINS}
    for _ in range(200):
        for name in MARGINS:
            w = w * (totals[name].to_numpy() / np.bincount(codes[name], w))[codes[name]]
    return pd.Series(w)


@few
@given(seed=seeds)
def test_poststratification_is_calibration_on_the_full_cross(seed: int) -> None:
    svy = samples.survey(seed, 200)
    cells = margin(svy, *MARGINS)
    post = llo.poststratify(svy, {MARGINS: cells})
    sums = svy.weights.groupby([svy.frame[name] for name in MARGINS], observed=True).transform("sum")
    wanted = svy.weights / sums * cells.reindex(pd.MultiIndex.from_frame(svy.frame[list(MARGINS)])).to_numpy()
    assert np.abs(post.weights / wanted - 1).max() < REACHED
    for method in ("linear", "raking"):
        other = llo.calibrate(svy, {MARGINS: cells}, **METHODS[method])
        assert np.abs(other.weights / post.weights - 1).max() < SAME
        _same_mean(post, other)


@few
@given(seed=seeds)
def test_one_g_for_each_cluster(seed: int) -> None:
    svy = samples.survey(seed, 240, "places")
    out = llo.calibrate(svy, _totals(svy), cluster="place")
    g = (out.weights / svy.weights).groupby(svy.frame["place"])
    assert (g.max() - g.min()).max() < 1e-12
    for name in MARGINS:
        reached = out.weights.groupby(svy.frame[name], observed=True).sum()
        assert (reached / margin(svy, name) - 1).abs().max() < REACHED


@few
@given(seed=seeds)
def test_estimated_totals(seed: int) -> None:
    """Without a covariance they are known totals; with one, B' V B is added."""
    svy = samples.survey(seed, 200)
    totals = {"education": margin(svy, "education")}
    root = np.random.default_rng(seed).normal(size=(3, 3)) * totals["education"].mean() / 50
    known = llo.total("y", llo.calibrate(svy, totals))
    none = llo.total("y", llo.calibrate(svy, llo.EstimatedTotals(totals, np.zeros((3, 3)))))
    some = llo.total("y", llo.calibrate(svy, llo.EstimatedTotals(totals, root @ root.T)))
    assert none.std_error == pytest.approx(known.std_error, rel=REACHED)
    frame = svy.frame
    b = (frame["w"] * frame["y"]).groupby(frame["education"], observed=True).sum()
    b = (b / frame["w"].groupby(frame["education"], observed=True).sum()).to_numpy()
    assert some.covariance[0, 0] - known.covariance[0, 0] == pytest.approx(b @ root @ root.T @ b, rel=1e-8)


@pytest.mark.parametrize("method", METHODS)
@few
@given(seed=seeds)
def test_by_is_each_part_alone(method: str, seed: int) -> None:
    """Weights of a part, and means and errors within it, are those of the part calibrated by itself."""
    svy = llo.Survey(samples.people(seed, 300), weights="w", strata="half")
    whole = {half: {name: margin(svy, name, factor=0.4 + 0.1 * half) for name in MARGINS} for half in (1, 2)}
    both = llo.calibrate(svy, whole, by="half", **METHODS[method])
    for half in (1, 2):
        part = svy.frame[svy.frame["half"] == half]
        alone = llo.calibrate(llo.Survey(part, weights="w"), whole[half], **METHODS[method])
        assert np.abs(both.weights[part.index] / alone.weights - 1).max() < SAME
        inside, single = llo.mean("y", both.where(f"half == {half}")), llo.mean("y", alone)
        assert inside.std_error == pytest.approx(single.std_error, rel=1e-7)


@few
@given(seed=seeds)
def test_calibrating_twice_changes_nothing(seed: int) -> None:
    svy = samples.survey(seed, 200)
    once = _calibrated(svy, "linear")
    twice = _calibrated(once, "linear")
    assert np.abs(twice.weights / once.weights - 1).max() < SAME
    _same_mean(once, twice)


@few
@given(seed=seeds)
def test_scale_of_the_q(seed: int) -> None:
    """Only ratios of the q matter; q = 1 is no q."""
    svy = samples.survey(seed, 150)
    plain = _calibrated(svy, "linear")
    for q in (np.ones(len(svy)), np.full(len(svy), 7.0)):
        assert np.abs(llo.calibrate(svy, _totals(svy), scale=q).weights / plain.weights - 1).max() < SAME
    x = svy.frame["x"] + 0.1
    by_name = llo.calibrate(svy.assign(q=x), _totals(svy), scale="q")
    assert np.abs(by_name.weights / llo.calibrate(svy, _totals(svy), scale=x).weights - 1).max() == 0
