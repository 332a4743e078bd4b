"""A workbook of tables: a sheet of contents with links, a sheet for each table, and one for what stands behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llo_research.report.content.labels import capital
from llo_research.report.tables.contents import Entry, write_contents
from llo_research.report.tables.sheet import Sheet
from llo_research.report.tables.spreadsheet import LONGEST_SHEET, columns_of, link, new_book, put, saved, sheet_names

_CONTENTS = {"nl": "Inhoud", "en": "Contents"}
_BACK = {"nl": "← Inhoud", "en": "← Contents"}
# of a column, in signs: with names, with numbers, where heads break, with texts among numbers
_WIDEST, _NARROWEST, _HEAD, _TEXT = 60, 8, 14, 24
_LINE = 100  # signs in a line of a title or a note, where the table itself is narrower
_POINTS = 15  # height of a line
_GREY, _INK, _RULE = "FF6B6B6B", "FF1F3864", "FF999999"
_A4 = 9


@dataclass(frozen=True)
class Page:
    """A sheet: its name, its title (in the contents a shorter one), whether it is the table's own or of what stands
    behind it, and columns of heads, values and formats."""

    name: str
    title: str
    short: str
    own: bool
    table: Sheet
    columns: Sequence[tuple[str, list[Any], list[str]]]
    notes: tuple[str, ...]


def write_all(tables: Mapping[str, Sheet], path: Path, title: str, language: str) -> Path:
    """Write each table on a sheet of its own, under its title and above its notes, behind a sheet of contents."""
    book = new_book()
    pages = _pages(tables, language)
    first = book.active
    first.title = sheet_names([_CONTENTS[language]])[0]
    for page in pages:
        _write(book.create_sheet(page.name), page, first.title)
    write_contents(first, [Entry(page.name, page.short, page.table, page.own) for page in pages], language)
    return saved(book, path, title)


def _pages(tables: Mapping[str, Sheet], language: str) -> list[Page]:
    """The sheets in their order, a table before what stands behind it."""
    wanted, made = [_CONTENTS[language]], []
    for name, table in tables.items():
        wanted += [name, *(_short(name, companion.name) for companion in table.companions)]
    names = iter(sheet_names(wanted)[1:])
    for name, table in tables.items():
        own = next(names)
        title = table.caption or name
        made.append(Page(own, title, title, True, table, columns_of(table), table.notes))
        for companion in table.companions:
            told, short = f"{title}: {companion.title}", capital(companion.title)
            made.append(Page(next(names), told, short, False, table, companion.columns, _about(table, own)))
    return made


def _short(name: str, end: str) -> str:
    """The name of a sheet with what it holds at its end, however long the name is."""
    return f"{name[: LONGEST_SHEET - len(end) - 1].rstrip()} {end}"


def _about(table: Sheet, own: str) -> tuple[str, ...]:
    """What is said under a further sheet."""
    kept = [text for topic, text in table.content.notes.items() if topic in ("synthetic", "disclosure", "source")]
    same = {
        "nl": f"Dezelfde rijen en kolommen als het blad {own}.",
        "en": f"The same rows and columns as the sheet {own}.",
    }
    return (same[table.content.language], *kept)


def _write(sheet: Any, page: Page, contents: str) -> None:
    """A page: title, heads, numbers, notes, the way back; ready to be printed."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    table, columns = page.table, list(page.columns)
    spans, heads = _under([head for head, _, _ in columns], [head for head, _ in table.spans if head])
    top = 4 if table.spans else 3
    widths = _widths(page, heads)
    for j, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(j)].width = width
    _line(sheet, 1, page.title, widths, font=Font(bold=True, size=13, color=_INK), points=18)
    if table.spans:
        _spans(sheet, top - 1, spans)
    _heads(sheet, top, heads, table, widths)
    _cells(sheet, top + 1, columns, table, _first_of_spans(spans) if table.spans else set())
    for i in range(len(table.frame)):
        names = [str(values[i]) for _, values, _ in columns[: table.row_heads] if i < len(values)]
        lines = [math.ceil(1.1 * len(name) / width) for name, width in zip(names, widths, strict=False)]
        sheet.row_dimensions[top + 1 + i].height = _POINTS * max([1, *lines])
    below = top + 2 + max(len(values) for _, values, _ in columns)
    for row, note in enumerate(page.notes, start=below):
        _line(sheet, row, note, widths, font=Font(size=9), points=12)
    link(sheet.cell(row=below + len(page.notes) + 1, column=1), contents, _BACK[table.content.language])
    sheet.freeze_panes = sheet.cell(row=top + 1, column=1 + min(table.row_heads, 3))
    _for_print(sheet, f"{1}:{top}")


def _under(heads: list[str], over: list[str]) -> tuple[list[tuple[str, int]], list[str]]:
    """Heads over several columns, and the heads below them, of heads such as "Sex: man"."""
    spans: list[tuple[str, int]] = []
    below = []
    for head in heads:
        above = next((name for name in over if head.startswith(f"{name}: ")), "")
        below.append(head.removeprefix(f"{above}: ") if above else head)
        if above and spans and spans[-1][0] == above:
            spans[-1] = (above, spans[-1][1] + 1)
        else:
            spans.append((above, 1))
    return spans, below


