"""Sizes of effects, each group of people against all others: Cohen's h of shares, d of other means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.ratios import divide

# Squares less the square of their mean, of a constant: rounding.
_CONSTANT = 1e-12


@dataclass(frozen=True)
class Effects:
    """Effects of K cells against the others, of p variables.

    size : (K, p) Cohen's h or d.
    varies, others_vary : (K, p) bool, whether people in the cell differ from each other, and those outside it.
    """

    size: Floats
    varies: np.ndarray
    others_vary: np.ndarray


def against_others(
    codes: Codes, n_cells: int, values: Floats, weights: Floats, shares: np.ndarray, counts: Floats
) -> Effects:
    """Effects of each cell against the other cells.

    values : (n, p) columns. shares : (p,) bool, which of them are shares. counts : (K,) people with a weight.

    h = 2 asin(sqrt p) - 2 asin(sqrt q) for shares; for other means d = (m - q) / s, with s^2 the two weighted variances
    (each times n / (n - 1)) pooled by n - 1.
    """
    own, others = np.eye(n_cells), 1 - np.eye(n_cells)
    inside = codes < n_cells
    centre = np.average(values[inside], axis=0, weights=weights[inside]) if weights[inside].any() else 0.0
    moved = values - np.where(shares, 0.0, centre)
    w, n = (group_sums(codes, weights, n_cells)[:, None], counts[:, None])
    sums = group_sums(codes, weights[:, None] * moved, n_cells)
    squares = group_sums(codes, weights[:, None] * moved**2, n_cells)
    means, spreads, degrees, vary = [], [], [], []
    for side in (own, others):
        mean = divide(side @ sums, side @ w)
        means.append(mean)
        degrees.append(np.maximum(side @ n - 1, 0))
        second = divide(side @ squares, side @ w)
        variance = second - mean**2
        vary.append(variance > _CONSTANT * second)
        spreads.append(np.where(degrees[-1] > 0, divide(variance * (side @ n), degrees[-1]), 0.0))
    a, b = (np.clip(mean, 0, 1) for mean in means)
    h = 2 * np.arcsin(np.sqrt(a)) - 2 * np.arcsin(np.sqrt(b))
    pooled = divide(spreads[0] * degrees[0] + spreads[1] * degrees[1], degrees[0] + degrees[1])
    with np.errstate(invalid="ignore"):
        d = divide(means[0] - means[1], np.sqrt(np.maximum(pooled, 0)))
    return Effects(np.where(shares, h, d), *vary)
