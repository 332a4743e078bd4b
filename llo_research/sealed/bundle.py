"""Makes the zip that a computer without internet is installed from: wheels, lock, library, notes; and checks it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from llo_research.errors import DataError
from llo_research.sealed.choose import Fetch, chosen, download
from llo_research.sealed.lock import Pin, read_lock
from llo_research.sealed.notes import Facts, as_csv, as_text, install, rows
from llo_research.sealed.own_files import of_figures, of_package, of_project, statistical
from llo_research.sealed.own_wheel import NAME, own_wheel, zipped
from llo_research.sealed.standards import Requirement
from llo_research.sealed.target import Target, target_of
from llo_research.sealed.wheels import Wheel, faults, read_wheel, room_of

KINDS = ("core", "full")
# What numbers stand on.
CORE = ("numpy", "pandas", "scipy")
# Extras of pyproject.toml that a bundle leaves out: tests, checks of style, JupyterLab.
LEFT_OUT = ("test", "lint", "lab", "spark")
FOLDER = "llo"
_FIGURES = "llo_research-{}-figures.zip"


def bundle(
    root: Path,
    platform: str | None = None,
    python: str | None = None,
    kind: str = "full",
    fetch: Fetch = download,
    say: Callable[[str], None] = print,
) -> Path:
    """Make the zip of a platform and a Python below ``build/bundle``, and beside it the one with published figures.

    Parameters
    ----------
    root : Path
        Folder of the project.
    platform, python : str, optional
        As wheels and people name them (``win_amd64``, ``3.11``). Default: this computer.
    kind : {"core", "full"}
        ``core``: the library on numpy, pandas and scipy. ``full``: all it can use, with the chapters.
    fetch : callable
        Gets wheels of pins into a folder.
    say : callable
        Tells what is done.

    Returns
    -------
    Path
        The zip. The same versions give the same bytes.

    Raises
    ------
    DataError
        An unknown platform or Python, a package without a wheel, a wheel that does not fit, or something statistical
        among our own files; nothing is written then.
    """
    target = target_of(platform, python)
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    folder = root / "build" / "bundle"
    pins, roots = read_lock(root / "requirements.lock"), roots_of(project, kind)
    say(f"choosing and checking wheels for {target.platform}, Python {target.version} ({kind})")
    wheels = chosen(roots, pins, target, folder / "wheels" / f"{target.platform}-{target.cp}", fetch)
    name, own = _own(root, project, kind)
    files = {f"wheels/{wheel.path.name}": wheel.path.read_bytes() for wheel in wheels} | {f"wheels/{name}": own}
    files |= of_project(root) if kind == "full" else {"LICENSE": (root / "LICENSE").read_bytes()}
    files["requirements.lock"] = _lock(pins, wheels).encode()
    figures = _FIGURES.format(project["version"])
    files |= _notes(wheels, roots, Facts(project["version"], target, kind, figures, room_of(wheels)))
    refuse(files, wheels, pins, target, roots, folder)
    zip_name = f"llo_research-{project['version']}-{target.platform}-{target.cp}-{kind}.zip"
    _write(folder / figures, _with_sums(of_figures(root), "FIGURES-SHA256SUMS"))
    return _write(folder / zip_name, _with_sums(files, "SHA256SUMS"))


def figures_of(path: Path) -> Path:
    """The zip with published figures that lies beside a bundle."""
    return path.with_name(_FIGURES.format(path.name.split("-")[1]))


def roots_of(project: Mapping[str, Any], kind: str) -> list[Requirement]:
    """What a bundle is made from, before what that needs in turn."""
    if kind not in KINDS:
        raise DataError("There is no such bundle.", where="kind", found=kind, expected=" or ".join(KINDS))
    found = [Requirement(line) for line in project["dependencies"]]
    if kind == "core":
        return [one for one in found if one.name in CORE]
    extras = project["optional-dependencies"]
    return found + [Requirement(line) for extra, lines in extras.items() if extra not in LEFT_OUT for line in lines]


def _own(root: Path, project: Mapping[str, Any], kind: str) -> tuple[str, bytes]:
    """Our wheel: of ``core`` it asks for three packages, and says so in its version."""
    needs = [str(one) for one in roots_of(project, kind)] if kind == "core" else list(project["dependencies"])
    licence = (root / "LICENSE").read_bytes()
    return own_wheel(project, of_package(root), needs, licence, local="core" if kind == "core" else "")


def _lock(pins: Sequence[Pin], wheels: Sequence[Wheel]) -> str:
    """The part of the lock that a bundle has: its wheels, each with the one hash of its file."""
    hashes = {(wheel.name, wheel.version): wheel.sha256 for wheel in wheels}
    lines = [pin.line([hashes[pin.name, pin.version]]) for pin in pins if (pin.name, pin.version) in hashes]
    return "# The wheels of this bundle, with their hashes: the part of the project's requirements.lock.\n" + "".join(
        lines
    )


def _notes(wheels: Sequence[Wheel], roots: Sequence[Requirement], facts: Facts) -> dict[str, bytes]:
    """The notes of a bundle; Windows reads the notes for people with its own ends of lines."""
    listed, end = rows(wheels, roots, facts.target), "\r\n" if facts.target.windows else "\n"
    told = {
        "INSTALL.txt": install(facts, "en"),
        "INSTALL-nl.txt": install(facts, "nl"),
        "packages.txt": as_text(listed, facts),
    }
    return {name: text.replace("\n", end).encode() for name, text in told.items()} | {
        "packages.csv": as_csv(listed).encode()
    }


def refuse(
    files: Mapping[str, bytes],
    wheels: Sequence[Wheel],
    pins: Sequence[Pin],
    target: Target,
    roots: Sequence[Requirement],
    folder: Path,
) -> None:
    """Refuse a bundle whose wheels do not fit, or that has something statistical or an address in it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = next(name for name in files if name.startswith("wheels/llo_research-"))
    path = folder / name.rpartition("/")[2]
    path.write_bytes(files[name])
    try:
        found = faults([*wheels, read_wheel(path)], pins, target, NAME, [*roots, Requirement(NAME)])
    finally:
        path.unlink()
    found += [f"{one}: it has something statistical in it" for one in statistical(files)]
    told = ("requirements.lock", "INSTALL.txt", "INSTALL-nl.txt", "packages.txt", "packages.csv")
    found += [f"{one} has an address in it" for one in told if b"://" in files[one]]
    if found:
        raise DataError("The bundle is not sound, and was not written.", found="\n    ".join(["", *found]))


def _with_sums(files: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    """Files below one folder, with their checksums."""
    sums = "".join(f"{hashlib.sha256(files[one]).hexdigest()}  {one}\n" for one in sorted(files))
    return {f"{FOLDER}/{one}": content for one, content in {**files, name: sums.encode()}.items()}


def _write(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write a zip whole or not at all."""
    half = path.with_name(f"{path.name}.part")
    half.write_bytes(zipped(files))
    half.replace(path)
    return path
