"""The code of a chapter that one of its cells needs, and no more: what a reader runs to get the same figure."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from llo_research.monitor.notebooks.withheld import made_and_used

# Calls that keep something under a name, which later calls give as text.
_KEPT_BY_NAME = ("indicator", "group")
_CHANGING = ("append", "extend", "insert", "add", "update", "setdefault", "pop")


def code_of(notebook: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    """The statements of a notebook up to a cell that make what this cell shows, in their order.

    Run by itself, in an empty Python, it gives what the cell gave. Indicators and groups that are registered under a
    name count as made where that name stands as text.

    Parameters
    ----------
    notebook : mapping
        As JSON.
    cell : mapping
        One of its code cells.
    """
    cells = [one for one in notebook["cells"] if one["cell_type"] == "code"]
    place = next((number for number, one in enumerate(cells) if one is cell), len(cells))
    before = [part for one in cells[:place] for part in _statements("".join(one["source"]))]
    own = _statements("".join(cell["source"]))
    inside = _functions([part for part, _ in (*before, *own)])
    kept: list[str] = []
    needed: set[str] = set()
    for part, text in reversed((*before, *own)):
        makes, uses, changes = _names(part)
        shown = isinstance(part, ast.Expr) and any(part is one for one, _ in own)
        if not (shown or makes & needed or changes & needed):
            continue
        kept.append(text)
        needed = (needed - makes) | uses
        while more := set().union(*(inside.get(name, set()) for name in needed)) - needed:
            needed |= more
    return "\n".join(reversed(kept))


def _statements(source: str) -> list[tuple[ast.stmt, str]]:
    """The statements of a cell, each with its text; functions with space around them."""
    lines, found = source.splitlines(), []
    for part in ast.parse(source).body:
        first = min([part.lineno, *(one.lineno for one in getattr(part, "decorator_list", []))])
        text = "\n".join(lines[first - 1 : part.end_lineno])
        found.append((part, f"\n{text}\n" if isinstance(part, ast.FunctionDef | ast.ClassDef) else text))
    return found


def _names(part: ast.stmt) -> tuple[set[str], set[str], set[str]]:
    """The names that a statement makes, those that it uses, and those that it changes: parts of a list, a mapping."""
    makes, uses = made_and_used(part)
    texts = {f"'{one.value}'" for one in ast.walk(part) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    kept = {f"'{name}'" for name in _kept_by_name(ast.walk(part))}
    targets: list[ast.expr] = [*part.targets] if isinstance(part, ast.Assign) else []
    call = part.value.func if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call) else None
    if isinstance(call, ast.Attribute) and call.attr in _CHANGING:
        targets.append(call)
    changes = {_base(one) for one in targets if isinstance(one, ast.Subscript | ast.Attribute)}
    if isinstance(part, ast.Import | ast.ImportFrom):
        makes = {(one.asname or one.name).partition(".")[0] for one in part.names}
    if isinstance(part, ast.AugAssign):  # what it was goes into what it becomes
        uses = uses | makes
    return makes | kept, (uses | texts) - kept, changes


def _kept_by_name(parts: Iterable[ast.AST]) -> list[str]:
    """The names under which a statement registers an indicator or a group."""
    calls = [one for one in parts if isinstance(one, ast.Call) and one.args and isinstance(one.func, ast.Attribute)]
    return [
        str(one.args[0].value)
        for one in calls
        if ast.unparse(one.func) in {f"llo.monitor.{word}" for word in _KEPT_BY_NAME}
        and isinstance(one.args[0], ast.Constant)
    ]


def _base(part: ast.expr) -> str:
    """The name before the dots and brackets."""
    while isinstance(part, ast.Subscript | ast.Attribute):
        part = part.value
    return part.id if isinstance(part, ast.Name) else ""


def _functions(parts: Iterable[ast.stmt]) -> dict[str, set[str]]:
    """What each function of the notebook uses: it is looked up when the function is called."""
    return {part.name: made_and_used(part)[1] for part in parts if isinstance(part, ast.FunctionDef)}
