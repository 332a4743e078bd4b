"""Sums of weighted products z z' by group, also at many sets of weights: of these linear models are solved."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from llo_research.numerics.groups import Codes, Floats, codes_of_pairs

# Products are made in pieces of at most this many numbers (32 MB).
_PIECE = 4_000_000
# Groups of fewer rows than this are not worth a matrix product each.
_ROWS_A_GROUP = 8


def group_grams(codes: Codes, values: Floats, weights: Floats, n_groups: int) -> Floats:
    """Sum of w z z' within each group: n_groups x q x q; code `n_groups` is in none.

    Parameters
    ----------
    codes : (n,) group of each row
    values : (n, q) z, centred where its mean dwarfs its spread
    weights : (n,)
    """
    q = values.shape[1]
    sums = _sums(codes, values, weights, n_groups)
    return _square(sums, q)


def replicate_grams(
    codes: Codes, values: Floats, n_groups: int, *, base: Floats, unit: Codes, factors: Floats
) -> Floats:
    """Sum of w_r z z' within each group, of weights w_r = base * factors[unit, r]: R x n_groups x q x q.

    Rows are first added up by group and unit, so that a replicate costs one product of small matrices.

    Parameters
    ----------
    codes : (n,) group of each row; `n_groups` is in none
    values : (n, q)
    base : (n,) weights before the factors
    unit : (n,) unit of each row
    factors : (U, R)
    """
    q, r = values.shape[1], factors.shape[1]
    inside = np.flatnonzero(codes < n_groups)
    pair, kept = codes_of_pairs(codes[inside], unit[inside], n_groups, len(factors))
    sums = _sums(pair, values[inside], base[inside], len(kept))
    out = np.zeros((r, n_groups, sums.shape[1]))
    ends = np.searchsorted(kept // len(factors), np.arange(n_groups + 1))
    for group, (first, last) in enumerate(pairwise(ends)):
        out[:, group] = factors[kept[first:last] % len(factors)].T @ sums[first:last]
    return _square(out, q)


def weighted_grams(codes: Codes, values: Floats, n_groups: int, weights: Floats) -> Floats:
    """The same for weights (n, R) that have no factors of units: R x n_groups x q x q."""
    q = values.shape[1]
    first, second = np.triu_indices(q)
    out = np.zeros((weights.shape[1], n_groups, len(first)))
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=n_groups + 1))[:n_groups]
    width = max(1, _PIECE // len(first))
    for group, rows in enumerate(np.split(order, ends)[:n_groups]):
        for start in range(0, len(rows), width):
            some = rows[start : start + width]
            z = values[some]
            out[:, group] += weights[some].T @ (z[:, first] * z[:, second])
    return _square(out, q)


def _sums(codes: Codes, values: Floats, weights: Floats, n_groups: int) -> Floats:
    """(n_groups, q (q + 1) / 2) sums of the products above the diagonal, rows walked in the order of their group."""
    first, second = np.triu_indices(values.shape[1])
    out = np.zeros((n_groups, len(first)))
    order = np.argsort(codes, kind="stable")
    order = order[: int((codes < n_groups).sum())]
    sorted_codes = codes[order]
    starts = np.flatnonzero(np.append(True, sorted_codes[1:] != sorted_codes[:-1])[: len(order)])
    if len(starts) * _ROWS_A_GROUP > len(order):
        return _by_products(out, codes, values, weights, order)
    for start, stop in pairwise([*starts, len(order)]):
        rows = order[start:stop]
        z = values[rows]
        out[sorted_codes[start]] = (z.T @ (z * weights[rows][:, None]))[first, second]
    return out


def _by_products(out: Floats, codes: Codes, values: Floats, weights: Floats, order: Codes) -> Floats:
    """The same for groups of few rows: products of each row, added up."""
    first, second = np.triu_indices(values.shape[1])
    width = max(1, _PIECE // len(first))
    for start in range(0, len(order), width):
        rows = order[start : start + width]
        z, groups = values[rows], codes[rows]
        starts = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
        products = z[:, first] * z[:, second]
        products *= weights[rows][:, None]
        out[groups[starts]] += np.add.reduceat(products, starts)
    return out


def _square(sums: Floats, q: int) -> Floats:
    """Symmetric matrices from what stands above their diagonal."""
    first, second = np.triu_indices(q)
    out = np.empty((*sums.shape[:-1], q, q))
    out[..., first, second] = sums
    out[..., second, first] = sums
    return out
