"""A table book as a table: indicators in rows, breakdowns side by side, arrows where a group differs from the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.content.conditions import variable_text
from llo_research.report.content.content import Content
from llo_research.report.content.labels import capital, value_label, variable_label, word
from llo_research.report.content.numbers import level_text, number, unit_text
from llo_research.report.tables.grid import EMPTY, Table

_ARROWS = {"above": "↑", "below": "↓"}
_READING = {
    "nl": "↑ hoger, ↓ lager dan alle anderen (verschil aantoonbaar op {level}%); tussen haakjes: klein verschil, "
    "Cohens h of d onder {weak}.",
    "en": "↑ above, ↓ below everybody else (difference beyond its uncertainty at {level}%); in brackets: a small "
    "difference, Cohen's h or d under {weak}.",
}


def banner_table(content: Content, result: Any) -> Table:
    """The table; numbers in full stay behind it for spreadsheets."""
    rows, language, labels = result.rows.reset_index(drop=True), content.language, content.meta.get("labels", {})
    cells = list(dict.fromkeys(zip(rows["group"], rows["level"], strict=True)))
    variables = list(dict.fromkeys(rows["variable"]))
    place = {key: i for i, key in enumerate(zip(rows["variable"], rows["group"], rows["level"], strict=True))}
    columns: dict[str, list[str]] = {capital(word("variable", language)): [_name(content, v, place) for v in variables]}
    numbers = {}
    for group, level in cells:
        at = [place.get((variable, group, level)) for variable in variables]
        head = f"{variable_label(group, labels, language)}: {value_label(group, level, labels, language)}"
        head = head if head not in columns else f"{head} ({len(columns)})"
        columns[head] = [EMPTY if i is None else _cell(content, i) for i in at]
        values = np.array([np.nan if i is None else content.estimate[i] for i in at])
        numbers[head] = values, tuple(0 if i is None else content.decimals[i] for i in at)
    told = float(content.meta["call"]["weak"])
    reading = _READING[language].format(level=level_text(content.level, language), weak=number(told, 2, language))
    notes = {topic: text for topic, text in content.notes.items() if topic != "interval"}
    return Table(
        content=content,
        frame=pd.DataFrame(columns, dtype=object),
        alignment="l" + "r" * len(cells),
        row_heads=1,
        title=content.what,
        notes=(reading, *notes.values()),
        numbers=numbers,
    )


def _name(content: Content, variable: str, place: dict[Any, int]) -> str:
    """An indicator with its unit."""
    first = next(i for key, i in place.items() if key[0] == variable)
    unit = unit_text(content.quantities[first].unit, content.language)
    name = variable_text(variable, content.meta.get("labels", {}), content.language)
    return f"{name} ({unit})" if unit else name


def _cell(content: Content, i: int) -> str:
    """A number with its arrow."""
    text = number(content.estimate[i], content.decimals[i], content.language)
    if not text:
        return content.absent(i)
    arrow = next((sign for word_, sign in _ARROWS.items() if word_ in content.flags[i]), "")
    arrow = f"({arrow})" if arrow and "weak" in content.flags[i] else arrow
    return f"{text} {arrow}".strip()
