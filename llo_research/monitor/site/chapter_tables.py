"""What the chapters tabulate and draw, as tables for one workbook: read from their outputs, nothing is computed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from llo_research.monitor.site.registry import Frame
from llo_research.monitor.site.rendered import Rendered, title_of
from llo_research.monitor.site.words import source_words
from llo_research.report.figures.bundle import MIME
from llo_research.report.tables.many_sheets import Written

_DUTCH = re.compile(r"-?\d+(\.\d{3})*(,\d+)?")
_ENGLISH = re.compile(r"-?\d+(,\d{3})*(\.\d+)?")


def chapter_tables(frame: Frame) -> list[Written]:
    """A table for each figure and each table of each chapter, in their order: ``02-3`` is the third of chapter 02."""
    return [table for one in frame.rendered for table in _of(one, frame)]


def _of(one: Rendered, frame: Frame) -> Iterator[Written]:
    """The tables of a chapter."""
    short = one.about.name.partition("_")[0] if one.is_chapter else one.about.name
    place, (kind, _) = title_of(one, frame.language), source_words(one.about.source_class, frame.language)
    outputs = [output.get("data", {}) for cell in one.notebook["cells"] for output in cell.get("outputs", [])]
    found = [told for data in outputs if (told := _told(data, one.language or frame.language)) is not None]
    for number, (title, rows, notes) in enumerate(found, start=1):
        yield Written(f"{short}-{number}", title, rows, notes, place, kind)


def _told(data: Mapping[str, Any], language: str) -> tuple[str, list[list[str]], list[str]] | None:
    """Title, rows and notes of what an output shows; None where that is no table and no figure."""
    if MIME in data:
        figure = data[MIME]
        return figure["title"], list(csv.reader(io.StringIO(figure["rows"]))), [*figure["notes"], *figure["more"]]
    markup = "".join(data.get("text/html", ""))
    if "<table" not in markup:
        return None
    read = _Tables()
    read.feed(markup)
    width = max((len(row) for row in read.rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in read.rows]
    return " ".join(read.caption.split()), _as_numbers(rows, language), read.notes


def _as_numbers(rows: list[list[str]], language: str) -> list[list[str]]:
    """Columns of numbers as every program reads them, without signs for thousands."""
    form, signs = (_DUTCH, ".,") if language == "nl" else (_ENGLISH, ",.")
    columns = []
    for head, *texts in zip(*rows, strict=True):
        plain = [text.replace("−", "-") for text in texts]
        if all(form.fullmatch(text) for text in plain if text):
            texts = [text.replace(signs[0], "").replace(signs[1], ".") for text in plain]
        columns.append([head, *texts])
    return [list(row) for row in zip(*columns, strict=True)]


class _Tables(HTMLParser):
    """The rows, caption and notes of the first table of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.notes: list[str] = []
        self.caption, self._text, self._in_foot, self._span, self._done = "", "", False, 1, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_foot = self._in_foot or tag == "tfoot"
        if tag == "tr" and not self._in_foot and not self._done:
            self.rows.append([])
        if tag in ("td", "th", "caption"):
            self._text, self._span = "", int(dict(attrs).get("colspan") or 1)
        if tag == "br":
            self._text += "\n"

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        text = self._text.strip()
        if tag == "summary":
            self._text += ": "
        elif tag == "caption":
            self.caption = text
        elif tag in ("td", "th") and self._in_foot:
            self.notes += [line.strip() for line in text.splitlines() if line.strip()]
        elif tag in ("td", "th") and not self._done and self.rows:
            self.rows[-1] += [" ".join(text.split()), *[""] * (self._span - 1)]
        self._done = self._done or tag == "table"
