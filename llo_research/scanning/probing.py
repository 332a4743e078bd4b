"""What a scan must know of its columns before it can translate or collapse: levels, ends, how many values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.expression import Expression
from llo_research.scanning.columns import EVERY_ROW, Column, found_column, series_of
from llo_research.scanning.conditions import bare, computed, constants
from llo_research.scanning.held import Held, Profile
from llo_research.survey.variables import level_labels

# An integer with more values than this is no pattern by itself.
MOST_LEVELS = 300
_MOST_TEXTS = 10_000
# A whole number far beyond 2^53 that 64 bits hold, whatever is added to it.
_LONG = 2**62


def counting(scan: Held) -> Any:
    """Whether a row counts: it is in the domain, and has a weight above 0."""
    counts = weight_of(scan, scan._table) > 0
    for own in scan._domain:
        counts &= scan._table[own.column]
    return counts


def weight_of(scan: Held, table: Any) -> Any:
    """The weights as an expression; 1 where the scan has none."""
    return table[scan._roles["weights"] or EVERY_ROW].cast("float64")


def profiles(scan: Held, names: Sequence[str]) -> dict[str, Profile]:
    """The profile of columns of numbers or booleans, read once."""
    if unread := [name for name in names if name not in scan._profile]:
        scan._profile |= _profiles(scan, unread)
    return {name: scan._profile[name] for name in names}


def _profiles(scan: Held, names: Sequence[str]) -> dict[str, Profile]:
    """Profiles, in one pass; infinite values are refused."""
    counts = counting(scan)
    sums: dict[str, Any] = {"rows": scan._table.count()}
    for i, name in enumerate(names):
        values = scan._table[name].cast("float64")
        sums |= {f"n{i}": values.count(), f"low{i}": values.min(), f"high{i}": values.max()}
        sums |= {f"least{i}": values.min(where=counts), f"most{i}": values.max(where=counts)}
        if scan._columns[name].kind == "number":
            sums[f"parts{i}"] = (values % 1.0 != 0).sum()
    answer = scan._reading.read(scan._table.aggregate(**sums), "least and largest values").to_pylist()[0]
    found = {}
    for i, name in enumerate(names):
        low, high = (np.nan if answer[f"{end}{i}"] is None else answer[f"{end}{i}"] for end in ("low", "high"))
        check_finite(scan, name, low, high)
        whole = not answer.get(f"parts{i}")
        ends = (low, high) if answer[f"least{i}"] is None else (answer[f"least{i}"], answer[f"most{i}"])
        found[name] = Profile(low, high, ends, whole, answer[f"n{i}"] < answer["rows"])
    return found


def check_finite(scan: Held, name: str, low: float, high: float) -> None:
    """Refuse a column whose least or largest value is infinite."""
    if np.isinf([low, high]).any():
        raise DataError(
            "There are infinite values.",
            where=f"column {name!r} of {scan._reading.words}",
            found=f"from {low:g} to {high:g}",
            todo="make them missing in the file, or mend the computation that gave them",
        )


def few_values(scan: Held, name: str) -> bool:
    """Whether a column of whole numbers has so few values that each can be a row of its own."""
    profile = profiles(scan, [name])[name]
    if not profile.whole or np.isnan(profile.low):
        return bool(np.isnan(profile.low))
    return profile.high - profile.low < MOST_LEVELS or len(levels_of(scan, name, MOST_LEVELS)) <= MOST_LEVELS


def levels_of(scan: Held, name: str, most: int = _MOST_TEXTS) -> list[Any]:
    """The values of a column, sorted; of more than `most`, some `most` + 1 of them."""
    key = (name, most)
    if key not in scan._levels:
        table = scan._table
        distinct = table.filter(table[name].notnull()).select(level=table[name]).distinct().limit(most + 1)
        answer = scan._reading.read(distinct, f"levels of {name}")
        scan._levels[key] = sorted(series_of(answer["level"], scan._columns[name]).tolist())
    return scan._levels[key]


def probe(scan: Held, expression: Expression) -> pd.DataFrame:
    """A few rows with the levels of the columns of a condition: what a Survey refuses, it refuses on these."""
    alone, texts = bare(expression), constants(expression)
    # whole numbers beyond 2^53 are refused in some arithmetic
    alone |= {name for name in computed(expression) if _is_long(found_column(scan._columns, name, "the condition"))}
    made = {}
    for name in expression.names():
        column = found_column(scan._columns, name, f"condition {expression.text!r}")
        made[column.name] = _few(scan, column, name in alone, texts)
    rows = max((len(series) for series in made.values()), default=1)
    return pd.DataFrame({name: series.reindex(range(rows)) for name, series in made.items()}, index=range(rows))


def _is_long(column: Column) -> bool:
    """Whether whole numbers of a column may be beyond 2^53."""
    return column.kind == "whole" and column.declared is None and "64" in column.found


def _few(scan: Held, column: Column, alone: bool, texts: Sequence[str]) -> pd.Series:
    """Values of one column, with the type that it has in a Survey."""
    if column.declared is not None:
        return pd.Series(pd.Categorical(list(column.declared.categories), dtype=column.declared))
    if column.kind == "boolean":
        return pd.Series([True, False, None], dtype="boolean")
    if column.kind == "text":
        levels = levels_of(scan, column.name)
        # of more levels than anybody compares by heart, those that the condition names are taken to be there
        told = levels if len(levels) <= _MOST_TEXTS else [*levels[:9], *texts]
        return pd.Series(list(dict.fromkeys(told)), dtype=object if told else "string")
    if column.kind == "whole":
        if level_labels(scan._labels, column.name) and texts:
            return pd.Series(levels_of(scan, column.name), dtype="Int64")
        ends = _ends(scan, column.name) if alone else [0, 1]
        return pd.Series([int(min(max(end, -_LONG), _LONG)) for end in ends if not np.isnan(end)], dtype="Int64")
    if column.kind == "number":
        ends = _ends(scan, column.name) if alone else [0.0, 0.5, 1.0]
        return pd.Series(ends, dtype="float64")
    raise DataError(
        f"The column {column.name!r} holds neither numbers nor categories.",
        where=f"condition on {scan._reading.words}",
        found=column.found,
        expected="numbers, booleans or text",
        todo="make it a number first, for example the year of a date: scan.assign(year=lambda t: t.date.year())",
    )


def _ends(scan: Held, name: str) -> list[float]:
    """The ends of a column, and a value between them that is not 0 or 1 where there is one."""
    profile = profiles(scan, [name])[name]
    return [profile.low, profile.high, *([] if profile.whole else [0.5])]
