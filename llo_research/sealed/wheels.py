"""A wheel as it lies there: what it says of itself, and whether it may go into a bundle."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from pathlib import Path, PurePosixPath

from llo_research.sealed.lock import Pin, pins_for
from llo_research.sealed.standards import (
    Requirement,
    SpecifierSet,
    Tag,
    Version,
    canonicalize_name,
    parse_wheel_filename,
)
from llo_research.sealed.target import Target

# Windows without long paths: 260 signs with the one at the end. Of them the folder that the zip is unpacked in has
# what the longest name leaves, and this many at least.
LONGEST, ROOM = 259, 60
INSTALLED_BELOW = "llo/.venv/Lib/site-packages/"
DATA = (".csv", ".tsv", ".dta", ".sav", ".parquet", ".xlsx", ".xls", ".feather", ".rds", ".rda", ".sas7bdat", ".xpt")
_PACKED = (".gz", ".bz2", ".xz", ".zip")
_GPL = re.compile(r"\bA?GPL|GNU (?:Affero )?General Public", re.IGNORECASE)
# GPL in what they say of themselves, and why they may go along all the same; each was looked at.
GPL_LOOKED_AT = {"docutils": "an editor's mode in its source is under the GPL; the wheel does not have it"}


@dataclass(frozen=True, eq=False)
class Wheel:
    """A wheel: `requires` all that it may need, `licence` in its own words (empty: it says none), `origin` of these.

    members : the files in it. size : bytes. python : Pythons that it says it runs on.
    """

    path: Path
    name: str
    version: str
    tags: frozenset[Tag]
    sha256: str
    size: int
    requires: tuple[Requirement, ...]
    python: SpecifierSet
    licence: str
    origin: str
    purpose: str
    members: tuple[str, ...]

    @property
    def data_files(self) -> int:
        """How many files of data its makers put into it, as examples or for tests."""
        names = (PurePosixPath(name.lower()) for name in self.members)
        bare = (PurePosixPath(one.stem) if one.suffix in _PACKED else one for one in names)
        return sum(one.suffix in DATA for one in bare)

    def needs(self, environment: Mapping[str, str], extras: Iterable[str] = ()) -> list[Requirement]:
        """What it needs on a computer, with the extras that were asked of it."""
        asked = ["", *sorted(extras)]
        return [
            one
            for one in self.requires
            if one.marker is None or any(one.marker.evaluate({**environment, "extra": extra}) for extra in asked)
        ]


def read_wheel(path: Path) -> Wheel:
    """What a wheel says of itself."""
    name, version, _, tags = parse_wheel_filename(path.name)
    with zipfile.ZipFile(path) as archive:
        members = tuple(one for one in archive.namelist() if not one.endswith("/"))
        own = next(one for one in members if re.fullmatch(r"[^/]+\.dist-info/METADATA", one))
        told = message_from_string(archive.read(own).decode("utf-8"))
        licence, origin = _licence(told, archive, members)
    return Wheel(
        path,
        str(name),
        str(version),
        frozenset(tags),
        hashlib.sha256(path.read_bytes()).hexdigest(),
        path.stat().st_size,
        tuple(Requirement(line) for line in told.get_all("Requires-Dist", [])),
        SpecifierSet(told.get("Requires-Python") or ""),
        licence,
        origin,
        " ".join(str(told.get("Summary") or "").split()),
        members,
    )


def _licence(told: Message, archive: zipfile.ZipFile, members: Sequence[str]) -> tuple[str, str]:
    """The licence as a wheel tells it, and where: an expression, classifiers, a short word, the head of its licence."""
    if expression := told.get("License-Expression"):
        return str(expression), "License-Expression"
    classes = [str(one) for one in told.get_all("Classifier", []) if str(one).startswith("License ::")]
    named = [one.rpartition(" :: ")[2] for one in classes if one != "License :: OSI Approved"]
    if named:
        return "; ".join(named), "classifiers"
    word = str(told.get("License") or "").strip()
    if word and "\n" not in word and len(word) <= 80 and word.upper() != "UNKNOWN":
        return word, "License"
    files = [one for one in members if re.search(r"dist-info/(?:.*/)?(?:licen[sc]e|copying)[^/]*$", one, re.IGNORECASE)]
    text = archive.read(files[0]).decode("utf-8", errors="replace") if files else word
    lines = [line.strip() for line in text.splitlines() if line.strip(" =-#*")]
    return (lines[0][:80], "the head of its licence") if lines and text != "UNKNOWN" else ("", "")


def faults(
    wheels: Sequence[Wheel], pins: Sequence[Pin], target: Target, own: str, roots: Sequence[Requirement]
) -> list[str]:
    """What is wrong with the wheels of a bundle, one sentence each; `own` is the name of our own wheel."""
    found, fits = [], frozenset(target.tags())
    hashes = {(pin.name, pin.version): pin.hashes for pin in pins}
    for wheel in wheels:
        name = wheel.path.name
        if not wheel.tags & fits:
            found.append(f"{name} is not for {target.platform} with Python {target.version}.")
        if wheel.name != own and wheel.sha256 not in hashes.get((wheel.name, wheel.version), frozenset()):
            found.append(f"{name} is not the file that requirements.lock names: its SHA-256 is {wheel.sha256}.")
        if _GPL.search(wheel.licence) and wheel.name not in GPL_LOOKED_AT:
            found.append(f"{name} is under {wheel.licence}; this library is MIT and takes nothing under the GPL.")
        if target.windows and room_of([wheel]) < ROOM:
            found.append(f"{name} has a name that is too long for Windows: {_longest(wheel)}")
    for environment in target.environments():
        found += _absent(wheels, pins, environment, roots)
    return list(dict.fromkeys(found))


def _longest(wheel: Wheel) -> str:
    """The longest path that a wheel gives a bundle, as it lies there or installed."""
    return max([f"llo/wheels/{wheel.path.name}", *(INSTALLED_BELOW + one for one in wheel.members)], key=len)


def room_of(wheels: Iterable[Wheel]) -> int:
    """How many signs Windows leaves to the path of the folder that a bundle is unpacked in, its backslash included."""
    return LONGEST - max(len(_longest(wheel)) for wheel in wheels)


def _absent(
    wheels: Sequence[Wheel], pins: Sequence[Pin], environment: Mapping[str, str], roots: Sequence[Requirement]
) -> list[str]:
    """What is needed on a computer and is not there, or at a version that does not fit."""
    meant, python = pins_for(pins, environment), environment["python_full_version"]
    there = {one.name: one for one in wheels if one.name not in meant or one.version == meant[one.name].version}
    found, todo, seen = [], [("the bundle", one) for one in roots], set()
    while todo:
        who, need = todo.pop()
        wheel = there.get(str(canonicalize_name(need.name)))
        if wheel is None:
            found.append(f"{need.name} is absent; {who} needs it (Python {python}).")
        elif not need.specifier.contains(Version(wheel.version), prereleases=True):
            found.append(f"{wheel.path.name} does not fit {who}, which needs {need.name}{need.specifier}.")
        elif (wheel.name, frozenset(need.extras)) not in seen:
            seen.add((wheel.name, frozenset(need.extras)))
            if not wheel.python.contains(python, prereleases=True):
                found.append(f"{wheel.path.name} asks for Python {wheel.python}, not {python}.")
            todo += [(wheel.name, one) for one in wheel.needs(environment, need.extras)]
    return found
