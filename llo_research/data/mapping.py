"""A user's own column names and codes, translated into those of the codebook; and a user's choices of cuts."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.data.exact import find, masked, nfc, plain, translated
from llo_research.data.text_form import TextForm
from llo_research.errors import DataError

LEFT_OUT = "leave out"  # what can be done with rows without a weight
CHOICES = ("cuts", "minimum", "halves")
# A rule of a mapping: its table, our column, and the code.
Rule = tuple[str, str, str]


@dataclass(frozen=True)
class Mapped:
    """What a mapping says.

    ``columns``: column in the file -> our column; ``values``: our column -> {code in the file: our code}; ``missing``:
    our column -> codes in the file that mean missing; ``by_year``: columns of one year; ``choices``: cuts, minimum
    numbers of answers and halves; ``year``: the year of the file; ``form``: how a text file is written;
    ``without_weight``: what to do with rows without a weight above zero; ``several``: one mapping for files that need
    not all have every column; ``beside``: found beside the files, perhaps for others too.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    missing: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    by_year: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    year: int | None = None
    form: TextForm = field(default_factory=TextForm)
    without_weight: str = ""
    several: bool = False
    beside: bool = False
    name: str = "mapping"

    def for_year(self, year: int | None) -> Mapped:
        """The mapping of the rows of one year: its own columns first."""
        own = self.by_year.get(year, {}) if year is not None else {}
        taken = set(own.values())
        shared = {theirs: ours for theirs, ours in self.columns.items() if ours not in taken}
        return replace(self, columns={**shared, **own}) if own else self

    def absent(self, header: Sequence[str], path: Path) -> list[DataError]:
        """Mapped columns that are not in the file."""
        there = {nfc(name) for name in header}
        lacking = [] if self.several else [column for column in self.columns if nfc(column) not in there]
        return [
            DataError(
                f"{path.name} has no column {column!r}, which the mapping names.",
                where=self.name,
                found=nearest(column, header),
                expected="a column of the file",
            )
            for column in lacking
        ]

    def rename(self, header: Sequence[str]) -> list[str]:
        """The header under our names; accents may be written in either Unicode form."""
        ours = {nfc(theirs): name for theirs, name in self.columns.items()}
        return [nfc(ours.get(nfc(column), column)) for column in header]

    def twice(self, header: Sequence[str], path: Path) -> list[DataError]:
        """Columns that would get one name."""
        renamed = self.rename(header)
        problems = []
        for name in sorted({name for name in renamed if renamed.count(name) > 1}):
            found = [column for column, other in zip(header, renamed, strict=True) if other == name]
            alike = len({nfc(column) for column in found}) == 1
            problems.append(
                DataError(
                    f"{path.name} has two columns whose names differ only in how their accents are written: {name!r}."
                    if alike
                    else f"The mapping gives two columns of {path.name} the name {name!r}.",
                    where=path.name if alike else self.name,
                    found=", ".join(found),
                    expected="one column for each of our names",
                    todo="Rename one of them in the file."
                    if alike
                    else "When one of them holds in some years only, write it under that year: [years.2023], with the "
                    f'line "{found[-1]}" = "{name}".',
                )
            )
        return problems

    def apply(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, frozenset[Rule]]:
        """A frame under our names, with codes translated and missing codes missing; and the rules that hit a value."""
        frame, hit = frame.copy(deep=False), set()
        for name in dict.fromkeys([*self.missing, *self.values]):
            column = self.inside(name, frame.columns)
            if column is None:
                continue
            series = frame[column]
            codes, translation = list(self.missing.get(name, ())), self.values.get(name, {})
            lost, _ = find(series, codes)
            found, twice = find(series, list(translation))
            self._one_meaning(name, translation, twice)
            self._missing_or_not(name, [codes[k] for k in sorted({*lost[(lost >= 0) & (found >= 0)].tolist()})])
            hit |= {("missing", name, told(codes[place])) for place in set(lost[lost >= 0].tolist())}
            also = {place for places in twice.values() for place in places} | set(found[found >= 0].tolist())
            hit |= {("values", name, told(list(translation)[place])) for place in also}
            if (found >= 0).any():
                series = translated(series, translation, found)
            frame[column] = masked(series, lost >= 0)
        return frame, frozenset(hit)

    def inside(self, name: str, columns: Collection[str]) -> str | None:
        """The column of the frame that a table of the mapping is about."""
        return name if name in columns else next((column for column in columns if nfc(column) == nfc(name)), None)

    def rules(self, columns: Collection[str]) -> set[Rule]:
        """All rules about codes of these columns."""
        tables = {"missing": self.missing, "values": self.values}
        return {
            (table, name, told(code))
            for table, entries in tables.items()
            for name, codes in entries.items()
            if self.inside(name, columns) is not None
            for code in codes
        }

    def _one_meaning(self, name: str, translation: Mapping[str, Any], twice: Mapping[Any, list[int]]) -> None:
        """A code that stands twice in the mapping ("9" and "9.0") must mean the same both times."""
        codes = list(translation)
        for places in twice.values():
            if len({str(translation[codes[place]]) for place in places}) > 1:
                raise DataError(
                    f"The mapping gives one code of {name} two meanings.",
                    where=f"{self.name}, [values.{name}]",
                    found=", ".join(f'"{codes[place]}" = "{translation[codes[place]]}"' for place in places),
                    expected="one line for each code",
                )

    def _missing_or_not(self, name: str, both: Sequence[Any]) -> None:
        """A code means missing or another code, not both."""
        if both:
            raise DataError(
                f"The mapping gives one code of {name} two meanings.",
                where=f"{self.name}, [missing] {name} and [values.{name}]",
                found=", ".join(map(told, both)),
                expected="each code in one of the two tables",
            )


def told(code: object) -> str:
    """A code as the mapping writes it."""
    return f'"{code}"' if isinstance(code, str) else plain(code)


def nearest(column: str, header: Collection[str]) -> str:
    """Names of the file that are like a name, in words."""
    near = difflib.get_close_matches(column, list(header), n=3, cutoff=0.5)
    return f"nearest names: {', '.join(near)}" if near else "no name like it"
