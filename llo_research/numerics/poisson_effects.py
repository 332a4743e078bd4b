"""Poisson regression with the dummies of one or more sets of groups taken out, by iterated weighted projections.

Each step is a weighted regression of the working response on x with all dummies taken out, so that the solution is that
of the regression on all dummies (Correia, S., Guimaraes, P. and Zylkin, T. (2020). Fast Poisson estimation with
high-dimensional fixed effects. Stata Journal, 20, 95-115).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.within import Effects

# No linear predictor moves by more than this, on a scale of at least 1.
_STEP = 1e-12
# A gradient (relative to the sum of its terms' sizes) below which a stalled iteration counts as solved.
_SCORE = 1e-10
# The same of terms that would be as large as the counts: where these are fitted to rounding, errors are no scores.
_EXACT = 1e-14
_HALVINGS = 40
_MOST_ITERATIONS = 100
_SINGULAR = 1e-13
# Expected counts below this share of the largest count make one ask whether a direction separates.
_NEARLY_NONE = 1e-7
# What is smaller, as a share of the whole, is rounding.
_NO_SHARE = 1e-7


@dataclass(frozen=True, eq=False)
class Solution:
    """What was found for m rows.

    coefficients : (p,). mean : (m,) expected counts. left : (m, p) regressors less their projection on all dummies,
    weighted by w mean. information : (p, p). rank : of the dummies. converged : whether the scores are zero.
    """

    coefficients: Floats
    mean: Floats
    left: Floats
    information: Floats
    rank: int
    converged: bool


def counted(y: Floats, weights: Floats, codes: Sequence[Codes], numbers: Sequence[int]) -> np.ndarray:
    """(m,) rows of groups in which something was counted: the effects of others run to minus infinity.

    Taken off until all groups that are left, of all effects, have a count.
    """
    kept = weights > 0
    while True:
        before = int(kept.sum())
        for code, number in zip(codes, numbers, strict=True):
            kept &= (group_sums(code, np.where(kept, weights * y, 0.0), number) > 0)[code]
        if int(kept.sum()) == before:
            return np.asarray(kept)


def solve(
    x: Floats,
    y: Floats,
    weights: Floats,
    codes: Sequence[Codes],
    numbers: Sequence[int],
    start: Floats | None = None,
    offset: Floats | float = 0.0,
) -> Solution:
    """Maximise sum w (y eta - exp(eta)), eta = x'b + effects + offset, by halved steps where the likelihood falls.

    x : (m, p). y : (m,) not negative, of groups with a count. weights : (m,) above 0. start : (m,) linear predictors,
    and offset : (m,) what they hold besides.
    """
    mean = (y + weights @ y / weights.sum()) / 2 if start is None else np.exp(start)
    eta, value, done = np.log(mean), -np.inf, False
    for _ in range(_MOST_ITERATIONS):
        at = Effects(tuple(codes), tuple(numbers), weights * mean)
        working = eta - offset + (y - mean) / mean
        left = at.residuals(np.column_stack([x, working]))
        beta = _regression(left, at.weights)
        if beta is None:
            break
        target, factor = working - (left[:, -1] - left[:, :-1] @ beta) + offset, 1.0
        for _ in range(_HALVINGS):
            trial = eta + factor * (target - eta)
            reached = _value(trial, y, weights)
            if reached >= value - 1e-12 * abs(value) or not np.isfinite(value):
                break
            factor /= 2
        moved = float((np.abs(trial - eta) / np.maximum(np.abs(trial), 1.0)).max())
        eta, value, mean = trial, reached, np.exp(trial)
        if not np.isfinite(mean).all() or not mean.all():
            break
        if moved <= _STEP:
            done = True
            break
    if beta is None or not np.isfinite(mean).all() or not mean.all():
        return Solution(np.full(x.shape[1], np.nan), mean, x, np.eye(x.shape[1]), 0, False)
    at = Effects(tuple(codes), tuple(numbers), weights * mean)
    left = at.residuals(x)
    score = (weights * (y - mean)) @ left
    size, whole = (weights * np.abs(y - mean)) @ np.abs(left), at.weights @ np.abs(left)
    flat = bool((np.abs(score) <= np.maximum(_SCORE * size, _EXACT * whole)).all())
    return Solution(beta, mean, left, (left * at.weights[:, None]).T @ left, at.rank, flat and (done or moved < 1e-9))


def _value(eta: Floats, y: Floats, weights: Floats) -> float:
    """Log likelihood, without its constant."""
    with np.errstate(over="ignore", invalid="ignore"):
        value = float(weights @ (y * eta - np.exp(eta)))
    return value if np.isfinite(value) else -np.inf


def _regression(left: Floats, weights: Floats) -> Floats | None:
    """(p,) coefficients of the last column on the others; None where these are dependent."""
    products = (left * weights[:, None]).T @ left
    gram, cross = products[:-1, :-1], products[:-1, -1]
    length = np.sqrt(np.maximum(np.diag(gram), 0.0))
    if not (np.isfinite(products).all() and (length > 0).all()):
        return None
    scaled = gram / np.outer(length, length)
    if np.linalg.eigvalsh(scaled)[0] <= _SINGULAR:
        return None
    return np.asarray(np.linalg.solve(scaled, cross / length) / length)


def nearly_none(mean: Floats, y: Floats) -> bool:
    """Whether some expected count is all but 0."""
    return bool((mean < _NEARLY_NONE * max(float(y.max()), 1.0)).any())


def separating(x: Floats, y: Floats, codes: Sequence[Codes], numbers: Sequence[int]) -> tuple[Floats, Floats] | None:
    """A direction that runs to infinity, of the coefficients (p,) and of the linear predictors (m,); or None.

    One in which x'b + effects is 0 wherever something was counted and falls for some rows where nothing was (Correia,
    S., Guimaraes, P. and Zylkin, T. (2019). Verifying the existence of maximum likelihood estimates for generalized
    linear models. arXiv:1903.01633), by linear programming.
    """
    m, p = x.shape
    size = np.abs(x).max(axis=0)
    dummies = [
        sparse.csr_array((np.ones(m), (np.arange(m), c)), shape=(m, g)) for c, g in zip(codes, numbers, strict=True)
    ]
    rows = sparse.csr_array(
        sparse.hstack([sparse.csr_array(x / np.where(size > 0, size, 1.0)), *dummies], format="csr")
    )
    nothing, something = rows[np.flatnonzero(y == 0)], rows[np.flatnonzero(y > 0)]
    found = optimize.linprog(
        np.asarray(nothing.sum(axis=0)).ravel(),
        A_ub=nothing,
        b_ub=np.zeros(nothing.shape[0]),
        A_eq=something,
        b_eq=np.zeros(something.shape[0]),
        bounds=[(-1, 1)] * rows.shape[1],
    )
    if found.status != 0 or -found.fun <= _NO_SHARE * nothing.shape[0]:
        return None
    return found.x[:p] / np.where(size > 0, size, 1.0), np.asarray(rows @ found.x)
