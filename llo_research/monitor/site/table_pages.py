"""All tables of the pages that are made, in one workbook, and the page that says what is in it."""

from __future__ import annotations

from typing import Any

import llo_research as llo
from llo_research.data.spill import spill
from llo_research.monitor.site.chapter_tables import chapter_tables
from llo_research.monitor.site.figure_pages import compared
from llo_research.monitor.site.group_pages import groups, shown_of
from llo_research.monitor.site.registry import Frame, Pages
from llo_research.monitor.site.words import texts
from llo_research.report.tables.many_sheets import many_sheets


def pages(frame: Frame) -> Pages:
    """The workbook and its page."""
    text, tables = texts("tables", frame.language), _tables(frame)
    with spill(frame.root, "tables") as folder:
        path = llo.report.workbook(tables, folder / "tables.xlsx", language=frame.language)
        content = path.read_bytes()
    name = f"_static/llo_{'tabellen' if frame.language == 'nl' else 'tables'}.xlsx"
    link = f'<p><a class="llo-download" href="{name}" download>{text["get"]} ({len(content) / 1000:.0f} kB)</a></p>'
    chapters, files = chapter_tables(frame), Pages()
    if chapters:
        book = many_sheets(chapters, text["chapters"], frame.language)
        place = f"_static/llo_{'hoofdstukken' if frame.language == 'nl' else 'chapters'}.xlsx"
        files[place] = book
        said = text["get_chapters"].format(count=len(chapters), size=f"{len(book) / 1000:.0f}")
        link += f'\n<p><a class="llo-download" href="{place}" download>{said}</a></p>'
    rows = [f"# {text['title']}", "", text["lead"], "", "```{raw} html", link, "```", ""]
    rows += [f"{number}. *{sheet}*: {own.title}" for number, (sheet, own) in enumerate(tables.items(), start=1)]
    rows += ["", text["synthetic"], ""] if text["beside"] in tables else [""]
    return {"tables.md": "\n".join(rows), name: content, **files}


def _tables(frame: Frame) -> dict[str, Any]:
    """The tables by the names of their sheets."""
    found = compared(frame.edition)
    tables: dict[str, Any] = {}
    if found is not None:
        tables[texts("tables", frame.language)["beside"]] = found.table(frame.language)
    for name, group in groups().items():
        for one in shown_of(frame, name):
            sheet = f"{one.source} {frame.say(group['title'])}"
            tables[sheet] = llo.report.table(one.rows, language=frame.language, title=one.title)
    return tables
