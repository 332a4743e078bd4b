"""Sums over groups given by integer codes; code ``n_groups`` means "in no group"."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Rows = slice | Codes  # which rows: consecutive ones, or their numbers
# From here on, rows are walked once for all columns, not once for each.
_MANY_COLUMNS = 6


def group_sums(codes: Codes, values: Floats, n_groups: int, times: Floats | None = None) -> Floats:
    """Sum of each column of `values` (n x p, or n) within each group: n_groups x p (or n_groups).

    times : (n,) a factor of each row.
    """
    if values.ndim == 1:
        own = values if times is None else values * times
        return np.asarray(np.bincount(codes, weights=own, minlength=n_groups + 1)[:n_groups], dtype=np.float64)
    if values.shape[1] >= _MANY_COLUMNS:
        n = len(codes)
        factor = np.ones(n) if times is None else times
        spread = sparse.csc_array((factor, codes, np.arange(n + 1)), shape=(n_groups + 1, n))
        return np.asarray(spread @ values)[:n_groups]
    out = np.empty((n_groups, values.shape[1]))
    for j in range(values.shape[1]):
        out[:, j] = group_sums(codes, values[:, j], n_groups, times)
    return out


def group_counts(codes: Codes, n_groups: int, weights: Floats | None = None) -> Floats:
    """Number of rows with a non-zero weight in each group: n_groups."""
    if weights is None or (weights != 0).all():
        return np.bincount(codes, minlength=n_groups + 1)[:n_groups].astype(np.float64)
    return group_sums(codes, (weights != 0).astype(np.float64), n_groups)


def group_maxima(codes: Codes, values: Floats, n_groups: int) -> Floats:
    """Largest of `values` (n, not negative) within each group, 0 for an empty one: n_groups."""
    out = np.zeros(n_groups + 1)
    np.maximum.at(out, codes, values)
    return out[:n_groups]


def replicate_sums(codes: Codes, values: Floats, n_groups: int, replicates: Floats) -> Floats:
    """Sums of each column of `values` (n x p) times each column of `replicates` (n x R) by group: R x n_groups x p."""
    n, p = values.shape
    rows = (codes[:, None] + np.arange(p) * (n_groups + 1)).ravel()
    starts = np.arange(0, n * p + 1, p)
    spread = sparse.csc_array((values.ravel(), rows, starts), shape=((n_groups + 1) * p, n))
    sums = np.asarray(spread @ replicates).reshape(p, n_groups + 1, -1)
    return np.ascontiguousarray(sums[:, :n_groups].transpose(2, 1, 0))


def unit_replicate_sums(codes: Codes, values: Floats, n_groups: int, unit: Codes, factors: Floats) -> Floats:
    """The same for factors of units (U x R): rows are first summed by unit and group."""
    p = values.shape[1]
    rows = (codes[:, None] + np.arange(p) * (n_groups + 1)).ravel()
    columns = np.repeat(unit, p)
    spread = sparse.coo_array((values.ravel(), (rows, columns)), shape=((n_groups + 1) * p, len(factors))).tocsr()
    sums = np.asarray(spread @ factors).reshape(p, n_groups + 1, -1)
    return np.ascontiguousarray(sums[:, :n_groups].transpose(2, 1, 0))


def codes_of_pairs(first: Codes, second: Codes, n_first: int, n_second: int) -> tuple[Codes, Codes]:
    """Codes 0..G-1 of the occurring pairs, sorted, and the number ``first * n_second + second`` of each pair."""
    both = first * np.intp(n_second) + second
    if n_first * n_second <= 4 * len(both) + 1_000_000:
        kept = np.flatnonzero(np.bincount(both, minlength=n_first * n_second))
        renumber = np.empty(n_first * n_second, dtype=np.intp)
        renumber[kept] = np.arange(len(kept))
        return renumber[both], kept
    kept, codes = np.unique(both, return_inverse=True)
    return codes.astype(np.intp, copy=False), kept


def distinct_pairs(first: Codes, second: Codes, n_second: int) -> tuple[Codes, Codes]:
    """The distinct pairs of two code arrays, sorted."""
    pairs = np.unique(first * np.intp(n_second) + second)
    return pairs // n_second, pairs % n_second
