"""Columns as a .csv, .dta, .sav or .parquet file: the same bytes for the same columns."""

from __future__ import annotations

import datetime
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.survey.file_columns import EXACT, FileColumn, refused
from llo_research.survey.file_values import Coded, coded

Writer = Callable[[IO[bytes], Sequence[FileColumn], Mapping[str, str], str], None]
_ROWS = 10_000  # lines that are joined at once
_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')
_STATA_TEXT = 2045  # bytes; longer text is a strL
_STATA_LABELS = 32_000  # bytes of all labels of a column, which pandas writes
_NO_CLOCK = datetime.datetime(2000, 1, 1)  # the time in the header, so that the same data give the same bytes
_SAV_CLOCK = (92, b"01 Jan 0000:00:00")  # its place in the header of a .sav file: date (9 bytes) and time (8)


# -- .csv ---------------------------------------------------------------------------------------------------------


def write_csv(stream: IO[bytes], columns: Sequence[FileColumn], names: Mapping[str, str], title: str) -> None:
    """Delimited text as R reads it: all digits, an empty field where a value is missing, no byte order mark."""
    stream.write((",".join(_quoted(column.name) for column in columns) + "\n").encode("utf-8"))
    cells = [_cells(column) for column in columns]
    if len(cells) == 1:  # an empty line would be no row
        cells = [np.where(cells[0] == "", '""', cells[0])]
    for start in range(0, len(columns[0].missing), _ROWS):
        rows = zip(*(own[start : start + _ROWS].tolist() for own in cells), strict=True)
        stream.write(("\n".join(map(",".join, rows)) + "\n").encode("utf-8"))


def _cells(column: FileColumn) -> np.ndarray:
    """The text of each cell (n,)."""
    if column.kind == "category":
        codes, told = column.values, _texts(column, column.levels)
    else:
        codes, found = pd.factorize(column.values)
        told = _texts(column, found if column.kind in ("day", "moment", "clock", "span") else found.tolist())
    return np.array([*told, ""], dtype=object)[np.where(column.missing, -1, codes)]


def _texts(column: FileColumn, distinct: Any) -> list[str]:
    """Distinct values as text."""
    if column.kind == "switch":
        return ["TRUE" if value else "FALSE" for value in distinct]
    if column.kind == "day":
        return [str(text) for text in np.datetime_as_string(distinct, unit="D")]
    if column.kind == "moment":
        return [_moment(text) + ("Z" if column.zoned else "") for text in np.datetime_as_string(distinct)]
    if column.kind == "clock":
        return [_moment(text).partition("T")[2] for text in np.datetime_as_string(np.datetime64(0, "D") + distinct)]
    if column.kind == "span":
        return [_number(float(value / np.timedelta64(1, "ns")) / 1e9) for value in distinct]
    return [_quoted(value) if isinstance(value, str) else _number(value) for value in distinct]


def _moment(text: str) -> str:
    """A date and time without zeros at the end of the second, and without a missing time of day."""
    text = text if "T" in text else f"{text}T00:00:00"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: float) -> str:
    """All digits of a number; whole ones without a point."""
    return str(int(value)) if float(value).is_integer() and abs(value) <= EXACT else repr(value)


def _quoted(text: str) -> str:
    """Text between quotes where it would be read as several cells, or trimmed."""
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


# -- .dta ---------------------------------------------------------------------------------------------------------


def write_dta(stream: IO[bytes], columns: Sequence[FileColumn], names: Mapping[str, str], title: str) -> None:
    """A Stata file of version 118 (Stata 14 and later)."""
    made = _coded(columns, names, "dta")
    for column in columns:
        size = sum(len(text.encode("utf-8")) + 1 for text in made[names[column.name]].value_labels.values())
        if size > _STATA_LABELS:
            found = f"{size:,} bytes, {len(made[names[column.name]].value_labels)} labels"
            raise refused(column.name, "has more text in its labels than is written for Stata", found=found)
    if len(made) > 32_767:
        raise DataError("Stata takes 32,767 columns.", where="svy.to_file", found=len(made), todo="columns=[...]")
    dates: dict[Any, Any] = {name: own.format for name, own in made.items() if own.format in ("td", "tc")}
    held = io.BytesIO()
    _frame(made).to_stata(
        held,
        write_index=False,
        version=118,
        byteorder="<",
        time_stamp=_NO_CLOCK,
        data_label=title or None,
        convert_dates=dates,
        variable_labels={name: own.label for name, own in made.items()},
        value_labels={name: own.value_labels for name, own in made.items() if own.value_labels},
        convert_strl=[name for name, own in made.items() if own.values.dtype == object and _long(own.values)],
    )
    stream.write(held.getbuffer())


