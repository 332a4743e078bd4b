"""Sums that one person makes up: of values, of the weights behind an answer, and of what is left of a group.

A share of a group in which one person has most of the weight is his answer. What is left of a group beside parts of it
is held to the same rule: its sum is the sum of the group less those of the parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

from llo_research.report.disclosure.tables import Rows, Tables, membership


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


Kind = tuple[str, str, str]  # variable, level, and what is added up


class Left:
    """What one person makes up of what is left of groups.

    tables : the sets. names : of one variable. cells : the sets that groups are made of. limit : of a part.
    """

    def __init__(self, tables: Tables, names: set[str], cells: Sequence[int], limit: float) -> None:
        self.tables, self.limit = tables, limit
        self._inside = membership(tables.n, [tables.sets[one] for one in cells])
        self._place = {one: i for i, one in enumerate(cells)}
        amounts: dict[Kind, dict[int, np.ndarray]] = {}
        for one in tables.values:
            if one.variable in names and one.set in self._place:
                for kind, own in one.sums().items():
                    amounts.setdefault((one.variable, one.level, kind), {}).setdefault(one.set, own)
        self._kinds = {kind: _Amounts(tables, own, self._inside) for kind, own in amounts.items()}

    def is_made_by_one(self, sides: tuple[Sequence[int], Sequence[int]]) -> bool:
        """Whether one person makes up most of some sum over the sets of one side less those of the other."""
        parts = [self._place[one] for one in sides[1]]
        for of in self._kinds.values():
            if not all(one in of.amounts for one in sides[0]):
                continue
            own = [of.place[one] for one in sides[0]]
            left = sum(of.total[one] for one in sides[0]) - float(of.shared[np.ix_(own, parts)].sum())
            if max(of.most[one] for one in sides[0]) > self.limit * left and self._alone(of, sides):
                return True
        return False

    def _alone(self, of: _Amounts, sides: tuple[Sequence[int], Sequence[int]]) -> bool:
        """The same of one kind of sums, person by person."""
        amounts = np.zeros(self.tables.n)
        for one in sides[0]:
            amounts[self.tables.sets[one]] += of.amounts[one]
        for one in sides[1]:
            amounts[self.tables.sets[one]] = 0
        rows = np.flatnonzero(amounts)
        return largest_part(self.tables, rows, amounts[rows]) > self.limit


class _Amounts:
    """The amounts of one kind of sums by cell, their total, the most of one person, and what other cells have of it."""

    def __init__(self, tables: Tables, amounts: dict[int, np.ndarray], inside: sparse.csr_array) -> None:
        self.amounts = amounts
        self.place = {one: i for i, one in enumerate(amounts)}
        self.total = {one: float(np.abs(own).sum()) for one, own in amounts.items()}
        self.most = {one: float(_by_person(tables, tables.sets[one], own).max()) for one, own in amounts.items()}
        sized = sparse.csc_array(membership(tables.n, [tables.sets[one] for one in amounts]))
        sized.data = np.abs(np.concatenate(list(amounts.values())))
        self.shared = np.asarray((sized.T @ inside).toarray())
