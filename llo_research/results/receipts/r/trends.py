"""Lines through the means of waves in R: least squares on the means, with their covariance."""

from __future__ import annotations

from llo_research.results.receipts.r import cells, comparisons
from llo_research.results.receipts.r.words import name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def write(told: Told, script: Script) -> None:
    """Slopes, and steps at breaks."""
    variables, by, time = told.listed("variable"), told.listed("by"), str(told.call["time"])
    own_people = told.call.get("missing") == "available" and len(variables) > 1
    made = cells.columns_of(told, variables)
    script.part("The waves of each cell, of people with a known answer.")
    cells.cell_column(told, script, [*by, time], [cells.known([*([] if own_people else variables), *by, time])])
    cells.numbers(told, script, made)
    script.add(
        f"column <- {cells.columns_vector(cells.columns_by_row(told, made))}",
        f"waves <- {vector(told.meta['times'])}",
    )
    key = cells.pasted(by, "rows$") if by else None
    at = (
        f'outer({key}, waves, paste, sep = ":")'
        if key
        else "matrix(as.character(waves), nrow(rows), length(waves), byrow = TRUE)"
    )
    script.add(f"at <- {at}")
    answered = "cell[!is.na(y[, column[i]])]" if own_people else "cell"
    script.add(f"there <- t(sapply(seq_len(nrow(rows)), function(i) at[i, ] %in% {answered}))")
    comparisons.means_in_use(told, script, own_people=own_people)
    _lines(told, script)
    comparisons.finish(told, script, "difference")
    if any(told.empty):
        script.add("none <- rowSums(J != 0) == 0", "theta[none] <- NA", "V[none, ] <- V[, none] <- NA")


def _lines(told: Told, script: Script) -> None:
    """`J` and `rests`: the weights of least squares of each term."""
    steps = list(dict.fromkeys(term for term in told.rows["term"].astype(str) if term.startswith("step ")))
    script.part("Each term of a line is a combination of the means with the weights of least squares.")
    script.add("lines <- cbind(1, slope = waves - mean(waves))")
    for term in steps:
        script.add(f"lines <- cbind(lines, {name(term)} = as.numeric(waves >= {_number(term)}))")
    script.add(
        "m <- theta",
        "J <- rests <- matrix(0, nrow(rows), length(m))",
        "for (i in seq_len(nrow(rows))) {",
        "  rests[i, use[i, there[i, ]]] <- 1",
    )
    if steps:
        key = cells.pasted([*told.listed("by"), "measure"], "rows$")
        script.lines[-2:-2] = [f"model <- paste({key}, column)"]
        script.add(
            '  terms <- c("", rows$term[model == model[i]])',
            "  x <- lines[there[i, ], colnames(lines) %in% terms, drop = FALSE]",
        )
    else:
        script.add("  x <- lines[there[i, ], , drop = FALSE]")
    if any(told.empty):
        script.add("  if (qr(x)$rank < ncol(x)) next  # too few waves")
    script.add(
        "  J[i, use[i, there[i, ]]] <- solve(crossprod(x), t(x))[match(rows$term[i], colnames(x)), ]",
        "}",
    )


def _number(term: str) -> str:
    """The time of a step."""
    return text(float(term.removeprefix("step ")))
