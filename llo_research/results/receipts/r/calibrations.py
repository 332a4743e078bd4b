"""Calibration in R: ``calibrate`` on a matrix of auxiliaries, whose columns are the levels of the margins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llo_research.results.receipts.r.words import compared, fresh, listed, name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

# how a scale that is no column is told (weighting/calibration.py)
A_SERIES = "one's own numbers"
_DISTANCES = {"linear": "cal.linear", "truncated": "cal.linear", "raking": "cal.raking", "logit": "cal.logit"}


def known(step: Mapping[str, Any]) -> bool:
    """Whether R can make the same weights: no distance and no scale of one's own."""
    return step["method"] in _DISTANCES and step.get("scale") != A_SERIES


def plain(told: Told) -> bool:
    """Whether ``calibrate`` alone leaves a design with the right weights and variances."""
    usual = all(step.get("step") == "calibrate" and known(step) for step in told.steps)
    if told.survey.get("replicates"):
        return usual
    odd = [step.get(word) for step in told.steps for word in ("scale", "cluster", "no_weight", "survey")]
    return usual and len(told.steps) == 1 and not any(odd)


def write(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """`design` after a calibration."""
    x = fresh(told, "auxiliaries")
    script.say(f"{x}: a column for each level of each margin, or a number; totals: what the weights must add up to.")
    script.add(*matrix(told, x, step["totals"], step.get("by")), 'w <- weights(design, "sampling")')
    if step.get("no_weight"):
        script.add(f"{x}[w == 0, ] <- 0  # in no total")
    if "survey" in step:
        script.add(f"{x}[{others(step)}, ] <- 0  # other surveys keep their weights")
    script.add(*_totals(step["totals"]))
    if step.get("scale"):
        script.add(f"q <- data${name(step['scale'])}  # how freely a weight may move", "q[w == 0] <- 1")
    if step.get("cluster"):
        _one_for_all(script, x, name(step["cluster"]), bool(step.get("scale")))
    replicated = bool(told.survey.get("replicates"))
    options = [f"calfun = {_DISTANCES[step['method']]}"]
    options += [f"bounds = {vector(step['bounds'])}"] if step.get("bounds") else []
    options += ["variance = 1 / q"] if step.get("scale") else []
    options += ["epsilon = 1e-12", "maxit = 500", *(["compress = FALSE"] if replicated else [])]
    script.say("epsilon: R's 1e-7 would leave the seventh digit open")
    after = "design" if replicated or plain(told) else "calibrated"
    script.add(*listed(f"{after} <- calibrate(", ["design", f"~ 0 + {x}", "totals", *options]))
    if after == "calibrated":
        root = "sqrt(w * q)" if step.get("scale") else "sqrt(w)"
        script.add(f"design <- after_step(design, weights(calibrated), {x} * {root}, weights(calibrated) / {root})")


def others(step: Mapping[str, Any]) -> str:
    """Rows of other surveys of a stack, in R."""
    return f"data$survey != {text(step['survey'])}"


def _one_for_all(script: Script, x: str, cluster: str, scaled: bool) -> None:
    """Auxiliaries of a cluster: the mean of its members'."""
    script.say("one factor for all members: that of the cluster's mean")
    script.add(
        f"mean_of <- function(v) ave(w * v, data${cluster}, FUN = sum) / ave(w, data${cluster}, FUN = sum)",
        f"{x} <- apply({x}, 2, mean_of)",
        f"{x}[w == 0, ] <- 0",
    )
    if scaled:
        script.add("q <- mean_of(q)", "q[w == 0] <- 1")


def matrix(told: Told, x: str, totals: Sequence[Mapping[str, Any]], by: str | None) -> list[str]:
    """``x <- with(data, cbind(...))``: of each group its own columns, zero in other groups."""
    parts = []
    for group in totals:
        inside = ""
        if by is not None:
            column, values = compared(told, by, [group["group"]])
            inside = f"({column} == {values[2:-1]}) * "
        parts += [f"{inside}{_margin(told, margin)}" for margin in group["margins"]]
    return [f"{x} <- with(data, cbind(", *(f"  {part}," for part in parts[:-1]), f"  {parts[-1]})) * 1"]


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
