"""A complete script in R from what a result tells of itself."""

from __future__ import annotations

from collections.abc import Callable

from llo_research.results.receipts.first_lines import first_lines
from llo_research.results.receipts.r import comparisons, contrasts, draws, joint, means, moments, rows, totals, trends
from llo_research.results.receipts.r import regressions
from llo_research.results.receipts.r.formulas import NotInR
from llo_research.results.receipts.r.opening import opening
from llo_research.results.receipts.r.words import broken
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

# Each leaves `theta` (k), `V` (k x k) and `df` (k), in the order of `rows`.
WRITERS: dict[str, Callable[[Told, Script], None]] = {
    **regressions.WRITERS,
    "mean": means.write,
    "share": means.write,
    "gap": comparisons.gap,
    "change": comparisons.change,
    "gap_change": comparisons.gap_change,
    "trend": trends.write,
    "total": totals.total,
    "ratio": totals.ratio,
    "variance": moments.variance,
    "covariance": moments.covariance,
    "correlation": moments.correlation,
}


def to_r(told: Told, path: str) -> str:
    """The script; of what R cannot do its first lines say so, and what comes nearest."""
    script = Script("#")
    first_lines(told, script, "R")
    opening(draws.opened(told) if told.draws else told, script, path)
    opened = len(script.lines)
    try:
        _table(told, script)
    except NotInR as reason:
        script.note(regressions.in_words(reason))
        del script.lines[opened:]
    script.lines = [row for line in script.lines for row in broken(line)]
    return script.text([f"library({package})" for package in script.packages])


def cannot(told: Told) -> str | None:
    """What R cannot do, why, and what comes nearest; None where it can do all."""
    return regressions.cannot(told)


def _table(told: Told, script: Script) -> None:
    """`answer`, from what the opening left."""
    if not told.contrasts:
        rows.identify(told, script)
    if told.draws:
        draws.write(told, script, estimates)
    else:
        estimates(told, script)
    if told.contrasts:
        rows.identify(told, script)
    rows.answer(told, script)


def estimates(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of one data set."""
    if told.contrasts:
        contrasts.write(told, script, estimates)
    elif told.function == "joint":
        joint.write(told, script, estimates)
    else:
        WRITERS[told.function](told, script)
