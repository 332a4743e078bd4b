"""Values against the codebook: missing codes become missing, everything unknown is told in survey language."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from numbers import Integral
from pathlib import Path

import numpy as np
import pandas as pd

from llo_research.data.exact import (
    LIMIT,
    beyond,
    distinct_of,
    masked,
    nfc,
    of_distinct,
    plain,
    whole_numbers,
)
from llo_research.data.instrument import CodebookVariable, Instrument
from llo_research.data.layout import Layout
from llo_research.data.mapping import LEFT_OUT
from llo_research.data.reserved import without_reserved
from llo_research.data.wording import Book, block
from llo_research.errors import DataError

_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")


def clean(
    frame: pd.DataFrame, layout: Layout, path: Path
) -> tuple[pd.DataFrame, dict[str, DataError], dict[str, DataError]]:
    """Columns as the codebook knows them, what does not fit by column, and columns whose codes are in doubt.

    Missing codes become missing; text codes become ordered categoricals in the codebook's order; numbers stay numbers.
    Columns outside the codebook stay as they are, but for codes that mean missing in every column. In a cycle whose
    codes have not been verified, a column with unknown codes is in doubt: it stays as it is, and nothing is made from
    it. Identifiers of persons stay text or whole numbers, exactly.
    """
    columns: dict[str, pd.Series] = {}
    problems: dict[str, DataError] = {}
    doubtful: dict[str, DataError] = {}
    verified = layout.instrument.cycle(layout.cycle).get("codes") != "not verified"
    persons = identifiers(layout.instrument)
    for column in frame.columns:
        name = layout.names[column]
        variable = layout.instrument.variable(name, layout.cycle)
        reserved = layout.instrument.reserved(name) - set(variable.values if variable else ())
        series = without_reserved(frame[column], reserved)
        if variable is None or variable.free:
            columns[column] = in_one_form(series)
            continue
        kind = _identifier if name in persons else _text_codes if variable.text else _numbers
        cleaned, problem = kind(series, variable, layout, path)
        columns[column] = cleaned
        if problem is None and not verified:
            problem = _short_of_top(cleaned, variable, path)
        if problem is None:
            continue
        sure = verified or not variable.values or column in layout.technical
        if sure or _has_decimal_comma(series.dropna().unique()):
            problems[column] = problem
        else:
            columns[column], doubtful[column] = series, problem
    return pd.DataFrame(columns, index=frame.index), problems, doubtful


def _short_of_top(series: pd.Series, variable: CodebookVariable, path: Path) -> DataError | None:
    """A column that does not show the scale which its codes are taken for."""
    if variable.top is None or not series.notna().any() or series.max() == variable.top:
        return None
    return DataError(
        f"{variable.name} does not show the scale from 1 to {variable.top} that it is taken for.",
        where=f"{path.name}, column {variable.name} ({variable.label['en']})",
        found=f"codes up to {_plain(series.max())}",
        expected=f"codes up to {variable.top}",
    )


def identifiers(instrument: Instrument) -> set[str]:
    """Variables that tell persons apart: numbers or text of the file, not codes of the codebook."""
    names = {*instrument.identify["person"], instrument.design.get("panel", {}).get("column")}
    kinds = {name: instrument.variable(name) for name in names - {None, instrument.identify.get("year")}}
    return {name for name, variable in kinds.items() if variable is not None and not variable.values}


def _identifier(
    series: pd.Series, variable: CodebookVariable, layout: Layout, path: Path
) -> tuple[pd.Series, DataError | None]:
    """Numbers or text by which persons are told apart, as they stand; what a float has cut cannot be used."""
    if series.dtype.kind not in "biuf":
        series = in_one_form(series)
        codes, distinct = distinct_of(series)
        letters = {*layout.instrument.missing.get("letters", ()), *layout.instrument.missing.get("text", ())}
        values = [None if value in letters else number_as_written(value) for value in distinct]
        if all(isinstance(value, Integral) for value in values if value is not None):
            whole = whole_numbers(of_distinct(codes, values, series.index))
            series = (
                whole if whole.dtype.kind == "O" or whole.hasnans else whole.astype(np.dtype(whole.dtype.name.lower()))
            )
        elif any(value is None for value in values):
            series = of_distinct(codes, [None if v in letters else v for v in distinct], series.index)
    if series.dtype.kind == "f" and beyond(series):
        return series, DataError(
            f"{variable.name} has numbers too large to tell persons apart.",
            where=f"{path.name}, column {variable.name} ({variable.label['en']})",
            found=f"{series.abs().max():.17g}, kept in the file as a number with decimals",
            expected=f"whole numbers up to {LIMIT:,}, or text",
            todo="Export the column as text: beyond this, different persons have the same number.",
        )
    if series.dtype.kind in "iuf" and variable.limits is not None:
        low = series[series < variable.limits[0]]
        if len(low):
            lowest = replace(variable, limits=(variable.limits[0], math.inf))
            return series, _unknown(low, lowest, path)
    return series, None


def number_as_written(value: object) -> object:
    """A whole number for text that is one and is written so ('12', not '012'); else the value itself."""
    plain_number = isinstance(value, str) and re.fullmatch(r"-?[1-9]\d{0,18}|0", value)
    return int(value) if plain_number and isinstance(value, str) else value


def _as_numbers(series: pd.Series) -> tuple[pd.Series, set[object]]:
    """Numbers, and the values that are none; each distinct value is converted once."""
    codes, distinct = pd.factorize(series)
    table = pd.to_numeric(pd.Series(distinct, dtype=object), errors="coerce").to_numpy(dtype=float)
    lost = {value for value, number in zip(distinct, table, strict=True) if np.isnan(number)}
    return pd.Series(np.append(table, np.nan)[codes], index=series.index), lost


def in_one_form(series: pd.Series) -> pd.Series:
    """Text with its accents in one Unicode form: the same letters are the same level."""
    if series.dtype.kind not in "OU" and not isinstance(series.dtype, pd.StringDtype):
        return series
    codes, distinct = distinct_of(series)
    if all(not isinstance(value, str) or nfc(value) == value for value in distinct):
        return series
    return of_distinct(codes, [nfc(value) if isinstance(value, str) else value for value in distinct], series.index)


def _numbers(
    series: pd.Series, variable: CodebookVariable, layout: Layout, path: Path
) -> tuple[pd.Series, DataError | None]:
    """A numeric column: letters and codes for missing to missing, then codes and limits."""
    numbers, lost = (series, set()) if series.dtype.kind in "iuf" else _as_numbers(series)
    lost -= {*layout.instrument.missing.get("letters", ()), *layout.instrument.missing.get("text", ())}
    if lost:
        return numbers, _unknown(series[series.isin(list(lost))], variable, path)
    if variable.missing:
        numbers = masked(numbers, numbers.isin(variable.missing))
    wrong = numbers.notna()
    if variable.values:
        wrong &= ~numbers.isin(list(variable.values))
    elif variable.limits is not None:
        wrong &= ~numbers.between(*variable.limits)
        if variable.name == layout.instrument.identify.get("year"):
            wrong |= numbers.notna() & (numbers % 1 != 0)
    else:
        wrong &= ~np.isfinite(numbers.to_numpy(dtype=float, na_value=np.nan))
    return numbers, _unknown(numbers[wrong], variable, path) if wrong.any() else None


def _text_codes(
    series: pd.Series, variable: CodebookVariable, layout: Layout, path: Path
) -> tuple[pd.Series, DataError | None]:
    """A column of text codes as an ordered categorical in the codebook's order."""
    codes, distinct = distinct_of(series)
    table = np.array([*(re.sub(r"\.0$", "", str(value)).strip() for value in distinct), None], dtype=object)
    text = pd.Series(table[codes], index=series.index, name=series.name)
    text = text.where(~text.isin(list(layout.instrument.missing.get("text", ()))), None)
    wrong = text.notna() & ~text.isin(list(variable.values))
    if wrong.any():
        return text, _unknown(text[wrong], variable, path)
    return pd.Series(pd.Categorical(text, categories=list(variable.values), ordered=True), index=series.index), None


