"""Means and shares in R: ``svymean``, and ``svyby`` for cells."""

from __future__ import annotations

from typing import Any

from llo_research.results.receipts.r.rows import cell_degrees
from llo_research.results.receipts.r.words import name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of means and shares, in the order of `rows`."""
    by, variables = told.listed("by"), told.listed("variables")
    script.part("People with a known answer, as a domain; a share is the mean of a column of 0 and 1.")
    known = " & ".join(f"!is.na({name(column)})" for column in [*variables, *by])
    script.add(f"domain <- subset(domain, {known})")
    made = indicators(told, variables)
    for column, (variable, level) in made.items():
        value = name(variable) if level is None else f"{name(variable)} == {text(str(level))}"
        script.add(f"domain <- update(domain, {column} = as.numeric({value}))")
    wanted = [next(c for c, key in made.items() if key == own) for own in _wanted(told)]
    script.part("The estimates, in the order of `rows`.")
    script.add(f"column <- {vector(wanted)}")
    if by:
        keys = ", ".join(f"as.character({{}}${name(column)})" for column in by)
        script.add(
            f"cells <- svyby(~{' + '.join(made)}, ~{' + '.join(map(name, by))}, domain, svymean, covmat = TRUE)",
            f"cell <- match(paste({keys.format(*['rows'] * len(by))}), paste({keys.format(*['cells'] * len(by))}))",
            f"place <- (match(column, {vector(made)}) - 1) * nrow(cells) + cell",
        )
    else:
        script.add(
            f"cells <- svymean(~{' + '.join(made)}, domain)",
            f"place <- rep_len(match(column, {vector(made)}), nrow(rows))",
        )
    script.add("theta <- coef(cells)[place]", "V <- as.matrix(vcov(cells))[place, place, drop = FALSE]")
    cell_degrees(script, by)


def indicators(told: Told, variables: list[str]) -> dict[str, tuple[str, Any]]:
    """Column of the script -> variable and level: ``y1`` is the first."""
    keys: list[tuple[str, Any]] = []
    for variable in variables:
        levels = told.levels(variable)
        if levels is None and told.is_category(variable):  # plain text: the levels that the result has
            levels = [level for own, level in _wanted(told) if own == variable]
        keys += [(variable, level) for level in dict.fromkeys(levels)] if levels is not None else [(variable, None)]
    return {f"y{i}": key for i, key in enumerate(keys, start=1)}


def _wanted(told: Told) -> list[tuple[str, Any]]:
    """(k) variable and level of each row."""
    rows = told.rows
    levels = rows["level"].tolist() if "level" in rows else [None] * len(rows)
    levels = [None if level is None or level != level else level for level in levels]
    return list(zip(rows["variable"].astype(str).tolist(), levels, strict=True))
