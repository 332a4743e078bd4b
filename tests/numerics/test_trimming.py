"""Proves that weights cut at bounds reach their totals also where hardly any such weights exist, and change least."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from llo_research.numerics.auxiliaries import Dense
from llo_research.numerics.calibration import solve, truncated
from llo_research.numerics.trimming import solve_cut

TOL, LOW = 1e-10, 0.5
SEEDS = (0, 7, 20, 26)


def _problem(seed: int) -> tuple[Dense, np.ndarray, np.ndarray, np.ndarray, float]:
    """Rows, weights, q, totals far from theirs, and the smallest upper bound (found by a linear programme)."""
    rng = np.random.default_rng(seed)
    n = 80
    level, one, other = rng.integers(0, 3, n), rng.integers(0, 2, n), rng.integers(0, 2, n)
    x = np.column_stack([level == 0, level == 1, level == 2, one, other, rng.normal(45, 12, n).round()]).astype(float)
    old, q = rng.gamma(4, 25, n) + 20, rng.uniform(0.5, 2, n)
    totals = (x * old[:, None]).sum(axis=0) * rng.uniform(0.75, 1.3, 6)
    totals[5] = totals[:3].sum() * 46
    found = optimize.linprog(
        np.append(np.zeros(n), 1.0),
        A_ub=np.hstack([np.eye(n), -np.ones((n, 1))]),
        b_ub=np.zeros(n),
        A_eq=np.hstack([(x * old[:, None]).T, np.zeros((6, 1))]) / totals[:, None],
        b_eq=np.ones(6),
        bounds=[(LOW, None)] * n + [(1.0, None)],
    )
    return Dense(x), old, q, totals, float(found.x[-1])


@pytest.mark.parametrize("beyond", [1e-6, 1e-4, 1e-2, 0.3])
@pytest.mark.parametrize("seed", SEEDS)
def test_totals_are_reached_a_little_inside_the_narrowest_bounds(seed: int, beyond: float) -> None:
    x, old, q, totals, upper = _problem(seed)
    distance = truncated(LOW, upper + beyond)
    made = solve_cut(x, old[:, None], q, totals, distance, tol=TOL, max_iter=200)
    g = made.g[:, 0]
    assert made.converged.all()
    assert x.x.T @ (old * g) == pytest.approx(totals, rel=1e-9)
    assert g.min() >= LOW and g.max() <= upper + beyond
    # What changes least: within the bounds g - 1 is q times a combination of the auxiliaries (Karush, Kuhn, Tucker).
    inside = (g > LOW) & (g < upper + beyond)
    change, columns = ((g - 1) / q)[inside], x.x[inside]
    fitted = columns @ np.linalg.lstsq(columns, change, rcond=None)[0]
    assert np.abs(fitted - change).max(initial=0.0) < 1e-6


def test_newton_alone_stalls_there() -> None:
    """Otherwise the test above would say nothing of the descent."""
    stalled = []
    for seed in SEEDS:
        x, old, q, totals, upper = _problem(seed)
        made = solve(x, old[:, None], q, totals, truncated(LOW, upper + 1e-6), tol=TOL, max_iter=200)
        stalled.append(not made.converged.all())
    assert any(stalled)


def test_totals_out_of_reach_are_not_reached() -> None:
    x, old, q, totals, upper = _problem(SEEDS[0])
    made = solve_cut(x, old[:, None], q, totals, truncated(LOW, upper - 1e-3), tol=TOL, max_iter=200)
    assert not made.converged.any()
