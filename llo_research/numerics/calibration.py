"""Calibration of weights to totals: Newton's method on the dual, with the distance as a value.

Weights w_i = d_i F(q_i x_i' lambda) with sum w_i x_i = t (Deville, J.-C. and Sarndal, C.-E. (1992). Calibration
estimators in survey sampling. Journal of the American Statistical Association, 87, 376-382). Rows that share their x
share their g = F(.), so that everything happens on C cells; several sets of weights (replicates) are solved at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from llo_research.errors import DataError
from llo_research.numerics.auxiliaries import Auxiliaries
from llo_research.numerics.groups import Floats

_HALVINGS = 40
# Steps go on to this share of the tolerance, so that answers do not depend on the order of rows or totals; but not
# below what rounding leaves.
_FURTHER, _ROUNDING = 1e-3, 1e-13
# Misses of totals near zero are measured against this share of the absolute auxiliaries.
NEAR_ZERO = 1e-3


@dataclass(frozen=True)
class Distance:
    """A calibration distance, given by the weights that minimise it.

    Parameters
    ----------
    g : function of an array u to F(u), with F(0) = 1, increasing
    derivative : function of u to F'(u)
    name : str
    bounds : (low, high), for the two bounded distances of this module
    own : whether the two functions are the user's
    """

    g: Callable[[Floats], Floats]
    derivative: Callable[[Floats], Floats]
    name: str = "own"
    bounds: tuple[float, float] | None = None
    own: bool = True

    def packed(self) -> tuple[str, tuple[float, float] | None]:
        """What a file keeps of a distance: its name and bounds. One of the user's own is code, and is not kept."""
        if self.own:
            raise DataError(
                "A calibration with a distance of your own cannot be saved.",
                where=f"distance {self.name!r}",
                expected=", ".join(BY_NAME),
                todo="save the survey before this calibration, and repeat it after reading",
            )
        return self.name, self.bounds

    @classmethod
    def unpacked(cls, told: tuple[str, tuple[float, float] | None]) -> Distance:
        """The distance of this name and these bounds."""
        name, bounds = told
        return BY_NAME[name](*(bounds or ()))


@dataclass(frozen=True)
class _Logistic:
    """A logistic curve from `low` to `high` through (0, 1); a value, so that what holds it can be pickled."""

    low: float
    high: float

    def __call__(self, u: Floats) -> Floats:
        """F(u)."""
        low, high = self.low, self.high
        half = np.exp(-np.abs(u) * (high - low) / ((1 - low) * (high - 1)))
        up, down = np.where(u >= 0, 1.0, half), np.where(u >= 0, half, 1.0)
        return np.asarray((low * (high - 1) * down + high * (1 - low) * up) / ((high - 1) * down + (1 - low) * up))

    def slope(self, u: Floats) -> Floats:
        """F'(u)."""
        value = self(u)
        return np.asarray((value - self.low) * (self.high - value) / ((1 - self.low) * (self.high - 1)))


@dataclass(frozen=True)
class _Cut:
    """1 + u, cut at `low` and `high`."""

    low: float
    high: float

    def __call__(self, u: Floats) -> Floats:
        """F(u)."""
        return np.clip(1 + u, self.low, self.high)

    def slope(self, u: Floats) -> Floats:
        """F'(u)."""
        return ((1 + u > self.low) & (1 + u < self.high)).astype(np.float64)


def _one_more(u: Floats) -> Floats:
    """1 + u."""
    return 1 + u


def linear() -> Distance:
    """Chi-square distance: F(u) = 1 + u."""
    return Distance(_one_more, np.ones_like, "linear", own=False)


def raking() -> Distance:
    """Multiplicative distance: F(u) = exp(u)."""
    return Distance(np.exp, np.exp, "raking", own=False)


def logit(low: float, high: float) -> Distance:
    """Bounded distance: F runs from `low` to `high` as a logistic curve through (0, 1)."""
    curve = _Logistic(low, high)
    return Distance(curve, curve.slope, "logit", (low, high), own=False)


def truncated(low: float, high: float) -> Distance:
    """Linear within bounds: F(u) = 1 + u, cut at `low` and `high`."""
    cut = _Cut(low, high)
    return Distance(cut, cut.slope, "truncated", (low, high), own=False)


