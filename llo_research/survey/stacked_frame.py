"""The data of several surveys one below the other: all columns, levels merged in order, no conversion in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.survey.exact import LIMIT, exact, refuse_blurred
from llo_research.survey.variables import column

_INT64 = 2**63 - 1
_PERSON = "person"  # an identifier: its values are compared within a survey, never between independent ones


def stacked_frame(frames: Mapping[str, pd.DataFrame], label: str) -> pd.DataFrame:
    """All rows and columns, with a first column `label` that says where a row comes from."""
    for name, frame in frames.items():
        if label in frame.columns:
            raise DataError(
                f"There is a column {label!r} already.",
                where=f"stack, survey {name!r}",
                todo="rename it; surveys are stacked all at once: llo.stack({'a': ..., 'b': ..., 'c': ...})",
            )
    names = list(dict.fromkeys(column_name for frame in frames.values() for column_name in frame.columns))
    home = np.repeat(np.arange(len(frames)), [len(frame) for frame in frames.values()])
    columns: dict[Any, Any] = {
        label: pd.Categorical(np.array(list(frames), dtype=object)[home], categories=list(frames))
    }
    for name in names:
        own = {key: column(frame, name, f"stack, {key}") for key, frame in frames.items() if name in frame.columns}
        columns[name] = _stacked_column(own, {key: len(frame) for key, frame in frames.items()})
    return pd.DataFrame(columns)


def _stacked_column(own: Mapping[str, pd.Series], lengths: Mapping[str, int]) -> pd.Series:
    """One column of all surveys, missing where a survey has none."""
    own = _as_text(own)
    kinds = {key: _kind(series) for key, series in own.items()}
    if len({kind for kind in kinds.values() if kind != "empty"}) > 1:
        raise DataError(
            f"The column {next(iter(own.values())).name!r} is of another kind in each survey.",
            where="stack",
            found=", ".join(f"{key}: {kind}" for key, kind in kinds.items()),
            expected="one kind in all surveys (text and categories of text go together)",
            todo="convert or rename it in one of them before making the Survey",
        )
    if any(isinstance(series.dtype, pd.CategoricalDtype) for series in own.values()):
        dtype: Any = _merged_levels({key: series for key, series in own.items() if kinds[key] != "empty"} or own)
    else:
        kind = next((kind for kind in kinds.values() if kind != "empty"), "empty")
        dtype = _common_type(own, kind, missing=len(own) < len(lengths))
    pieces = [
        _converted(own[key], dtype, kinds[key]) if key in own else pd.Series(index=range(n), dtype=dtype)
        for key, n in lengths.items()
    ]
    return pd.concat(pieces, ignore_index=True)


def _as_text(own: Mapping[str, pd.Series]) -> Mapping[str, pd.Series]:
    """Numbers of people as text where another survey has text."""
    kinds = {key: _kind(series) for key, series in own.items() if series.name == _PERSON}
    if not {"numbers", "text"} <= set(kinds.values()):
        return own
    return {key: _digits(series, key) if kinds[key] == "numbers" else series for key, series in own.items()}


def _digits(series: pd.Series, survey: str) -> pd.Series:
    """Whole numbers as they are written, exactly; other numbers as they are."""
    numbers = exact(series)
    refuse_blurred(numbers, f"stack, survey {survey!r}", "cannot be written as text")
    there = numbers.values[~numbers.missing]
    if any(value % 1 != 0 for value in there):
        return series
    text = np.full(len(series), np.nan, dtype=object)
    text[~numbers.missing] = [str(int(value)) for value in there]
    return pd.Series(text, index=series.index, name=series.name)


def _converted(series: pd.Series, dtype: Any, kind: str) -> pd.Series:
    """The values in another type; whole numbers do not pass through floats."""
    series = series.reset_index(drop=True)
    if kind != "numbers" or str(dtype).lower() not in ("int64", "uint64"):
        return series.astype(dtype)
    numbers = exact(series)
    values = np.where(numbers.missing, 0, numbers.values).astype(str(dtype).lower())
    return pd.Series(pd.arrays.IntegerArray(values, numbers.missing) if numbers.missing.any() else values).astype(dtype)


def _kind(series: pd.Series) -> str:
    """Numbers, booleans, text, categories of numbers, dates, ..., or empty."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        levels = series.cat.categories
        return "categories of numbers" if pd.api.types.is_numeric_dtype(levels.dtype) else "text"
    if pd.api.types.is_bool_dtype(series.dtype):
        return "booleans"
    if pd.api.types.is_numeric_dtype(series.dtype):
        return "numbers"
    inferred = pd.api.types.infer_dtype(series, skipna=True)
    words = {"string": "text", "boolean": "booleans", "integer": "numbers", "floating": "numbers"}
    return words.get(inferred, inferred)


