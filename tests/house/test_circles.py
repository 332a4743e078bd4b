"""Proves that files import each other in no circle and no layer imports from one above it, deferred imports counted.

import-linter holds the same for the modules of a package (``acyclic_siblings``); it does not see a circle through a
package's own ``__init__.py``, and it counts imports for type checkers, which run nothing.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

PACKAGE = "llo_research"
# Packages in which no files import each other in circles.
FREE = (
    "report",
    "decomposition",
    "regression",
    "estimation",
    "results",
    "survey",
    "data",
    "scanning",
    "weighting",
    "monitor",
    "design",
    "numerics",
)
# Those in which a file names another's class for type checkers only, which import-linter counts.
BY_TYPE_ONLY = ("regression", "results")

Arrows = dict[str, set[str]]


def sources(root: Path, package: str) -> dict[str, str]:
    """Each module of a package, by its full name, with its text; a package's own module is its ``__init__.py``."""
    modules = {}
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = path.read_text(encoding="utf-8")
    return modules


def arrows(modules: Mapping[str, str]) -> Arrows:
    """Which modules each module imports: at its head or inside a function, but not for type checkers only."""
    return {name: _imported(name, ast.parse(text), modules) - {name} for name, text in modules.items()}


def _imported(name: str, node: ast.AST, modules: Mapping[str, str]) -> set[str]:
    """The modules that a piece of code imports."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return {other for branch in node.orelse for other in _imported(name, branch, modules)}
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names if alias.name in modules}
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{name} imports by a relative name"
        said = {f"{node.module}.{alias.name}" for alias in node.names}
        return {module if module in modules else str(node.module) for module in said} & modules.keys()
    return {other for child in ast.iter_child_nodes(node) for other in _imported(name, child, modules)}


def circles(graph: Arrows) -> list[list[str]]:
    """Modules that reach each other, in groups."""
    reach = {name: set(others) for name, others in graph.items()}
    for through in graph:
        for name in graph:
            if through in reach[name]:
                reach[name] |= reach[through]
    together = {tuple(sorted(m for m in graph if m in reach[n] and n in reach[m])) for n in graph if n in reach[n]}
    return [list(group) for group in sorted(together)]


def upward(graph: Arrows, layers: list[str]) -> list[str]:
    """Arrows between packages that do not point down; `layers` from the highest to the lowest, as import-linter's."""
    floor = {name.strip(" ()"): number for number, layer in enumerate(layers) for name in layer.split("|")}
    found = []
    for name, others in graph.items():
        for other in others:
            one, two = (module.split(".")[1] if "." in module else "" for module in (name, other))
            if one and two and one != two and floor[two] <= floor[one]:
                found.append(f"{name} -> {other}")
    return sorted(found)


@pytest.fixture(scope="module")
def graph(root: Path) -> Arrows:
    return arrows(sources(root, PACKAGE))


@pytest.mark.parametrize("package", FREE)
def test_no_files_of_a_package_import_each_other_in_circles(graph: Arrows, package: str) -> None:
    inside = f"{PACKAGE}.{package}"
    own = {name for name in graph if name == inside or name.startswith(f"{inside}.")}
    assert len(own) > 1
    assert circles({name: graph[name] & own for name in own}) == []


def test_no_circle_crosses_packages(graph: Arrows) -> None:
    assert [group for group in circles(graph) if len({name.split(".")[1] for name in group if "." in name}) > 1] == []


def test_layers_import_downwards_only(graph: Arrows, root: Path) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (one["layers"] for one in contracts if one["type"] == "layers" and one["containers"] == [PACKAGE])
    assert upward(graph, layers) == []


def test_import_linter_holds_the_same_packages(root: Path) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    acyclic = [contract["ancestors"] for contract in contracts if contract["type"] == "acyclic_siblings"]
    assert sorted(package for ancestors in acyclic for package in ancestors) == sorted(
        f"{PACKAGE}.{package}" for package in FREE if package not in BY_TYPE_ONLY
    )


def test_the_rules_can_fail() -> None:
    plant = {
        "p": "from p.b.thin import f",
        "p.a.one": "def f():\n    from p.a.two import g",
        "p.a.two": "from p.a import three",
        "p.a.three": "import p.a.one",
        "p.a.four": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p.a.five import Five",
        "p.a.five": "from p.a.four import Four",
        "p.b.thin": "from p.a.five import Five",
        "p.b": "from p.b.thick import x",
        "p.b.thick": "from p.b import y",
    }
    graph = arrows(plant)
    assert circles(graph) == [["p.a.one", "p.a.three", "p.a.two"], ["p.b", "p.b.thick"]]
    assert upward(graph, ["b", "a"]) == []
    assert upward(graph, ["a", "b"]) == upward(graph, ["a | b"]) == ["p.b.thin -> p.a.five"]
