"""The figures of a notebook as its page shows them, and the files that they offer.

A figure of llo.report leaves in its notebook an SVG and, under a mime type of its own, its narrow form, its rows and
its call. From these, and nothing else, a page and its downloads are made: nothing is executed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from llo_research.monitor.notebooks.code_of_figure import code_of
from llo_research.monitor.notebooks.receipts import key_of_figure, key_of_table
from llo_research.monitor.site.dutch_rows import in_dutch
from llo_research.monitor.site.figure_markup import SOURCE, Origin, citation, markup, producer
from llo_research.monitor.site.minus import with_minus
from llo_research.monitor.site.receipt_folds import below_a_table, receipts_markup
from llo_research.monitor.site.tables import caption, with_scrolling
from llo_research.report.figures.bundle import MIME
from llo_research.report.figures.raster import raster
from llo_research.report.tables.spreadsheet import of_texts

FOLDER = "_static/figures"


def with_figures(
    notebook: Mapping[str, Any],
    name: str,
    origin: Origin,
    *,
    up: str = "../",
    language: str = "en",
    receipts: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], dict[str, str | bytes]]:
    """The notebook with HTML in place of its figures, and the files that this refers to; tables in frames that scroll.

    Parameters
    ----------
    notebook : mapping
        As JSON; it stays as it is.
    name : str
        Of the page; begins the names of the files.
    origin : Origin
        What a citation says of the page.
    up : str
        The way from the page to the root of the site.
    language : {"nl", "en"}
        Of the page.
    receipts : mapping, optional
        Of its figures and tables, by what they are found by.

    Returns
    -------
    notebook : dict
        Outputs of figures hold ``text/html`` alone; all else but tables as it was.
    files : dict
        Contents by path below the sources of the site.
    """
    files: dict[str, str | bytes] = {}
    cells, count, tables, known = [], 0, 0, receipts or {}
    above: dict[str, str] = {}
    for place, cell in enumerate(notebook["cells"]):
        outputs = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if MIME in data:
                count += 1
                data = {**data, MIME: {**data[MIME], "tabled": _is_tabled(notebook["cells"][place + 1 :])}}
                told = known.get(key_of_figure(output["data"]), [])
                source = code_of(notebook, cell)
                shown, own = figure_page(
                    data, f"{name}-{count}", origin, up=up, source=source, receipts=told, above=above
                )
                files |= own
                output = {**output, "data": {"text/html": shown.splitlines(keepends=True)}}
            elif "<table" in "".join(data.get("text/html", "")):
                tables, html = tables + 1, "".join(data["text/html"])
                framed = with_scrolling(html, language)
                if behind := known.get(key_of_table(html)):
                    inside, own = receipts_markup(behind, f"{name}-table-{tables}", up, language, above)
                    framed, files = f"{framed}\n{below_a_table(inside, caption(html), language)}", files | own
                output = {**output, "data": {**data, "text/html": framed.splitlines(keepends=True)}}
            outputs.append(output)
        cells.append({**cell, "outputs": outputs} if "outputs" in cell else cell)
    return {**notebook, "cells": cells}, files


def _is_tabled(cells: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the next cell of code shows a table: the numbers of a chapter's figure stand there."""
    after = next((cell for cell in cells if cell["cell_type"] == "code"), {})
    return any("<table" in "".join(output.get("data", {}).get("text/html", "")) for output in after.get("outputs", []))


def figure_page(
    data: Mapping[str, Any],
    name: str,
    origin: Origin,
    *,
    up: str = "",
    source: str = "",
    receipts: Sequence[Mapping[str, Any]] = (),
    above: MutableMapping[str, str] | None = None,
) -> tuple[str, dict[str, str | bytes]]:
    """One figure as HTML, and its files.

    Parameters
    ----------
    data : mapping
        What the figure gave its notebook, by mime type (``figure._repr_mimebundle_()[0]``).
    name : str
        Of its files; its identifier in the page begins with ``fig-``.
    origin, up
        As :func:`with_figures`.
    source : str
        Code that gives it.
    receipts : sequence of mapping
        Of the results behind it.
    above : mapping, optional
        Receipts that the page has already.

    Returns
    -------
    html : str
    files : dict
        SVG, PNG, CSV, Excel and scripts by path below the sources of the site.
    """
    told, svg = _with_origin(data[MIME]), with_minus("".join(data["image/svg+xml"]))
    rows = in_dutch(told["rows"]) if told["language"] == "nl" else told["rows"]
    stem = f"{FOLDER}/{'synthetic-' if told['synthetic'] else ''}{name}"
    files: dict[str, str | bytes] = {
        f"{stem}.svg": svg,
        f"{stem}.png": raster(svg),
        f"{stem}.csv": rows,
        f"{stem}.xlsx": _book({**told, "rows": rows}, origin, source),
    }
    inside, own = receipts_markup(receipts, name, up, told["language"], above)
    return markup(told, svg, f"{up}{stem}", origin, source, f"fig-{name}", inside), files | own


def _with_origin(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same, with last columns in the rows that say whether they are synthetic, and whose: rows go on alone."""
    language = told["language"]
    more = {SOURCE[language]: producer(told).partition(": ")[2]}
    if told["synthetic"]:
        column, kind = {"nl": ("gegevens", "synthetisch"), "en": ("data", "synthetic")}[language]
        more = {column: kind, **more}
    more = {name: said for name, said in more.items() if said}
    head, *rows = csv.reader(io.StringIO(told["rows"]))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[*head, *more], *([*row, *more.values()] for row in rows)])
    return {**told, "rows": text.getvalue()}


def _book(told: Mapping[str, Any], origin: Origin, source: str) -> bytes:
    """The rows as an Excel file, with title, notes, the code and citation on a sheet of their own."""
    rows = list(csv.reader(io.StringIO(told["rows"])))
    notes = [told["title"], told["subtitle"], *told["notes"], *told["more"], source or told["call"]]
    notes.append(citation(told, origin))
    return of_texts(rows, [note for note in notes if note], told["language"])
