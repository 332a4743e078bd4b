"""Many tables of texts in one Excel file: a sheet each, and a first one that lists them with links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llo_research.report.tables.spreadsheet import content_of, link, new_book, put_texts, put_written, sheet_names

_HEADS = {"nl": ("Inhoud", "Blad", "Wat", "Uit", "Gegevens"), "en": ("Contents", "Sheet", "What", "From", "Data")}


@dataclass(frozen=True)
class Written:
    """A table as it was written: ``rows`` of texts, heads first; ``data`` is what it was computed from, in a word."""

    name: str
    title: str
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]
    place: str = ""
    data: str = ""


def many_sheets(tables: Sequence[Written], title: str, language: str) -> bytes:
    """The Excel file; the same bytes every time.

    Columns in which every text is a number hold numbers. Below each table stand its notes, above it its title and a
    link to the contents.

    Parameters
    ----------
    tables : sequence of Written
    title : str
        Of the file.
    language : {"nl", "en"}
    """
    first, *heads = _HEADS[language]
    book, names = new_book(), sheet_names([first, *(one.name for one in tables)])
    contents = book.active
    contents.title = names[0]
    listed = [[name, one.title, one.place, one.data] for name, one in zip(names[1:], tables, strict=True)]
    put_texts(contents, [title])
    put_written(contents, [heads, *listed], top=3)
    contents.freeze_panes = "A4"
    for row, (name, one) in enumerate(zip(names[1:], tables, strict=True), start=4):
        link(contents.cell(row=row, column=1), name, name)
        sheet = book.create_sheet(name)
        put_texts(sheet, [" ".join(filter(None, [one.title, f"({one.data})" if one.data else ""]))], wrap=False)
        link(sheet.cell(row=2, column=1), names[0], names[0])
        put_written(sheet, one.rows, top=4)
        put_texts(sheet, one.notes, top=len(one.rows) + 5, wrap=False)
    return content_of(book, title)