def _long(values: np.ndarray) -> bool:
    """Text above the size of Stata's plain strings."""
    return any(len(text) > _STATA_TEXT // 4 and len(text.encode("utf-8")) > _STATA_TEXT for text in values if text)


def _coded(columns: Sequence[FileColumn], names: Mapping[str, str], kind: str) -> dict[str, Coded]:
    """The columns as numbers and text, by their names in the file."""
    return {
        names[column.name]: coded(column, kind, None if names[column.name] == column.name else column.name)
        for column in columns
    }


def _frame(made: Mapping[str, Coded]) -> pd.DataFrame:
    """Columns side by side; text as Python objects."""
    return pd.DataFrame({name: pd.Series(own.values, dtype=own.values.dtype) for name, own in made.items()}, copy=False)


# -- .sav ---------------------------------------------------------------------------------------------------------


def write_sav(stream: IO[bytes], columns: Sequence[FileColumn], names: Mapping[str, str], title: str) -> None:
    """An SPSS file; it is written by its library under the name of the open file."""
    import pyreadstat

    made = _coded(columns, names, "sav")
    try:
        pyreadstat.write_sav(
            _frame(made),
            stream.name,
            file_label=title,
            row_compress=True,
            column_labels={name: own.label for name, own in made.items() if own.label},
            variable_value_labels={name: own.value_labels for name, own in made.items() if own.value_labels},
            variable_format={name: own.format for name, own in made.items() if own.format},
            variable_measure={name: own.measure for name, own in made.items()},
        )
    except Exception as error:  # its own errors derive from nothing else, and have no public names in all versions
        raise ValueError(str(error)) from error
    place, clock = _SAV_CLOCK
    stream.seek(place)
    stream.write(clock)


# -- .parquet -----------------------------------------------------------------------------------------------------


def write_parquet(stream: IO[bytes], columns: Sequence[FileColumn], names: Mapping[str, str], title: str) -> None:
    """A Parquet file; labels stand in the metadata of its fields."""
    import pyarrow
    import pyarrow.parquet

    arrays = [_arrow(column) for column in columns]
    fields = [
        pyarrow.field(column.name, array.type, metadata=_about(column))
        for column, array in zip(columns, arrays, strict=True)
    ]
    about = {"title": title} if title else None
    table = pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields, metadata=about))
    pyarrow.parquet.write_table(table, stream)


def _about(column: FileColumn) -> dict[str, str]:
    """Labels as metadata."""
    values = {str(value): text for value, text in column.value_labels.items()}
    told = {"label": column.label, "value_labels": json.dumps(values, ensure_ascii=False) if values else ""}
    return {key: text for key, text in told.items() if text}


def _arrow(column: FileColumn) -> Any:
    """A column as an Arrow array."""
    import pyarrow

    values, missing = column.values, column.missing
    if column.kind == "text":
        return pyarrow.array(values, type=pyarrow.string(), mask=missing)
    if column.kind == "category":
        codes = pyarrow.array(values.astype(np.int32), mask=missing)
        levels = pyarrow.array(column.levels, type=pyarrow.string() if column.coded_text else None)
        return pyarrow.DictionaryArray.from_arrays(codes, levels, ordered=column.ordered)
    made = pyarrow.array(values, mask=missing)
    if column.kind == "day":
        return made.cast(pyarrow.date32())
    if column.kind == "clock":
        return made.cast(pyarrow.int64()).cast(pyarrow.time64("us"))
    return made.cast(pyarrow.timestamp(made.type.unit, "UTC")) if column.zoned else made


WRITERS: dict[str, Writer] = {"csv": write_csv, "dta": write_dta, "sav": write_sav, "parquet": write_parquet}


def write(kind: str, stream: IO[bytes], columns: Sequence[FileColumn], names: Mapping[str, str], title: str) -> None:
    """Write a file of one kind.

    names : the name in the file of each column.
    title : what the file is called inside, where it can be.

    Raises
    ------
    DataError
        What the library that writes it refuses, in its words.
    """
    try:
        WRITERS[kind](stream, columns, names, title)
    except ValueError as error:
        raise DataError(
            f"The data cannot be written as a .{kind} file.",
            where="svy.to_file",
            found=str(error)[:160],
            todo="name some of the columns with columns=, to find the one that does not fit",
        ) from error
