"""The two sides of a comparison in words: levels of the group by their labels, ends of a ranking by their size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.report.content.conditions import side_text
from llo_research.report.content.labels import value_label


def side(value: Any, meta: Mapping[str, Any], language: str) -> str:
    """The label of `of` or `minus`."""
    group = (meta.get("call") or {}).get("group")
    labels = meta.get("labels") or {}
    if isinstance(group, str):
        return value_label(group, value, labels, language)
    return side_text(str(value), {**(meta.get("spoken") or {}), **labels}, language)
