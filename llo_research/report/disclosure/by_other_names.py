"""Numbers that are shown of persons whose number is hidden by another name, or nearly so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llo_research.report.disclosure.tables import Tables, membership


class OtherNames:
    """Claims by the persons that they are of.

    routed : cells that are hidden as they are who gave a hidden answer.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables, self.routed = tables, set[int]()
        self.by_set: dict[int, list[int]] = {}
        for i, claim in enumerate(tables.claims):
            if len(tables.sets[claim.set]):
                self.by_set.setdefault(claim.set, []).append(i)
        cells = {one: [i for i in own if tables.claims[i].of < 0] for one, own in self.by_set.items()}
        self.cells = {one: own for one, own in cells.items() if own}

    def tell(self, hidden: np.ndarray, fixed: np.ndarray, width: int) -> list[int]:
        """Claims that are shown and tell what is hidden; hidden, fixed : (c,) what is, and what left before.

        A cell of one variable that is nearly the same as a hidden one of another, but for fewer than `width` persons
        without an answer, tells the hidden number nearly.
        """
        routed = self._routed(hidden, fixed, width)
        self.routed |= {self.tables.claims[i].set for i in routed}
        return sorted({*self._same_persons(hidden, fixed), *self._nearly_hidden(hidden, fixed, width), *routed})

    def _same_persons(self, hidden: np.ndarray, fixed: np.ndarray) -> list[int]:
        """Claims that are shown, of persons whose number is hidden by another name: a cell, and an answer."""
        out = []
        for number, own in self.by_set.items():
            cells, where = self.cells.get(number, []), self.tables.where.get(number, {})
            names = {i: set(where.items() if i in cells else self.tables.claims[i].answer) for i in own}
            gone = [i for i in own if hidden[i] and (i not in cells or hidden[cells].all())]
            told = set().union(*(names[i] for i in gone))
            out += [i for i in own if not (hidden[i] or fixed[i]) and not told.isdisjoint(names[i])]
        return out

    def _nearly_hidden(self, hidden: np.ndarray, fixed: np.ndarray, width: int) -> list[int]:
        """Claims about cells that are shown, and nearly the same persons as a cell of which no number is shown."""
        tables, cells = self.tables, self.cells
        gone = [one for one, own in cells.items() if hidden[own].all() and one not in self.routed]
        shown = [one for one, own in cells.items() if not (hidden | fixed)[own].any()]
        if not gone or not shown:
            return []
        a, b = (membership(tables.n, [tables.sets[one] for one in side]) for side in (gone, shown))
        apart = a.sum(axis=0)[:, None] + b.sum(axis=0)[None, :] - 2 * np.rint((a.T @ b).toarray())
        near = np.argwhere((apart < width * tables.most_rows) & (apart > 0))
        found = {shown[j] for i, j in near if self._by_missing(cells[gone[i]], cells[shown[j]])}
        return [i for one in sorted(found) for i in cells[one]]

    def _by_missing(self, one: Sequence[int], other: Sequence[int]) -> bool:
        """Whether cells of different variables differ by persons that are no group of any table."""
        a, b = ([self.tables.claims[i] for i in side] for side in (one, other))
        if not {name for claim in a for name in claim.variables}.isdisjoint(name for c in b for name in c.variables):
            return False
        rows = np.setxor1d(self.tables.sets[a[0].set], self.tables.sets[b[0].set], assume_unique=True)
        return self.tables.number(rows) is None

    def _routed(self, hidden: np.ndarray, fixed: np.ndarray, width: int) -> list[int]:
        """Claims that are shown about cells of those who were asked since they gave an answer that is hidden.

        They are persons with that answer (or all without it), and nearly all of them.
        """
        claims, tables, out = self.tables.claims, self.tables, list[int]()
        open_ = {one: [i for i in own if not (hidden[i] or fixed[i])] for one, own in self.cells.items()}
        for claim in (claims[i] for i in np.flatnonzero(hidden)):
            if claim.of < 0 or len(claim.answer) != 1:
                continue
            gave = tables.sets[claim.set]
            for rows in (gave, np.setdiff1d(tables.sets[claim.of], gave, assume_unique=True)):
                for one, own in open_.items():
                    asked = tables.sets[one]
                    near = 0 <= len(rows) - len(asked) < width * tables.most_rows
                    if own and one != claim.of and near and np.isin(asked, rows, assume_unique=True).all():
                        out += [j for j in own if set(claims[j].variables).isdisjoint(claim.variables)]
        return out
