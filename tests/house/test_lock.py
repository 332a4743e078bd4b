"""Proves that the lock files pin each dependency with hashes, without addresses or the package itself."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

# How many requirements each is made from, and how many pins it has, at least.
LOCKS = {"requirements.lock": (15, 50), "requirements-lab.lock": (1, 50), "requirements-spark.lock": (1, 2)}
# Extras in a lock of their own.
BESIDE = {"requirements-lab.lock": "lab", "requirements-spark.lock": "spark"}


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
    """What pyproject.toml declares for a lock file, extras too, without the package itself."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own, extras = BESIDE.get(name), project["optional-dependencies"]
    lines = [] if own else list(project["dependencies"])
    chosen = [own] if own else [extra for extra in extras if extra not in BESIDE.values()]
    lines += [line for extra in chosen for line in extras[extra]]
    return [requirement for line in lines if (requirement := Requirement(line)).name != project["name"]]


def test_every_pin_has_hashes(text: str, name: str) -> None:
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) >= LOCKS[name][1]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_nothing_but_pins_and_hashes(text: str) -> None:
    allowed = re.compile(r"#.*|[\w.-]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in text.splitlines() if not allowed.fullmatch(line)] == []
    assert "://" not in text


def test_declared_dependencies_are_pinned_within_bounds(
    pins: dict[str, list[Version]], declared: list[Requirement], name: str
) -> None:
    assert len(declared) >= LOCKS[name][0]
    for requirement in declared:
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement.name} is not in {name}: run.py lock"
        assert all(requirement.specifier.contains(version) for version in versions), requirement.name


def test_the_package_itself_is_not_pinned(pins: dict[str, list[Version]]) -> None:
    assert "llo-research" not in pins


def test_every_declared_dependency_has_a_lower_bound(declared: list[Requirement]) -> None:
    assert [str(item) for item in declared if [part.operator for part in item.specifier] != [">="]] == []


def test_spark_comes_beside_the_versions_of_the_main_lock(root: Path) -> None:
    main, spark = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (root / name).read_text("utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-spark.lock")
    )
    assert {name: version for name, version in spark.items() if main.get(name, version) != version} == {}
