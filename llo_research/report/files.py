"""What is written to disk: bytes, or in words why a place takes none; texts that no other program runs or refuses."""

from __future__ import annotations

import re
from pathlib import Path

from llo_research.errors import DataError

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a text that starts so could run as a formula of a spreadsheet
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, or say in words why it cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise not_written(path, error) from None


def not_written(path: Path, error: OSError) -> DataError:
    """A place that takes no file."""
    return DataError(
        "This place cannot be written.",
        where=path.name,
        found=str(error.strerror or error),
        expected="a folder of yours with room, and a file that no other program holds open",
        todo="choose another folder or name, or close the file",
    )


def without_control(text: str) -> str:
    """Text without the control characters that XML refuses."""
    return _CONTROL.sub(" ", text)
