"""The roles of a design as columns of the file that scripts read."""

from __future__ import annotations

from typing import Any

from llo_research.results.receipts.told import Told


def listed(value: Any) -> list[str]:
    """A role of the design as columns."""
    return [] if value is None else [str(value)] if isinstance(value, str) else [str(one) for one in value]


def stages(told: Told) -> tuple[list[str], list[str], list[str]]:
    """Sampling units and population sizes of each stage, and strata; a file of a stack has columns of its own."""
    design = told.design
    if "stacked" in design:
        fractions = told.survey.get("fractions") or [False]
        ends = ["", *(f"_{number}" for number in range(2, len(fractions) + 1))]
        fpc = [f"stack_fpc{end}" for end, drawn in zip(ends, fractions, strict=True) if drawn]
        return [f"stack_psu{end}" for end in ends], fpc, ["stack_stratum"]
    units = listed(design.get("psu")) or listed(design.get("unit"))
    return units, listed(design.get("fpc")), listed(design.get("strata"))
