"""A user's own column names and codes, translated into those of the codebook; and a user's choices of cuts."""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.errors import DataError

CHOICES = ("cuts", "minimum", "halves")
_TABLES = ("file", "columns", "values", "missing", "years", *CHOICES)


@dataclass(frozen=True)
class Mapped:
    """What a mapping says.

    ``columns``: column in the file -> our column; ``values``: our column -> {code in the file: our code}; ``missing``:
    our column -> codes in the file that mean missing; ``by_year``: columns of the file of one year; ``choices``: cuts,
    minimum numbers of answers and halves; ``year``: the year of the file; ``several``: one mapping for files that need
    not all have every column.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    by_year: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    year: int | None = None
    several: bool = False
    name: str = "mapping"

    def for_year(self, year: int | None) -> Mapped:
        """The mapping of the file of one year: its own columns first."""
        own = self.by_year.get(year, {}) if year is not None else {}
        taken = set(own.values())
        shared = {theirs: ours for theirs, ours in self.columns.items() if ours not in taken}
        return replace(self, columns={**shared, **own}) if own else self

    def rename(self, header: list[str], path: Path) -> list[str]:
        """The header under our names.

        Raises
        ------
        DataError
            When a mapped column is not in the file, or two columns would get one name.
        """
        for column in self.columns:
            if column not in header and not self.several:
                near = difflib.get_close_matches(column, header, n=3, cutoff=0.5)
                raise DataError(
                    f"{path.name} has no column {column!r}, which the mapping names.",
                    where=self.name,
                    found=f"nearest names: {', '.join(near)}" if near else "no name like it",
                    expected="a column of the file",
                )
        renamed = [self.columns.get(column, column) for column in header]
        twice = sorted({name for name in renamed if renamed.count(name) > 1}) if self.columns else []
        if twice:
            raise DataError(
                f"The mapping gives two columns of {path.name} the name {twice[0]!r}.",
                where=self.name,
                found=", ".join(column for column, name in zip(header, renamed, strict=True) if name == twice[0]),
                expected="one column for each of our names",
            )
        return renamed

    def apply(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame under our names, with the codes of the mapping translated and its missing codes missing."""
        if not self.columns and not self.values and not self.missing:
            return frame
        frame = frame.rename(columns=dict(self.columns))
        for name, codes in self.missing.items():
            if name in frame:
                frame[name] = frame[name].mask(_text(frame[name]).isin([str(code) for code in codes]))
        for name, translation in self.values.items():
            if name in frame:
                text = _text(frame[name])
                frame[name] = text.map(dict(translation)).where(text.isin(list(translation)), frame[name])
        return frame


def _text(series: pd.Series) -> pd.Series:
    """Codes as a mapping file writes them: 8, not 8.0; each distinct value is converted once."""
    numbers, distinct = pd.factorize(series)
    names = [f"{value:g}" if isinstance(value, float) else str(value) for value in distinct]
    return pd.Series(pd.Series([*names, None], dtype=object).to_numpy()[numbers], index=series.index)


def check_used(mapped: Mapped, headers: Mapping[str, list[str]], years: Sequence[int]) -> None:
    """A column that one mapping names for files of these years must be in one of them.

    Raises
    ------
    DataError
        When none of the files has it.
    """
    everything = {name for header in headers.values() for name in header}
    wanted = [*mapped.columns, *(name for year in years for name in mapped.by_year.get(year, ()))]
    for column in wanted:
        if column not in everything:
            near = difflib.get_close_matches(column, sorted(everything), n=3, cutoff=0.5)
            raise DataError(
                f"{next(iter(headers))} has no column {column!r}, which the mapping names."
                if len(headers) == 1
                else f"None of the {len(headers)} files has a column {column!r}, which the mapping names.",
                where=mapped.name,
                found=f"nearest names: {', '.join(near)}" if near else "no name like it",
                expected="a column of at least one file",
            )


def read_mapping(mapping: Mapping[str, str] | str | Path | None) -> Mapped:
    """A mapping given as a dict, or as a TOML file or a CSV file (file,ours).

    Tables of the TOML file: ``[file]`` (``year``), ``[columns]``, ``[values.<our column>]``, ``[missing]``,
    ``[years.<year>]`` (columns of one year), ``[cuts]``, ``[minimum]``, ``[halves]``.

    Raises
    ------
    DataError
        When the file cannot be read as such.
    """
    if mapping is None:
        return Mapped()
    if isinstance(mapping, Mapping):
        return Mapped({str(theirs): str(ours) for theirs, ours in mapping.items()})
    path = Path(mapping)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError("The mapping cannot be read.", where=str(mapping), found=str(error)[:80]) from error
    if path.suffix.lower() == ".toml":
        return _from_toml(text, path)
    rows = [row for row in csv.reader(text.splitlines(), delimiter=";" if ";" in text else ",") if any(row)]
    if not rows or any(len(row) != 2 for row in rows) or [cell.strip().lower() for cell in rows[0]] != ["file", "ours"]:
        raise DataError(
            "The mapping file is not understood.",
            where=path.name,
            found=", ".join(rows[0]) if rows else "nothing",
            expected="two columns named file and ours, or a .toml file with a table [columns]",
        )
    return Mapped({theirs.strip(): ours.strip() for theirs, ours in rows[1:]}, name=path.name)


def _from_toml(text: str, path: Path) -> Mapped:
    """A mapping in TOML."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError("The mapping file is not TOML.", where=path.name, found=str(error)) from error
    unknown = [name for name in tables if name not in _TABLES or not isinstance(tables[name], Mapping)]
    if unknown:
        raise DataError(
            "The mapping file has tables that are not understood.",
            where=path.name,
            found=", ".join(unknown),
            expected="[columns] and [values.<our column>], and [file], [missing], [years.<year>], [cuts], [minimum], "
            "[halves]",
        )
    values = {name: {str(k): str(v) for k, v in codes.items()} for name, codes in tables.get("values", {}).items()}
    missing = {n: codes if isinstance(codes, list) else [codes] for n, codes in tables.get("missing", {}).items()}
    return Mapped(
        {str(k): str(v) for k, v in tables.get("columns", {}).items()},
        values,
        missing,
        {_year(y, path): {str(k): str(v) for k, v in t.items()} for y, t in tables.get("years", {}).items()},
        {name: tables[name] for name in CHOICES if name in tables},
        _year(tables["file"]["year"], path) if "year" in tables.get("file", {}) else None,
        name=path.name,
    )


def _year(value: object, path: Path) -> int:
    """A year in a mapping file."""
    text = str(value)
    if not (text.isdigit() and 1900 < int(text) < 2200):
        raise DataError("The mapping file names a year that is none.", where=path.name, found=text, expected="2019")
    return int(text)
