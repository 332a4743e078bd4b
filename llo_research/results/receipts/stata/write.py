"""A complete do-file from what a result tells of itself; not run, for there is no Stata here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from llo_research.results.receipts.first_lines import first_lines
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata import (
    cells,
    decompositions,
    imputed,
    models,
    opening,
    panels,
    quantiles,
    rows,
)
from llo_research.results.receipts.stata.formulas import NotInStata
from llo_research.results.receipts.stata.words import broken
from llo_research.results.receipts.told import Told

Rows = list[rows.Row | None]
After = Callable[[Script, Rows], None]
# Each leaves the results of a command in memory, and gives an expression of its coefficients for each row.
WRITERS: dict[str, Callable[[Told, Script], Rows]] = {
    "mean": cells.mean,
    "share": cells.share,
    "total": cells.total,
    "ratio": cells.ratio,
    "gap": cells.gap,
    "change": cells.change,
    "gap_change": cells.gap_change,
    "narrowing": cells.narrowing,
    "trend": cells.trend,
    "crosstab": cells.crosstab,
    "variance": cells.pairs,
    "covariance": cells.pairs,
    "correlation": cells.pairs,
    "quantile": quantiles.write,
    "glm": models.write,
    "ordered": models.ordered,
    "margins": models.margins,
    "panel.fixed_effects": panels.fixed_effects,
    "panel.first_difference": panels.first_difference,
    "panel.between": panels.between,
    "panel.random_effects": panels.random_effects,
    "panel.hybrid": panels.unit_means,
    "panel.mundlak": panels.unit_means,
    "panel.correlated_random_effects": panels.unit_means,
    "panel.event_time": panels.event_time,
    "oaxaca_blinder": decompositions.oaxaca,
    "oaxaca_change": decompositions.change,
    "gelbach": decompositions.gelbach,
    "sequential": decompositions.gelbach,
    "shapley_r2": decompositions.shapley,
    "standardise": decompositions.standardise,
}
_RATES = ("kitagawa", "das_gupta")
# estimators without a command, and what comes nearest
NEAREST: Mapping[str, str] = {
    "rank_gap": "xtile of the ranking with pweights, and svy: mean over(): people on the border count whole there",
    "banner": "svy: mean of each indicator over() each breakdown, one command a column of the table",
    "panel.age_period_cohort": "svy: regress on dummies of age, period and cohort with any one constraint: second "
    "differences of its coefficients are the bends; its slopes are the constraint's",
    "panel.conditional_logit": "clogit with group(), pweights that are constant in a group and vce(cluster), whose "
    "coefficients are the same and whose errors know no strata",
    "panel.fixed_effects_iv": "ivreghdfe (ssc install ivreghdfe) with absorb() and cluster(), or xtivreg, fe "
    "vce(cluster): the same coefficients (weights where a program takes them), errors without strata",
    "panel.fixed_effects_ordered": "feologit (ssc install feologit), or expand by cut-off and clogit with "
    "group(unit cut-off) and vce(cluster unit): the same coefficients, errors without strata",
    "panel.fixed_effects_poisson": "ppmlhdfe (ssc install ppmlhdfe) with absorb() and pweights, or xtpoisson, fe "
    "vce(robust): the same coefficients, errors by cluster without strata",
    "rif": "oaxaca_rif (ssc install rif), whose errors take the density and the design's clusters as given",
    "reweight": "logit of the group with pweights, and svy: mean with its odds as weights, which takes these as known",
    "gap_closing": "teffects aipw by level of the treatment, with each group's means by margins, without the design",
    "four_parts": "teffects aipw within each group, of whose means the parts are products, without the design",
    "inequality": "ineqdeco and conindex (ssc), without the design",
    "panel.pseudo_panel": "collapse to cohorts and xtreg, fe, which takes the means of cohorts as given",
}
_JOINT = """Stata
has no covariance of estimates from several svy commands of this kind (suest takes models, not means): each
part is printed with its own errors, which are right."""
_JOINT_CONTRAST = """A
contrast of estimates that stand in several commands needs their covariance, which Stata does not give:
the estimates are printed, the contrast is not."""
_ADJUSTED = " qqvalue (ssc install qqvalue) makes p_adjusted of the p-values of the rows."
_NOT_RUN = "NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later."
_PLAIN = re.compile(r"/\*|\*/|///")


def to_stata(told: Told, path: str) -> str:
    """The script; of what Stata cannot do its first lines say so, and what comes nearest."""
    return whole(made(told, path))


def whole(script: Script) -> str:
    """The text of a script, its lines not too long, its comments without signs that Stata reads."""
    script.lines = [part for line in script.lines for part in broken(_safe(line))]
    script.notes = [_plain(note) for note in script.notes]
    return script.text()


def _safe(line: str) -> str:
    """A line whose comment has no sign that Stata reads."""
    if line.lstrip().startswith("*"):
        return _plain(line)
    code, sign, comment = line.partition("  // ")
    return code + sign + _plain(comment)


def _plain(comment: str) -> str:
    """A comment without the signs that open or go on with another, and without macros, which are read there too."""
    return _PLAIN.sub(" ", comment).replace("`", "'").replace("$", "$ ")


def cannot(told: Told) -> list[str]:
    """What Stata cannot do, or reads in another way, in the words of the script's first lines."""
    return unusual(told, made(told, "data.dta"))


