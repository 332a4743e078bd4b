"""Kitagawa's and Das Gupta's components of published rates in R: arithmetic on the figures themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from llo_research.results.receipts.r.rows import identify
from llo_research.results.receipts.r.words import listed, name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

BOUNDS = (
    "The bounds of rounding are not made here: they are ends of an optimisation over all tables that round to these "
    "(llo_research, rounding=). The estimates are."
)
OWN_RATE = (
    "The rate is a function of Python that this script cannot read: write it in R where it says so, and the rest "
    "follows."
)
_EFFECTS = (
    "n <- length(factors)",
    "sets <- as.matrix(expand.grid(rep(list(c(FALSE, TRUE)), n)))  # which factors changed already",
    "counts <- rowSums(sets)",
    "weight <- factorial(counts) * factorial(pmax(n - counts - 1, 0)) / factorial(n)",
    "of <- function(i) lapply(factors, `[[`, i)",
    "effects <- function(i, j) {  # of each factor from population i to j, over all orders",
    "  at <- apply(sets, 1, function(set) do.call(rate, unname(ifelse(set, of(j), of(i)))))",
    "  sapply(1:n, function(f) {",
    "    without <- which(!sets[, f])",
    "    sum(weight[without] * (at[without + 2^(f - 1)] - at[without]))",
    "  })",
    "}",
    "pairwise <- array(0, c(n, N, N))",
    "for (i in 1:N) for (j in 1:N) if (i != j) pairwise[, j, i] <- effects(i, j)",
    "score <- apply(pairwise, 1:2, mean)  # makes the effects of several populations agree with each other",
    "pairs <- combn(N, 2)",
    "theta <- unlist(lapply(seq_len(ncol(pairs)), function(p) {",
    "  i <- pairs[1, p]",
    "  j <- pairs[2, p]",
    "  own <- if (N > 2) score[, j] - score[, i] else pairwise[, j, i]",
    "  c(own, do.call(rate, unname(of(j))) - do.call(rate, unname(of(i))))",
    "}))",
)


def kitagawa(told: Told, script: Script) -> None:
    """`theta`: gap, rate, composition."""
    tables = told.meta["tables"]
    script.part(f"The published figures: a row for each of {len(told.call['cells'])} cells, {_populations(told)}.")
    for table in ("rates", "composition"):
        columns = [vector([row[j] for row in tables[table]]) for j in (0, 1)]
        script.add(*listed(f"{table} <- cbind(", columns))
    script.part("Kitagawa (1955): differences of rates at mean shares, differences of shares at mean rates.")
    script.add(
        "shares <- prop.table(composition, 2)",
        "gap <- sum(rates[, 2] * shares[, 2]) - sum(rates[, 1] * shares[, 1])",
        "rate <- sum((rates[, 2] - rates[, 1]) * rowMeans(shares))",
        "structure <- sum((shares[, 2] - shares[, 1]) * rowMeans(rates))",
        "theta <- c(gap, rate, structure)",
    )


def _populations(told: Told) -> str:
    """The two columns in words."""
    return f"columns {told.call['minus']} and {told.call['of']}"


def das_gupta(told: Told, script: Script) -> None:
    """`theta`: effects of each factor, and the total, of all pairs of populations."""
    populations = told.call["populations"]
    script.part(f"The published figures: each factor in {', '.join(populations)}.")
    script.add("factors <- list(")
    factors = list(told.meta["tables"].items())
    for place, (factor, values) in enumerate(factors):
        last = ")" if place == len(factors) - 1 else ","
        script.add(*listed(f"  {name(factor)} = list(", [vector(own) for own in values], f"){last}"))
    script.add(f"N <- {len(populations)}")
    if told.meta.get("own_rate"):
        script.note(OWN_RATE)
        script.add(f"rate <- function({', '.join(name(factor) for factor, _ in factors)})")
        script.add(f"  stop({text('write the rate here: a function of the factors, in this order')})")
    else:
        script.add("rate <- function(...) sum(Reduce(`*`, list(...)))")
    script.part("Das Gupta (1993): the change that each factor makes, averaged over all orders of changing them.")
    script.add(*_EFFECTS)


WRITERS: Mapping[str, Callable[[Told, Script], None]] = {"kitagawa": kitagawa, "das_gupta": das_gupta}


def write(told: Told, script: Script) -> None:
    """A whole script: figures, arithmetic, table; there is no file and no error."""
    script.note("Published figures without their microdata: there are no standard errors.")
    if _rounded(told.call):
        script.note(BOUNDS)
    identify(told, script)
    WRITERS[told.function](told, script)
    script.part("The table.")
    script.add("answer <- data.frame(rows, estimate = theta, check.names = FALSE)")
    script.add("print(answer, digits = 8, row.names = FALSE)")


def _rounded(call: Mapping[str, Any]) -> bool:
    """Whether bounds of rounding were asked for."""
    return call.get("rounding") is not None
