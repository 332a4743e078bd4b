"""The first lines of every script: the call, the data, what to expect."""

from __future__ import annotations

from typing import Any

from llo_research.results.receipts.call_text import call_text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told
from llo_research.results.rules import guarded_kinds


def call_in_words(call: dict[str, Any]) -> str:
    """The call as it was typed, but for defaults that say nothing."""
    told = [f"{key}={value!r}" for key, value in call.items() if key != "function" and value not in (None, [], False)]
    return f"{call.get('function', 'result')}({', '.join(told)})"


def first_lines(told: Told, script: Script, program: str) -> None:
    """What the script gives, of which call and version."""
    typed = call_text(told.meta, told.level, told.simultaneous, [draw.meta for draw in told.draws])
    whole = told.around.replace("{}", typed or call_in_words(dict(told.call)), 1)
    script.note(f"The same numbers in {program}: llo_research {told.meta.get('version')}, {whole}")
    if told.meta.get("collapsed"):
        script.note("Made of collapsed rows; the file that is read is that of the rows they stand for.")
    if told.meta.get("synthetic"):
        script.note("SYNTHETIC DATA: shows method, not the population.")
    if guarded_kinds(told.meta.get("source")):
        script.note(
            "Made from restricted data: this script names levels, conditions and totals of it, and disclosure control "
            "has not passed it. It may leave the place of the data only as they may."
        )
