"""What a test of coefficients tested, in words: ``INFLUENCE = 0`` reads ``Influence at work = 0``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llo_research.report.content.labels import lowered, short_label
from llo_research.report.content.terms import Terms, variables_of

_DIGITS = 6


def restrictions_in_words(meta: Mapping[str, Any], language: str) -> list[str]:
    """Each restriction of a test in words; nothing of a test that has none."""
    told = Terms(meta.get("labels") or {}, language, meta.get("base_levels") or {}, str(meta.get("response", "")))
    return [_in_words(one["terms"], one["value"], told) for one in meta.get("restrictions") or []]


def tested_variables(meta: Mapping[str, Any], language: str) -> list[str]:
    """The variables whose coefficients were tested, by their labels."""
    labels = meta.get("labels") or {}
    names = [name for one in meta.get("restrictions") or [] for term in one["terms"] for name in variables_of(term)]
    shown = [short_label(name, labels, language) for name in dict.fromkeys(names)]
    return [shown[0], *map(lowered, shown[1:])] if shown else []


def _in_words(terms: Mapping[str, float], value: float, told: Terms) -> str:
    """One restriction; a term with a minus sign stands on the other side: ``a = b`` for a - b = 0."""
    left = [_times(size, told.text(term), told.language) for term, size in terms.items() if size > 0]
    right = [_times(-size, told.text(term), told.language) for term, size in terms.items() if size < 0]
    if not left:
        left, right, value = right, [], -value
    if value or not right:
        right.append(_plain(value, told.language))
    return f"{_sum(left)} = {_sum(right)}"


def _times(size: float, text: str, language: str) -> str:
    """A coefficient, so many times."""
    return text if size == 1 else f"{_plain(size, language)} × {text}"


def _plain(value: float, language: str) -> str:
    """A number as it was given."""
    text = f"{value + 0.0:.{_DIGITS}g}"
    return text.replace(".", ",") if language == "nl" else text


def _sum(parts: Sequence[str]) -> str:
    """Parts added up."""
    return " + ".join(parts)
