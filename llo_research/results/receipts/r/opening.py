"""The first part of a script in R: read the file, declare levels, the design, its weighting steps, the domain."""

from __future__ import annotations

from llo_research.results.receipts.r import designs, reading, steps
from llo_research.results.receipts.r.words import condition, name
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def opening(told: Told, script: Script, path: str) -> None:
    """`data`, `design` (whole, after all weighting steps), `domain` (of the people the call is about), `sampled`.

    `sampled` is the design that counts degrees of freedom: sampling units minus strata, or what replicates allow.
    """
    script.need("survey")
    script.add("options(scipen = 100)  # 100000 as text is no 1e+05")
    reading.read(told, script, path)
    conditions(told, script)
    designs.write(told, script)
    steps.write(told, script)
    designs.counted(told, script)
    people(told, script)


def inside(told: Told) -> str:
    """The condition of the domain in R, on columns of `data`; ``TRUE`` where there is none."""
    parts = ["in_domain == 1"] if told.by_mask else [condition(told, words) for words in told.people]
    weight = designs.weight_of(told)
    if told.halves and weight:
        parts.append(f"{name(weight)} > 0")
    if not parts:
        return "TRUE"
    return f"({parts[0] if len(parts) == 1 else ' & '.join(f'({part})' for part in parts)}) %in% TRUE"


def conditions(told: Told, script: Script) -> None:
    """Columns for variables of the call that are conditions."""
    for words in told.conditions:
        script.add(f"data${name(words)} <- with(data, {condition(told, words)})")


def people(told: Told, script: Script) -> None:
    """`domain`: the design of the people that the call is about; the whole design stays behind it."""
    script.part("The people that the call is about; the design behind them stays whole.")
    if told.by_mask:
        script.say("in_domain: the rows of a domain that was given by row numbers, a column of the file")
    words = inside(told)
    script.add("domain <- design" if words == "TRUE" else f"domain <- subset(design, {words})")
