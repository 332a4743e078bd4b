"""Made-up wheels, a lock that names them, and a project that needs them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from llo_research.sealed.lock import Pin
from llo_research.sealed.target import Target


def wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    tag: str = "py3-none-any",
    needs: Sequence[str] = (),
    told: Sequence[str] = ("License-Expression: MIT", "Summary: Made up"),
    also: Sequence[str] = (),
) -> Path:
    """A wheel with little in it."""
    folder.mkdir(parents=True, exist_ok=True)
    head = f"{name.replace('-', '_')}-{version}"
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *told]
    lines += [f"Requires-Dist: {one}" for one in needs]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in {
            f"{head}.dist-info/METADATA": "\n".join(lines) + "\n",
            **dict.fromkeys(also, "x"),
        }.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    path = folder / f"{head}-{tag}.whl"
    path.write_bytes(out.getvalue())
    return path


def lock(*paths: Path, **markers: str) -> list[Pin]:
    """Pins of wheels, each with the hash of its file; `markers` by name and version, as ``soup_2``."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in paths:
        name, version = path.name.split("-")[:2]
        found.setdefault((name.replace("_", "-"), version), set()).add(hashlib.sha256(path.read_bytes()).hexdigest())
    return [
        Pin(name, version, markers.get(f"{name}_{version.partition('.')[0]}".replace("-", "_"), ""), frozenset(hashes))
        for (name, version), hashes in found.items()
    ]


def nothing(pins: Sequence[Pin], target: Target, folder: Path) -> None:
    """Stands for pip where everything lies there already, or nothing can be got."""
