"""Files of microdata as frames: .csv .csv.gz .sav .dta .parquet, columns under their own names and in order."""

from __future__ import annotations

import csv
import fnmatch
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.data import textfile
from llo_research.errors import DataError

SUFFIXES = (".csv", ".csv.gz", ".sav", ".dta", ".parquet")
Chooser = Callable[[list[str]], list[str]]


@dataclass(frozen=True)
class Table:
    """A file as read.

    ``frame`` holds its columns (numbers as numbers, text as text, '.' and empty as missing), ``header`` all column
    names of the file, ``separator`` is None for files that have none. ``labels`` and ``value_labels`` (code -> label)
    are those that an SPSS or Stata file gives its columns; ``own_header`` the names before a mapping.
    """

    path: Path
    frame: pd.DataFrame
    header: list[str]
    separator: str | None
    encoding: str | None
    sha256: str
    labels: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    own_header: list[str] = field(default_factory=list)


def read_table(path: Path, missing: Mapping[str, Any], choose: Chooser | None = None) -> Table:
    """Read one file.

    Parameters
    ----------
    path : Path
        A .csv, .csv.gz, .sav, .dta or .parquet file.
    missing : mapping
        ``tokens`` (text that means missing, such as '.n') and ``text_columns`` (patterns of columns that stay text).
    choose : callable, optional
        From the names in the header, those to read; all when absent.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        When the file is absent, empty, cut off, garbled or of a kind that is not read.
    """
    suffix = next((s for s in sorted(SUFFIXES, key=len, reverse=True) if path.name.lower().endswith(s)), None)
    if suffix is None:
        raise DataError(
            f"{path.name} is of a kind that is not read.",
            where=path.name,
            found=path.suffix or "no extension",
            expected=", ".join(SUFFIXES),
            todo="Export the data as one of these.",
        )
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be read.", where=str(path), found=error.strerror or str(error), expected="a file"
        ) from error
    if not raw:
        raise DataError(f"{path.name} is empty.", where=path.name, found="0 bytes", expected="rows of data")
    digest = hashlib.sha256(raw).hexdigest()
    if suffix.startswith(".csv"):
        return _read_text(path, raw, digest, missing, choose)
    whole = {".sav": _read_sav, ".dta": _read_dta, ".parquet": _read_parquet}[suffix](path, choose)
    header, kept, frame = whole.header, whole.kept, whole.frame
    if len(frame) == 0:
        raise DataError(f"{path.name} has column names but no rows.", where=path.name, found="0 rows")
    frame = frame[kept].reset_index(drop=True)
    tokens = set(missing.get("tokens", ()))
    for name in kept:
        if frame[name].dtype.kind not in "biufM":
            frame[name] = _numbers_if_all(frame[name], tokens, text=_is_text(name, missing))
    return Table(path, frame, header, None, None, digest, whole.labels, whole.value_labels)


@dataclass(frozen=True)
class _Binary:
    """A binary file: its columns, those that were read, the data, and the labels in the file."""

    header: list[str]
    kept: list[str]
    frame: pd.DataFrame
    labels: dict[str, str] = field(default_factory=dict)
    value_labels: dict[str, dict[Any, str]] = field(default_factory=dict)


def _read_text(path: Path, raw: bytes, digest: str, missing: Mapping[str, Any], choose: Chooser | None) -> Table:
    """A delimited text file, checked row by row before it is parsed."""
    content, encoding = textfile.decode(textfile.unpack(raw, path), path)
    text = textfile.split(content, encoding, path)
    kept = text.header if choose is None else choose(text.header)
    tokens = [*missing.get("tokens", ()), ""]
    frame = pd.read_csv(
        io.StringIO(text.content),
        sep=text.separator,
        header=0,
        names=text.header,
        usecols=kept,
        dtype={name: str for name in kept if _is_text(name, missing)},
        na_values=tokens,
        keep_default_na=False,
        skipinitialspace=True,
        low_memory=False,
        quoting=csv.QUOTE_MINIMAL,
    )
    frame = frame[kept]
    return Table(path, frame, text.header, text.separator, encoding, digest)


