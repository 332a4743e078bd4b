"""A table as an Excel file: numbers as numbers, texts that can never run as formulas, the same bytes every time."""

from __future__ import annotations

import io
import math
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError

if TYPE_CHECKING:
    from llo_research.report.tables import Table

_DATE = (1980, 1, 1, 0, 0, 0)
_STAMP = "1980-01-01T00:00:00Z"
_WIDEST = 60


def write(table: Table, path: Path) -> Path:
    """Write the file and return its path."""
    if path.suffix.lower() != ".xlsx":
        raise DataError("An Excel file has a name that ends in .xlsx.", where="path", found=path.name)
    _check_place(path)
    try:
        import openpyxl
    except ImportError:
        raise DataError(
            "Writing Excel files needs openpyxl.", todo="install llo-research[excel], or use .to_frame().to_csv(path)"
        ) from None
    book = openpyxl.Workbook()
    nl = table.content.language == "nl"
    sheet = book.active
    sheet.title = "Tabel" if nl else "Table"
    _numbers(sheet, table)
    about = book.create_sheet("Toelichting" if nl else "Notes")
    for text in (*([table.caption] if table.caption else []), *table.notes):
        about.append([None])
        _put(about.cell(row=about.max_row, column=1), text)
    about.column_dimensions["A"].width = _WIDEST * 2
    for row in about.iter_rows():
        row[0].alignment = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
    book.properties.creator = "llo_research"
    book.properties.title = table.caption
    content = io.BytesIO()
    book.save(content)
    path.write_bytes(_without_dates(content.getvalue()))
    return path


def _check_place(path: Path) -> None:
    """The folder is there, and the name is not that of a folder."""
    if not path.parent.is_dir():
        raise DataError(
            "The folder of the Excel file does not exist.",
            where="path",
            found=str(path.parent),
            expected="a folder that is there",
            todo="make it first: pathlib.Path(path).parent.mkdir(parents=True)",
        )
    if path.is_dir():
        raise DataError("An Excel file cannot have the name of a folder.", where="path", found=path.name)


def _numbers(sheet: Any, table: Table) -> None:
    """The sheet with the table: estimate and both ends of the interval in columns of their own."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    columns = _columns(table)
    for j, (head, values, formats) in enumerate(columns, start=1):
        top = sheet.cell(row=1, column=j)
        _put(top, head)
        top.font = Font(bold=True)
        widest = len(head)
        for i, (value, style) in enumerate(zip(values, formats, strict=True), start=2):
            cell = sheet.cell(row=i, column=j)
            _put(cell, value)
            if style:
                cell.number_format = style
            widest = max(widest, len(str(value)) if isinstance(value, str) else 8)
        sheet.column_dimensions[get_column_letter(j)].width = min(widest + 2, _WIDEST)
    sheet.freeze_panes = "A2"


def _columns(table: Table) -> list[tuple[str, list[Any], list[str]]]:
    """Head, values and number formats of each column."""
    from llo_research.report.tables import interval_head

    content, frame = table.content, table.frame
    styles = [_style(places) for places in content.decimals]
    ends = {"nl": ("onder", "boven"), "en": ("low", "high")}[content.language]
    columns: list[tuple[str, list[Any], list[str]]] = []
    for head in frame.columns:
        texts = frame[head].tolist()
        if head == content.heading:
            rounded = _rounded(content.estimate, content.decimals)
            values = [text if number is None else number for number, text in zip(rounded, texts, strict=True)]
            columns.append((head, values, styles))
            if any(content.before):
                sign = "Teken" if content.language == "nl" else "Sign"
                columns.append((sign, list(content.before), [""] * len(texts)))
        elif head == interval_head(content):
            for name, ends_of in zip(ends, (content.low, content.high), strict=True):
                columns.append((f"{head} {name}", list(_rounded(ends_of, content.decimals)), styles))
        elif head in table.numbers:
            behind, places = table.numbers[head]
            columns.append((head, list(_rounded(behind, places)), [_style(place) for place in places]))
        elif head == "n" and content.n is not None:
            counts = [int(value) if math.isfinite(value) else None for value in content.n]
            columns.append((head, counts, ["#,##0"] * len(texts)))
        else:
            columns.append((str(head), texts, [""] * len(texts)))
    return columns


def _style(places: int) -> str:
    """The number format with this many decimals."""
    return "#,##0" + ("." + "0" * places if places else "")


def _rounded(values: Any, places: tuple[int, ...]) -> list[float | None]:
    """Numbers rounded as shown, without a negative zero; None where there is none."""
    pairs = zip(values, places, strict=True)
    return [round(float(value), place) + 0.0 if math.isfinite(value) else None for value, place in pairs]


def _put(cell: Any, value: Any) -> None:
    """Set a value; text is always text, whatever sign it starts with."""
    if isinstance(value, str):
        value = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", value)
        cell.value = value
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in ("=", "+", "-", "@", "\t", "\r")
    else:
        cell.value = value


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
