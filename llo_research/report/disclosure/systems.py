"""Sets of persons as systems of sums, and what else must be hidden so that what may not be told stays unknown.

Two kinds of systems: the cells of all variables, whose numbers of persons add up; and for each variable its cells and
answers, whose sums of values do. Rows are added up, since weighted sums are sums over rows; where a person has several,
a hidden number must be able to be more and less by as many rows as `width` persons may have in such a cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from scipy import sparse

from llo_research.errors import DisclosureError
from llo_research.numerics.statements import Statements, of_membership
from llo_research.numerics.suppression import secondary
from llo_research.report.disclosure.families import families
from llo_research.report.disclosure.rules import Rest, Unsafe
from llo_research.report.disclosure.tables import Key, Rows, Tables, cell, membership

TWO_BY_TWO = (
    "the tables are too many for all of them to be looked at together: what they tell was looked at two by two, of "
    "tables of which one refines the other"
)
_MOST_WORLDS = 5000  # combinations of cells and answers that are laid out for classes that nobody is in
_NO = "\0no"  # the other answer, which is no level
_HIDDEN_ALREADY = 1e-3  # cost of hiding what is hidden anyway


@dataclass(eq=False)
class System:
    """Statements that add up.

    label : the variable, or none for the cells of all. sets : of which sets of persons they are, -1 for one that nobody
    tells. claims : which claims each stands for. unsafe, hidden : (s,) bool.
    """

    label: str
    statements: Statements
    sets: np.ndarray
    claims: list[list[int]]
    unsafe: np.ndarray
    hidden: np.ndarray


@dataclass(eq=False)
class Hiding:
    """What is hidden so far of the claims of one survey.

    hidden : (c,) bool. costs : (c,) what hiding each takes from a reader. fixed : (c,) bool, what left before.
    told : what cannot be mended, in words. routed : cells that are hidden as they are who gave a hidden answer.
    """

    tables: Tables
    unsafe: Unsafe
    hidden: np.ndarray
    costs: np.ndarray
    fixed: np.ndarray
    systems: list[System] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    routed: set[int] = field(default_factory=set)

    def protect(self, width: int) -> None:
        """Hide what would give away what may not be told, in all systems.

        A cell of one variable that is nearly the same as a hidden one of another, but for fewer than `width` persons
        without an answer, tells the hidden number nearly.
        """
        self._all_systems()
        while True:
            routed = self._routed(width)
            self.routed |= {self.tables.claims[i].set for i in routed}
            near = sorted({*self._same_persons(), *self._nearly_hidden(width), *routed})
            if not near:
                return
            for i in near:
                self.unsafe.add(int(i), 1)
            self.hidden[near] = True
            self._all_systems()

    def _all_systems(self) -> None:
        """All systems, once."""
        claims = self.tables.claims
        self.systems = []
        cells = {claim.set for claim in claims if claim.of < 0}
        every = [i for i, claim in enumerate(claims) if claim.set in cells]
        wide = {i: width for i, width in self.unsafe.claims.items() if width}
        self._by_family("", every, wide, [rest for rest in self.unsafe.others if not rest.variables])
        for name in sorted({name for claim in claims for name in claim.variables}):
            own = [i for i, claim in enumerate(claims) if name in claim.variables]
            others = [rest for rest in self.unsafe.others if name in rest.variables]
            self._by_family(name, own, {**self.unsafe.values, **wide}, others)

    def _same_persons(self) -> np.ndarray:
        """Claims that are shown, of persons whose number is hidden by another name: a cell, and an answer."""
        by_set: dict[int, list[int]] = {}
        for i, claim in enumerate(self.tables.claims):
            if len(self.tables.sets[claim.set]):
                by_set.setdefault(claim.set, []).append(i)
        out = []
        for number, own in by_set.items():
            cells = [i for i in own if self.tables.claims[i].of < 0]
            names = {i: set(self.tables.claims[i].answer) for i in own if i not in cells}
            names |= {i: set(self.tables.where.get(number, {}).items()) for i in cells}
            gone = [i for i in own if self.hidden[i] and (i not in cells or self.hidden[cells].all())]
            told = set().union(*(names[i] for i in gone))
            out += [i for i in own if not (self.hidden[i] or self.fixed[i]) and not told.isdisjoint(names[i])]
        return np.array(out, dtype=np.intp)

    def _nearly_hidden(self, width: int) -> np.ndarray:
        """Claims about cells that are shown, and nearly the same persons as a cell of which no number is shown."""
        cells: dict[int, list[int]] = {}
        for i, claim in enumerate(self.tables.claims):
            if claim.of < 0 and len(self.tables.sets[claim.set]):
                cells.setdefault(claim.set, []).append(i)
        gone = [one for one, own in cells.items() if self.hidden[own].all() and one not in self.routed]
        shown = [one for one, own in cells.items() if not (self.hidden | self.fixed)[own].any()]
        if not gone or not shown:
            return np.zeros(0, dtype=np.intp)
        a, b = (membership(self.tables.n, [self.tables.sets[one] for one in side]) for side in (gone, shown))
        sizes = [np.array([len(self.tables.sets[one]) for one in side]) for side in (gone, shown)]
        apart = sizes[0][:, None] + sizes[1][None, :] - 2 * np.rint((a.T @ b).toarray())
        near = np.argwhere((apart < width * self.tables.most_rows) & (apart > 0))
        found = {shown[j] for i, j in near if self._by_missing(cells[gone[i]], cells[shown[j]])}
        return np.array([i for one in sorted(found) for i in cells[one]], dtype=np.intp)

    def _routed(self, width: int) -> list[int]:
        """Claims that are shown about cells of those who were asked since they gave an answer that is hidden.

        They are persons with that answer (or all without it), and nearly all of them.
        """
        claims, tables = self.tables.claims, self.tables
        shown: dict[int, list[int]] = {}
        for i in np.flatnonzero(~self.hidden & ~self.fixed):
            if claims[i].of < 0 and len(tables.sets[claims[i].set]):
                shown.setdefault(claims[i].set, []).append(int(i))
        out = []
        for i in np.flatnonzero(self.hidden):
            hidden = claims[i]
            if hidden.of < 0 or len(hidden.answer) != 1:
                continue
            gave = tables.sets[hidden.set]
            for rows in (gave, np.setdiff1d(tables.sets[hidden.of], gave, assume_unique=True)):
                for one, own in shown.items():
                    asked = tables.sets[one]
                    near = 0 <= len(rows) - len(asked) < width * tables.most_rows
                    if one != hidden.of and near and np.isin(asked, rows, assume_unique=True).all():
                        out += [j for j in own if set(claims[j].variables).isdisjoint(hidden.variables)]
        return out

    def _by_missing(self, one: Sequence[int], other: Sequence[int]) -> bool:
        """Whether cells of different variables differ by persons that are no group of any table."""
        a, b = ([self.tables.claims[i] for i in side] for side in (one, other))
        if not {name for claim in a for name in claim.variables}.isdisjoint(name for c in b for name in c.variables):
            return False
        rows = np.setxor1d(self.tables.sets[a[0].set], self.tables.sets[b[0].set], assume_unique=True)
        return self.tables.number(rows) is None

    def _by_family(self, label: str, claims: Sequence[int], wide: Mapping[int, int], others: Sequence[Rest]) -> None:
        """Solve one system, or where it is large those of its tables two by two.

        There, what one of them hides must stay unknown in the next as well: it has to move by a row at least.
        """
        if not others and not any(i in wide for i in claims):
            return
        cells = [{key[1] if key[1] >= 0 else key[0] for key in (*rest.of, *rest.without)} for rest in others]
        parts = families(self.tables, claims, cells)
        if len(parts) > 1:
            self.told.append(TWO_BY_TWO)
        for part in parts:
            own = {cell for i in part for cell in (self.tables.claims[i].set, self.tables.claims[i].of)}
            here = [rest for rest, needed in zip(others, cells, strict=True) if needed <= own]
            moving = {i: wide.get(i, 1) for i in part if i in wide or (len(parts) > 1 and self.hidden[i])}
            known = [] if label else _unions(self.tables, own)
            self._solve(label, part, moving, here, known)

    def _solve(
        self, label: str, claims: Sequence[int], wide: Mapping[int, int], others: Sequence[Rest], known: list[Rows]
    ) -> None:
        """Hide what one system asks for; a set that is hidden of all variables is so of each."""
        tables, by_key = self.tables, dict[Key, list[int]]()
        for i in claims:
            claim = tables.claims[i]
            by_key.setdefault(claim.key if label else cell(claim.set), []).append(i)
        for one in [one for rest in others for one in (*rest.of, *rest.without)]:
            by_key.setdefault(one, [])
        asked = [max((wide.get(i, 0) for i in some), default=0) for some in by_key.values()]
        times = [
            tables.rows_each(one[1] if one[1] >= 0 else one[0]) if w else 1
            for one, w in zip(by_key, asked, strict=True)
        ]
        apart = [rest.width * max(tables.rows_each(key[0]) for key in (*rest.of, *rest.without)) for rest in others]
        width = np.array([*(w * k for w, k in zip(asked, times, strict=True)), *([0] * len(known)), *apart])
        if not (unsafe := width > 0).any():
            return
        costs = [sum(self.costs[i] for i in some if not self.hidden[i]) for some in by_key.values()]
        none = len(known) + len(others)
        cost = np.maximum([*costs, *([0.0] * none)], _HIDDEN_ALREADY)
        fixed = np.zeros(len(width), dtype=bool)
        fixed[: len(by_key)] = [bool(some) and bool(self.fixed[some].any()) for some in by_key.values()]
        fixed[len(by_key) : len(by_key) + len(known)] = True
        statements = _statements(tables, by_key, known, others)
        gone = self._secondary(label, statements, unsafe, cost, width, fixed)
        for some, hide in zip(by_key.values(), gone, strict=False):
            self.hidden[some] |= bool(hide)
        sets, own = np.array([*(one[0] for one in by_key), *([-1] * none)]), [*by_key.values(), *([[]] * none)]
        self.systems.append(System(label, statements, sets, own, unsafe, gone))

    def _secondary(
        self,
        label: str,
        statements: Statements,
        unsafe: np.ndarray,
        cost: np.ndarray,
        width: np.ndarray,
        fixed: np.ndarray,
    ) -> np.ndarray:
        """All statements to hide; what left before and cannot be mended is said, and hidden as far as it is not out."""
        lost = np.zeros(len(unsafe), dtype=bool)
        while (unsafe & ~lost).any():
            try:
                gone = secondary(statements, unsafe & ~lost, cost=cost, width=width, fixed=fixed & ~unsafe)
                return np.asarray(lost | gone)
            except DisclosureError as error:
                which = np.asarray(getattr(error, "which", ()), dtype=np.intp)
                which = which[unsafe[which] & ~lost[which]]
                if not len(which):
                    raise
                lost[which] = True
                where = f"numbers of {label!r}" if label else "numbers of persons"
                self.told.append(
                    f"{len(which)} {where} that may not be told follow from what is known already; "
                    "what is hidden now does not mend that"
                )
        return lost


def _unions(tables: Tables, cells: set[int]) -> list[Rows]:
    """The persons of all cells of a table: how many they are is known from what is told of the data."""
    sets = {tuple(members) for _, members in tables.tables if len(members) > 1 and cells.issuperset(members)}
    return [np.unique(np.concatenate([tables.sets[one] for one in members])) for members in sorted(sets)]


def _statements(
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
    return statements.beside(rest)


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
    cells = np.array([i for i in range(real.shape[1]) if i not in given], dtype=np.intp)
    patterns = of_membership(sparse.csr_array(real[:, cells])).members.T.toarray() > 0
    if not given or len(worlds) * len(patterns) > _MOST_WORLDS:
        return sparse.csr_array((0, real.shape[1]))
    base = np.zeros((len(patterns), real.shape[1]), dtype=bool)
    base[:, cells] = patterns
    known = [[tables.where.get(key[0], {}) for key, i in place.items() if row[i] and i not in given] for row in base]
    out = []
    for world in worlds:
        # who is in a cell has the levels by which it is made
        there = base[[all(world.get(k, v) == v for own in some for k, v in own.items()) for some in known]]
        within = there.copy()
        for i, (_, of, answer) in given.items():
            if all(world.get(name) == level for name, level in answer):
                there[:, i] = within[:, place[cell(of)]]
        out.append(there)
    return sparse.csr_array(np.vstack(out).astype(np.float64))
