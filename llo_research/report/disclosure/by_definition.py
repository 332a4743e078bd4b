"""Answers that follow from another one by definition: that nobody untrained had a long training is no disclosure.

A share of those who were asked, beside the same answer as a share of all, tells that all others gave none. They gave
none by the definition of the variable where each of them has an answer to one of the questions that it is made of and
to no other, so that it is made of that answer alone, and nobody who was asked another of them has this answer. Where
another column by which the results are described sets those others apart as well (a region), they are told of by that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.disclosure.differences import Difference
from llo_research.report.disclosure.numbering import People
from llo_research.report.disclosure.tables import Rows, Tables


@dataclass(frozen=True, eq=False)
class _Made:
    """A variable made of others. frame : the data. own : (n,) the row of the data of each row, -1 for none."""

    sources: tuple[str, ...]
    frame: pd.DataFrame
    own: np.ndarray

    def decides(self, rest: Rows, told: Rows, described: set[str]) -> bool:
        """Whether the answers of some rows follow from what sets them apart from those who are told of."""
        mine, theirs = self.own[rest], self.own[told]
        if not len(mine) or (mine < 0).any() or (theirs < 0).any():
            return False
        answered = self.frame[list(self.sources)].notna().to_numpy()
        given, theirs = answered[mine], theirs[answered[theirs].sum(axis=1) > 1]
        if not (given.sum(axis=1) == 1).all() or not len(theirs):
            return False
        for name, here in zip(self.sources, given.T, strict=True):
            column = self.frame[name]
            if column.iloc[mine[here]].isin(column.iloc[theirs].dropna()).any():
                return False
        others = described.intersection(map(str, self.frame.columns)).difference(self.sources)
        return not any(_apart(self.frame[name], mine, theirs) for name in others)


def _apart(column: pd.Series, mine: np.ndarray, theirs: np.ndarray) -> bool:
    """Whether some rows have a value that no other row has, or a number beyond all theirs."""
    a, b = column.iloc[mine].dropna(), column.iloc[theirs].dropna()
    if pd.api.types.is_bool_dtype(column.dtype) or not pd.api.types.is_numeric_dtype(column.dtype) or not len(b):
        return not a.isin(b).all()
    return not a.between(b.min(), b.max()).all()


class ByDefinition:
    """What the results of people tell that is so by definition; to be made before variables are joined."""

    def __init__(self, people: People, tables: Tables) -> None:
        self.tables, self.made = tables, dict[str, _Made]()
        for name, result in people.results.items():
            for variable, sources in (result.meta.get("derived_from") or {}).items():
                for frame in _frames(result, sources) if variable not in self.made else ():
                    own = np.full(people.n, -1)
                    own[people.rows[name]] = np.arange(len(frame))
                    self.made[variable] = _Made(tuple(sources), frame, own)
        # under which names each cell is told of
        self.names: dict[int, set[str]] = {}
        for claim in tables.claims:
            self.names.setdefault(claim.of if claim.of >= 0 else claim.set, set()).update(claim.variables)
        self.known: dict[tuple[frozenset[int], frozenset[int], tuple[str, ...]], bool] = {}

    def says(self, one: Difference) -> bool:
        """Whether two numbers that differ by persons who all gave one answer tell what is so by definition."""
        if not self.made or one.found or not one.exact:
            return False
        every = any(own < 0 for _, own, _ in one.of)  # those without the answer, by cells and those with it
        whole, parts = (
            frozenset(key[0] if every else key[1] for key in side if (key[1] < 0) == every)
            for side in (one.of, one.without)
        )
        variables = self.tables.claims[one.claims[0]].variables
        key = whole, parts, variables
        if key not in self.known:
            there, gone = (np.unique(np.concatenate([self.tables.sets[i] for i in side])) for side in (whole, parts))
            rest = np.setdiff1d(there, gone, assume_unique=True)
            self.known[key] = self.says_of(rest, whole | parts, variables)
        return self.known[key]

    def says_of(self, rows: Rows, cells: Iterable[int], variables: Iterable[str]) -> bool:
        """Whether rows that some cells tell of, all of which gave one answer, gave it by definition."""
        own = [(one, self.tables.sets[one]) for one in cells]
        told = np.setdiff1d(np.unique(np.concatenate([there for _, there in own])), rows, assume_unique=True)
        words = {word for one, _ in own for word in self._described(one)}
        asked, left = set(variables), len(rows) > 0 and bool(self.made)
        for one, there in own:
            rest = np.intersect1d(rows, there, assume_unique=True)
            names = {name for name in self.names.get(one, ()) if name in asked or name.startswith("model of")}
            if len(rest) and left:
                left = bool(names) and all(n in self.made and self.made[n].decides(rest, told, words) for n in names)
        return left

    def _described(self, number: int) -> Iterator[str]:
        """The words by which a cell is told."""
        yield from self.tables.where.get(number, ())
        for domain in self.tables.domains.get(number, ()):
            yield from re.findall(r"\w+", domain)


def _frames(result: Any, sources: Iterable[str]) -> list[pd.DataFrame]:
    """The data of a result with these columns, of which there must be several."""
    data = (result.meta.get("survey") or {}).get("values")
    some = list(sources)
    if data is None or len(some) < 2:
        return []
    return [one for one in data.frames if len(one) == result.design.n and set(some) <= set(one.columns)][:1]
