"""Conditions that tell of few people: those who meet them, or those who do not, are fewer than may be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from llo_research.results.receipts.closed import GONE, columns_of

_EQUAL = re.compile(r"[=!]=|\bin\b")
_COMBINED = re.compile(r"&|\||~|\b(and|or|not)\b")


def narrow(meta: Mapping[str, Any], units: int) -> list[str]:
    """Conditions of domains that leave as their columns alone.

    Those that few rows meet, or few do not, of the rows that an earlier condition kept; those on the column that tells
    persons apart; and those of several comparisons of which one asks for equality, as the people of each are not known.
    """
    out: list[str] = []
    for own in (meta.get("parts") or {"": meta}).values():
        unit = {str(name) for name in (own.get("unit"), (own.get("design") or {}).get("unit")) if name}
        before = ((own.get("survey") or meta.get("survey")) or {}).get("rows")
        for note in own.get("domain") or ():
            words, rows = str(note.get("condition", "")), note.get("rows")
            outside = None if before is None or rows is None else before - rows - (note.get("unknown") or 0)
            few = outside is None or rows < units or 0 < outside < units
            if words and (few or unit.intersection(columns_of(words)) or _several(words)):
                out.append(words)
            before = rows
    return list(dict.fromkeys(out))


def _several(words: str) -> bool:
    """Whether one of several comparisons asks for equality."""
    return bool(_COMBINED.search(words) and _EQUAL.search(words))


def as_columns(value: Any, conditions: Iterable[str]) -> Any:
    """An account in which conditions are told by their columns."""
    told = {words: f"{', '.join(columns_of(words))} {GONE}" for words in conditions}

    def changed(item: Any) -> Any:
        if isinstance(item, str):
            for words in sorted(told, key=len, reverse=True):
                item = item.replace(words, told[words])
            return item
        if isinstance(item, Mapping):
            return {changed(key): changed(inner) for key, inner in item.items()}
        return [changed(inner) for inner in item] if isinstance(item, list | tuple) else item

    return changed(value)
