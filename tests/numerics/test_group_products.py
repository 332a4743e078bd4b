"""Sums of products by group, against products row by row."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics.group_products import group_grams, replicate_grams, weighted_grams

EXACT = 1e-12  # sums in another order


@pytest.mark.parametrize("n_groups", [2, 60])
def test_all_routes_are_sums_of_products(n_groups: int) -> None:
    rng = np.random.default_rng(n_groups)
    z, w = rng.normal(size=(200, 4)), rng.uniform(0.5, 2, 200)
    codes, unit = rng.integers(0, n_groups + 1, 200), rng.integers(0, 30, 200)
    factors = rng.uniform(0, 2, (30, 5))

    def by_hand(weights: np.ndarray) -> np.ndarray:
        out = np.zeros((n_groups, 4, 4))
        for code, row, weight in zip(codes, z, weights, strict=True):
            if code < n_groups:
                out[code] += weight * np.outer(row, row)
        return out

    assert group_grams(codes, z, w, n_groups) == pytest.approx(by_hand(w), abs=EXACT)
    full = w[:, None] * factors[unit]
    expected = np.array([by_hand(column) for column in full.T])
    assert replicate_grams(codes, z, n_groups, base=w, unit=unit, factors=factors) == pytest.approx(expected, abs=EXACT)
    assert weighted_grams(codes, z, n_groups, full) == pytest.approx(expected, abs=EXACT)


def test_groups_without_rows_are_zero() -> None:
    made = group_grams(np.array([0, 0]), np.ones((2, 2)), np.ones(2), 3)
    assert made[1:].sum() == 0
    assert group_grams(np.array([3, 3]), np.ones((2, 2)), np.ones(2), 3).sum() == 0
