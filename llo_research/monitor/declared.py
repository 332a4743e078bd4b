"""What stands in the TOML files of the monitor, read with checks: an unknown or absent key is refused by name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from llo_research.errors import DataError
from llo_research.options import nearest

Text = Mapping[str, str]
_LANGUAGES = ("nl", "en")


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a mapping.

    Raises
    ------
    DataError
        A file that is not there or is no TOML; the message says in which line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError("This file cannot be read.", where=str(path), found=type(error).__name__) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("This file is no TOML.", where=path.name, found=str(error)) from error


def check_keys(table: Any, where: str, *, needed: Sequence[str], allowed: Sequence[str] = ()) -> dict[str, Any]:
    """A table with the keys that it needs and no others."""
    known = (*needed, *allowed)
    if not isinstance(table, Mapping):
        raise DataError("A table is expected here.", where=where, found=repr(table), expected=", ".join(known))
    for key in table:
        if key not in known:
            raise DataError(
                "This key does not exist.",
                where=where,
                found=f"{key!r}{nearest(str(key), known)}",
                expected=", ".join(known),
            )
    lacking = [key for key in needed if key not in table]
    if lacking:
        raise DataError("A key is missing.", where=where, found=", ".join(table) or "nothing", expected=lacking[0])
    return dict(table)


def text_of(value: Any, where: str) -> Text:
    """A text in both languages: ``{ nl = "...", en = "..." }``."""
    given = check_keys(value, where, needed=_LANGUAGES)
    if not all(isinstance(text, str) and text for text in given.values()):
        raise DataError("A text is expected in both languages.", where=where, found=repr(value))
    return given


def word_of(value: Any, allowed: Sequence[str], where: str) -> str:
    """One of a few words."""
    if value not in allowed:
        raise DataError(
            "This word is not one of those allowed.", where=where, found=repr(value), expected=", ".join(allowed)
        )
    return str(value)


def span_of(value: Any, where: str) -> tuple[int, int]:
    """First and last year: ``[2014, 2022]``."""
    fits = isinstance(value, list) and len(value) == 2 and all(type(year) is int for year in value)
    if not fits or value[0] > value[1]:
        raise DataError(
            "Years are given as the first and the last.", where=where, found=repr(value), expected="[2014, 2022]"
        )
    return value[0], value[1]
