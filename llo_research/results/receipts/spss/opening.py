"""The first part of a script in SPSS: read the file, the plan of the sample, the people that the call is about."""

from __future__ import annotations

from collections.abc import Iterable

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.spss.words import command, condition, fresh, known, known_column, name, names, text
from llo_research.results.receipts.stages import listed, stages
from llo_research.results.receipts.told import Told

PLAN = "design.csaplan"


def opening(told: Told, script: Script, path: str) -> None:
    """Reads the file, tells renamings, makes conditions columns and writes the plan."""
    if not path.lower().endswith(".sav"):
        script.note(f"GET FILE reads .sav only: write the file by svy.to_file('data.sav'), not {path!r}.")
    script.part(f"The file is written by svy.to_file({path!r}), which keeps the order of rows and of levels")
    script.add(*command(f"GET FILE={text(path)}", []))
    for column in told.columns:
        if column in told.conditions:
            continue
        if name(column) != column:
            script.note(f"{column!r} is called {name(column)} in SPSS, which does not take the name as it is.")
        if levels := [level for level in told.levels(column) or () if isinstance(level, str)]:
            pairs = ", ".join(f"{i} = {level}" for i, level in enumerate(levels, start=1))
            script.say(f"{name(column)}: {pairs}")
    for column in [own for own in told.columns if told.survey["columns"][own] == "text"]:
        script.add(f"IF ({name(column)} <> '') {known_column(told, column)} = 1.")
    for i, words in enumerate(told.conditions, start=1):
        column = fresh(told, f"condition_{i}")
        script.add(f"COMPUTE {column} = ({condition(told, words)}).")
        script.add(f"VARIABLE LABELS {column} {text(words)}.")
    _plan(told, script)


def column_of(told: Told, variable: str) -> str:
    """The column of a variable of the call, which may be a condition."""
    if variable in told.conditions:
        return fresh(told, f"condition_{told.conditions.index(variable) + 1}")
    return name(variable)


def weight_of(told: Told) -> str:
    """The column of the weights: those after the steps, where there were any; a file of a stack has its own."""
    if told.steps:
        return "final_weight"
    if "stacked" in told.design:
        return "stack_weight"
    return name(str(told.meta.get("weight") or fresh(told, "one")))


def analysed(told: Told, script: Script, variable: str) -> str:
    """The column of a variable that is analysed; of one that makes the plan a copy, since SPSS refuses the column."""
    named = ("strata", "psu", "unit", "fpc")
    roles = [told.meta.get("weight"), *(own for role in named for own in listed(told.design.get(role)))]
    if variable not in roles or told.survey["columns"].get(variable) == "text":
        return column_of(told, variable)
    copy = fresh(told, f"{name(variable)[:50]}_copy")
    script.add(f"COMPUTE {copy} = {name(variable)}.")
    return copy


def _plan(told: Told, script: Script) -> None:
    """CSPLAN ANALYSIS."""
    script.part("The plan of the sample. Complex Samples reads it in each command")
    if not told.meta.get("weight") and not told.steps:
        script.add(f"COMPUTE {fresh(told, 'one')} = 1.")
    if told.halves:
        weight = weight_of(told)
        script.add(f"RECODE {weight} (SYSMIS = 0).")
    units, fpc, strata = stages(told)
    fractions = told.survey.get("fractions") or []
    subcommands = [f"/PLAN FILE={text(PLAN)}", f"/PLANVARS ANALYSISWEIGHT={weight_of(told)}", "/PRINT PLAN"]
    for i in range(max(1, len(units))):
        own = [f"STRATA={names(strata)}"] if strata and i == 0 else []
        own += [f"CLUSTER={name(units[i])}"] if i < len(units) else []
        subcommands.append(" ".join(["/DESIGN", *own]) if own else "/DESIGN STAGELABEL='element sample'")
        if i < len(fpc) and i < len(fractions) and fractions[i]:
            shares = told.survey.get("fpc_fractions") or []
            fraction = "stacked" in told.design or (i < len(shares) and shares[i])
            size = f"/{'INCLPROB' if fraction else 'POPSIZE'} VARIABLE={name(fpc[i])}"
            subcommands += ["/ESTIMATOR TYPE=EQUAL_WOR", size]
        else:
            subcommands.append("/ESTIMATOR TYPE=WR")
            break
    script.add(*command("CSPLAN ANALYSIS", subcommands))


def known_of(told: Told, variable: str) -> str:
    """That a variable of the call is known."""
    if variable in told.conditions:
        return f"NOT MISSING({column_of(told, variable)})"
    return known(told, variable)


def people(told: Told, script: Script, conditions: Iterable[str]) -> str:
    """A column that is 1 for the people the call is about, for whom `conditions` hold; the command keeps all others."""
    column = fresh(told, "people")
    parts = ["in_domain = 1"] if told.by_mask else [condition(told, own) for own in told.people]
    parts += [f"{weight_of(told)} > 0"] if told.halves else []
    parts += dict.fromkeys(conditions)
    script.part("People the call is about; SELECT IF would take the others out of the design as well")
    joined = " AND ".join(f"({part})" for part in parts) or "1"
    script.add(*command(f"COMPUTE {column} = {joined}", []))
    script.add(f"RECODE {column} (1 = 1) (ELSE = 0).")
    return column
