"""Models in Stata: ``svy: regress``, ``logit``, ``glm``, ``ologit``, their margins, and other covariances."""

from __future__ import annotations

from dataclasses import replace

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata.designs import listed
from llo_research.results.receipts.stata.formulas import InStata, NotInStata, in_stata
from llo_research.results.receipts.stata.opening import domain
from llo_research.results.receipts.stata.rows import Row, linear
from llo_research.results.receipts.stata.words import code, fresh, name, text
from llo_research.results.receipts.told import Told

Rows = list[Row | None]
_COMMANDS = {
    ("gaussian", "identity"): "regress",
    ("binomial", "logit"): "logit",
    ("binomial", "probit"): "probit",
    ("binomial", "cloglog"): "cloglog",
    ("poisson", "log"): "poisson",
    ("ordered", "logit"): "ologit",
    ("ordered", "probit"): "oprobit",
}
_OBSERVED = """Stata
takes the observed information of this model, ours (as R's svyglm) the expected one: standard errors
differ by some per cent at most; `glm, irls vce(robust)` outside of svy takes the expected one."""
_NO_COMMAND = {
    "driscoll-kraay": "Stata has no Driscoll-Kraay errors of its own; xtscc (ssc install xtscc) comes nearest: it "
    "counts the time of tsset and takes no probability weights. What is printed here is clustered by time.",
    "wild": "The wild cluster bootstrap is boottest's (ssc install boottest), whose signs are drawn otherwise; what "
    "is printed here are the cluster's standard errors, which are ours, and their own intervals and p-values.",
}
_FIXED = (
    "margins takes vce(unconditional) with linearized variances only; on replicate weights the errors here take the "
    "people as given (our fixed=True)."
)
COVARIANCES = _NO_COMMAND


def data(told: Told, script: Script, also: list[str] | None = None) -> tuple[InStata, str]:
    """The formula, and the domain of people who are known in all its columns."""
    script.part("The columns of the model.")
    model = in_stata(told, script)
    offset = told.call.get("offset")
    known = [*model.columns, *([name(str(offset))] if offset else []), *(also or [])]
    return model, domain(told, script, known)


def command(told: Told, model: InStata) -> str:
    """The estimation command and its variables."""
    family, link = str(told.meta.get("family", "gaussian")), str(told.meta.get("link", "identity"))
    own = _COMMANDS.get((family, link))
    return f"{own or 'glm'} {model.response} {' '.join(model.right)}".rstrip()


def options(told: Told, model: InStata) -> list[str]:
    """Options of the command."""
    family, link = str(told.meta.get("family", "gaussian")), str(told.meta.get("link", "identity"))
    out = [] if (family, link) in _COMMANDS else [f"family({family}) link({link})"]
    offset = told.call.get("offset")
    out += [f"offset({name(str(offset))})"] if offset else []
    return out + ([] if model.constant or family == "ordered" else ["noconstant"])


def estimate(told: Told, script: Script, model: InStata, made: str) -> str:
    """The model; gives the expression of its degrees of freedom, empty where they are the design's."""
    words, extra = command(told, model), options(told, model)
    vcov = str(told.call.get("vcov", "design"))
    if (told.meta.get("family"), told.meta.get("link")) in {("binomial", "probit"), ("binomial", "cloglog")} or (
        told.meta.get("family") == "gamma"
    ):
        script.say(" ".join(_OBSERVED.split()))
    if vcov == "design":
        script.add(f"svy, subpop({made}): {words}" + (f", {' '.join(extra)}" if extra else ""))
        return ""
    final = fresh(told, "final")
    if vcov in _NO_COMMAND:
        script.note(_NO_COMMAND[vcov])
    if vcov == "two-way":
        script.say("reghdfe (ssc install reghdfe ftools): both clusters with the smaller number in the factor, as ours")
        script.add(
            f"reghdfe {model.response} {' '.join(model.right)} [pweight = {final}] if {made}, "
            f"noabsorb vce(cluster {clusters(told)})"
        )
        return "e(df_r)"
    kind, vce = ("aweight", "") if vcov == "iid" else ("pweight", f"vce({spread(told)})")
    if vcov == "iid" and words.split()[0] != "regress":
        kind, vce = "iweight", "vce(oim)"
        script.say("iweights count as numbers of people: rescale them to a mean of 1 first")
        script.add(f"quietly summarize {final} if {made}", f"replace {final} = {final} / r(mean)")
    told_options = " ".join(one for one in [*extra, vce] if one)
    script.add(f"{words} [{kind} = {final}] if {made}" + (f", {told_options}" if told_options else ""))
    k, n = len(told.meta["terms"]), told.meta.get("nobs")
    if words.split()[0] != "regress" and vcov in ("cluster", "wild", "hc1") and n:
        factor = ((n - 1) / (n - k)) ** 0.5
        script.say(f"Stata's factor of this model has no (n - 1) / (n - k): multiply its errors by {factor!r} for ours")
    return "e(N_clust) - 1" if vcov in ("cluster", "wild", "driscoll-kraay") else f"e(N) - {k}"


def spread(told: Told) -> str:
    """What stands in ``vce()``."""
    vcov = str(told.call.get("vcov"))
    if vcov == "driscoll-kraay":
        return f"cluster {name(str(told.design['time']))}"
    return f"cluster {clusters(told)}" if vcov in ("cluster", "wild") else "robust"


