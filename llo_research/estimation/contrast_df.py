"""Degrees of freedom and counts of contrasts: over the cells they rest on, or the rows' own."""

from __future__ import annotations

import numpy as np

from llo_research.design.scores import Scores
from llo_research.estimation.result import Result
from llo_research.numerics.groups import Floats
from llo_research.results.freedom import cells_of, counted, over, union


def degrees_of_freedom(result: Result, uses: np.ndarray) -> Floats:
    """(c,) degrees of freedom of contrasts; `uses` (c, k) says which rows each one speaks of.

    Where a row's df is the design's for its own cells, those of the union of cells; a row whose df is not the design's
    (infinite, none, or read from a file) lends no more than its own, so that the smallest of them decides.
    """
    if result.scores is None or result.survey is None:
        return np.array([_least(result.df[row]) for row in uses])
    used = np.flatnonzero(uses.any(axis=0))
    uses, df, cells = uses[:, used], result.df[used], cells_of(result.scores, used)
    measure = result.survey.design.cell_degrees_of_freedom
    found = over(result.scores, np.vstack([cells, union(uses, cells)]), measure)
    by_design = _same(df, found[: len(used)])
    if by_design.all():
        return found[len(used) :]
    designed = uses & by_design
    together = np.where(designed.any(axis=1), over(result.scores, union(designed, cells), measure), np.inf)
    return np.minimum(together, [_least(df[row]) if row.any() else np.inf for row in uses & ~by_design])


def counts(scores: Scores, uses: np.ndarray) -> Floats:
    """(c,) unweighted rows with a weight in the cells of contrasts."""
    used = np.flatnonzero(uses.any(axis=0))
    return over(scores, union(uses[:, used], cells_of(scores, used)), counted)


def _same(one: Floats, other: Floats) -> np.ndarray:
    """Whether numbers are the same; two that are missing are."""
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)))


def _least(values: Floats) -> float:
    """The smallest; nan where one is not known, or there is none."""
    return float(values.min()) if len(values) else np.nan
