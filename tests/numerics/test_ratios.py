"""Proves that means, totals and ratios of cells are loops, and their influence the derivatives in the weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from llo_research.numerics import ratios

N, CELLS, EMPTY, WEIGHTLESS = 60, 5, 3, 4
CLOSE = 1e-12  # relative; sums of some sixty numbers in another order
# Central differences with a relative step of 1e-5 keep an error of about 1e-10 from the third derivative, and as much
# from rounding.
STEP, NUMERICAL = 1e-5, 1e-8

Made = Callable[[np.ndarray], ratios.CellRatios]
rng = np.random.default_rng(7)
codes = rng.integers(0, CELLS + 1, N).astype(np.intp)
codes[codes == EMPTY] = CELLS
weights = rng.uniform(1, 5, N)
weights[codes == WEIGHTLESS] = 0.0
weights[np.flatnonzero(codes == 0)[0]] = 0.0
top, bottom = rng.normal(3, 2, (N, 2)), rng.gamma(3, 1, (N, 2))

ESTIMATORS: dict[str, Made] = {
    "means": lambda w: ratios.cell_means(codes, CELLS, top, w),
    "totals": lambda w: ratios.cell_totals(codes, CELLS, top, w),
    "ratios": lambda w: ratios.cell_ratios(codes, CELLS, top, bottom, w),
}


def _parts(name: str, row: int, j: int) -> tuple[float, float]:
    """What a row adds to numerator and denominator, for each unit of weight."""
    return top[row, j], {"means": 1.0, "totals": 0.0, "ratios": bottom[row, j]}[name]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimates_are_loops(name: str) -> None:
    made = ESTIMATORS[name](weights)
    for cell in range(CELLS):
        rows = np.flatnonzero(codes == cell)
        for j in range(2):
            above = sum(weights[row] * _parts(name, row, j)[0] for row in rows)
            below = sum(weights[row] * _parts(name, row, j)[1] for row in rows)
            below = 1.0 if name == "totals" else below
            found = made.estimate[cell, j]
            assert made.bottoms[cell, j if made.bottoms.shape[1] > 1 else 0] == pytest.approx(below, rel=CLOSE)
            assert np.isnan(found) if below == 0 else found == pytest.approx(above / below, rel=CLOSE)
    undefined = np.isnan(made.estimate).all(axis=1)
    assert np.flatnonzero(undefined).tolist() == ([] if name == "totals" else [EMPTY, WEIGHTLESS])


@pytest.mark.parametrize("name", ESTIMATORS)
def test_influence_is_the_derivative_in_the_weights(name: str) -> None:
    made, checked = ESTIMATORS[name](weights), 0
    assert (made.influence[weights == 0] == 0).all()
    for row in np.flatnonzero((codes < CELLS) & (weights > 0)):
        moved = [weights.copy(), weights.copy()]
        moved[0][row] *= 1 + STEP
        moved[1][row] *= 1 - STEP
        up, down = (ESTIMATORS[name](w).estimate[codes[row]] for w in moved)
        assert made.influence[row] == pytest.approx((up - down) / (2 * STEP), rel=NUMERICAL, abs=NUMERICAL)
        checked += 1
    assert checked > N / 3


@pytest.mark.parametrize("name", ["means", "ratios"])
def test_influence_adds_up_to_nothing_and_is_nothing_outside(name: str) -> None:
    made = ESTIMATORS[name](weights)
    assert (codes == CELLS).any() and np.isfinite(made.influence).all()
    for cell in range(CELLS):
        assert made.influence[codes == cell].sum(axis=0) == pytest.approx(0, abs=CLOSE)
    assert (made.influence[codes == CELLS] == 0).all()


def test_a_quotient_by_nothing_is_undefined() -> None:
    found = ratios.divide(np.array([[1.0], [3.0], [0.0]]), np.array([[2.0, 0.0]]))
    assert found.shape == (3, 2)
    assert found[:, 0].tolist() == [0.5, 1.5, 0.0] and np.isnan(found[:, 1]).all()


def test_spread_is_the_variance_of_simple_random_sampling() -> None:
    """With equal weights n times it is the variance of the values with divisor n, over n: that of a mean."""
    equal = np.where(codes == WEIGHTLESS, 0.0, 2.5)
    made = ratios.cell_means(codes, CELLS, top, equal)
    spread = ratios.spread_within(codes, CELLS, made.influence, equal)
    for cell in range(CELLS):
        values = top[codes == cell]
        if cell in (EMPTY, WEIGHTLESS):
            assert np.isnan(spread[cell]).all()
            continue
        n = len(values)
        assert spread[cell] == pytest.approx(values.var(axis=0) / n / (2.5 * n), rel=CLOSE)


def test_spread_counts_rows_with_a_weight_only() -> None:
    made = ratios.cell_totals(codes, CELLS, top, weights)
    spread = ratios.spread_within(codes, CELLS, made.influence, weights)
    for cell in range(CELLS):
        rows = np.flatnonzero((codes == cell) & (weights != 0))
        if len(rows):
            wanted = sum(made.influence[row] ** 2 / weights[row] for row in rows) / len(rows)
            assert spread[cell] == pytest.approx(wanted, rel=CLOSE)
