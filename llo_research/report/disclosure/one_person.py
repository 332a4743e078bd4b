"""Sums that one person makes up: of values, of the weights behind an answer, and of what is left of a group.

A share of a group in which one person has most of the weight is his answer. What is left of a group beside parts of it
is held to the same rule: its sum is the sum of the group less those of the parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from llo_research.report.disclosure.tables import Rows, Tables, Values


def largest_part(tables: Tables, rows: Rows, amounts: np.ndarray) -> float:
    """The largest part that one person has of a sum of (m,) amounts; 0 of nothing."""
    total = float(np.abs(amounts).sum())
    return float(_by_person(tables, rows, amounts).max(initial=0.0)) / total if total > 0 else 0.0


def _by_person(tables: Tables, rows: Rows, amounts: np.ndarray) -> np.ndarray:
    """The size of what each person adds; a row of nobody that is known is a person."""
    if tables.persons is None:
        return np.asarray(np.abs(amounts))
    own = tables.persons[rows]
    _, at = np.unique(np.where(own < 0, -1 - rows, own), return_inverse=True)
    return np.asarray(np.abs(np.bincount(at.ravel(), weights=amounts)))


def made_by_one(tables: Tables, limit: float) -> Iterator[tuple[str, int, float]]:
    """(result, row, part) of numbers of which one person makes up more than a limit."""
    for one in tables.values:
        rows = tables.sets[one.set]
        part = max(largest_part(tables, rows, amounts) for amounts in one.sums().values())
        if part > limit:
            for row in one.used:
                yield one.result, row, part


class Left:
    """What one person makes up of what is left of groups.

    values : of the variable, by the set of their cell.
    """

    def __init__(self, tables: Tables, names: set[str], limit: float) -> None:
        self.tables, self.limit = tables, limit
        self.values: dict[int, list[Values]] = {}
        for one in tables.values:
            if one.variable in names:
                self.values.setdefault(one.set, []).append(one)
        self._known: dict[int, dict[tuple[str, str, str], tuple[np.ndarray, float]]] = {}

    def is_made_by_one(self, sides: tuple[Sequence[int], Sequence[int]]) -> bool:
        """Whether one person makes up most of some sum over the sets of one side less those of the other."""
        parts = np.concatenate([self.tables.sets[i] for i in sides[1]])
        every = [self._sums(one) for one in sides[0]]
        for kind in set(every[0]).intersection(*every[1:]):
            amounts = np.sum([one[kind][0] for one in every], axis=0)
            left = float(np.abs(amounts).sum()) - float(np.abs(amounts[parts]).sum())
            if max(one[kind][1] for one in every) <= self.limit * left:
                continue
            amounts[parts] = 0
            rows = np.flatnonzero(amounts)
            if largest_part(self.tables, rows, amounts[rows]) > self.limit:
                return True
        return False

    def _sums(self, number: int) -> dict[tuple[str, str, str], tuple[np.ndarray, float]]:
        """The amounts over all rows of the data, and the most of one person, of each kind of sum over a cell."""
        if number not in self._known:
            rows, out = self.tables.sets[number], dict[tuple[str, str, str], tuple[np.ndarray, float]]()
            for one in self.values.get(number, []):
                for kind, amounts in one.sums().items():
                    if (one.variable, one.level, kind) not in out:
                        every = np.zeros(self.tables.n)
                        every[rows] = amounts
                        most = float(_by_person(self.tables, rows, amounts).max(initial=0.0))
                        out[one.variable, one.level, kind] = (every, most)
            self._known[number] = out
        return self._known[number]
