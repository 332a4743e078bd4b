"""Covariances of two answers add up over cells: that of everybody less those of some groups is that of the others.

Each tells how many persons gave both answers. So what is left of a cell beside the cells in it, of which the covariance
of the same two answers leaves, is held to what the covariance of a cell is held to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from llo_research.report.disclosure.bases import Bases, bases_of
from llo_research.report.disclosure.joint_answers import smallest_cells
from llo_research.report.disclosure.models import columns_of_model
from llo_research.report.disclosure.tables import Rows
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

_MOST = 300  # covariances of two variables that are laid beside each other
_CONTRAST: frozenset[str] = frozenset()  # of estimates that no row is of alone


@dataclass(frozen=True, eq=False)
class _Pair:
    """A covariance of two answers of the same persons: of which result and estimates, and who gave which."""

    name: str
    place: tuple[int, int]
    cell: Rows
    yes: tuple[Rows, Rows]

    def holds(self, other: _Pair) -> bool:
        """Whether another one is of the same answers of a part of these persons."""
        if len(other.cell) >= len(self.cell) or not np.isin(other.cell, self.cell, assume_unique=True).all():
            return False
        own = [np.intersect1d(gave, other.cell, assume_unique=True) for gave in self.yes]
        orders = (other.yes, other.yes[::-1])
        return any(all(np.array_equal(*both) for both in zip(own, order, strict=True)) for order in orders)

    def fewest(self, rows: Rows, numbers: np.ndarray) -> int:
        """The fewest persons of some of them with both answers, one or neither."""
        one, two = (np.isin(rows, gave, assume_unique=True) for gave in self.yes)
        cells = (one & two, one & ~two, ~one & two, ~one & ~two)
        return min(len(np.unique(numbers[rows[cell]])) for cell in cells)


def told_by_adding(results: Mapping[str, Result], rules: Mapping[str, Rules]) -> dict[str, tuple[Bases, np.ndarray]]:
    """By result what its rows rest on, and (b, b) pairs of these whose covariance beside others tells of a few."""
    known = {name: bases for name, result in results.items() if (bases := _bases(result)) is not None}
    out = {name: (bases, np.zeros((len(bases.cells),) * 2, dtype=bool)) for name, bases in known.items()}
    told: dict[tuple[int, frozenset[str]], list[_Pair]] = {}
    for name, bases in known.items():
        for key, pair in _pairs(name, bases, smallest_cells(bases, rules[name])[0]):
            told.setdefault((len(bases.numbers), key), []).append(pair)
    for (n, key), several in told.items():
        for one in (*several, *(told.get((n, _CONTRAST), ()) if key else ())) if len(several) <= _MOST else ():
            held, numbers = rules[one.name], known[one.name].numbers
            least = max(held.units, held.complement)
            if any(len(rest) and one.fewest(rest, numbers) < least for rest in _rests(one, several)):
                i, j = one.place
                out[one.name][1][[i, j], [j, i]] = True
    return {name: made for name, made in out.items() if made[1].any()}


def _bases(result: Result) -> Bases | None:
    """What the rows of a result rest on, where answers to two questions may be among it."""
    own = next((one for one in (result, *result.draws[:1]) if one.scores is not None and one.design is not None), None)
    if own is None or columns_of_model(own) is not None:
        return None
    bases = bases_of(own)
    names = [one for one, answered in zip(bases.one, bases.answered, strict=True) if answered]
    return bases if len(set(names)) > 1 or names.count("") > 1 else None


def _pairs(name: str, bases: Bases, few: np.ndarray) -> Iterator[tuple[frozenset[str], _Pair]]:
    """The covariances of answers to two questions by the same persons that leave, by the two variables."""
    of: dict[bytes, list[int]] = {}
    for i in map(int, np.flatnonzero(bases.answered)):
        of.setdefault(np.asarray(bases.cells[i]).tobytes(), []).append(i)
    for members in of.values():
        for i, j in combinations(sorted(members, key=lambda at: bases.one[at]), 2):
            names = frozenset((bases.one[i], bases.one[j]))
            if not few[i, j] and (len(names) > 1 or names == {""}):
                gave = np.asarray(bases.yes[i]), np.asarray(bases.yes[j])
                key = _CONTRAST if "" in names else names
                yield key, _Pair(name, (i, j), np.asarray(bases.cells[i]), gave)


def _rests(one: _Pair, several: Sequence[_Pair]) -> Iterator[Rows]:
    """The persons of a covariance less those of each other one in it, and of as many as have nobody in common."""
    left: dict[str, Rows] = {}
    for other in several:
        if other is one or not one.holds(other):
            continue
        yield np.setdiff1d(one.cell, other.cell, assume_unique=True)
        rest = left.get(other.name, one.cell)
        if np.isin(other.cell, rest, assume_unique=True).all():
            left[other.name] = np.setdiff1d(rest, other.cell, assume_unique=True)
    yield from left.values()
