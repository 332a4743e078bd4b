"""Proves Cohen's h and d of a cell against all others by numbers of his book and by hand, and who is all alike."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics.effect_sizes import against_others

EXACT = 1e-12


def test_h_of_shares_is_that_of_cohens_table() -> None:
    """Cohen (1988), table 6.2.2: phi of .50 is 1.571 and of .25 is 1.047, so that h is .524."""
    codes, values = np.repeat([0, 1], [4, 4]), np.array([1.0, 0, 1, 0, 1, 0, 0, 0])[:, None]
    found = against_others(codes, 2, values, np.ones(8), np.array([True]), np.full(2, 4.0))
    assert found.size[:, 0] == pytest.approx([1.571 - 1.047, 1.047 - 1.571], abs=1e-3)
    assert found.varies.all() and found.others_vary.all()


def test_d_of_means_pools_both_sides_by_hand() -> None:
    """Cells 1, 3 and 5, 7 and 9: against the first, three people with mean 7 and variance 4."""
    codes, values = np.array([0, 0, 1, 1, 2, 3]), np.array([1.0, 3, 5, 7, 9, 100])[:, None] + 1e6
    found = against_others(codes, 3, values, np.ones(6), np.array([False]), np.array([2.0, 2, 1]))
    assert found.size[0, 0] == pytest.approx((2 - 7) / np.sqrt((2 * 1 + 4 * 2) / 3), rel=1e-9)
    assert found.varies[:, 0].tolist() == [True, True, False] and found.others_vary.all()


def test_weights_of_a_constant_give_one_effect_whatever_their_scale() -> None:
    draw = np.random.default_rng(1)
    codes, values, weights = draw.integers(0, 4, 50), draw.normal(size=(50, 2)), draw.uniform(1, 3, 50)
    n, share = np.bincount(codes, minlength=4).astype(float), np.array([False, False])
    one, other = (against_others(codes, 4, values, weights * c, share, n).size for c in (1.0, 1e3))
    np.testing.assert_allclose(one, other, rtol=EXACT)


def test_cells_without_people_have_no_effect() -> None:
    codes = np.array([0, 0, 2, 2])
    found = against_others(
        codes, 3, np.array([[1.0], [2], [3], [5]]), np.ones(4), np.array([False]), np.array([2.0, 0, 2])
    )
    assert np.isnan(found.size[1, 0]) and np.isfinite(found.size[[0, 2], 0]).all()
