"""Proves that the workbook of the chapters holds each figure and table that they show, with its numbers."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest

from llo_research.monitor.notebooks.about import about
from llo_research.monitor.site.chapter_tables import chapter_tables
from llo_research.monitor.site.registry import Frame
from llo_research.monitor.site.rendered import Rendered
from llo_research.report.figures.bundle import MIME
from llo_research.report.tables.many_sheets import many_sheets
from tests.monitor.conftest import ROOT

CHAPTER = "02_learning_behaviour"


@pytest.fixture(scope="module")
def frame() -> Frame:
    item = about(ROOT / "notebooks" / f"{CHAPTER}.ipynb")
    return Frame(ROOT, "en", ("en",), (Rendered(item, json.loads(item.path.read_text(encoding="utf-8")), ""),))


def test_every_figure_and_table_has_its_sheet_and_a_link(frame: Frame) -> None:
    shown = [output["data"] for cell in frame.rendered[0].notebook["cells"] for output in cell.get("outputs", [])]
    count = sum(MIME in data or "<table" in "".join(data.get("text/html", "")) for data in shown)
    tables = chapter_tables(frame)
    content = many_sheets(tables, "All", "en")
    assert content == many_sheets(chapter_tables(frame), "All", "en")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(tables) == count > 10 and len(book.sheetnames) == count + 1
    contents = book.worksheets[0]
    for row, name in enumerate(book.sheetnames[1:], start=4):
        assert contents.cell(row, 1).value == name
        assert contents.cell(row, 1).hyperlink.location == f"'{name}'!A1"
        assert contents.cell(row, 4).value == "Synthetic" and "(Synthetic)" in book[name]["A1"].value
        assert book[name]["A2"].hyperlink.location == "'Contents'!A1"


def test_the_numbers_are_those_of_the_figure(frame: Frame) -> None:
    outputs = [output["data"] for cell in frame.rendered[0].notebook["cells"] for output in cell.get("outputs", [])]
    shown = [data for data in outputs if MIME in data or "<table" in "".join(data.get("text/html", ""))]
    book = openpyxl.load_workbook(io.BytesIO(many_sheets(chapter_tables(frame), "All", "en")))
    figures = 0
    for data, sheet in zip(shown, book.worksheets[1:], strict=True):
        if MIME in data:
            rows = list(csv.DictReader(io.StringIO(data[MIME]["rows"])))
            column = [cell.value for cell in sheet[4]].index("estimate")
            found = [row[column].value for row in sheet.iter_rows(min_row=5, max_row=4 + len(rows))]
            assert found == [float(row["estimate"]) if row["estimate"] else None for row in rows]
            assert str(sheet["A1"].value).startswith(data[MIME]["title"])
            figures += 1
    assert figures > 4


def test_dutch_numbers_become_numbers() -> None:
    from llo_research.monitor.site.chapter_tables import _as_numbers, _Tables

    read = _Tables()
    read.feed(
        "<table><caption>A</caption><tr><th>n</th><th>%</th><th>x</th></tr><tr><td>1.234</td><td>−5,6</td>"
        '<td>1 tot 2</td></tr><tfoot><tr><td colspan="3">Bron: b<br/>c'
        "\n<details><summary>Over</summary>d</details></td></tr></tfoot></table>"
    )
    assert _as_numbers(read.rows, "nl") == [["n", "%", "x"], ["1234", "-5.6", "1 tot 2"]]
    assert read.caption == "A" and read.notes == ["Bron: b", "c", "Over: d"]
