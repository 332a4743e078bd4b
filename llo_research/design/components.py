"""Strata that touch no column in common: each set of them has a covariance of its own, and nothing between them.

Waves that share no units are such sets, where the estimates are of cells by wave: instead of the products of all
columns, n k^2, those of each wave are taken, the sum of n_t k_t^2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from llo_research.design.scores import Block
from llo_research.design.stages import Stage
from llo_research.numerics.groups import Codes, distinct_pairs

# Small sets are taken together, up to about so many sets.
_SETS = 32
# Strata by cells are looked up in a table of up to so many places a row, else by sorting.
_PLACES = 4


@dataclass(frozen=True)
class Component:
    """Strata and the columns that their rows touch.

    columns : (m_t,) numbers among all columns. blocks, stage : the scores and the design of these rows alone.
    """

    columns: Codes
    blocks: tuple[Block, ...]
    stage: Stage


def components(blocks: tuple[Block, ...], stage: Stage) -> Iterator[Component]:
    """The sets of strata and columns that do not touch; none where there is only one."""
    if stage.returning or len(stage.units_per_stratum) == 1:
        return
    of_stratum, of_cells = _labels(blocks, stage)
    number = int(of_stratum.max()) + 1
    if number == 1:
        return
    of_row, of_unit = of_stratum[stage.stratum], of_stratum[stage.stratum_of_units]
    rows = _members(of_row, number)
    own_unit = _places(of_unit, number)
    own_stratum = _places(of_stratum, number)
    for label in range(number):
        cells = [own == label for own in of_cells]
        kept = [(block, mask) for block, mask in zip(blocks, cells, strict=True) if mask.any()]
        if not kept:
            continue
        here = rows[label]
        parts = tuple(
            Block(block.codes[here], block.values[here], block.n_cells).of_cells(mask) for block, mask in kept
        )
        strata = np.flatnonzero(of_stratum == label)
        unit = None if stage.unit is None else own_unit[stage.unit[here]]
        yield Component(
            _columns(blocks, cells), parts, _of_strata(stage, strata, own_stratum[stage.stratum[here]], unit)
        )


def column_labels(blocks: tuple[Block, ...], stage: Stage) -> Codes | None:
    """(m,) the set of each column, -1 of columns without rows; None where there is only one set."""
    if stage.returning or len(stage.units_per_stratum) == 1:
        return None
    _, of_cells = _labels(blocks, stage)
    label = np.concatenate([np.repeat(own, block.values.shape[1]) for own, block in zip(of_cells, blocks, strict=True)])
    return label if label.max(initial=0) > 0 else None


def _of_strata(stage: Stage, strata: Codes, stratum: Codes, unit: Codes | None) -> Stage:
    """The stage of some strata, with the codes of their rows."""
    return replace(
        stage,
        unit=unit,
        stratum=stratum,
        units_per_stratum=stage.units_per_stratum[strata],
        fraction=stage.fraction[strata],
        carry=stage.carry[strata],
        names=stage.names[strata],
        survey=None,
        rules=(),
    )


def _labels(blocks: tuple[Block, ...], stage: Stage) -> tuple[Codes, list[Codes]]:
    """Component of each stratum (H,), and of the cells of each block; -1 of cells without rows."""
    n_strata, starts = len(stage.units_per_stratum), np.cumsum([0, *(block.n_cells for block in blocks)])
    met = [_touched(stage.stratum, block) for block in blocks]
    strata = np.concatenate([first for first, _ in met])
    cells = np.concatenate([second + start for (_, second), start in zip(met, starts, strict=False)])
    size = n_strata + int(starts[-1])
    graph = sparse.coo_array((np.ones(len(strata)), (strata, n_strata + cells)), shape=(size, size))
    _, label = csgraph.connected_components(graph, directed=False)
    empty = np.ones(size, dtype=bool)
    empty[strata] = empty[n_strata + cells] = False
    widths = np.concatenate([np.full(block.n_cells, block.values.shape[1]) for block in blocks])
    columns = np.bincount(label[n_strata:], weights=widths * ~empty[n_strata:], minlength=int(label.max()) + 1)
    joined = np.where(empty, -1, _together(columns)[label])
    outside = joined[:n_strata]
    # strata without rows in the domain touch no column: they are left with the first set
    of_stratum = np.where(outside < 0, 0, outside)
    return of_stratum, [joined[n_strata + first : n_strata + last] for first, last in pairwise(starts)]


def _together(columns: np.ndarray) -> Codes:
    """New labels of components with so many columns each, small ones together."""
    most = max(columns.max(initial=1.0), columns.sum() / _SETS)
    filled = (np.cumsum(columns) - columns / 2) // most
    label = np.full(len(columns), -1, dtype=np.intp)
    kept = np.flatnonzero(columns > 0)
    _, label[kept] = np.unique(filled[kept], return_inverse=True)
    return label


def _touched(stratum: Codes, block: Block) -> tuple[Codes, Codes]:
    """The distinct pairs of stratum and cell of rows inside."""
    inside = block.codes < block.n_cells
    first, second = (stratum, block.codes) if inside.all() else (stratum[inside], block.codes[inside])
    places = (int(first.max(initial=0)) + 1) * block.n_cells
    if places > _PLACES * len(first) + 1_000_000:
        return distinct_pairs(first, second, block.n_cells)
    pairs = np.flatnonzero(np.bincount(first * np.intp(block.n_cells) + second, minlength=places))
    return pairs // block.n_cells, pairs % block.n_cells


def _members(label: Codes, number: int) -> list[Codes]:
    """The positions of each label, ascending."""
    order = np.argsort(label.astype(np.int16 if number < 2**15 else np.intp), kind="stable")
    return np.split(order, np.cumsum(np.bincount(label, minlength=number))[:-1])


def _places(label: Codes, number: int) -> Codes:
    """The place of each element among those of its label."""
    out = np.empty(len(label), dtype=np.intp)
    for positions in _members(label, number):
        out[positions] = np.arange(len(positions))
    return out


def _columns(blocks: tuple[Block, ...], cells: list[np.ndarray]) -> Codes:
    """Numbers of the columns of these cells (a mask for each block)."""
    kept = [np.repeat(mask, block.values.shape[1]) for block, mask in zip(blocks, cells, strict=True)]
    return np.flatnonzero(np.concatenate(kept))
