"""Cumulative-link models of ordered answers by Newton's method, for several sets of weights at once.

P(Y <= k) = F(tau_k - x'b). An answer has probability F(a) - F(c), a and c the thresholds above and below it less x'b;
a and c are linear in the parameters, a = u'theta and c = v'theta, and the log-likelihood is concave in them for the
logistic and the normal F (Pratt, J. W. (1981). Concavity of the log likelihood. Journal of the American Statistical
Association, 76, 103-106), so that Newton's steps with halving find its maximum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.numerics.families import Link
from llo_research.numerics.glm import grams
from llo_research.numerics.groups import Floats

# No parameter moves by more than this, on a scale of at least 1.
_STEP = 1e-12
# A score (relative to its absolute sum) below which a stalled iteration counts as solved.
_SCORE = 1e-10
_HALVINGS, _MOST_ITERATIONS = 40, 100
_SINGULAR = 1e-13


@dataclass(frozen=True, eq=False)
class Bounds:
    """Thresholds above and below each answer, as maps of the q parameters.

    upper, lower : (m, q). above, below : (m,) whether there is one. high, low : (m,) added to them.
    """

    upper: Floats
    lower: Floats
    above: np.ndarray
    below: np.ndarray
    high: Floats
    low: Floats

    def restricted(self, free: Floats, start: Floats) -> Bounds:
        """The same for parameters start + free g, as maps of g."""
        high, low = self.high + self.upper @ start, self.low + self.lower @ start
        return Bounds(self.upper @ free, self.lower @ free, self.above, self.below, high, low)


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Of the log-probability of each answer (m, R) in a and in c: first, and second with sign changed."""

    log_probability: Floats
    by_upper: Floats
    by_lower: Floats
    upper_upper: Floats
    lower_lower: Floats
    upper_lower: Floats


@dataclass(frozen=True, eq=False)
class Solution:
    """theta : (q, R). converged : (R,) whether the scores are zero."""

    theta: Floats
    converged: np.ndarray


def bounds(x: Floats, answer: np.ndarray, levels: int) -> Bounds:
    """The bounds of answers (m,) 0 .. levels - 1, with parameters (slopes, thresholds)."""
    m, p = x.shape
    upper, lower = (np.hstack([-x, np.zeros((m, levels - 1))]) for _ in range(2))
    above, below = answer < levels - 1, answer > 0
    rows = np.arange(m)
    upper[rows[above], p + answer[above]] = 1.0
    lower[rows[below], p + answer[below] - 1] = 1.0
    upper[~above], lower[~below] = 0.0, 0.0
    return Bounds(upper, lower, above, below, np.zeros(m), np.zeros(m))


def probability(a: Floats, c: Floats, link: Link) -> Floats:
    """F(a) - F(c), taken in the tail where it is small; a may be infinite, c minus infinite."""
    with np.errstate(over="ignore"):
        flip = c > 0
        high, low = np.where(flip, -c, a), np.where(flip, -a, c)
        return np.asarray(link.mean(high) - link.mean(low))


def derivatives(theta: Floats, at: Bounds, link: Link) -> Derivatives:
    """Log-probabilities and their derivatives at parameters (q, R)."""
    above, below = at.above[:, None], at.below[:, None]
    a, c = at.upper @ theta + at.high[:, None], at.lower @ theta + at.low[:, None]
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        p = probability(np.where(above, a, np.inf), np.where(below, c, -np.inf), link)
        p = np.where(p > 0, p, np.nan)
        fa, fc = np.where(above, link.slope(a), 0.0) / p, np.where(below, link.slope(c), 0.0) / p
        ka, kc = np.where(above, link.curvature(a), 0.0) / p, np.where(below, link.curvature(c), 0.0) / p
        return Derivatives(np.log(p), fa, -fc, fa**2 - ka, fc**2 + kc, -fa * fc)


def score(at: Bounds, d: Derivatives, weights: Floats) -> Floats:
    """(q, R)"""
    return np.asarray(at.upper.T @ (weights * d.by_upper) + at.lower.T @ (weights * d.by_lower))


def information(at: Bounds, d: Derivatives, weights: Floats) -> Floats:
    """(R, q, q) observed information."""
    both = grams(at.upper + at.lower, weights * d.upper_lower)
    return (
        both
        + grams(at.upper, weights * (d.upper_upper - d.upper_lower))
        + grams(at.lower, weights * (d.lower_lower - d.upper_lower))
    )


def solve(at: Bounds, weights: Floats, link: Link, start: Floats) -> Solution:
    """Maximise the weighted log-likelihoods.

    weights : (m, R). start : (q, R) with positive probabilities.
    """
    theta = start.copy()
    d = derivatives(theta, at, link)
    value = _likelihood(d, weights)
    done = ~np.isfinite(value)
    for _ in range(_MOST_ITERATIONS):
        if done.all():
            break
        step = _solved(information(at, d, weights), score(at, d, weights))
        broken = ~np.isfinite(step).all(axis=0)
        step[:, done | broken] = 0.0
        factor = np.ones(weights.shape[1])
        for _ in range(_HALVINGS):
            d = derivatives(theta + step * factor, at, link)
            trial = _likelihood(d, weights)
            worse = ~(trial >= value - 1e-12 * np.abs(value)) & np.isfinite(value)
            if not worse.any():
                break
            factor = np.where(worse, factor / 2, factor)
        moved = np.abs(step * factor) / np.maximum(np.abs(theta), 1.0)
        theta, value = theta + step * factor, trial
        done |= broken | (moved.max(axis=0, initial=0.0) <= _STEP)
    gap = np.abs(score(at, d, weights)).max(axis=0, initial=0.0)
    size = np.abs(at.upper).T @ (weights * np.abs(d.by_upper)) + np.abs(at.lower).T @ (weights * np.abs(d.by_lower))
    return Solution(theta, (gap <= _SCORE * size.max(axis=0, initial=0.0)) & np.isfinite(theta).all(axis=0))


def _likelihood(d: Derivatives, weights: Floats) -> Floats:
    """(R,) minus infinite where an answer has no probability."""
    terms = np.where(weights != 0, weights * d.log_probability, 0.0)
    return np.asarray(np.where(np.isnan(terms).any(axis=0), -np.inf, np.nan_to_num(terms).sum(axis=0)))


def _solved(matrices: Floats, vectors: Floats) -> Floats:
    """matrices_r^-1 vectors_r (q, R); nan where singular."""
    out = np.full(vectors.shape, np.nan)
    length = np.sqrt(np.maximum(np.einsum("rii->ri", matrices), 0))
    length = np.where(length > 0, length, 1.0)
    scaled = matrices / length[:, :, None] / length[:, None, :]
    sound = np.flatnonzero(np.isfinite(scaled).all(axis=(1, 2)) & np.isfinite(vectors).all(axis=0))
    sound = sound[np.linalg.eigvalsh(scaled[sound]).min(axis=1, initial=np.inf) > _SINGULAR]
    solved = np.linalg.solve(scaled[sound], (vectors.T / length)[sound][:, :, None])[:, :, 0]
    out[:, sound] = (solved / length[sound]).T
    return out
