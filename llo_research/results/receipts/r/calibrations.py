"""Calibration in R: ``calibrate`` on a matrix of auxiliaries, whose columns are the levels of the margins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llo_research.results.receipts.r import carried
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
        return usual and not any(step.get("cluster") for step in told.steps)
    words = ("scale", "cluster", "no_weight", "survey", "estimated_totals")
    odd = [told.survey.get("returns"), *(step.get(word) for step in told.steps for word in words)]
    return usual and len(told.steps) == 1 and not any(odd)


def write(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """`design` after a calibration."""
    x = fresh(told, "auxiliaries")
    script.say(f"{x}: a column for each level of each margin, or a number; totals: what the weights must add up to.")
    script.add(*matrix(told, x, step["totals"], step.get("by")), 'w <- weights(design, "sampling")')
    if step.get("no_weight") or carried.has_room(told):
        script.add(f"{x}[w == 0, ] <- 0  # in no total")
    if "survey" in step:
        script.add(f"{x}[{others(step)}, ] <- 0  # other surveys keep their weights")
    script.add(*_totals(step["totals"]))
    if step.get("scale"):
        own = "rep(1, nrow(data))" if step["scale"] == A_SERIES else f"data${name(step['scale'])}"
        script.add(f"q <- {own}  # how freely a weight may move", "q[w == 0 | is.na(q)] <- 1")
    if step.get("negative"):
        script.note(
            f"{step['negative']} of the weights before the calibration are negative: calibrate of survey stops at "
            "them, as no distance but the linear one is defined there. Nearest comes the file with final_weight."
        )
    replicated = bool(told.survey.get("replicates"))
    if step.get("cluster") and replicated:
        _one_for_all_replicates(script, x, step)
        return
    if step.get("cluster"):
        _one_for_all(script, x, step)
    if not known(step):
        _from_file(script, x, step)
        _leave(script, x, step, "ifelse(w == 0, 0, data$final_weight)")
        return
    options = [f"calfun = {_DISTANCES[step['method']]}"]
    options += [f"bounds = {vector(step['bounds'])}"] if step.get("bounds") else []
    options += ["variance = 1 / q"] if step.get("scale") else []
    options += ["epsilon = 1e-12", "maxit = 500", *(["compress = FALSE"] if replicated else [])]
    script.say("epsilon: R's 1e-7 would leave the seventh digit open")
    after = "design" if replicated or plain(told) else "calibrated"
    script.add(*listed(f"{after} <- calibrate(", ["design", f"~ 0 + {x}", "totals", *options]))
    if after == "calibrated":
        _leave(script, x, step, "weights(calibrated)")
    elif step.get("estimated_totals"):
        script.note(
            "The totals of the calibration were estimated, which llo_research carries into the replicates by totals of "
            "their own; R takes the totals as known, so that standard errors are too small."
        )


def _from_file(script: Script, x: str, step: Mapping[str, Any]) -> None:
    """Why the weights are those of the file."""
    own = "a distance of one's own" if step["method"] not in _DISTANCES else "a scale of one's own numbers"
    exact = "standard errors are ours" if step.get("scale") != A_SERIES else "standard errors take the scale as 1"
    script.note(f"The calibration has {own}, which is code: its weights are those of the file (final_weight); {exact}.")


def _leave(script: Script, x: str, step: Mapping[str, Any], weights: str) -> None:
    """`design` with the new weights and the residuals of this step."""
    if step.get("crosses_units"):
        script.say("residuals are those of each member, whose clusters lie in several sampling units")
        script.add(
            f"after <- {weights}",
            f"kept <- with(qr({x} * sqrt(w{' * q' if step.get('scale') else ''})), pivot[seq_len(rank)])",
            f"x <- {x}[, kept, drop = FALSE]",
            f"E <- x * ifelse(after == 0, 0, {'q * ' if step.get('scale') else ''}w / after)",
            "L <- -after * of_members[, kept, drop = FALSE]",
            f"design <- handed_on(design, after, E, L, crossprod(x, x * w{' * q' if step.get('scale') else ''}))",
        )
        return
    script.add(f"root <- {'sqrt(w * q)' if step.get('scale') else 'sqrt(w)'}", f"Q <- {x} * root")
    script.add(f"scale <- {weights} / root")
    if step.get("estimated_totals"):
        script.say("errors: the covariance of the totals, B' errors B of which is added to variances")
        script.add(*_errors(step["totals"]))
        script.add(
            "parts <- eigen(errors, symmetric = TRUE)",
            "A <- t(parts$vectors) * sqrt(pmax(parts$values, 0))",
            "tiny <- 1e-6 * sqrt(sum(Q^2)) / max(abs(A))",
            "here <- extra[seq_len(2 * nrow(A))]",
            "Q[here, ] <- tiny * rbind(A, -A)",
            "scale[here] <- 0.5 / tiny",
            "extra <- setdiff(extra, here)",
        )
    script.add(f"design <- after_step(design, {weights}, Q, scale)")


def _errors(totals: Sequence[Mapping[str, Any]]) -> list[str]:
    """``errors``: the covariance of all totals, group by group."""
    sizes = [sum(len(margin["totals"]) for margin in group["margins"]) for group in totals]
    lines, first = [f"errors <- matrix(0, {sum(sizes)}, {sum(sizes)})"], 1
    for group, size in zip(totals, sizes, strict=True):
        if "cov" in group:
            own = f"{first}:{first + size - 1}"
            values = [text(value) for row in group["cov"] for value in row]
            lines += listed(f"errors[{own}, {own}] <- c(", values)
        first += size
    return lines


def others(step: Mapping[str, Any]) -> str:
    """Rows of other surveys of a stack, in R."""
    return f"data$survey != {text(step['survey'])}"


def _one_for_all(script: Script, x: str, step: Mapping[str, Any]) -> None:
    """Auxiliaries of a cluster: the mean of its members'."""
    if step.get("crosses_units"):
        script.add(f"of_members <- {x}")
    script.say("one factor for all members: that of the cluster's mean")
    script.add(
        f"mean_of <- function(v, w) ave(w * v, data${name(step['cluster'])}, FUN = sum) /",
        f"  ave(w, data${name(step['cluster'])}, FUN = sum)",
        f"{x} <- apply({x}, 2, mean_of, w)",
        f"{x}[w == 0, ] <- 0",
    )
    if step.get("scale"):
        script.add("q <- mean_of(q, w)", "q[w == 0] <- 1")


