"""Ratios of weighted totals within cells: the arithmetic behind means, shares, totals and ratios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Codes, Floats, group_counts, group_sums


@dataclass(frozen=True)
class CellRatios:
    """theta = sum(w top) / sum(w bottom) in each cell.

    estimate : (K, p)
    bottoms : (K, p) or (K, 1), the denominators; ones for totals.
    influence : (n, p), row i is w_i times the derivative of its own cell's estimates in w_i.
    """

    estimate: Floats
    bottoms: Floats
    influence: Floats


def cell_means(codes: Codes, n_cells: int, values: Floats, weights: Floats) -> CellRatios:
    """Weighted means of the columns of `values` (n x p): z_i = w_i (y_i - ybar) / W."""
    sizes = group_sums(codes, weights, n_cells)[:, None]
    sums = group_sums(codes, weights[:, None] * values, n_cells)
    estimate = divide(sums, sizes)
    per_row = _padded(divide(np.ones_like(sizes), sizes))[codes]
    influence = values - _padded(estimate)[codes]
    influence *= weights[:, None] * per_row
    return CellRatios(estimate, sizes, influence)


def cell_totals(codes: Codes, n_cells: int, values: Floats, weights: Floats) -> CellRatios:
    """Weighted totals of the columns of `values` (n x p): z_i = w_i y_i."""
    influence = weights[:, None] * values
    return CellRatios(group_sums(codes, influence, n_cells), np.ones((n_cells, 1)), influence)


def cell_ratios(codes: Codes, n_cells: int, top: Floats, bottom: Floats, weights: Floats) -> CellRatios:
    """Ratios of weighted totals, column by column: z_i = w_i (a_i - theta b_i) / B."""
    bottoms = group_sums(codes, weights[:, None] * bottom, n_cells)
    estimate = divide(group_sums(codes, weights[:, None] * top, n_cells), bottoms)
    per_row = _padded(divide(np.ones_like(bottoms), bottoms))[codes]
    influence = weights[:, None] * (top - _padded(estimate)[codes] * bottom) * per_row
    return CellRatios(estimate, bottoms, influence)


def divide(top: Floats, bottom: Floats) -> Floats:
    """Elementwise quotient, nan where the denominator is 0."""
    out = np.full(np.broadcast(top, bottom).shape, np.nan)
    np.divide(top, bottom, out=out, where=bottom != 0)
    return out


def _padded(cells: Floats) -> Floats:
    """Cell values (K x p) with a row of zeros for the code outside; undefined cells count as zero."""
    return np.vstack([np.nan_to_num(cells, nan=0.0), np.zeros((1, cells.shape[1]))])


def spread_within(codes: Codes, n_cells: int, influence: Floats, weights: Floats) -> Floats:
    """sum(z_i^2 / w_i) / n in each cell (K x p): what simple random sampling makes of these influence values."""
    used = weights != 0
    squares = np.divide(influence**2, weights[:, None], where=used[:, None], out=np.zeros_like(influence))
    return divide(group_sums(codes, squares, n_cells), group_counts(codes, n_cells, weights)[:, None])