def unusual(told: Told, script: Script) -> list[str]:
    """What the first lines say beyond what they always say."""
    usual = Script("*")
    first(told, usual)
    return script.notes[len(usual.notes) :]


def first(told: Told, script: Script) -> None:
    """What every script says first."""
    first_lines(told, script, "Stata")
    script.note(_NOT_RUN)


def made(told: Told, path: str, after: After | None = None) -> Script:
    """The script under construction; `after` makes something else of the rows, where one command has them all."""
    script = Script("*")
    first(told, script)
    if told.function in _RATES:
        decompositions.rates(told, script)
        return script
    left = [column for column in told.added if column not in ("bound", "p_equivalence")]
    if left:
        script.note(f"Not printed here: {', '.join(left)}." + (_ADJUSTED if "p_adjusted" in left else ""))
    if told.simultaneous:
        script.note(rows.JOINT)
    own = imputed.opened(told) if told.draws else told
    opening.opening(own, script, path)
    rows.programs(told, script)
    if told.draws:
        imputed.write(told, script, answers)
        rows_of = Rows()
    else:
        rows_of = answers(told, script)
    if after is not None and rows_of:
        after(script, rows_of)
    elif after is not None:
        script.note("What is made of these numbers is not made in this script, which prints the numbers themselves.")
    return script


def answers(told: Told, script: Script) -> Rows:
    """The commands and the rows of one data set; no rows where not one command has them."""
    if told.function == "joint":
        _joint(told, script)
        return []
    base = told.contrasted() if told.contrasts else told
    writer = WRITERS.get(told.function)
    if writer is None:
        nearest = NEAREST.get(told.function, "the commands of svy on the design that is declared here")
        script.towards()
        script.note(f"Stata has no command for {told.function}. What comes nearest: {nearest}.")
        return []
    _reading(told, script)
    try:
        made = writer(base, script)
    except NotInStata as why:
        script.towards()
        script.note(f"No script of Stata gives this model: {why}. What comes nearest is {why.nearest}.")
        return []
    if all(row is None for row in made):
        return []
    return rows.answer(told, script, made, base)


def _reading(told: Told, script: Script) -> None:
    """Where the intervals of rows are not made here, and shifts that are taken off."""
    strange = [own for own in dict.fromkeys(told.intervals) if own in ("likelihood",)]
    if strange and told.function != "quantile":
        script.note(
            "Stata has no likelihood interval of a share: the interval here is symmetric on the scale of the share."
        )
    breaks = told.meta.get("breaks") or {}
    if told.call.get("breaks") == "adjust" and any(breaks.get("shift") or ()):
        shifts = ", ".join(f"{float(own or 0.0)!r}" for own in breaks["shift"])
        script.note(
            f"The known shifts of a series break are not taken off here; subtract them from the rows: {shifts}."
        )


def _joint(told: Told, script: Script) -> None:
    """Each part of a joint result by itself."""
    base = told.contrasted() if told.contrasts else told
    script.note(" ".join((_JOINT_CONTRAST if told.contrasts else _JOINT).split()))
    for number, (label, part, places) in enumerate(base.parts()):
        script.add("restore, preserve" if number else "preserve")
        script.part(f"Part {label!r}: {part.function}.")
        if not told.contrasts:
            chosen = [told.intervals[i] for i in places], [told.null[i] for i in places]
            part = _with(part, *chosen, told)
        opening.conditions(part, script)
        answers(part, script)


def _with(part: Told, intervals: list[str], null: list[float | None], whole: Told) -> Told:
    """A part with the intervals and tests that it has in the whole."""
    return replace(part, intervals=tuple(intervals), null=tuple(null), tested=whole.tested, level=whole.level)
