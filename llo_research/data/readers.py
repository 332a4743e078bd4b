"""Files of microdata as frames: .csv .csv.gz .sav .dta .parquet, columns under their own names and in order."""

from __future__ import annotations

import csv
import fnmatch
import hashlib
import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data import number_marks, textfile, typed_files
from llo_research.data.exact_text import EXACT, numbers_or_text, tidy
from llo_research.data.extra_rows import check_extra_rows
from llo_research.data.text_form import FormError, TextForm, without_lines
from llo_research.data.typed_files import Chooser, Typed
from llo_research.errors import DataError

SUFFIXES = (".csv", ".csv.gz", ".sav", ".zsav", ".dta", ".parquet")
# What to do with kinds of files that are not read.
_EXPORT = {
    ".por": "In SPSS: GET or IMPORT FILE, then SAVE OUTFILE='own.sav'.",
    ".xlsx": "Save the sheet as 'CSV UTF-8'; or llo.Survey(pandas.read_excel(...), weights=...), which has no labels.",
    ".xls": "Save the sheet as 'CSV UTF-8'; or llo.Survey(pandas.read_excel(...), weights=...), which has no labels.",
    ".sas7bdat": "Export it as .sav or .dta; or llo.Survey(pandas.read_sas(...), weights=...), which has no labels.",
    ".xpt": "Export it as .sav or .dta; or llo.Survey(pandas.read_sas(...), weights=...), which has no labels.",
    **dict.fromkeys((".txt", ".tsv", ".dat", ".tab"), "When it is delimited text, call it .csv: tabs, too, are found."),
}
_AS_IT_TELLS = TextForm()
_REMEDIES = 4  # of one text file
_CODES = 1000  # distinct decimals above which a column holds measurements, not codes such as 1.1 and 1.10


@dataclass(frozen=True)
class Table:
    """A file as read.

    ``frame`` holds its columns (numbers as numbers, text as text, '.' and empty as missing), ``header`` all column
    names of the file, ``separator`` is None for files that have none. ``labels`` and ``value_labels`` (code -> label)
    are those that an SPSS or Stata file gives its columns, ``user_missing`` counts the values that such a file
    declares missing, ``declared`` holds the ranges of an SPSS file; ``own_header`` the names before a mapping.
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
    user_missing: Mapping[str, int] = field(default_factory=dict)
    declared: Mapping[str, Sequence[Sequence[Any]]] = field(default_factory=dict)


def read_table(
    path: Path,
    missing: Mapping[str, Any],
    choose: Chooser | None = None,
    *,
    encoding: str | None = None,
    comma: bool = False,
    count: bool = False,
    form: TextForm = _AS_IT_TELLS,
) -> Table:
    """Read one file.

    Text becomes numbers only when every value of a column converts back to the same text. Blanks at the end of text
    are dropped. Tokens for missing hold in text files everywhere; in files with types of their own, which have
    missing values, they hold in columns of numbers only: there 'NA' may be a code.

    Parameters
    ----------
    path : Path
        A .csv, .csv.gz, .sav, .zsav, .dta or .parquet file.
    missing : mapping
        ``tokens`` and ``letters`` (text that means missing, such as '.n') and ``text_columns`` (patterns of columns
        that stay text).
    choose : callable, optional
        From the names in the header, those to read; all when absent.
    encoding : str, optional
        Encoding of the text, where the file does not say it, or says it wrongly.
    comma : bool
        Whether numbers in a text file separated by semicolons may have a decimal comma.
    count : bool
        Whether extended missing values of a Stata file are counted.
    form : TextForm
        What the user says of the marks in the numbers of a text file, and of lines that are no data.

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
            todo=_EXPORT.get(path.suffix.lower(), "Export the data as one of these."),
        )
    textfile.check_encoding(encoding)
    try:
        with path.open("rb") as stream:
            raw = stream.read() if suffix.startswith(".csv") else stream.read(1)
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be read.", where=str(path), found=error.strerror or str(error), expected="a file"
        ) from error
    if not raw:
        raise DataError(f"{path.name} is empty.", where=path.name, found="0 bytes", expected="rows of data")
    if suffix.startswith(".csv"):
        table = _read_text(path, raw, missing, choose, encoding, comma=comma, form=form)
        check_extra_rows(table.frame, path, text=True)
        return table
    with ThreadPoolExecutor(1) as beside:
        digest = beside.submit(_digest, path)
        whole = _read_typed(path, suffix, choose, encoding, count=count)
        table = _table(path, whole, digest.result(), missing)
    check_extra_rows(table.frame, path, text=False)
    return table


def table_to_look_at(
    path: Path, missing: Mapping[str, Any], choose: Chooser | None = None, *, comma: bool = False
) -> tuple[Table, list[FormError]]:
    """A file as it would be read with the remedies of what is odd about its text, and what that is; for a proposal."""
    form = _AS_IT_TELLS
    odd: list[FormError] = []
    while True:
        try:
            return read_table(path, missing, choose, comma=comma, form=form), odd
        except FormError as error:
            if len(odd) > _REMEDIES:
                raise
            odd.append(error)
            form = form.along(error.remedy)


