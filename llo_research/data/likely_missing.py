"""Answers that are none: told by the user, or like it by their words ("Weet niet") or their codes (99)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from llo_research.data.exact import find, masked, plain
from llo_research.data.mapping import nearest, told
from llo_research.data.readers import Table
from llo_research.data.wording import means_missing
from llo_research.errors import DataError, LloWarning

_DASHES = {"-", "--", "—", "–", "?", "x"}
# Codes that stand for no answer, and how far the largest answer lies below each.
_CODES = {8: 6, 9: 7, 88: 66, 98: 77, 99: 77, 888: 500, 998: 500, 999: 500, 9998: 5000, 9999: 5000}
_FEW = 15  # distinct answers of a coded question
_SHOWN = 6


def without_answers(table: Table, missing: Mapping[str, Any] | Sequence[Any] | None) -> tuple[Table, dict[str, int]]:
    """The table with the codes that the user calls no answer missing, and how many there were by column.

    Raises
    ------
    DataError
        For a column that the file does not have.
    """
    if missing is None:
        return table, {}
    header = [str(name) for name in table.frame.columns]
    by_column = missing if isinstance(missing, Mapping) else dict.fromkeys(header, missing)
    columns, counts = dict(table.frame.items()), {}
    for name, codes in by_column.items():
        if name not in columns:
            raise DataError(
                f"{table.path.name} has no column {name!r}, of which missing= names codes.",
                where="missing=",
                found=nearest(str(name), header),
                expected="a column that is read",
            )
        listed = list(codes) if isinstance(codes, (list, tuple, set, frozenset)) else [codes]
        hit = find(columns[name], listed)[0] >= 0
        if hit.any():
            columns[name], counts[str(name)] = masked(columns[name], hit), int(hit.sum())
    return replace(table, frame=pd.DataFrame(columns, copy=False)), counts


def likely_missing(table: Table) -> dict[str, dict[Any, int]]:
    """By column without labels, words and codes that look like no answer, and how often each occurs."""
    found: dict[str, dict[Any, int]] = {}
    for name in map(str, table.frame.columns):
        series, labels = table.frame[name], table.value_labels.get(name, {})
        if series.dtype.kind in "bcmM" or labels or (series.dtype.kind == "f" and series.nunique() > _FEW):
            continue
        known = [value for value in pd.unique(series) if pd.notna(value)]
        numeric = pd.api.types.is_numeric_dtype(series)
        odd = _codes(known) if numeric else [value for value in known if _none(value)]
        if odd and len(odd) < len(known):
            found[name] = {value: int((series == value).sum()) for value in odd}
    return found


def _none(value: object) -> bool:
    """Does a text say that there is no answer?"""
    if not isinstance(value, str) or value == "NA":  # told apart: it may be Namibia
        return False
    return value.strip().casefold() in _DASHES or means_missing(value)


def _codes(known: Sequence[Any]) -> list[Any]:
    """Codes of few numbers that lie far above all other ones."""
    if len(known) > _FEW or any(value != int(value) for value in known):
        return []
    for code in sorted(_CODES):
        rest = [value for value in known if value < code and value not in _CODES]
        above = [value for value in known if value >= code or value in _CODES]
        if above and len(rest) > 1 and all(v in _CODES for v in above) and max(rest) <= _CODES[min(above)]:
            return sorted(above)
    return []


def told_likely_missing(table: Table) -> list[str]:
    """The columns with values that look like no answer, each in words."""
    return [
        f"{name}: " + ", ".join(f"{told(value)} ({count:,} rows)" for value, count in list(values.items())[:_SHOWN])
        for name, values in likely_missing(table).items()
    ]


def tell_likely_missing(table: Table) -> None:
    """Warn of values that look like no answer and count as one."""
    found = likely_missing(table)
    if not found:
        return
    lines = told_likely_missing(table)
    more = f"; and {len(lines) - _SHOWN} more columns" if len(lines) > _SHOWN else ""
    example = next(iter(found))
    codes = ", ".join(repr(value) if isinstance(value, str) else plain(value) for value in found[example])
    words = (
        f"{table.path.name} has values that look like no answer, and count as answers.\n"
        f"  found: {'; '.join(lines[:_SHOWN])}{more}\n"
        f"  what to do: when they are: llo.read_file(..., missing={{{example!r}: [{codes}]}})"
    )
    warnings.warn(LloWarning(words), stacklevel=3)
