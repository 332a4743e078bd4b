"""Files with types of their own (.sav, .dta, .parquet): header, labels, columns; what is missing in them is missing."""

from __future__ import annotations

import codecs
import struct
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data import sealed_reading
from llo_research.data.columns_read import at_origin, series_of
from llo_research.data.file_headers import check_cells, check_dta, check_sav, damaged
from llo_research.errors import DataError

Chooser = Callable[[list[str]], list[str]]
_BUSY = ("DATETIME", "YMDHMS")
_DAYS = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR")
_SPANS = ("TIME", "DTIME", "MTIME")
_SETS = "_lbllist"  # the set of labels that each column uses; pandas keeps it, and has no public name for it
# What pandas' reader of Stata files, which is Python, raises at bytes that make no sense.
_STATA = (ValueError, OSError, LookupError, ArithmeticError, MemoryError, TypeError, AttributeError, EOFError)
_PACKAGES = {"SPSS": ("pyreadstat", "spss", "an SPSS"), "Parquet": ("pyarrow", "parquet", "a Parquet")}


@dataclass(frozen=True)
class Typed:
    """A file: its columns, those that were read, the data, its labels, user-missing values a column, their ranges."""

    header: list[str]
    kept: list[str]
    frame: pd.DataFrame
    labels: dict[str, str] = field(default_factory=dict)
    value_labels: dict[str, dict[Any, str]] = field(default_factory=dict)
    user_missing: dict[str, int] = field(default_factory=dict)
    declared: dict[str, list[list[Any]]] = field(default_factory=dict)


def read_sav(path: Path, choose: Chooser | None, encoding: str | None) -> Typed:
    """An SPSS file: codes, not labels; values declared missing by the user become missing; dates are dates."""
    _need(path, "SPSS")
    sealed_reading.start()
    cells, size = check_sav(path), path.stat().st_size
    known = None if encoding is None else codecs.lookup(encoding).name  # latin-1 is iso8859-1 to the reader of SPSS
    job = {"kind": "sav", "path": str(path.absolute()), "encoding": known}
    told = _answers(path, "SPSS", {**job, "ask": "header"}, size, 0)[0][0]
    header = _header(told["names"], path, "SPSS")
    kept = header if choose is None else choose(header)
    columns: dict[str, pd.Series] = {}
    counts: dict[str, int] = {}
    for about, arrays in _answers(path, "SPSS", {**job, "ask": "columns", "names": kept}, size, cells) if kept else ():
        name = about["name"]
        series = _made(path, "SPSS", about, arrays)
        gone = _declared_missing(series, told["missing"].get(name, ()))
        if gone.any():
            counts[name], series = int(gone.sum()), series.mask(gone)
        columns[name] = _dated(series, str(told["formats"].get(name) or ""), path)
    values = {name: {code: str(text) for code, text in pairs} for name, pairs in told["values"].items()}
    return Typed(
        header, kept, _framed(columns, kept, path, "SPSS"), dict(told["labels"]), values, counts, told["missing"]
    )


def read_parquet(path: Path, choose: Chooser | None, encoding: str | None) -> Typed:
    """A Parquet file, with the named index that pandas may have left in it as columns."""
    _utf8_only(path, encoding, "A Parquet file is in UTF-8, by its definition.")
    _need(path, "Parquet")
    sealed_reading.start()
    size = path.stat().st_size
    job = {"kind": "parquet", "path": str(path.absolute())}
    told = _answers(path, "Parquet", {**job, "ask": "header"}, size, 0)[0][0]
    ranges = {str(level["name"]): level for level in told["ranges"] if level["name"] not in told["names"]}
    names = {str(told["named"].get(name, name)): name for name in told["names"]}
    header = _header([*(told["named"].get(n, n) for n in told["names"]), *ranges], path, "Parquet")
    check_cells(path, "Parquet", told["rows"], len(header), size)
    kept = header if choose is None else choose(header)
    _check_kinds(path, {name: told["refused"][names[name]] for name in kept if names.get(name) in told["refused"]})
    inside = [names[name] for name in kept if name in names]
    answers = _answers(path, "Parquet", {**job, "ask": "columns", "names": inside}, size, told["rows"] * len(inside))
    read = {about["name"]: _made(path, "Parquet", about, arrays) for about, arrays in answers}
    columns = {name: read[names[name]] for name in kept if name in names}
    for name in kept:
        if name not in columns:
            columns[name] = _counted(ranges[name], told["rows"], path)
    return Typed(header, kept, _framed(columns, kept, path, "Parquet"))


