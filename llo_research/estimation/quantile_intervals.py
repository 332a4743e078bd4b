"""Intervals of quantiles: an interval of the share below, read back on the scale of the values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from llo_research.design.design import Design
from llo_research.design.replicates import Replicates
from llo_research.design.scores import Block, Scores
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.quantiles import Ordered, quantiles
from llo_research.numerics.ratios import CellRatios, cell_means, divide
from llo_research.results import intervals
from llo_research.results.estimates import Estimates
from llo_research.results.inference import at_replicates, sampling_covariance

METHODS = ("woodruff", "xlogit", "beta", "asin", "score", "replicate")
# sums of weights leave a share of all people, and its error of 0, off by rounding of about this size
_WHOLE = 1e-12
_OF_SHARES = {"woodruff": "wald", "replicate": "wald", "xlogit": "xlogit", "beta": "beta", "asin": "asin"}


@dataclass(frozen=True)
class Shares:
    """Shares of people at or below one cut for each cell and probability.

    ratios : estimate (K, Q) and influence (n, Q).
    std_error : (K, Q)
    replicates : (R, K, Q) shares at the replicates, or None.
    """

    ratios: CellRatios
    std_error: Floats
    replicates: Floats | None


@dataclass(frozen=True)
class Ends:
    """Ends of the intervals, and the standard errors that their widths give; all (K, Q).

    low, high : nan where the interval of the share leaves [0, 1].
    std_error : width / (2 critical); from the closed part of an open interval.
    """

    low: Floats
    high: Floats
    std_error: Floats

    @property
    def is_open(self) -> np.ndarray:
        """(K, Q) whether an end is not within the data."""
        return np.asarray(np.isnan(self.low) | np.isnan(self.high))


def shares_at(design: Design, weights: Floats, codes: Codes, values: Floats, cuts: Floats) -> Shares:
    """Shares at or below `cuts` (K x Q) with their standard errors."""
    k, q = cuts.shape
    padded = np.vstack([np.nan_to_num(cuts, nan=0.0), np.zeros((1, q))])
    below = (values[:, None] <= padded[codes]).astype(np.float64)
    ratios = cell_means(codes, k, below, weights)
    whole = np.abs(ratios.estimate - np.round(ratios.estimate)) < _WHOLE
    ratios = replace(ratios, estimate=np.where(whole, np.round(ratios.estimate), ratios.estimate))
    replicates = at_replicates(design, partial(_shares, codes, below, k))
    flat = None if replicates is None else replicates.reshape(len(replicates), -1)
    scores = Scores((Block(codes, ratios.influence, k),), weights)
    covariance = sampling_covariance(Estimates(ratios.estimate.ravel(), scores, flat), design)
    std_error = np.sqrt(np.maximum(np.diag(covariance), 0)).reshape(k, q)
    return Shares(ratios, np.where(whole & (std_error < _WHOLE), 0.0, std_error), replicates)


def _shares(codes: Codes, below: Floats, k: int, replicates: Replicates) -> Floats:
    """(R, K, Q) shares at the replicates."""
    totals = replicates.totals(codes, np.column_stack([np.ones(len(codes)), below]), k)
    return divide(totals[:, :, 1:], totals[:, :, :1])


@dataclass(frozen=True)
class Problem:
    """What the intervals of one variable are made from.

    design, weights, codes, values, data : the survey, the cells (n,), the numbers (n,), and both sorted.
    q : (Q,) probabilities.
    rule : quantile rule.
    cuts : (K, Q) estimated quantiles.
    shares : Shares at the estimates.
    df, n : (K,) degrees of freedom and counts of the cells.
    people : (n,) people that each row stands for.
    """

    design: Design
    weights: Floats
    codes: Codes
    values: Floats
    data: Ordered
    q: Floats
    rule: str
    cuts: Floats
    shares: Shares
    df: Floats
    n: Floats
    people: Floats


def ends_of(problem: Problem, method: str, critical: Floats) -> Ends:
    """Ends and standard errors of a method at these critical values (K, Q)."""
    if method == "score":
        x_low, x_high = _score(problem, critical)
        return Ends(x_low, x_high, (x_high - x_low) / (2 * critical))
    low, high = _of_share(problem, _OF_SHARES[method], critical)
    cut = np.hstack([np.where(low >= 0, low, 0.0), np.where(high <= 1, high, 1.0)])
    found = quantiles(problem.data, problem.weights[:, None], cut, problem.rule)[0]
    (from_low, from_high), (x_low, x_high) = np.hsplit(cut, 2), np.hsplit(found, 2)
    spread = divide(x_high - x_low, from_high - from_low) * problem.shares.std_error
    closed = (low >= 0) & (high <= 1)
    with np.errstate(invalid="ignore"):
        std_error = np.where(closed, (x_high - x_low) / (2 * critical), np.where(from_high > from_low, spread, 0.0))
    return Ends(np.where(low >= 0, x_low, np.nan), np.where(high <= 1, x_high, np.nan), std_error)


def shares_around(problem: Problem, interval: str, critical: Floats) -> intervals.Ends:
    """The ends of the share below each estimate that an interval reads back as values, (K, Q) each."""
    return _of_share(problem, _OF_SHARES["woodruff" if interval == "mean" else interval], critical)


def _of_share(problem: Problem, method: str, critical: Floats) -> intervals.Ends:
    """An interval of the share at the estimate, (K, Q) each."""
    shape = problem.cuts.shape
    evidence = intervals.Evidence(
        problem.shares.ratios.estimate.ravel(),
        problem.shares.std_error.ravel(),
        np.repeat(problem.df, shape[1]),
        critical.ravel(),
        np.repeat(problem.n, shape[1]),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = intervals.ALL[method](evidence)
    return low.reshape(shape), high.reshape(shape)


def _score(problem: Problem, critical: Floats) -> intervals.Ends:
    """The closed interval of values that a test of "q lie at or below it" does not reject, (K, Q) each.

    The share below is level from each value of the data up to the next: the interval begins at the first value that is
    not rejected as too low, and ends at the first one that is rejected as too high.
    """
    k, q = problem.cuts.shape
    data = problem.data
    if len(data.values) == 0:
        return np.full((k, q), np.nan), np.full((k, q), np.nan)
    first, last = np.full((2, k), -1, dtype=np.intp)
    first[data.cells], last[data.cells] = data.starts, data.starts + data.lengths - 1
    place = _place_of(problem, first, last)

    def at(points: Codes) -> Floats:
        return np.asarray(data.values[np.clip(points, 0, len(data.values) - 1)])

    def difference(points: Codes) -> tuple[Floats, Floats]:
        found = shares_at(problem.design, problem.weights, problem.codes, problem.values, at(points))
        return found.ratios.estimate - problem.q, critical * found.std_error

    def not_too_low(points: Codes) -> np.ndarray:
        gap, margin = difference(points)
        return np.asarray(gap >= -margin)

    def too_high(points: Codes) -> np.ndarray:
        gap, margin = difference(points)
        return np.asarray(gap > margin)

    # between two values (rules that interpolate) the estimate lies below the next one
    start = np.minimum(np.where(at(place) < problem.cuts, place + 1, place), last[:, None])
    smallest = _first_true(not_too_low, np.repeat(first[:, None], q, axis=1), place)
    beyond = _first_true(too_high, start, np.repeat(last[:, None], q, axis=1))
    there = (first >= 0)[:, None]
    return np.where(there, at(smallest), np.nan), np.where(there, at(beyond), np.nan)


def _place_of(problem: Problem, first: Codes, last: Codes) -> Codes:
    """(K, Q) the point at, or the last one before, each estimate."""
    data, (k, q) = problem.data, problem.cuts.shape
    out = np.full((k, q), -1, dtype=np.intp)
    if len(data.starts) == 0:
        return out
    for j in range(q):
        cut = np.repeat(problem.cuts[data.cells, j], data.lengths)
        below = np.add.reduceat((data.values <= cut).astype(np.intp), data.starts)
        out[data.cells, j] = np.maximum(first[data.cells] + below - 1, first[data.cells])
    return np.minimum(out, last[:, None])


def _first_true(test: Callable[[Codes], np.ndarray], low: Codes, high: Codes) -> Codes:
    """By bisection, the first point of low..high-1 where the test holds; `high` where it holds nowhere before."""
    low, high = low.copy(), np.maximum(high, low)
    while (low < high).any():
        middle = (low + high) // 2
        holds = test(middle) | (low >= high)
        high = np.where(holds & (low < high), middle, high)
        low = np.where(holds, low, middle + 1)
    return high
