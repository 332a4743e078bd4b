"""Proves that files and functions stay short, names say something, exceptions to rules give a reason."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

FILE_LINES = 500
FUNCTION_LINES = 40
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "core", "misc"}
EXCEPTIONS = re.compile(r"#\s*(?:type:\s*ignore|noqa|pragma: no cover)\S*|except (?:Base)?Exception\b|except:")

# Functions that may be longer, each with the reason: one numerical loop that splitting would hide.
LONGER: dict[str, str] = {}


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body, without its docstring; a signature with many options is no long function."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return function.end_lineno - body[0].lineno + 1 if body else 0


def functions(source: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions of a module, nested ones too."""
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def exceptions_without_reason(source: str) -> list[int]:
    """Line numbers where a rule is switched off with no words beside it or in a comment above it."""
    lines = source.splitlines()
    found = []
    for number, line in enumerate(lines, start=1):
        marker = EXCEPTIONS.search(line)
        if not marker:
            continue
        beside = re.sub(r"^[^#]*#?", "", line[marker.end() :]).strip()
        above = lines[number - 2].strip() if number > 1 else ""
        if len(beside.split()) < 2 and not above.startswith("#"):
            found.append(number)
    return found


@pytest.fixture(scope="module")
def python_files(tracked: list[Path]) -> list[Path]:
    return [path for path in tracked if path.suffix == ".py"]


def test_files_are_short(python_files: list[Path], root: Path) -> None:
    lines = {path.relative_to(root).as_posix(): path.read_text("utf-8").count("\n") for path in python_files}
    assert {name: count for name, count in lines.items() if count > FILE_LINES} == {}


def test_functions_are_short(python_files: list[Path], root: Path) -> None:
    found = {}
    for path in python_files:
        name = path.relative_to(root).as_posix()
        if name.startswith("tests/"):
            continue
        for function in functions(path.read_text("utf-8")):
            if code_lines(function) > FUNCTION_LINES:
                found[f"{name}:{function.name}"] = code_lines(function)
    assert {name: lines for name, lines in found.items() if name not in LONGER} == {}
    assert set(LONGER) <= set(found), "LONGER lists functions that are short by now or gone"


def test_names_say_something(tracked: list[Path], root: Path) -> None:
    parts = {part for path in tracked for part in (*path.relative_to(root).parts[:-1], path.stem)}
    assert parts & NAMES_THAT_SAY_NOTHING == set()


def test_each_exception_to_a_rule_gives_its_reason(python_files: list[Path], root: Path) -> None:
    found = {
        path.relative_to(root).as_posix(): exceptions_without_reason(path.read_text("utf-8")) for path in python_files
    }
    assert {name: lines for name, lines in found.items() if lines and name != "tests/house/test_style.py"} == {}


def test_each_test_module_says_what_it_proves(python_files: list[Path], root: Path) -> None:
    modules = [path for path in python_files if path.stem.startswith("test_")]
    silent = [path for path in modules if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert [path.relative_to(root).as_posix() for path in silent] == []


def test_the_rules_can_fail() -> None:
    body = "\n".join(f"    x{i} = {i}" for i in range(41))
    (function,) = functions(f'def f():\n    """Long."""\n{body}\n')
    assert code_lines(function) == 41
    bare, reasoned = "x = 1  # type: ignore[attr]\n", "x = 1  # type: ignore[attr]  # stubs lack this name\n"
    assert exceptions_without_reason(bare) == [1]
    assert exceptions_without_reason(reasoned) == []
    assert exceptions_without_reason("try:\n    f()\nexcept Exception:\n    pass\n") == [3]
