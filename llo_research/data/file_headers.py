"""What the first bytes of an SPSS or Stata file claim, against the bytes that are there."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from llo_research.errors import DataError

_SPSS_START = 176
_ZLIB = 1100  # more than zlib can make of a byte
_LINE = 80


@dataclass(frozen=True)
class _Claims:
    """Of an SPSS file: rows (-1: not told), 8-byte pieces of a row, kind of compression, bytes of data."""

    rows: int
    pieces: int
    compression: int
    data: int


def damaged(path: Path, kind: str, found: object) -> DataError:
    """The error for a binary file that cannot be read to its end."""
    article = "an" if kind == "SPSS" else "a"
    return DataError(
        f"{path.name} is cut off or damaged: it cannot be read as {article} {kind} file.",
        where=path.name,
        found=str(found)[:160],
        expected=f"a complete {kind} file",
        todo="Download or export it again.",
    )


def check_sav(path: Path) -> int:
    """Does an SPSS file hold the rows that its header claims? Returns rows times pieces, 0 where not told.

    Raises
    ------
    DataError
        When it does not, or its dictionary ends before its end.
    """
    try:
        with path.open("rb") as stream:
            told = _dictionary(stream, path.stat().st_size)
    except (struct.error, ValueError, OSError, OverflowError) as error:
        raise damaged(path, "SPSS", error) from error
    cells = max(told.rows, 0) * told.pieces
    room = told.data * {0: 1 / 8, 1: 1, 2: _ZLIB}[told.compression]
    if cells > room:
        raise damaged(path, "SPSS", f"its header claims {told.rows:,} rows, more than its {told.data:,} bytes hold")
    if told.compression == 0 and told.rows >= 0 and told.data // (8 * told.pieces) > told.rows:
        raise damaged(path, "SPSS", f"its header claims {told.rows:,} rows, its {told.data:,} bytes hold more")
    return cells if told.rows >= 0 else int(min(room, told.data))


def _dictionary(stream: BinaryIO, size: int) -> _Claims:
    """Walk over the records before the data."""
    head = stream.read(_SPSS_START)
    if head[:4] not in (b"$FL2", b"$FL3"):
        raise ValueError(f"first bytes {head[:4].hex(' ')}")
    order = "<" if struct.unpack("<i", head[64:68])[0] in (2, 3) else ">"
    compression, _, rows = struct.unpack(order + "3i", head[72:84])
    if struct.unpack(order + "i", head[64:68])[0] not in (2, 3) or compression not in (0, 1, 2) or rows < -1:
        raise ValueError("a header that no program writes")
    pieces = 0
    while True:
        (record,) = struct.unpack(order + "i", stream.read(4))
        if record == 2:
            pieces += 1
            _variable(stream, order)
        elif record == 3:
            _labels(stream, order)
        elif record == 4:
            _skip(stream, 4 * struct.unpack(order + "i", stream.read(4))[0], size)
        elif record == 6:
            _skip(stream, _LINE * struct.unpack(order + "i", stream.read(4))[0], size)
        elif record == 7:
            subtype, width, count = struct.unpack(order + "3i", stream.read(12))
            start = stream.tell()
            if subtype == 16 and (width, count) == (8, 2) and rows == -1:
                rows = struct.unpack(order + "2q", stream.read(16))[1]
                stream.seek(start)
            _skip(stream, width * count if width >= 0 else -1, size)
        elif record == 999:
            stream.read(4)
            break
        else:
            raise ValueError(f"a record of kind {record}")
    if pieces == 0:
        raise ValueError("no columns")
    return _Claims(rows, pieces, compression, max(size - stream.tell(), 0))


def _variable(stream: BinaryIO, order: str) -> None:
    """One record of a column, with its label and missing values."""
    width, labelled, missing = struct.unpack(order + "3i", stream.read(12))
    if not -1 <= width <= 255 or labelled not in (0, 1) or not -3 <= missing <= 3:
        raise ValueError("a column that no program writes")
    stream.seek(16, 1)
    if labelled:
        (length,) = struct.unpack(order + "i", stream.read(4))
        if not 0 <= length <= 65_536:
            raise ValueError(f"a label of {length:,} bytes")
        stream.seek(-(-length // 4) * 4, 1)
    stream.seek(8 * abs(missing), 1)


def _labels(stream: BinaryIO, order: str) -> None:
    """One set of value labels."""
    (count,) = struct.unpack(order + "i", stream.read(4))
    if count < 0:
        raise ValueError(f"{count} value labels")
    for _ in range(count):
        (length,) = struct.unpack("B", stream.read(9)[8:])
        stream.seek(-(-(length + 1) // 8) * 8 - 1, 1)


def _skip(stream: BinaryIO, length: int, size: int) -> None:
    """Go on, within the file."""
    if length < 0 or stream.tell() + length > size:
        raise ValueError(f"a record of {length:,} bytes")
    stream.seek(length, 1)


def check_dta(path: Path) -> bytes:
    """Does a Stata file hold the rows that its header claims? Returns its first bytes.

    Raises
    ------
    DataError
        When it does not, or its header is none.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(400)
    if head[:11] == b"<stata_dta>":
        found = re.search(
            rb"<release>(11[789])</release><byteorder>(LSF|MSF)</byteorder><K>(.{2,4})</K><N>(.{4,8})</N>", head, re.S
        )
        if found is None:
            raise damaged(path, "Stata", "a header that no program writes")
        way = "little" if found[2] == b"LSF" else "big"
        columns, rows = (int.from_bytes(found[i], way) for i in (3, 4))  # type: ignore[arg-type]  # little or big
    elif len(head) > 60 and head[0] in range(102, 116) and head[1] in (1, 2) and head[2] == 1:
        way = "little" if head[1] == 2 else "big"
        columns, rows = int.from_bytes(head[4:6], way), int.from_bytes(head[6:10], way)  # type: ignore[arg-type]  # as above
    else:
        raise damaged(path, "Stata", f"first bytes {head[:4].hex(' ')}")
    if rows * columns > size or columns == 0:
        raise damaged(path, "Stata", f"its header claims {rows:,} rows of {columns:,} columns in {size:,} bytes")
    return head


def check_cells(path: Path, kind: str, rows: int, columns: int, size: int) -> None:
    """More cells than any compression makes of a file's bytes are a lie."""
    if rows * columns * 8 > max(2 << 30, 5000 * size):
        raise damaged(path, kind, f"its header claims {rows:,} rows of {columns:,} columns in {size:,} bytes")
