"""Names of results as names of files, on every system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from llo_research.errors import DataError

_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
# Windows keeps these for devices, whatever their ending
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in "0123456789")}
_OURS = {"readme", "control"}
_LONGEST = 100


def named(results: Any) -> dict[str, Any]:
    """What was handed over, by name: one is called ``result``, those of a list ``result_1``, ``result_2``."""
    if isinstance(results, Mapping):
        told = [(str(name), result) for name, result in results.items()]
    elif isinstance(results, Sequence) and not isinstance(results, str | bytes):
        told = [(f"result_{i}", result) for i, result in enumerate(results, start=1)]
    else:
        told = [("result", results)]
    if not told:
        raise DataError(
            "There is nothing to export.",
            where="results",
            found="no results",
            expected="a Result, a list of them, or a mapping of names to them",
            todo="llo.report.export({'training': result}, 'export')",
        )
    seen: dict[str, str] = {}
    for name, _ in told:
        check_name(name)
        same = unicodedata.normalize("NFC", name).casefold()
        if same in seen:
            raise DataError(
                "Two results would have the same file.",
                where="results",
                found=f"{seen[same]!r} and {name!r}",
                expected="names that differ by more than capitals, which Windows and macOS do not tell apart",
                todo="give one of them another name",
            )
        seen[same] = name
    return dict(told)


def check_name(name: str) -> None:
    """A name that a file may have."""
    if why := _why_not(name):
        raise DataError(
            f"{name[:60]!r} cannot be the name of a file.",
            where="results",
            found=why,
            expected="letters, digits, hyphens, dots and underscores, at most 100",
            todo="give the result another name; it is that of its files",
        )


def _why_not(name: str) -> str:
    """What is wrong with a name; nothing where nothing is."""
    if not name.strip():
        return "nothing"
    if found := _REFUSED.search(name):
        return f"the sign {found.group()!r}"
    if len(name.encode("utf-8")) > _LONGEST:
        return f"{len(name)} signs"
    if name != name.strip() or name.endswith(".") or name.startswith("."):
        return "a blank or dot at an end"
    if name.split(".")[0].strip().casefold() in _DEVICES:
        return "a name that Windows keeps for a device"
    return "a name of the export's own" if name.casefold() in _OURS else ""
