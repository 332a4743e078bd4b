"""Weighted quantiles of many cells, probabilities and sets of weights at once.

The rows are sorted once, by cell and value; every set of weights (the survey's own, replicates) then needs cumulative
sums alone. Rules follow Hyndman, R. J. and Fan, Y. (1996). Sample quantiles in statistical packages. The American
Statistician, 50, 361-365, in the weighted form of Lumley, T. (2021), Estimating quantiles (vignette of R's survey).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Codes, Floats

# p_k = (C_k - a w_k) / (C_n + b w_n) of the continuous rules, C_k cumulative weights up to and with record k.
_POSITIONS = {
    "hf4": (0.0, 0.0),
    "hf5": (1 / 2, 0.0),
    "hf6": (0.0, 1.0),
    "hf7": (1.0, -1.0),
    "hf8": (1 / 3, 1 / 3),
    "hf9": (3 / 8, 1 / 4),
}
RULES = ("math", "school", *(f"hf{number}" for number in range(1, 10)))
# Cumulative shares closer than this are the same: sums of weights carry rounding, which must not decide a tie.
_SAME = 1e-10
# Numbers held at once (32 MB), whatever the number of replicates.
_PIECE = 4_000_000


@dataclass(frozen=True)
class Ordered:
    """The rows of the cells, sorted by cell and value; equal values of a cell are one point.

    order : (m,) row numbers.
    firsts : (P,) position in `order` of each point's first row.
    values : (P,) value of each point.
    starts : (K',) first point of each cell that has rows.
    cells : (K',) their numbers.
    n_cells : number of cells K.
    counts : (m,) records that each row stands for; None where each is one.
    """

    order: Codes
    firsts: Codes
    values: Floats
    starts: Codes
    cells: Codes
    n_cells: int
    counts: Floats | None = None

    @property
    def lengths(self) -> Codes:
        """(K',) number of points of each cell."""
        return np.diff(np.append(self.starts, len(self.values)))


def ordered(codes: Codes, n_cells: int, values: Floats, used: np.ndarray, counts: Floats | None = None) -> Ordered:
    """Sort the rows that are `used` and in a cell (code below `n_cells`); they stand for `counts` (n,) records."""
    rows = np.flatnonzero((codes < n_cells) & used)
    order = rows[np.lexsort((values[rows], codes[rows]))]
    cell, value = codes[order], values[order]
    new_cell = np.append(True, cell[1:] != cell[:-1])[: len(order)]
    new_point = new_cell | np.append(True, value[1:] != value[:-1])[: len(order)]
    firsts = np.flatnonzero(new_point)
    starts = np.flatnonzero(new_cell[firsts])
    own = None if counts is None else counts[order]
    return Ordered(order, firsts, value[firsts], starts, cell[firsts[starts]], n_cells, own)


@dataclass(frozen=True)
class Steps:
    """Distribution functions of R sets of weights, as shares of each cell's total.

    up_to : (P, R) share at or below each point.
    own : (P, R) share of each point.
    mean : (P, R) share of one record of each point, on average.
    """

    up_to: Floats
    own: Floats
    mean: Floats


def steps(data: Ordered, weights: Floats) -> Steps:
    """Cumulative shares (P x R) from weights (n x R)."""
    sorted_weights = weights[data.order]
    own = np.add.reduceat(sorted_weights, data.firsts, axis=0)
    totals = np.add.reduceat(own, data.starts, axis=0)
    own /= np.repeat(np.where(totals == 0, 1.0, totals), data.lengths, axis=0)
    there = (sorted_weights != 0).astype(np.float64)
    records = np.add.reduceat(there if data.counts is None else there * data.counts[:, None], data.firsts, axis=0)
    running = own.copy()
    # Each cell starts anew: what the one before added up to is taken off at its first point.
    running[data.starts[1:]] -= (totals != 0)[:-1]
    np.cumsum(running, axis=0, out=running)
    return Steps(running, own, own / np.maximum(records, 1.0))


def quantiles(data: Ordered, weights: Floats, probabilities: Floats, rule: str) -> Floats:
    """Quantiles of each cell at each set of weights: R x K x Q, nan for a cell without weight.

    Parameters
    ----------
    weights : (n, R)
    probabilities : (K, Q), each in [0, 1]
    rule : one of ``RULES``
    """
    r, q = weights.shape[1], probabilities.shape[1]
    out = np.full((r, data.n_cells, q), np.nan)
    if len(data.order) == 0:
        return out
    width = max(1, _PIECE // len(data.order))
    for first in range(0, r, width):
        found = steps(data, weights[:, first : first + width])
        for j in range(q):
            wanted = probabilities[data.cells, j]
            values = _discrete(data, found, wanted, rule) if rule not in _POSITIONS else None
            if values is None:
                values = _continuous(data, found, wanted, *_POSITIONS[rule])
            out[first : first + width, data.cells, j] = values.T
    return out


def _first_at_least(data: Ordered, heights: Floats, wanted: Floats) -> Codes:
    """First point (K' x R) of each cell with a height of at least `wanted` (K'); P where there is none."""
    threshold = np.repeat(np.maximum(wanted - _SAME, np.finfo(float).tiny), data.lengths)[:, None]
    places = np.where(heights >= threshold, np.arange(len(heights))[:, None], len(heights))
    return np.asarray(np.minimum.reduceat(places, data.starts, axis=0), dtype=np.intp)


def _last_with_weight(data: Ordered, own: Floats) -> Codes:
    """Last point (K' x R) of each cell that has weight; -1 where none has."""
    places = np.where(own != 0, np.arange(len(own))[:, None], -1)
    return np.asarray(np.maximum.reduceat(places, data.starts, axis=0), dtype=np.intp)


def _neighbour(own: Floats, places: Codes, step: int) -> Codes:
    """The nearest point with weight before (step -1) or after (step 1) each place, whatever its cell."""
    numbers = np.arange(len(own))[:, None]
    if step > 0:
        found = np.where(own != 0, numbers, len(own))
        nearest = np.vstack(
            [np.minimum.accumulate(found[::-1], axis=0)[::-1][1:], np.full((1, own.shape[1]), len(own))]
        )
    else:
        found = np.where(own != 0, numbers, -1)
        nearest = np.vstack([np.full((1, own.shape[1]), -1), np.maximum.accumulate(found, axis=0)[:-1]])
    return np.asarray(np.take_along_axis(nearest, places, axis=0), dtype=np.intp)


def _discrete(data: Ordered, found: Steps, wanted: Floats, rule: str) -> Floats:
    """Rules that give a value of the data, or the mean of two: K' x R."""
    last = _last_with_weight(data, found.own)
    place = np.minimum(_first_at_least(data, found.up_to, wanted), np.maximum(last, 0))
    values = data.values[place]
    if rule not in ("math", "hf1"):
        exactly = np.abs(np.take_along_axis(found.up_to, place, axis=0) - wanted[:, None]) <= _SAME
        exactly &= place < last
        after = data.values[np.minimum(_neighbour(found.own, place, 1), len(data.values) - 1)]
        if rule == "hf3":
            rank = np.cumsum(found.own != 0, axis=0)
            before_cell = np.vstack([np.zeros((1, rank.shape[1]), dtype=rank.dtype), rank])[data.starts]
            odd = (np.take_along_axis(rank, place, axis=0) - before_cell) % 2 == 1
            values = np.where(exactly & odd, after, values)
        else:
            values = np.where(exactly, (values + after) / 2, values)
    return np.where(last >= 0, values, np.nan)


def _continuous(data: Ordered, found: Steps, wanted: Floats, a: float, b: float) -> Floats:
    """Rules that interpolate between positions: K' x R.

    The records of a point have its mean weight, so that the answer does not depend on their order: the point is a
    level stretch from the position of its first record to that of its last.
    """
    last = _last_with_weight(data, found.own)
    size = 1 + b * np.take_along_axis(found.mean, np.maximum(last, 0), axis=0)
    size = np.repeat(np.where(size > _SAME, size, 1.0), data.lengths, axis=0)
    ends = np.where(found.own != 0, (found.up_to - a * found.mean) / size, -1.0)
    begins = (found.up_to - found.own + (1 - a) * found.mean) / size
    place = np.minimum(_first_at_least(data, ends, wanted), np.maximum(last, 0))
    before = _neighbour(found.own, place, -1)
    start = np.take_along_axis(begins, place, axis=0)
    has_before = before >= data.starts[:, None]
    before = np.where(has_before, before, place)
    floor = np.take_along_axis(ends, before, axis=0)
    between = has_before & (start - wanted[:, None] > _SAME)
    way = np.divide(wanted[:, None] - floor, start - floor, out=np.zeros_like(start), where=between)
    low, high = data.values[before], data.values[place]
    values = np.where(between, low + (high - low) * np.maximum(way, 0.0), high)
    return np.where(last >= 0, values, np.nan)
