"""Marginal effects of ordered models in R: chances of each level, and their derivatives."""

from __future__ import annotations

from llo_research.results.receipts.r import linearised, ordered
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def means(told: Told, script: Script) -> None:
    """`b`: slopes and thresholds, and their influence `z.b`, or `b.each` at the replicates."""
    script.add("found <- solved(w, theta)", "b <- found$theta", "p <- ncol(X)")
    if linearised.replicated(told):
        script.add("b.each <- t(apply(W, 2, function(own) solved(own, b)$theta))")
        return
    script.say("the influence of the parameters: one more weight for a person moves them by so much")
    script.add("A <- found$H", "z.b <- found$score %*% solve(A)")


def functions(told: Told, script: Script) -> None:
    """`value(effect, b)` of each person, and its `gradient` in slopes and thresholds."""
    _, cumulative, density, _ = ordered.DISTRIBUTIONS[str(told.meta["link"])]
    script.add(
        "ends <- function(X, level, b) {",
        "  eta <- drop(X %*% b[seq_len(p)])",
        "  threshold <- c(-1e9, b[p + seq_len(last)], 1e9)",
        "  list(high = threshold[level + 1] - eta, low = threshold[level] - eta)",
        "}",
        f"chance <- function(X, level, b) with(ends(X, level, b), {cumulative}(high) - {cumulative}(low))",
        "by.threshold <- function(high, low, level)",
        "  outer(high, seq_len(last) == level) - outer(low, seq_len(last) == level - 1)",
        "by.all <- function(X, level, b) with(ends(X, level, b), {",
        f"  up <- {density}(high)",
        f"  down <- {density}(low)",
        "  cbind(-(up - down) * X, by.threshold(up, down, level))",
        "})",
        "value <- function(e, b) {",
        "  if (!is.null(e$D)) return(with(ends(e$X, e$level, b),",
        f"    -({density}(high) - {density}(low)) * drop(e$D %*% b[seq_len(p)])))",
        "  chance(e$X, e$level, b) - if (is.null(e$X0)) 0 else chance(e$X0, e$level, b)",
        "}",
        "gradient <- function(e, b) {",
        "  if (is.null(e$D)) return(by.all(e$X, e$level, b) -",
        "    if (is.null(e$X0)) 0 else by.all(e$X0, e$level, b))",
        "  along <- drop(e$D %*% b[seq_len(p)])",
        "  with(ends(e$X, e$level, b), cbind(",
        f"    -({density}(high) - {density}(low)) * e$D + (bent(high) - bent(low)) * along * e$X,",
        "    by.threshold(-bent(high) * along, -bent(low) * along, e$level)))",
        "}",
    )


def by_eta(told: Told) -> list[str]:
    """Lines of `by.eta(e, b)`, the derivative of `value` in the linear predictor."""
    density = ordered.DISTRIBUTIONS[str(told.meta["link"])][2]
    return [
        f"steep <- function(X, level, b) with(ends(X, level, b), -({density}(high) - {density}(low)))",
        "by.eta <- function(e, b) {",
        "  if (!is.null(e$D))",
        "    return(with(ends(e$X, e$level, b), bent(high) - bent(low)) * drop(e$D %*% b[seq_len(p)]))",
        "  steep(e$X, e$level, b) - if (is.null(e$X0)) 0 else steep(e$X0, e$level, b)",
        "}",
    ]
