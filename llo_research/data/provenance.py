"""Where numbers come from: checksum, rows, and the path inside the data folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from llo_research.data.places import data_folders
from llo_research.data.readers import Table
from llo_research.errors import DataError

SUMS = "SHA256SUMS"


def file_record(table: Table) -> dict[str, Any]:
    """Path relative to the data folder, SHA-256 and rows of a file as read; no absolute path ever."""
    record: dict[str, Any] = {"path": relative(table.path), "sha256": table.sha256, "rows": len(table.frame)}
    if table.encoding not in (None, "utf-8"):
        record["encoding"] = table.encoding
    return record


def relative(path: Path) -> str:
    """The path below the data folder, or the file's name alone when it lies elsewhere; a name of no file as it is."""
    if not path.is_absolute() and not path.exists():
        return path.as_posix()
    full = path.resolve()
    for folder in data_folders():
        if full.is_relative_to(folder.resolve()):
            return full.relative_to(folder.resolve()).as_posix()
    return path.name


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_sums(folder: Path) -> dict[str, str]:
    """File name -> SHA-256 of the folder's SHA256SUMS; empty when there is none."""
    path = folder / SUMS
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line.strip() and not line.startswith("#"))
    return {name.lstrip("*").strip(): digest for digest, name in pairs}


def record_sum(path: Path, digest: str, origin: str = "") -> None:
    """Write a file's SHA-256 into SHA256SUMS of its own folder, in the format of ``sha256sum``, names in order.

    A comment line above it holds the size and where the file came from.
    """
    sums = path.parent / SUMS
    lines = sums.read_text(encoding="utf-8").splitlines() if sums.is_file() else []
    others = [line for line in lines if line.strip() and not _is_about(line, path.name)]
    size = f"# {path.name}: {path.stat().st_size} bytes" + (f" from {origin}" if origin else "")
    entries = [*others, size, f"{digest}  {path.name}"]
    ordered = sorted(entries, key=lambda line: (_name_in(line), not line.startswith("#")))
    with sums.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("".join(f"{line}\n" for line in ordered))


def _name_in(line: str) -> str:
    """The file that a line of SHA256SUMS is about."""
    return line[2:].split(": ")[0] if line.startswith("# ") else line.split(maxsplit=1)[-1].lstrip("*").strip()


def _is_about(line: str, name: str) -> bool:
    """Is this line of SHA256SUMS about this file?"""
    return _name_in(line) == name


def check_sum(path: Path, digest: str) -> None:
    """A file must be what was recorded when it was fetched; a file without a record is taken as it is.

    Raises
    ------
    DataError
        When SHA256SUMS beside the file holds another checksum.
    """
    recorded = read_sums(path.parent).get(path.name)
    if recorded is not None and recorded != digest:
        raise DataError(
            f"{path.name} is not the file that was recorded when it was fetched.",
            where=f"{path.name} and {SUMS} beside it",
            found=f"SHA-256 {digest[:16]}...",
            expected=f"SHA-256 {recorded[:16]}...",
            todo=f"Fetch it again, or take its line out of {SUMS} when the change is meant.",
        )
