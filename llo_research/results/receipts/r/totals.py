"""Totals and ratios in R: ``svytotal``, ``svyratio``, in cells by ``svyby``."""

from __future__ import annotations

from collections.abc import Sequence

from llo_research.results.receipts.r import cells
from llo_research.results.receipts.r.words import fresh, name, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def total(told: Told, script: Script) -> None:
    """Totals; of text and categories the number of people in each level."""
    variables, by = told.listed("variables"), told.listed("by")
    made = cells.columns_of(told, variables)
    if told.survey.get("lonely_psu") == "adjust":
        script.note(
            "Totals with lonely_psu='adjust': survey before 4.2 does not centre them, so that its standard errors are "
            "larger there; from 4.2 on they agree."
        )
    if cells.is_linearised(told):
        script.part("The totals, each of the people of its cell with a known answer.")
        cells.cell_column(told, script, by, [cells.known([*variables, *by])])
        cells.numbers(told, script, made)
        script.add(
            f"at <- rep_len({cells.pasted(by, 'rows$')}, nrow(rows))",
            f"column <- {cells.columns_vector(cells.columns_by_row(told, made))}",
            "people <- sapply(at, function(own) cell %in% own)",
            "values <- y[, column, drop = FALSE]",
            "values[!people] <- 0",
        )
        linearised(told, script, "colSums(values * w)", "values")
        cells.freedom(told, script)
        return
    script.part("People with a known answer, as a domain.")
    cells.as_domain(told, script, made, [*variables, *by])
    _in_cells(told, script, f"~{' + '.join(made)}", "", "svytotal", by, list(made))


def ratio(told: Told, script: Script) -> None:
    """Ratios of two totals."""
    top, bottom = str(told.call["numerator"]), str(told.call["denominator"])
    by = told.listed("by")
    if cells.is_linearised(told):
        script.part("The ratios, each of the people of its cell with both numbers.")
        cells.cell_column(told, script, by, [cells.known([top, bottom, *by])])
        script.add(
            f"at <- rep_len({cells.pasted(by, 'rows$')}, nrow(rows))",
            "people <- sapply(at, function(own) cell %in% own)",
            f"above <- ifelse(people, as.numeric(data${name(top)}), 0)",
            f"below <- ifelse(people, as.numeric(data${name(bottom)}), 0)",
        )
        u = 'sweep(above - sweep(below, 2, theta, "*"), 2, colSums(below * w), "/")'
        linearised(told, script, "colSums(above * w) / colSums(below * w)", u)
        cells.freedom(told, script)
        return
    script.part("People with both numbers, as a domain.")
    script.add(f"domain <- subset(domain, {cells.known([top, bottom, *by])})")
    above, below = fresh(told, "above"), fresh(told, "below")
    script.add(f"domain <- update(domain, {above} = as.numeric({name(top)}), {below} = as.numeric({name(bottom)}))")
    script.part("The estimates, in the order of `rows`.")
    _in_cells(told, script, f"~{above}", f"~{below}", "svyratio", by, [above])


def linearised(told: Told, script: Script, estimate: str, u: str) -> None:
    """`theta`, `V` and `u` or `reps` from R's words for the estimate at weights w, and for its linearised variable."""
    if told.survey.get("replicates"):
        script.add(
            f"found <- withReplicates(design, function(w, data) {estimate}, return.replicates = TRUE)",
            "theta <- unname(coef(found))",
            "reps <- matrix(found$replicates, ncol = length(theta))",
            "V <- as.matrix(vcov(found))",
        )
        return
    script.say("linearised variables u: the variance is that of the total of u, on the whole design")
    script.add(
        *cells.weights(told),
        f"theta <- unname({estimate})",
        f"u <- {u}{cells.own_weight(told)}",
        "V <- as.matrix(vcov(svytotal(u, design)))",
    )


def _in_cells(
    told: Told, script: Script, what: str, below: str, function: str, by: Sequence[str], made: list[str]
) -> None:
    """By the function itself, or by svyby."""
    if by:
        beside = f"denominator = {below}, " if below else ""
        script.add(
            f"cells <- svyby({what}, ~{' + '.join(map(name, by))}, domain, {function}, {beside}covmat = TRUE)",
            f"cell <- match({cells.pasted(by, 'rows$')}, {cells.pasted(by, 'cells$')})",
        )
    else:
        script.add(f"cells <- {function}({', '.join(part for part in (what, below) if part)}, domain)")
    if len(made) > 1:
        where = f"match(column, {vector(made)})"
        place = f"({where} - 1) * nrow(cells) + cell" if by else f"rep_len({where}, nrow(rows))"
    else:
        place = "cell" if by else "1"
    script.add(f"place <- {place}")
    script.add("theta <- unname(coef(cells))[place]", "V <- as.matrix(vcov(cells))[place, place, drop = FALSE]")
    cells.cell_freedom(script, by)
