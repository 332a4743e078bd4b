"""Measures of a distribution and their recentered influence functions in R, with weights."""

from __future__ import annotations

from collections.abc import Sequence

from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script

APART = (
    "# sum of w_j |y_i - y_j| for each i, from one sorting",
    "apart <- function(y, w) {",
    "  o <- order(y)",
    "  below <- cumsum(w[o])",
    "  lower <- cumsum(w[o] * y[o])",
    "  replace(y, o, y[o] * (2 * below - sum(w)) + sum(w * y) - 2 * lower)",
    "}",
)
_QUANTILES = (
    "# the smallest value with at least this share of the weight at or below it",
    "quantile_of <- function(y, w, share) {",
    "  o <- order(y)",
    "  y[o][min(1 + sum(cumsum(w[o] / sum(w)) < share - 1e-10), length(y))]",
    "}",
    "width_of <- function(y, w) {  # of the density's kernel",
    "  sd <- sqrt(weighted.mean((y - weighted.mean(y, w))^2, w))",
    "  middle <- quantile_of(y, w, 0.75) - quantile_of(y, w, 0.25)",
    "  0.9 * min(sd, middle / 1.349) * sum(w > 0)^(-1 / 5)",
    "}",
    "density_of <- function(at, y, w, width)  # Epanechnikov's kernel",
    "  weighted.mean(0.75 * pmax(1 - ((y - at) / width)^2, 0), w) / width",
    "values_at <- function(share, y, w, width) {",
    "  at <- quantile_of(y, w, share)",
    "  at + (share - (y <= at)) / density_of(at, y, w, width)",
    "}",
)
_GINI = (
    "values_of_gini <- function(y, w) {",
    "  h <- apart(y, w) / sum(w)",
    "  m <- weighted.mean(y, w)",
    "  (h - weighted.mean(h, w) / (2 * m) * y) / m",
    "}",
)
_VALUES = {"mean": "y", "variance": "(y - weighted.mean(y, w))^2", "gini": "values_of_gini(y, w)"}


def write(script: Script, measures: Sequence[str], *, measure: bool = True) -> None:
    """`values`, and `measure` where asked for, of each of them by name: functions of y, its weights and a width."""
    script.part("Recentered influence functions: numbers of each person whose weighted mean is the measure of a group.")
    if any(shares(own) for own in measures):
        script.add(*_QUANTILES)
    if "gini" in measures:
        script.add(*APART, *_GINI)
    for what, words in (("values", values), *([("measure", measured)] if measure else [])):
        made = [f"  {name(own)} = function(y, w, width) {words(own)}" for own in measures]
        script.add(f"{what} <- list(", *(f"{line}," for line in made[:-1]), made[-1], ")")


def shares(measure: str) -> list[float]:
    """The shares of the quantiles that a measure is made of."""
    if measure == "iqr":
        return [0.75, 0.25]
    return [] if measure in _VALUES else [float(measure[1:]) / 100]


def values(measure: str) -> str:
    """In R, the recentered influence function."""
    at = [f"values_at({text(share)}, y, w, width)" for share in shares(measure)]
    return " - ".join(at) or _VALUES[measure]


def measured(measure: str) -> str:
    """In R, the measure."""
    at = [f"quantile_of(y, w, {text(share)})" for share in shares(measure)]
    return " - ".join(at) or f"weighted.mean({values(measure)}, w)"
