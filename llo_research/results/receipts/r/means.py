"""Means and shares in R: ``svymean``, and ``svyby`` for cells."""

from __future__ import annotations

from collections.abc import Sequence

from llo_research.results.receipts.r import cells, ends
from llo_research.results.receipts.r.words import name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of means and shares, in the order of `rows`."""
    variables, by = told.listed("variables"), told.listed("by")
    own_people = told.call.get("missing") == "available" and len(variables) > 1
    if "likelihood" in told.intervals and told.survey.get("replicates"):
        script.note(
            "Likelihood intervals on replicate weights: svyciprop of survey 4.1 finds none (NaN), and the script "
            "leaves them empty. Estimates and standard errors are the same; xlogit comes nearest."
        )
    if cells.is_linearised(told) or own_people or "likelihood" in told.intervals:
        _linearised(told, script, variables, by, own_people)
    else:
        _by_svyby(told, script, variables, by)


def _linearised(told: Told, script: Script, variables: Sequence[str], by: Sequence[str], own_people: bool) -> None:
    """With linearised variables."""
    made = cells.columns_of(told, variables, all_levels=told.function == "share")
    script.part("The means, each of the people of its cell with a known answer; shares are means of 0 and 1.")
    cells.cell_column(told, script, by, [cells.known(by if own_people else [*variables, *by])])
    cells.numbers(told, script, made)
    script.add(f"at <- rep_len({cells.pasted(by, 'rows$')}, nrow(rows))")
    script.add(f"column <- {cells.columns_vector(cells.columns_by_row(told, made))}")
    cells.mean_columns(told, script, own_people=own_people)
    cells.freedom(told, script, own_people=own_people)
    if ends.COUNTED & {*told.intervals}:
        cells.counts(told, script)
    if "likelihood" in told.intervals:
        _profile(told, script)


def _profile(told: Told, script: Script) -> None:
    """`own_low` and `own_high` from the profile of svyciprop."""
    script.say("likelihood: the profile of svyciprop, at our degrees of freedom")
    script.add(
        "profile <- sapply(seq_along(theta), function(j) {",
        "  own <- design",
        "  own$variables$answer <- values[, j]",
        "  own <- own[people[, j], ]",
        "  if (abs(theta[j] - round(theta[j])) < 1e-12) return(c(NA, NA))",
        f'  attr(svyciprop(~answer, own, method = "likelihood", level = {text(told.level)}, df = df[j]), "ci")',
        "})",
        "own_low <- profile[1, ]",
        "own_high <- profile[2, ]",
    )


def _by_svyby(told: Told, script: Script, variables: Sequence[str], by: Sequence[str]) -> None:
    """By svymean, in cells by svyby."""
    made = cells.columns_of(told, variables, all_levels=told.function == "share")
    script.part("People with a known answer, as a domain; a share is the mean of a column of 0 and 1.")
    cells.as_domain(told, script, made, [*variables, *by])
    if by:
        script.add(
            f"cells <- svyby(~{' + '.join(made)}, ~{' + '.join(map(name, by))}, domain, svymean, covmat = TRUE)",
            f"cell <- match({cells.pasted(by, 'rows$')}, {cells.pasted(by, 'cells$')})",
            f"place <- (match(column, {vector(made)}) - 1) * nrow(cells) + cell",
        )
    else:
        script.add(f"cells <- svymean(~{' + '.join(made)}, domain)")
        script.add(f"place <- rep_len(match(column, {vector(made)}), nrow(rows))")
    script.add("theta <- coef(cells)[place]", "V <- as.matrix(vcov(cells))[place, place, drop = FALSE]")
    _freedom_and_counts(told, script, by)


def _freedom_and_counts(told: Told, script: Script, by: Sequence[str]) -> None:
    """`df` of each cell (R's svyby takes those of the whole design), and `n` where an interval asks for it."""
    people = ["sum(weights(", ', "sampling") != 0)']
    counted = bool(ends.COUNTED & {*told.intervals})
    cells.cell_freedom(script, by)
    if counted and by:
        script.add(f"n <- sapply(unique(key), function(one) {people[0]}domain[own %in% one, ]{people[1]})[key]")
    elif counted:
        script.add(f"n <- rep_len({people[0]}domain{people[1]}, nrow(rows))")
