"""Names, values and conditions as SPSS writes them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from llo_research.program_names import legal
from llo_research.results.receipts.dialect import Dialect, translated
from llo_research.results.receipts.script import WIDTH
from llo_research.results.receipts.told import Told

_SIGNS = {"==": "=", "!=": "<>"}


def name(column: str) -> str:
    """A column as the file for SPSS calls it."""
    return legal(column, "spss")


def names(columns: Iterable[str], sign: str = " ") -> str:
    """Columns one after the other."""
    return sign.join(name(column) for column in columns)


def text(value: Any) -> str:
    """A value: numbers with all digits, text in single quotes."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def code(told: Told, column: str, value: Any) -> str:
    """A level as the file holds it: its number among the declared levels, where these are text."""
    levels, stored = told.levels(column), told.stored(column, value)
    if levels is not None and stored in levels and any(isinstance(level, str) for level in levels):
        return str(levels.index(stored) + 1)
    return text(stored)


def condition(told: Told, words: str) -> str:
    """A condition of ours: 1, 0, or missing where it is unknown, by the same three-valued logic.

    An empty text is a text for SPSS: what is compared with one is taken times a column that is missing there.
    """
    kinds = told.survey.get("columns") or {}

    def literal(value: Any, column: str | None) -> str:
        if column is not None and kinds.get(column) == "date":
            return moment(str(value))
        return text(value) if column is None else code(told, column, value)

    def link(words: str, columns: list[str]) -> str:
        known = "".join(f" * {known_column(told, own)}" for own in dict.fromkeys(columns) if kinds.get(own) == "text")
        return f"(({words}){known} = 1)" if known else words

    texts = {name(own) for own, kind in kinds.items() if kind == "text"}
    return translated(
        words,
        Dialect(
            name=name,
            literal=literal,
            both=" AND ",
            either=" OR ",
            negated="NOT ",
            member=lambda column, values: f"ANY({column}, {', '.join(values)})",
            missing=lambda column: f"{column} = ''" if column in texts else f"MISSING({column})",
            signs=_SIGNS,
            remainder=lambda left, right: f"MOD({left}, {right})",
            link=link,
        ),
    )


def moment(value: str) -> str:
    """A day, or a moment, as SPSS counts them."""
    at = datetime.datetime.fromisoformat(value)
    clock = f" + TIME.HMS({at.hour}, {at.minute}, {at.second})" if at.time() != datetime.time() else ""
    return f"DATE.MDY({at.month}, {at.day}, {at.year}){clock}"


def known_column(told: Told, column: str) -> str:
    """A column of the script's own: 1 where a text is known, else missing."""
    return fresh(told, legal(f"{column}_known", "spss"))


def known(told: Told, column: str) -> str:
    """That a column of the file is known."""
    kinds = told.survey.get("columns") or {}
    return f"{name(column)} <> ''" if kinds.get(column) == "text" else f"NOT MISSING({name(column)})"


def fresh(told: Told, wanted: str) -> str:
    """A name of the script's own that no column of the file has, whatever its case."""
    taken = {name(column).lower() for column in told.survey.get("columns") or {}}
    while wanted.lower() in taken:
        wanted += "_"
    return wanted


def command(first: str, subcommands: Sequence[str]) -> list[str]:
    """A command: its subcommands each on a line, lines broken at blanks, a full stop at the end."""
    rows = [first, *(f"  {words}" for words in subcommands)]
    broken = [part for row in rows for part in _broken(row)]
    return [*broken[:-1], broken[-1] + "."]


def _broken(row: str) -> list[str]:
    """A line in pieces that are not too long, broken at blanks outside quotes."""
    out: list[str] = []
    while len(row) > WIDTH:
        places = [i for i, sign in enumerate(row) if sign == " " and row[:i].count("'") % 2 == 0 and i > 6]
        inside = [i for i in places if i <= WIDTH]
        if not places:
            break
        at = inside[-1] if inside else places[0]
        if not row[:at].strip() or not row[at:].strip():
            break
        out.append(row[:at])
        row = "    " + row[at:].strip()
    return [*out, row]
