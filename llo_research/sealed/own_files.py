"""Our own files that go into a bundle, without anything statistical in them; and the look for what that would be."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from llo_research.sealed.wheels import DATA

_PACKAGE = (".py", ".toml", ".md", ".txt", ".mplstyle", ".json", ".typed")
_DOCS = (".md", ".py", ".css", ".js", ".html", ".po", ".svg")
# The page that sets published figures beside the synthetic surveys.
_NUMBERS = ("synthetic_targets.md",)
_SINGLE = ("run.py", "pyproject.toml", "LICENSE", "CITATION.cff", "data_raw/README.md", "data_processed/README.md")
# The figures, and the true values of the invented populations, are asked for by themselves.
FIGURES = ("data_raw/published/*", "data_raw/synthetic/*_truth.csv.gz")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".pdf")
_PACKED = (".gz", ".bz2", ".xz")
_STATISTICAL = (
    *(*DATA, *_PACKED, *_PICTURES),
    *(".zsav", ".por", ".ods", ".pkl", ".npy", ".npz", ".h5", ".db", ".sqlite", ".arrow"),
)
_HEADS = (b"PAR1", b"\x1f\x8b", b"PK\x03\x04", b"$FL2", b"$FL3", b"\x89HDF", b"\x89PNG", b"SQLite", b"<stata_dta>")
# Files of numbers that are none of people, and what they are.
LOOKED_AT = {
    "packages.csv": "the list of packages, with their sizes",
    "llo_research/results/receipts/certified.json": "digits that agree with other programs, by method",
}


def of_package(root: Path) -> dict[str, bytes]:
    """The library itself, and what the synthetic surveys are made from (without their true values)."""
    found = _files(root, "llo_research", _PACKAGE)
    return found | {
        f"llo_research/data/synthetic/parameters/{path.name}": path.read_bytes()
        for path in sorted((root / "data_raw" / "synthetic").glob("*"))
        if path.suffix in (".toml", ".md")
    }


def of_project(root: Path) -> dict[str, bytes]:
    """What the chapters and the site are built from: program, library, pages, notebooks without their outputs."""
    found = {name: (root / name).read_bytes() for name in _SINGLE}
    found |= (
        _files(root, "llo_research", _PACKAGE) | _files(root, "docs", _DOCS) | _files(root, "notebooks/nl", (".md",))
    )
    found |= _files(root, "data_raw/synthetic", (".toml", ".md"))
    notebooks = [*(root / "notebooks").glob("*.ipynb"), *(root / "docs").rglob("*.ipynb")]
    for path in sorted(notebooks):
        found[path.relative_to(root).as_posix()] = without_outputs(path.read_bytes())
    for name in [name for name in found if name.endswith(_NUMBERS)]:
        found[name] = found[name].partition(b"\n")[0] + b"\n\nNot in a bundle: published figures come by themselves.\n"
    return found


def of_figures(root: Path) -> dict[str, bytes]:
    """The published figures with their sources, and the true values of the invented populations."""
    paths = [path for pattern in FIGURES for path in sorted(root.glob(pattern)) if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def _files(root: Path, folder: str, suffixes: tuple[str, ...]) -> dict[str, bytes]:
    """Files of some kinds below a folder."""
    paths = (path for path in sorted((root / folder).rglob("*")) if path.suffix in suffixes and path.is_file())
    inside = ((path.relative_to(root), path) for path in paths)
    hidden = ("__", ".")
    return {
        short.as_posix(): path.read_bytes()
        for short, path in inside
        if not any(part.startswith(hidden) for part in short.parts[:-1])
    }


def without_outputs(notebook: bytes) -> bytes:
    """A notebook as it was typed: no output, no picture, nothing on what it was made from."""
    told = json.loads(notebook)
    for cell in told["cells"]:
        cell.pop("attachments", None)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    told["metadata"].get("llo", {}).pop("made_from", None)
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def statistical(files: Mapping[str, bytes]) -> list[str]:
    """The files that hold data, or numbers from data, each with what gave it away; empty for what may be let in.

    Looked at are the kinds of files (by name and by how they begin), numbers in JSON, outputs in notebooks, and wheels
    of ours. Wheels of others are as their makers made them: their example data are counted in ``packages.csv``.
    """
    return [f"{name}: {why}" for name, content in files.items() for why in _why(name, content) if name not in LOOKED_AT]


def _why(name: str, content: bytes) -> Iterator[str]:
    """What gives a file away."""
    suffix = PurePosixPath(name.lower()).suffix
    if suffix == ".whl":
        if PurePosixPath(name).name.startswith("llo_research-"):
            with zipfile.ZipFile(BytesIO(content)) as inner:
                yield from statistical({one: inner.read(one) for one in inner.namelist()})
    elif suffix in _STATISTICAL:
        yield f"a file of data or a picture ({suffix})"
    elif content.startswith(_HEADS):
        yield "it begins as a file of data or a picture does"
    elif suffix == ".ipynb":
        cells = json.loads(content)["cells"]
        if any(cell.get("outputs") or cell.get("execution_count") or cell.get("attachments") for cell in cells):
            yield "outputs of a notebook"
    elif suffix == ".json" and _has_number(json.loads(content)):
        yield "numbers in JSON"
    elif suffix == ".svg" and re.search(rb"<text|<tspan", content):
        yield "words or numbers in a drawing"


def _has_number(value: Any) -> bool:
    """Whether a number stands anywhere in what JSON holds."""
    if isinstance(value, dict):
        return any(map(_has_number, value.values()))
    if isinstance(value, list):
        return any(map(_has_number, value))
    return isinstance(value, int | float) and not isinstance(value, bool)
