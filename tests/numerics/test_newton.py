"""Proves how Newton's method of calibration ends: further than asked, no set moved by another, in any unit."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics.auxiliaries import Dense
from llo_research.numerics.calibration import linear, logit, raking, solve, truncated

DISTANCES = {"linear": linear(), "raking": raking(), "logit": logit(0.3, 3.0), "truncated": truncated(0.3, 3.0)}
RNG = np.random.default_rng(3)
C = 40
X = np.column_stack([np.ones(C), RNG.integers(0, 2, C), RNG.normal(3, 1, C)])
OLD, SCALE = RNG.gamma(4, 25, C), RNG.uniform(0.5, 2, C)
TOTALS = X.T @ (OLD * RNG.uniform(0.7, 1.6, C))


@pytest.mark.parametrize("tol", [1e-1, 1e-2, 1e-3, 1e-5, 1e-8])
@pytest.mark.parametrize("name", ["raking", "logit"])
def test_steps_go_on_to_a_thousandth_of_the_tolerance(name: str, tol: float) -> None:
    made = solve(Dense(X), OLD[:, None], SCALE, TOTALS, DISTANCES[name], tol=tol, max_iter=100)
    assert made.converged.all()
    assert np.abs(X.T @ (OLD * made.g[:, 0]) / TOTALS - 1).max() <= 1e-3 * tol + 1e-13


@pytest.mark.parametrize("name", ["raking", "logit"])
def test_a_set_that_has_arrived_stays_while_others_go_on(name: str) -> None:
    """Replicates do not move each other: with a coarse tolerance one more step would be seen."""
    goals = np.column_stack([X.T @ OLD * [1.0, 1.01, 1.01], TOTALS, X.T @ OLD * [1.0, 1.3, 1.2]])
    sets = np.repeat(OLD[:, None], 3, axis=1)
    together = solve(Dense(X), sets, SCALE, goals, DISTANCES[name], tol=1e-2, max_iter=100)
    steps = []
    for r in range(3):
        alone = solve(Dense(X), OLD[:, None], SCALE, goals[:, r], DISTANCES[name], tol=1e-2, max_iter=100)
        steps.append(alone.iterations)
        assert together.g[:, r] == pytest.approx(alone.g[:, 0], rel=1e-13)
    assert together.iterations == max(steps) > min(steps)


@pytest.mark.parametrize("name", ["raking", "logit"])
def test_few_steps_are_enough(name: str) -> None:
    """Each step squares the miss, once it is small; slopes at another place would take dozens."""
    scale = np.exp(RNG.normal(0, 1, C))
    made = solve(Dense(X), OLD[:, None], scale, TOTALS, DISTANCES[name], tol=1e-10, max_iter=50)
    assert made.converged.all() and made.iterations <= 7


@pytest.mark.parametrize("units", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("name", DISTANCES)
def test_no_unit_of_measurement_decides(name: str, units: float) -> None:
    """Also where a set beside it has no solution, so that each is solved by itself."""
    lacking = np.where(X[:, 1] == 1, 0.0, OLD)
    sets, turned = np.column_stack([lacking, OLD]), X * [1, units, units]
    plain = solve(Dense(X), OLD[:, None], SCALE, TOTALS, DISTANCES[name], tol=1e-10, max_iter=50)
    made = solve(Dense(turned), sets, SCALE, TOTALS * [1, units, units], DISTANCES[name], tol=1e-10, max_iter=50)
    assert made.converged.tolist() == [False, True]
    assert made.g[:, 1] == pytest.approx(plain.g[:, 0], rel=1e-9)


def test_nothing_that_must_be_nothing_is_met() -> None:
    """A column in which no weight is, with a total of 0."""
    lacking = np.where(X[:, 1] == 1, 0.0, OLD)
    made = solve(Dense(X), lacking[:, None], SCALE, X.T @ lacking, raking(), tol=1e-10, max_iter=50)
    assert made.converged.all() and made.iterations == 0 and (made.g == 1).all()
