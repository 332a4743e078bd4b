"""Proves that the lock files pin each dependency with hashes, without addresses or the package itself."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

# How many requirements each is made from, at least.
LOCKS = {"requirements.lock": 15, "requirements-lab.lock": 1}


@pytest.fixture(scope="module", params=LOCKS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def text(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pins(text: str) -> dict[str, list[Version]]:
    """Pinned versions by name; a name may have several, for different Pythons."""
    found: dict[str, list[Version]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, flags=re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(Version(version))
    return found


@pytest.fixture(scope="module")
def declared(root: Path, name: str) -> list[Requirement]:
    """What pyproject.toml declares for a lock file, extras too, without the package itself: JupyterLab has its own."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    of_lab, extras = name == "requirements-lab.lock", project["optional-dependencies"]
    lines = [] if of_lab else list(project["dependencies"])
    lines += [
        line for extra, needs in extras.items() if (extra == "lab") is of_lab and extra != "spark" for line in needs
    ]
    return [requirement for line in lines if (requirement := Requirement(line)).name != project["name"]]


def test_every_pin_has_hashes(text: str) -> None:
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 50
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_nothing_but_pins_and_hashes(text: str) -> None:
    allowed = re.compile(r"#.*|[\w.-]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in text.splitlines() if not allowed.fullmatch(line)] == []
    assert "://" not in text


def test_declared_dependencies_are_pinned_within_bounds(
    pins: dict[str, list[Version]], declared: list[Requirement], name: str
) -> None:
    assert len(declared) >= LOCKS[name]
    for requirement in declared:
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement.name} is not in {name}: run.py lock"
        assert all(requirement.specifier.contains(version) for version in versions), requirement.name


def test_the_package_itself_is_not_pinned(pins: dict[str, list[Version]]) -> None:
    assert "llo-research" not in pins


def test_every_declared_dependency_has_a_lower_bound(declared: list[Requirement]) -> None:
    assert [str(item) for item in declared if [part.operator for part in item.specifier] != [">="]] == []
