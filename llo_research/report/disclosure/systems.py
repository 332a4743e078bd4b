"""Sets of persons as systems of sums, and what else must be hidden so that what may not be told stays unknown.

Two kinds of systems: the cells of all variables, whose numbers of persons add up; and for each variable its cells and
answers, whose sums of values do. Rows are added up, since weighted sums are sums over rows; where a person has several,
a hidden number must be able to be more and less by as many rows as `width` persons may have in such a cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from llo_research.errors import DisclosureError
from llo_research.numerics.statements import Statements
from llo_research.numerics.suppression import secondary
from llo_research.report.disclosure.by_other_names import OtherNames
from llo_research.report.disclosure.families import families
from llo_research.report.disclosure.rules import Rest, Unsafe
from llo_research.report.disclosure.tables import Key, Rows, Tables, cell
from llo_research.report.disclosure.worlds import statements_of

TWO_BY_TWO = (
    "the tables are too many for all of them to be looked at together: what they tell was looked at two by two, of "
    "tables of which one refines the other"
)


@dataclass(eq=False)
class Hiding:
    """What is hidden so far of the claims of one survey.

    hidden : (c,) bool. costs : (c,) what hiding each takes from a reader. fixed : (c,) bool, what left before.
    told : what cannot be mended, in words.
    """

    tables: Tables
    unsafe: Unsafe
    hidden: np.ndarray
    costs: np.ndarray
    fixed: np.ndarray
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = OtherNames(self.tables)

    def protect(self, width: int) -> None:
        """Hide what would give away what may not be told, in all systems, and by other names."""
        near: list[int] = []
        while True:
            for i in near:
                self.unsafe.add(i, 1)
            self.hidden[near] = True
            self._all_systems()
            if not (near := self.names.tell(self.hidden, self.fixed, width)):
                return

    def _all_systems(self) -> None:
        """All systems, once: of persons, where answers that are cells elsewhere stand with the others; of variables."""
        claims = self.tables.claims
        cells = {claim.set for claim in claims if claim.of < 0}
        asked = {(claim.of, claim.variables) for claim in claims if claim.of >= 0 and claim.set in cells}
        every = [i for i, one in enumerate(claims) if one.set in cells or (one.of, one.variables) in asked]
        wide = {i: width for i, width in self.unsafe.claims.items() if width}
        self._by_family("", every, wide, [rest for rest in self.unsafe.others if not rest.variables])
        for names in self._variables():
            own = [i for i, claim in enumerate(claims) if not names.isdisjoint(claim.variables)]
            others = [rest for rest in self.unsafe.others if not names.isdisjoint(rest.variables)]
            self._by_family(", ".join(sorted(names)), own, {**self.unsafe.values, **wide}, others)

    def _variables(self) -> list[set[str]]:
        """The variables, those together of which the same persons are told by name, as the cells of a crosstab are.

        They are shares of all, of a row and of a column, and one thing: hidden in one they are hidden in all.
        """
        claims, first = self.tables.claims, dict[int, str]()
        together = {name: {name} for claim in claims for name in claim.variables}
        for claim in claims:
            if claim.of >= 0 and len(self.tables.sets[claim.set]):
                name = first.setdefault(claim.set, claim.variables[0])
                both = together[name].union(*(together[own] for own in claim.variables))
                together |= dict.fromkeys(both, both)
        return [names for name, names in sorted(together.items()) if name == min(names)]

    def _by_family(self, label: str, claims: Sequence[int], wide: Mapping[int, int], others: Sequence[Rest]) -> None:
        """Solve one system, or where it is large those of its tables two by two.

        There, what one of them hides must stay unknown in the next as well: it has to move by a row at least.
        """
        if not others and not any(i in wide for i in claims):
            return
        cells = [{_asked(key) for key in (*rest.of, *rest.without)} for rest in others]
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
        wanted = [w and w * tables.rows_each(_asked(one)) for one, w in zip(by_key, asked, strict=True)]
        apart = [rest.width * max(tables.rows_each(key[0]) for key in (*rest.of, *rest.without)) for rest in others]
        width = np.array([*wanted, *([0] * len(known)), *apart])
        if not (width > 0).any():
            return
        costs = [sum(self.costs[i] for i in some if not self.hidden[i]) for some in by_key.values()]
        none = len(known) + len(others)
        left = [bool(some) and bool(self.fixed[some].any()) for some in by_key.values()]
        statements = statements_of(tables, by_key, known, others)
        gone = self._secondary(
            f"numbers of {label!r}" if label else "numbers of persons",
            statements,
            width,
            cost=np.array([*costs, *([0.0] * none)], dtype=np.float64),
            fixed=np.array([*left, *([True] * len(known)), *([False] * len(others))]) & (width == 0),
        )
        for some, hide in zip(by_key.values(), gone, strict=False):
            self.hidden[some] |= bool(hide)

    def _secondary(self, what: str, statements: Statements, width: np.ndarray, **how: np.ndarray) -> np.ndarray:
        """All statements to hide; what left before and cannot be mended is said, and hidden as far as it is not out."""
        unsafe, lost = width > 0, np.zeros(len(width), dtype=bool)
        while (unsafe & ~lost).any():
            try:
                return np.asarray(lost | secondary(statements, unsafe & ~lost, width=width, **how))
            except DisclosureError as error:
                which = np.asarray(getattr(error, "which", ()), dtype=np.intp)
                which = which[unsafe[which] & ~lost[which]]
                if not len(which):
                    raise
                lost[which] = True
                self.told.append(
                    f"{len(which)} {what} that may not be told follow from what is known already; "
                    "what is hidden now does not mend that"
                )
        return lost


def _asked(key: Key) -> int:
    """The cell that a claim is of, or in which an answer was given."""
    return key[1] if key[1] >= 0 else key[0]


def _unions(tables: Tables, cells: set[int]) -> list[Rows]:
    """The persons of all cells of a table: how many they are is known from what is told of the data."""
    sets = {tuple(members) for _, members in tables.tables if len(members) > 1 and cells.issuperset(members)}
    return [np.unique(np.concatenate([tables.sets[one] for one in members])) for members in sorted(sets)]
