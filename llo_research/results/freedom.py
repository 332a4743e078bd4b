"""Degrees of freedom and counts over the cells that estimates rest on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from llo_research.design.design import Design
from llo_research.design.scores import Block, Scores
from llo_research.numerics.groups import Codes, Floats
from llo_research.results.estimates import Estimates

# Units in a few cells are counted in a table, in many by sorting, which takes a hundred times as long.
_TOGETHER = 16


def degrees_of_freedom(estimates: Estimates, design: Design) -> Floats:
    """(k,) the design's df among the rows of the cells that each estimate rests on, less what coefficients took."""
    if estimates.scores is None:
        return np.full(len(estimates.value), np.nan)
    return by_cells(estimates.scores, design.cell_degrees_of_freedom) - estimates.spent


def counts(scores: Scores) -> Floats:
    """(k,) unweighted rows with a weight in the cells that each estimate rests on."""
    return by_cells(scores, counted)


def by_cells(scores: Scores, measure: Callable[[Codes, int], Floats]) -> Floats:
    """(k,) a measure of the rows in the cells that each estimate rests on."""
    if scores.transform is None and scores.uses is None:
        return np.concatenate([_of_block(block, scores.weights, measure) for block in scores.blocks])
    return over(scores, cells_of(scores, slice(None)), measure)


def _of_block(block: Block, weights: Floats, measure: Callable[[Codes, int], Floats]) -> Floats:
    """(size,) a measure of the rows of each cell, for every estimate of it."""
    codes = np.where(weights != 0, block.codes, block.n_cells)
    return np.repeat(measure(codes, block.n_cells), block.values.shape[1])


def counted(codes: Codes, number: int) -> Floats:
    """Rows by code."""
    return np.bincount(codes, minlength=number + 1)[:number].astype(np.float64)


def cells_of(scores: Scores, rows: slice | Codes) -> np.ndarray:
    """(rows, cells of all blocks) bool, the cells that each of these estimates rests on."""
    rests, out, start = scores.rests(rows), [], 0
    for block in scores.blocks:
        p = block.values.shape[1]
        out.append(rests[:, start : start + block.size].reshape(len(rests), block.n_cells, p).any(axis=2))
        start += block.size
    return np.hstack(out)


def union(uses: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """(c, cells) bool, the cells of the rows that each contrast speaks of."""
    return np.asarray(uses.astype(np.float64) @ cells.astype(np.float64) > 0)


def over(scores: Scores, patterns: np.ndarray, measure: Callable[[Codes, int], Floats]) -> Floats:
    """A measure of the rows in each of these unions of cells; those without a row in common are measured together."""
    distinct, which = np.unique(patterns, axis=0, return_inverse=True)
    out = np.empty(len(distinct))
    for group in _disjoint(distinct):
        codes = _owners(scores, distinct[group])
        for some in [group] if codes is not None else [[one] for one in group]:
            own = _owners(scores, distinct[some]) if codes is None else codes
            assert own is not None
            out[some] = measure(own, len(some))
    return out[which.ravel()]


def _disjoint(patterns: np.ndarray) -> list[list[int]]:
    """The patterns in groups in which no two have a cell in common."""
    groups: list[list[int]] = []
    taken: list[np.ndarray] = []
    for number, pattern in enumerate(patterns):
        fits = (i for i, cells in enumerate(taken) if len(groups[i]) < _TOGETHER and not (cells & pattern).any())
        place = next(fits, len(groups))
        if place == len(groups):
            groups.append([])
            taken.append(np.zeros_like(pattern))
        groups[place].append(number)
        taken[place] |= pattern
    return groups


def _owners(scores: Scores, patterns: np.ndarray) -> Codes | None:
    """(n,) which of these patterns each row with a weight is in, else their number; None where one is in two."""
    number, start = len(patterns), 0
    out = np.full(len(scores.weights), number, dtype=np.intp)
    for block in scores.blocks:
        there = patterns[:, start : start + block.n_cells]
        owner = np.append(np.where(there.any(axis=0), there.argmax(axis=0), number), number).astype(np.intp)
        mine = owner[block.codes]
        if number > 1 and ((mine != out) & (mine != number) & (out != number)).any():
            return None
        out = np.minimum(out, mine)
        start += block.n_cells
    return np.where(scores.weights != 0, out, number)
