"""Calibration in R: ``calibrate`` on a matrix of auxiliaries, whose columns are the levels of the margins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llo_research.results.receipts.r.words import compared, listed, name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_DISTANCES = {"linear": "cal.linear", "truncated": "cal.linear", "raking": "cal.raking", "logit": "cal.logit"}


def write(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """`design` after a calibration."""
    totals = step["totals"]
    script.say("x: a column for each level of each margin, or a number; totals: what the weights must add up to.")
    script.add(*_matrix(told, totals, step.get("by")))
    if step.get("no_weight"):
        script.add("x[weights(design) == 0, ] <- 0  # in no total")
    script.add(*_totals(totals))
    bounds = f", bounds = {vector(step['bounds'])}" if step.get("bounds") else ""
    script.say("epsilon: R's 1e-7 would leave the seventh digit open")
    script.add(
        "design <- update(design, x = x)",
        f"calibrated <- calibrate(design, ~ 0 + x, totals, calfun = {_DISTANCES[step['method']]}{bounds},",
        "  epsilon = 1e-12, maxit = 500)",
        "design <- calibrated",
    )


def _matrix(told: Told, totals: Sequence[Mapping[str, Any]], by: str | None) -> list[str]:
    """``x <- cbind(...)``: of each group its own columns, zero in other groups."""
    parts = []
    for group in totals:
        inside = ""
        if by is not None:
            column, values = compared(told, by, [group["group"]])
            inside = f"({column} == {values[2:-1]}) * "
        parts += [f"{inside}{_margin(told, margin)}" for margin in group["margins"]]
    return ["x <- with(data, cbind(", *(f"  {part}," for part in parts[:-1]), f"  {parts[-1]}))"]


def _margin(told: Told, margin: Mapping[str, Any]) -> str:
    """The columns of a margin: a number, or an indicator for each level."""
    if margin["levels"] is None:
        return name(margin["names"][0])
    levels = [own if isinstance(own, list) else [own] for own in margin["levels"]]
    pairs = [compared(told, column, [own[i] for own in levels]) for i, column in enumerate(margin["names"])]
    return " *\n    ".join(f'outer({column}, {values}, "==")' for column, values in pairs)


def _totals(totals: Sequence[Mapping[str, Any]]) -> list[str]:
    """``totals <- c(...)``: a line or more for each margin."""
    lines = ["totals <- c("]
    for group in totals:
        inside = f", {group['group']}" if "group" in group else ""
        for margin in group["margins"]:
            lines.append(f"  # {' x '.join(margin['names'])}{inside}")
            lines += listed(" ", [text(value) for value in margin["totals"]], ",")
    lines[-1] = lines[-1][:-1] + ")"
    return lines
