"""Values against the codebook: missing codes become missing, everything unknown is told in survey language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from llo_research.data.codebook import Variable
from llo_research.data.layout import Layout
from llo_research.data.mapping import Mapped
from llo_research.data.readers import Table
from llo_research.data.reserved import without_reserved
from llo_research.errors import DataError

_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")


def clean(
    frame: pd.DataFrame, layout: Layout, path: Path
) -> tuple[pd.DataFrame, list[DataError], dict[str, DataError]]:
    """Columns as the codebook knows them, what does not fit, and columns whose codes are in doubt.

    Missing codes become missing; text codes become ordered categoricals in the codebook's order; numbers stay numbers.
    Columns outside the codebook stay as they are, but for codes that mean missing in every column. In a cycle whose
    codes have not been verified, a column with unknown codes is in doubt: it stays as it is, and nothing is made from
    it.
    """
    columns: dict[str, pd.Series] = {}
    problems: list[DataError] = []
    doubtful: dict[str, DataError] = {}
    verified = layout.instrument.cycle(layout.cycle).get("codes") != "not verified"
    for column in frame.columns:
        variable = layout.instrument.variable(layout.names[column], layout.cycle)
        reserved = layout.instrument.reserved(layout.names[column]) - set(variable.values if variable else ())
        series = without_reserved(frame[column], reserved)
        if variable is None or variable.free:
            columns[column] = series
            continue
        cleaned, problem = (
            _text_codes(series, variable, layout, path) if variable.text else _numbers(series, variable, layout, path)
        )
        columns[column] = cleaned
        if problem is None:
            continue
        sure = verified or not variable.values or column in layout.technical
        if sure or _has_decimal_comma(series.dropna().unique()):
            problems.append(problem)
        else:
            columns[column], doubtful[column] = series, problem
    return pd.DataFrame(columns, index=frame.index), problems, doubtful


def _as_numbers(series: pd.Series) -> tuple[pd.Series, set[object]]:
    """Numbers, and the values that are none; each distinct value is converted once."""
    codes, distinct = pd.factorize(series)
    table = pd.to_numeric(pd.Series(distinct, dtype=object), errors="coerce").to_numpy(dtype=float)
    lost = {value for value, number in zip(distinct, table, strict=True) if np.isnan(number)}
    return pd.Series(np.append(table, np.nan)[codes], index=series.index), lost


def _numbers(series: pd.Series, variable: Variable, layout: Layout, path: Path) -> tuple[pd.Series, DataError | None]:
    """A numeric column: letters and codes for missing to missing, then codes and limits."""
    numbers, lost = (series, set()) if series.dtype.kind in "iuf" else _as_numbers(series)
    lost -= {*layout.instrument.missing.get("letters", ()), *layout.instrument.missing.get("text", ())}
    if lost:
        return numbers, _unknown(series[series.isin(list(lost))], variable, path)
    if variable.missing:
        numbers = numbers.mask(numbers.isin(variable.missing))
    wrong = numbers.notna()
    if variable.values:
        wrong &= ~numbers.isin(list(variable.values))
    elif variable.limits is not None:
        wrong &= ~numbers.between(*variable.limits)
    else:
        wrong[:] = False
    return numbers, _unknown(numbers[wrong], variable, path) if wrong.any() else None


def _text_codes(
    series: pd.Series, variable: Variable, layout: Layout, path: Path
) -> tuple[pd.Series, DataError | None]:
    """A column of text codes as an ordered categorical in the codebook's order."""
    text = series.map(lambda value: re.sub(r"\.0$", "", str(value)).strip() if pd.notna(value) else None)
    text = text.where(~text.isin(list(layout.instrument.missing.get("text", ()))), None)
    wrong = text.notna() & ~text.isin(list(variable.values))
    if wrong.any():
        return text, _unknown(text[wrong], variable, path)
    return pd.Series(pd.Categorical(text, categories=list(variable.values), ordered=True), index=series.index), None


def _unknown(wrong: pd.Series, variable: Variable, path: Path) -> DataError:
    """The message for values that the codebook does not know."""
    counts = wrong.value_counts()
    shown = ", ".join(
        f"{_plain(code)} in {rows:,} {'row' if rows == 1 else 'rows'}" for code, rows in counts.iloc[:5].items()
    )
    where = f"{path.name}, column {variable.name} ({variable.label['en']}), first in data row {int(wrong.index[0]) + 1}"
    if _has_decimal_comma(counts.index):
        return DataError(
            f"{variable.name} has numbers with a decimal comma.",
            where=where,
            found=shown,
            expected="a decimal point",
            todo="A spreadsheet program has saved the file anew: use the original file.",
        )
    if variable.values:
        allowed = ", ".join(str(code) for code in variable.values)
    else:
        allowed = (
            "a number"
            if variable.limits is None
            else f"a number from {variable.limits[0]:,.0f} to {variable.limits[1]:,.0f}"
        )
    if variable.missing:
        allowed += f"; missing: {', '.join(str(code) for code in variable.missing)}, '.' or empty"
    return DataError(
        f"{variable.name} holds {'a value' if len(counts) == 1 else 'values'} that the codebook does not know.",
        where=where,
        found=shown + (f", and {len(counts) - 5} more" if len(counts) > 5 else ""),
        expected=allowed,
        todo="Check the file against its codebook; codes of your own are translated with mapping=.",
    )


