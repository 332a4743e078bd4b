"""The fingerprint of a figure: a hash of the numbers and labels it shows, kept inside the picture itself.

A picture and its words can be told to belong together: the notebook's metadata, the picture and the rows have one hash.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from typing import Any

import numpy as np
import pandas as pd

KEY = "llo-numbers"
_HEX = 16
# Six figures, and nothing below 1e-6 of the unit shown: what every computer agrees on, and finer than what is printed.
_DECIMALS, _SIGNIFICANT = 6, 6
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEAD = len(_SIGNATURE) + 25  # with the chunk IHDR, which stands first
_IN_SVG = re.compile(rf"<metadata>{KEY}: ([0-9a-f]{{{_HEX}}})</metadata>")


def fingerprint(frame: pd.DataFrame) -> str:
    """Hash of the rows of a figure (``Figure.frame``): labels as they stand, numbers to six figures.

    Parameters
    ----------
    frame : DataFrame
        Rows in the order shown, labels, numbers, units and flags. Names of columns count as well.

    Returns
    -------
    str
        Sixteen hexadecimal digits of SHA-256.
    """
    columns = [[str(name), *map(_text, frame[name])] for name in frame.columns]
    joined = "\x1e".join("\x1f".join(column) for column in columns)
    return hashlib.sha256(joined.encode()).hexdigest()[:_HEX]


def _text(value: Any) -> str:
    """A value as every computer writes it; nothing where it is missing."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        number = float(value)
        return "" if np.isnan(number) else f"{round(number, _DECIMALS) + 0.0:.{_SIGNIFICANT}g}"
    return str(value)


def marked_png(picture: bytes, mark: str) -> bytes:
    """The PNG with the fingerprint as a text chunk after its head; dots and colours stay as they are."""
    body = b"tEXt" + KEY.encode("latin-1") + b"\0" + mark.encode("latin-1")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return picture[:_HEAD] + chunk + picture[_HEAD:]


def marked_svg(picture: str, mark: str) -> str:
    """The SVG with the fingerprint as metadata, the last thing inside it: its title stays the first."""
    end = picture.rindex("</svg>")
    return f"{picture[:end]}<metadata>{KEY}: {mark}</metadata>\n{picture[end:]}"


def mark_in(picture: bytes | str) -> str | None:
    """The fingerprint inside a picture (the bytes of a PNG, or SVG); None where it has none."""
    if isinstance(picture, bytes) and picture.startswith(_SIGNATURE):
        return _mark_in_png(picture)
    found = _IN_SVG.search(picture.decode("utf-8") if isinstance(picture, bytes) else picture)
    return found[1] if found else None


def _mark_in_png(picture: bytes) -> str | None:
    """The text chunk of this name, among the chunks of a PNG."""
    at = len(_SIGNATURE)
    while at + 8 <= len(picture):
        (length,), kind = struct.unpack(">I", picture[at : at + 4]), picture[at + 4 : at + 8]
        name, _, text = picture[at + 8 : at + 8 + length].partition(b"\0")
        if kind == b"tEXt" and name == KEY.encode("latin-1"):
            return text.decode("latin-1")
        at += length + 12
    return None
