"""Columns of a frame as what files hold: numbers, whole numbers, switches, text, categories, days, moments, spans."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError

EXACT = 2**53  # whole numbers up to here are exact as floating point numbers


@dataclass(frozen=True, eq=False)
class FileColumn:
    """One column.

    kind : number, whole, switch, text, category, day, moment, clock or span.
    values : (n,) float64 (nan where missing), int64 or uint64, bool, text (object), codes of `levels`, datetime64 or
        timedelta64; what stands where `missing` is true means nothing.
    missing : (n,) mask.
    levels, ordered : the categories in declared order, all text or all numbers; whether they are called ordered.
    zoned : moments in UTC, of a column with a time zone.
    label, value_labels : words for the column and for its stored values; empty where there are none.
    """

    name: str
    kind: str
    values: np.ndarray
    missing: np.ndarray
    levels: tuple[Any, ...] = ()
    ordered: bool = False
    zoned: bool = False
    label: str = ""
    value_labels: Mapping[Any, str] = field(default_factory=dict)

    @property
    def coded_text(self) -> bool:
        """Categories that are text."""
        return self.kind == "category" and all(isinstance(level, str) for level in self.levels)

    def texts(self) -> Sequence[str]:
        """The distinct texts that the column holds."""
        if self.kind == "category":
            return [level for level in self.levels if isinstance(level, str)]
        return pd.unique(self.values[~self.missing]).tolist() if self.kind == "text" else []


def refused(name: str, what: str, **parts: Any) -> DataError:
    """The error for a column that a file cannot hold."""
    todo = parts.pop("todo", "convert it before making the Survey, or name the other columns with columns=")
    where = f"column {name!r}" + (f", row {parts.pop('row')}" if "row" in parts else "")
    return DataError(f"The column {name!r} {what}.", where=where, todo=todo, **parts)


def column_of(series: pd.Series, name: str, words: Any = None) -> FileColumn:
    """A column of a frame; `words` is its entry in the labels of the survey.

    Raises
    ------
    DataError
        Infinite numbers, numbers mixed with text, values of other kinds.
    """
    kind, values, missing, levels = _plain(series.reset_index(drop=True), name)
    if kind == "number" and np.isinf(values).any():
        row = int(np.isinf(values).argmax())
        raise refused(name, "holds an infinite number", row=row, found=values[row], expected="numbers, or missing")
    zoned = isinstance(series.dtype, pd.DatetimeTZDtype)
    if kind == "moment" and not zoned and not missing.all() and _all_days(values[~missing]):
        kind = "day"
    ordered = isinstance(series.dtype, pd.CategoricalDtype) and bool(series.dtype.ordered)
    return FileColumn(name, kind, values, missing, levels, ordered, zoned, _english(words), _value_labels(words))


def _plain(series: pd.Series, name: str) -> tuple[str, np.ndarray, np.ndarray, tuple[Any, ...]]:
    """Kind, values, where they are missing, and levels."""
    kind = series.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return _categories(series, name)
    if isinstance(kind, pd.SparseDtype):
        series = pd.Series(np.asarray(series))
        kind = series.dtype
    missing = series.isna().to_numpy(dtype=bool)
    if isinstance(kind, pd.DatetimeTZDtype):
        return "moment", series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(), missing, ()
    if isinstance(kind, np.dtype) and kind.kind in "mM":
        return ("span" if kind.kind == "m" else "moment"), series.to_numpy(), missing, ()
    if isinstance(kind, pd.PeriodDtype | pd.IntervalDtype):
        texts = np.array([None if gone else str(v) for v, gone in zip(series, missing, strict=True)], dtype=object)
        return "text", texts, missing, ()
    if pd.api.types.is_bool_dtype(kind):
        return "switch", series.to_numpy(dtype=bool, na_value=False), missing, ()
    if pd.api.types.is_integer_dtype(kind):
        as_type = np.uint64 if pd.api.types.is_unsigned_integer_dtype(kind) else np.int64
        return "whole", series.to_numpy(dtype=as_type, na_value=0), missing, ()
    if pd.api.types.is_float_dtype(kind):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return "number", values, np.isnan(values), ()
    return _objects(series.astype(object).to_numpy(), missing, name)


def _categories(series: pd.Series, name: str) -> tuple[str, np.ndarray, np.ndarray, tuple[Any, ...]]:
    """Codes and categories; true and false are a switch."""
    codes = series.cat.codes.to_numpy().astype(np.int64)
    levels = series.cat.categories
    missing = codes < 0
    if len(levels) and all(isinstance(level, bool | np.bool_) for level in levels):
        return "switch", np.asarray(levels, dtype=bool)[codes], missing, ()
    if pd.api.types.is_numeric_dtype(levels) and not pd.api.types.is_complex_dtype(levels):
        if np.isinf(levels.to_numpy(dtype=np.float64)).any():
            raise refused(name, "has an infinite number among its categories", expected="numbers, or text")
        return "category", codes, missing, tuple(level.item() if hasattr(level, "item") else level for level in levels)
    texts = tuple(_told(level) for level in levels)
    if len(set(texts)) < len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise refused(name, "has two categories that are written alike", found=repr(twice))
    return "category", codes, missing, texts


def _told(level: Any) -> str:
    """A category as text."""
    if isinstance(level, pd.Timestamp) and level == level.normalize():
        return level.date().isoformat()
    return str(level)


def _objects(values: np.ndarray, missing: np.ndarray, name: str) -> tuple[str, np.ndarray, np.ndarray, tuple[Any, ...]]:
    """A column of Python objects, when they are all of one kind."""
    kept = values[~missing]
    kinds = {_sort_of(value) for value in kept}
    if not kinds:
        return "number", np.full(len(values), np.nan), missing, ()
    if kinds <= {"whole", "number"} and (kinds == {"number"} or _small(kept, kinds)):
        numbers = np.array([np.nan if gone else float(v) for v, gone in zip(values, missing, strict=True)])
        return ("number", numbers, missing, ()) if "number" in kinds else _whole(numbers, missing)
    if len(kinds) > 1 or "other" in kinds or kinds <= {"whole", "number"}:
        first = {type(value).__name__: i for i, value in reversed(list(enumerate(values))) if not missing[i]}
        row = max(first.values()) if len(first) > 1 else min(first.values())
        found = ", ".join(sorted(first))
        raise refused(name, "holds values that no file has a type for, or of several types", row=row, found=found)
    kind = kinds.pop()
    if kind == "switch":
        return kind, np.array([bool(v) and not g for v, g in zip(values, missing, strict=True)]), missing, ()
    if kind == "text":
        texts = np.array([None if g else str(v) for v, g in zip(values, missing, strict=True)], dtype=object)
        return kind, texts, missing, ()
    as_type, as_moment = ("M8[us]", np.datetime64) if kind == "moment" else ("m8[us]", np.timedelta64)
    if kind == "clock":
        values = np.array([v if g else _since_midnight(v) for v, g in zip(values, missing, strict=True)], dtype=object)
    nothing = as_moment("NaT", "us")
    times = [nothing if g else as_moment(v, "us") for v, g in zip(values, missing, strict=True)]
    return kind, np.array(times, dtype=as_type), missing, ()


def _since_midnight(time: datetime.time) -> datetime.timedelta:
    """A time of the day as a span."""
    return datetime.datetime.combine(datetime.date.min, time) - datetime.datetime.min


def _sort_of(value: Any) -> str:
    """The kind of one object."""
    if isinstance(value, bool | np.bool_):
        return "switch"
    if isinstance(value, int | np.integer):
        return "whole"
    if isinstance(value, float | np.floating):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, datetime.datetime | np.datetime64):
        return "moment" if getattr(value, "tzinfo", None) is None else "other"
    if isinstance(value, datetime.date):
        return "moment"
    if isinstance(value, datetime.time):
        return "clock" if value.tzinfo is None else "other"
    return "span" if isinstance(value, datetime.timedelta | np.timedelta64) else "other"


def _small(kept: np.ndarray, kinds: set[str]) -> bool:
    """Whole numbers that are exact as floats."""
    return all(abs(value) <= EXACT for value in kept if "whole" in kinds and not isinstance(value, float))


def _whole(numbers: np.ndarray, missing: np.ndarray) -> tuple[str, np.ndarray, np.ndarray, tuple[Any, ...]]:
    """Whole numbers as integers."""
    return "whole", np.where(missing, 0, numbers).astype(np.int64), missing, ()


def _all_days(moments: np.ndarray) -> bool:
    """Moments that are all at midnight."""
    return bool((moments == moments.astype("M8[D]")).all())


def _english(words: Any) -> str:
    """A text, or the English of two."""
    if isinstance(words, Mapping):
        return str(words.get("en") or words.get("nl") or "")
    return "" if words is None else str(words)


def _value_labels(words: Any) -> dict[Any, str]:
    """English words of values, by the value."""
    values = words.get("values") if isinstance(words, Mapping) else None
    told = {value: _english(text) for value, text in values.items()} if isinstance(values, Mapping) else {}
    return {value: text for value, text in told.items() if text}
