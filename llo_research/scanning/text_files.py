"""Text files for a scan: separator and header are read here, so that an engine has nothing to guess but types.

An engine that guesses separators, quotes, comments and the place of the header drops lines that do not fit its guess.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from glob import escape
from pathlib import Path
from typing import Any

from llo_research.errors import DataError
from llo_research.scanning.columns import Column, columns_of, refuse_twice
from llo_research.scanning.reading import told

# What pandas takes for missing, so that a scan of a file is a Survey of pandas.read_csv of it; and a space (SPSS).
NOTHING = [
    *("", " ", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A"),
    *("NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
]
_SEPARATORS = (",", ";", "\t", "|")
_HEAD = 1_000_000
# A decimal comma, as in Dutch files with semicolons: the type of a column that DuckDB reads as text.
COMMA = "decimal comma"
_WITH_COMMA = r"^[+-]?(0|[1-9]\d*)(,\d+)?$"


def header_of(file: Path) -> tuple[str, list[str]]:
    """The separator of a text file, and the names of its columns: its first line."""
    with told(file.name), (gzip.open if file.name.lower().endswith(".gz") else open)(file, "rb") as text:
        head = text.read(_HEAD)
    try:
        # the last character may be cut in two
        words = head.decode("utf-8-sig", "strict" if len(head) < _HEAD else "ignore")
    except UnicodeDecodeError as error:
        raise _encoded(file.name, f"byte {error.start:,} is no UTF-8") from None
    if not words.strip():
        raise DataError("The file is empty.", where=file.name, found=f"{len(head):,} bytes", expected="a header")
    if "\x00" in words:
        raise _encoded(file.name, "bytes of zero")
    try:
        rows = [(mark, next(csv.reader(io.StringIO(words, newline=""), delimiter=mark))) for mark in _SEPARATORS]
    except csv.Error as error:
        raise DataError("The file is no table of text.", where=file.name, found=str(error)) from None
    separator, names = max(rows, key=lambda row: len(row[1]))
    refuse_twice([name.strip() for name in names], file.name)
    return separator, names


def _encoded(name: str, found: str) -> DataError:
    """The error for text that is not in UTF-8."""
    return DataError(
        "The text of a file is not in UTF-8.",
        where=name,
        found=found,
        expected="UTF-8, with or without a mark at its beginning",
        todo="write the file in UTF-8, or as Parquet: llo.read_file reads other encodings into memory",
    )


def text_table(connection: Any, files: Sequence[Path], separator: str, **options: Any) -> Any:
    """Text files as one table of DuckDB."""
    return connection.read_csv(
        [escape(str(file.absolute())) for file in files],
        **{
            "header": True,
            "nullstr": NOTHING,
            "union_by_name": True,
            "delim": separator,
            "quote": '"',
            "escape": '"',
            "comment": "",
            "skip": 0,
            "hive_partitioning": False,
            **options,
        },
    )


def text_types(connection: Any, file: Path, separator: str, names: Sequence[str]) -> tuple[dict[str, str], Any]:
    """By column the type of DuckDB that all rows of one file have, and the file as a table."""
    try:
        table = text_table(connection, [file], separator, sample_size=-1)
    except Exception:  # it says not in which row
        columns = {f"c{place}": "VARCHAR" for place in range(len(names))}
        plain = text_table(connection, [file], separator, auto_detect=False, columns=columns, union_by_name=False)
        plain.aggregate(n=plain[f"c{len(names) - 1}"].count()).to_pyarrow()
        raise
    own = {str(name): connection.compiler.type_mapper.to_string(dtype) for name, dtype in table.schema().items()}
    return {**own, **_mended(connection, file, separator, columns_of(table.schema()))}, table


def _mended(connection: Any, file: Path, separator: str, columns: Mapping[str, Column]) -> dict[str, str]:
    """Columns that DuckDB takes for what they are not, in one pass.

    T, F, yes and no are text, as in pandas; whole numbers beyond 64 bits, which doubles do not hold, too; and numbers
    with a decimal comma are numbers.
    """
    doubtful = [own for own in columns.values() if own.kind in _DOUBTS and (own.kind != "text" or separator == ";")]
    if not doubtful:
        return {}
    words = text_table(connection, [file], separator, types={own.name: "VARCHAR" for own in doubtful})
    sums: dict[str, Any] = {}
    for place, own in enumerate(doubtful):
        text = words[own.name]
        fits = text.lower().isin(["true", "false"]) if own.kind == "boolean" else text.re_search(_DOUBTS[own.kind])
        sums |= {f"other{place}": (~fits).sum(), f"n{place}": text.count(), f"comma{place}": text.contains(",").sum()}
    answer = words.aggregate(**sums).to_pyarrow().to_pylist()[0]
    made: dict[str, str] = {}
    for place, own in enumerate(doubtful):
        all_fit = answer[f"n{place}"] > 0 and not answer[f"other{place}"]
        if own.kind == "text":
            made |= {own.name: COMMA} if all_fit and answer[f"comma{place}"] else {}
        elif all_fit == (own.kind == "number"):
            made[own.name] = "VARCHAR"
    return made


_DOUBTS = {"boolean": "", "number": r"^[+-]?\d+$", "text": _WITH_COMMA}


def with_points(table: Any, names: Sequence[str]) -> Any:
    """The table with numbers for columns that were written with a decimal comma."""
    return table.mutate(**{name: table[name].replace(",", ".").cast("float64") for name in names}) if names else table
