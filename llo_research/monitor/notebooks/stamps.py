"""What something was made from, so that it is made again only when one of those things changed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable
from pathlib import Path

import llo_research

SHOWN_BY = ("numpy", "pandas", "scipy", "matplotlib", "formulaic", "ipykernel", "nbclient")
BUILT_BY = ("sphinx", "myst-nb", "pydata-sphinx-theme", "latex2mathml", "docutils", "pygments")
_PACKAGE_FILES = {".py", ".toml", ".mplstyle", ".csv", ".json"}


def digest(*texts: str) -> str:
    """SHA-256 of texts, kept apart from each other."""
    total = hashlib.sha256()
    for text in texts:
        total.update(f"{len(text)}:{text}".encode())
    return total.hexdigest()


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file, or ``absent``."""
    if not path.is_file():
        return "absent"
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest_of_files(folder: Path, files: Iterable[Path]) -> str:
    """SHA-256 of files and their names below a folder, whatever the order in which they are given."""
    names = sorted((path.relative_to(folder).as_posix(), path) for path in files)
    return digest(*(part for name, path in names for part in (name, digest_of_file(path))))


def digest_of_package() -> str:
    """SHA-256 of the library's own source."""
    folder = Path(llo_research.__file__).resolve().parent
    return digest_of_files(folder, (path for path in folder.rglob("*") if path.suffix in _PACKAGE_FILES))


def versions(names: Iterable[str]) -> str:
    """Versions of Python, the system and packages, as one line."""
    packages = [f"{name} {_version(name)}" for name in names]
    return ", ".join([f"Python {platform.python_version()}", platform.system(), *packages])


def _version(name: str) -> str:
    """The installed version, or ``absent``."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


class Stamps:
    """A small file that remembers what each thing was made from.

    Parameters
    ----------
    path : Path
        The file; need not exist. One that cannot be read counts as empty, so that everything is made anew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = {}
        self.known: dict[str, dict[str, str]] = known if isinstance(known, dict) else {}

    def changed(self, name: str, inputs: dict[str, str]) -> list[str]:
        """What differs from when it was last made, in words; empty when nothing does."""
        if name not in self.known:
            return ["not made yet"]
        before = self.known[name]
        return [what for what in sorted({*before, *inputs}) if before.get(what) != inputs.get(what)]

    def forget(self, name: str) -> None:
        """It is about to be made: if that stops half-way, it counts as not made."""
        if self.known.pop(name, None) is not None:
            self._write()

    def record(self, name: str, inputs: dict[str, str]) -> None:
        """It was made from these."""
        self.known[name] = dict(inputs)
        self._write()

    def _write(self) -> None:
        """Save, keys in order."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(json.dumps(self.known, indent=1, sort_keys=True) + "\n")
