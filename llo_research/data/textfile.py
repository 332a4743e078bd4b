"""Delimited text as bytes: is it whole, which encoding, which separator, does every row have all its fields?"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import warnings
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from llo_research.data.header_lines import check_second_header, check_title
from llo_research.errors import DataError, LloWarning

_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_EXCEL = re.compile(r'"?sep=([,;|\t])"?\n', re.IGNORECASE)  # a first line that Excel writes and takes away
_BLOCK = 1 << 20
_UNPACKED, _TIMES = 1 << 31, 400  # more than this many bytes, and times as many as packed, is no table


@dataclass(frozen=True)
class Text:
    """A delimited text file: its text, encoding, separator and column names."""

    content: str
    encoding: str
    separator: str
    header: list[str]


def unpack(raw: bytes, path: Path) -> bytes:
    """The bytes inside a gzip file, or the bytes themselves."""
    if raw[:2] != b"\x1f\x8b":
        if path.suffix.lower() == ".gz":
            raise DataError(
                f"{path.name} is named as a gzip file but is not one.",
                where=path.name,
                found=f"first bytes {raw[:4].hex(' ')}",
                expected="1f 8b (gzip)",
                todo="Download it again, or take '.gz' from its name if it was unpacked.",
            )
        return raw
    try:
        blocks, total = [], 0
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            while block := stream.read(16 * _BLOCK):
                blocks.append(block)
                total += len(block)
                if total > max(_UNPACKED, _TIMES * len(raw)):
                    raise EOFError(f"it unpacks to more than {total:,} bytes")
        return b"".join(blocks)
    except (EOFError, zlib.error, gzip.BadGzipFile, MemoryError) as error:
        raise DataError(
            f"{path.name} is cut off or damaged: it cannot be unpacked to its end.",
            where=path.name,
            found=f"{len(raw):,} bytes; {error}",
            expected="a complete gzip file",
            todo="Download it again and compare its size and SHA-256 with the source.",
        ) from error


def check_encoding(encoding: str | None) -> None:
    """The name of an encoding is one that Python knows.

    Raises
    ------
    DataError
        When it is not.
    """
    try:
        known = encoding is None or "a".encode(codecs.lookup(encoding).name) is not None
    except (LookupError, TypeError, ValueError):
        known = False
    if not known:
        raise DataError(
            f"There is no encoding {encoding!r}.",
            where="encoding=",
            found=repr(encoding),
            expected="'utf-8', 'cp1252', 'latin-1', or None",
        )


def decode(raw: bytes, path: Path, encoding: str | None = None) -> tuple[str, str]:
    """Text and encoding: the one that is told; else UTF-8, else Windows cp1252; anything else is refused."""
    if encoding is not None:
        return _told(raw, path, encoding), encoding
    if not raw.strip():
        raise DataError(f"{path.name} is empty.", where=path.name, found=f"{len(raw)} bytes", expected="rows of data")
    start = raw[:300].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise DataError(
            f"{path.name} is a web page, not data.",
            where=path.name,
            found=start[:40].decode("ascii", "replace"),
            todo="The download ended at an error or sign-in page: fetch the file again.",
        )
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in raw[:4096]:
        raise DataError(
            f"{path.name} is not plain text in UTF-8 or cp1252.",
            where=path.name,
            found="UTF-16 text" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "zero bytes (a binary file?)",
            expected="UTF-8 (or Windows cp1252) text",
            todo="Save it as CSV UTF-8; an SPSS or Stata file keeps its .sav or .dta name.",
        )
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    odd = sum(1 for sign in text[:200_000] if sign < " " and sign not in "\t\r\n")
    if not text or odd:
        raise DataError(
            f"{path.name} is garbled: it is neither UTF-8 nor Windows cp1252 text.",
            where=f"{path.name}, line {line}",
            found="bytes that are no text in either encoding",
            expected="UTF-8 (or Windows cp1252) text",
            todo="Download it again, or export it as CSV UTF-8.",
        )
    return text, "cp1252"


def _told(raw: bytes, path: Path, encoding: str) -> str:
    """Text in the encoding that the user names."""
    try:
        text = raw.decode("utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding)
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        raise DataError(
            f"{path.name} holds text that is not in the encoding {encoding!r}.",
            where=f"{path.name}, line {raw[:at].count(10) + 1}",
            found=f"bytes {raw[at : at + 4].hex(' ')}",
            expected=f"text in {encoding}",
            todo="Name another encoding, or leave encoding= out: UTF-8 and Windows cp1252 are recognised.",
        ) from error
    if not text.strip():
        raise DataError(f"{path.name} is empty.", where=path.name, found=f"{len(raw)} bytes", expected="rows of data")
    if "\x00" in text:
        raise DataError(
            f"{path.name} is not plain text in {encoding}.",
            where=path.name,
            found="zero bytes (a binary file, or another encoding?)",
            expected=f"text in {encoding}",
        )
    return text


def split(text: str, encoding: str, path: Path) -> Text:
    """Find the separator from the header and check that every row has as many fields."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    told = _EXCEL.match(text.lstrip("\ufeff\n"))
    if told is None:
        check_title(text.lstrip("\ufeff"), list(_NAMES), path)
    text = text.lstrip("\ufeff\n")
    text = text[told.end() :] if told else text
    first = text.split("\n", 1)[0]
    counts = {mark: first.count(mark) for mark in _NAMES}
    separator = told[1] if told else max(counts, key=lambda mark: counts[mark])
    if counts[separator] == 0:
        raise DataError(
            f"{path.name} has one column only: no separator was found in its first line.",
            where=f"{path.name}, line 1",
            found=repr(first[:60]),
            expected="column names separated by commas or semicolons",
        )
    header = [name.strip() for name in next(csv.reader([first], delimiter=separator), [])]
    _check_header(header, path)
    text = _without_empty_end(text, separator, path)
    _check_rows(text, separator, len(header), path)
    check_second_header(text, separator, header, path)
    return Text(text, encoding, separator, header)


