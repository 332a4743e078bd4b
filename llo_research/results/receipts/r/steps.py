"""Weighting steps in R."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def write(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """`design` after one more step."""
    script.part(f"Weighting step: {step.get('step')}.")
    raise NotImplementedError(step.get("step"))
