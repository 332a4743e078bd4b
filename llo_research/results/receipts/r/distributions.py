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
    "steepness_of <- function(share, y, w) {  # how fast shares rise, over two standard errors to both sides",
    "  at <- quantile_of(y, w, share)",
    "  off <- max(2 * sqrt(share * (1 - share) * sum(w^2)) / sum(w), weighted.mean(y == at, w))",
    "  ends <- c(max(share - off, 0), min(share + off, 1))",
    "  diff(ends) / (quantile_of(y, w, ends[2]) - quantile_of(y, w, ends[1]))",
    "}",
)
_KERNEL = (
    "width_of <- function(y, w) {  # half of what the density's kernel spans: its standard deviation times sqrt(5)",
    "  sd <- sqrt(weighted.mean((y - weighted.mean(y, w))^2, w))",
    "  middle <- quantile_of(y, w, 0.75) - quantile_of(y, w, 0.25)",
    "  sqrt(5) * 0.9 * min(sd, middle / 1.349) * sum(w > 0)^(-1 / 5)",
    "}",
    "density_of <- function(at, y, w, width)  # Epanechnikov's kernel",
    "  weighted.mean(0.75 * pmax(1 - ((y - at) / width)^2, 0), w) / width",
)
_AT = (
    "values_at <- function(share, {0}) {{",
    "  at <- quantile_of(y, w, share)",
    "  at + (share - (y <= at)) / {1}",
    "}}",
)
_GINI = (
    "values_of_gini <- function(y, w) {",
    "  h <- apart(y, w) / sum(w)",
    "  m <- weighted.mean(y, w)",
    "  (h - weighted.mean(h, w) / (2 * m) * y) / m",
    "}",
)
_VALUES = {"mean": "y", "variance": "(y - weighted.mean(y, w))^2", "gini": "values_of_gini(y, w)"}


def write(script: Script, measures: Sequence[str], *, kernel: bool) -> None:
    """`values` of each of them by name: functions of y, its weights and a kernel's width; without it `measure` too."""
    given = "y, w, width" if kernel else "y, w"

    script.part("Recentered influence functions: numbers of each person whose weighted mean is the measure of a group.")
    if any(shares(own) for own in measures):
        density = "density_of(at, y, w, width)" if kernel else "steepness_of(share, y, w)"
        script.add(*_QUANTILES, *(_KERNEL if kernel else ()), *(line.format(given, density) for line in _AT))
    if "gini" in measures:
        script.add(*APART, *_GINI)
    made_of = {"values": [_values(own, given) for own in measures]}
    if not kernel:
        made_of["measure"] = [_measured(own) for own in measures]
    for what, words in made_of.items():
        made = [f"  {name(own)} = function({given}) {said}" for own, said in zip(measures, words, strict=True)]
        script.add(f"{what} <- list(", *(f"{line}," for line in made[:-1]), made[-1], ")")


def shares(measure: str) -> list[float]:
    """The shares of the quantiles that a measure is made of."""
    if measure == "iqr":
        return [0.75, 0.25]
    return [] if measure in _VALUES else [float(measure[1:]) / 100]


def _values(measure: str, given: str) -> str:
    """In R, the recentered influence function."""
    at = [f"values_at({text(share)}, {given})" for share in shares(measure)]
    return " - ".join(at) or _VALUES[measure]


def _measured(measure: str) -> str:
    """In R, the measure."""
    at = [f"quantile_of(y, w, {text(share)})" for share in shares(measure)]
    return " - ".join(at) or f"weighted.mean({_values(measure, '')}, w)"
