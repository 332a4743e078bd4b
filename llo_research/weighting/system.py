"""The calibration equations of one group of rows: cells, their auxiliaries, and what the totals ask of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from llo_research.errors import CalibrationError
from llo_research.numerics.auxiliaries import Auxiliaries, Dense, Levels
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.rank import Independence, independent_columns
from llo_research.weighting.margins import Margin

Number = TypeVar("Number", np.float64, np.intp)
# Combinations of levels are numbered anew once there could be more of them than this.
_MOST_NUMBERS = 1_000_000
# Totals that follow from others may differ from them by rounding.
_SAME_TOTAL = 1e-8


@dataclass(frozen=True)
class Members:
    """The rows of clusters that share one g.

    x : (m, p) auxiliaries of the rows; scale : (m,) their q.
    """

    x: Floats
    scale: Floats


@dataclass(frozen=True)
class System:
    """Rows collapsed to cells that share their auxiliaries, and so their g-weight.

    rows : (m,) the rows of the survey that are calibrated
    cell : (m,) cell of each of them
    auxiliaries : of the cells (C x p), only independent columns
    scale : (C,) q
    totals : (p,)
    columns : (p,) position of each kept column among all totals in the order in which they flatten
    labels : (p,) what each column is called
    expand : (P, p) all P columns from the independent ones
    wanted : (P,) all totals, in the order in which they flatten
    names : (P,) margin and level of each
    members : of the clusters, of which the cells are means; None where a cell's rows are alike
    """

    rows: Codes
    cell: Codes
    auxiliaries: Auxiliaries
    scale: Floats
    totals: Floats
    columns: Codes
    labels: tuple[str, ...]
    expand: Floats
    wanted: Floats
    names: tuple[tuple[str, Any], ...]
    members: Members | None = None

    @property
    def n_cells(self) -> int:
        """Number of cells C."""
        return self.auxiliaries.shape[0]

    @property
    def x(self) -> Floats:
        """(C, p) the auxiliaries as a matrix, built on request."""
        return self.auxiliaries.x

    def keys(self) -> list[str]:
        """(P,) what tells each total from the others, whatever the order of margins, of levels or in a crossing."""
        out = []
        for label, level in self.names:
            parts, names = level if isinstance(level, tuple) else (level,), label.split(" x ")
            pairs = (
                sorted(zip(names, map(str, parts), strict=True)) if len(names) == len(parts) else (label, str(level))
            )
            out.append(str(pairs))
        return out

    def cell_sums(self, weights: Floats) -> Floats:
        """Weights (n x R) summed over the cells: C x R."""
        return group_sums(self.cell, at_rows(weights, self.rows), self.n_cells)

    def at_weights(self, weights: Floats) -> System:
        """The equations at other weights (n,) of the members, which change the means of a cluster."""
        if self.members is None:
            return self
        own = at_rows(weights, self.rows)
        size = group_sums(self.cell, own, self.n_cells)
        there = size != 0
        safe = np.where(there, size, 1.0)
        x = group_sums(self.cell, own[:, None] * self.members.x, self.n_cells) / safe[:, None]
        q = group_sums(self.cell, own * self.members.scale, self.n_cells) / safe
        means = Dense(np.where(there[:, None], x, self.auxiliaries.x))
        return replace(self, auxiliaries=means, scale=np.where(there, q, self.scale))

    def totals_of(self, weights: Floats) -> Floats:
        """(P,) all totals that these weights (n,) reach."""
        now = self.at_weights(weights).auxiliaries
        return np.asarray(self.expand @ now.sums(self.cell_sums(weights[:, None]))[:, 0])


def at_rows(values: NDArray[Number], rows: Codes) -> NDArray[Number]:
    """The values (n, or n x k) of these rows, which are sorted and different: without a copy when they are all."""
    return values if len(rows) == len(values) else values[rows]


def make_system(
    margins: list[Margin], rows: Codes, weights: Floats, scale: Floats | None, cluster: Codes | None
) -> System:
    """The equations of these rows.

    Categorical margins alone: a cell is a combination of levels. With numeric auxiliaries or a scale: a row. With
    clusters: a cluster, with the mean of its members' auxiliaries.
    """
    labels = tuple(margin.level_label(i) for margin in margins for i in range(len(margin.totals)))
    totals = np.concatenate([margin.totals for margin in margins])
    numeric = any(margin.numeric for margin in margins)
    auxiliaries: Auxiliaries
    if not numeric and scale is None and cluster is None:
        cell, levels = _cells_of_levels(margins, rows)
        auxiliaries = Levels.full(levels, [len(margin.totals) for margin in margins])
    else:
        cell = np.arange(len(rows))
        auxiliaries = Dense(_design_matrix(margins, rows))
    q = np.ones(auxiliaries.shape[0]) if scale is None else scale[rows]
    of_rows, q_of_rows = auxiliaries, q
    if cluster is not None:
        cell = np.unique(cluster[rows], return_inverse=True)[1].astype(np.intp)
        n_clusters = int(cell.max()) + 1
        size = group_sums(cell, weights[rows], n_clusters)[:, None]
        auxiliaries = Dense(group_sums(cell, weights[rows][:, None] * auxiliaries.x, n_clusters) / size)
        q = group_sums(cell, weights[rows] * q, n_clusters) / size[:, 0]
    summed = group_sums(cell, at_rows(weights, rows), auxiliaries.shape[0])
    independent = independent_columns(auxiliaries.grams(summed[:, None])[0])
    _check_dependent(independent, totals, labels)
    columns = np.flatnonzero(independent.kept)
    expand = np.zeros((len(totals), len(columns)))
    expand[columns, np.arange(len(columns))] = 1.0
    expand[~independent.kept] = independent.combination.T
    names = tuple((margin.label, level) for margin in margins for level in margin.levels)
    shown = tuple(labels[j] for j in columns)
    members = None if cluster is None else Members(of_rows.x[:, columns], q_of_rows)
    kept = auxiliaries.only(columns)
    return System(rows, cell, kept, q, totals[columns], columns, shown, expand, totals, names, members)


def _cells_of_levels(margins: list[Margin], rows: Codes) -> tuple[Codes, list[Codes]]:
    """Cell of each row, and the level of each cell in each margin."""
    cell = np.zeros(len(rows), dtype=np.intp)
    levels: list[Codes] = []
    sizes = [1]
    for margin in margins:
        n_levels = len(margin.totals)
        if len(sizes) > 1 and math.prod(sizes) * n_levels > _MOST_NUMBERS:
            cell, levels = _occurring(cell, levels, sizes)
            sizes = [len(levels[0])]
        cell *= n_levels
        cell += at_rows(margin.codes, rows)
        sizes.append(n_levels)
    return _occurring(cell, levels, sizes)


def _occurring(cell: Codes, levels: list[Codes], sizes: list[int]) -> tuple[Codes, list[Codes]]:
    """Number the combinations that occur; `sizes`: the cells that `levels` tells of, then each further margin's."""
    counts = np.bincount(cell, minlength=math.prod(sizes))
    kept = np.flatnonzero(counts)
    before, *further = np.unravel_index(kept, sizes)
    levels = [level[before] for level in levels] + [np.asarray(level) for level in further]
    return (np.cumsum(counts > 0) - 1)[cell], levels


def _design_matrix(margins: list[Margin], rows: Codes) -> Floats:
    """Auxiliaries of the rows: indicators of levels, and numbers."""
    parts = [
        margin.values[rows][:, None]
        if margin.numeric
        else (margin.codes[rows][:, None] == np.arange(len(margin.totals))).astype(np.float64)
        for margin in margins
    ]
    return np.hstack(parts)


def _check_dependent(found: Independence, totals: Floats, labels: tuple[str, ...]) -> None:
    """A total that follows from the others must agree with them."""
    implied, wanted = totals[found.kept] @ found.combination, totals[~found.kept]
    wrong = np.abs(implied - wanted) > _SAME_TOTAL * np.maximum(np.abs(wanted), np.abs(totals).max() * 1e-3)
    if wrong.any():
        j = int(wrong.argmax())
        raise CalibrationError(
            "The totals contradict each other: one follows from the others, and differs.",
            where=[label for label, keep in zip(labels, found.kept, strict=True) if not keep][j],
            found=f"wanted {wanted[j]:.12g}",
            expected=f"{implied[j]:.12g} follows from the other totals",
            todo="make the margins consistent, or leave one out",
        )
