"""Tables as an Excel file: numbers in full, texts that can never run as formulas, the same bytes every time."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from llo_research.errors import DataError
from llo_research.packages import Package
from llo_research.report.content.content import interval_head
from llo_research.report.content.labels import word
from llo_research.report.files import FORMULA, without_control, write_bytes
from llo_research.report.tables.sheet import Sheet

_DATE = (1980, 1, 1, 0, 0, 0)
_STAMP = "1980-01-01T00:00:00Z"
_WIDEST, LONGEST_SHEET = 60, 31
_NOT_IN_SHEETS = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?")
_YEARS = (1900, 2100)
Columns = list[tuple[str, list[Any], list[str]]]


def write(table: Sheet, path: Path) -> Path:
    """Write a table and its notes, on two sheets, and what stands behind it on more; return the path of the file."""
    path = check_place(path)
    book = new_book()
    nl = table.content.language == "nl"
    sheet = book.active
    sheet.title = "Tabel" if nl else "Table"
    _numbers(sheet, table, top=1)
    sheet.freeze_panes = "A2"
    for companion in table.companions:
        _put_columns(book.create_sheet(companion.name), list(companion.columns), top=1)
    about = book.create_sheet("Toelichting" if nl else "Notes")
    put_texts(about, [*([table.caption] if table.caption else []), *table.notes])
    about.column_dimensions["A"].width = _WIDEST * 2
    return saved(book, path, table.caption)


def sheet_names(names: Iterable[str]) -> list[str]:
    """Names that Excel takes: at most 31 signs, none of ``[]:*?/\\``, no two the same."""
    out: list[str] = []
    for name in names:
        text = _NOT_IN_SHEETS.sub("-", str(name)).strip().strip("'").strip() or "-"
        text = f"{text}_" if text.casefold() == "history" else text
        number, made = 1, text[:LONGEST_SHEET].rstrip(" '")
        while made.casefold() in {known.casefold() for known in out}:
            number += 1
            end = f" ({number})"
            made = text[: LONGEST_SHEET - len(end)].rstrip(" '") + end
        out.append(made)
    return out


def check_place(given: str | Path) -> Path:
    """A path that can hold an Excel file."""
    if not isinstance(given, str | Path):
        raise DataError(
            "The place of an Excel file is a path.",
            where="path",
            found=f"a {type(given).__name__}",
            expected="a file name that ends in .xlsx",
            todo="llo.report.workbook({'training': result}, 'tables.xlsx')",
        )
    path = Path(given)
    if path.suffix.lower() != ".xlsx":
        raise DataError(
            "An Excel file has a name that ends in .xlsx.",
            where="path",
            found=path.name,
            expected=f"for example {path.stem or 'tables'}.xlsx",
            todo="give it that ending; .csv files are made by result.to_frame().to_csv(path)",
        )
    if not path.parent.is_dir():
        raise DataError(
            "The folder of the Excel file does not exist.",
            where="path",
            found=str(path.parent),
            expected="a folder that is there",
            todo="make it first: pathlib.Path(path).parent.mkdir(parents=True)",
        )
    if path.is_dir():
        raise DataError(
            "An Excel file cannot have the name of a folder.",
            where="path",
            found=path.name,
            todo="give it another name",
        )
    return path


def new_book() -> Any:
    """An empty workbook."""
    return Package("openpyxl").Workbook()


def saved(book: Any, path: Path, title: str) -> Path:
    """The file, without dates."""
    write_bytes(path, content_of(book, title))
    return path


def content_of(book: Any, title: str) -> bytes:
    """The bytes of a workbook, without dates."""
    book.properties.creator = "llo_research"
    book.properties.title = without_control(title)
    return _without_dates(_packed(book))


def _packed(book: Any) -> bytes:
    """The bytes, made in memory: of itself openpyxl writes each sheet into the system's temporary folder."""
    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    class InMemory(ExcelWriter):  # type: ignore[misc]  # openpyxl has no types
        """Writes sheets without a file."""

        def write_worksheet(self, ws: Any) -> None:
            """One sheet of the archive."""
            ws._drawing = SpreadsheetDrawing()
            sheet = io.BytesIO()
            writer = WorksheetWriter(ws, sheet)
            writer.write()
            ws._rels = writer._rels
            self._archive.writestr(ws.path[1:], sheet.getvalue())
            self.manifest.append(ws)

    content = io.BytesIO()
    InMemory(book, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED)).save()
    return content.getvalue()


def of_texts(rows: list[list[str]], notes: list[str], language: str) -> bytes:
    """An Excel file of rows as a CSV file holds them, heads first, and of notes, the first of which is its title.

    A column in which every text is a number holds numbers.
    """
    book, nl = new_book(), language == "nl"
    sheet = book.active
    sheet.title = "Getallen" if nl else "Numbers"
    put_written(sheet, rows, top=1)
    sheet.freeze_panes = "A2"
    about = book.create_sheet("Toelichting" if nl else "Notes")
    put_texts(about, notes)
    about.column_dimensions["A"].width = _WIDEST * 2
    return content_of(book, notes[0])


