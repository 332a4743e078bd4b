"""Proves that cross-products in blocks are plain sums."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics import grams
from llo_research.numerics.grams import Grams, grams_of, squared

# Sums of some hundred products in another order.
AGREE = 1e-12


def sample(n: int = 500, q: int = 4, shift: float = 0.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, q)) + shift, rng.uniform(0.5, 3, n), rng.integers(0, 8, n)


def by_loop(columns: np.ndarray, weights: np.ndarray, codes: np.ndarray, number: int) -> Grams:
    """Each group by itself, centred."""
    q = columns.shape[1]
    weight, mean, square = np.zeros(number), np.zeros((number, q)), np.zeros((number, q, q))
    for g in range(number):
        rows = codes == g
        if not rows.any():
            continue
        weight[g], mean[g] = weights[rows].sum(), np.average(columns[rows], weights=weights[rows], axis=0)
        off = columns[rows] - mean[g]
        square[g] = (off * weights[rows, None]).T @ off
    return Grams(weight, mean, square)


def near(made: Grams, wanted: Grams, tolerance: float = AGREE) -> None:
    assert made.weight == pytest.approx(wanted.weight, rel=tolerance)
    assert np.abs(made.mean - wanted.mean).max() <= tolerance * np.abs(wanted.mean).max()
    assert np.abs(made.square - wanted.square).max() <= tolerance * np.abs(wanted.square).max()


@pytest.mark.parametrize("number", [1, 7, 400])
@pytest.mark.parametrize("piece", [30, 1_000_000])
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_groups_in_pieces_are_plain_sums(
    number: int, piece: int, shift: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns, weights, _ = sample(shift=shift)
    codes = np.random.default_rng(1).integers(0, number + 1, 500)  # the last code is in no group
    monkeypatch.setattr(grams, "_PIECE", piece)
    # numbers of size 1e6 hold a spread of 1 to 1e-10
    near(
        grams_of(columns, weights, codes, number), by_loop(columns, weights, codes, number), AGREE * max(1, shift / 1e4)
    )


def test_blocks_add_up_to_all() -> None:
    columns, weights, codes = sample(shift=50)
    both = grams_of(columns[:200], weights[:200], codes[:200], 8).joined(
        grams_of(columns[200:], weights[200:], codes[200:], 8)
    )
    near(both, by_loop(columns, weights, codes, 8), AGREE * 10)
    raw = (columns * weights[:, None]).T @ columns
    assert np.abs(grams_of(columns, weights).raw()[0] - raw).max() <= AGREE * raw.max()


def test_upper_triangles() -> None:
    matrix = np.array([[1.0, 2, 3], [2, 4, 5], [3, 5, 6]])
    assert (squared(np.array([[1.0, 2, 3, 4, 5, 6]]), 3)[0] == matrix).all()


def test_zero_weights_and_zero_rows_count_for_nothing() -> None:
    columns, weights, codes = sample()
    weights = np.where(codes == 3, 0.0, weights)
    made = grams_of(columns, weights, codes, 9)
    assert made.weight[3] == made.weight[8] == 0
    assert (made.square[[3, 8]] == 0).all()