def _unknown(wrong: pd.Series, variable: CodebookVariable, path: Path) -> DataError:
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
    elif variable.limits is None:
        allowed = "a number"
    else:
        low, high = variable.limits
        allowed = f"a number from {low:,.0f} " + (f"to {high:,.0f}" if high < math.inf else "on, or text")
    if variable.missing:
        allowed += f"; missing: {', '.join(str(code) for code in variable.missing)}, '.' or empty"
    texts = {value: value for value in counts.index if isinstance(value, str)}
    lines = block(variable.name, texts, Book({code: tuple(label.values()) for code, label in variable.values.items()}))
    return DataError(
        f"{variable.name} holds {'a value' if len(counts) == 1 else 'values'} that the codebook does not know.",
        where=where,
        found=shown + (f", and {len(counts) - 5} more" if len(counts) > 5 else ""),
        expected=allowed,
        todo="Check the file against its codebook; codes of your own are translated with mapping="
        + (f":\n{lines}" if lines else "."),
    )


def _rows(number: int) -> str:
    """'1 row has' or '3 rows have'."""
    return f"{number:,} {'row has' if number == 1 else 'rows have'}"


def _has_decimal_comma(values: Iterable[object]) -> bool:
    """Is one of these values a number with a decimal comma?"""
    return any(_DECIMAL_COMMA.fullmatch(value) for value in values if isinstance(value, str))


def _plain(code: object) -> str:
    """A code as people write it: 8, not 8.0; text in quotes."""
    return repr(code) if isinstance(code, str) else plain(code)


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
                    todo="When these people are outside the survey, leave them out, which is counted and told; in the "
                    f'mapping:\n    [file]\n    without_weight = "{LEFT_OUT}"\n    Else use the original file.',
                )
            )
    if not problems and not values[:, 0].any():
        problems.append(DataError("All weights are zero.", where=f"{path.name}, column {columns[0]}"))
    return problems


def with_weight(frame: pd.DataFrame, column: str) -> tuple[np.ndarray, dict[str, int]]:
    """Which rows have a weight above zero, and how many have none, one below zero, or zero."""
    values = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    counts = {"missing": np.isnan(values), "negative": values < 0, "zero": values == 0}
    return values > 0, {kind: int(rows.sum()) for kind, rows in counts.items() if rows.any()}


def told_left_out(counts: Mapping[str, int], column: str, name: str) -> str:
    """The rows that were left out for their weight, in words."""
    each = ", ".join(f"{number:,} {kind}" for kind, number in counts.items())
    total = sum(counts.values())
    return (
        f"{name}: {total:,} {'row' if total == 1 else 'rows'} without a weight above zero left out ({column}: {each})."
    )


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