def _widths(page: Page, heads: Sequence[str]) -> list[float]:
    """The width of each column, in signs: names in full up to a bound, numbers with their arrows."""
    out: list[float] = []
    for j, (shown, (_, values, formats)) in enumerate(zip(heads, page.columns, strict=True)):
        texts = [len(value) for value in values if isinstance(value, str)]
        if j < page.table.row_heads:
            out.append(min(math.ceil(1.1 * max([len(shown), *texts])) + 1, _WIDEST))
            continue
        longest_word = max((len(word) for word in shown.split()), default=0)
        digits = [_digits(value, style) for value, style in zip(values, formats, strict=True)]
        room = max([_NARROWEST, *digits]) + 4 * any("↑" in style for style in formats)
        out.append(
            max(room, min(longest_word + 3, _WIDEST), min(len(shown) + 2, _HEAD), min(max(texts, default=0) + 2, 24))
        )
    return out


def _digits(value: Any, style: str) -> int:
    """How many signs a number takes in its format, and two more: Excel draws ### where it does not fit."""
    if value is None or isinstance(value, str):
        return 0
    places = len(style.partition(".")[2].partition("_")[0].partition('"')[0])
    return len(f"{value:,.{places}f}") + 2


def _line(sheet: Any, row: int, text: str, widths: Sequence[float], *, font: Any, points: int) -> None:
    """A text over the width of the table, in as many lines as it takes."""
    from openpyxl.styles import Alignment

    total, last = sum(widths), len(widths)
    while total < _LINE:
        total, last = total + _NARROWEST + 1, last + 1
    cell = sheet.cell(row=row, column=1)
    put(cell, text)
    cell.font, cell.alignment = font, Alignment(wrap_text=True, vertical="top")
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=last)
    size = (font.size or 11) / 10
    sheet.row_dimensions[row].height = points * max(1, math.ceil(len(text) * size / total))


def _spans(sheet: Any, row: int, spans: Sequence[tuple[str, int]]) -> None:
    """Heads over several columns."""
    from openpyxl.styles import Alignment, Border, Font, Side

    first = 1
    for head, k in spans:
        cell = sheet.cell(row=row, column=first)
        put(cell, head or None)
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center", wrap_text=True)
        for column in range(first, first + k if head else first):
            sheet.cell(row=row, column=column).border = Border(bottom=Side("thin", color=_RULE))
        if k > 1:
            sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=first + k - 1)
        first += k


def _heads(sheet: Any, row: int, heads: Sequence[str], table: Sheet, widths: Sequence[float]) -> None:
    """The heads of columns, in as many lines as the longest takes."""
    from openpyxl.styles import Alignment, Border, Font, Side

    lines = 1
    for j, head in enumerate(heads):
        cell = sheet.cell(row=row, column=j + 1)
        put(cell, head)
        side = "left" if j < table.row_heads else "right"
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal=side, vertical="bottom", wrap_text=True)
        cell.border = Border(bottom=Side("medium", color=_INK))
        lines = max(lines, math.ceil(1.1 * len(head) / max(widths[j] - 1, 1)))
    sheet.row_dimensions[row].height = _POINTS * lines


def _cells(
    sheet: Any,
    top: int,
    columns: Sequence[tuple[str, list[Any], list[str]]],
    table: Sheet,
    edges: set[int],
) -> None:
    """Numbers in full with their formats; grey where they matter less; counts at the foot apart."""
    from openpyxl.styles import Alignment, Border, Font, Side

    count = len(table.frame)
    for j, (_, values, formats) in enumerate(columns):
        for i, (value, style) in enumerate(zip(values, formats, strict=True)):
            cell, base = sheet.cell(row=top + i, column=j + 1), i >= count - table.bases
            put(cell, value)
            if style and not isinstance(value, str):
                cell.number_format = style
            text = isinstance(value, str) and table.alignment[min(j, len(table.alignment) - 1)] == "r"
            cell.alignment = Alignment("right" if text else None, "center", wrap_text=j < table.row_heads)
            if base or (i, j) in table.faint:
                cell.font = Font(size=9 if base else 11, color=_GREY)
            left = Side("thin", color=_RULE) if j in edges else None
            over = Side("thin", color=_RULE) if table.bases and i == count - table.bases else None
            if left or over:
                cell.border = Border(left=left, top=over)


def _first_of_spans(spans: Sequence[tuple[str, int]]) -> set[int]:
    """The first column of each head over several columns but the first."""
    out, first = set(), 0
    for _, k in spans:
        out.add(first)
        first += k
    return out - {0}


def _for_print(sheet: Any, heads: str) -> None:
    """Lying, one page wide, heads on each page, the name of the sheet and the number of the page below."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = heads
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "&P / &N"
    sheet.sheet_view.showGridLines = False
