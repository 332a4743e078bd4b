"""Moves of persons between classes that change one statement and leave others as they are: the cheapest, and known.

A move in whole numbers is a proof: the table after it is one that a reader cannot tell from the true one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

_WHOLE = 1e-6  # HiGHS meets a row up to 1e-7 of it; a move this near to whole numbers is rounded and checked exactly
_NODES = 5000  # of an integer programme: a number of steps, not seconds, so that the answer is the same on any machine
# Of moves at one price that of fewest persons, of the median price each: it is in whole numbers more often.
_PER_PERSON = 1e-3
_FEW = 150  # classes of a kind that are tried first beside those of the linear programme
_NEAR = 0.5  # a move in whole numbers need not be the cheapest


@dataclass(frozen=True)
class Need:
    """That a statement can be so many persons more (`sign` 1) or fewer (-1)."""

    statement: int
    sign: int
    persons: int


@dataclass(frozen=True, eq=False)
class Move:
    """Persons more or fewer.

    classes : (a,) in each class. statements : (s,) in each statement.
    """

    classes: np.ndarray
    statements: np.ndarray


@dataclass(frozen=True, eq=False)
class Table:
    """Persons in classes, and what is told of them.

    members : (s, a) sparse 0/1. ties : (r, a) sparse, combinations of classes that are 0. people : (a,).
    """

    members: sparse.csr_array
    ties: sparse.csr_array
    people: np.ndarray

    def known_move(self, need: Need, moves: Iterable[Move], free: np.ndarray) -> Move | None:
        """One of these moves, or its reverse, that meets a need and changes none but the `free` statements."""
        for move in moves:
            change = need.sign * int(move.statements[need.statement])
            way = 1 if change > 0 else -1
            if way * change < need.persons or move.statements[~free].any():
                continue
            if (self.people + way * move.classes >= 0).all():
                return Move(way * move.classes, way * move.statements)
        return None

    def free_move(self, need: Need, free: np.ndarray) -> Move | None:
        """A move between classes that are in the same statements but for `free` ones; None where that does not do."""
        alike = self._alike(free)
        inside = np.zeros(len(self.people), dtype=bool)
        inside[self.members[[need.statement]].indices] = True
        from_, to = (~inside, inside) if need.sign > 0 else (inside, ~inside)
        # of each kind of classes all who can go, and the first class that they can go to
        kinds, first = np.unique(alike[to], return_index=True)
        goal = np.flatnonzero(to)[first]
        going = np.flatnonzero(from_ & (self.people > 0) & np.isin(alike, kinds))
        before = np.cumsum(self.people[going]) - self.people[going]
        number = np.clip(need.persons - before, 0, self.people[going]).astype(np.int64)
        if number.sum() < need.persons:
            return None
        found = np.zeros(len(self.people))
        found[going] -= number
        np.add.at(found, goal[np.searchsorted(kinds, alike[going])], number)
        return self._checked(need, free, found)

    def _alike(self, free: np.ndarray) -> np.ndarray:
        """(a,) a number for the statements and ties that a class is in, but for `free` ones."""
        told = sparse.csr_array(sparse.vstack([self.members[np.flatnonzero(~free)], self.ties]), dtype=np.int64)
        marks = np.random.default_rng(told.shape[0]).integers(-(2**62), 2**62, told.shape[0])
        return np.asarray(told.T @ marks)

    def cheapest_move(self, need: Need, free: np.ndarray, price: np.ndarray) -> Move | None:
        """The move that meets a need at the lowest sum of prices times changes; None where none was found.

        Parameters
        ----------
        free : (s,) bool; other statements stay as they are.
        price : (s,) of a change by one person in each free statement; 0 for nothing.
        """
        found = self._solve(need, free, price, whole=False)
        if found is None or (move := self._checked(need, free, found)):
            return None if found is None else move
        # in whole numbers among what the linear programme changes; among all only where that does not do
        changed = np.abs(self.members @ found) > _WHOLE
        within = free & (changed | (price == 0))
        every = np.ones(len(self.people), dtype=bool)
        for own, prices, classes in (
            (within, 0 * price, self._some(found)),
            (within, 0 * price, every),
            (free, price, every),
        ):
            found = self._solve(need, own, prices, whole=True, classes=classes)
            if found is not None and (move := self._checked(need, free, found)):
                return move
        return None

    def _some(self, found: np.ndarray) -> np.ndarray:
        """(a,) bool: the classes that a move changes, and a few of the others with and without people."""
        out = found != 0
        for others in (np.flatnonzero(~out & (self.people > 0)), np.flatnonzero(~out & (self.people == 0))):
            if len(others):
                out[others[np.linspace(0, len(others) - 1, _FEW).astype(np.intp)]] = True
        return np.asarray(out)

    def _solve(
        self, need: Need, free: np.ndarray, price: np.ndarray, *, whole: bool, classes: np.ndarray | None = None
    ) -> np.ndarray | None:
        """(a,) persons more or fewer at the lowest price, in whole numbers or in any; None where there is none."""
        rigid, costly = np.flatnonzero(~free), np.flatnonzero(free & (price > 0))
        stiff = sparse.csr_array(sparse.vstack([self.members[rigid], self.ties]))
        movable = np.ones(len(self.people), dtype=bool) if classes is None else classes.copy()
        movable[stiff.indices[stiff.indptr[:-1][np.diff(stiff.indptr) == 1]]] = False
        if not len(where := np.flatnonzero(movable)):
            return None
        soft, aim = self.members[costly][:, where], need.sign * self.members[[need.statement]][:, where]
        stiff = sparse.csr_array(stiff[:, where])
        stiff = stiff[np.flatnonzero(np.diff(stiff.indptr))]
        # persons more and fewer by class, then how much more and less each statement with a price is
        eye = sparse.identity(len(costly), format="csr")
        rows = sparse.block_array([[stiff, -stiff, None], [soft, -soft, sparse.hstack([-eye, eye])], [aim, -aim, None]])
        a, levels = len(where), stiff.shape[0] + len(costly)
        top = np.concatenate([np.full(a, np.inf), self.people[where], np.full(2 * len(costly), np.inf)])
        each = 0.0 if whole else _PER_PERSON * float(np.median(price[costly])) if len(costly) else 1.0
        answer = optimize.milp(
            np.concatenate([np.full(2 * a, each), price[costly], price[costly]]),
            integrality=np.concatenate([np.full(2 * a, int(whole)), np.zeros(2 * len(costly))]),
            bounds=optimize.Bounds(0, top),
            constraints=optimize.LinearConstraint(
                sparse.csr_array(rows), np.append(np.zeros(levels), need.persons), np.append(np.zeros(levels), np.inf)
            ),
            options={"node_limit": _NODES, "mip_rel_gap": _NEAR} if whole else {},
        )
        if answer.x is None:
            return None
        out = np.zeros(len(self.people))
        out[where] = answer.x[:a] - answer.x[a : 2 * a]
        return out

    def _checked(self, need: Need, free: np.ndarray, found: np.ndarray) -> Move | None:
        """A move in whole numbers that does what it must, exactly; None where it does not."""
        classes = np.round(found).astype(np.int64)
        change = np.asarray(self.members @ classes).astype(np.int64)
        whole = (np.abs(found - classes) < _WHOLE).all() and (self.people + classes >= 0).all()
        left = not change[~free].any() and not (self.ties @ classes).any()
        return Move(classes, change) if whole and left and need.sign * change[need.statement] >= need.persons else None
