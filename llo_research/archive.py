"""Named arrays in one file (``.npz``), written whole or not at all; what is read is checked before it is believed."""

from __future__ import annotations

import contextlib
import os
import struct
import tokenize
import zlib
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np

from llo_research.errors import DataError

# What a damaged file, or one that lies, makes the libraries raise that parse it.
UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    OSError,
    EOFError,
    ImportError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    tokenize.TokenError,
    struct.error,
    zlib.error,
    BadZipFile,
)
_SMALL = 64 << 20
_A_ROW = 80_000  # bytes of one array that belong to a row: ten thousand replicates
_RATIO = 1100  # more than the packing of a zip file can reach


def write_archive(target: Path, arrays: dict[str, np.ndarray], where: str) -> None:
    """The arrays as one file, without pickles.

    Raises
    ------
    DataError
        When it cannot be written there.
    """
    # savez knows no allow_pickle before numpy 2.1, and would store it as an array of that name
    contents: dict[str, Any] = dict(arrays)
    write_whole(target, lambda stream: np.savez_compressed(stream, **contents), where)


def write_whole(target: Path, write: Callable[[IO[bytes]], object], where: str) -> None:
    """Write a file beside its place and put it there when it is complete; a file that was there stays until then.

    Raises
    ------
    DataError
        When it cannot be written there.
    """
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(0, "a folder has this name")
        with part.open("wb") as stream:
            write(stream)
        os.replace(part, target)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{target.name} cannot be written.",
            where=f"{where}: {target}",
            found=(error.strerror if isinstance(error, OSError) else None) or str(error)[:100],
            expected="a folder that is there, with room, in which you may write",
            todo="Choose another folder or name, or make room.",
        ) from error
    finally:
        with contextlib.suppress(OSError, ValueError):
            part.unlink(missing_ok=True)


def write_text(target: Path, text: str, where: str) -> None:
    """Text as UTF-8 with LF, whole or not at all.

    Raises
    ------
    DataError
        When it cannot be written there.
    """
    write_whole(target, lambda stream: stream.write(text.encode("utf-8")), where)


def read_archive(target: Path, head: str) -> tuple[bytes, Callable[[int], dict[str, np.ndarray]]]:
    """The bytes of the array `head`, and a function that reads all arrays of a survey of so many rows.

    Raises one of ``UNREADABLE`` when the file is damaged or claims more than it can hold.
    """
    with ZipFile(target) as file:
        infos = {info.filename.removesuffix(".npy"): info for info in file.infolist()}
        if len(infos) < len(file.infolist()):
            raise ValueError("a part twice")
        first = _array(file, infos[head], _SMALL).tobytes()

    def rest(rows: int) -> dict[str, np.ndarray]:
        if isinstance(rows, bool) or not isinstance(rows, int) or rows < 0:
            raise ValueError("a number of rows that is none")
        with ZipFile(target) as file:
            most = max(_SMALL, _A_ROW * rows)
            return {name: _array(file, info, most) for name, info in infos.items() if name != head}

    return first, rest


def _array(file: ZipFile, info: ZipInfo, most: int) -> np.ndarray:
    """One array, when its bytes are those that its header claims."""
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or info.file_size > _RATIO * info.compress_size + 1024:
        raise ValueError(f"{info.filename} claims {info.file_size:,} bytes in {info.compress_size:,}")
    with file.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"{info.filename} is of version {version}")
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, kind = header(stream)
        size = prod(shape) * kind.itemsize
        if kind.hasobject or min(shape, default=0) < 0 or stream.tell() + size != info.file_size or size > most:
            raise ValueError(f"{info.filename} claims an array of {shape} in {info.file_size:,} bytes")
        values = np.frombuffer(stream.read(), dtype=kind)
    return values.reshape(shape, order="F" if fortran else "C").copy(order="K")
