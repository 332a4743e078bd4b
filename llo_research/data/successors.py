"""Variables without answers in a year, and the columns that may have taken over: same label, same answers."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from llo_research.data.exact import distinct_of, key_of
from llo_research.data.harmonised_file import HarmonisedFile
from llo_research.data.wording import bare, means_missing
from llo_research.data.yearly import years_in
from llo_research.errors import LloWarning

_NAMES_ALIKE = 0.6


@dataclass(frozen=True)
class Successor:
    """A column that may hold a variable in a year; ``sure``: it has the same label and the same answers."""

    variable: str
    year: int
    column: str
    file: str
    sure: bool

    def __str__(self) -> str:
        table = f'[years.{self.year}] to the mapping, with the line "{self.column}" = "{self.variable}"'
        if self.sure:
            words = f"{self.column} has the same label and answers in {self.year}: add {table}."
            return f"{self.variable} has no answers in {self.year}. {words}\n  where: {self.file}"
        words = (
            f"{self.column}, a name like its own, has the same answers in {self.year}: if it took over, add {table}."
        )
        return f"{self.variable} has no answers in {self.year}. {words}\n  where: {self.file}"


def tell_successors(parts: Sequence[HarmonisedFile]) -> None:
    """Warn of variables without answers in a year for which a column of the file surely took over."""
    for found in successors(parts):
        if found.sure:
            warnings.warn(LloWarning(str(found)), stacklevel=4)


def successors(parts: Sequence[HarmonisedFile]) -> list[Successor]:
    """For each variable of the codebook and year without answers, the columns that may have taken over."""
    years = [(part, year) for part in parts for year in years_in(part.frame)]
    if len(years) < 2:
        return []
    answered = {id(part): _answered(part) for part in parts}
    found = []
    for name in _variables(parts):
        filled = [(part, year) for part, year in years if _has(answered[id(part)], name, year)]
        there = {(id(part), year) for part, year in filled}
        for part, year in years if filled else []:
            if (id(part), year) not in there:
                found += _of_year(name, part, year, filled, answered[id(part)])
    return found


def _answered(part: HarmonisedFile) -> pd.DataFrame:
    """Which columns have answers in which year of a file."""
    return part.frame.notna().groupby(part.frame["year"]).any()


def _has(answered: pd.DataFrame, name: str, year: int) -> bool:
    """Has a column answers in a year?"""
    return name in answered and year in answered.index and bool(answered.at[year, name])


def _variables(parts: Sequence[HarmonisedFile]) -> list[str]:
    """Variables that the files have under a name of the codebook, but for those of the design."""
    names = []
    for name in dict.fromkeys(name for part in parts for name in part.read):
        instrument = parts[0].layout.instrument
        variable = instrument.variable(name)
        direct = name in instrument.harmonised and any(name in part.mapping.columns.values() for part in parts)
        if (variable is not None and variable.group != "design" and not variable.free) or (variable is None and direct):
            names.append(name)
    return names


def _of_year(
    name: str, part: HarmonisedFile, year: int, filled: Sequence[tuple[HarmonisedFile, int]], answered: pd.DataFrame
) -> list[Successor]:
    """Columns of one file that may hold a variable in one year."""
    instrument, result = part.layout.instrument, []
    before = _told(name, [each for each, _ in filled])
    own_years = [when for other, when in filled if other is part]
    for column in part.read:
        own = _own(part, column)
        if instrument.variable(column) is not None or column in instrument.harmonised or own in before.columns:
            continue
        if not _has(answered, column, year) or any(_has(answered, column, when) for when in own_years):
            continue
        label, labels = part.table.labels.get(own, ""), part.table.value_labels.get(own, {})
        same_label = bool(label) and bare(label) in before.labels
        if not (same_label or _like(own, before.columns)):
            continue
        answers = _answers(part.frame.loc[part.frame["year"].eq(year), column])
        coded = bool(labels) and _coded(labels) in before.value_labels
        bare_codes = not labels and not before.value_labels and bool(answers) and answers <= before.answers
        if coded or bare_codes:
            result.append(Successor(name, year, own, part.table.path.name, same_label))
    return result


@dataclass(frozen=True)
class _Told:
    """What files tell of a variable: its columns, their labels, labels of codes, and the answers that occur."""

    columns: set[str]
    labels: set[str]
    value_labels: list[dict[Any, str]]
    answers: set[Any]


def _told(name: str, parts: Iterable[HarmonisedFile]) -> _Told:
    """What the files that have a variable tell of it."""
    columns, labels, value_labels, answers = set(), set(), [], set()
    for part in {id(part): part for part in parts}.values():
        owns = [own for own, names in part.names.items() if name in names]
        columns |= set(owns)
        labels |= {bare(part.table.labels[own]) for own in owns if own in part.table.labels}
        value_labels += [_coded(part.table.value_labels[own]) for own in owns if part.table.value_labels.get(own)]
        answers |= _answers(part.frame[name])
    return _Told(columns, labels, value_labels, answers)


def _own(part: HarmonisedFile, column: str) -> str:
    """The file's name of a column that stands under this name."""
    return next((own for own, names in part.names.items() if column in names), column)


def _coded(labels: Mapping[Any, str]) -> dict[Any, str]:
    """Codes that are answers, with their labels in one spelling."""
    return {key_of(code): bare(label) for code, label in labels.items() if not means_missing(label)}


def _answers(series: pd.Series) -> set[Any]:
    """Answers that occur; nothing for a column with more than fifty of them."""
    values = distinct_of(series.dropna())[1]
    return {key_of(value) for value in values} if len(values) <= 50 else set()


def _like(own: str, columns: Iterable[str]) -> bool:
    """Is a name like one of these?"""
    return any(difflib.SequenceMatcher(None, own.casefold(), c.casefold()).ratio() >= _NAMES_ALIKE for c in columns)
