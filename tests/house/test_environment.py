"""Proves that environment.yml asks for the same packages and lower bounds as pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

CONDA_NAMES = {"matplotlib": "matplotlib-base", "ibis-framework[duckdb]": "ibis-duckdb"}
APART = ("spark",)  # a Spark that is there already, or requirements-spark.lock


def split(line: str) -> tuple[str, str]:
    """Name and bound of a requirement."""
    name, bound = re.fullmatch(r"([\w.\[\]-]+?)\s*(>=[\d.]+)", line.strip()).groups()
    return name, bound


def test_same_packages_and_bounds(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(line for name, extra in project["optional-dependencies"].items() if name not in APART for line in extra),
    ]
    wanted = dict(split(line) for line in lines if not line.startswith(project["name"]))
    wanted = {CONDA_NAMES.get(name, name): bound for name, bound in wanted.items()}
    wanted["python"] = project["requires-python"]

    text = (root / "environment.yml").read_text(encoding="utf-8")
    head, body = text.split("dependencies:\n")
    assert "conda-forge" in head
    found = dict(split(line.removeprefix("  - ")) for line in body.splitlines())
    assert found == wanted


def test_the_environment_for_users_is_that_without_tools(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [
        *project["dependencies"],
        *(line for name in ("spss", "parquet", "excel", "scale") for line in extras[name]),
    ]
    wanted = dict(split(line) for line in lines)
    wanted = {CONDA_NAMES.get(name, name): bound for name, bound in wanted.items()}
    wanted["python"] = project["requires-python"]
    body = (root / "environment-user.yml").read_text(encoding="utf-8").partition("dependencies:\n")[2]
    found = dict(split(line.removeprefix("  - ")) for line in body.splitlines() if ">=" in line)
    assert found == wanted
