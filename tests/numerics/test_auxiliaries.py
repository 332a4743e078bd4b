"""Proves that auxiliaries kept as levels answer as the matrix of their indicators does."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics.auxiliaries import Dense, Levels

NUMBERS = ([4], [4, 3], [4, 3, 5])


def _pair(numbers: list[int], *, some: bool) -> tuple[Levels, Dense]:
    rng = np.random.default_rng(len(numbers))
    levels = Levels.full([rng.integers(0, k, 40) for k in numbers], numbers)
    matrix = np.hstack([np.eye(k)[level] for k, level in zip(numbers, levels.levels, strict=True)])
    columns = np.arange(1, sum(numbers), 2) if some else np.arange(sum(numbers))
    return levels.only(columns), Dense(matrix[:, columns])


@pytest.mark.parametrize("width", [1, 3, 9])
@pytest.mark.parametrize("some", [False, True])
@pytest.mark.parametrize("numbers", NUMBERS)
def test_levels_answer_as_their_matrix(numbers: list[int], some: bool, width: int) -> None:
    levels, dense = _pair(numbers, some=some)
    rng = np.random.default_rng(7)
    values, coefficients = rng.normal(size=(40, width)), rng.normal(size=(dense.x.shape[1], width))
    rows = rng.integers(0, 40, 25)
    assert levels.shape == dense.shape
    assert (levels.x == dense.x).all()
    for one, other in ((levels, dense), (levels.at(rows), dense.at(rows))):
        here = values[: one.shape[0]]
        assert one.times(coefficients) == pytest.approx(other.x @ coefficients, abs=1e-13)
        assert other.times(coefficients) == pytest.approx(other.x @ coefficients, abs=1e-13)
        assert one.sums(here) == pytest.approx(other.x.T @ here, abs=1e-13)
        assert other.sizes(here) == pytest.approx(one.sizes(here), abs=1e-13)
        wanted = np.array([(other.x * column[:, None]).T @ other.x for column in here.T])
        assert one.grams(here) == pytest.approx(wanted, abs=1e-13)
        assert other.grams(here) == pytest.approx(wanted, abs=1e-13)
