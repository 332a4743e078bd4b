"""Decompositions by recentered influence functions in R: the outcome's place is taken by the values of each group."""

from __future__ import annotations

from dataclasses import replace

from llo_research.results.receipts.r import distributions, oaxaca, smooth, two_groups
from llo_research.results.receipts.r.words import text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

WHY = (
    "R has no decomposition by recentered influence functions of survey data (package dineq has these functions, and "
    "takes people as independent): the values of each group, regressions on them and means are put together by the "
    "textbook's formulas. The errors are those of linearised variables on the whole design."
)
_HELD = (
    "The width of the kernel is held, as in llo_research; the quantile and the density at it are estimates, which the "
    "linearised variables know, and which are found again at each set of replicate weights."
)
_AT = (
    "# what a person moves of the values of all: of the quantile, of who is below it (by the kernel), of the density",
    "moved_at <- function(share, y, w, x) {",
    "  at <- quantile_of(y, w, share)",
    "  width <- width_of(y, w)",
    "  away <- (y - at) / width",
    "  near <- 0.75 * pmax(1 - away^2, 0) / width",
    "  f <- weighted.mean(near, w)",
    "  slope <- weighted.mean(ifelse(abs(away) < 1, 1.5 * away, 0), w) / width^2",
    "  below <- (weighted.mean(y <= at, w) - (y <= at)) / f",
    "  rises <- steepness_of(share, y, w)",
    "  of_quantile <- below * f / rises",
    "  beyond <- outer(of_quantile, colSums(w * (1 - rises / f * near / f) * x))",
    "  (beyond - outer(near - f + slope * of_quantile, colSums(w * below * x) / f)) / sum(w)",
    "}",
)
_MOVED = {
    "variance": (
        "# what a person moves of the values of all, through the mean",
        "moved <- function(y, w, x) {",
        "  away <- y - weighted.mean(y, w)",
        "  outer(away / sum(w), -2 * colSums(w * away * x))",
        "}",
    ),
    "gini": (
        "# what a person moves of the values of all: of distances, of Gini's coefficient, of the mean",
        "moved <- function(y, w, x) {",
        "  h <- apart(y, w) / sum(w)",
        "  m <- weighted.mean(y, w)",
        "  G <- weighted.mean(h, w) / (2 * m)",
        "  own <- (h - G * y) / m",
        "  beyond <- sweep(apply(w * x, 2, apart, y = y), 2, colSums(w * h * x)) / m",
        "  through <- outer(own - G, colSums(w * y * x) / m) + outer(y - m, colSums(w * own * x) / m)",
        "  (beyond - through) / sum(w)",
        "}",
    ),
}


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of the parts of a gap in a measure."""
    measure, by = str(told.call["measure"]), list(told.meta["by"])
    call = {**told.call, "family": "gaussian", "kind": "twofold", "vcov": "design"}
    told = replace(told, meta={**told.meta, "call": call})
    script.note(WHY)
    if distributions.shares(measure):
        script.note(_HELD)
    two_groups.people(told, script, by, [smooth.pasted("rows", by)])
    script.add(f"blocks <- {'as.list(seq_along(cells))' if by else 'list(1)'}")
    _recentred(told, script, measure)
    two_groups.numbers(told, script, None, oaxaca.star(told))
    if told.survey.get("replicates"):
        script.say("at each set of weights the values are found again")
        script.add(
            "of_values <- numbers",
            "numbers <- function(k, w) {",
            "  y <<- recentred(w)",
            "  of_values(k, w)",
            "}",
        )
    elif measure != "mean":
        _through_the_values(script, measure)
    oaxaca.parts(told, script)
    smooth.estimates(told, script)
    smooth.finished(told, script, by)


def _recentred(told: Told, script: Script, measure: str) -> None:
    """`y`: the values of each group of each cell, and `recentred(w)` at any weights."""
    distributions.write(script, [measure], kernel=True)
    script.add("told <- y", "groups <- interaction(cell, side)[drop = TRUE]", "groups[!used] <- NA")
    width = "NA"
    if distributions.shares(measure):
        script.say("the width of each group's kernel, from the full sample")
        script.add("widths <- sapply(split(which(used), groups[used]), function(i) width_of(told[i], w[i]))")
        width = "widths[g]"
    script.add(
        "recentred <- function(w) {",
        "  out <- numeric(length(told))",
        "  for (g in levels(groups)) {",
        "    i <- groups %in% g",
        f"    out[i] <- values[[1]](told[i], w[i], {width})",
        "  }",
        "  out",
        "}",
        "y <- recentred(w)",
    )


def _through_the_values(script: Script, measure: str) -> None:
    """Coefficients move also with the values, which rest on an estimated mean or quantile and on others."""
    script.part("The values themselves rest on estimates and on others' values: this the coefficients know.")
    at = [f"moved_at({text(share)}, y, w, x)" for share in distributions.shares(measure)]
    script.add(
        *(_MOVED[measure] if not at else [*_AT, f"moved <- function(y, w, x) {' - '.join(at)}"]),
        "of_people <- influence",
        "influence <- function(k, at) {",
        "  u <- of_people(k, at)",
        '  for (g in c("of", "minus")) {',
        "    i <- cell == k & side %in% g",
        '    place <- function(kind) which(names(at) == paste0(kind, "_", g))',
        "    x <- X[i, , drop = FALSE]",
        "    more <- moved(told[i], w[i], cbind(x, 1))",
        '    through <- inverse(x, y[i], w[i], at[place("b")])',
        '    u[i, place("b")] <- u[i, place("b")] + more[, seq_len(ncol(x))] %*% through',
        '    u[i, place("y")] <- u[i, place("y")] + more[, ncol(more)] / sum(w[i])',
        "  }",
        "  u",
        "}",
    )
