"""The change of a mean by cells in R: Kitagawa's two parts, and Das Gupta's of several columns of cells."""

from __future__ import annotations

from llo_research.results.receipts.r import smooth
from llo_research.results.receipts.r.smooth import pasted
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_TWO = (
    "pieces <- function(at) {",
    "  m <- length(at) / 2",
    "  share <- function(weight) weight / sum(weight)",
    "  get <- function(kind, later) at[1:m + ifelse(later, 0, m)][names(at)[1:m] == kind]",
    '  w1 <- get("weight", TRUE)',
    '  w0 <- get("weight", FALSE)',
    "  there <- which(Re(w1) != 0 | Re(w0) != 0)  # others are cells that nobody of these has",
    "  c1 <- share(w1[there])",
    "  c0 <- share(w0[there])",
    '  r1 <- get("sum", TRUE)[there] / w1[there]',
    '  r0 <- get("sum", FALSE)[there] / w0[there]',
    "  out <- c(sum(r1 * c1) - sum(r0 * c0), sum((r1 - r0) * (c1 + c0) / 2), sum((r1 + r0) / 2 * (c1 - c0)))",
)
# the factor of a column: geometric mean over all orders of its conditional shares
_SEVERAL = (
    "sets <- as.matrix(expand.grid(rep(list(c(FALSE, TRUE)), ncol(levels))))  # all sets of columns, a row each",
    "counts <- rowSums(sets)",
    "d <- ncol(levels)",
    "weight <- factorial(counts) * factorial(pmax(d - counts - 1, 0)) / factorial(d)",
    "alike <- lapply(seq_len(nrow(sets)), function(s) {  # which cells have the same levels of a set of columns",
    '  key <- do.call(paste, c(levels[sets[s, ]], list(rep("", nrow(levels)))))',
    '  1 * outer(key, key, "==")',
    "})",
    "factors <- function(share, there) lapply(1:d, function(j) {",
    "  made <- 1",
    "  for (s in which(!sets[, j])) {",
    "    part <- drop(alike[[s + 2^(j - 1)]][there, there] %*% share)",
    "    whole <- drop(alike[[s]][there, there] %*% share)",
    "    made <- made * (part / whole)^weight[s]",
    "  }",
    "  made",
    "})",
    "effects <- function(new, old) sapply(1:d, function(j) {  # of each factor, over all orders",
    "  product <- function(set) Reduce(`*`, ifelse(set, new, old))",
    "  total <- 0",
    "  for (s in which(!sets[, j]))",
    "    total <- total + weight[s] * (product(sets[s + 2^(j - 1), ]) - product(sets[s, ]))",
    "  total",
    "})",
)


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of change, rate and composition."""
    script.note(
        "R has no standardisation of survey data with errors: cells' means and sums of weights, put together by "
        "Kitagawa's (1955) and Das Gupta's (1993) formulas, with the errors of linearised variables."
    )
    over, by, several = str(told.call["over"]), list(told.meta["by"]), len(told.listed("cells")) > 1
    smooth.people(told, script)
    _cells(told, script, over, by)
    script.part("The parts, in the order of `rows`.")
    if several:
        script.add(*_SEVERAL)
    script.add(*_TWO)
    if several:
        script.add("  c(out, colSums((r1 + r0) / 2 * effects(factors(c1, there), factors(c0, there))))", "}")
    else:
        script.add("  out", "}")
    if told.meta.get("shares"):
        script.say("Each part as a share of the change.")
        script.add("sizes <- pieces", "pieces <- function(at) sizes(at) / sizes(at)[1]")
    smooth.estimates(told, script)
    smooth.finished(told, script, [*by, over])


def _cells(told: Told, script: Script, over: str, by: list[str]) -> None:
    """`numbers` and `influence`: sums of weights and of the variable in each cell at each time."""
    cells, variable = told.listed("cells"), str(told.call["variable"])
    script.part("The two times of each block of rows, and the cells.")
    script.add(f"first <- unique(rows[c({', '.join(map(text, [*by, over]))})])")
    base = told.meta["base"]
    same = text(base if isinstance(base, int | float) and not told.is_category(over) else str(base))
    own = ", ".join([*(f"as.character(first${name(column)})" for column in by), same])
    script.add(
        f"later <- {pasted('first', [*by, over])}",
        f"earlier <- paste({own})",
        "cells <- unique(c(later, earlier))",
        f"cell <- match({pasted('data', [*by, over])}, cells)",
        f"known <- complete.cases(data[c({', '.join(map(text, [variable, over, *by, *cells]))})])",
        "used <- inside & known & !is.na(cell)",
        "cell[!used] <- 0",
        "blocks <- Map(c, match(later, cells), match(earlier, cells))",
        f"levels <- unique(data[used, c({', '.join(map(text, cells))}), drop = FALSE])",
        f"stratum <- match({pasted('data', cells)}, {pasted('levels', cells)})",
    )
    script.part("Sums of weights and of the variable, in each cell at each time.")
    script.add(
        f"y <- ifelse(used, as.numeric(data${name(variable)}), 0)",
        "D <- outer(ifelse(used, stratum, 0), seq_len(nrow(levels)), `==`)",
        'kinds <- rep(c("weight", "sum"), each = nrow(levels))',
        "influence <- function(k, at) (cell == k) * cbind(D, y * D)",
        "numbers <- function(k, w) setNames(colSums(w * influence(k)), kinds)",
    )
