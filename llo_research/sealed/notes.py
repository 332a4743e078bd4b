"""What a bundle says of itself: how to install it, and the list of packages to ask an administrator for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from llo_research.sealed.standards import Requirement, canonicalize_name
from llo_research.sealed.target import Target
from llo_research.sealed.wheels import GPL_LOOKED_AT, Wheel

COLUMNS = (
    "package",
    "version",
    "licence",
    "licence_from",
    "purpose",
    "needed_by",
    "bytes",
    "example_data_files",
    "file",
    "sha256",
)
NOT_TOLD = "not told by its makers"


@dataclass(frozen=True)
class Facts:
    """Of which bundle the notes are.

    figures : the name of the zip with published figures. room : how long the folder's path may be on Windows.
    """

    version: str
    target: Target
    kind: str
    figures: str
    room: int


def rows(wheels: Sequence[Wheel], roots: Iterable[Requirement], target: Target) -> list[dict[str, str | int]]:
    """A row for each package: licence in its own words, purpose, and who needs it."""
    by: dict[str, set[str]] = {str(canonicalize_name(one.name)): {"llo-research"} for one in roots}
    for wheel in wheels:
        for environment in target.environments():
            for need in wheel.needs(environment):
                by.setdefault(str(canonicalize_name(need.name)), set()).add(wheel.name)
    return [
        {
            "package": wheel.name,
            "version": wheel.version,
            "licence": wheel.licence or NOT_TOLD,
            "licence_from": wheel.origin or "nothing in the wheel",
            "purpose": re.sub(r"\S*://\S*", "", wheel.purpose).strip() or NOT_TOLD,
            "needed_by": ", ".join(sorted(by.get(wheel.name, {"an extra of another"}))),
            "bytes": wheel.size,
            "example_data_files": wheel.data_files,
            "file": wheel.path.name,
            "sha256": wheel.sha256,
        }
        for wheel in wheels
    ]


def as_csv(listed: Sequence[dict[str, str | int]]) -> str:
    """The list for a program."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue()


def as_text(listed: Sequence[dict[str, str | int]], facts: Facts) -> str:
    """The list for people."""
    total = sum(int(row["bytes"]) for row in listed)
    lines = [
        f"Packages of llo_research {facts.version} for {facts.target.platform}, Python {facts.target.version} "
        f"({facts.kind}): {len(listed)}, {_size(total)} in all.",
        "Licences are in the makers' own words, from the wheel itself; packages.csv has file names and checksums.",
        "",
    ]
    for row in listed:
        lines += [
            f"{row['package']} {row['version']}   {row['licence']}   {_size(int(row['bytes']))}",
            f"    {row['purpose']}",
            f"    needed by: {row['needed_by']}",
        ]
        if row["example_data_files"]:
            lines.append(f"    has {row['example_data_files']} files of example or test data of its makers")
        if why := GPL_LOOKED_AT.get(str(row["package"])):
            lines.append(f"    {why}")
    return "\n".join(lines) + "\n"


def _size(number: int) -> str:
    """Bytes as people say them."""
    return f"{number / 1e6:.1f} MB" if number >= 100_000 else f"{number / 1e3:.0f} kB"


def install(facts: Facts, language: str) -> str:
    """How to install it, in English (``en``) or Dutch (``nl``): what holds of every bundle, and of this kind."""
    windows, python = facts.target.windows, facts.target.version
    own = f"py -{python}" if windows else f"python{python}"
    inside = "mine\\Scripts\\python" if windows else "mine/bin/python"
    extras = "[spss,parquet,excel,scale]" if facts.kind == "full" else ""
    example = "import llo_research as llo; print(llo.mean('training', llo.synthetic('nea'), by='year'))"
    words = {
        "head": f"llo_research {facts.version}, {facts.target.platform}, Python {python}, {facts.kind}",
        "python": python,
        "run": f"{own} run.py",
        "venv": f"{own} -m venv mine",
        "pip": f'{inside} -m pip install --no-index --find-links wheels "llo-research{extras}"',
        "try": f'{inside} -c "{example}"',
        "bin": ".venv\\Scripts\\" if windows else ".venv/bin/",
        "sums": "Get-FileHash wheels\\*    (PowerShell; SHA256SUMS)" if windows else "sha256sum -c SHA256SUMS",
        "figures": facts.figures,
        "room": facts.room - 1,
    }
    text = (Path(__file__).parent / f"install_{language}.txt").read_text(encoding="utf-8")
    parts = re.split(r"^== (\w+)\n", text, flags=re.MULTILINE)
    kinds = dict(zip(["", *parts[1::2]], parts[::2], strict=True))
    shown = ["", *(["windows"] if windows else []), facts.kind, "all"]
    return "".join(kinds[part] for part in shown).format(**words)