BY_NAME: dict[str, Callable[..., Distance]] = {
    "linear": linear,
    "raking": raking,
    "logit": logit,
    "truncated": truncated,
}


@dataclass(frozen=True)
class Solution:
    """Result of :func:`solve`.

    g : (C, R) ratio of new to old weights
    reached : (p, R) totals of the new weights
    converged : (R,) whether every total is met
    iterations : number of Newton steps
    """

    g: Floats
    reached: Floats
    converged: np.ndarray
    iterations: int


def solve(
    x: Auxiliaries, old: Floats, scale: Floats, totals: Floats, distance: Distance, *, tol: float, max_iter: int
) -> Solution:
    """Calibrate R sets of cell weights at once.

    Parameters
    ----------
    x : auxiliaries of the cells (C x p), columns independent
    old : (C, R) summed weights of the cells
    scale : (C,) q
    totals : (p,) what the new weights must add up to, or (p, R) for each set of its own
    """
    p, r = x.shape[1], old.shape[1]
    lam = np.zeros((p, r))
    totals = totals.reshape(p, -1)
    size = np.maximum(np.abs(totals), _typical(x, old)[:, None])
    g = distance.g(np.zeros_like(old))
    miss = x.sums(old * g) - totals
    worst = _worst(miss, size)
    iterations = 0
    aim = min(tol, max(tol * _FURTHER, _ROUNDING))
    while iterations < max_iter and (worst > aim).any():
        iterations += 1
        u = x.times(lam) * scale[:, None]
        slope = old * distance.derivative(u) * scale[:, None]
        step = _newton_step(x, slope, miss)
        active = worst > aim
        factor = np.where(active & np.isfinite(step).all(axis=0), 1.0, 0.0)
        step = np.where(np.isfinite(step), step, 0.0)
        for _ in range(_HALVINGS):
            trial = lam - step * factor
            with np.errstate(over="ignore", invalid="ignore"):
                trial_g = distance.g(x.times(trial) * scale[:, None])
                trial_miss = x.sums(old * trial_g) - totals
            trial_worst = _worst(trial_miss, size)
            better = (trial_worst < worst) | (factor == 0)
            if better.all():
                break
            factor = np.where(better, factor, factor / 2)
        improved = trial_worst < worst
        if not improved.any():
            break
        lam = np.where(improved, trial, lam)
        g, miss = np.where(improved, trial_g, g), np.where(improved, trial_miss, miss)
        worst = np.where(improved, trial_worst, worst)
    return Solution(g, miss + totals, worst <= tol, iterations)


def _typical(x: Auxiliaries, old: Floats) -> Floats:
    """(p,) what the totals of the absolute auxiliaries are, as a scale for misses of totals near zero."""
    return np.asarray(x.sizes(np.abs(old)).mean(axis=1) * NEAR_ZERO)


def _worst(miss: Floats, size: Floats) -> Floats:
    """(R,) largest relative miss of each set; infinite where undefined."""
    relative = np.abs(miss) / np.where(size > 0, size, 1.0)
    return np.asarray(np.where(np.isfinite(relative), relative, np.inf).max(axis=0))


def _newton_step(x: Auxiliaries, slope: Floats, miss: Floats) -> Floats:
    """Solve H_r step_r = miss_r for all r, H_r = X' diag(slope_r) X; nan where H_r is singular."""
    p, r = x.shape[1], slope.shape[1]
    hessian = x.grams(slope)
    length = np.sqrt(np.maximum(np.einsum("rii->ri", hessian), 0))
    length = np.where(length > 0, length, 1.0)
    scaled = hessian / length[:, :, None] / length[:, None, :]
    try:
        return np.asarray((np.linalg.solve(scaled, (miss.T / length)[:, :, None])[:, :, 0] / length).T)
    except np.linalg.LinAlgError:
        step = np.full((r, p), np.nan)
        for k in range(r):
            if np.linalg.matrix_rank(scaled[k]) == p:
                step[k] = np.linalg.solve(scaled[k], miss[:, k] / length[k]) / length[k]
        return step.T
