"""Rows of numbers that are multiples of a few: sums over them by group need no array of all rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from llo_research.numerics.groups import Codes, Floats, Rows, group_sums


@dataclass(frozen=True, eq=False)
class Multiples:
    """The array (n, p) whose row i is share_i times row place_i of a table.

    table : (d, p). place : (n,) which row of the table. share : (n,) how many times, 0 for rows that count nowhere.
    """

    table: Floats
    place: Codes
    share: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """n and p."""
        return len(self.place), self.table.shape[1]

    def __getitem__(self, rows: Rows) -> Floats:
        """(m, p) these rows."""
        out = self.table[self.place[rows]]
        out *= self.share[rows, None]
        return out

    @cached_property
    def _by_place(self) -> tuple[Codes, Codes]:
        """The rows that count, ordered by place, and where those of each place begin, (d + 1,)."""
        rows = np.flatnonzero(self.share)
        ends = np.arange(len(rows) + 1)
        ordered = sparse.csr_array((rows, self.place[rows], ends), shape=(len(rows), len(self.table))).tocsc()
        return ordered.data, ordered.indptr

    def sums(self, codes: Codes, number: int, times: Floats | None = None) -> Floats:
        """(number, p) sums of the rows, or of `times` (n,) them, by group; code ``number`` is in none."""
        order, starts = self._by_place
        factor = self.share if times is None else self.share * times
        spread = sparse.csc_array((factor[order], codes[order], starts), shape=(number + 1, len(self.table)))
        return np.asarray(spread @ self.table)[:number]

    def owners(self, codes: Codes, number: int) -> Codes | None:
        """(d,) the group in which all rows of a place lie, ``number`` where none counts; None where they differ."""
        rows = np.flatnonzero(self.share)
        place, own = self.place[rows], codes[rows]
        out = np.full(len(self.table), number, dtype=np.intp)
        out[place] = own
        return out if (out[place] == own).all() else None

    def squares(self, times: Floats) -> Floats:
        """(d,) sums of `times` (n,) the squares of the shares, by place."""
        return group_sums(self.place, times * self.share**2, len(self.table))
