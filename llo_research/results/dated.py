"""Times as they are written: which of them lie after a series break, as numbers, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

# Numbers that are years.
_YEARS = (1900, 2100)


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
