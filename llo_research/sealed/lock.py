"""Exact versions and hashes of requirements.lock: all of them, those of one computer, the part that a bundle has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from llo_research.sealed.standards import Marker, canonicalize_name

_ENTRY = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\]+?))? \\$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """A package at one version: `marker` says where it is meant, `hashes` are those of its files."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]

    def holds(self, environment: Mapping[str, str]) -> bool:
        """Whether it is meant for a computer."""
        return not self.marker or Marker(self.marker).evaluate(dict(environment))

    def line(self, hashes: Iterable[str]) -> str:
        """Its lines of a lock file, with some of its hashes."""
        head = f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")
        return " \\\n    ".join([head, *(f"--hash=sha256:{one}" for one in sorted(hashes))]) + "\n"


def read_lock(path: Path) -> list[Pin]:
    """All pins of a lock file."""
    found: list[Pin] = []
    entry: re.Match[str] | None = None
    hashes: list[str] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), "end==0 \\"]:
        if head := _ENTRY.match(line):
            if entry:
                name = str(canonicalize_name(entry["name"]))
                found.append(Pin(name, entry["version"], entry["marker"] or "", frozenset(hashes)))
            entry, hashes = head, []
        hashes += _HASH.findall(line)
    return found


def pins_for(pins: Iterable[Pin], environment: Mapping[str, str]) -> dict[str, Pin]:
    """The pin of each package on one computer."""
    return {pin.name: pin for pin in pins if pin.holds(environment)}