def _counted(level: Mapping[str, Any], rows: int, path: Path) -> pd.Series:
    """An index of pandas that is told, not stored."""
    try:
        numbers = range(level["start"], level["stop"], level["step"])
    except (LookupError, TypeError, ValueError) as error:
        raise damaged(path, "Parquet", error) from error
    if len(numbers) != rows:
        raise damaged(path, "Parquet", f"an index of {len(numbers):,} rows, {rows:,} rows of data")
    return pd.Series(np.arange(numbers.start, numbers.stop, numbers.step))


def read_dta(path: Path, choose: Chooser | None, encoding: str | None, *, count: bool = False) -> Typed:
    """A Stata file: codes, not labels; extended missing values (.a to .z) become missing, counted when asked."""
    head = check_dta(path)
    old = not head.startswith(b"<") or b"<release>117<" in head
    if not old:
        _utf8_only(path, encoding, "A Stata file of version 14 or later is in UTF-8, by its definition.")
    try:
        with (
            warnings.catch_warnings(record=True) as said,
            pd.read_stata(path, iterator=True, convert_categoricals=False) as reader,
        ):
            warnings.simplefilter("always")
            told, sets = reader.variable_labels(), reader.value_labels()
            used = list(getattr(reader, _SETS))
    except (*_STATA, struct.error) as error:
        raise damaged(path, "Stata", error) from error
    header = _header(list(told), path, "Stata")
    kept = header if choose is None else choose(header)
    try:
        with warnings.catch_warnings(record=True) as said_too:
            warnings.simplefilter("always")
            frame = pd.read_stata(path, columns=kept, convert_categoricals=False)
            counts = _extended_missing(path, frame, kept) if count else {}
    except (*_STATA, struct.error) as error:
        raise damaged(path, "Stata", error) from error
    if any(issubclass(note.category, UnicodeWarning) for note in (*said, *said_too)):
        raise _other_encoding(path, "text that is not UTF-8, which a Stata file of version 14 or later must be", None)
    again = _recoder(encoding) if old else str
    labels = {name: again(text) for name, text in told.items() if text}
    # A set of labels has a name of its own, which need not be the variable's; several variables may share one.
    values = {
        n: {int(c): again(text) for c, text in sets[u].items()} for n, u in zip(header, used, strict=True) if u in sets
    }
    frame = frame[kept]
    if old and encoding is not None:
        frame = frame.apply(lambda column: column if column.dtype.kind in "biufcmM" else _recoded(column, again))
    return Typed(header, kept, frame, labels, values, counts)


def _recoder(encoding: str | None) -> Callable[[str], str]:
    """Text of an old Stata file, which pandas takes for latin-1, in the encoding that was told."""
    return (lambda text: text.encode("latin-1").decode(encoding, "replace")) if encoding else str


def _recoded(column: pd.Series, again: Callable[[str], str]) -> pd.Series:
    """The text of one column in the encoding that was told."""
    return column.map(lambda value: again(value) if isinstance(value, str) else value)


def _extended_missing(path: Path, frame: pd.DataFrame, kept: list[str]) -> dict[str, int]:
    """How many values of each column are one of .a to .z."""
    gaps = [name for name in kept if frame[name].dtype.kind in "fM" and frame[name].isna().any()]
    if not gaps:
        return {}
    counts: dict[str, int] = {}
    for names in (gaps, *([name] for name in gaps)):
        try:
            told = pd.read_stata(
                path, columns=list(names), convert_categoricals=False, convert_dates=False, convert_missing=True
            )
        except (
            KeyError
        ):  # a missing value that is none of Stata's (pandas writes one for its NA): by itself, not counted
            continue
        counts |= {n: sum(1 for v in told[n] if getattr(v, "string", ".") != ".") for n in names}
        if len(counts) == len(gaps):
            break
    return {name: number for name, number in counts.items() if number}


def _need(path: Path, kind: str) -> None:
    """The package that reads this kind is there."""
    package, extra, article = _PACKAGES[kind]
    if find_spec(package) is None:
        raise DataError(
            f"Reading {article} file needs the package {package}, which is not installed.",
            where=path.name,
            todo=f"pip install 'llo-research[{extra}]', or export the data as CSV.",
        )


