"""Products of the deviations of unit sums from their stratum's mean: dense ones, in pieces of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from llo_research.design.moments import stratum_sums
from llo_research.design.pair_products import from_rows
from llo_research.design.scores import Block, Scores
from llo_research.design.stages import Stage, by_unit
from llo_research.numerics.groups import Codes, Floats, Rows, group_sums

# Unit sums are held in pieces of at most this many numbers (32 MB), whatever the survey's size.
_PIECE = 4_000_000


class Streamed(Protocol):
    """Influence values that are worked out when they are asked for."""

    scores: Scores

    def rows(self, rows: Rows) -> Floats:
        """Those of these rows (m x k)."""
        ...

    def pieces(self) -> Iterator[tuple[slice, Floats]]:
        """All of them, in pieces of consecutive rows."""
        ...


def from_unit_sums(blocks: tuple[Block, ...], stage: Stage) -> Floats:
    """The general case (m x m): unit sums minus their stratum's mean."""
    width = sum(block.size for block in blocks)
    out = np.zeros((width, width))
    means = stratum_sums(blocks, stage) / stage.units_per_stratum[:, None]
    for first, last in _ranges_of_units(stage, max(1, _PIECE // max(width, 1))):
        rows, unit = _rows_of_units(stage, first, last)
        deviation = np.hstack([_unit_sums(block, rows, unit, last - first) for block in blocks])
        stratum = stage.stratum[rows]
        if unit is not None:
            stratum = by_unit(stratum, unit, last - first)
        deviation -= means[stratum]
        deviation *= stage.root[stratum][:, None]
        out += stage.products(deviation, first)
    return out


def from_stream(streamed: Streamed, stage: Stage) -> tuple[Floats, Floats]:
    """Stratum sums (H x k) and products (k x k): in one pass where the unit sums fit, else in two."""
    n_strata, size = len(stage.units_per_stratum), streamed.scores.size
    out = np.zeros((size, size))
    if stage.pairs is not None:
        z = np.concatenate([influence for _, influence in streamed.pieces()])
        return group_sums(stage.stratum, z, n_strata), from_rows(z, stage)
    if stage.n_units * size <= _PIECE:
        units, stratum = _all_unit_sums(streamed, stage)
        sums = group_sums(stratum, units, n_strata)
        units -= (sums / stage.units_per_stratum[:, None])[stratum]
        units *= stage.root[stratum][:, None]
        return sums, stage.products(units)
    sums = np.zeros((n_strata, size))
    for piece, influence in streamed.pieces():
        sums += group_sums(stage.stratum[piece], influence, n_strata)
    means = sums / stage.units_per_stratum[:, None]
    for first, last in _pieces_of_units(stage, size):
        rows, unit = _rows_of_units(stage, first, last)
        values, stratum = streamed.rows(rows), stage.stratum[rows]
        if unit is not None:
            values = group_sums(unit, values, last - first)
            stratum = by_unit(stratum, unit, last - first)
        out += stage.products((values - means[stratum]) * stage.root[stratum][:, None], first)
    return sums, out


def _all_unit_sums(streamed: Streamed, stage: Stage) -> tuple[Floats, Codes]:
    """Sums of the residuals by unit (U x k), and each unit's stratum."""
    if stage.unit is None:
        return np.concatenate([influence for _, influence in streamed.pieces()]), stage.stratum
    units = np.zeros((stage.n_units, streamed.scores.size))
    for piece, influence in streamed.pieces():
        units += group_sums(stage.unit[piece], influence, stage.n_units)
    return units, by_unit(stage.stratum, stage.unit, stage.n_units)


def _pieces_of_units(stage: Stage, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of units whose rows are few enough to be held at once."""
    rows_before = np.arange(stage.n_units + 1) if stage.unit is None else np.append(0, stage.rows_by_unit[1])
    length, first = max(1, _PIECE // max(size, 1)), 0
    while first < stage.n_units:
        last = int(np.searchsorted(rows_before, rows_before[first] + length, side="right")) - 1
        last = min(max(last, first + 1), stage.n_units)
        last = last if stage.occasions is None else stage.occasions.end(last)
        yield first, last
        first = last


def _ranges_of_units(stage: Stage, length: int) -> Iterator[tuple[int, int]]:
    """Ranges of `length` units; who returns in another wave is not torn apart."""
    first = 0
    while first < stage.n_units:
        last = min(first + length, stage.n_units)
        last = last if stage.occasions is None else stage.occasions.end(last)
        yield first, last
        first = last


def _rows_of_units(stage: Stage, first: int, last: int) -> tuple[slice | Codes, Codes | None]:
    """The rows of the units first..last-1, and each row's unit counted from `first` (None: rows are units)."""
    if stage.unit is None:
        return slice(first, last), None
    if first == 0 and last == stage.n_units:
        return slice(None), stage.unit
    order, ends = stage.rows_by_unit
    rows = order[ends[first - 1] if first else 0 : ends[last - 1]]
    return rows, stage.unit[rows] - first


def _unit_sums(block: Block, rows: slice | Codes, unit: Codes | None, n_units: int) -> Floats:
    """Sums of a block's scores by unit, for the given rows: n_units x (n_cells p)."""
    n_cells, p = block.n_cells, block.values.shape[1]
    codes, values = block.codes[rows], block.values[rows]
    if unit is None and n_cells == 1:
        return np.where((codes < 1)[:, None], values, 0.0)
    both = (np.arange(n_units) if unit is None else unit) * (n_cells + 1) + codes
    sums = group_sums(both, values, n_units * (n_cells + 1))
    return sums.reshape(n_units, n_cells + 1, p)[:, :n_cells].reshape(n_units, n_cells * p)