def _one_for_all_replicates(script: Script, x: str, step: Mapping[str, Any]) -> None:
    """The same at each set of weights, whose means differ where members have different weights."""
    bounds = f"list(lower = {text(step['bounds'][0])}, upper = {text(step['bounds'][1])})" if step.get("bounds") else ""
    column = f"data${name(step['cluster'])}"
    script.say("one factor for all members: that of the cluster's mean, at each set of weights")
    script.add(
        "calibrated <- function(w, full) {",
        f"  mean_of <- function(v) ave(w * v, {column}, FUN = sum) / ave(w, {column}, FUN = sum)",
        f"  x <- apply({x}, 2, mean_of)",
        "  used <- is.finite(rowSums(x))  # a replicate may leave out whole clusters",
        "  x[!used, ] <- 0",
        f"  q <- {'mean_of(q)' if step.get('scale') else 'rep(1, length(w))'}",
        "  q[!used] <- 1",
        f"  w * as.numeric(grake(x, w, {_DISTANCES[step['method']]}, population = totals, variance = 1 / q,",
        f"    bounds = {bounds or 'list(lower = -Inf, upper = Inf)'}, epsilon = 1e-12, verbose = FALSE, maxit = 500))",
        "}",
        "design <- after_step(design, calibrated)",
    )


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