def _answers(path: Path, kind: str, job: dict[str, Any], size: int, cells: int) -> list[Any]:
    """Answers of the process that reads, or what is wrong with the file in words."""
    try:
        answers = sealed_reading.ask(job, size=size, cells=cells)
    except sealed_reading.BrokenOff as error:
        raise damaged(path, kind, error) from error
    for told, _ in answers:
        if told.get("error") == "encoding":
            raise _other_encoding(path, told["text"], job.get("encoding"))
        if told.get("error") == "package":
            raise DataError(f"{path.name} cannot be read as a {kind} file.", where=path.name, found=told["text"])
        if "error" in told:
            raise damaged(path, kind, f"{told['type']}: {told['text']}")
    return answers


def _other_encoding(path: Path, found: str, encoding: str | None) -> DataError:
    """The error for text in another encoding than the file, or the user, says."""
    said = f"in the encoding {encoding!r}" if encoding else "in the encoding that the file says it has"
    return DataError(
        f"{path.name} holds text that is not {said}.",
        where=path.name,
        found=found[:160],
        expected="text in one encoding, the one that is told",
        todo="Name the right encoding: encoding='cp1252' (Windows) or encoding='utf-8'; or export the file as UTF-8. "
        "When no encoding fits, the file is damaged: download or export it again.",
    )


def _utf8_only(path: Path, encoding: str | None, why: str) -> None:
    """Formats that have one encoding take no other."""
    if encoding is not None and encoding.casefold().replace("_", "-") not in ("utf-8", "utf8"):
        raise DataError(
            f"{path.name} takes no encoding. {why}",
            where="encoding=",
            found=repr(encoding),
            expected="None",
            todo="Leave encoding= out. When its text is garbled, export it again from the program it comes from.",
        )


def _header(names: list[str], path: Path, kind: str) -> list[str]:
    """Column names, each once."""
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice or not names or "" in names:
        raise damaged(path, kind, f"a column twice: {twice[0]!r}" if twice else "a column without a name")
    return names


def _check_kinds(path: Path, refused: Mapping[str, str]) -> None:
    """Columns of kinds that no estimator takes are not read."""
    if refused:
        name, kind = next(iter(refused.items()))
        raise DataError(
            f"{path.name} has a column of a kind that is not read: {name!r}.",
            where=f"{path.name}, column {', '.join(map(repr, list(refused)[:5]))}",
            found=kind[:80],
            expected="numbers, text, dates, times, booleans or categories in every column that is read",
            todo="Name the other columns with columns=, or unnest it before writing the file.",
        )


def _made(path: Path, kind: str, about: dict[str, Any], arrays: list[np.ndarray]) -> pd.Series:
    """One column; what makes no sense in it is damage."""
    try:
        return series_of(about, arrays)
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        raise damaged(path, kind, error) from error


def _framed(columns: Mapping[str, pd.Series], kept: list[str], path: Path, kind: str) -> pd.DataFrame:
    """Columns side by side, all of one length."""
    if len({len(series) for series in columns.values()}) > 1 or list(columns) != list(kept):
        raise damaged(path, kind, "columns of different lengths")
    return pd.DataFrame(dict(columns), copy=False)


def _declared_missing(series: pd.Series, ranges: Any) -> np.ndarray:
    """Which values the file declares missing."""
    gone = np.zeros(len(series), dtype=bool)
    for low, high in ranges:
        if isinstance(low, str):
            gone |= series.eq(low.rstrip()).fillna(False).to_numpy(dtype=bool)
        elif series.dtype.kind in "iuf":
            gone |= series.between(low, high).to_numpy()
    return gone


def _dated(series: pd.Series, shown: str, path: Path) -> pd.Series:
    """Seconds since 14 October 1582 as dates, times or spans, where SPSS shows them so."""
    form = shown.upper().rstrip("0123456789.")
    if form not in (*_BUSY, *_DAYS, *_SPANS) or series.dtype.kind not in "iuf":
        return series
    try:
        return at_origin(series, day=form in _DAYS, span=form in _SPANS)
    except (ValueError, OverflowError) as error:
        raise damaged(path, "SPSS", f"{series.name}: {error}") from error