def _is_text(name: str, missing: Mapping[str, Any]) -> bool:
    """Does this column hold codes that are text ('01' is not 1)?"""
    return any(fnmatch.fnmatchcase(name.upper(), pattern) for pattern in missing.get("text_columns", ()))


def _numbers_if_all(column: pd.Series, tokens: set[str], *, text: bool) -> pd.Series:
    """Text from SPSS, Stata or Parquet: missing tokens to missing, and to numbers when nothing else is in it."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    stripped = column.map(lambda value: value.strip() if isinstance(value, str) else value)
    cleaned = stripped.where(~stripped.isin([*tokens, ""]), None)
    if text:
        return cleaned.map(lambda value: str(value) if pd.notna(value) else None)
    numbers = pd.to_numeric(cleaned, errors="coerce")
    return numbers if bool((numbers.isna() == cleaned.isna()).all()) else cleaned


def _read_sav(path: Path, choose: Chooser | None) -> _Binary:
    """An SPSS file: codes, not labels; values declared missing by the user become missing."""
    try:
        import pyreadstat
    except ImportError as error:
        raise DataError(
            "Reading an SPSS file needs the package pyreadstat, which is not installed.",
            where=path.name,
            todo="pip install 'llo-research[spss]', or export the data as CSV.",
        ) from error
    try:
        _, told = pyreadstat.read_sav(str(path), metadataonly=True)
        header = [str(name) for name in told.column_names]
        kept = header if choose is None else choose(header)
        frame, _ = pyreadstat.read_sav(str(path), apply_value_formats=False, usecols=kept)
    except (pyreadstat.ReadstatError, ValueError) as error:
        raise _damaged(path, "SPSS", error) from error
    labels = {name: str(text) for name, text in told.column_names_to_labels.items() if text}
    values = {name: dict(codes) for name, codes in told.variable_value_labels.items()}
    return _Binary(header, kept, pd.DataFrame(frame), labels, values)


def _read_dta(path: Path, choose: Chooser | None) -> _Binary:
    """A Stata file: codes, not labels; extended missing values (.a to .z) become missing."""
    try:
        with pd.read_stata(path, iterator=True, convert_categoricals=False) as reader:
            told = reader.variable_labels()
            header = list(told)
            kept = header if choose is None else choose(header)
            sets = reader.value_labels()
        frame = pd.read_stata(path, columns=kept, convert_categoricals=False)
    except (ValueError, OSError, KeyError, IndexError, UnicodeDecodeError) as error:
        raise _damaged(path, "Stata", error) from error
    labels = {name: text for name, text in told.items() if text}
    return _Binary(header, kept, frame, labels, {name: dict(sets[name]) for name in header if name in sets})


def _read_parquet(path: Path, choose: Chooser | None) -> _Binary:
    """A Parquet file."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise DataError(
            "Reading a Parquet file needs the package pyarrow, which is not installed.",
            where=path.name,
            todo="pip install 'llo-research[parquet]', or export the data as CSV.",
        ) from error
    try:
        header = [
            str(name) for name in pyarrow.parquet.read_schema(path).names if not name.startswith("__index_level_")
        ]
        kept = header if choose is None else choose(header)
        return _Binary(header, kept, pd.read_parquet(path, columns=kept))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _damaged(path, "Parquet", error) from error


def _damaged(path: Path, kind: str, error: Exception) -> DataError:
    """The error for a binary file that cannot be read to its end."""
    return DataError(
        f"{path.name} is cut off or damaged: it cannot be read as a {kind} file.",
        where=path.name,
        found=str(error)[:120],
        expected=f"a complete {kind} file",
        todo="Download or export it again.",
    )
