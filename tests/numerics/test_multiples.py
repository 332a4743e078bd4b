"""Proves that rows kept as multiples of a table are the array itself: rows, sums by group, squares, owners."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics.groups import group_sums
from llo_research.numerics.multiples import Multiples

N, D, P, GROUPS = 90, 11, 8, 5
CLOSE = 1e-12  # relative; sums of some ninety numbers in another order


@pytest.fixture
def kept() -> Multiples:
    """Rows of which some count nowhere, and a row of the table that nobody has."""
    rng = np.random.default_rng(3)
    share = rng.uniform(0.5, 2, N) * (rng.random(N) > 0.2)
    return Multiples(rng.normal(size=(D, P)), rng.integers(0, D - 1, N).astype(np.intp), share)


def _array(kept: Multiples) -> np.ndarray:
    return np.array([share * kept.table[place] for share, place in zip(kept.share, kept.place, strict=True)])


def test_rows_are_those_of_the_array(kept: Multiples) -> None:
    whole = _array(kept)
    assert kept.shape == whole.shape == (N, P)
    assert kept[:].tolist() == whole.tolist()
    assert kept[np.array([7, 3, 7])].tolist() == whole[[7, 3, 7]].tolist()


def test_sums_are_those_of_the_array(kept: Multiples) -> None:
    rng = np.random.default_rng(5)
    codes, times = rng.integers(0, GROUPS + 1, N).astype(np.intp), rng.normal(size=N)
    assert kept.sums(codes, GROUPS) == pytest.approx(group_sums(codes, _array(kept), GROUPS), rel=CLOSE, abs=CLOSE)
    weighted = group_sums(codes, _array(kept) * times[:, None], GROUPS)
    assert kept.sums(codes, GROUPS, times) == pytest.approx(weighted, rel=CLOSE, abs=CLOSE)


def test_squares_by_place_give_all_products(kept: Multiples) -> None:
    times, whole = np.random.default_rng(6).uniform(1, 2, N), _array(kept)
    own = (kept.table * kept.squares(times)[:, None]).T @ kept.table
    assert own == pytest.approx((whole * times[:, None]).T @ whole, rel=CLOSE, abs=CLOSE)


def test_owners_are_told_only_where_rows_of_a_place_agree(kept: Multiples) -> None:
    codes = (kept.place % GROUPS).astype(np.intp)
    codes[kept.share == 0] = GROUPS
    owners = kept.owners(codes, GROUPS)
    assert owners is not None
    assert owners.tolist() == [d % GROUPS if d < D - 1 else GROUPS for d in range(D)]
    torn = codes.copy()
    row = int(np.flatnonzero(kept.share)[0])
    torn[row] = (torn[row] + 1) % GROUPS
    assert kept.owners(torn, GROUPS) is None
