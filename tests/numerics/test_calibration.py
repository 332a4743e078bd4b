"""Proves calibration by cells: closed forms, iterative proportional fitting, a general solver, and every law it has."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from llo_research.errors import DataError
from llo_research.numerics.auxiliaries import Dense
from llo_research.numerics.calibration import (
    BY_NAME,
    Distance,
    Solution,
    linear,
    logit,
    raking,
    solve,
    truncated,
)

BOUNDS = (0.4, 2.5)
DISTANCES = {"linear": linear(), "raking": raking(), "logit": logit(*BOUNDS), "truncated": truncated(*BOUNDS)}
TOL = 1e-12
CLOSE = 1e-9  # relative; Newton stops at 1e-13 of the totals, and the weights are as many digits from them
# Central differences of step 1e-6 lose ten digits to rounding and gain twelve.
NUMERICAL = 1e-8


def _problem(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Auxiliaries (C x p), weights, q, and totals some 20 % from what the weights give."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(40), rng.integers(0, 2, 40), rng.normal(3, 1, 40)])
    old, scale = rng.gamma(4, 25, 40), rng.uniform(0.5, 2, 40)
    return x, old, scale, x.T @ (old * rng.uniform(0.7, 1.6, 40))


def _solved(distance: Distance, totals: np.ndarray, *, seed: int = 1, **more: float) -> Solution:
    x, old, scale, _ = _problem(seed)
    return solve(Dense(x), old[:, None], scale, totals, distance, tol=TOL, max_iter=int(more.get("max_iter", 100)))


@pytest.mark.parametrize("name", DISTANCES)
def test_distances_pass_through_one_with_slope_one_and_rise(name: str) -> None:
    distance, u = DISTANCES[name], np.linspace(-3, 3, 61)
    assert distance.g(np.zeros(2)).tolist() == [1.0, 1.0]
    assert distance.derivative(np.zeros(2)) == pytest.approx([1.0, 1.0], rel=1e-14)
    assert (np.diff(distance.g(u)) >= 0).all()
    smooth = u[np.abs(distance.g(u + 1e-3) + distance.g(u - 1e-3) - 2 * distance.g(u)) < 1e-4]  # away from kinks
    numerical = (distance.g(smooth + 1e-6) - distance.g(smooth - 1e-6)) / 2e-6
    assert len(smooth) > 50
    assert distance.derivative(smooth) == pytest.approx(numerical, rel=NUMERICAL, abs=NUMERICAL)


def test_bounded_distances_keep_their_bounds() -> None:
    far = np.array([-1e4, -50.0, 50.0, 1e4])
    for name in ("logit", "truncated"):
        values = DISTANCES[name].g(far)
        assert values == pytest.approx([BOUNDS[0]] * 2 + [BOUNDS[1]] * 2, rel=1e-12)
        assert DISTANCES[name].derivative(far) == pytest.approx(0, abs=1e-12)
    # At the bound itself a weight moves no more.
    assert truncated(0.5, 2.0).derivative(np.array([-0.5, -0.25, 0.5, 1.0])).tolist() == [0, 1, 1, 0]


def test_logit_is_the_formula_of_deville_and_sarndal() -> None:
    """F(u) = (L(U - 1) + U(1 - L) exp(A u)) / (U - 1 + (1 - L) exp(A u)), A = (U - L) / ((1 - L)(U - 1)); eq. 2.10."""
    low, high = BOUNDS
    u = np.linspace(-4, 4, 33)
    grown = np.exp((high - low) / ((1 - low) * (high - 1)) * u)
    wanted = (low * (high - 1) + high * (1 - low) * grown) / (high - 1 + (1 - low) * grown)
    assert DISTANCES["logit"].g(u) == pytest.approx(wanted, rel=1e-13)


@pytest.mark.parametrize("name", DISTANCES)
def test_a_distance_comes_back_from_its_name_and_bounds(name: str) -> None:
    distance = DISTANCES[name]
    again = Distance.unpacked(distance.packed())
    u = np.linspace(-3, 3, 31)
    assert name in BY_NAME and (again.name, again.bounds, again.own) == (name, distance.bounds, False)
    assert (again.g(u) == distance.g(u)).all() and (again.derivative(u) == distance.derivative(u)).all()
    with pytest.raises(DataError, match="cannot be saved"):
        Distance(np.exp, np.exp).packed()


def test_linear_is_the_regression_estimator() -> None:
    """g = 1 + q x' (sum d q x x')^-1 (t - sum d x)."""
    x, old, scale, totals = _problem()
    lam = np.linalg.solve((x * (old * scale)[:, None]).T @ x, totals - x.T @ old)
    made = _solved(DISTANCES["linear"], totals)
    assert made.g[:, 0] == pytest.approx(1 + scale * (x @ lam), rel=CLOSE)
    assert made.iterations == 1 and made.converged.tolist() == [True]


@pytest.mark.parametrize("name", DISTANCES)
@pytest.mark.parametrize("seed", range(3))
def test_totals_are_reached_by_weights_of_the_form_of_their_distance(name: str, seed: int) -> None:
    x, old, scale, totals = _problem(seed)
    made = _solved(DISTANCES[name], totals, seed=seed)
    assert made.converged.all() and made.g.shape == (40, 1)
    assert x.T @ (old * made.g[:, 0]) == pytest.approx(totals, rel=CLOSE)
    assert made.reached[:, 0] == pytest.approx(totals, rel=CLOSE)
    answer = optimize.root(
        lambda lam: x.T @ (old * DISTANCES[name].g(scale * (x @ lam))) / totals - 1,
        np.zeros(3),
        tol=1e-13,
    )
    assert np.abs(answer.fun).max() < 1e-9
    assert made.g[:, 0] == pytest.approx(DISTANCES[name].g(scale * (x @ answer.x)), rel=1e-7)


def test_raking_is_iterative_proportional_fitting() -> None:
    rng = np.random.default_rng(2)
    table = rng.uniform(5, 50, (3, 4))
    rows, columns = np.array([60.0, 90, 150]), np.array([40.0, 60, 120, 80])
    fitted = table.copy()
    for _ in range(500):
        fitted *= (rows / fitted.sum(axis=1))[:, None]
        fitted *= columns / fitted.sum(axis=0)
    i, j = np.indices(table.shape).reshape(2, -1)
    x = np.hstack([np.eye(3)[i], np.eye(4)[j][:, 1:]])
    made = solve(
        Dense(x), table.reshape(-1, 1), np.ones(12), np.append(rows, columns[1:]), raking(), tol=TOL, max_iter=50
    )
    assert (table * made.g.reshape(3, 4)) == pytest.approx(fitted, rel=CLOSE)


@pytest.mark.parametrize("name", DISTANCES)
def test_several_sets_of_weights_are_each_by_itself(name: str) -> None:
    """Also where they need different numbers of steps, and where one cannot reach its totals."""
    x, old, scale, totals = _problem()
    rng = np.random.default_rng(4)
    sets = old[:, None] * np.column_stack([np.ones(40), rng.uniform(0.7, 1.3, (40, 3)), np.full(40, 1.1)])
    goals = np.column_stack([x.T @ sets[:, 0], totals, totals * 1.05, totals * [1, 1, 1e3], x.T @ sets[:, 4]])
    together = solve(Dense(x), sets, scale, goals, DISTANCES[name], tol=1e-10, max_iter=100)
    alone = [
        solve(Dense(x), sets[:, [r]], scale, goals[:, r], DISTANCES[name], tol=1e-10, max_iter=100) for r in range(5)
    ]
    assert together.converged.tolist() == [one.converged[0] for one in alone]
    assert together.converged.tolist() == [True, True, True, name == "linear", True]
    for r in (0, 1, 2, 4):
        assert together.g[:, r] == pytest.approx(alone[r].g[:, 0], rel=1e-7)
        assert together.reached[:, r] == pytest.approx(x.T @ (sets[:, r] * together.g[:, r]), rel=CLOSE)
    assert (together.g[:, [0, 4]] == 1.0).all()


def test_totals_that_are_met_need_no_step() -> None:
    x, old, _, _ = _problem()
    made = _solved(raking(), x.T @ old)
    assert made.iterations == 0 and (made.g == 1).all() and made.converged.all()


def test_too_few_steps_are_said() -> None:
    _, _, _, totals = _problem()
    made = _solved(raking(), totals, max_iter=1)
    assert made.iterations == 1 and not made.converged.any()


def test_a_total_of_zero_is_met_on_the_scale_of_its_column() -> None:
    x, old, scale, _ = _problem()
    x = x - [0, 0, np.average(x[:, 2], weights=old) + 0.3]
    goal = np.append(x.T[:2] @ old, 0.0)
    made = solve(Dense(x), old[:, None], scale, goal, raking(), tol=1e-10, max_iter=50)
    assert made.converged.all()
    assert abs(x[:, 2] @ (old * made.g[:, 0])) <= 1e-10 * 1e-3 * (np.abs(x[:, 2]) @ old)


def test_far_totals_are_reached_by_shorter_steps() -> None:
    """A whole Newton step from here overflows."""
    x = np.column_stack([np.ones(30), np.linspace(0, 1, 30)])
    old = np.full((30, 1), 10.0)
    goal = np.array([3e5, 2.97e5])
    made = solve(Dense(x), old, np.ones(30), goal, raking(), tol=1e-10, max_iter=200)
    assert made.converged.all() and x.T @ (old * made.g)[:, 0] == pytest.approx(goal, rel=1e-9)


def test_a_singular_set_leaves_the_others_alone() -> None:
    """A set whose weights are 0 where a column is not has no solution; the rest have theirs."""
    x, old, scale, totals = _problem()
    lacking = np.where(x[:, 1] == 1, 0.0, old)
    sets = np.column_stack([lacking, old])
    made = solve(Dense(x), sets, scale, totals, linear(), tol=1e-10, max_iter=50)
    alone = solve(Dense(x), old[:, None], scale, totals, linear(), tol=1e-10, max_iter=50)
    assert made.converged.tolist() == [False, True]
    assert made.g[:, 1] == pytest.approx(alone.g[:, 0], rel=CLOSE)
