"""All tables of the pages that are made, in one workbook, and the page that says what is in it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import llo_research as llo
from llo_research.monitor.site.figure_pages import compared
from llo_research.monitor.site.group_pages import groups, shown_of
from llo_research.monitor.site.registry import Frame, Pages

_TEXT = {
    "nl": {
        "title": "Alle tabellen",
        "lead": "De tabellen van deze site in één werkmap (xlsx): getallen voluit, met marge, aantal en bron. Het eerste blad is "
        "de inhoud. Tabellen van de hoofdstukken staan in de hoofdstukken zelf.",
        "get": "Werkmap ophalen",
        "beside": "gepubliceerd en hier",
        "synthetic": "Het blad *gepubliceerd en hier* rekent met gemaakte gegevens, en zegt dat.",
    },
    "en": {
        "title": "All tables",
        "lead": "The tables of this site in one workbook (xlsx): numbers in full, with margin, count and source. The first sheet "
        "is the contents. Tables of the chapters stand in the chapters themselves.",
        "get": "Get the workbook",
        "beside": "published and here",
        "synthetic": "The sheet *published and here* is computed from synthetic data, and says so.",
    },
}


def pages(frame: Frame) -> Pages:
    """The workbook and its page."""
    text, tables = _TEXT[frame.language], _tables(frame)
    with tempfile.TemporaryDirectory() as folder:
        path = llo.report.workbook(tables, Path(folder) / "tables.xlsx", language=frame.language)
        content = path.read_bytes()
    name = f"_static/llo_{'tabellen' if frame.language == 'nl' else 'tables'}.xlsx"
    link = f'<p><a class="llo-download" href="{name}" download>{text["get"]} ({len(content) / 1000:.0f} kB)</a></p>'
    rows = [f"# {text['title']}", "", text["lead"], "", "```{raw} html", link, "```", ""]
    rows += [f"{number}. {title}" for number, title in enumerate(tables, start=1)]
    rows += ["", text["synthetic"], ""] if text["beside"] in tables else [""]
    return {"tables.md": "\n".join(rows), name: content}


def _tables(frame: Frame) -> dict[str, Any]:
    """The tables by the names of their sheets."""
    found = compared(frame.edition)
    tables: dict[str, Any] = {}
    if found is not None:
        tables[_TEXT[frame.language]["beside"]] = found.table(frame.language)
    for group in groups().values():
        for number, one in enumerate(shown_of(frame, group), start=1):
            sheet = f"{frame.say(group['title'])} {number}"
            tables[sheet] = llo.report.table(one.rows, language=frame.language, title=one.title)
    return tables
