"""What a committed notebook was made from, kept in it; and whether that is still what is here.

``python -m llo_research.monitor.notebooks.made_from`` says it of each: up to date, made with another version of
the library, from other data or other published figures.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import llo_research
from llo_research import __version__
from llo_research.errors import LloError
from llo_research.monitor.notebooks.about import About, about, data_files, notebooks, read_notebook
from llo_research.monitor.notebooks.stamps import digest_of_file, digest_of_files

KEY = "made_from"
_HEX = 16
# What makes numbers. Their digest is told, and makes nothing stale: most changes of code leave every number as it is,
# and nbval compares the numbers themselves.
_PACKAGES = (
    "data",
    "decomposition",
    "design",
    "estimation",
    "numerics",
    "regression",
    "results",
    "survey",
    "weighting",
)
_READS_PUBLISHED = ("published", "printed", "beside(")


def made_from(item: About, root: Path) -> dict[str, Any]:
    """What a notebook that is executed now is made from.

    Parameters
    ----------
    item : About
        The notebook's account of itself.
    root : Path
        Folder of the project.

    Returns
    -------
    dict
        ``library`` (version), ``code`` (digest of the packages that make numbers), and ``data``: digests of the open
        files that it reads, by name, of the published figures where it reads them, and where it is computed from
        synthetic data of what the population was made from. Sixteen hexadecimal digits of SHA-256 each.
    """
    data = {path.name: digest_of_file(path)[:_HEX] for path in data_files(item, root)}
    code = "".join("".join(cell["source"]) for cell in read_notebook(item.path)["cells"] if cell["cell_type"] == "code")
    if any(word in code for word in _READS_PUBLISHED):
        data["published figures"] = _digest(root / "data_raw" / "published")
    if item.source_class == "synthetic":
        data["synthetic population"] = _digest(root / "data_raw" / "synthetic")
    return {"library": __version__, "code": _code(), "data": data}


def marked(notebook: dict[str, Any], item: About, root: Path) -> dict[str, Any]:
    """The notebook with this account in its metadata."""
    metadata = notebook["metadata"]
    return {**notebook, "metadata": {**metadata, "llo": {**metadata.get("llo", {}), KEY: made_from(item, root)}}}


def outdated(path: Path, root: Path) -> list[str]:
    """In what a committed notebook differs from what is here; empty when it is up to date.

    A data file that is not here cannot be compared, and is not counted.
    """
    said = read_notebook(path).get("metadata", {}).get("llo", {}).get(KEY)
    if not isinstance(said, Mapping):
        return ["it does not say what it was made from"]
    now = made_from(about(path), root)
    found = []
    if said.get("library") != now["library"]:
        found.append(f"made with version {said.get('library')}, now {now['library']}")
    before = said.get("data", {})
    changed = [name for name, digest in now["data"].items() if name in before and before[name] != digest]
    return [*found, *(f"{name} changed" for name in changed)]


def code_changed(path: Path) -> bool:
    """Whether the code that makes numbers is another one than when the notebook was made."""
    said = read_notebook(path).get("metadata", {}).get("llo", {}).get(KEY)
    return isinstance(said, Mapping) and said.get("code") != _code()


def report(root: Path) -> list[str]:
    """A line for each notebook of the project."""
    return [_line(path, root) for path in notebooks(root)]


def stale(root: Path) -> list[str]:
    """The lines of the notebooks that are not up to date, with what to do; empty when all are."""
    paths = [path for path in notebooks(root) if outdated(path, root)]
    return [f"{_line(path, root)}; 'llo chapter {path.stem}' makes it anew" for path in paths]


def _line(path: Path, root: Path) -> str:
    """What is to be said of one notebook."""
    if wrong := outdated(path, root):
        return f"{path.stem}: {', '.join(wrong)}"
    return f"{path.stem}: up to date{' (code changed since; its numbers are compared)' if code_changed(path) else ''}"


def _code() -> str:
    """Digest of the packages that make numbers."""
    folder = Path(llo_research.__file__).resolve().parent
    files = (path for name in _PACKAGES for path in (folder / name).rglob("*"))
    return digest_of_files(folder, (path for path in files if path.suffix in (".py", ".toml")))[:_HEX]


def _digest(folder: Path) -> str:
    """Digest of the tables of a folder; its prose does not count."""
    files: Iterable[Path] = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
    return digest_of_files(folder, files)[:_HEX]


def main(arguments: Sequence[str] | None = None) -> int:
    """Say of every notebook whether it is up to date; 1 when one is not, 2 on an error."""
    parser = argparse.ArgumentParser(prog="python -m llo_research.monitor.notebooks.made_from", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(), help="folder of the project (default: here)")
    root = parser.parse_args(arguments).root
    try:
        print("\n".join(report(root)))
        return 1 if stale(root) else 0
    except LloError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
