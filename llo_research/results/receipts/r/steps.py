"""Weighting steps in R: the same weights, and variances that know how they were made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from llo_research.results.receipts.r import adjustments, attrition, calibrations, carried
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

WRITERS: dict[str, Callable[[Told, Script, Mapping[str, Any]], None]] = {
    "adjust_nonresponse": adjustments.nonresponse,
    "attrition_weights": attrition.write,
    "calibrate": calibrations.write,
    "combine_parts": adjustments.parts,
    "trim": adjustments.trim,
}
_AFTER = """
# What a step leaves in a design: its weights, and that variances are those of residuals from Q. calibrate() leaves the
# same; but of several calibrations R takes the first one's residuals first, where the last one's have to be.
after_step <- function(design, weights, Q = NULL, scale = NULL) {
  design$prob <- 1 / weights
  if (is.null(Q)) return(design)
  scale[rowSums(Q != 0) == 0] <- 1
  scale[!is.finite(scale) | scale == 0] <- 1e-100
  step <- structure(list(qr = qr(Q), w = scale, stage = 0, index = NULL), class = "greg_calibration")
  design$postStrata <- c(list(step), design$postStrata)
  design
}
"""
_AFTER_REPLICATES = """
# A step on the weights and on each set of replicate weights.
after_step <- function(design, step) {
  full <- design$pweights
  design$repweights <- apply(as.matrix(design$repweights), 2, step, full)
  design$pweights <- step(full, full)
  design
}
"""


def write(told: Told, script: Script) -> None:
    """`design` after all weighting steps."""
    if not told.steps:
        return
    replicated = bool(told.survey.get("replicates"))
    if not calibrations.plain(told):
        script.add(*(_AFTER_REPLICATES if replicated else _AFTER).rstrip().splitlines())
    carried.room(told, script)
    last = len(told.steps) - 1
    for place, step in enumerate(told.steps):
        script.part(_title(step))
        if adjustments.is_known(step) or (place == last and not replicated and step["step"] == "calibrate"):
            WRITERS[str(step["step"])](told, script, step)
            continue
        adjustments.given(told, script, told.steps[place:])
        return


def _title(step: Mapping[str, Any]) -> str:
    """A step in words."""
    own = f" of {step['survey']}" if "survey" in step else ""
    return f"Weighting step: {step.get('step')}{own}."
