"""Proves which columns carry a matrix, and its rank: numpy's, in any unit of measurement, and how the others follow."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics.rank import independent_columns, matrix_rank


@pytest.mark.parametrize("units", [1.0, 1e-10, 1e6])
def test_independent_columns_are_those_that_raise_the_rank(units: float) -> None:
    rng = np.random.default_rng(6)
    base = rng.normal(size=(50, 3))
    base[:, 1] *= units
    x = np.column_stack(
        [base[:, 0], np.zeros(50), base[:, 1], 2 * base[:, 0] - base[:, 1] / units, base[:, 2], 3 * base[:, 2]]
    )
    found = independent_columns((x * rng.uniform(1, 2, 50)[:, None]).T @ x)
    assert found.kept.tolist() == [True, False, True, False, True, False]
    assert x[:, found.kept] @ found.combination == pytest.approx(x[:, ~found.kept], rel=1e-9, abs=1e-9)
    wanted = [[0, 2, 0], [0, -1 / units, 0], [0, 0, 3]]
    assert found.combination == pytest.approx(np.array(wanted), rel=1e-9)
    assert (found.combination == 0).tolist() == (np.array(wanted) == 0).tolist()


def test_columns_that_all_count_or_none_does() -> None:
    whole = independent_columns(np.diag([4.0, 9.0]))
    assert whole.kept.all() and whole.combination.shape == (2, 0)
    none = independent_columns(np.zeros((2, 2)))
    assert not none.kept.any() and none.combination.shape == (0, 2)


@pytest.mark.parametrize("shape", [(40, 6), (6, 40), (12, 12), (1, 5), (5, 1)])
@pytest.mark.parametrize("rank", [0, 1, 3, 5, 99])
def test_the_rank_is_numpys(shape: tuple[int, int], rank: int) -> None:
    rng = np.random.default_rng(rank)
    some = min(rank, *shape)
    columns = rng.normal(size=(shape[0], some)) @ rng.normal(size=(some, shape[1]))
    units = 10.0 ** rng.integers(-6, 7, shape[1])
    assert matrix_rank(columns) == np.linalg.matrix_rank(columns) == some
    assert matrix_rank(columns * units) == some


def test_a_column_is_its_own_from_one_in_a_hundred_thousand() -> None:
    """Replicate weights are held with few digits: what differs less is the same."""
    rng = np.random.default_rng(8)
    columns = rng.normal(size=(50, 4))
    for apart, wanted in ((1e-7, 4), (1e-3, 5)):
        near = columns[:, :1] + apart * rng.normal(size=(50, 1))
        assert matrix_rank(np.hstack([columns, near])) == wanted
        assert matrix_rank(np.hstack([columns, 1e4 * near])) == wanted


def test_auxiliaries_are_told_apart_to_one_in_a_million() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=(60, 2))
    for apart, wanted in ((1e-8, False), (1e-4, True)):
        near = np.column_stack([x, x[:, 0] + apart * rng.normal(size=60)])
        assert independent_columns(near.T @ near).kept.tolist() == [True, True, wanted]
