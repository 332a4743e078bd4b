"""Degrees of freedom and counts over the cells that estimates rest on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from llo_research.design.design import Design
from llo_research.design.scores import Scores
from llo_research.numerics.groups import Codes, Floats
from llo_research.results.estimates import Estimates

# Units in a few cells are counted in a table, in many by sorting, which takes a hundred times as long.
_TOGETHER = 16


def degrees_of_freedom(estimates: Estimates, design: Design) -> Floats:
    """(k,) the design's df among the rows of the cells that each estimate rests on, less what coefficients took."""
    if estimates.scores is None:
        return np.full(len(estimates.value), np.nan)
    return by_cells(estimates.scores, design.cell_degrees_of_freedom) - estimates.spent


def freedom_of_map(base: Estimates, design: Design | None, known: Floats, uses: np.ndarray) -> Floats:
    """(m,) degrees of freedom of a map of estimates; `uses` (m, k) says which of them each one speaks of.

    known : (k,) those of the estimates that it is a map of.

    Where these are the design's for the estimates' own cells, those of the union of cells; one that is not the design's
    (infinite, none, or read from a file) lends no more than its own, so that the smallest of them decides.
    """
    scores = base.scores
    if scores is None or design is None:
        return np.array([_least(known[row]) for row in uses])
    used = np.flatnonzero(uses.any(axis=0))
    uses, df, cells = uses[:, used], known[used], cells_of(scores, used)
    measure = design.cell_degrees_of_freedom
    found = over(scores, np.vstack([cells, union(uses, cells)]), measure)
    by_design = _same(df + base.spent[used], found[: len(used)])
    spent = np.array([base.spent[used][row].max(initial=0.0) for row in uses])
    if by_design.all():
        return np.asarray(found[len(used) :] - spent)
    designed = uses & by_design
    together = np.where(designed.any(axis=1), over(scores, union(designed, cells), measure) - spent, np.inf)
    return np.minimum(together, [_least(df[row]) if row.any() else np.inf for row in uses & ~by_design])


def _same(one: Floats, other: Floats) -> np.ndarray:
    """Whether numbers are the same; two that are missing are."""
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)))


def _least(values: Floats) -> float:
    """The smallest; nan where one is not known, or there is none."""
    return float(values.min()) if len(values) else np.nan


def counts_of_map(scores: Scores, uses: np.ndarray, design: Design | None) -> Floats:
    """(m,) unweighted rows with a weight in the cells of a map of estimates; `uses` (m, k) says of which."""
    used = np.flatnonzero(uses.any(axis=0))
    return over(scores, union(uses[:, used], cells_of(scores, used)), _counting(design))


def counts(scores: Scores, design: Design | None) -> Floats:
    """(k,) unweighted rows with a weight in the cells that each estimate rests on."""
    return by_cells(scores, _counting(design))


def by_cells(scores: Scores, measure: Callable[[Codes, int], Floats]) -> Floats:
    """(k,) a measure of the rows in the cells that each estimate rests on."""
    scores = scores.folded()
    single = _single(scores)
    if single is None:
        return over(scores, cells_of(scores, slice(None)), measure)
    known: dict[int, Floats] = {}
    everybody = bool(scores.weights.all())
    parts = []
    for block in scores.blocks:
        if id(block.codes) not in known:
            codes = block.codes if everybody else np.where(scores.weights != 0, block.codes, block.n_cells)
            known[id(block.codes)] = measure(codes, block.n_cells)
        parts.append(np.repeat(known[id(block.codes)], block.values.shape[1]))
    return np.concatenate(parts)[single]


def _single(scores: Scores) -> slice | Codes | None:
    """(k,) the one estimate of the blocks that each estimate rests on; None where some rest on several."""
    if scores.transform is None and scores.uses is None:
        return slice(None)
    transform: Any = scores.transform
    if scores.uses is None and sparse.issparse(transform) and (np.diff(transform.indptr) == 1).all():
        return np.asarray(transform.indices, dtype=np.intp)
    return None


def _counting(design: Design | None) -> Callable[[Codes, int], Floats]:
    """What counts rows of the data by code."""
    return counted if design is None else design.rows_of_cells


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
    seen: dict[bytes, int] = {}
    which = np.array(
        [seen.setdefault(row.tobytes(), len(seen)) for row in np.packbits(patterns, axis=1)], dtype=np.intp
    )
    distinct = patterns[np.unique(which, return_index=True)[1]]
    out = np.empty(len(distinct))
    for group in _disjoint(distinct):
        codes = _owners(scores, distinct[group])
        for some in [group] if codes is not None else [[one] for one in group]:
            own = _owners(scores, distinct[some]) if codes is None else codes
            assert own is not None
            out[some] = measure(own, len(some))
    return out[which]


def _disjoint(patterns: np.ndarray) -> list[list[int]]:
    """The patterns in groups in which no two have a cell in common."""
    most = _TOGETHER if len(patterns) <= _TOGETHER**2 else len(patterns)
    groups: list[list[int]] = []
    taken: list[np.ndarray] = []
    for number, pattern in enumerate(patterns):
        cells = np.flatnonzero(pattern)
        fits = (i for i, there in enumerate(taken) if len(groups[i]) < most and not there[cells].any())
        place = next(fits, len(groups))
        if place == len(groups):
            groups.append([])
            taken.append(np.zeros_like(pattern))
        groups[place].append(number)
        taken[place][cells] = True
    return groups


def _owners(scores: Scores, patterns: np.ndarray) -> Codes | None:
    """(n,) which of these patterns each row with a weight is in, else their number; None where one is in two."""
    number, start, out = len(patterns), 0, None
    for block in scores.blocks:
        there = patterns[:, start : start + block.n_cells]
        owner = np.append(np.where(there.any(axis=0), there.argmax(axis=0), number), number).astype(np.intp)
        mine = owner[block.codes]
        if out is not None and number > 1 and ((mine != out) & (mine != number) & (out != number)).any():
            return None
        out = mine if out is None else np.minimum(out, mine)
        start += block.n_cells
    assert out is not None
    return out if scores.weights.all() else np.where(scores.weights != 0, out, number)