def _digest(path: Path) -> str:
    """SHA-256, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_typed(path: Path, suffix: str, choose: Chooser | None, encoding: str | None, *, count: bool) -> Typed:
    """A file with types of its own."""
    if suffix == ".dta":
        return typed_files.read_dta(path, choose, encoding, count=count)
    return (typed_files.read_sav if suffix in (".sav", ".zsav") else typed_files.read_parquet)(path, choose, encoding)


def _table(path: Path, whole: Typed, digest: str, missing: Mapping[str, Any]) -> Table:
    """A file with types of its own as a table: its text tidied, and numbers where it is nothing but numbers."""
    if len(whole.frame) == 0:
        raise DataError(f"{path.name} has column names but no rows.", where=path.name, found="0 rows")
    tokens = {*missing.get("tokens", ()), *missing.get("letters", ())}
    never = {token for token in missing.get("tokens", ()) if not token.isalpha()}
    columns = {}
    for name in whole.kept:
        column = whole.frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            columns[name] = column.astype(object) if _is_text(name, missing) else column
        elif column.dtype.kind in "biufcmM":
            columns[name] = column
        elif _is_text(name, missing):
            text = tidy(column)
            columns[name] = text.mask(text.isin(list(never)))
        else:
            columns[name] = numbers_or_text(tidy(column), tokens, written=False, missing=never)
    frame = pd.DataFrame(columns, copy=False)
    return Table(
        path,
        frame,
        whole.header,
        None,
        None,
        digest,
        whole.labels,
        whole.value_labels,
        user_missing=whole.user_missing,
        declared=whole.declared,
    )


def _read_text(
    path: Path,
    raw: bytes,
    missing: Mapping[str, Any],
    choose: Chooser | None,
    encoding: str | None,
    *,
    comma: bool,
    form: TextForm,
) -> Table:
    """A delimited text file, checked row by row before it is parsed."""
    digest = hashlib.sha256(raw).hexdigest()
    content, encoding = textfile.decode(textfile.unpack(raw, path), path, encoding)
    text = textfile.split(without_lines(content, form.skip, path.name), encoding, path)
    kept = text.header if choose is None else choose(text.header)
    fixed = [name for name in kept if _is_text(name, missing)]
    tokens = [*missing.get("tokens", ()), ""]
    frame = _parsed(text, kept, fixed, tokens, path)
    coded = set(textfile.columns_with_codes(text))
    open_ones = [name for name in kept if name not in fixed and not _is_string(frame[name])]
    doubtful = [name for name in open_ones if name in coded or _may_be_code(frame[name])]
    if doubtful:
        again = _parsed(text, doubtful, doubtful, tokens, path)
        frame = frame.assign(**{name: again[name] for name in doubtful})
    letters = [*missing.get("letters", ()), *tokens]
    frame, form = _without_marks(frame, text, fixed, tokens, form, path)
    comma = comma and text.separator == ";" and form.decimal is None
    columns = {}
    for name in kept:
        column = frame[name]
        if _is_string(column):
            column = tidy(column)
            if name not in fixed:
                column = numbers_or_text(column, letters, written=True, comma=comma)
        columns[name] = column
    return Table(path, pd.DataFrame(columns, copy=False), text.header, text.separator, encoding, digest)


def _without_marks(
    frame: pd.DataFrame, text: textfile.Text, fixed: list[str], tokens: list[str], form: TextForm, path: Path
) -> tuple[pd.DataFrame, TextForm]:
    """The columns with no marks of thousands in their numbers, where the file or the user says that they are that."""
    told = form.decimal is not None or form.thousands is not None
    if text.separator == "," and not told:
        return frame, form
    seen = [name for name in number_marks.doubtful(frame, text.content, every=told) if name not in fixed]
    again = [name for name in seen if frame[name].dtype.kind == "f"]
    texts = _parsed(text, again, again, tokens, path) if again else frame
    suspects = {name: texts[name] if name in again else frame[name] for name in seen}
    points = [name for name, column in suspects.items() if number_marks.grouped(column)]
    if points or told:
        form = number_marks.settled(text.content, points, form, path)
    if form.thousands is None and form.decimal in (None, "."):
        return frame, form
    plain = {name: number_marks.without_thousands(column, form, path) for name, column in suspects.items()}
    return frame.assign(**plain), form


def _parsed(text: textfile.Text, kept: list[str], as_text: list[str], tokens: list[str], path: Path) -> pd.DataFrame:
    """Columns of a text file."""
    try:
        frame = pd.read_csv(
            io.BytesIO(text.content.encode("utf-8")),
            encoding="utf-8",
            sep=text.separator,
            header=0,
            names=text.header,
            usecols=kept,
            dtype=dict.fromkeys(as_text, str),
            na_values=tokens,
            keep_default_na=False,
            skipinitialspace=True,
            low_memory=False,
            quoting=csv.QUOTE_MINIMAL,
        )
    except (ValueError, OverflowError, MemoryError) as error:
        raise DataError(
            f"{path.name} cannot be read as delimited text.",
            where=path.name,
            found=str(error)[:120],
            todo="Download or export it again.",
        ) from error
    return frame[kept]


def _is_string(column: pd.Series) -> bool:
    """Does this column hold text, and nothing else?"""
    if isinstance(column.dtype, pd.StringDtype):
        return True
    return column.dtype.kind not in "biufcmM" and all(isinstance(v, str) for v in pd.unique(column.dropna()))


def _may_be_code(column: pd.Series) -> bool:
    """Might a column that was parsed as numbers have lost something: whole numbers above 2**53, 1.10, TRUE, inf?"""
    if column.dtype.kind != "f":
        return column.dtype.kind == "b" or (column.dtype.kind == "O" and not _is_string(column))
    values = column.to_numpy()
    values = values[~np.isnan(values)]
    if len(values) and (np.abs(values).max() >= EXACT or not np.isfinite(values).all()):
        return True
    broken = values[values != np.floor(values)]
    few = pd.unique(broken[: 20 * _CODES])
    return 0 < len(few) <= _CODES and len(pd.unique(broken)) <= _CODES


def _is_text(name: str, missing: Mapping[str, Any]) -> bool:
    """Does this column hold codes that are text ('01' is not 1)?"""
    return any(fnmatch.fnmatchcase(name.upper(), pattern) for pattern in missing.get("text_columns", ()))
