"""Which rows of a formula are alike: with categories and scales of few values, people answer in few ways."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from llo_research.numerics.groups import Codes, Floats, codes_of_pairs, group_sums
from llo_research.numerics.multiples import Multiples

# A category in a formula, of a column by its name.
CATEGORY = re.compile(r"C\(\s*`?([^`,()]+?)`?\s*(?:,.*)?\)")
# Rows are joined where at most this share of them is left; a look at so many of them tells whether that may be.
_SHARE, _LOOK = 1 / 2, 1000


@dataclass(frozen=True, eq=False)
class Alike:
    """Which of some rows are alike: in sums they count once, with the sum of their weights.

    number : m rows.
    place : (m,) the same number 0..d-1 for rows that are alike, in the order of the first of each; None where hardly
        any are, and each is its own.
    """

    number: int
    place: Codes | None = None

    @classmethod
    def of(cls, number: int, codes: list[tuple[Codes, int] | None]) -> Alike:
        """Rows with equal codes, as :func:`joined` takes them."""
        place = joined(codes)
        if place is None:
            return cls(number)
        order = np.argsort(firsts(place))
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        return cls(number, rank[place])

    @cached_property
    def first(self) -> Codes:
        """(d,) the first of the rows that are alike, ascending."""
        return np.arange(self.number) if self.place is None else firsts(self.place)

    @property
    def codes(self) -> Codes:
        """(m,) the number of each row among those that differ."""
        return np.arange(self.number) if self.place is None else self.place

    def with_codes(self, codes: Codes, number: int) -> Alike:
        """Rows that are alike, also in these codes (m,)."""
        if self.place is None:
            return self
        return Alike.of(self.number, [(codes, number), (self.place, len(self.first))])

    def summed(self, values: Floats) -> Floats:
        """(d, ...) sums of the values (m, ...) of rows that are alike."""
        return values if self.place is None else group_sums(self.place, values, len(self.first))

    def of_each(self, values: Floats) -> Floats:
        """(m, ...) for each row what the distinct ones (d, ...) have."""
        return values if self.place is None else values[self.place]

    def scores(self, columns: Floats, weights: Floats, rows: Codes, n: int) -> Floats | Multiples:
        """(n, p) of a survey's rows, of which these are `rows`: those of the distinct ones (d, p) by weight (m,)."""
        if self.place is None:
            values = np.zeros((n, columns.shape[1]))
            values[rows] = columns
            return values
        place, share = np.zeros(n, dtype=np.intp), np.zeros(n)
        place[rows], share[rows] = self.place, weights / self.summed(weights)[self.place]
        return Multiples(columns, place, share)


def alike(side: Any, frame: pd.DataFrame) -> Codes | None:
    """(n,) the same number 0..d-1 for rows that are equal in all columns of a side of a formula.

    None where more than half of them differ, or where a factor is neither a column as it stands nor a category: what a
    function makes of a row may depend on others.

    frame : numbers and categories without missing values.
    """
    names = columns_alone(side, frame)
    return None if not names else joined([codes_of(frame[name]) for name in names])


def joined(codes: list[tuple[Codes, int] | None]) -> Codes | None:
    """(n,) the same number for rows with equal codes (n,), each with their number; None where more than half differ.

    Codes that are None differ.
    """
    place, number = np.zeros(0, dtype=np.intp), 1
    for own in codes:
        if own is None:
            return None
        place, kept = codes_of_pairs(place, own[0], number, own[1]) if len(place) else (own[0], np.arange(own[1]))
        number = len(kept)
        if number > _SHARE * len(place):
            return None
    return place


def codes_of(values: pd.Series) -> tuple[Codes, int] | None:
    """(n,) codes of numbers or categories and how many there are; None where a look at some finds many."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.intp), len(values.cat.categories)
    some = values.to_numpy()[:: max(1, len(values) // _LOOK)]
    if len(pd.unique(some)) > _SHARE * len(some):
        return None
    codes, kept = pd.factorize(values.to_numpy())
    return codes.astype(np.intp, copy=False), len(kept)


def firsts(place: Codes) -> Codes:
    """(d,) the first of the rows that are alike."""
    out = np.empty(int(place.max()) + 1, dtype=np.intp)
    out[place[::-1]] = np.arange(len(place))[::-1]
    return out


def columns_alone(side: Any, frame: pd.DataFrame) -> list[str] | None:
    """The columns of a side whose factors are columns as they stand, or categories; None where one is a function."""
    found: list[str] = []
    for factor in (factor for term in side for factor in term.factors):
        category, kind = CATEGORY.fullmatch(factor.expr), str(factor.eval_method.value)
        name = category.group(1) if category else factor.expr
        if kind != "literal" and (name not in frame or (kind == "python") != bool(category)):
            return None
        found += [] if kind == "literal" or name in found else [name]
    return found
