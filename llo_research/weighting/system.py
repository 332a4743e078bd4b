"""The calibration equations of one group of rows: cells, their auxiliaries, and what the totals ask of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.errors import CalibrationError
from llo_research.numerics.calibration import Independence, independent_columns
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.weighting.margins import Margin

# Totals that follow from others may differ from them by rounding.
_SAME_TOTAL = 1e-8


@dataclass(frozen=True)
class System:
    """Rows collapsed to cells that share their auxiliaries, and so their g-weight.

    rows : (m,) the rows of the survey that are calibrated
    cell : (m,) cell of each of them
    x : (C, p) auxiliaries of the cells, only independent columns
    scale : (C,) q
    totals : (p,)
    columns : (p,) position of each kept column among all totals in the order in which they flatten
    labels : (p,) what each column is called
    """

    rows: Codes
    cell: Codes
    x: Floats
    scale: Floats
    totals: Floats
    columns: Codes
    labels: tuple[str, ...]

    @property
    def n_cells(self) -> int:
        """Number of cells C."""
        return len(self.x)

    def cell_sums(self, weights: Floats) -> Floats:
        """Weights (n x R) summed over the cells: C x R."""
        return group_sums(self.cell, weights[self.rows], self.n_cells)


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
    if not numeric and scale is None and cluster is None:
        cell, levels = _cells_of_levels(margins, rows)
        x = _indicators(margins, levels)
    else:
        cell = np.arange(len(rows))
        x = _design_matrix(margins, rows)
    q = np.ones(len(x)) if scale is None else scale[rows]
    if cluster is not None:
        cell = np.unique(cluster[rows], return_inverse=True)[1].astype(np.intp)
        n_clusters = int(cell.max()) + 1
        size = group_sums(cell, weights[rows], n_clusters)[:, None]
        x = group_sums(cell, weights[rows][:, None] * x, n_clusters) / size
        q = group_sums(cell, weights[rows] * q, n_clusters) / size[:, 0]
    summed = group_sums(cell, weights[rows], len(x))
    found = independent_columns((x * summed[:, None]).T @ x)
    _check_dependent(found, totals, labels)
    columns = np.flatnonzero(found.kept)
    return System(rows, cell, x[:, columns], q, totals[columns], columns, tuple(labels[j] for j in columns))


def _cells_of_levels(margins: list[Margin], rows: Codes) -> tuple[Codes, list[Codes]]:
    """Cell of each row, and the level of each cell in each margin."""
    cell = np.zeros(len(rows), dtype=np.intp)
    levels: list[Codes] = []
    for margin in margins:
        n_levels = len(margin.totals)
        both = cell * n_levels + margin.codes[rows]
        n_pairs = (int(cell.max()) + 1) * n_levels
        kept = np.flatnonzero(np.bincount(both, minlength=n_pairs))
        renumber = np.empty(n_pairs, dtype=np.intp)
        renumber[kept] = np.arange(len(kept))
        cell = renumber[both]
        levels = [before[kept // n_levels] for before in levels] + [kept % n_levels]
    return cell, levels


def _indicators(margins: list[Margin], levels: list[Codes]) -> Floats:
    """Indicator columns of the cells' levels, margin after margin."""
    parts = [
        (level[:, None] == np.arange(len(margin.totals))).astype(np.float64)
        for margin, level in zip(margins, levels, strict=True)
    ]
    return np.hstack(parts)


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
