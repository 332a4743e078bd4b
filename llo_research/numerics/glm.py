"""Generalised linear models by Fisher scoring, for several sets of weights at once.

The estimate solves sum_i w_i e_i x_i = 0 with e_i = (y_i - mu_i) mu'_i / V(mu_i), mu_i = g^-1(x_i' beta + offset_i)
(McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, 2nd ed. Chapman and Hall). It is iterated until no
linear predictor moves, so that weights and errors stand at the solution, not one step before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.numerics.families import Family
from llo_research.numerics.groups import Floats
from llo_research.numerics.separation import is_separated

# No linear predictor moves by more than this, on a scale of at least 1.
_STEP = 1e-12
# A score (relative to its absolute sum) below which a stalled iteration counts as solved.
_SCORE = 1e-11
# Squared errors below this share of the squared responses are rounding.
_EXACT = 1e-20
_HALVINGS = 40
_MOST_ITERATIONS = 100
# Information matrices (scaled to a unit diagonal) with a smaller eigenvalue give no step.
_SINGULAR = 1e-13
# Sets of weights are fitted in pieces of at most this many numbers (64 MB).
_PIECE = 8_000_000


@dataclass(frozen=True)
class Fit:
    """Result of :func:`fit` for R sets of weights.

    coefficients : (p, R)
    converged : (R,) whether the scores are zero, at a maximum that exists: answers that a direction separates have none
    iterations : the largest number of steps
    """

    coefficients: Floats
    converged: np.ndarray
    iterations: int


@dataclass(frozen=True)
class Working:
    """What stands at a linear predictor.

    mean : (n,) mu. residual : (n,) e = (y - mu) mu' / V. information : (n,) mu'^2 / V, the weight of x x'.
    """

    mean: Floats
    residual: Floats
    information: Floats


def working(eta: Floats, y: Floats, family: Family) -> Working:
    """Means, scores and information at linear predictors; also for (n, R) of them with y (n, 1)."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        mean, slope = np.asarray(family.link.mean(eta)), family.link.slope(eta)
        variance = family.variance(mean)
        per = np.divide(slope, variance, out=np.zeros_like(slope), where=variance > 0)
        residual, information = (y - mean) * per, slope * per
    if family.name == "binomial" and family.link.name == "logit":
        # slope and variance are the same, so that nothing cancels in the tails
        residual, information = y - mean, slope
    return Working(mean, residual, information)


