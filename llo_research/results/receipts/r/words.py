"""Names, values and conditions as R writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from llo_research.results.receipts.dialect import Dialect, translated
from llo_research.results.receipts.script import WIDTH
from llo_research.results.receipts.told import Told

_PLAIN = re.compile(r"(?:[A-Za-z]|\.(?![0-9]))[A-Za-z0-9._]*")
_RESERVED = (
    "if else repeat while function for next break TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_ NA_character_ in"
)


def name(column: str) -> str:
    """A column, in backticks where R needs them."""
    if _PLAIN.fullmatch(column) and column not in _RESERVED.split():
        return column
    return "`" + column.replace("\\", "\\\\").replace("`", "\\`") + "`"


def text(value: Any) -> str:
    """A value as R reads it: text in quotes, numbers with all digits, true and false."""
    if value is None:
        return "NA"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value).replace("inf", "Inf").replace("nan", "NaN")
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def vector(values: Iterable[Any]) -> str:
    """``c(...)`` of values; one value stands alone."""
    told = [text(value) for value in values]
    return told[0] if len(told) == 1 else f"c({', '.join(told)})"


def level(value: Any) -> str:
    """A level of a category as a file holds it: text; whole numbers without a point, truth in capitals."""
    if isinstance(value, bool):
        return text(str(value).upper())
    if isinstance(value, int | float) and float(value).is_integer():
        value = int(value)
    return text(str(value))


def compared(told: Told, column: str, values: Sequence[Any]) -> tuple[str, str]:
    """A column and values (in ``c(...)``) that can be laid beside each other, of its kind."""
    if told.is_category(column):
        return f"as.character({name(column)})", f"c({', '.join(map(level, values))})"
    return name(column), f"c({', '.join(map(text, values))})"


def listed(first: str, items: Sequence[str], last: str = ")") -> list[str]:
    """``first item, item, ... last`` in lines that are not too long."""
    lines, row = [], first
    for number, item in enumerate(items):
        piece = item + ("," if number < len(items) - 1 else last)
        if len(row) + len(piece) + 1 > WIDTH and row.strip():
            lines.append(row)
            row = " "
        row += piece if row.endswith("(") else f" {piece}"
    return [*lines, row]


def fresh(told: Told, wanted: str) -> str:
    """A name for something of the script's own, which is no column."""
    while wanted in (told.survey.get("columns") or {}):
        wanted += "_"
    return wanted


def formula(columns: Iterable[str], sign: str = " + ") -> str:
    """A formula of columns on its right side."""
    return "~" + sign.join(name(column) for column in columns)


def condition(told: Told, words: str) -> str:
    """A condition of ours in R; unknown stays unknown."""
    return translated(words, _dialect(told))


def _dialect(told: Told) -> Dialect:
    """R's words; a level may be named by its label."""

    def literal(value: Any, column: str | None) -> str:
        stored = value if column is None else told.stored(column, value)
        return level(stored) if column is not None and told.levels(column) is not None else text(stored)

    return Dialect(
        name=name,
        literal=literal,
        both=" & ",
        either=" | ",
        negated="!",
        member=lambda column, values: "(" + " | ".join(f"{column} == {value}" for value in values) + ")",
        missing=lambda column: f"is.na({column})",
        signs={},
        remainder=lambda left, right: f"({left} %% {right})",
        divisor=lambda below: f"ifelse({below} == 0, NA, {below})",
    )


# where a line of R may be broken: after a comma or an operator, outside quotes
_PIECE = re.compile(r'(?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`])*?(?:, | & | \| | \+ | %in% | \\* | / |<- |$)')


def broken(line: str) -> list[str]:
    """A line of R as lines that are not too wide."""
    indent = " " * (len(line) - len(line.lstrip()))
    if len(line) <= WIDTH or line.lstrip().startswith("#"):
        return [line]
    out, room = [""], WIDTH
    for piece in _PIECE.findall(line):
        if out[-1].strip() and len(out[-1]) + len(piece.rstrip()) > room:
            out.append(indent + "  ")
        out[-1] += piece
    return [row.rstrip() for row in out]
