"""Scripts in R of what was made of a result: that of the result, and more lines, or a test of survey's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from llo_research.results.receipts.first_lines import first_lines
from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.receipts.r import after, crosstabs, hypotheses, narrowing, rows, sensitivity, write
from llo_research.results.receipts.r.opening import opening
from llo_research.results.receipts.r.words import text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_DRAWN = (
    "R draws the quantile of the largest difference at random and llo_research integrates it over fixed points: a "
    "difference that is within 0.5 per cent of that quantile may count in one and not in the other."
)
_NO_RATIO = (
    "R's script has no likelihood ratio for this model (it is made for svyglm on sampling designs): it ends with the "
    "coefficients. fit.test(..., method='wald') has a script."
)
_NO_COLUMNS = (
    "R's script ends with the coefficients of the model: what an omitted variable would do is made for llo.glm, fixed "
    "effects, differences and random effects on sampling designs only. Nearest: sensemakr, on lm with weights."
)
_NO_HAUSMAN = (
    "Not to be had in R by this script: Hausman's comparison of fixed and random effects with weights. Nearest "
    "come phtest of plm, which compares the same fits where all weights are equal, and "
    "panel.hausman(robust=True), whose script R runs."
)


def to_r(made: MadeOf, path: str) -> str:
    """The script; of what R cannot do its first lines say so, and what comes nearest."""
    return write.whole(WRITERS[made.kind](made, path))


def cannot(made: MadeOf) -> list[str]:
    """What R cannot do, or reads in another way, in the words of the script's first lines."""
    return write.unusual(made.told, WRITERS[made.kind](made, "data.csv"))


def _ranks(made: MadeOf, path: str) -> Script:
    """Ranks, and how many are certainly larger and smaller."""
    script = write.made(made.told, path, after.ranks(**made.asked))
    script.note(_DRAWN)
    return script


def _meta_analysis(made: MadeOf, path: str) -> Script:
    """The mean of several populations, and the variance between them."""
    told = made.told
    own = {name: made.asked[name] for name in ("method", "knapp", "by")}
    lines = after.meta_analysis(**own, level=told.level, log=told.on[0] == "log", tested=told.null[0] is not None)
    return write.made(told, path, lines)


def _break_robustness(made: MadeOf, path: str) -> Script:
    """How large a break would undo each change."""
    return write.made(made.told, path, after.break_robustness(made.asked["log"]))


def _narrowing(made: MadeOf, path: str) -> Script:
    """Whether gaps narrowed by what one group did."""
    return write.made(made.told, path, narrowing.statement(made.told))


def _test(made: MadeOf, path: str) -> Script:
    """A test of coefficients."""
    told, test = replace(made.told, linearised=made.asked["test"] == "lr"), made.asked["test"]
    plain = told.function == "glm" and told.call.get("vcov") == "design" and not told.survey.get("replicates")
    if test == "lr" and not plain:
        return _without(write.made(replace(told, linearised=False), path), _NO_RATIO)
    return write.made(told, path, hypotheses.lines(test, made.asked["restrictions"], told.labels))


def _omitted(made: MadeOf, path: str) -> Script:
    """What an omitted variable would do to a model."""
    told = replace(made.told, linearised=True)
    if told.function not in sensitivity.COLUMNS or told.survey.get("replicates"):
        return _without(write.made(replace(told, linearised=False), path), _NO_COLUMNS)
    return write.made(told, path, sensitivity.lines(told.function, told.labels, level=told.level, **made.asked))


def _hausman(made: MadeOf, path: str) -> Script:
    """Hausman's own comparison, which R has for equal weights only: the data, and what comes nearest."""
    told, script = made.told, Script("#")
    first_lines(told, script, "R")
    script.towards()
    script.note(_NO_HAUSMAN)
    opening(told, script, path)
    unit, time = (told.design.get(role) for role in ("unit", "time"))
    script.say(f"phtest(formula, data = data, index = c({text(unit)}, {text(time)}))  # of plm, without weights")
    return script


def _independence(made: MadeOf, path: str) -> Script:
    """A test of independence; `rows` are the cells."""
    told: Told = replace(made.told, rows=made.asked["rows"])
    script = Script("#")
    first_lines(told, script, "R")
    opening(told, script, path)
    if told.listed("by"):
        rows.identify(told, script)
    crosstabs.tested(told, script, made.asked["test"])
    return script


def _without(script: Script, why: str) -> Script:
    """The script of the result, whose first lines say what is not made of it."""
    script.towards()
    script.note(why)
    return script


WRITERS: dict[str, Callable[[MadeOf, str], Script]] = {
    "ranks": _ranks,
    "meta_analysis": _meta_analysis,
    "break_robustness": _break_robustness,
    "narrowing": _narrowing,
    "test": _test,
    "independence": _independence,
    "hausman": _hausman,
    "omitted_variable_bias": _omitted,
}
