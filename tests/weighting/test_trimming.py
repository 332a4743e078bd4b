"""Proves that trimming keeps its bounds and what it is to preserve, by R's rule written out and by optimisation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize

import llo_research as llo
from tests.weighting import samples

few = settings(max_examples=40, deadline=None, derandomize=True)


def trimmed_as_r_does(w: np.ndarray, lower: float, upper: float) -> np.ndarray:
    """R's trimWeights(strict=TRUE) as its help page has it: cut, spread over the others, until none is outside."""
    w = w.copy()
    while True:
        cut = np.clip(w, lower, upper)
        outside = np.abs(w - cut) > 1e-13 * cut  # the last excess is rounding
        if not outside.any():
            return cut
        excess = (w - cut).sum()
        w = np.where(outside, cut, w + excess / (~outside).sum())


@few
@given(seed=st.integers(0, 10_000), low=st.floats(0, 0.3), high=st.floats(0.6, 1))
def test_excess_is_spread_as_in_r(seed: int, low: float, high: float) -> None:
    svy = samples.survey(seed, 80)
    w = svy.weights.to_numpy()
    lower, upper = np.quantile(w, [low, high])
    assume(lower < w.mean() < upper)
    near = np.abs(w[:, None] / np.array([lower, upper]) - 1)
    assume(not ((near > 0) & (near < 1e-9)).any())  # within rounding of a bound: the rule above takes it for within
    out = llo.trim(svy, lower=lower, upper=upper, preserve="total").weights.to_numpy()
    assert out == pytest.approx(trimmed_as_r_does(w, lower, upper), rel=1e-9)
    assert out.min() >= lower and out.max() <= upper
    assert out.sum() == pytest.approx(w.sum(), rel=1e-12)


def test_plain_trimming_clips() -> None:
    svy = samples.survey(1)
    out = llo.trim(svy, lower=80, upper=200)
    assert (out.weights == svy.weights.clip(80, 200)).all()
    assert llo.trim(svy, upper=1e9).weights.equals(svy.weights)
    assert out.design.facts()["steps"][0]["n_trimmed"] == int(((svy.weights < 80) | (svy.weights > 200)).sum())


def test_rows_with_weight_zero_keep_it() -> None:
    svy = llo.adjust_nonresponse(samples.survey(1), "came")
    for preserve in (None, "total", ["education"]):
        out = llo.trim(svy, lower=60, upper=350, preserve=preserve).weights
        assert (out[~svy.frame["came"]] == 0).all() and out[svy.frame["came"]].between(60, 350).all()


@few
@given(seed=st.integers(0, 10_000))
def test_margins_are_kept_with_the_least_change(seed: int) -> None:
    """Against a general optimiser on the same quadratic programme."""
    svy = samples.survey(seed, 40)
    w = svy.weights.to_numpy()
    lower, upper = np.quantile(w, [0.1, 0.93])
    x = (svy.frame["education"].to_numpy()[:, None] == np.array(["low", "middle", "high"])).astype(float)
    out = llo.trim(svy, lower=lower, upper=upper, preserve=["education"]).weights.to_numpy()
    assert x.T @ out == pytest.approx(x.T @ w, rel=1e-9)
    assert out.min() >= lower * (1 - 1e-12) and out.max() <= upper * (1 + 1e-12)
    best = optimize.minimize(
        lambda g: (w * (g - 1) ** 2).sum(),
        out / w,
        jac=lambda g: 2 * w * (g - 1),
        bounds=list(zip(lower / w, upper / w, strict=True)),
        constraints={"type": "eq", "fun": lambda g: x.T @ (w * (g - 1)), "jac": lambda g: x.T * w},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert (w * (out / w - 1) ** 2).sum() <= best.fun * (1 + 1e-6) + 1e-9


def test_margins_of_numbers() -> None:
    """A number keeps its total and the sum of weights; whole numbers with few values keep each value's total."""
    svy = samples.survey(2, 120)
    out = llo.trim(svy, lower=60, upper=250, preserve=["x", "half"])
    assert (out.weights * svy.frame["x"]).sum() == pytest.approx((svy.weights * svy.frame["x"]).sum(), rel=1e-9)
    before, after = (s.weights.groupby(svy.frame["half"]).sum() for s in (svy, out))
    assert (after / before - 1).abs().max() < 1e-9
    alone = llo.trim(svy, lower=60, upper=250, preserve=["x"])
    assert alone.weights.sum() == pytest.approx(svy.weights.sum(), rel=1e-9)


def test_calibrated_margins_survive_trimming() -> None:
    """Trimming that preserves the margins of a calibration leaves their totals, and totals of zero variance."""
    svy = samples.survey(4, 200)
    totals = {"education": samples.margin(svy, "education")}
    calibrated = llo.calibrate(svy, totals)
    out = llo.trim(calibrated, upper=float(calibrated.weights.quantile(0.97)), preserve=["education"]).assign(one=1.0)
    sums = llo.total("one", out, by="education")
    assert sums.estimate == pytest.approx(totals["education"].to_numpy(), rel=1e-9)
    assert (sums.std_error < 1e-9 * sums.estimate).all()
