"""Where data lie: $LLO_DATA, and data_raw of the project found from the working directory upwards."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path


def project_root(start: Path | None = None) -> Path | None:
    """The nearest folder from here upwards that has a ``data_raw``, or None."""
    here = (start or Path.cwd()).resolve()
    return next((folder for folder in (here, *here.parents) if (folder / "data_raw").is_dir()), None)


def data_folders() -> list[Path]:
    """Folders that hold a folder per instrument, in the order in which they are looked in."""
    folders = []
    if os.environ.get("LLO_DATA"):
        folders.append(Path(os.environ["LLO_DATA"]).expanduser())
    root = project_root()
    if root is not None:
        folders.append(root / "data_raw")
    return folders


def find(instrument: str, patterns: list[str]) -> list[Path]:
    """Files of an instrument whose name fits a pattern, letter case aside; the first place that has one wins."""
    for folder in data_folders():
        place = folder / instrument
        if not place.is_dir():
            continue
        names = sorted(entry for entry in place.iterdir() if entry.is_file())
        for pattern in patterns:
            hits = [entry for entry in names if _fits(entry.name, pattern)]
            if hits:
                return hits
    return []


def find_all(instrument: str, patterns: list[str]) -> list[Path]:
    """All files of an instrument whose names fit any pattern, in the first place that has one."""
    for folder in data_folders():
        place = folder / instrument
        if not place.is_dir():
            continue
        names = sorted(entry for entry in place.iterdir() if entry.is_file())
        hits = [entry for entry in names if any(_fits(entry.name, pattern) for pattern in patterns)]
        if hits:
            return hits
    return []


def _fits(name: str, pattern: str) -> bool:
    """Does a file name fit a pattern, letter case aside?"""
    return fnmatchcase(name.lower(), pattern.lower())


def describe(instrument: str) -> str:
    """The places looked in, as the user knows them."""
    parts = ["$LLO_DATA is not set"] if not os.environ.get("LLO_DATA") else []
    parts += [str(folder / instrument) for folder in data_folders()]
    if project_root() is None:
        parts.append("no folder data_raw in or above the working directory")
    return "; ".join(parts)
