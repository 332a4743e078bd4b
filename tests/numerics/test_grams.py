"""Proves that cross-products in blocks are plain sums, and that fits agree with numpy's lstsq, also ill-conditioned."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics import grams
from llo_research.numerics.grams import Grams, dependences_of, grams_of, in_blocks, least_squares, squared

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


def test_units_add_up_to_groups_and_blocks_to_all() -> None:
    columns, weights, codes = sample(shift=50)
    unit = np.arange(500) // 3
    units = grams_of(columns, weights, unit, 167)
    home = np.arange(167) % 5
    near(units.by(home, 5), by_loop(columns, weights, home[unit], 5), AGREE * 10)
    left = np.where(home == 4, 5, home)
    near(units.by(left, 5), by_loop(columns, weights, left[unit], 5), AGREE * 10)
    both = grams_of(columns[:200], weights[:200], codes[:200], 8).joined(
        grams_of(columns[200:], weights[200:], codes[200:], 8)
    )
    near(both, by_loop(columns, weights, codes, 8), AGREE * 10)
    raw = (columns * weights[:, None]).T @ columns
    assert np.abs(grams_of(columns, weights).raw()[0] - raw).max() <= AGREE * raw.max()


def test_upper_triangles() -> None:
    matrix = np.array([[1.0, 2, 3], [2, 4, 5], [3, 5, 6]])
    assert (squared(np.array([[1.0, 2, 3, 4, 5, 6]]), 3)[0] == matrix).all()


def test_a_well_conditioned_fit_is_that_of_numpy() -> None:
    columns, weights, _ = sample()
    y = columns @ [1.0, -2, 0.5, 3] + np.random.default_rng(4).normal(size=500)
    root = np.sqrt(weights)
    made = least_squares(in_blocks(columns, y, weights, 70))
    wanted, left, _, _ = np.linalg.lstsq(columns * root[:, None], y * root, rcond=None)
    assert made.route == "gram"
    assert made.coefficients == pytest.approx(wanted, rel=AGREE)
    assert made.residual == pytest.approx(left[0], rel=AGREE)
    assert np.isnan(made.intercept)


@pytest.mark.parametrize("near_to", [1e-2, 1e-5, 1e-7])
@pytest.mark.parametrize("intercept", [False, True])
def test_nearly_collinear_columns_go_to_orthogonal_factors(near_to: float, intercept: bool) -> None:
    columns, weights, _ = sample(q=3)
    columns = np.column_stack([columns, columns[:, 0] + near_to * columns[:, 1] + near_to * sample(seed=5)[0][:, 0]])
    y = columns.sum(axis=1) + np.random.default_rng(4).normal(size=500)
    root = np.sqrt(weights)[:, None]
    design = np.column_stack([columns, np.ones(500)]) if intercept else columns
    made = least_squares(in_blocks(columns, y, weights, 90), intercept=intercept)
    wanted = np.linalg.lstsq(design * root, y * root[:, 0], rcond=None)[0]
    assert made.route == ("gram" if near_to == 1e-2 else "qr")
    # coefficients are known to eps times the condition number (numpy's too), by normal equations to its square
    known = 1e-15 * made.condition**2 if made.route == "gram" else 1e-14 * made.condition
    assert np.abs(made.coefficients - wanted[:4]).max() <= known * np.abs(wanted).max()
    off = columns - np.average(columns, weights=weights, axis=0) * intercept
    scaled = off * root / np.linalg.norm(off * root, axis=0)
    assert made.condition == pytest.approx(np.linalg.cond(scaled), rel=1e-6)
    # what is fitted does not suffer from the condition of the columns
    fitted = columns @ made.coefficients + (made.intercept if intercept else 0)
    assert np.abs(fitted - design @ wanted).max() <= 1e-9
    assert made.rank == 4


def test_polynomials_of_years_keep_their_digits() -> None:
    year = np.linspace(2004, 2023, 400)
    columns = np.column_stack([year, year**2])
    truth = np.array([-3.0, 0.00075])
    made = least_squares(in_blocks(columns, columns @ truth + 7.0, np.ones(400), 50), intercept=True)
    # year and its square differ by 1e-3 of their spread, so that of sixteen digits twelve are left in the columns
    assert made.coefficients == pytest.approx(truth, rel=1e-8)
    assert made.intercept == pytest.approx(7.0, rel=1e-5)


def test_dependent_columns_are_named_by_position() -> None:
    columns, weights, _ = sample(q=3)
    whole = np.column_stack([columns, 2 * columns[:, 0] - 5 * columns[:, 2], columns[:, 1]])
    made = least_squares(in_blocks(whole, columns[:, 0], weights))
    assert made.rank == 3
    assert np.isnan(made.coefficients).all()
    first, second = made.dependences
    assert (first.column, first.others) == (3, (0, 2))
    assert first.coefficients == pytest.approx((2, -5), rel=1e-9)
    assert (second.column, second.others) == (4, (1,))
    assert second.coefficients == pytest.approx((1,), rel=1e-9)


@pytest.mark.parametrize("value", [0.0, 3.0, 1e6])
def test_a_constant_beside_an_intercept_is_named(value: float) -> None:
    columns, weights, _ = sample(q=2)
    whole = np.column_stack([columns, np.full(500, value)])
    made = least_squares(in_blocks(whole, columns[:, 0], weights, 33), intercept=True)
    (only,) = made.dependences
    assert (only.column, only.others) == (2, (-1,))
    assert only.coefficients == pytest.approx((value,), rel=1e-12)


def test_a_full_set_of_dummies_beside_an_intercept_is_named() -> None:
    group = np.arange(300) % 3
    dummies = (group[:, None] == np.arange(3)).astype(float)
    made = least_squares(in_blocks(dummies, np.arange(300.0), np.ones(300)), intercept=True)
    (only,) = made.dependences
    assert (only.column, only.others) == (2, (0, 1))
    assert only.coefficients == pytest.approx((-1, -1), rel=1e-9)
    assert made.rank == 2


def test_independent_columns_have_no_dependence() -> None:
    assert dependences_of(np.eye(4)) == ()
    assert dependences_of(np.zeros((4, 1)))[0].others == ()


def test_zero_weights_and_zero_rows_count_for_nothing() -> None:
    columns, weights, codes = sample()
    weights = np.where(codes == 3, 0.0, weights)
    made = grams_of(columns, weights, codes, 9)
    assert made.weight[3] == made.weight[8] == 0
    assert (made.square[[3, 8]] == 0).all()
    with pytest.raises(ValueError, match="no rows"):
        least_squares(lambda: iter(()))