def check_labels(table: Table, layout: Layout, mapped: Mapped) -> list[DataError]:
    """The file's own labels must not give a code the meaning that the codebook gives to another code."""
    problems = []
    ours = dict(zip(table.own_header, table.header[len(table.header) - len(table.own_header) :], strict=True))
    for column, told in table.value_labels.items():
        name = ours.get(column, column)
        variable = layout.instrument.variable(name, layout.cycle)
        if variable is None or variable.text or name in mapped.values or "weights" not in layout.instrument.identify:
            continue
        meant = {folded(text): code for code, label in variable.values.items() for text in label.values()}
        wrong = [
            f"{_plain(float(code))} = {text!r}"
            for code, text in told.items()
            if isinstance(code, (int, float)) and meant.get(folded(text), code) != code
        ]
        if wrong:
            problems.append(
                DataError(
                    f"The codes of {name} mean something else in this file than in the codebook.",
                    where=f"{table.path.name}, column {column} (value labels)",
                    found=", ".join(wrong[:4]),
                    expected=", ".join(
                        f"{code} = {label['nl']!r}" for code, label in list(variable.values.items())[:4]
                    ),
                    todo=f"Translate them in a mapping file: [values.{name}], our code for each code of the file.",
                )
            )
    return problems


def folded(text: str) -> str:
    """A label without what differs between writers: case, points, spaces."""
    return " ".join(re.sub(r"[^\w\s-]", " ", str(text).casefold()).split())


def _rows(number: int) -> str:
    """'1 row has' or '3 rows have'."""
    return f"{number:,} {'row has' if number == 1 else 'rows have'}"


def _has_decimal_comma(values: Iterable[object]) -> bool:
    """Is one of these values a number with a decimal comma?"""
    return any(_DECIMAL_COMMA.fullmatch(value) for value in values if isinstance(value, str))


def _plain(code: object) -> str:
    """A code as people write it: 8, not 8.0."""
    return f"{code:g}" if isinstance(code, (float, np.floating)) else repr(code) if isinstance(code, str) else str(code)


def check_weights(frame: pd.DataFrame, columns: list[str], path: Path) -> list[DataError]:
    """Weights are there, not negative, and not all zero."""
    problems: list[DataError] = []
    if not columns:
        return problems
    values = frame[columns].to_numpy(dtype=float)
    for kind, bad in (("missing", ~np.isfinite(values)), ("negative", values < 0)):
        hit = bad.any(axis=0)
        if hit.any():
            first = int(hit.argmax())
            problems.append(
                DataError(
                    f"{_rows(int(bad.any(axis=1).sum()))} a {kind} weight.",
                    where=f"{path.name}, column {columns[first]}, first in data row {int(bad[:, first].argmax()) + 1}",
                    found=f"{kind} in {int(hit.sum())} of {len(columns)} weight columns",
                    expected="a number of zero or more in every row",
                    todo="Use the original file; people outside the survey are not given a weight below zero.",
                )
            )
    if not problems and not values[:, 0].any():
        problems.append(DataError("All weights are zero.", where=f"{path.name}, column {columns[0]}"))
    return problems


def check_persons(frame: pd.DataFrame, columns: list[str], where: str) -> list[DataError]:
    """One row a person (and year), and every row has its person."""
    problems = []
    empty = frame[columns].isna().any(axis=1)
    if empty.any():
        first_row = int(empty.to_numpy().argmax()) + 1
        problems.append(
            DataError(
                f"{_rows(int(empty.sum()))} no person number.",
                where=f"{where}, column {' and '.join(columns)}, first in data row {first_row}",
                found="empty",
                expected="a number in every row",
            )
        )
    twice = frame.duplicated(columns, keep=False) & ~empty
    if twice.any():
        persons = len(frame.loc[twice, columns].drop_duplicates())
        first = frame.loc[twice, columns].iloc[0]
        who = ", ".join(f"{column} {_plain(first[column])}" for column in columns)
        rows = np.flatnonzero((frame[columns] == first).all(axis=1).to_numpy()) + 1
        problems.append(
            DataError(
                f"{persons:,} {'person occurs' if persons == 1 else 'persons occur'} more than once.",
                where=f"{where}, column {' and '.join(columns)}",
                found=f"{who} in data rows {', '.join(map(str, rows[:5]))}",
                expected="one row a person" + (" and year" if len(columns) > 1 else ""),
                todo="Was the same file given twice, or were countries or years put together?",
            )
        )
    return problems


def check_years(frame: pd.DataFrame, column: str | None, path: Path) -> list[DataError]:
    """Years are whole numbers: 2014.25 is not 2014."""
    if column not in frame or frame[column].dtype.kind != "f":
        return []
    wrong = frame[column].notna() & (frame[column] != np.floor(frame[column]))
    if not wrong.any():
        return []
    return [
        DataError(
            f"{_rows(int(wrong.sum()))} a year that is no whole number.",
            where=f"{path.name}, column {column}, first in data row {int(wrong.to_numpy().argmax()) + 1}",
            found=str(float(frame.loc[wrong, column].iloc[0])),
            expected="a whole number, such as 2019",
            todo="Check the file: it may be damaged, or another column is meant.",
        )
    ]


def raise_first(problems: list[DataError], path: Path) -> None:
    """Raise what is wrong; when more is wrong, say so and how to see all of it."""
    if not problems:
        return
    first, more = problems[0], len(problems) - 1
    if not more:
        raise first
    rest = f"{more} more of its columns or rows do not fit: llo check {path.name} lists all."
    todo = f"{first.todo or 'Check the file.'} {rest}"
    raise DataError(first.what, where=first.where, found=first.found, expected=first.expected, todo=todo)
