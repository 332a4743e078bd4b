"""Degrees of freedom of contrasts: the design's over the cells they rest on, or the rows' own."""

from __future__ import annotations

import numpy as np

from llo_research.estimation.result import Result
from llo_research.numerics.groups import Floats
from llo_research.survey.design import Design
from llo_research.survey.scores import Scores


def degrees_of_freedom(result: Result, uses: np.ndarray) -> Floats:
    """(c,) degrees of freedom of contrasts; `uses` (c, k) says which rows each one speaks of.

    Where a row's df is the design's for its own cells, those of the union of cells; a row whose df is not the design's
    (infinite, none, or read from a file) lends no more than its own, so that the smallest of them decides.
    """
    if result.scores is None or result.survey is None:
        return np.array([_least(result.df[row]) for row in uses])
    design, out = result.survey.design, np.empty(len(uses))
    used = np.flatnonzero(uses.any(axis=0))
    by_design = np.zeros(len(result.df), dtype=bool)
    by_design[used] = _same(result.df[used], rows_df(design, result.scores, used))
    for number, row in enumerate(uses):
        union, own = row & by_design, row & ~by_design
        values = result.df[own]
        if union.any():
            values = np.append(values, design.degrees_of_freedom(result.scores.support(np.flatnonzero(union))))
        out[number] = _least(values)
    return out


def rows_df(design: Design, scores: Scores, rows: np.ndarray) -> Floats:
    """(len(rows),) the design's degrees of freedom over the cells of each of these rows."""
    patterns, which = np.unique(_cells(scores, rows), axis=0, return_inverse=True)
    which = which.ravel()
    if len(scores.blocks) == 1 and patterns.sum(axis=0).max(initial=0) <= 1:
        number = len(patterns)
        owner = np.append(np.where(patterns.any(axis=0), patterns.argmax(axis=0), number), number).astype(np.intp)
        codes = np.where(scores.weights != 0, owner[scores.blocks[0].codes], number)
        return design.cell_degrees_of_freedom(codes, number)[which]
    first = [int(np.flatnonzero(which == pattern)[0]) for pattern in range(len(patterns))]
    return np.array([design.degrees_of_freedom(scores.support(rows[[i]])) for i in first])[which]


def _cells(scores: Scores, rows: np.ndarray) -> np.ndarray:
    """(len(rows), cells of all blocks) bool, the cells that each row rests on."""
    rests, out, start = scores.rests(rows), [], 0
    for block in scores.blocks:
        p = block.values.shape[1]
        out.append(rests[:, start : start + block.size].reshape(len(rows), block.n_cells, p).any(axis=2))
        start += block.size
    return np.hstack(out)


def _same(one: Floats, other: Floats) -> np.ndarray:
    """Whether numbers are the same; two that are missing are."""
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)))


def _least(values: Floats) -> float:
    """The smallest; nan where one is not known, or there is none."""
    return float(values.min()) if len(values) else np.nan
