"""The data of several surveys one below the other: all columns, levels merged in order, no conversion in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.survey.variables import column

# Whole numbers up to here are exact as floats, which columns with missing values are made of.
_EXACT = 2**53


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
        found = {key: column(frame, name, f"stack, {key}") for key, frame in frames.items() if name in frame.columns}
        columns[name] = _stacked_column(found, {key: len(frame) for key, frame in frames.items()})
    return pd.DataFrame(columns)


def _stacked_column(found: Mapping[str, pd.Series], lengths: Mapping[str, int]) -> pd.Series:
    """One column of all surveys, missing where a survey has none."""
    kinds = {key: _kind(series) for key, series in found.items()}
    if len({kind for kind in kinds.values() if kind != "empty"}) > 1:
        raise DataError(
            f"The column {next(iter(found.values())).name!r} is of another kind in each survey.",
            where="stack",
            found=", ".join(f"{key}: {kind}" for key, kind in kinds.items()),
            expected="one kind in all surveys (text and categories of text go together)",
            todo="convert or rename it in one of them before making the Survey",
        )
    if any(isinstance(series.dtype, pd.CategoricalDtype) for series in found.values()):
        dtype: Any = _merged_levels({key: series for key, series in found.items() if kinds[key] != "empty"} or found)
    else:
        dtype = _common_type(list(found.values()), missing=len(found) < len(lengths))
    pieces = [
        found[key].reset_index(drop=True).astype(dtype) if key in found else pd.Series(index=range(n), dtype=dtype)
        for key, n in lengths.items()
    ]
    return pd.concat(pieces, ignore_index=True)


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


def _common_type(found: list[pd.Series], *, missing: bool) -> Any:
    """A type that holds all values, and missing ones where a survey lacks the column."""
    common = pd.concat([series.iloc[:0] for series in found]).dtype
    if not missing or pd.api.types.is_extension_array_dtype(common):
        return common
    if pd.api.types.is_bool_dtype(common):
        return "boolean"
    if pd.api.types.is_integer_dtype(common):
        largest = max(int(series.abs().max()) if len(series) else 0 for series in found)
        return "float64" if largest <= _EXACT else "Int64"
    return common


def _merged_levels(found: Mapping[str, pd.Series]) -> pd.CategoricalDtype:
    """The levels of all surveys in one order; those of plain text come last, sorted."""
    declared = {key: series for key, series in found.items() if isinstance(series.dtype, pd.CategoricalDtype)}
    merged: list[Any] = []
    for key, series in declared.items():
        merged = _merge(merged, list(series.cat.categories), key, str(series.name))
    free = {value for key, series in found.items() if key not in declared for value in series.dropna().unique()}
    ordered = all(series.cat.ordered for series in declared.values()) and not free - set(merged)
    return pd.CategoricalDtype([*merged, *sorted(free - set(merged))], ordered=ordered)


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
    place = 0
    for level in new:
        if level in out:
            place = out.index(level) + 1
        else:
            out.insert(place, level)
            place += 1
    return out