def clusters(told: Told) -> str:
    """The columns of the clusters; sampling units that are numbered anew in each stratum are apart."""
    given = told.listed("cluster") or listed(told.design.get("psu"))[:1] or listed(told.design.get("unit"))[:1]
    units = listed(told.design.get("psu"))
    nested = bool(told.design.get("strata")) and told.survey.get("nest", True)
    return " ".join(fresh(told, "sampling_unit") if nested and own in units[:1] else name(own) for own in given)


def write(told: Told, script: Script) -> Rows:
    """Coefficients of a generalised linear model."""
    try:
        model, made = data(told, script)
    except NotInStata as error:
        return impossible(told, script, error)
    script.part("The model.")
    df = estimate(told, script, model, made)
    out = coefficients(told, model, made, df)
    for spec in [one for one in model.right if one.startswith("ib") and "#" not in one]:
        script.say("the Wald test of the category: nosvyadjust is F = W/q, as ours; its df are the design's in Stata")
        script.add(f"testparm i.{spec.split('.', 1)[1]}{', nosvyadjust' if not df else ''}")
    return out


def coefficients(told: Told, model: InStata, made: str, df: str = "") -> Rows:
    """A row for each coefficient."""
    terms = [str(term) for term in told.rows["term"]]
    fewer = len(model.names) - 1
    return [linear({f"_b[{model.names[term]}]": 1.0}, made, fewer, df) for term in terms]


def impossible(told: Told, script: Script, error: Exception) -> Rows:
    """No rows, and why."""
    script.note(
        f"No script of Stata gives this model: {error}. What comes nearest is a column made in Python: svy.assign()."
    )
    return [None] * len(told.rows)


def ordered(told: Told, script: Script) -> Rows:
    """Coefficients and thresholds of an ordered model."""
    try:
        model, made = data(told, script)
    except NotInStata as error:
        return impossible(told, script, error)
    model.names.pop("Intercept", None)
    script.part("The model; thresholds are /cut1, /cut2, ..., and slopes have our sign.")
    df = estimate(told, script, model, made)
    terms = [str(term) for term in told.rows["term"]]
    cuts = iter(range(1, len(terms) + 1))
    names = {term: model.names[term] if term in model.names else f"/cut{next(cuts)}" for term in terms}
    return [linear({f"_b[{names[term]}]": 1.0}, made, len(terms) - 1, df) for term in terms]


def margins(told: Told, script: Script) -> Rows:
    """Average marginal effects and predictive margins, by ``margins`` after the model."""
    fit = replace(told, meta={**told.meta, "call": told.call["of"]})
    by = told.listed("by")
    try:
        model, made = data(fit, script, [name(column) for column in by])
        variables = told.listed("variables")
        for own in variables:
            if not any(
                own in (term, term.split("[")[0], f"C({own})") or term.startswith((f"{own}[", f"C({own})["))
                for term in fit.meta["terms"]
            ):
                raise NotInStata(
                    f"margins needs {own} as it stands in the formula; inside a function Stata does not see it"
                )
    except NotInStata as error:
        return impossible(told, script, error)
    script.part("The model, and its margins.")
    df = estimate(fit, script, model, made)
    fixed = bool(told.call.get("fixed")) or bool(df)
    if told.survey.get("replicates") and not fixed:
        script.note(_FIXED)
        fixed = True
    vce = "vce(delta)" if fixed else "vce(unconditional)"
    script.say(
        "vce(delta): the people are taken as given" if fixed else "vce(unconditional): the people were sampled, as ours"
    )
    at = told.call.get("at") or {}
    held = "".join(f" {name(c)}=({_values(fit, c, v)})" for c, v in at.items())
    tail = " ".join([vce, *([] if df else [f"subpop({made})"]), *([f"at({held.strip()})"] if held else [])])
    effects = f"dydx({' '.join(name(v) for v in variables)}) " if variables else ""
    if by or at or not variables or "level" in told.rows:
        groups = f" over({' '.join(name(c) for c in by)})" if by else ""
        outcomes = _outcomes(fit)
        script.say("margins prints the rows itself, in its own order")
        script.add(*(f"margins, {effects}{tail}{groups}{one}" for one in outcomes))
        return [None] * len(told.rows)
    script.add(f"margins, {effects}{tail} post")
    return _effects(told, fit, made, df)


def _effects(told: Told, fit: Told, made: str, df: str) -> Rows:
    """The coefficient of each effect that margins posted."""
    out: Rows = []
    for i, term in enumerate(str(one) for one in told.rows["term"]):
        level = told.rows["of"].iloc[i] if "of" in told.rows else None
        known = level is not None and level == level
        out.append(
            linear({f"_b[{code(fit, term, level)}.{name(term)}]" if known else f"_b[{name(term)}]": 1.0}, made, 0, df)
        )
    return out


def _values(told: Told, column: str, values: object) -> str:
    """The values at which a column is held."""
    several = values if isinstance(values, list | tuple) else [values]
    return " ".join(code(told, column, value) if isinstance(value, str) else text(value) for value in several)


def _outcomes(fit: Told) -> list[str]:
    """An option for each outcome of an ordered model."""
    levels = list(fit.meta.get("levels") or ())
    return [f" predict(outcome(#{i}))" for i in range(1, len(levels) + 1)] if levels else [""]
