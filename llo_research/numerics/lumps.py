"""Exact quantiles of rows that are never held: lumps of neighbouring values, made finer where a quantile lies.

A lump is a stretch of a cell's values of which the ends, the rows and the sum of weights are known. Each pass splits
the lumps in which quantiles lie; where few rows are left, their values themselves are asked for. What remains are
lumps of a single value around each quantile, from which every rule gives the order statistic of all rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.quantiles import _POSITIONS, _SAME

# Lumps are split in so many pieces a pass; those of at most so many rows into their values.
FIRST, PIECES, FEW = 256, 16, 1_000
MOST_PASSES = 30


@dataclass(frozen=True)
class Lumps:
    """Lumps in order of cell and value.

    cells : (L,) number of the cell. low, high : (L,) least and largest value. totals : (L,) sum of weights.
    rows : (L,) rows with weight.
    """

    cells: Codes
    low: Floats
    high: Floats
    totals: Floats
    rows: Floats

    @property
    def single(self) -> np.ndarray:
        """(L,) whether it is one value."""
        return np.asarray(self.low == self.high)

    def sorted(self) -> Lumps:
        """In order of cell and value."""
        return self.of(np.lexsort((self.low, self.cells)))

    def of(self, which: np.ndarray) -> Lumps:
        """Some of them."""
        return Lumps(self.cells[which], self.low[which], self.high[which], self.totals[which], self.rows[which])

    def beside(self, others: Lumps) -> Lumps:
        """These and others, in order."""
        cells = np.concatenate([self.cells, others.cells])
        pairs = ((self.low, others.low), (self.high, others.high), (self.totals, others.totals))
        low, high, totals = (np.concatenate(pair) for pair in pairs)
        return Lumps(cells, low, high, totals, np.concatenate([self.rows, others.rows])).sorted()

    def first_of_cell(self) -> Codes:
        """(L,) the first lump of each one's cell."""
        new = np.append(True, self.cells[1:] != self.cells[:-1])[: len(self.cells)]
        return np.asarray(np.flatnonzero(new)[np.cumsum(new) - 1], dtype=np.intp)


class Engine(Protocol):
    """What adds up; each call is one pass over the rows with weight and value in a cell."""

    def ends(self) -> Lumps:
        """Each cell as one lump."""
        ...

    def pieces(self, lumps: Lumps, number: int) -> Lumps:
        """The rows of some lumps in up to `number` pieces of equal width each."""
        ...

    def values(self, lumps: Lumps) -> Lumps:
        """The rows of some lumps, a lump for each value."""
        ...


def needed(lumps: Lumps, wanted: Callable[[int], Floats], rule: str) -> np.ndarray:
    """(L,) the lumps that a rule may look at: where each quantile lies, those beside it, and the last of each cell.

    wanted : the probabilities of a cell.
    """
    b = _POSITIONS.get(rule, (0.0, 0.0))[1]
    out = np.zeros(len(lumps.cells), dtype=bool)
    bounds = np.append(np.unique(lumps.first_of_cell()), len(lumps.cells))
    for first, stop in pairwise(bounds):
        own = slice(first, stop)
        shares = lumps.totals[own] / lumps.totals[own].sum()
        up_to, last = np.cumsum(shares), stop - 1
        size = 1 + b * shares[-1] / lumps.rows[last]
        heights = np.maximum(wanted(int(lumps.cells[first])) * size - 2 * _SAME, 0.0)
        place = np.minimum(first + np.searchsorted(up_to, heights), last)
        for step in (-1, 0, 1, 2):
            out[np.clip(place + step, first, last)] = True
        out[last] = True
    return out


def narrowed(engine: Engine, lumps: Lumps, wanted: Callable[[int], Floats], rule: str) -> Lumps | None:
    """The lumps after as many passes as make every needed one a single value; None where that is too many."""
    for turn in range(MOST_PASSES):
        coarse = needed(lumps, wanted, rule) & ~lumps.single
        if not coarse.any():
            return lumps
        few = lumps.rows[coarse].max() <= FEW
        chosen = lumps.of(coarse)
        number = FIRST if turn == 0 and lumps.single.sum() + coarse.sum() == len(lumps.cells) else PIECES
        lumps = lumps.of(~coarse).beside(engine.values(chosen) if few else engine.pieces(chosen, number))
    return None


def breakpoints(lumps: Lumps, alone: np.ndarray, n_cells: int) -> Floats:
    """(K, J) values at or below which a row's place ends, so that the lumps `alone` (L,) have a place of their own.

    The place of a row is the number of breakpoints of its cell below its value; infinity fills up, and the last finite
    one of a cell is its largest value.
    """
    index = np.flatnonzero(alone)
    inside = index[index > lumps.first_of_cell()[index]] - 1
    ends = np.flatnonzero(np.append(lumps.cells[1:] != lumps.cells[:-1], True)[: len(lumps.cells)])
    kept = np.unique(np.concatenate([index, inside, ends]))
    cells = lumps.cells[kept]
    first = np.searchsorted(cells, np.arange(n_cells))
    out = np.full((n_cells, int(np.bincount(cells, minlength=n_cells).max(initial=0))), np.inf)
    out[cells, np.arange(len(kept)) - first[cells]] = lumps.high[kept]
    return out