def put_written(sheet: Any, rows: Sequence[Sequence[str]], *, top: int) -> None:
    """Rows of texts from row `top` on, heads first; columns of numbers as numbers."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    _put_columns(sheet, [(head, _as_numbers(texts), [""] * len(texts)) for head, *texts in columns], top=top)


def _as_numbers(texts: list[str]) -> list[Any]:
    """A column of numbers, where all that is there is one; else the texts that it is, without a guarding apostrophe."""
    if all(_NUMBER.fullmatch(text) for text in texts if text):
        return [float(text) if text else None for text in texts]
    return [text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text for text in texts]


def put_texts(sheet: Any, texts: Iterable[str], *, top: int = 1, wrap: bool = True) -> None:
    """Texts below each other in the first column."""
    from openpyxl.styles import Alignment

    for row, text in enumerate(texts, start=top):
        cell = sheet.cell(row=row, column=1)
        put(cell, text)
        cell.alignment = Alignment(wrap_text=wrap, vertical="top")


def _numbers(sheet: Any, table: Sheet, *, top: int) -> None:
    """The table from row `top` on: estimate, standard error and both ends of the interval in columns of their own."""
    _put_columns(sheet, columns_of(table), top=top)


def _put_columns(sheet: Any, columns: Columns, *, top: int) -> None:
    """Heads and numbers from row `top` on."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for j, (head, values, formats) in enumerate(columns, start=1):
        first = sheet.cell(row=top, column=j)
        put(first, head)
        first.font = Font(bold=True)
        widest = len(head)
        for i, (value, style) in enumerate(zip(values, formats, strict=True), start=top + 1):
            cell = sheet.cell(row=i, column=j)
            put(cell, value)
            if style and not isinstance(value, str):
                cell.number_format = style
            widest = max(widest, len(str(value)) if isinstance(value, str) else 8)
        sheet.column_dimensions[get_column_letter(j)].width = min(widest + 2, _WIDEST)


def columns_of(table: Sheet) -> Columns:
    """Head, values and number formats of each column."""
    if table.full:
        return list(table.full)
    content, frame = table.content, table.frame
    styles = [style(places) for places in content.decimals]
    ends = {"nl": ("onder", "boven"), "en": ("low", "high")}[content.language]
    columns: Columns = []
    for j, head in enumerate(frame.columns):
        texts = frame[head].tolist()
        if head == content.heading:
            values = [text if v is None else v for v, text in zip(_full(content.estimate), texts, strict=True)]
            columns.append((head, values, styles))
            if any(content.before):
                sign = "Teken" if content.language == "nl" else "Sign"
                columns.append((sign, list(content.before), [""] * len(texts)))
            if content.std_error is not None:
                finer = [style(places + 1) for places in content.decimals]
                columns.append((word("std_error", content.language), _full(content.std_error), finer))
        elif head == interval_head(content):
            for name, ends_of in zip(ends, (content.low, content.high), strict=True):
                columns.append((f"{head} {name}", _full(ends_of), styles))
        elif head in table.numbers:
            behind, places = table.numbers[head]
            columns.append((head, _full(behind), [style(place) for place in places]))
        elif head == "n" and content.n is not None:
            counts = [int(v) if math.isfinite(v) else content.count(i) or None for i, v in enumerate(content.n)]
            columns.append((head, counts, ["#,##0"] * len(texts)))
        elif j < table.row_heads:
            columns.append((str(head), _years(texts), ["0"] * len(texts)))
        else:
            columns.append((str(head), texts, [""] * len(texts)))
    return columns


def _years(texts: list[str]) -> list[Any]:
    """A column of years as numbers; any other column as the texts that it is."""
    whole = [bool(_WHOLE.fullmatch(text)) for text in texts if text]
    if not whole or not all(whole) or not all(_YEARS[0] <= int(text) <= _YEARS[1] for text in texts if text):
        return list(texts)
    return [int(text) if text else None for text in texts]


def style(places: int) -> str:
    """The number format with this many decimals."""
    return "#,##0" + ("." + "0" * places if places else "")


def _full(values: np.ndarray) -> list[float | None]:
    """Numbers as they are, without a negative zero; None where there is none."""
    return [float(value) + 0.0 if math.isfinite(value) else None for value in values]


def put(cell: Any, value: Any) -> None:
    """Set a value; text is always text, whatever sign it starts with."""
    if isinstance(value, str):
        value = without_control(value)
        cell.value = value
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(FORMULA)
    else:
        cell.value = value


def link(cell: Any, name: str, text: str) -> None:
    """A link to a sheet of the same file."""
    from openpyxl.styles import Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    put(cell, text)
    place = name.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{place}'!A1", display=without_control(text))
    cell.font = Font(underline="single", color="FF0563C1")


def _without_dates(content: bytes) -> bytes:
    """The same workbook with fixed dates in its properties and in the archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:\w+[^>]*>)[^<]*(</dcterms)", rb"\g<1>" + _STAMP.encode() + rb"\g<2>", part)
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system, info.external_attr = 3, 0o600 << 16
            new.writestr(info, part)
    return out.getvalue()
