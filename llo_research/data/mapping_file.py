"""Mapping files: TOML or CSV in, a checked mapping out, and nothing but words for what cannot be followed."""

from __future__ import annotations

import csv
import datetime
import math
import tomllib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llo_research.data.exact import nfc
from llo_research.data.mapping import CHOICES, LEFT_OUT, Mapped
from llo_research.data.text_form import text_form
from llo_research.errors import DataError, LloWarning

_TABLES = ("file", "columns", "values", "missing", "years", *CHOICES)
_OF_FILE = {
    "year": "year = 2019",
    "decimal": 'decimal = ","',
    "thousands": 'thousands = "."',
    "skip": "skip = 2 (lines at the top) or skip = [2, -1] (these lines)",
    "without_weight": f'without_weight = "{LEFT_OUT}"',
}
_EXPECTED = (
    "[columns] and [values.<our column>], and [file], [missing], [years.<year>], [cuts], [minimum], [halves]; names "
    'with spaces or points stand in quotes: "V 21.A" = "autonomy1"'
)


def read_mapping(mapping: Mapping[str, str] | str | Path | None) -> Mapped:
    """A mapping given as a dict, or as a TOML file or a CSV file (file,ours).

    Tables of the TOML file: ``[file]`` (``year``; ``decimal``, ``thousands``, ``skip``; ``without_weight``),
    ``[columns]``, ``[values.<our column>]``, ``[missing]``, ``[years.<year>]`` (columns of one year), ``[cuts]``,
    ``[minimum]``, ``[halves]``.

    Raises
    ------
    DataError
        When the file cannot be read as such.
    """
    if mapping is None:
        return Mapped()
    if isinstance(mapping, Mapping):
        return Mapped(_names(mapping, "mapping=", "mapping="))
    if not isinstance(mapping, (str, Path)):
        raise DataError(
            "mapping= is not understood.",
            where="mapping=",
            found=repr(mapping)[:80],
            expected="{'column in the file': 'our column'}, or the path of a .toml or .csv file",
        )
    path = Path(mapping)
    text = _text(path)
    if path.suffix.lower() == ".toml":
        return _from_toml(text, path)
    return _from_csv(text, path)


def _text(path: Path) -> str:
    """The text of a mapping file: UTF-8, else Windows cp1252 with a word."""
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        raise DataError("The mapping cannot be read.", where=str(path), found=str(error)[:80]) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        text = "\0"
    if any(sign < " " and sign not in "\t\r\n" for sign in text):
        raise DataError(
            "The mapping is not text in UTF-8.",
            where=f"{path.name}, line {line}",
            found="UTF-16 text" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "bytes that are no text",
            expected="UTF-8 text",
            todo="Save it as UTF-8.",
        )
    shown = text.splitlines()[line - 1].strip()[:60]
    words = f"{path.name} is not UTF-8: it was read as Windows cp1252 text. Save it as UTF-8."
    warnings.warn(LloWarning(f"{words}\n  where: line {line}: {shown}"), stacklevel=4)
    return text


def _from_csv(text: str, path: Path) -> Mapped:
    """A mapping in CSV: columns file and ours."""
    try:
        rows = [row for row in csv.reader(text.splitlines(), delimiter=";" if ";" in text else ",") if any(row)]
    except csv.Error as error:
        raise DataError("The mapping file is not understood.", where=path.name, found=str(error)) from error
    if not rows or any(len(row) != 2 for row in rows) or [cell.strip().lower() for cell in rows[0]] != ["file", "ours"]:
        raise DataError(
            "The mapping file is not understood.",
            where=path.name,
            found=", ".join(rows[0])[:80] if rows else "nothing",
            expected="two columns named file and ours, or a .toml file with a table [columns]",
        )
    pairs = [(theirs.strip(), ours.strip()) for theirs, ours in rows[1:]]
    twice = sorted({theirs for theirs, _ in pairs if sum(theirs == other for other, _ in pairs) > 1})
    if twice:
        raise DataError(
            f"The mapping names the column {twice[0]!r} twice.",
            where=path.name,
            found=", ".join(ours for theirs, ours in pairs if theirs == twice[0]),
            expected="one line for each column",
        )
    return Mapped(_names(dict(pairs), path.name, path.name), name=path.name)


