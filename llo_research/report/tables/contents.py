"""The first sheet of a workbook: which sheets there are, of what, of how many people, of when, from which source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from llo_research.report.content.content import Content
from llo_research.report.content.footers import times_shown, when_of
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
_COUNTS, _PERIOD, _TOP = (4, 5), 6, 4  # columns, and the row of heads
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
    """The title, a line for each sheet with a link, and how numbers are to be read.

    The title of the whole says that it is synthetic where every sheet is; else the lines of those that are say it.
    """
    from openpyxl.styles import Alignment, Border, Font, Side
    from openpyxl.utils import get_column_letter

    mark = all(entry.table.content.synthetic for entry in entries)
    title = f"{word('synthetic', language)}: {_TITLE[language]}" if mark else _TITLE[language]
    put(sheet.cell(row=1, column=1), title)
    sheet.cell(row=1, column=1).font = Font(bold=True, size=16, color=_INK)
    put(sheet.cell(row=2, column=1), _ABOUT[language])
    sheet.cell(row=2, column=1).font = Font(size=9, color=_GREY)
    for j, (head, width) in enumerate(zip(_HEADS[language], _WIDTHS, strict=True), start=1):
        cell = sheet.cell(row=_TOP, column=j)
        put(cell, head)
        cell.font, cell.border = Font(bold=True), Border(bottom=Side("medium", color=_INK))
        cell.alignment = Alignment(horizontal="right" if j in _COUNTS else "left", indent=j == _PERIOD)
        sheet.column_dimensions[get_column_letter(j)].width = width
    for row, entry in enumerate(entries, start=_TOP + 1):
        _line(sheet, row, entry, language)
    sheet.freeze_panes = sheet.cell(row=_TOP + 1, column=1)


def _line(sheet: Any, row: int, entry: Entry, language: str) -> None:
    """A sheet: its link and title, and what its table is of."""
    from openpyxl.styles import Alignment, Font

    inward = 0 if entry.own else 2
    first, lines = sheet.cell(row=row, column=1), 1
    link(first, entry.name, entry.name)
    first.alignment = Alignment(horizontal="left", vertical="top", indent=inward)
    facts = _facts(entry.table.content, language) if entry.own else ()
    for j, (value, width) in enumerate(zip((entry.title, *facts), _WIDTHS[1:], strict=False), start=2):
        cell, count = sheet.cell(row=row, column=j), j in _COUNTS
        put(cell, value)
        indent = 1 if j == _PERIOD else inward
        cell.alignment = Alignment("right" if count else "left", "top", wrap_text=True, indent=0 if count else indent)
        cell.font = Font(color=None if entry.own else _GREY)
        if count:
            cell.number_format = "#,##0"
        lines = max(lines, math.ceil(1.1 * len(str(value)) / width))
    sheet.row_dimensions[row].height = _POINTS * lines


def _facts(content: Content, language: str) -> tuple[Any, ...]:
    """Unit, smallest and largest n, period and source of a table."""
    units = [unit_text(unit, language) or _NUMBER[language] for unit in content.units]
    counts = [] if content.n is None else [int(n) for n in content.n[np.isfinite(content.n)]]
    ends = (min(counts), max(counts)) if counts else (None, None)
    source = content.notes.get("source", "").partition(": ")[2]
    return (", ".join(dict.fromkeys(units)), *ends, _period(content), source)


def _period(content: Content) -> str:
    """The years of the rows shown, else of the source; and what the questions look back on."""
    source = content.meta.get("source") or {}
    told = when_of(source, times_shown(content.raw, content.meta, source), content.language, "–")
    asked = content.notes.get("reference_period", "").partition(": ")[2].rstrip(".")
    return "; ".join(part for part in (told, asked) if part)
