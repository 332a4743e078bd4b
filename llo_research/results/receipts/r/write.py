"""A complete script in R from what a result tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llo_research.results.receipts.first_lines import first_lines
from llo_research.results.receipts.imputed import by_files
from llo_research.results.receipts.r import (
    banner,
    comparisons,
    contrasts,
    crosstabs,
    decompositions,
    draws,
    joint,
    means,
    moments,
    quantiles,
    rank_gaps,
    rates,
    regressions,
    rows,
    totals,
    trends,
)
from llo_research.results.receipts.r.formulas import NotInR
from llo_research.results.receipts.r.opening import opening
from llo_research.results.receipts.r.words import broken
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

# Each leaves `theta` (k), `V` (k x k) and `df` (k), in the order of `rows`.
WRITERS: dict[str, Callable[[Told, Script], None]] = {
    "mean": means.write,
    "share": means.write,
    "gap": comparisons.gap,
    "change": comparisons.change,
    "gap_change": comparisons.gap_change,
    "trend": trends.write,
    "quantile": quantiles.write,
    "crosstab": crosstabs.write,
    "banner": banner.write,
    "rank_gap": rank_gaps.write,
    "total": totals.total,
    "ratio": totals.ratio,
    "variance": moments.variance,
    "covariance": moments.covariance,
    "correlation": moments.correlation,
    **regressions.WRITERS,
    **decompositions.WRITERS,
}


def to_r(told: Told, path: str) -> str:
    """The script; of what R cannot do its first lines say so, and what comes nearest."""
    return whole(made(told, path))


def cannot(told: Told) -> list[str]:
    """What R cannot do, or reads in another way, in the words of the script's first lines."""
    if not told.contrasts and told.function not in {*WRITERS, *rates.WRITERS, "joint"}:
        return [f"There is no script of R for {told.function}."]
    return unusual(told, made(told, "data.csv"))


def unusual(told: Told, script: Script) -> list[str]:
    """What the first lines say beyond what they always say."""
    usual = Script("#")
    first_lines(told, usual, "R")
    return script.notes[len(usual.notes) :]


def made(told: Told, path: str, after: Sequence[str] = ()) -> Script:
    """The script under construction; `after` are lines that make something else of the answers."""
    script = Script("#")
    first_lines(told, script, "R")
    if told.function in rates.WRITERS:
        rates.write(told, script)
        return script
    told = joint.one_weight(told, script)
    if not (told.draws and by_files(told)):
        opening(draws.opened(told) if told.draws else told, script, path)
    opened = len(script.lines)
    if told.undefined and any(map(regressions.spends, _bases(told))):
        script.note(
            "In some replicate the model has no solution (a category separates, or nobody is left): no standard error "
            "is given of it. svyglm fits such a replicate anyhow, or stops there; on the design without replicate "
            "weights it gives the estimates."
        )
    try:
        _table(told, script, path)
    except NotInR as reason:
        script.towards()
        script.note(regressions.in_words(reason))
        del script.lines[opened:]
        return script
    script.add(*script.after, *after)
    return script


def _bases(told: Told) -> list[Told]:
    """What contrasts and joint results are made of."""
    base = told.contrasted() if told.contrasts else told
    return [part for _, own, _ in base.parts() for part in _bases(own)] if base.function == "joint" else [base]


def _table(told: Told, script: Script, path: str) -> None:
    """`answer`, from what the opening left."""
    if not told.contrasts:
        rows.identify(told, script)
    if told.draws:
        draws.write(told, script, estimates, path)
    else:
        estimates(told, script)
    if told.contrasts:
        rows.identify(told, script)
    rows.answer(told, script)


def whole(script: Script) -> str:
    """The text of a script, its packages loaded, its lines not too long."""
    script.lines = [row for line in script.lines for row in broken(line)]
    return script.text([f"library({package})" for package in script.packages])


def estimates(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of one data set."""
    if told.contrasts:
        contrasts.write(told, script, estimates)
    elif told.function == "joint":
        joint.write(told, script, estimates)
    else:
        WRITERS[told.function](told, script)
