"""Replicates after a calibration, by their factors: those before it, and the g-weight of each cell and replicate."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from llo_research.design.recipe import WeightingStep
from llo_research.design.replicates import Replicates
from llo_research.numerics.groups import Codes, Floats, Rows, replicate_sums
from llo_research.numerics.rank import matrix_rank

# Rows are weighted in pieces of at most this many numbers (2 MB, which stay in the processor's cache).
_PIECE = 250_000


@dataclass(frozen=True)
class AdjustedReplicates(Replicates):
    """Replicates of which the weights of a cell are multiplied by one number: w_r = before_r * g_r[cell].

    before : the replicates before the step.
    cell : (n,) cell of each row. g : (C, R) g-weights of the cells.
    (`factors` holds no rows; ask for `weights`, `columns` or `at`.)
    """

    before: Replicates = field(kw_only=True)
    cell: Codes = field(kw_only=True)
    g: Floats = field(kw_only=True)

    @cached_property
    def rank(self) -> int:
        """Rank of the replicate weights."""
        return matrix_rank(self.weights)

    @property
    def weights(self) -> Floats:
        """The full (n, R) replicate weights, built on request."""
        return self.at(slice(None))

    def at(self, rows: Rows, first: int = 0, last: int | None = None) -> Floats:
        """(m, last - first) full weights of these rows at some replicates."""
        out = self.g[self.cell[rows], first:last]
        out *= self.before.at(rows, first, last)
        return out

    def totals(self, codes: Codes, values: Floats, n_cells: int) -> Floats:
        """Weighted totals of `values` (n x p) in each cell, at each replicate: R x n_cells x p."""
        n = len(self.cell)
        length = max(1, _PIECE // max(self.n_replicates, 1), n_cells * values.shape[1])
        out = np.zeros((self.n_replicates, n_cells, values.shape[1]))
        for start in range(0, n, length):
            rows = slice(start, min(start + length, n))
            out += replicate_sums(codes[rows], values[rows], n_cells, self.at(rows))
        return out

    def with_weights(self, weights: Floats) -> Replicates:
        """Replicates with other weights (n, R)."""
        return self.before.with_weights(weights)

    @property
    def _n_rows(self) -> int:
        """Number of rows of the survey."""
        return len(self.cell)


def adjusted(before: Replicates, cell: Codes, g: Floats) -> AdjustedReplicates:
    """Replicates with the weights of each cell multiplied by its own number (C, R) at each replicate."""
    return AdjustedReplicates(
        np.empty((0, before.n_replicates)),
        before.scale,
        before.rscales,
        before.mse,
        before.method,
        before.fay,
        before.names,
        from_design=before.from_design,
        origin=None if before.from_design else before.origin or before,
        before=before,
        cell=cell,
        g=g,
    )


def redone(step: WeightingStep, replicates: Replicates) -> Replicates:
    """The replicates after a weighting step, by their factors where the step can tell them by cell."""
    by_cell = getattr(step, "redo_cells", None)
    plain = type(replicates) in (Replicates, AdjustedReplicates)
    found = by_cell(replicates) if by_cell is not None and plain else None
    if found is not None:
        return adjusted(replicates, *found)
    return replicates.with_weights(step.redo(replicates.weights, replicates))
