"""Classes of persons behind numbers that add up: those that somebody is in, and those that somebody could be in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from scipy import sparse

from llo_research.numerics.statements import Statements, of_membership
from llo_research.report.disclosure.rules import Rest
from llo_research.report.disclosure.tables import Key, Rows, Tables, cell, membership

_MOST_WORLDS = 5000  # combinations of cells and answers that are laid out for classes that nobody is in
_NO = "\0no"  # the other answer, which is no level


def statements_of(
    tables: Tables, by_key: Mapping[Key, Sequence[int]], known: Sequence[Rows], others: Sequence[Rest]
) -> Statements:
    """Classes of rows that are in the same sets; and classes that nobody is in, as far as a reader can tell.

    A reader does not know that nobody in a cell gave an answer: the class is there, and empty.
    """
    real = membership(tables.n, [*(tables.sets[one[0]] for one in by_key), *known])
    both = sparse.csr_array(sparse.vstack([real, _worlds(tables, real, by_key)]))
    statements = of_membership(both, counted=np.arange(both.shape[0]) < tables.n)
    place = {one: i for i, one in enumerate(by_key)}
    plus, minus = (
        [[place[one] for one in side] for side in sides]
        for sides in ([rest.of for rest in others], [rest.without for rest in others])
    )
    if not others:
        return statements
    rest = sparse.csr_array(_summed(statements.members, plus) - _summed(statements.members, minus))
    rest.eliminate_zeros()
    # a class that nobody is in, and that a difference would count twice or less than not at all, cannot be
    odd = np.unique(rest.indices[rest.data != 1])
    kept = np.setdiff1d(np.arange(rest.shape[1]), odd[statements.people[odd] == 0])
    assert statements.ties is not None
    possible = Statements(statements.members[:, kept], statements.people[kept], statements.ties[:, kept])
    return possible.beside(sparse.csr_array(rest[:, kept]))


def _summed(members: sparse.csr_array, sides: Sequence[Sequence[int]]) -> sparse.csr_array:
    """(r, a) how often each class is in some statements."""
    picks = np.repeat(np.arange(len(sides)), [len(side) for side in sides])
    at = (picks, np.array([i for side in sides for i in side], dtype=np.intp))
    return sparse.csr_array((np.ones(len(picks)), at), shape=(len(sides), members.shape[0])) @ members


def _worlds(tables: Tables, real: sparse.csr_array, by_key: Mapping[Key, Sequence[int]]) -> sparse.csr_array:
    """(e, s) the classes that persons of each combination of cells would be in, with each combination of answers."""
    place = {one: i for i, one in enumerate(by_key)}
    yes_or_no = {tables.claims[i].key: tables.claims[i].yes_or_no for some in by_key.values() for i in some}
    given = {i: one for one, i in place.items() if cell(one[1]) in place}
    asked: dict[str, set[str]] = {}
    for key in given.values():
        for name, level in key[2]:
            asked.setdefault(name, set()).update([level, _NO] if yes_or_no.get(key) else [level])
    worlds = [dict(zip(asked, levels, strict=True)) for levels in product(*(sorted(v) for v in asked.values()))]
    cells = {one[0]: i for one, i in place.items() if i not in given}
    columns = np.fromiter(cells.values(), dtype=np.intp)
    patterns = of_membership(sparse.csr_array(real[:, columns])).members.T.toarray() > 0
    if not given or len(worlds) * len(patterns) > _MOST_WORLDS:
        return sparse.csr_array((0, real.shape[1]))
    base = np.zeros((len(patterns), real.shape[1]), dtype=bool)
    base[:, columns] = patterns
    moving = _Moving(tables, cells, set(asked))
    out = []
    for world in worlds:
        there = moving.to(world, base)
        within = there.copy()
        for i, (_, of, answer) in given.items():
            if all(world.get(name) == level for name, level in answer):
                there[:, i] = within[:, place[cell(of)]]
        out.append(there)
    return sparse.csr_array(np.unique(np.vstack(out), axis=0).astype(np.float64))


class _Moving:
    """Cells that are made by answers: who gives another one is in another cell of the same tables."""

    def __init__(self, tables: Tables, cells: Mapping[int, int], asked: set[str]) -> None:
        self.where = {i: tables.where.get(number, {}) for number, i in cells.items()}
        self.asked = {i: {n: v for n, v in own.items() if n in asked} for i, own in self.where.items()}
        own = {i for i, names in self.asked.items() if names}
        self.tables = [[cells[one] for one in members if cells.get(one) in own] for _, members in tables.tables]
        self.tables = [[i] for i in own if not any(i in some for some in self.tables)] + [t for t in self.tables if t]

    def to(self, world: Mapping[str, str], base: np.ndarray) -> np.ndarray:
        """(p, s) the cells of persons with these answers, who are in the tables that they are in."""
        out = base.copy()
        for members in self.tables:
            out[:, members] = False
        for members in self.tables:
            for i in members:
                if all(world[name] == level for name, level in self.asked[i].items()):
                    alike = [j for j in members if self._rest(j) == self._rest(i)]
                    out[:, i] |= base[:, alike].any(axis=1)
        return out

    def _rest(self, i: int) -> dict[str, str]:
        """The levels of a cell that are no answers here."""
        return {name: level for name, level in self.where[i].items() if name not in self.asked[i]}
