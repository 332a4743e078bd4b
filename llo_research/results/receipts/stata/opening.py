"""The first part of a do-file: read the file, the design, the weights, the domain; the programs that print rows."""

from __future__ import annotations

from collections.abc import Sequence

from llo_research.errors import DataError
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata import designs
from llo_research.results.receipts.stata.conditions import indicator, true
from llo_research.results.receipts.stata.words import fresh, missing, name
from llo_research.results.receipts.told import Told


def opening(told: Told, script: Script, path: str) -> None:
    """The file in memory, renamings told, variables for conditions, ``svyset``."""
    if not path.lower().endswith(".dta") and "." in path.replace("\\", "/").rsplit("/", 1)[-1]:
        raise DataError(
            "Stata reads .dta: levels are numbers there, as this script has them.",
            where="path",
            found=repr(path),
            expected="a name that ends in .dta",
            todo="svy.to_file('data.dta'), and to_stata('data.dta')",
        )
    script.part(f"The file is written by svy.to_file({path!r}); levels that are text are 1, 2, ... in declared order.")
    script.add("version 16", "clear all", "set more off", f"use {_escaped(path)}, clear")
    renamed = [column for column in told.columns if name(column) != column and column not in told.conditions]
    for column in renamed:
        script.say(f"{name(column)} is {column!r}: Stata does not take that name")
    coded(told, script)
    conditions(told, script)
    designs.write(told, script)


def _escaped(path: str) -> str:
    """A path in quotes as Stata takes it on every system: slashes forward, and no macros in it."""
    plain = path.replace("\\", "/").replace("`", "\\`").replace("$", "\\$")
    return f'`"{plain}"\'' if '"' in plain else f'"{plain}"'


def coded(told: Told, script: Script) -> None:
    """Which numbers the levels of the columns that the call names have."""
    for column in told.columns:
        levels = told.levels(column)
        if levels and len(levels) <= 12 and any(isinstance(level, str) for level in levels):
            told_levels = ", ".join(f"{i} {level}" for i, level in enumerate(levels, start=1))
            script.say(f"{name(column)}: {told_levels}")


def conditions(told: Told, script: Script, but: Sequence[str] = ()) -> None:
    """Columns for variables of the call that are conditions: 1, 0, or missing where the condition is unknown.

    but : those that have a column.
    """
    for words in (own for own in told.conditions if own not in but):
        script.say(f"{name(words)} is the condition {words!r}")
        script.add(
            *(
                f"capture {line}" if line.startswith("generate") else line
                for line in indicator(told, words, name(words))
            )
        )


def inside(told: Told) -> list[str]:
    """Conditions on the rows of the people that the call is about, as ``subpop()`` takes them."""
    own = ["in_domain == 1"] if told.by_mask else [true(told, one) for one in told.people]
    weight = designs.weight_of(told)
    return [*own, *([f"{name(weight)} > 0"] if told.halves and weight else [])]


def domain(
    told: Told, script: Script, known: Sequence[str], also: Sequence[str] = (), place: int = 0, *, fill: bool = True
) -> str:
    """A column `domain` of 1 and 0: people of the call with a value in all columns that it names. Gives its name.

    place : the number of one of several domains. fill : whether missing values are filled here.
    """
    made = fresh(told, f"domain_{place}" if place else "domain")
    script.part("The people that the call is about, with a known value; the design behind them stays whole.")
    if told.by_mask:
        script.say("in_domain: the rows of a domain that was given by row numbers, a column of the file")
    known = list(dict.fromkeys(known))
    words = [*(f"({one})" for one in inside(told)), *also, *([f"!{missing(known)}"] if known else [])]
    script.add(f"generate byte {made} = {' & '.join(words) if words else '1'}")
    if fill:
        filled(script, known)
    return made


def filled(script: Script, known: Sequence[str]) -> None:
    """Values in the place of missing ones, so that their rows stay in the design."""
    if known:
        script.say(
            "rows with a missing value stay in the design, outside the domain; any value keeps Stata from dropping"
        )
        script.add(
            f"foreach v of varlist {' '.join(dict.fromkeys(known))} {{",
            "    capture summarize `v', meanonly",
            "    capture replace `v' = r(min) if missing(`v')",
            "}",
        )
