"""A table book to lay out: which cell stands in which row and column, what rows and columns are called, its arrows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from llo_research.report.content.banner import level_text
from llo_research.report.content.conditions import variable_text
from llo_research.report.content.content import Content
from llo_research.report.content.labels import capital, word
from llo_research.report.content.numbers import unit_text
from llo_research.results.floors import HIDDEN, Withheld, withheld

_ARROWS = {"above": ("↑", "↗"), "below": ("↓", "↘")}


@dataclass(frozen=True)
class Book:
    """A table book to lay out.

    rows : what identifies each cell.
    content, frame : its cells in the units shown, and as numbers, without those that may not be seen.
    total, of_total : the same of everybody, a row for each row of the table; None of books that hold no totals.
    """

    rows: pd.DataFrame
    content: Content
    frame: pd.DataFrame
    total: Content | None
    of_total: pd.DataFrame | None

    @cached_property
    def keys(self) -> list[tuple[Any, Any, Any, Any]]:
        """Indicator, answer, breakdown and level of each cell."""
        rows = self.rows
        answers = rows["answer"] if "answer" in rows else [None] * len(rows)
        told = zip(rows["variable"], answers, rows["group"], rows["level"], strict=True)
        return [(v, None if pd.isna(answer) else answer, group, level) for v, answer, group, level in told]

    @cached_property
    def lines(self) -> list[tuple[Any, Any]]:
        """Indicators and answers, the rows."""
        return list(dict.fromkeys(key[:2] for key in self.keys))

    @cached_property
    def columns(self) -> list[tuple[Any, Any]]:
        """Breakdowns and levels, the columns."""
        return list(dict.fromkeys(key[2:] for key in self.keys))

    @cached_property
    def place(self) -> list[list[int | None]]:
        """The cell in each column, of each row."""
        at = {key: i for i, key in enumerate(self.keys)}
        return [[at.get((*line, *column)) for column in self.columns] for line in self.lines]

    @cached_property
    def places(self) -> list[int]:
        """Decimals of each row: those of its least certain cell."""
        cells = [[i for i in row if i is not None and self.content.defined[i]] for row in self.place]
        return [min((self.content.decimals[i] for i in row), default=0) for row in cells]

    @property
    def language(self) -> str:
        """nl or en."""
        return self.content.language

    def label(self, line: tuple[Any, Any]) -> str:
        """An indicator, its answer, and its unit."""
        name, answer = line
        labels, first = self.content.meta.get("labels", {}), next(i for i, k in enumerate(self.keys) if k[:2] == line)
        unit = unit_text(self.content.quantities[first].unit, self.language)
        text = self._told(name, {variable for variable, _ in self.lines})
        text = text if answer is None else f"{text}: {level_text(name, answer, labels, self.language)}"
        return f"{text} ({unit})" if unit else text

    def _told(self, name: str, every: set[str]) -> str:
        """The label of a variable, with its name where another one is called the same."""
        labels, language = self.content.meta.get("labels", {}), self.language
        text = variable_text(name, labels, language)
        same = [other for other in sorted(every) if variable_text(other, labels, language) == text]
        return text if len(same) == 1 else f"{text} [{name}]"

    def arrow(self, i: int) -> str:
        """What tells a cell from the rest: an arrow, in brackets where the difference is small."""
        words = self.content.flags[i]
        holds = self.frame["p_adjusted"].iloc[i] < 1 - self.content.level
        sign = next((signs[0 if holds else 1] for flag, signs in _ARROWS.items() if flag in words), "")
        return f"({sign})" if sign and "weak" in words else sign

    def heads(self) -> list[tuple[str, str]]:
        """Breakdown and level of each column in words; the total first."""
        labels, language = self.content.meta.get("labels", {}), self.language
        every = {group for group, _ in self.columns}
        told = [(self._told(group, every), level_text(group, v, labels, language)) for group, v in self.columns]
        return [*([("", capital(word("total", language)))] if self.total is not None else []), *told]


def gone(content: Content, i: int) -> bool:
    """Whether a row may not be seen."""
    return bool(content.withheld and content.withheld[i])


def total_withheld(result: Any, disclosure: str, cells: Withheld | None) -> Withheld | None:
    """Which totals of a table book may not be seen: those of few, of withheld cells, and of few in no column.

    The cells of a breakdown add up to the total less those whose breakdown is not known.
    """
    alone = withheld(result.total, disclosure)
    if alone is None:
        return None
    rows, totals = result.rows.assign(n=result.n), result.total.rows["variable"].tolist()
    lines = [str(line) for line in rows[[name for name in ("variable", "answer") if name in rows]].values.tolist()]
    made_of = {line: place for place, line in enumerate(dict.fromkeys(lines))}
    if "answer" in rows:
        rows = rows[~rows.duplicated(["variable", "group", "level"])]
    placed = rows.groupby(["variable", "group"], sort=False)["n"].sum()
    out = alone.rows.copy()
    for i, name in enumerate(totals):
        nowhere = result.total.n[i] - placed[name].to_numpy()
        out[i] |= bool(((nowhere > 0) & (nowhere < alone.rules.units)).any())
    for line, gone_here in zip(lines, cells.rows if cells is not None else (), strict=False):
        out[made_of[line]] |= gone_here
    marks = [mark or (HIDDEN if here else "") for mark, here in zip(alone.counts, out, strict=True)]
    return replace(alone, rows=out, counts=tuple(marks), ends=alone.ends & ~out)
