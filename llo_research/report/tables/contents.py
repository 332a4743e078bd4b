"""The first sheet of a workbook: which sheets there are, of what, of how many people, of when, from which source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from llo_research.report.content.content import Content
from llo_research.report.content.labels import word
from llo_research.report.content.numbers import unit_text
from llo_research.report.tables.sheet import Sheet
from llo_research.report.tables.spreadsheet import link, put

_HEADS = {
    "nl": ("Blad", "Titel", "Eenheid", "n, kleinste", "n, grootste", "Periode", "Bron"),
    "en": ("Sheet", "Title", "Unit", "n, smallest", "n, largest", "Period", "Source"),
}
_TITLE = {"nl": "Inhoud", "en": "Contents"}
_ABOUT = {
    "nl": "Getallen staan voluit in de cellen; de opmaak rondt ze af. n: ongewogen aantal achter een getal.",
    "en": "Cells hold numbers in full; their format rounds them. n: unweighted count behind a number.",
}
_NUMBER = {"nl": "getal", "en": "number"}
_WIDTHS = (28, 70, 14, 11, 11, 26, 60)
_COUNTS, _PERIOD = (4, 5), 6
_POINTS = 15
_GREY, _INK = "FF6B6B6B", "FF1F3864"


@dataclass(frozen=True)
class Entry:
    """A line of the contents: the sheet, its title, its table, and whether it is the table's own."""

    name: str
    title: str
    table: Sheet
    own: bool


def write_contents(sheet: Any, entries: Sequence[Entry], language: str) -> None:
    """The title, a line for each sheet with a link, and how numbers are to be read."""
    from openpyxl.styles import Alignment, Border, Font, Side
    from openpyxl.utils import get_column_letter

    mark = any(entry.table.content.synthetic for entry in entries)
    title = f"{word('synthetic', language)}: {_TITLE[language]}" if mark else _TITLE[language]
    put(sheet.cell(row=1, column=1), title)
    sheet.cell(row=1, column=1).font = Font(bold=True, size=16, color=_INK)
    put(sheet.cell(row=2, column=1), _ABOUT[language])
    sheet.cell(row=2, column=1).font = Font(size=9, color=_GREY)
    for j, (head, width) in enumerate(zip(_HEADS[language], _WIDTHS, strict=True), start=1):
        cell = sheet.cell(row=4, column=j)
        put(cell, head)
        cell.font, cell.border = Font(bold=True), Border(bottom=Side("medium", color=_INK))
        cell.alignment = Alignment(horizontal="right" if j in _COUNTS else "left", indent=j == _PERIOD)
        sheet.column_dimensions[get_column_letter(j)].width = width
    for row, entry in enumerate(entries, start=5):
        link(sheet.cell(row=row, column=1), entry.name, entry.name)
        cells = [entry.title, *(_facts(entry.table.content, language) if entry.own else ())]
        for j, value in enumerate(cells, start=2):
            cell = sheet.cell(row=row, column=j)
            put(cell, value)
            indent = 1 if j == _PERIOD else 0 if entry.own else 2
            cell.alignment = Alignment(
                horizontal="left" if indent else None, wrap_text=True, vertical="top", indent=indent
            )
            cell.font = Font(color=None if entry.own else _GREY)
            if not isinstance(value, str):
                cell.number_format = "#,##0"
        sheet.cell(row=row, column=1).alignment = Alignment(
            horizontal="left", vertical="top", indent=0 if entry.own else 2
        )
        lengths = zip(cells, _WIDTHS[1:], strict=False)
        lines = [math.ceil(1.1 * len(text) / width) for text, width in lengths if isinstance(text, str)]
        sheet.row_dimensions[row].height = _POINTS * max(lines, default=1)
    sheet.freeze_panes = "A5"


def _facts(content: Content, language: str) -> tuple[Any, ...]:
    """Unit, smallest and largest n, period and source of a table."""
    units = [unit_text(unit, language) or _NUMBER[language] for unit in content.units]
    counts = [] if content.n is None else [int(n) for n in content.n[np.isfinite(content.n)]]
    ends = (min(counts), max(counts)) if counts else (None, None)
    source = content.notes.get("source", "").partition(": ")[2]
    return (", ".join(dict.fromkeys(units)), *ends, _period(content), source)


def _period(content: Content) -> str:
    """The years of a table, else of its source; and what the questions look back on."""
    raw = content.raw
    known = raw["year"].dropna().tolist() if "year" in raw else (content.meta.get("source") or {}).get("years") or []
    years = list(dict.fromkeys(str(year) for year in known))
    told = "" if not years else years[0] if len(years) == 1 else f"{min(years)}–{max(years)}"
    asked = content.notes.get("reference_period", "").partition(": ")[2].rstrip(".")
    return "; ".join(part for part in (told, asked) if part)
