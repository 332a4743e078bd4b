"""Degrees of freedom and counts of contrasts: over the cells they rest on, or the rows' own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from llo_research.design.scores import Scores
from llo_research.estimation.result import Result
from llo_research.numerics.groups import Codes, Floats

# Units in a few cells are counted in a table, in many by sorting, which takes a hundred times as long.
_TOGETHER = 16


def degrees_of_freedom(result: Result, uses: np.ndarray) -> Floats:
    """(c,) degrees of freedom of contrasts; `uses` (c, k) says which rows each one speaks of.

    Where a row's df is the design's for its own cells, those of the union of cells; a row whose df is not the design's
    (infinite, none, or read from a file) lends no more than its own, so that the smallest of them decides.
    """
    if result.scores is None or result.survey is None:
        return np.array([_least(result.df[row]) for row in uses])
    used = np.flatnonzero(uses.any(axis=0))
    uses, df, cells = uses[:, used], result.df[used], _cells(result.scores, used)
    measure = result.survey.design.cell_degrees_of_freedom
    found = _over(result.scores, np.vstack([cells, _union(uses, cells)]), measure)
    by_design = _same(df, found[: len(used)])
    if by_design.all():
        return found[len(used) :]
    designed = uses & by_design
    union = np.where(designed.any(axis=1), _over(result.scores, _union(designed, cells), measure), np.inf)
    return np.minimum(union, [_least(df[row]) if row.any() else np.inf for row in uses & ~by_design])


def counts(scores: Scores, uses: np.ndarray) -> Floats:
    """(c,) unweighted rows with a weight in the cells of contrasts."""
    used = np.flatnonzero(uses.any(axis=0))
    return _over(scores, _union(uses[:, used], _cells(scores, used)), _counted)


def _counted(codes: Codes, number: int) -> Floats:
    """Rows by code."""
    return np.bincount(codes, minlength=number + 1)[:number].astype(np.float64)


def _cells(scores: Scores, rows: Codes) -> np.ndarray:
    """(len(rows), cells of all blocks) bool, the cells that each row rests on."""
    rests, out, start = scores.rests(rows), [], 0
    for block in scores.blocks:
        p = block.values.shape[1]
        out.append(rests[:, start : start + block.size].reshape(len(rows), block.n_cells, p).any(axis=2))
        start += block.size
    return np.hstack(out)


def _union(uses: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """(c, cells) bool, the cells of the rows that each contrast speaks of."""
    return np.asarray(uses.astype(np.float64) @ cells.astype(np.float64) > 0)


def _over(scores: Scores, patterns: np.ndarray, measure: Callable[[Codes, int], Floats]) -> Floats:
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


def _same(one: Floats, other: Floats) -> np.ndarray:
    """Whether numbers are the same; two that are missing are."""
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)))


def _least(values: Floats) -> float:
    """The smallest; nan where one is not known, or there is none."""
    return float(values.min()) if len(values) else np.nan
