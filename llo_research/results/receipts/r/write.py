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
from llo_research.results.receipts.r.words import broken, text
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


def to_r(told: Told, path: str, after: Sequence[str] = ()) -> str:
    """The script; of what R cannot do its first lines say so, and what comes nearest.

    after : lines that make something else of the answers.
    """
    return _whole(_made(told, path, after))


def cannot(told: Told) -> str | None:
    """What R cannot do, or reads in another way, in the words of the script's first lines; None where it is nothing."""
    if not told.contrasts and told.function not in {*WRITERS, *rates.WRITERS, "joint"}:
        return f"there is no script for {told.function}"
    usual = Script("#")
    first_lines(told, usual, "R")
    return " ".join(_made(told, "data.csv").notes[len(usual.notes) :]) or None


def _made(told: Told, path: str, after: Sequence[str] = ()) -> Script:
    """The script under construction, whole."""
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


def _whole(script: Script) -> str:
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


def hausman_to_r(told: Told, path: str) -> str:
    """Hausman's own comparison, which R has for equal weights only: the data, and what comes nearest."""
    script = Script("#")
    first_lines(told, script, "R")
    script.note(
        "Not to be had in R by this script: Hausman's comparison of fixed and random effects with weights. Nearest "
        "come phtest of plm, which compares the same fits where all weights are equal, and "
        "panel.hausman(robust=True), whose script R runs."
    )
    opening(told, script, path)
    unit, time = (told.design.get(role) for role in ("unit", "time"))
    script.say(f"phtest(formula, data = data, index = c({text(unit)}, {text(time)}))  # of plm, without weights")
    return _whole(script)


def test_to_r(told: Told, path: str, statistic: str) -> str:
    """The script of a test of independence; `rows` are the cells."""
    script = Script("#")
    first_lines(told, script, "R")
    opening(told, script, path)
    if told.listed("by"):
        rows.identify(told, script)
    crosstabs.tested(told, script, statistic)
    return _whole(script)
