"""Times: numbers, dates or ordered categories, and which of them lie after a series break."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.survey.variables import Variable, column, variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

DATE = "date"
# Numbers that are years.
_YEARS = (1900, 2100)
_DATES = ("datetime64", "datetime", "date")


def time_variable(frame: pd.DataFrame, name: str) -> Variable:
    """A column of times; dates and periods have the kind ``date`` and their sorted values as levels."""
    series = column(frame, name, "time")
    inferred = pd.api.types.infer_dtype(series, skipna=True)
    if inferred in _DATES and not isinstance(series.dtype, pd.CategoricalDtype):
        series = pd.to_datetime(series)
    elif inferred != "period":
        return variable(frame, name, "time")
    levels = pd.CategoricalDtype(sorted(series.dropna().unique()), ordered=True)
    return Variable(name, DATE, series.astype(levels), True)


def ordered(found: Variable) -> bool:
    """Whether times have an order that somebody gave: numbers, dates, ordered categories."""
    return found.kind in ("number", DATE) or (found.declared and bool(found.series.cat.ordered))


def check_order(svy: Survey, found: Variable, present: Sequence[Any]) -> None:
    """Times that have an order, each of them written in one way."""
    if not ordered(found):
        kind = "categories without an order" if found.declared else "true and false"
        raise DataError(
            "The times have no order.",
            where=f"time={found.name!r}",
            found=f"{'plain text' if found.kind == 'category' and not found.declared else kind}, such as "
            + ", ".join(repr(level) for level in present[:3]),
            expected="numbers, dates or ordered categories; sorted as text, 'wave 10' comes before 'wave 9'",
            todo=_how_to_order(svy, found, present),
        )
    texts: dict[str, Any] = {}
    for level in present:
        key = " ".join(str(level).split()).casefold()
        if key in texts:
            raise DataError(
                "One time is written in two ways.",
                where=f"time={found.name!r}",
                found=f"{texts[key]!r} and {level!r}",
                expected="each time written in one way",
                todo="give both rows the same time before making the Survey",
            )
        texts[key] = level


def _how_to_order(svy: Survey, found: Variable, present: Sequence[Any]) -> str:
    """What to type for times with an order."""
    name, taken = found.name, found.name in svy._design_columns()
    new = f"{name}_ordered" if taken else name
    then = f", and time={new!r}" if taken else ""
    levels = sorted(present, key=_by_number)
    categorical = f"svy.assign({new}=lambda d: pd.Categorical(d[{name!r}], categories={levels!r}, ordered=True)){then}"
    if not all(number(level) is not None for level in present):
        return f"{categorical}, with the times in their order"
    whole = all(re.fullmatch(r"\s*-?\d+\s*", str(level)) for level in present) and not found.any_missing
    new = f"{name}_number" if taken else name
    then = f", and time={new!r}" if taken else ""
    made = f"d[{name!r}].astype({'int' if whole else 'float'})"
    return f"svy.assign({new}=lambda d: {made}){then}; or an ordered categorical: {categorical}"


def _by_number(level: Any) -> list[tuple[int, Any]]:
    """A key by which 'wave 9' comes before 'wave 10'."""
    parts = re.split(r"(\d+)", str(level))
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts if part]


def as_time(base: Any, found: Variable) -> Any:
    """A base as the user wrote it, as the times are: dates may be given as text."""
    if found.kind != DATE or isinstance(base, int | float | np.number) or not found.levels:
        return base
    known: Any = found.levels[0]
    try:
        if isinstance(known, pd.Period):
            return base if isinstance(base, pd.Period) else pd.Period(base, freq=known.freqstr)
        stamp = pd.Timestamp(base)
    except (TypeError, ValueError):
        return base
    return stamp.tz_localize(known.tz) if known.tz is not None and stamp.tz is None else stamp


def lies_after(times: Sequence[Any], at: Any, *, in_order: bool) -> np.ndarray | None:
    """(T,) which times lie at or after `at`; None where it cannot be placed among them."""
    if len(times) and all(isinstance(level, pd.Timestamp | pd.Period) for level in times):
        return _dates_after(times, at)
    numbers = [number(level) for level in (*times, at)]
    if all(value is not None for value in numbers):
        values = np.array(numbers, dtype=np.float64)
        years = (values >= _YEARS[0]) & (values <= _YEARS[1])
        # a year says nothing of the numbers of waves
        return None if years[-1] and len(times) and not years[:-1].any() else np.asarray(values[:-1] >= values[-1])
    return np.arange(len(times)) >= list(times).index(at) if in_order and at in times else None


def _dates_after(times: Sequence[Any], at: Any) -> np.ndarray | None:
    """The same among dates, for a year or a date."""
    starts = [level.start_time if isinstance(level, pd.Period) else level.tz_localize(None) for level in times]
    year = number(at)
    if year is not None:
        return np.array([start.year >= year for start in starts], dtype=bool)
    try:
        first = pd.Timestamp(at) if isinstance(at, str | date | np.datetime64) else None
    except ValueError:
        first = None
    return None if first is None else np.array([start >= first for start in starts], dtype=bool)


def number(value: Any) -> float | None:
    """A time as a number, if it is one."""
    try:
        return None if isinstance(value, bool | np.bool_ | pd.Timestamp | pd.Period) else float(value)
    except (TypeError, ValueError):
        return None


def text_of(time: Any) -> Any:
    """A day without its hours, for labels; other times as they are."""
    midnight = isinstance(time, pd.Timestamp) and time == time.normalize()
    return time.date().isoformat() if midnight else time
