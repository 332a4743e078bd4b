"""Table books in R: each cell, and its difference from everybody else whose group is known."""

from __future__ import annotations

from dataclasses import replace

from llo_research.results.receipts.r import cells, ends
from llo_research.results.receipts.r.opening import inside
from llo_research.results.receipts.r.words import text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def write(told: Told, script: Script) -> None:
    """`theta`, `V`, `df` of the cells; `difference` and what comes with it."""
    variables = told.listed("variables")
    rows = told.rows.drop(columns="level").rename(columns={"answer": "level"})
    as_means = replace(told, rows=rows)
    made = cells.columns_of(as_means, variables)
    script.part("The cells, and everybody else whose group is known; each indicator has its own people.")
    cells.numbers(told, script, made)
    script.add(
        f"column <- {vector(cells.columns_by_row(as_means, made))}",
        f"there <- rep(TRUE, nrow(data)) & with(data, {inside(told)})",
        "group <- sapply(data[rows$group], as.character)",
        "known <- there & !is.na(group) & !is.na(y[, column])",
        'own <- known & sweep(group, 2, as.character(rows$level), "==") %in% TRUE',
        "people <- cbind(own, known & !own)",
        "values <- y[, c(column, column)]",
        "values[!people] <- 0",
    )
    cells.linearised(told, script)
    _differences(told, script)
    leaves = "reps" if told.survey.get("replicates") else "u"
    script.add(
        "k <- nrow(rows)",
        "df <- unname(apply(own, 2, function(one) degf(sampled[one, ])))",
        f"{leaves} <- {leaves}[, 1:k, drop = FALSE]",
        "people <- own",
        "means <- theta",
        "theta <- theta[1:k]",
        "V <- V[1:k, 1:k, drop = FALSE]",
    )
    if ends.COUNTED & {*told.intervals}:
        cells.counts(told, script)


def _differences(told: Told, script: Script) -> None:
    """`difference`, its ends and p-value, and Cohen's h or d."""
    shares = [kind == "share" for kind in told.kinds]
    script.say("differences from the rest, with the degrees of freedom of both together")
    script.add(
        "first <- seq_len(nrow(rows))",
        "rest <- first + nrow(rows)",
        "difference <- theta[first] - theta[rest]",
        "error <- sqrt(diag(V)[first] + diag(V)[rest] - 2 * V[cbind(first, rest)])",
        "together <- unname(apply(known, 2, function(one) degf(sampled[one, ])))",
        f"beyond <- qt({text((1 + told.level) / 2)}, together) * error",
        "p_value <- 2 * pt(abs(difference / error), together, lower.tail = FALSE)",
    )
    script.say("effect: Cohen's h of shares, d of other means (pooled standard deviation)")
    script.add(
        'w <- weights(design, "sampling")',
        "spread <- crossprod(values^2, w) / crossprod(people, w) - theta^2",
        "n <- colSums(people & w != 0)",
        "pooled <- (spread * n)[first] + (spread * n)[rest]",
        "pooled <- pooled / (n[first] + n[rest] - 2)",
        "h <- 2 * asin(sqrt(pmin(pmax(theta, 0), 1)))",
        f"effect <- ifelse({vector(shares) if len(set(shares)) > 1 else text(shares[0])}, "
        "h[first] - h[rest], difference / sqrt(pooled))",
    )
    if told.linearised:  # others are made of it: its own columns are not theirs
        return
    script.after += [
        "answer <- cbind(answer, difference = difference, difference_low = difference - beyond,",
        '  difference_high = difference + beyond, p_value = p_value, p_adjusted = p.adjust(p_value, "holm"),',
        "  effect = effect)",
        "print(answer, digits = 8, row.names = FALSE)",
    ]
