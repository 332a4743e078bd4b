"""Logistic regression of a response indicator, for several sets of weights at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from llo_research.numerics.groups import Floats

# Scores are solved until no coefficient moves the linear predictor by more than this.
_STEP = 1e-12
# The score (relative to its own absolute sum) below which a stalled iteration counts as solved.
_SCORE = 1e-11
_HALVINGS = 30
# Information matrices (scaled to a unit diagonal) with a smaller eigenvalue give no step.
_SINGULAR = 1e-13
# Sets of weights are fitted in pieces of at most this many numbers (64 MB).
_PIECE = 8_000_000


@dataclass(frozen=True)
class Propensities:
    """Result of :func:`fit`.

    probability : (C, R) fitted probabilities
    converged : (R,) whether the scores are zero
    coefficients : (p, R)
    """

    probability: Floats
    converged: np.ndarray
    coefficients: Floats


def fit(x: Floats, yes: Floats, no: Floats, *, max_iter: int = 100) -> Propensities:
    """Solve sum_c (yes_c - (yes_c + no_c) p_c) x_c = 0, logit p_c = x_c' beta, for each of R sets of weights.

    Parameters
    ----------
    x : (C, p) regressors of the cells, columns independent
    yes, no : (C, R) summed weights of those who responded and of those who did not
    """
    (c, p), r = x.shape, yes.shape[1]
    width = max(1, _PIECE // max(c, 1))
    parts = [_fit(x, yes[:, i : i + width], no[:, i : i + width], max_iter) for i in range(0, r, width)]
    return Propensities(
        np.hstack([part.probability for part in parts]) if parts else np.empty((c, 0)),
        np.concatenate([part.converged for part in parts]) if parts else np.empty(0, dtype=bool),
        np.hstack([part.coefficients for part in parts]) if parts else np.empty((p, 0)),
    )


def _fit(x: Floats, yes: Floats, no: Floats, max_iter: int) -> Propensities:
    """Newton's method with halved steps where the likelihood falls."""
    p, r = x.shape[1], yes.shape[1]
    both = yes + no
    beta = np.zeros((p, r))
    eta = np.zeros_like(both)
    value = _likelihood(eta, yes, both)
    done = np.zeros(r, dtype=bool)
    for _ in range(max_iter):
        probability = expit(eta)
        score = x.T @ (yes - both * probability)
        step = _newton_step(x, both * probability * (1 - probability), score)
        broken = ~np.isfinite(step).all(axis=0)
        step[:, done | broken] = 0.0
        factor = np.ones(r)
        for _ in range(_HALVINGS):
            trial = x @ (beta + step * factor)
            trial_value = _likelihood(trial, yes, both)
            worse = trial_value < value - 1e-12 * np.abs(value)
            if not worse.any():
                break
            factor = np.where(worse, factor / 2, factor)
        beta, eta, value = beta + step * factor, trial, trial_value
        done |= (np.abs(x) @ np.abs(step)).max(axis=0) <= _STEP
        done |= broken
        if done.all():
            break
    probability = expit(eta)
    score = np.abs(x.T @ (yes - both * probability)).max(axis=0)
    size = (np.abs(x).T @ np.abs(both)).max(axis=0)
    return Propensities(probability, score <= _SCORE * size, beta)


def _likelihood(eta: Floats, yes: Floats, both: Floats) -> Floats:
    """(R,) weighted log-likelihood."""
    return np.asarray((yes * eta - both * np.logaddexp(0.0, eta)).sum(axis=0))


def _grams(x: Floats, slope: Floats) -> Floats:
    """X' diag(slope_r) X for all r: R x p x p, in pieces of rows."""
    (c, p), r = x.shape, slope.shape[1]
    first, second = np.triu_indices(p)
    out = np.zeros((r, p, p))
    length = max(1, _PIECE // (8 * len(first)))
    for start in range(0, c, length):
        rows, weights = x[start : start + length], slope[start : start + length]
        if r < p:
            for k in range(r):
                out[k] += (rows * weights[:, k, None]).T @ rows
        else:
            pairs = (rows[:, first] * rows[:, second]).T @ weights
            out[:, first, second] += pairs.T
    if r >= p:
        out[:, second, first] = out[:, first, second]
    return out


def _newton_step(x: Floats, slope: Floats, score: Floats) -> Floats:
    """Solve X' diag(slope_r) X step_r = score_r for all r; nan where singular."""
    p, r = score.shape
    information = _grams(x, slope)
    length = np.sqrt(np.maximum(np.einsum("rii->ri", information), 0))
    length = np.where(length > 0, length, 1.0)
    scaled = information / length[:, :, None] / length[:, None, :]
    step = np.full((p, r), np.nan)
    sound = np.flatnonzero(np.isfinite(scaled).all(axis=(1, 2)))
    sound = sound[np.linalg.eigvalsh(scaled[sound]).min(axis=1) > _SINGULAR]
    solved = np.linalg.solve(scaled[sound], (score.T / length)[sound][:, :, None])[:, :, 0]
    step[:, sound] = (solved / length[sound]).T
    return step
