"""Which wheels a bundle has: what its roots need on a computer, round by round, at the versions of the lock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from llo_research.errors import DataError
from llo_research.sealed.lock import Pin, pins_for
from llo_research.sealed.standards import Requirement, canonicalize_name, parse_wheel_filename
from llo_research.sealed.target import Target
from llo_research.sealed.wheels import Wheel, read_wheel

# Gets wheels of pins into a folder; what it could not get is seen afterwards.
Fetch = Callable[[Sequence[Pin], Target, Path], None]


def chosen(
    roots: Iterable[Requirement], pins: Sequence[Pin], target: Target, folder: Path, fetch: Fetch
) -> list[Wheel]:
    """The wheels that the roots need, all they need in turn, by name.

    Raises
    ------
    DataError
        A package that the lock does not name, or that has no wheel for this computer.
    """
    wanted = list(roots)
    found: dict[tuple[str, str], Wheel] = {}
    done: set[tuple[str, str, frozenset[str]]] = set()
    while wanted:
        meant = {(pin.name, pin.version): pin for need in wanted for pin in _pins_of(need, pins, target)}
        new = [pin for key, pin in meant.items() if key not in found]
        found |= {(wheel.name, wheel.version): wheel for wheel in _got(new, target, folder, fetch)}
        todo: dict[str, Requirement] = {}
        for need in wanted:
            for pin in _pins_of(need, pins, target):
                key = (pin.name, pin.version, frozenset(need.extras))
                if key not in done:
                    done.add(key)
                    wheel = found[pin.name, pin.version]
                    for environment in target.environments():
                        todo |= {str(one): one for one in wheel.needs(environment, need.extras)}
        wanted = list(todo.values())
    return [found[key] for key in sorted(found)]


def _pins_of(need: Requirement, pins: Sequence[Pin], target: Target) -> list[Pin]:
    """The pins of a package on a computer: one, or two where the patch of its Python decides."""
    name = str(canonicalize_name(need.name))
    found = {pin.version: pin for one in target.environments() if (pin := pins_for(pins, one).get(name))}
    if not found:
        raise DataError(
            f"requirements.lock does not name {name} for {target.platform}, Python {target.version}.",
            todo="write the lock anew: python run.py lock",
        )
    return list(found.values())


def _got(pins: Sequence[Pin], target: Target, folder: Path, fetch: Fetch) -> list[Wheel]:
    """A wheel of each pin, from the folder where it lies there already."""
    found = {pin: _lies_there(pin, target, folder) for pin in pins}
    if absent := [pin for pin in pins if found[pin] is None]:
        fetch(absent, target, folder)
        found |= {pin: _lies_there(pin, target, folder) for pin in absent}
    without = [f"{pin.name} {pin.version}" for pin in pins if found[pin] is None]
    if without:
        raise DataError(
            f"There are no wheels for {target.platform}, Python {target.version}.",
            where="what pip said stands above",
            found=", ".join(without),
            todo="name a newer platform, as 'ldd --version' or 'sw_vers' says it there (manylinux_2_34_x86_64, "
            "macosx_14_0_arm64); another --python; or let the lock name versions that have wheels: python run.py lock",
        )
    return [wheel for wheel in found.values() if wheel]


def _lies_there(pin: Pin, target: Target, folder: Path) -> Wheel | None:
    """The wheel of a pin in a folder that fits a computer best."""
    order = {tag: place for place, tag in enumerate(target.tags())}
    fitting = []
    for path in sorted(folder.glob("*.whl")):
        name, version, _, tags = parse_wheel_filename(path.name)
        if (str(name), str(version)) == (pin.name, pin.version) and tags & order.keys():
            fitting.append((min(order[tag] for tag in tags if tag in order), read_wheel(path)))
    return next((wheel for _, wheel in sorted(fitting, key=lambda one: one[0]) if wheel.sha256 in pin.hashes), None)


def download(pins: Sequence[Pin], target: Target, folder: Path) -> None:
    """Get wheels with pip, checked against the lock; where one fails, the others one by one."""
    folder.mkdir(parents=True, exist_ok=True)
    python = target.environments()[-1]["python_full_version"]  # the lowest would lack what asks for a later patch
    command = [sys.executable, "-m", "pip", "download", "-q", "-q", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--only-binary=:all:", "--implementation", "cp", "--python-version", python]
    command += [word for one in target.platforms for word in ("--platform", one)]
    asked = folder / "asked.txt"

    def get(some: Sequence[Pin]) -> bool:
        # without markers: pip would ask them of the computer that it runs on
        lines = [Pin(pin.name, pin.version, "", pin.hashes).line(pin.hashes) for pin in some]
        asked.write_text("".join(lines), encoding="utf-8", newline="\n")
        return subprocess.run([*command, "-d", str(folder), "-r", str(asked)]).returncode == 0

    first = {pin.name: pin for pin in reversed(pins)}  # pip takes one version of a package at a time
    try:
        for some in ([*first.values()], [pin for pin in pins if pin not in first.values()]):
            if some and not get(some) and len(some) > 1:
                for pin in some:
                    get([pin])
    finally:
        asked.unlink(missing_ok=True)
