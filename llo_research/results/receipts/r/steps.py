"""Weighting steps in R: the same weights, and variances that know how they were made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from llo_research.results.receipts.r import calibrations
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

WRITERS: dict[str, Callable[[Told, Script, Mapping[str, Any]], None]] = {
    "calibrate": calibrations.write,
}


def write(told: Told, script: Script) -> None:
    """`design` after all weighting steps."""
    for step in told.steps:
        script.part(f"Weighting step: {step.get('step')}.")
        WRITERS[str(step.get("step"))](told, script, step)
