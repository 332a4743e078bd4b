"""What follows about a number that was not told from those that were: the least and the most that it can be.

A reader knows that nobody is counted negatively, and rows of ``low <= members @ x <= high``. Of a target the ends of
``targets @ x`` over all such x in whole numbers follow by linear programmes (outer ends) and, where the best table of
these is not in whole numbers, by integer programmes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import optimize, sparse

from llo_research.errors import DataError

# The solver meets a row up to 1e-7 of it (HiGHS, default); ends are taken wider by ten times that.
_SLACK = 1e-6
_OPTIMAL, _LIMIT, _INFEASIBLE, _UNBOUNDED = 0, 1, 2, 3


@dataclass(frozen=True)
class Brackets:
    """Ends of targets.

    low, high : (t,) no table that fits what was told has a target below or above these.
    reached_low, reached_high : (t,) the least and the most in a table that was found; nan where none was.
    proven : (t,) bool: both ends are reached. Where not, time ran out: what a reader can know is between the two.
    """

    low: np.ndarray
    high: np.ndarray
    reached_low: np.ndarray
    reached_high: np.ndarray
    proven: np.ndarray


def brackets(
    members: sparse.csr_array,
    low: np.ndarray,
    high: np.ndarray,
    targets: sparse.csr_array,
    *,
    upper: np.ndarray | None = None,
    whole: bool = True,
    seconds: float = 10.0,
) -> Brackets:
    """The least and the most that each target can be.

    Parameters
    ----------
    members : (s, a) what is known: 0/1 for statements, any numbers for other relations (a share of an unknown total).
    low, high : (s,) between what each lies; the same twice for a number told exactly, -inf and inf for one not told.
    targets : (t, a).
    upper : (a,) the most persons in each class, where known.
    whole : persons; otherwise any numbers from 0 (sums of weights).
    seconds : for each integer programme.

    Raises
    ------
    DataError
        When no table fits what was told.
    """
    known, aims = sparse.csr_array(members, dtype=np.float64), sparse.csr_array(targets, dtype=np.float64)
    low, high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    limits = np.full(known.shape[1], np.inf) if upper is None else np.asarray(upper, dtype=np.float64)
    known, low, high = _telling(known, low, high)
    known, aims, limits = merged(known, aims, limits)
    found = np.zeros((4, aims.shape[0]))
    for rows, columns in components(known):
        part = sparse.csr_array(aims[:, columns])
        touched = np.flatnonzero(np.diff(part.indptr) > 0)
        inner = sparse.csr_array(known[rows][:, columns])
        system = _System(inner, low[rows], high[rows], limits[columns], whole, seconds)
        if len(touched):
            found[:, touched] += system.ends(sparse.csr_array(part[touched]))
        elif len(rows):
            system.check()
    proven = (found[0] == found[2]) & (found[1] == found[3])
    if not whole:
        proven = np.isfinite(found[2:]).all(axis=0) | proven
    return Brackets(found[0], found[1], found[2], found[3], proven)


def _telling(
    known: sparse.csr_array, low: np.ndarray, high: np.ndarray
) -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
    """Rows that say more than that nobody is counted negatively."""
    least = np.asarray(known.minimum(0).sum(axis=1)).ravel()
    says = (high < np.inf) | (low > np.where(least < 0, -np.inf, 0.0))
    return sparse.csr_array(known[says]), low[says], high[says]


def merged(
    known: sparse.csr_array, aims: sparse.csr_array, upper: np.ndarray
) -> tuple[sparse.csr_array, sparse.csr_array, np.ndarray]:
    """The same with classes that no row and no target tells apart as one."""
    both = sparse.csc_array(sparse.vstack([known, aims]))
    both.sort_indices()
    both.eliminate_zeros()
    place: dict[bytes, int] = {}
    ends = both.indptr.tolist()
    keys = [both.indices[i:j].astype(">i4").tobytes() + both.data[i:j].tobytes() for i, j in pairwise(ends)]
    codes = np.array([place.setdefault(key, len(place)) for key in keys], dtype=np.intp)
    first = np.zeros(len(place), dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    limits = np.zeros(len(place))
    np.add.at(limits, codes, upper)
    return sparse.csr_array(known[:, first]), sparse.csr_array(aims[:, first]), limits


def components(known: sparse.csr_array) -> list[tuple[np.ndarray, np.ndarray]]:
    """Parts of a system that share no class: their rows and columns. Rows without any class are a part of their own."""
    s, a = known.shape
    graph = sparse.block_array([[None, known != 0], [(known != 0).T, None]]) if known.nnz else None
    label = np.arange(s + a) if graph is None else sparse.csgraph.connected_components(graph, directed=False)[1]
    order = np.argsort(label, kind="stable")
    edges = np.flatnonzero(np.diff(label[order])) + 1
    parts = np.split(order, edges) if s + a else []
    return [(part[part < s], part[part >= s] - s) for part in parts]


class _System:
    """What is known of one part."""

    def __init__(
        self,
        known: sparse.csr_array,
        low: np.ndarray,
        high: np.ndarray,
        upper: np.ndarray,
        whole: bool,
        seconds: float,
    ) -> None:
        self.known, self.low, self.high, self.upper = known, low, high, upper
        self.whole, self.seconds = whole, seconds
        self._tables: list[np.ndarray] = []

    def check(self) -> None:
        """Raise where nothing fits."""
        if self.known.shape[1] == 0:
            if ((self.low > _SLACK) | (self.high < -_SLACK)).any():
                raise _contradiction()
            return
        self._solve(np.zeros(self.known.shape[1]), integer=False)

    def ends(self, aims: sparse.csr_array) -> np.ndarray:
        """(4, t) outer ends, and ends reached by a table."""
        if self.known.shape[0] == 0:
            return self._free(aims)
        found = np.array([self._between(aims[[i]].toarray().ravel()) for i in range(aims.shape[0])]).T
        seen = np.array([aims @ table for table in self._tables])
        if len(seen):
            found[2] = np.fmin(found[2], seen.min(axis=0))
            found[3] = np.fmax(found[3], seen.max(axis=0))
        return found

    def _free(self, aims: sparse.csr_array) -> np.ndarray:
        """The same of classes of which nothing is known but their limits."""
        dense = aims.toarray()
        with np.errstate(invalid="ignore"):
            most = np.where(dense == 0, 0.0, dense * self.upper)
        low, high = np.minimum(most, 0).sum(axis=1), np.maximum(most, 0).sum(axis=1)
        return np.array([low, high, low, high])

    def _between(self, aim: np.ndarray) -> tuple[float, float, float, float]:
        """The ends of one target."""
        low, reached_low = self._end(aim)
        high, reached_high = self._end(-aim)
        return low, -high, reached_low, -reached_high

    def _end(self, aim: np.ndarray) -> tuple[float, float]:
        """The least value of a target: an outer end, and the end that a table reaches."""
        value, table, _ = self._solve(aim, integer=False)
        if not self.whole or not np.isfinite(value):
            return value, value
        steps = bool((aim == np.round(aim)).all())
        outer = float(np.ceil(value - _SLACK * max(1.0, abs(value)))) if steps else value
        got = self._reached(aim, table)
        if got == outer:
            return outer, got
        bound, table, done = self._solve(aim, integer=True)
        got = float(np.fmin(got, self._reached(aim, table)))
        inner = float(np.ceil(bound - _SLACK * max(1.0, abs(bound)))) if steps else bound
        outer = max(outer, inner)
        return (got, got) if done and np.isfinite(got) and got - outer < _SLACK * max(1.0, abs(got)) else (outer, got)

    def _reached(self, aim: np.ndarray, table: np.ndarray | None) -> float:
        """The value of a target in a table, if that fits in whole numbers; nan otherwise."""
        if table is None:
            return np.nan
        x = np.round(table)
        told = self.known @ x
        slack = _SLACK * np.maximum(1.0, np.abs(told))
        fits = (told >= self.low - slack) & (told <= self.high + slack)
        if not fits.all() or (x < 0).any() or (x > self.upper).any():
            return np.nan
        self._tables.append(x)
        return float(aim @ x)

    def _solve(self, aim: np.ndarray, *, integer: bool) -> tuple[float, np.ndarray | None, bool]:
        """A bound on the least value, a table, and whether it is the best one."""
        options: dict[str, Any] = {"mip_rel_gap": 0.0, "time_limit": self.seconds} if integer else {}
        answer = optimize.milp(
            aim,
            integrality=np.full(len(aim), int(integer)),
            bounds=optimize.Bounds(0, self.upper),
            constraints=optimize.LinearConstraint(self.known, self.low, self.high),
            options=options,
        )
        if answer.status == _INFEASIBLE:
            raise _contradiction()
        if answer.status == _UNBOUNDED:
            return -np.inf, None, True
        if answer.status not in (_OPTIMAL, _LIMIT):  # without an end, or without any table: HiGHS did not tell which
            if aim.any():
                self._solve(np.zeros(len(aim)), integer=False)
            return -np.inf, None, False
        bound = answer.fun if answer.status == _OPTIMAL else answer.mip_dual_bound
        return float(-np.inf if bound is None else bound), answer.x, answer.status == _OPTIMAL


def _contradiction() -> DataError:
    """What was told cannot be true of any table."""
    return DataError(
        "No table fits the numbers that were told.",
        found="numbers that contradict each other",
        expected="numbers of the same people, rounded as said",
        todo="look whether all tables are of the same people, and how their numbers were rounded",
    )
