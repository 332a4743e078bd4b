"""The within transformation against regressions on all dummies, by dense least squares."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics import within
from llo_research.numerics.within import Effects

EXACT = 1e-10


def sample(sizes: tuple[int, ...], n: int, seed: int, *, zeros: bool = True) -> tuple[Effects, np.ndarray]:
    """Unbalanced groups, weights of which some are zero, and values far from zero."""
    rng = np.random.default_rng(seed)
    codes = tuple(rng.integers(0, size, n) for size in sizes)
    weights = rng.gamma(2, 3, n) * ((rng.random(n) > 0.1) if zeros else 1)
    values = rng.normal(50, 3, (n, 3)) + sum(
        rng.normal(0, 9, (size, 3))[c] for size, c in zip(sizes, codes, strict=True)
    )
    return Effects(codes, sizes, weights), values


def by_dummies(effects: Effects, values: np.ndarray) -> tuple[np.ndarray, int]:
    """Residuals of the weighted regression on all dummies, and their rank."""
    used = effects.weights > 0
    dummies = np.hstack([np.eye(g)[c] for g, c in zip(effects.numbers, effects.codes, strict=True)])[used]
    root = np.sqrt(effects.weights[used])[:, None]
    fitted = dummies @ np.linalg.lstsq(root * dummies, root * values[used], rcond=None)[0]
    out = np.zeros_like(values)
    out[used] = values[used] - fitted
    return out, int(np.linalg.matrix_rank(root * dummies, tol=1e-8))


@pytest.mark.parametrize("sizes", [(30,), (30, 5), (5, 30), (20, 6, 4), (12, 11, 10)])
@pytest.mark.parametrize("seed", range(3))
def test_equals_the_regression_on_dummies(sizes: tuple[int, ...], seed: int) -> None:
    effects, values = sample(sizes, 160, seed)
    wanted, rank = by_dummies(effects, values)
    assert np.abs(effects.residuals(values) - wanted).max() < EXACT * 50
    assert effects.rank == rank


@pytest.mark.parametrize("sizes", [(30, 9), (12, 11, 10)])
def test_large_systems_by_conjugate_gradients(sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    effects, values = sample(sizes, 200, 4)
    wanted, rank = by_dummies(effects, values)
    monkeypatch.setattr(within, "_MOST_LEVELS", 3)
    assert np.abs(effects.residuals(values) - wanted).max() < EXACT * 50
    if len(sizes) == 2:
        assert effects.rank == rank


def test_groups_inside_groups_add_nothing() -> None:
    rng = np.random.default_rng(5)
    person, year = rng.integers(0, 40, 200), rng.integers(0, 4, 200)
    effects = Effects((person, year, person % 7), (40, 4, 7), rng.gamma(2, 3, 200))
    wanted, rank = by_dummies(effects, rng.normal(50, 3, (200, 2)))
    assert effects.rank == rank == 43
    assert wanted.shape == (200, 2)


def test_groups_that_do_not_hang_together() -> None:
    # two islands of persons and years: one dummy more is dependent
    person = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    year = np.array([0, 1, 0, 1, 2, 3, 2, 3])
    effects = Effects((person, year), (4, 4), np.ones(8))
    assert effects.rank == 6
    _, rank = by_dummies(effects, np.zeros((8, 1)))
    assert rank == 6


def test_weighted_sums_of_residuals_vanish_in_every_group() -> None:
    effects, values = sample((40, 7, 3), 300, 9)
    left = effects.residuals(values)
    for codes, number in zip(effects.codes, effects.numbers, strict=True):
        for group in range(number):
            rows = codes == group
            assert np.abs(effects.weights[rows] @ left[rows]).max() < 1e-9


def test_values_that_the_effects_carry_leave_nothing() -> None:
    effects, _ = sample((25, 6), 200, 2, zeros=False)
    rng = np.random.default_rng(0)
    carried = (rng.normal(size=25)[effects.codes[0]] + rng.normal(size=6)[effects.codes[1]])[:, None]
    assert np.abs(effects.residuals(carried)).max() < 1e-12
    again = effects.residuals(effects.residuals(rng.normal(size=(200, 2))))
    assert again == pytest.approx(effects.residuals(again), abs=1e-13)


def test_singletons_are_counted() -> None:
    effects = Effects((np.array([0, 1, 1, 2, 2, 3]),), (4,), np.array([1.0, 1, 1, 1, 0, 2]))
    assert effects.singletons() == 3
    assert effects.residuals(np.arange(6.0)[:, None])[[0, 3, 4, 5]].ravel().tolist() == [0, 0, 0, 0]
