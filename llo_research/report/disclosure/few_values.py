"""How many persons may have each value of a number of few values, by what a mean, its error and higher moments tell.

Of a number of three values n, the sum and the sum of squares are three equations in three counts; of five values mean,
error, variance and the error of that are. So the counts that fit what would leave, to the digits in which it would, are
looked for with an integer programme: where those of a rare value lie `width` persons apart at least, it may leave so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from llo_research.report.disclosure.digits import COARSE, COARSE_ERROR, ERROR, STEP, relative_step

FEW = 5  # values of a number whose counts may follow from its moments
WHOLE, ROUNDED, NO_ERROR, NOTHING = range(4)  # what may leave of a number
_NONE = 1e-12  # of a sum: rounding
_NODES = 200  # of a search, which then gives the best that it found: fewer persons apart, never more


@dataclass(frozen=True)
class Moments:
    """Up to which moment an estimate and its error tell; whether digits cannot be fewer, and a model explains it."""

    estimate: int
    error: int
    exact: bool = False
    modelled: bool = False


def all_alike(value: float, column: np.ndarray) -> bool:
    """Whether the one value of a group tells of each of them: not 0, and of a number of which others have several."""
    others = column[~np.isnan(column) & (column != value)]
    return bool(value) and len(others) > 0 and bool((others != others[0]).any())


def may_leave(
    values: tuple[float, ...], counts: tuple[int, ...], rare: tuple[int, ...], told: Moments, error: float, width: int
) -> int:
    """What may leave of a number: all, rounded, no error, or nothing.

    values, counts : how many rows have each value. rare : places of those that few persons have.
    error : the standard error of the number, by whose digits it is rounded; 0 where that is not known.
    """
    if len(values) == 2:
        return NOTHING
    size = relative_step(error, STEP), relative_step(error, 10.0 ** (1 - ERROR))
    coarse = relative_step(error, COARSE), relative_step(error, 10.0 ** (1 - COARSE_ERROR))
    tries = [(WHOLE, told.error, size), (ROUNDED, told.error, coarse), (NO_ERROR, told.estimate, coarse)]
    if told.exact:
        tries = [(NO_ERROR, told.estimate, coarse)]
    for state, moments, (of_mean, of_error) in tries:
        if state == NO_ERROR and moments > 1:  # a variance, to a part of its own error
            of_error = min(of_error, COARSE * float(np.sqrt(2 / sum(counts))))
        if all(_apart(values, counts, one, moments, of_mean, of_error) >= width for one in rare):
            return state
    return NOTHING


@lru_cache(maxsize=4096)
def _apart(
    values: tuple[float, ...], counts: tuple[int, ...], one: int, moments: int, of_mean: float, of_error: float
) -> float:
    """Between the least and the most rows with a value, of all that fit the moments."""
    count = np.array(counts, dtype=np.float64)
    each, n = np.array(values), count.sum()
    away = (each - each @ count / n) / np.ptp(each)
    powers = np.vstack([away**p for p in range(moments + 1)])
    slack = np.array([0.0, *(of_error * (np.abs(away) ** p @ count) for p in range(1, moments + 1))])
    slack[1] = 0.5 * of_mean * np.sqrt(away**2 @ count)  # half a step, of n times the error
    return between(powers, count, slack, one)


def between(sums: np.ndarray, counts: np.ndarray, slack: np.ndarray, one: int) -> float:
    """Between the least and the most of one count, of all whole ones that fit sums of them, to a slack (e,).

    sums : (e, k) what each of a kind adds to each sum, the first of which is their number. counts : (k,).
    """
    n, size = counts.sum(), np.abs(sums).max(axis=1)
    told, free = (sums @ counts) / size, slack / size + _NONE * n
    fits = LinearConstraint(sums / size[:, None], told - free, told + free)
    goal = np.zeros(len(counts))
    ends = []
    for sign in (1.0, -1.0):
        goal[one] = sign
        whole = np.ones(len(counts))
        found = milp(goal, constraints=fits, bounds=Bounds(0, n), integrality=whole, options={"node_limit": _NODES})
        ends.append(float(found.x[one]) if found.x is not None else float(counts[one]))
    return ends[1] - ends[0]
