"""Times: numbers, dates or ordered categories."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.results.dated import number
from llo_research.survey.variables import Variable, column, variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

DATE = "date"
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


def refuse_group_of_times(group: Any, time: str) -> None:
    """The groups are people, not times."""
    if group is not None and group == time:
        raise DataError(
            "The groups of a gap cannot be times.",
            where=f"group={group!r}, time={time!r}",
            expected="a column of groups",
            todo="llo.change compares times",
        )
