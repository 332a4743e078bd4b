"""Age, period and cohort in R: least squares on lines and deviations, and what every constraint has in common."""

from __future__ import annotations

import pandas as pd

from llo_research.results.receipts.r import linearised, panel_rows
from llo_research.results.receipts.r.model_rows import joined
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of slopes that are identified, deviations and bends."""
    age, period = str(told.call["age"]), str(told.call["period"])
    panel_rows.set_up(told, script, [age, period], constant=True)
    script.part("Cohort is period less age. The slope of period is set to 0 here: no row of the answer depends on it.")
    script.add(
        f"a <- persons${name(age)}",
        f"p <- persons${name(period)}",
        "born <- round(p - a, 9)",
        "of <- list(age = sort(unique(a)), period = sort(unique(p)), cohort = sort(unique(born)))",
        "code <- list(age = match(a, of$age), period = match(p, of$period), cohort = match(born, of$cohort))",
    )
    script.say("deviations from a line over the levels: columns without sum and slope")
    script.add(
        "basis <- function(v) qr.Q(qr(cbind(1, v - mean(v), diag(length(v)))))[, 3:length(v), drop = FALSE]",
        "B <- lapply(of, basis)",
        "X <- cbind(1, a - mean(of$age), born - mean(of$cohort))",
        "for (way in names(of)) X <- cbind(X, B[[way]][code[[way]], , drop = FALSE])",
        "place <- split(seq_len(ncol(X))[-(1:3)], rep(factor(names(B), names(B)), sapply(B, ncol)))",
        "of.way <- function(way, M) {",
        "  out <- matrix(0, nrow(M), ncol(X))",
        "  out[, place[[way]]] <- M",
        "  out",
        "}",
        "L <- matrix(0, 3, ncol(X))  # age + period, cohort + period, age - cohort",
        "L[cbind(c(1, 2, 3, 3), c(2, 3, 2, 3))] <- c(1, 1, 1, -1)",
        "for (way in names(of)) L <- rbind(L, of.way(way, B[[way]]))",
        "bend <- function(v) diff(diff(diag(length(v))) / diff(v))  # the slope after a level less that before it",
        "for (way in names(of)) L <- rbind(L, of.way(way, bend(of[[way]]) %*% B[[way]]))",
    )
    panel_rows.least_squares(script)
    script.add(
        "found <- squares(X, y, w)",
        "theta <- drop(L %*% found$theta)",
        "z <- (found$e * X) %*% solve(found$A) %*% t(L)",
        "estimate <- function(w) drop(L %*% squares(X, y, w)$theta)",
    )
    linearised.spread(told, script, "0")
    _wanted(told, script)


def _wanted(told: Told, script: Script) -> None:
    """The estimates of `rows`, where these are not all."""
    levels = ["" if pd.isna(level) else f" {float(level):.15g}" for level in told.rows["level"]]
    rows = [f"{m} {v}{at}" for m, v, at in zip(told.rows["measure"], told.rows["variable"], levels, strict=True)]
    if len(rows) == told.meta["n_identified"]:
        return
    script.add(
        'every <- c(paste("slope", c("age + period", "cohort + period", "age - cohort")),',
        '  unlist(lapply(names(of), function(way) paste("deviation", way, of[[way]]))),',
        '  unlist(lapply(names(of), function(way) paste("bend", way, of[[way]][2:(length(of[[way]]) - 1)]))))',
        *joined("wanted <- match(c(", [text(row) for row in rows], ", ", "), every)"),
        "theta <- theta[wanted]",
        "V <- V[wanted, wanted, drop = FALSE]",
        "df <- df[wanted]",
    )
    if told.linearised:
        script.add("people <- people[, wanted, drop = FALSE]", "taken <- taken[wanted]")
        word = "reps" if told.survey.get("replicates") else "u"
        script.add(f"{word} <- {word}[, wanted, drop = FALSE]")