def _common_type(found: Mapping[str, pd.Series], kind: str, *, missing: bool) -> Any:
    """A type that holds all values, and missing ones where a survey lacks the column."""
    if kind == "numbers":
        return _type_of_numbers(found, missing=missing)
    common = pd.concat([series.iloc[:0] for series in found.values()]).dtype
    if missing and pd.api.types.is_bool_dtype(common) and not pd.api.types.is_extension_array_dtype(common):
        return "boolean"
    return common


def _type_of_numbers(found: Mapping[str, pd.Series], *, missing: bool) -> Any:
    """A type of numbers that holds each of them exactly: whole numbers above 2^53 never become floats."""
    common = pd.concat([series.iloc[:0] for series in found.values()]).dtype
    numbers = {key: exact(series) for key, series in found.items()}
    if all(item.largest < LIMIT for item in numbers.values()):
        whole = pd.api.types.is_integer_dtype(common) and not pd.api.types.is_extension_array_dtype(common)
        return "float64" if missing and whole else common
    if not any(item.whole and item.largest >= LIMIT for item in numbers.values()):
        return common
    for key, item in numbers.items():
        refuse_blurred(item, f"stack, survey {key!r}", "cannot stand below whole numbers of that size")
    parts = [item.values[~item.missing] for item in numbers.values()]
    if any(part.dtype.kind == "f" and (part % 1 != 0).any() for part in parts):
        raise DataError(
            f"The column {next(iter(found.values())).name!r} holds whole numbers above 2^53, and fractions elsewhere.",
            where="stack",
            found=", ".join(f"{key}: {series.dtype}" for key, series in found.items()),
            expected="whole numbers in all, or text in all",
            todo="rename the column in one of them: they are not the same variable",
        )
    low, high = min(int(p.min()) for p in parts if len(p)), max(int(p.max()) for p in parts if len(p))
    if low < 0 and high > _INT64:
        raise DataError(
            f"The column {next(iter(found.values())).name!r} holds negative numbers and numbers above 2^63.",
            where="stack",
            found=f"from {low} to {high}",
            expected="numbers that fit in 64 bits together",
            todo="make it text in all surveys: these are codes",
        )
    some_missing = missing or any(item.missing.any() for item in numbers.values())
    name = "int64" if high <= _INT64 else "uint64"
    return name.replace("i", "I", 1).replace("u", "U", 1) if some_missing else name


def _merged_levels(found: Mapping[str, pd.Series]) -> pd.CategoricalDtype:
    """The levels of all surveys in one order; those of plain text come last, sorted."""
    declared = {key: series for key, series in found.items() if isinstance(series.dtype, pd.CategoricalDtype)}
    merged: list[Any] = []
    for key, series in declared.items():
        merged = _merge(merged, list(series.cat.categories), key, str(series.name))
    free = {value for key, series in found.items() if key not in declared for value in series.dropna().unique()}
    ordered = all(series.cat.ordered for series in declared.values()) and not free - set(merged)
    levels = [*merged, *sorted(free - set(merged))]
    large = any(isinstance(level, int | np.integer) and abs(int(level)) >= LIMIT for level in levels)
    return pd.CategoricalDtype(pd.Index(levels, dtype=object) if large else levels, ordered=ordered)


def _merge(known: Sequence[Any], new: Sequence[Any], survey: str, name: str) -> list[Any]:
    """Levels of one survey worked into those of the ones before: each after the level that it follows."""
    out = list(known)
    shared = [out.index(level) for level in new if level in out]
    if shared != sorted(shared):
        raise DataError(
            f"The levels of {name!r} are declared in another order.",
            where=f"stack, survey {survey!r}",
            found=", ".join(str(level) for level in new),
            expected=", ".join(str(level) for level in known),
            todo="give the categorical the same order in all surveys",
        )
    place = 0 if shared else len(out)
    for level in new:
        if level in out:
            place = out.index(level) + 1
        else:
            out.insert(place, level)
            place += 1
    return out
