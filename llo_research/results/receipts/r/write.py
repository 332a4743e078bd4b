"""A complete script in R from what a result tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llo_research.results.receipts.first_lines import first_lines
from llo_research.results.receipts.r import comparisons, decompositions, margins, means, models, rates, rows, trends
from llo_research.results.receipts.r.opening import opening
from llo_research.results.receipts.r.words import broken
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

# Each leaves `theta` (k), `V` (k x k) and `df` (k), in the order of `rows`.
WRITERS: dict[str, Callable[[Told, Script], None]] = {
    "change": comparisons.change,
    "gap": comparisons.gap,
    "gap_change": comparisons.gap_change,
    "glm": models.write,
    "margins": margins.write,
    "mean": means.write,
    "share": means.write,
    "trend": trends.write,
    **decompositions.WRITERS,
}


def to_r(told: Told, path: str, *, after: Sequence[str] = ()) -> str:
    """The script; of what R cannot do its first lines say so, and what comes nearest. after : lines to end with."""
    script = Script("#")
    first_lines(told, script, "R")
    if told.function in rates.WRITERS:
        rates.write(told, script)
        return _whole(script)
    opening(told, script, path)
    rows.identify(told, script)
    WRITERS[told.function](told, script)
    rows.answer(told, script)
    script.add(*after)
    return _whole(script)


def _whole(script: Script) -> str:
    """The text of a script, its packages loaded, its lines not too long."""
    script.lines = [row for line in script.lines for row in broken(line)]
    return script.text([f"library({package})" for package in script.packages])
