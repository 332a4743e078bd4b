"""What is written to disk: bytes, or in words why a place takes none; texts that no other program runs or refuses."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from llo_research.errors import DataError

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a text that starts so could run as a formula of a spreadsheet
# signs that XML refuses: control characters, half pairs of Unicode, what is no character
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole, or leave what was there and say in words why it cannot be written."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
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