def _from_toml(text: str, path: Path) -> Mapped:
    """A mapping in TOML."""
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        what = "too deeply nested" if isinstance(error, RecursionError) else str(error)[:200]
        raise DataError("The mapping file is not TOML.", where=path.name, found=what) from error
    if _far(tables):
        raise _wrong(path.name, "[...]", "a whole number of more than 20 digits", "codes, years and cuts")
    unknown = [name for name in tables if name not in _TABLES or not isinstance(tables[name], Mapping)]
    if unknown:
        raise DataError(
            "The mapping file has tables that are not understood.",
            where=path.name,
            found=", ".join(unknown)[:200],
            expected=_EXPECTED,
        )
    of_file = tables.get("file", {})
    other = [name for name in of_file if name not in _OF_FILE]
    if other:
        raise _wrong(path.name, "file", ", ".join(other), "; ".join(_OF_FILE.values()))
    if of_file.get("without_weight", LEFT_OUT) != LEFT_OUT:
        raise _wrong(path.name, "file", f"without_weight = {of_file['without_weight']!r}", _OF_FILE["without_weight"])
    form = {name: of_file[name] for name in ("decimal", "thousands", "skip") if name in of_file}
    years = {_year(year, path): year for year in tables.get("years", {})}
    return Mapped(
        _names(tables.get("columns", {}), path.name, "[columns]"),
        {nfc(name): _translation(codes, path.name, name) for name, codes in tables.get("values", {}).items()},
        {nfc(name): _codes(codes, path.name, name) for name, codes in tables.get("missing", {}).items()},
        {y: _names(tables["years"][name], path.name, f"[years.{name}]") for y, name in years.items()},
        {name: tables[name] for name in CHOICES if name in tables},
        _year(tables["file"]["year"], path) if "year" in tables.get("file", {}) else None,
        text_form(**form, where=f"{path.name}, [file]"),
        str(of_file.get("without_weight", "")),
        name=path.name,
    )


def _far(value: object) -> bool:
    """Is there a whole number that no file can hold?"""
    if isinstance(value, Mapping):
        return any(_far(each) for each in value.values())
    if isinstance(value, list):
        return any(_far(each) for each in value)
    return isinstance(value, int) and abs(value) >= 2**64


def _wrong(where: str, table: str, found: object, expected: str) -> DataError:
    """The error for a table that holds something else than it should."""
    label = table if table.startswith(("[", "mapping")) else f"[{table}]"
    return DataError(
        "The mapping cannot be followed.", where=f"{where}, {label}", found=str(found)[:120], expected=expected
    )


def _names(table: object, where: str, label: str) -> dict[str, str]:
    """Column in the file -> our column: two names."""
    expected = 'a line for each column: "column in the file" = "our column"'
    if not isinstance(table, Mapping):
        raise _wrong(where, label, repr(table), expected)
    for theirs, ours in table.items():
        if not (isinstance(theirs, str) and isinstance(ours, str) and theirs.strip() and ours.strip()):
            raise _wrong(where, label, f"{theirs!r} = {ours!r}", expected)
    names = {nfc(theirs): nfc(ours) for theirs, ours in table.items()}
    if len(names) < len(table):
        raise _wrong(where, label, ", ".join(table), "each column once (accents may be written in two ways)")
    return names


def _translation(table: object, where: str, name: str) -> dict[str, Any]:
    """Code in the file -> our code."""
    expected = 'a line for each code: "code in the file" = "our code"'
    if not isinstance(table, Mapping):
        raise _wrong(where, f"[values.{name}]", repr(table), expected)
    for theirs, ours in table.items():
        finite = not isinstance(ours, float) or math.isfinite(ours)
        if not isinstance(ours, (str, int, float)) or not finite or ours == "":
            raise _wrong(where, f"[values.{name}]", f"{theirs!r} = {ours!r}", f"{expected}; missing: [missing] {name}")
    return dict(table)


def _codes(codes: object, where: str, name: str) -> list[Any]:
    """Codes that mean missing."""
    listed = codes if isinstance(codes, list) else [codes]
    for code in listed:
        if not isinstance(code, (str, int, float, datetime.date, datetime.time)):
            raise _wrong(where, f"[missing] {name}", repr(code), "a code, or a list of codes: [8, 9]")
    return listed


def _year(value: object, path: Path) -> int:
    """A year in a mapping file."""
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) == 4 and 1900 < int(text) < 2200):
        raise DataError(
            "The mapping file names a year that is none.", where=path.name, found=text[:40], expected="2019"
        )
    return int(text)
