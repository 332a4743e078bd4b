"""Names and values as Stata writes them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from typing import Any

from llo_research.program_names import legal
from llo_research.results.receipts.script import WIDTH
from llo_research.results.receipts.told import Told

ARITHMETIC: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
# signs of a text that Stata would read as the end of it, or as the name of a macro
_UNSAFE = re.compile(r"[\"'`$\\\n\r\t]")
_PIECE = re.compile(r'(?:"[^"]*"|[^"])*?(?:, | & | \| | \+ | - | \|\| | (?=[(\w])|$)')


def name(column: str) -> str:
    """A column as the file for Stata calls it."""
    return legal(column, "stata")


def names(columns: Iterable[str]) -> str:
    """Columns one after the other."""
    return " ".join(name(column) for column in columns)


def text(value: Any) -> str:
    """A value: numbers with all digits, text in quotes, its signs that mean something to Stata by their numbers."""
    if value is None:
        return "."
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return _number(value)
    parts: list[str] = []
    rest = str(value)
    while found := _UNSAFE.search(rest):
        parts += [f'"{rest[: found.start()]}"'] if found.start() else []
        parts.append(f"char({ord(found[0])})")
        rest = rest[found.end() :]
    parts += [f'"{rest}"'] if rest or not parts else []
    return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"


def _number(value: float) -> str:
    """A number; whole ones without a point."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))


def shown(label: str) -> str:
    """A label as it is printed: without the signs that end a text."""
    return _UNSAFE.sub(" ", label).replace("  ", " ").strip()


def is_coded(told: Told, column: str) -> bool:
    """Whether the file has the numbers of levels instead of the levels, which are text."""
    levels = told.levels(column)
    return levels is not None and not all(isinstance(level, int | float) for level in levels)


def code(told: Told, column: str, value: Any) -> str:
    """A level as the file holds it: its number among the declared levels, where these are text."""
    levels = told.levels(column)
    stored = told.stored(column, value)
    if levels is not None and is_coded(told, column) and stored in levels:
        return str(levels.index(stored) + 1)
    return text(stored)


def fresh(told: Told, wanted: str) -> str:
    """A name for something of the script's own, which is no column of the file."""
    taken = {name(column) for column in told.survey.get("columns") or {}}
    while wanted in taken:
        wanted += "_"
    return wanted


def missing(columns: Sequence[str]) -> str:
    """The condition that some of these is missing."""
    return f"missing({', '.join(columns)})"


def broken(line: str) -> list[str]:
    """A command as lines that are not too wide, each but the last ending in ``///``."""
    if len(line) <= WIDTH or line.lstrip().startswith("*"):
        return [line]
    if line.endswith(" ///"):
        return [f"{row.removesuffix(' ///')} ///" for row in broken(line.removesuffix(" ///"))]
    body, _, comment = line.partition("  // ")
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    if comment:
        return [f"{indent[4:]}* {comment}", *broken(body)]
    out = [""]
    for piece in _PIECE.findall(line):
        if out[-1].strip() and len(out[-1]) + len(piece.rstrip()) > WIDTH - 4:
            out.append(indent)
        out[-1] += piece.lstrip() if out[-1] == indent else piece
    out = [row.rstrip() for row in out if row.strip()]
    return [*(f"{row} ///" for row in out[:-1]), out[-1]]
