"""A user's own column names and codes, translated into those of the codebook."""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from llo_research.errors import DataError


@dataclass(frozen=True)
class Mapped:
    """``columns``: column in the file -> our column; ``values``: our column -> {code in the file: our code}."""

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def rename(self, header: list[str], path: Path) -> list[str]:
        """The header under our names.

        Raises
        ------
        DataError
            When a mapped column is not in the file, or two columns would get one name.
        """
        for column in self.columns:
            if column not in header:
                near = difflib.get_close_matches(column, header, n=3, cutoff=0.5)
                raise DataError(
                    f"{path.name} has no column {column!r}, which the mapping names.",
                    where="mapping",
                    found=f"nearest names: {', '.join(near)}" if near else "no name like it",
                    expected="a column of the file",
                )
        renamed = [self.columns.get(column, column) for column in header]
        twice = sorted({name for name in renamed if renamed.count(name) > 1}) if self.columns else []
        if twice:
            raise DataError(
                f"The mapping gives two columns of {path.name} the name {twice[0]!r}.",
                where="mapping",
                found=", ".join(column for column, name in zip(header, renamed, strict=True) if name == twice[0]),
                expected="one column for each of our names",
            )
        return renamed

    def apply(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame under our names, with the codes of the mapping translated."""
        if not self.columns and not self.values:
            return frame
        frame = frame.rename(columns=dict(self.columns))
        for name, codes in self.values.items():
            if name in frame:
                text = frame[name].map(lambda value: f"{value:g}" if isinstance(value, float) else str(value))
                frame[name] = text.map(dict(codes)).where(text.isin(list(codes)), frame[name])
        return frame


def read_mapping(mapping: Mapping[str, str] | str | Path | None) -> Mapped:
    """A mapping given as a dict, or as a TOML file ([columns], [values.<our column>]) or CSV file (file,ours).

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
    return Mapped({theirs.strip(): ours.strip() for theirs, ours in rows[1:]})


def _from_toml(text: str, path: Path) -> Mapped:
    """A mapping in TOML."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError("The mapping file is not TOML.", where=path.name, found=str(error)) from error
    unknown = sorted(set(tables) - {"columns", "values"})
    if unknown:
        raise DataError(
            "The mapping file has tables that are not understood.",
            where=path.name,
            found=", ".join(unknown),
            expected="[columns] and [values.<our column>]",
        )
    values = {name: {str(k): str(v) for k, v in codes.items()} for name, codes in tables.get("values", {}).items()}
    return Mapped({str(k): str(v) for k, v in tables.get("columns", {}).items()}, values)
