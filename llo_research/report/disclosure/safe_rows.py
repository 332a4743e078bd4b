"""Which withheld rows may be named: a level that is in no declared list is a value of people, and is not named.

A reader sees that something is absent where the row's names are known anyhow: they stand in rows that leave, in the
codebook, or among declared levels of which most leave. Other withheld rows are left out; how many is not told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from llo_research.results.receipts.closed import GONE, compared_in, values_in

# what terms are made of besides columns and levels
_TERMS = ("Intercept", "total", "prediction", "mean", "T", "C")
_WORDS = re.compile(r"\w+")
# columns whose words are the library's
_OURS = ("component", "measure", "quantile", "test")
_SMALL = re.compile(r"-?\d{0,2}")  # small numbers are in every text and tell nothing
_NAME = re.compile(r"[^\W\d]\w*")


def nameable(rows: pd.DataFrame, gone: np.ndarray, meta: Mapping[str, Any]) -> np.ndarray:
    """(k,) rows that leave, and withheld ones that may be named."""
    kept = {str(name): {_text(value) for value in rows[name][~gone]} for name in rows.columns}
    columns = _columns_of_levels(rows)
    leave = {name: set(values) for name, values in kept.items()}
    for name, of in columns.items():
        for i in np.flatnonzero(~gone):
            leave.setdefault(of[i], set()).add(_text(rows[name].iloc[i]))
    known = _declared(meta, leave)
    out = ~gone
    for i in np.flatnonzero(gone):
        row = {str(name): _text(value) for name, value in rows.iloc[i].items()}
        names = {name: columns[name][i] if name in columns else name for name in row}
        out[i] = all(_is_known(name, value, kept[name], known, names[name]) for name, value in row.items())
    return out


def _columns_of_levels(rows: pd.DataFrame) -> dict[str, list[str]]:
    """For `level` and `answer` the column of the data, row by row, that they are levels of.

    Of a table book `level` is one of the breakdown `group`, and answers are levels of the variable.
    """
    variables = [_text(value) for value in rows["variable"]] if "variable" in rows else [""] * len(rows)
    groups = [_text(value) for value in rows["group"]] if "group" in rows else [""] * len(rows)
    of = {"level": [group or name for group, name in zip(groups, variables, strict=True)], "answer": variables}
    return {name: columns for name, columns in of.items() if name in rows}


def _is_known(column: str, value: str, kept: set[str], known: Mapping[str, set[str]], of: str) -> bool:
    """Whether a reader knows this value without the row; `of` is the column of the data that it is a level of."""
    if value == "" or value in kept or column in (*_OURS, "result"):
        return True
    if column in ("variable", "group"):
        return bool(_NAME.fullmatch(value))
    if column in ("of", "minus", "term"):
        return all(part in known["*"] for part in _parts(value))
    return value in known.get(of, set())


def unnamed(rows: pd.DataFrame, gone: np.ndarray, kept: np.ndarray, meta: Mapping[str, Any]) -> list[str]:
    """What only rows that are left out are called, or base levels of which nothing leaves: it may stand nowhere else.

    gone : (k,) rows that are withheld. kept : the rows that are told of, by number.
    """
    if not gone.any():
        return []
    out = np.ones(len(rows), dtype=bool)
    out[kept] = False
    texts = rows.map(_text)
    leave = {str(name): set(texts[name][~gone]) for name in rows.columns}
    known = {part for values in leave.values() for value in values for part in (value, *_parts(value))}
    known |= _declared(meta, leave)["*"]
    found = {part for name in rows.columns for value in set(texts[name][out]) for part in _parts(value)}
    levels = [level for several in (meta.get("category_levels") or {}).values() for level in several]
    found |= {_text(level) for level in (*levels, *(meta.get("base_levels") or {}).values())}
    if "Intercept" in leave.get("term", ()):  # the mean of those at the base levels leaves
        known |= {_text(level) for level in (meta.get("base_levels") or {}).values()}
    return sorted((one for one in found - known if not _SMALL.fullmatch(one)), key=lambda one: (-len(one), one))


def without_names(value: Any, names: list[str]) -> Any:
    """An account without what is called so: entries of lists and mappings go, other texts lose it."""
    every = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names))

    def left(item: Any) -> Any:
        if isinstance(item, Mapping):
            return {key: left(inner) for key, inner in item.items() if not every.search(str(key))}
        if isinstance(item, list | tuple):
            return [left(inner) for inner in item if not (isinstance(inner, str) and every.search(inner))]
        return every.sub(GONE, item) if isinstance(item, str) else item

    return left(value)


def _parts(term: str) -> list[str]:
    """The names and levels in a term such as ``education[T.high]:x`` or in what is compared."""
    return [part for part in re.split(r"\[T\.|[\[\]:()]|\bC\b", term) if part.strip()]


def _declared(meta: Mapping[str, Any], leave: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The levels of each column that stand in the codebook, or of which most leave; ``*`` holds all of them."""
    out: dict[str, set[str]] = {}
    for name, entry in (meta.get("labels") or {}).items():
        values = entry.get("values") if isinstance(entry, Mapping) else None
        if isinstance(values, Mapping):
            out.setdefault(str(name), set()).update(map(str, values))
    told = ((meta.get("survey") or {}).get("columns") or {}).items()
    for name, kind in told:
        levels = {_text(level) for level in kind["levels"]} if isinstance(kind, Mapping) else set()
        if levels and len(levels & leave.get(str(name), set())) >= len(levels) / 2:
            out.setdefault(str(name), set()).update(levels)
    # what terms may consist of besides: columns, and what the user wrote into the call, which leaves
    columns = {str(name) for name in ((meta.get("survey") or {}).get("columns") or {})}
    written = set(_WORDS.findall(str([meta.get("call"), meta.get("derived_from")])))
    return {**out, "*": set(_TERMS).union(columns, written, *out.values())}


def secrets_of(shown: Iterable[Any], hidden: Iterable[Any]) -> list[str]:
    """Values that only conditions of withheld numbers compare with."""
    open_ = set(values_in(list(compared_in(list(shown)))))
    return [text for text in values_in(list(compared_in(list(hidden)))) if text not in open_]


def _text(value: Any) -> str:
    """A value as text; nothing for none."""
    return "" if value is None or value is pd.NA or value is pd.NaT or value != value else str(value)