def _without_empty_end(text: str, separator: str, path: Path) -> str:
    """The text without rows at its end that hold nothing but separators, which is told."""
    kept = text.rstrip(f'\n "{separator}')
    gone = [line for line in text[len(kept) :].split("\n")[1:] if separator in line]
    if not gone or "\n" not in kept:
        return text
    words = f"{path.name} ends with {len(gone):,} empty {'row' if len(gone) == 1 else 'rows'}: left out."
    warnings.warn(LloWarning(words), stacklevel=5)
    return text[: len(kept)] + text[len(kept) :].split("\n", 1)[0] + "\n"


def first_names(path: Path) -> list[str]:
    """Names in the first line of a text file, unchecked, to look at before it is read; none where it is damaged."""
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
            line = stream.readline(_BLOCK).decode("utf-8-sig", "replace").strip()
    except (OSError, EOFError, zlib.error):
        return []
    separator = max(_NAMES, key=line.count)
    return [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]


def columns_with_codes(text: Text) -> list[str]:
    """Columns with anything in them that a parser takes for a number and that may be a code: 011, +5, 1E1."""
    content = np.frombuffer(text.content.rstrip("\n").encode("utf-8") + b"\n", np.uint8)
    hits = _codes_in(content, text.separator)
    if not len(hits):
        return []
    ends = np.flatnonzero((content == ord(text.separator)) | (content == 10))
    marks = np.flatnonzero(content == 34)
    if len(marks):
        ends = ends[np.searchsorted(marks, ends) % 2 == 0]
        before = content[np.maximum(marks[::2] - 1, 0)]
        if len(marks) % 2 or not np.isin(before, [ord(text.separator), 10, 34]).all():
            return text.header  # a mark inside a text, which opens nothing
    width = len(text.header)
    lines = content[ends] == 10
    if len(ends) % width or lines.sum() * width != len(ends) or not lines[width - 1 :: width].all():
        return text.header  # empty lines: which field is whose is not clear
    places = np.unique(np.searchsorted(ends, hits) % width)
    return [text.header[place] for place in places]


def _codes_in(content: np.ndarray, separator: str) -> np.ndarray:
    """Where in these bytes something stands that may be a code."""
    starts = np.zeros(256, dtype=bool)
    starts[[ord(mark) for mark in f'{separator}\n" -+']] = True
    found = []
    for at in range(0, len(content), _BLOCK):
        piece = content[at : at + _BLOCK + 2]
        before, here, after = piece[:-2], piece[1:-1], piece[2:]
        digit = (after - 48) < 10  # unsigned: what comes before '0' wraps round to large numbers
        leading = ((here == 48) | (here == 43)) & digit & starts[before]
        power = ((here | 32) == 101) & digit & (((before - 48) < 10) | (before == 46))
        found.append(np.flatnonzero(leading | power) + at + 1)
    return np.concatenate(found)


def separator_name(mark: str) -> str:
    """A separator in words."""
    return _NAMES.get(mark, repr(mark))


def _check_header(header: list[str], path: Path) -> None:
    """Column names are there and differ."""
    twice = [name for name, times in Counter(header).items() if times > 1]
    if twice or "" in header:
        raise DataError(
            f"{path.name} has columns without a name of their own.",
            where=f"{path.name}, line 1",
            found=f"twice: {', '.join(twice[:5])}" if twice and twice[0] else "an empty column name",
            expected="every column named once",
        )


def _check_rows(text: str, separator: str, width: int, path: Path) -> None:
    """Every row has as many fields as the header; a row cut short is a truncated file."""
    lines = text.rstrip("\n").split("\n")
    if '"' in text:
        rows = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
        try:
            wrong = [(rows.line_num, len(row)) for row in rows if row and len(row) != width]
        except csv.Error as error:
            raise DataError(
                f"{path.name} has a quotation mark that does not fit.",
                where=f"{path.name}, near line {rows.line_num}",
                found=str(error),
                expected="text with separators inside between two quotation marks",
                todo="Download or export it again.",
            ) from error
    else:
        wrong = [
            (i, n) for i, line in enumerate(lines, 1) if line.strip() and (n := line.count(separator) + 1) != width
        ]
    if not wrong:
        if sum(1 for line in lines if line.strip()) < 2:
            raise DataError(f"{path.name} has column names but no rows.", where=path.name, found="0 rows")
        return
    number, found = wrong[0]
    count = "a row" if len(wrong) == 1 else f"{len(wrong):,} rows"
    last = len(wrong) == 1 and number >= len(lines) and found < width
    raise DataError(
        f"{path.name} {'is cut off in its last row' if last else f'has {count} of another length'}.",
        where=f"{path.name}, line {number}",
        found=f"{found} fields",
        expected=f"{width} fields, as in the first line ({_NAMES[separator]} between them)",
        todo="Download the file again."
        if last
        else "Download or export it again; text with separators inside must stand in quotes.",
    )
