"""Which functions of the library stand behind what a cell shows: its own, and those of every name that it uses."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

LIBRARY = "llo"


def functions_behind(sources: Iterable[str]) -> list[list[str]]:
    """The functions of the library behind each code cell.

    Parameters
    ----------
    sources : iterable of str
        Source of the code cells of a notebook, in their order.

    Returns
    -------
    list of list of str
        For each cell the names (``llo.mean``), sorted: those that it calls, and those with which the names were made
        that it uses.
    """
    made: dict[str, set[str]] = {}
    result = []
    for source in sources:
        behind: set[str] = set()
        for statement in ast.parse(source).body:
            used = _used(statement, made)
            behind |= used
            for name in _names(statement):
                made[name] = used | (made.get(name, set()) if not isinstance(statement, ast.Assign) else set())
        result.append(sorted(behind))
    return result


def _used(statement: ast.stmt, made: dict[str, set[str]]) -> set[str]:
    """Functions of the library that a statement names, itself or through the names that it uses."""
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute):
            name = _dotted(node)
            if name.startswith(f"{LIBRARY}.") and not _is_inside(node, statement):
                found.add(name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found |= made.get(node.id, set())
    return found


def _dotted(node: ast.AST) -> str:
    """``llo.monitor.figure``, or nothing where it does not begin with a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = _dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def _is_inside(node: ast.Attribute, statement: ast.stmt) -> bool:
    """Whether a longer name holds it: ``llo.monitor`` inside ``llo.monitor.figure``."""
    return any(isinstance(other, ast.Attribute) and other.value is node for other in ast.walk(statement))


def _names(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement makes or changes."""
    if isinstance(statement, ast.FunctionDef):
        yield statement.name
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield _dotted(node.value)