def fit(
    x: Floats,
    y: Floats,
    weights: Floats,
    family: Family,
    *,
    offset: Floats | None = None,
    start: Floats | None = None,
) -> Fit:
    """Solve the estimating equations.

    Parameters
    ----------
    x : (n, p) regressors, columns independent
    y : (n,) response
    weights : (n, R) not negative
    family : Family
    offset : (n,) added to the linear predictor
    start : (p,) first coefficients for all sets; from the response where there are none
    """
    (n, p), r = x.shape, weights.shape[1]
    shift = np.zeros(n) if offset is None else offset
    width = max(1, _PIECE // max(n, 1))
    parts = [_fit(x, y, weights[:, i : i + width], family, shift, start) for i in range(0, r, width)]
    if not parts:
        return Fit(np.empty((p, 0)), np.empty(0, dtype=bool), 0)
    return Fit(
        np.hstack([part.coefficients for part in parts]),
        np.concatenate([part.converged for part in parts]),
        max(part.iterations for part in parts),
    )


def _fit(x: Floats, y: Floats, weights: Floats, family: Family, shift: Floats, start: Floats | None) -> Fit:
    """Fisher scoring with halved steps where the deviance rises."""
    response, offset = y[:, None], shift[:, None]
    beta = (
        _first(x, y, weights, family, shift) if start is None else np.repeat(start[:, None], weights.shape[1], axis=1)
    )
    eta = x @ beta + offset
    value = _deviance(eta, response, weights, family)
    done, steps = np.zeros(weights.shape[1], dtype=bool), 0
    while not done.all() and steps < _MOST_ITERATIONS:
        steps += 1
        at = working(eta, response, family)
        step = _solved(grams(x, weights * at.information), x.T @ (weights * at.residual))
        broken = ~np.isfinite(step).all(axis=0)
        step[:, done | broken] = 0.0
        factor = np.ones(weights.shape[1])
        for _ in range(_HALVINGS):
            trial = x @ (beta + step * factor) + offset
            trial_value = _deviance(trial, response, weights, family)
            worse = ~(trial_value <= value + 1e-10 * np.abs(value)) & np.isfinite(value)
            if not worse.any():
                break
            factor = np.where(worse, factor / 2, factor)
        moved = np.abs(trial - eta) / np.maximum(np.abs(trial), 1.0)
        beta, eta, value = beta + step * factor, trial, trial_value
        done |= broken | (moved.max(axis=0, initial=0.0) <= _STEP)
    at = working(eta, response, family)
    score = np.abs(x.T @ (weights * at.residual)).max(axis=0, initial=0.0)
    size = (np.abs(x).T @ (weights * np.abs(at.residual))).max(axis=0, initial=0.0)
    solved = (score <= _SCORE * size) | (_exact(at, y, weights, family) & done)
    solved &= np.isfinite(beta).all(axis=0)
    for r in np.flatnonzero(solved):
        solved[r] = not is_separated(x, y, at.mean[:, r], weights[:, r], family)
    return Fit(beta, solved, steps)


def _exact(at: Working, y: Floats, weights: Floats, family: Family) -> np.ndarray:
    """(R,) whether a linear model fits to rounding: its errors then are no scores that could be zero."""
    if family.name != "gaussian":
        return np.zeros(weights.shape[1], dtype=bool)
    left = (np.abs(weights) * (y[:, None] - at.mean) ** 2).sum(axis=0)
    return np.asarray(left <= _EXACT * (np.abs(weights) * y[:, None] ** 2).sum(axis=0))


def _first(x: Floats, y: Floats, weights: Floats, family: Family, shift: Floats) -> Floats:
    """Coefficients (p, R) of one weighted least-squares fit of the linear predictors of a first mean."""
    total = weights.sum(axis=0)
    centre = (y @ weights) / np.where(total > 0, total, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        eta = family.link.predictor(family.start(y[:, None], np.maximum(centre, 1e-12 if family.low == 0 else -np.inf)))
    eta = np.broadcast_to(np.where(np.isfinite(eta), eta, 0.0), weights.shape)
    at = working(np.ascontiguousarray(eta), y[:, None], family)
    information = weights * at.information
    target = eta + np.divide(at.residual, at.information, out=np.zeros_like(eta), where=at.information > 0)
    beta = _solved(grams(x, information), x.T @ (information * (target - shift[:, None])))
    return np.where(np.isfinite(beta), beta, 0.0)


def _deviance(eta: Floats, y: Floats, weights: Floats, family: Family) -> Floats:
    """(R,) weighted deviance; infinite where a mean leaves its range."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        mean = np.asarray(family.link.mean(eta))
        if family.share and family.link.name == "logit":
            units = 2 * (np.logaddexp(0.0, eta) - y * eta)
        else:
            units = family.deviance(y, mean)
        outside = (mean < family.low) | ((mean <= 0) & (family.low == 0) & ~family.share)
        units = np.where(outside | np.isnan(units), np.inf, units)
        return np.asarray(np.where(weights > 0, weights * units, 0.0).sum(axis=0))


def grams(x: Floats, weights: Floats) -> Floats:
    """X' diag(v_r) X for each column of v (n, R): R x p x p, in pieces of rows."""
    (n, p), r = x.shape, weights.shape[1]
    first, second = np.triu_indices(p)
    out = np.zeros((r, p, p))
    length = max(1, _PIECE // (8 * max(len(first), 1)))
    for start in range(0, n, length):
        rows, own = x[start : start + length], weights[start : start + length]
        if r < p:
            for k in range(r):
                out[k] += (rows * own[:, k, None]).T @ rows
        else:
            out[:, first, second] += ((rows[:, first] * rows[:, second]).T @ own).T
    if r >= p:
        out[:, second, first] = out[:, first, second]
    return out


def _solved(information: Floats, score: Floats) -> Floats:
    """information_r^-1 score_r for all r (p x R); nan where singular."""
    length = np.sqrt(np.maximum(np.einsum("rii->ri", information), 0))
    length = np.where(length > 0, length, 1.0)
    scaled = information / length[:, :, None] / length[:, None, :]
    step = np.full(score.shape, np.nan)
    sound = np.flatnonzero(np.isfinite(scaled).all(axis=(1, 2)) & np.isfinite(score).all(axis=0))
    sound = sound[np.linalg.eigvalsh(scaled[sound]).min(axis=1, initial=np.inf) > _SINGULAR]
    solved = np.linalg.solve(scaled[sound], (score.T / length)[sound][:, :, None])[:, :, 0]
    step[:, sound] = (solved / length[sound]).T
    return step
