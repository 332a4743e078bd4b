"""The first part of a script in R: read the file, declare levels, the design, its weighting steps, the domain."""

from __future__ import annotations

from llo_research.results.receipts.r import designs, steps
from llo_research.results.receipts.r.words import condition, level, listed, name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def opening(told: Told, script: Script, path: str) -> None:
    """`data`, `design` (whole, after all weighting steps), `domain` (of the people the call is about), `sampled`.

    `sampled` is the design that counts degrees of freedom: sampling units minus strata, or what replicates allow.
    """
    script.need("survey")
    _reading(told, script, path)
    conditions(told, script)
    designs.write(told, script)
    steps.write(told, script)
    designs.counted(told, script)
    people(told, script)


def inside(told: Told) -> str:
    """The condition of the domain in R, on columns of `data`; ``TRUE`` where there is none."""
    words = [str(note["condition"]) for note in told.meta.get("domain") or () if "condition" in note]
    parts = ["in_domain == 1"] if told.by_mask else [condition(told, own) for own in words]
    if told.halves:
        parts.append(f"{name(designs.weight_of(told))} > 0")
    if not parts:
        return "TRUE"
    return f"({parts[0] if len(parts) == 1 else ' & '.join(f'({part})' for part in parts)}) %in% TRUE"


def _reading(told: Told, script: Script, path: str) -> None:
    """`data`: the file, with levels in their order."""
    script.part(f"The file is written by svy.to_file({path!r}), which keeps the order of rows and of levels.")
    lower = path.lower()
    if lower.endswith((".dta", ".sav")):
        script.need("haven")
        read = "read_dta" if lower.endswith(".dta") else "read_sav"
        script.add(f"data <- as.data.frame(as_factor({read}({text(path)})))")
    else:
        kept = [column for column in told.columns if told.is_category(column)]
        script.add(f'data <- read.csv({text(path)}, na.strings = "", check.names = FALSE, encoding = "UTF-8"')
        if kept:
            script.lines[-1] += ","
            classes = [f'{name(column)} = "character"' for column in kept]
            script.add(*listed("  colClasses = c(", classes, "))"))
        else:
            script.lines[-1] += ")"
    for column in told.columns:
        if levels := told.levels(column):
            ordered = ", ordered = TRUE" if told.survey["columns"][column].get("ordered") else ""
            script.add(
                *listed(
                    f"data${name(column)} <- factor(data${name(column)}, levels = c(",
                    [level(own) for own in levels],
                    f"){ordered})",
                )
            )


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
