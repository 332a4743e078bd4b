"""Replicate weights of collapsed rows: added up by row, with degrees of freedom from the rows they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from llo_research.design.design import Design
from llo_research.design.replicates import CellCounts, Replicates
from llo_research.numerics.groups import Codes, Floats
from llo_research.survey.nodes import Nodes


@dataclass(frozen=True)
class ReplicatesOfRows(Replicates):
    """Replicates whose weights are sums over people.

    source : those of the people. row : (N,) the pattern of each; pattern : (n,) that of each row.
    """

    source: Replicates = field(kw_only=True)
    row: Codes = field(kw_only=True)
    pattern: Codes = field(kw_only=True)

    @cached_property
    def rank(self) -> int:
        """Rank of the replicate weights of the people."""
        return self.source.rank

    def cell_degrees_of_freedom(self, codes: Codes, n_cells: int, units_minus_strata: CellCounts) -> Floats:
        """(n_cells,) those of the people of the rows of each cell."""
        if self.from_design:
            return units_minus_strata(codes, n_cells)
        own = np.full(int(self.row.max()) + 1, n_cells, dtype=np.intp)
        np.minimum.at(own, self.pattern, codes)
        return self.source.cell_degrees_of_freedom(own[self.row], n_cells, units_minus_strata)


def replicates_of_rows(design: Design, nodes: Nodes, row: Codes, d: Mapping[str, Floats]) -> Replicates | None:
    """The replicates of a design by collapsed row; d (N,) by number, as nodes share them."""
    made = design.replicates
    if made is None:
        return None
    n = int(row.max()) + 1
    amounts = np.column_stack([np.ones(len(row)), *(d[name] for name in nodes.names[1:])])
    totals = made.totals(row, amounts, n)  # R x n x K
    weights = np.einsum("rnj,kj->knr", totals, nodes.table).reshape(-1, made.n_replicates)[nodes.kept]
    return ReplicatesOfRows(
        np.ascontiguousarray(weights),
        made.scale,
        made.rscales,
        made.mse,
        made.method,
        made.fay,
        made.names,
        from_design=made.from_design,
        source=made,
        row=row,
        pattern=nodes.pattern,
    )
