"""A complete script in SPSS from what a result tells of itself; it was not run: there is no SPSS here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llo_research.results.receipts.first_lines import first_lines
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.spss import models, tables
from llo_research.results.receipts.spss.opening import column_of, opening, weight_of
from llo_research.results.receipts.spss.words import command, fresh
from llo_research.results.receipts.told import Told

WRITERS: dict[str, Callable[[Told, Script], None]] = {**tables.WRITERS, **models.WRITERS}
_LINEAR = ("gap", "change", "gap_change", "narrowing")
_LIKE_MEANS = ("mean", "share", "trend", "banner", "gap", "change", "gap_change")
_NEAREST = {
    "quantile": "FREQUENCIES with WEIGHT BY gives the quantile under another rule, and no error of the design",
    "variance": "CSDESCRIPTIVES of the squared deviations from the mean",
    "correlation": "the slope of CSGLM between standardised columns",
    "trend": "CSGLM on the time, without the covariance of people who return",
    "margins": "the coefficients, by CSLOGISTIC; SPSS has no average marginal effects",
    "fixed_effects": "CSGLM on columns less their means by person, which takes the means for known",
    "random_effects": "MIXED, without the design",
    "oaxaca_blinder": "CSGLM for each group; the parts are sums of products of its coefficients and means",
    "banner": "CSTABULATE and CTABLES, without tests against the rest that know the design",
    "panel.fixed_effects": "CSGLM on columns less their means by person, which takes the means for known",
    "panel.first_difference": "CSGLM on differences that LAG makes in a sorted file",
    "panel.between": "CSGLM on the means by person that AGGREGATE makes",
    "panel.random_effects": "MIXED, by maximum likelihood and without the design",
    "panel.hybrid": "CSGLM with the means by person that AGGREGATE makes as further columns",
    "panel.mundlak": "CSGLM with the means by person that AGGREGATE makes as further columns",
    "panel.correlated_random_effects": "CSLOGISTIC with the means by person as further columns (a logit)",
    "panel.conditional_logit": "COXREG with the persons as strata and a constant time, exact for one yes a person only",
    "panel.fixed_effects_ordered": "COXREG as for a conditional logit, on a file with a row for each cut-off",
    "panel.fixed_effects_poisson": "GENLIN (Poisson) with the persons as a factor, without the design",
    "panel.fixed_effects_iv": "2SLS on columns less their means by person, without the design",
    "panel.age_period_cohort": "CSGLM on age, period and cohort with any one constraint: only its bends are found",
    "oaxaca_change": "CSGLM for each group and time; the parts are sums of products of its coefficients and means",
    "gelbach": "CSGLM of both models; the parts are products of their coefficients",
    "sequential": "CSGLM of each model; differences of coefficients come without errors",
    "shapley_r2": "REGRESSION of each set of terms",
    "standardise": "CSDESCRIPTIVES by cell; the parts are sums of products of means and shares",
    "rif": "CSGLM for each group of a column of recentered values made beforehand; the parts are sums of products",
    "reweight": "CSLOGISTIC of the group, and CSDESCRIPTIVES with its odds as weights, which takes these as known",
    "gap_closing": "CSGLM at each level of the treatment and CSLOGISTIC of having it; their means by hand",
    "four_parts": "CSGLM with and without the treatment and CSLOGISTIC of having it; their means by hand",
    "inequality": "AGGREGATE and COMPUTE of the formulas; SPSS has no measures of inequality",
    "rank_gap": "RANK, and CSDESCRIPTIVES of the highest and lowest fifth",
}


def cannot(told: Told) -> list[str]:
    """What SPSS cannot give of a result, and why."""
    return [*_of_survey(told), *_of_call(told)]


def _of_survey(told: Told) -> list[str]:
    """What Complex Samples does not know of a survey."""
    out = []
    if told.survey.get("replicates"):
        out.append("Complex Samples takes no replicate weights: estimates agree, standard errors do not.")
    if told.steps:
        out.append(
            "Complex Samples takes calibrated weights as they are: estimates agree; standard errors do not know the "
            "calibration, and are mostly too large."
        )
    if told.survey.get("returns"):
        out.append("Complex Samples has no waves that share people: standard errors of changes do not know of them.")
    if told.survey.get("lonely") and told.survey.get("lonely_psu") not in ("remove", "certainty"):
        out.append("A stratum with one unit adds nothing in SPSS; in the result it does.")
    if told.added:
        out.append(f"Not made: {', '.join(told.added)}.")
    if _weights_follow(told):
        out.append("The weights follow from the fpc columns, and no column of the file holds them: make one first.")
    if told.simultaneous:
        out.append("Joint intervals are not made: those of SPSS hold row by row.")
    if told.meta.get("domain") or told.listed("by"):
        out.append(
            "Degrees of freedom are those of the whole sample; those of the result are of the people of each row."
        )
    return out


def _weights_follow(told: Told) -> bool:
    """Whether sampling fractions give the weights, which no column holds."""
    return not told.meta.get("weight") and not told.steps and bool(told.design.get("fpc"))


def is_blocked(told: Told) -> bool:
    """Whether there is no command that gives the numbers of a result."""
    if _weights_follow(told) or told.draws or told.call.get("plausible"):
        return True
    if told.contrasts:
        return not _is_linear(told)
    if told.function in _LINEAR and _is_of_category(told):
        return True
    if told.function == "glm" and not _is_known_model(told):
        return True
    return told.function not in WRITERS or _unmade_term(told) is not None


def _is_of_category(told: Told) -> bool:
    """Whether a difference is one of shares of a category."""
    return any(told.is_category(own) for own in told.listed("variables") + told.listed("variable"))


def _unmade_term(told: Told) -> str | None:
    """A term of a model for which the script can make no column."""
    if told.function not in ("glm", "ordered"):
        return None
    try:
        models.terms_in_spss(told)
    except models.NotInSpss as term:
        return str(term)
    return None


def _of_call(told: Told) -> list[str]:
    """What Complex Samples does not know of an estimator or its options."""
    call, function = told.call, told.function
    if told.draws or call.get("plausible"):
        return ["Complex Samples combines no plausible values: run it for each, and combine by Rubin's rules."]
    if told.contrasts and not _is_linear(told):
        return ["Complex Samples gives the estimates, but no covariance by which these contrasts could be made."]
    if function not in WRITERS or (function == "joint"):
        nearest = _NEAREST.get(function, "")
        nearest = f" Nearest: {nearest}." if nearest else ""
        return [f"SPSS has no command like {function} that knows the design.{nearest}"]
    out = []
    if function in _LINEAR and _is_of_category(told):
        return ["Of differences in a category there is no command; make a column of 0 and 1 of the level."]
    if function in _LINEAR and call.get("scale", "difference") != "difference":
        out.append("Ratios and odds ratios of means have no command; the difference is given.")
    if function in _LINEAR and len(told.listed("variables") or told.listed("variable")) > 1:
        out.append("One variable at a time: the first is given.")
    if function in ("change", "gap_change") and call.get("breaks") == "adjust":
        out.append("SPSS does not take the series break off; the change is given with it.")
    if function == "glm" and not _is_known_model(told):
        kind = (
            "offset"
            if told.call.get("offset")
            else f"{told.meta.get('family')} model with link {told.meta.get('link')}"
        )
        out.append(f"Complex Samples has no {kind}. Nearest: GENLIN with the weights, without the design.")
    if function in ("glm", "ordered") and call.get("vcov", "design") != "design":
        out.append(f"Standard errors are those of the design, not {call.get('vcov')}.")
    if function in ("glm", "ordered"):
        out.append(
            "SPSS keeps the design's degrees of freedom; those of the result are less by the number of slopes, so that "
            "its intervals are a little wider and its p-values larger (/CRITERIA DF= sets them)."
        )
        if (term := _unmade_term(told)) is not None:
            out.append(f"The term {term} has no column in SPSS that this script could make.")
    if {"logit", "beta", "wilson", "xlogit", "likelihood", "asin"} & set(told.intervals) and function == "mean":
        out.append("Intervals are symmetric (estimate and standard error agree); those of the result are not.")
    if function == "share" and set(told.intervals) != {"logit"}:
        out.append("CSTABULATE's intervals are logit intervals.")
    return out


def _is_linear(told: Told) -> bool:
    """Whether a contrast is a weighted sum of means of one variable."""
    if len(told.contrasts) != 1 or told.function not in ("mean",) or len(told.listed("variables")) != 1:
        return False
    if told.is_category(told.listed("variables")[0]):
        return False
    return all(isinstance(weights, dict) for weights in told.contrasts[0].values()) and bool(told.listed("by"))


def _is_known_model(told: Told) -> bool:
    """Whether CSGLM or CSLOGISTIC fits it."""
    kind = (told.meta.get("family"), told.meta.get("link"))
    return kind in (("gaussian", "identity"), ("binomial", "logit")) and not told.call.get("offset")


def to_spss(told: Told, path: str, also: Sequence[str] = ()) -> str:
    """The script; its first lines say what SPSS cannot do (`also` of what is made of it), and what comes nearest."""
    script = Script("*", ".")
    first_lines(told, script, "SPSS")
    script.note("Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).")
    script.note("It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.")
    if reasons := [*cannot(told), *also]:
        script.note(f"What SPSS cannot do: {' '.join(reasons)}")
    opening(told, script, path)
    blocked = is_blocked(told)
    if blocked or also:
        script.towards()
    if told.contrasts and _is_linear(told):
        tables.differences(told, script)
    elif told.function in WRITERS and not blocked and not told.contrasts:
        WRITERS[told.function](told, script)
    else:
        _nearest(told, script)
    _without_the_module(told, script, fresh(told, "people"))
    return script.text()


def _nearest(told: Told, script: Script) -> None:
    """The people, and the means of the variables that the call names."""
    if _weights_follow(told):
        return
    if told.function == "quantile":
        tables.quantiles(told, script)
    elif told.function in _LIKE_MEANS and told.listed("variables") and not told.draws:
        script.part("The nearest: the means themselves. They are not the numbers of the result")
        tables.means(told, script)


def _without_the_module(told: Told, script: Script, inside: str) -> None:
    """WEIGHT BY: estimates, and standard errors that are wrong."""
    base = told.contrasted() if told.contrasts else told
    named = dict.fromkeys([*base.listed("variables"), *base.listed("variable")])
    numbers = [column_of(base, own) for own in named if not base.is_category(own)]
    parted = dict.fromkeys([*base.listed("time"), *base.listed("by"), *base.listed("group")])
    if not numbers or not named.keys() <= {*(told.survey.get("columns") or {}), *base.conditions}:
        return
    if told.function == "quantile" or not any(line.startswith(f"COMPUTE {inside} ") for line in script.lines):
        return
    script.part("Without the module: the same means. Their standard errors take a weight for a number of people")
    cells = "".join(f" BY {column_of(base, own)}" for own in parted)
    script.add(f"WEIGHT BY {weight_of(told)}.", "TEMPORARY.", f"SELECT IF ({inside} = 1).")
    script.add(*command(f"MEANS TABLES={' '.join(numbers)}{cells}", ["/CELLS=MEAN COUNT"]), "WEIGHT OFF.")
