"""Which column of a result is time, and which rows make one line."""

from __future__ import annotations

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.report.content.content import Content
from llo_research.report.content.labels import plain

TIMES = ("year", "jaar", "period", "wave")
_YEARS = (1900, 2100)


def time_column(content: Content, time: str | None) -> str | None:
    """The column that holds time: the one named, the survey's own, `year`, or a column of years; None without one."""
    if time is not None:
        if time not in content.raw:
            raise DataError(
                f"There is no column {time!r} in the result.",
                where="time",
                found=repr(time),
                expected=", ".join(content.raw.columns) or "a result with `by`",
            )
        return time
    told = (content.meta.get("design") or {}).get("time") or (content.meta.get("call") or {}).get("time")
    names = [name for name in (told, *TIMES, *content.raw.columns) if name in content.raw]
    return next((str(name) for name in names if _are_years(content.raw[name])), None)


def _are_years(column: pd.Series) -> bool:
    """Whether a column holds whole years."""
    values = pd.to_numeric(column.astype(str), errors="coerce")
    return bool(values.between(*_YEARS).all() and (values % 1 == 0).all())


def times_of(content: Content, column: str) -> np.ndarray:
    """(k,) times as numbers."""
    values = pd.to_numeric(content.raw[column].astype(str), errors="coerce").to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        bad = [plain(value) for value in content.raw[column][~np.isfinite(values)]]
        raise DataError(
            "Lines need times that are numbers.", where=f"column {column}", found=bad[:5], expected="years as 2014"
        )
    return values


def series_of(content: Content, column: str | None) -> dict[str, list[int]]:
    """The rows of each line by its name (the texts of every identifier but time), in order of appearance."""
    used = [name for name in content.names if name != column]
    groups: dict[str, list[int]] = {}
    for i, row in enumerate(content.names[used].astype(str).to_numpy().tolist()):
        groups.setdefault(", ".join(text for text in row if text), []).append(i)
    return groups
