"""Proves that sums, counts and maxima by group are those of a loop over the rows; rows outside are in none."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics import groups

N, GROUPS = 60, 7
CLOSE = 1e-12  # relative; sums of some sixty numbers in another order


@pytest.fixture
def codes() -> np.ndarray:
    """Codes with rows outside, group 2 empty."""
    made = np.random.default_rng(1).integers(0, GROUPS + 1, N).astype(np.intp)
    made[made == 2] = GROUPS
    assert (made == GROUPS).any() and set(range(GROUPS)) - set(made) == {2}
    return made


def _looped(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    out = np.zeros((GROUPS, values.shape[1]))
    for code, row in zip(codes, values, strict=True):
        if code < GROUPS:
            out[code] += row
    return out


@pytest.mark.parametrize("columns", [1, 2, 5, 6, 7, 20])  # from six columns on, by another route
def test_sums_are_a_loop(codes: np.ndarray, columns: int) -> None:
    values = np.random.default_rng(columns).normal(3, 2, (N, columns))
    found = groups.group_sums(codes, values, GROUPS)
    assert found.shape == (GROUPS, columns)
    assert found == pytest.approx(_looped(codes, values), rel=CLOSE)
    times = np.random.default_rng(9).normal(1, 1, N)
    found_times = groups.group_sums(codes, values, GROUPS, times)
    assert found_times == pytest.approx(_looped(codes, values * times[:, None]), rel=CLOSE, abs=CLOSE)
    alone = groups.group_sums(codes, values[:, 0], GROUPS)
    assert alone.shape == (GROUPS,) and alone == pytest.approx(found[:, 0], rel=CLOSE)


def test_last_groups_may_be_empty() -> None:
    few = np.array([0, 1, 1], dtype=np.intp)
    assert groups.group_sums(few, np.ones(3), 4).tolist() == [1, 2, 0, 0]
    assert groups.group_sums(few, np.ones((3, 2)), 4).tolist() == [[1, 1], [2, 2], [0, 0], [0, 0]]
    assert groups.group_sums(few, np.ones((3, 8)), 4)[:, 7].tolist() == [1, 2, 0, 0]
    assert groups.group_counts(few, 4).tolist() == [1, 2, 0, 0]
    assert groups.group_maxima(few, np.array([2.0, 5.0, 3.0]), 4).tolist() == [2, 5, 0, 0]


def test_counts_are_of_rows_with_a_weight(codes: np.ndarray) -> None:
    weights = np.random.default_rng(2).uniform(1, 2, N)
    rows = [int((codes == group).sum()) for group in range(GROUPS)]
    assert groups.group_counts(codes, GROUPS).tolist() == rows
    assert groups.group_counts(codes, GROUPS, weights).tolist() == rows
    weights[::3] = 0.0
    weights[1] = -0.5
    with_weight = [int(((codes == group) & (weights != 0)).sum()) for group in range(GROUPS)]
    assert groups.group_counts(codes, GROUPS, weights).tolist() == with_weight != rows


def test_maxima_are_a_loop(codes: np.ndarray) -> None:
    values = np.random.default_rng(3).gamma(2, 1, N)
    wanted = [
        max((v for c, v in zip(codes, values, strict=True) if c == group), default=0.0) for group in range(GROUPS)
    ]
    assert groups.group_maxima(codes, values, GROUPS).tolist() == wanted


@pytest.mark.parametrize("columns", [1, 3])
def test_sums_at_replicates_are_sums_at_each(codes: np.ndarray, columns: int) -> None:
    rng = np.random.default_rng(4)
    values, replicates = rng.normal(size=(N, columns)), rng.gamma(2, 1, (N, 5))
    wanted = np.array([_looped(codes, values * factor[:, None]) for factor in replicates.T])
    assert groups.replicate_sums(codes, values, GROUPS, replicates) == pytest.approx(wanted, rel=CLOSE, abs=CLOSE)
    unit, factors = rng.integers(0, 9, N), rng.gamma(2, 1, (9, 5))
    wanted = np.array([_looped(codes, values * factor[unit, None]) for factor in factors.T])
    found = groups.unit_replicate_sums(codes, values, GROUPS, unit, factors)
    assert found == pytest.approx(wanted, rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("spare", [0, 3_000])  # with many possible pairs, by sorting
def test_pairs_are_numbered_in_their_order(spare: int) -> None:
    rng = np.random.default_rng(5)
    n_first, n_second = 4 + spare, 3 + spare
    first, second = rng.integers(0, 4, N), rng.integers(0, 3, N)
    first[first == 1] = n_first - 1
    pairs = sorted(set(zip(first.tolist(), second.tolist(), strict=True)))
    codes, numbers = groups.codes_of_pairs(first, second, n_first, n_second)
    assert [pairs[code] for code in codes] == list(zip(first.tolist(), second.tolist(), strict=True))
    assert [divmod(int(number), n_second) for number in numbers] == pairs
    one, other = groups.distinct_pairs(first, second, n_second)
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == pairs
