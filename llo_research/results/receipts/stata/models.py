"""Models in Stata: ``svy: regress``, ``logit``, ``glm``, ``ologit``, their margins, and other covariances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stages import listed
from llo_research.results.receipts.stata.cells import over
from llo_research.results.receipts.stata.formulas import InStata, NotInStata, in_stata
from llo_research.results.receipts.stata.opening import domain
from llo_research.results.receipts.stata.rows import Row, linear
from llo_research.results.receipts.stata.words import code, fresh, name
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
# links of which observed and expected information are one
_CANONICAL = {("gaussian", "identity"), ("binomial", "logit"), ("poisson", "log")}
_OBSERVED = """Stata
takes the observed information of this model, ours (as R's svyglm) the expected one: estimates are ours, standard
errors differ by some per cent at most; glm, irls vce(robust) outside of svy takes the expected one."""
_CORRECTED = """
program define corrected, eclass
    args factor
    tempname f V
    scalar `f' = `factor'
    matrix `V' = `f' * e(V)
    ereturn repost V = `V'
end
"""
_FACTOR = "Stata's small-sample factor of these variances is not ours; with that of corrected all errors are ours."
_TWO_WAY = "two-way clusters are reghdfe's (ssc install reghdfe ftools), which fits linear models with a constant"
_AVERAGED = """The
people are averaged over with clusters or rows as sampled: the small-sample factor of margins, vce(unconditional) was
not held against ours; with fixed=True the errors are ours."""
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
_POOLED = ("panel.between", "panel.mundlak", "panel.hybrid", "panel.correlated_random_effects")


def data(told: Told, script: Script, also: list[str] | None = None) -> tuple[InStata, str]:
    """The formula, and the domain of people who are known in all its columns."""
    script.part("The columns of the model.")
    model = in_stata(told, script)
    offset = told.call.get("offset")
    known = [*model.columns, *([name(str(offset))] if offset else []), *(also or [])]
    pooled = told.function in ("glm", *_POOLED) and told.meta.get("family", "gaussian") == "gaussian"
    absorbed = told.function in ("panel.fixed_effects", "panel.event_time")
    if told.call.get("vcov") == "two-way" and not absorbed and not (pooled and model.constant and not offset):
        raise NotInStata(_TWO_WAY, "vcov='cluster' by the column with fewer clusters")
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
    kind = (str(told.meta.get("family", "gaussian")), str(told.meta.get("link", "identity")))
    if kind[0] != "ordered" and kind not in _CANONICAL:
        script.note(" ".join(_OBSERVED.split()))
    return fitted(told, script, command(told, model), options(told, model), made)


def fitted(told: Told, script: Script, words: str, extra: list[str], made: str) -> str:
    """A command by the design, or with weights as given and errors of another kind; gives df as `estimate`."""
    vcov, final, k = str(told.call.get("vcov", "design")), fresh(told, "final"), len(told.meta["terms"])
    if vcov == "design":
        script.add(f"svy, subpop({made}): {words}" + (f", {' '.join(extra)}" if extra else ""))
        return ""
    if vcov in _NO_COMMAND:
        script.note(_NO_COMMAND[vcov])
    if vcov == "two-way":
        script.say("both clusters with the smaller number in the factor, as ours; a variance below 0 is mended there")
        words, extra = words.replace("regress", "reghdfe", 1), [*extra, "noabsorb"]
    linear = words.split()[0] in ("regress", "reghdfe")
    kind, vce, freedom = "pweight", f"vce({spread(told)})", "e(N_clust) - 1"
    if vcov in ("iid", "hc1"):
        freedom = f"e(N) - {k}"
    if vcov == "iid":
        kind, vce = ("aweight", "") if linear else ("iweight", "vce(oim)")
    if vcov == "two-way":
        freedom = "e(df_r)"
    if kind == "iweight":
        script.say("iweights count as numbers of people: rescale them to a mean of 1 first")
        script.add(f"quietly summarize {final} if {made} & {final} > 0", f"replace {final} = {final} / r(mean)")
        script.add(f"scalar freedom = r(N) - {k}")
    told_options = " ".join(one for one in [*extra, vce] if one)
    script.add(f"{words} [{kind} = {final}] if {made}" + (f", {told_options}" if told_options else ""))
    script.add(*([] if kind == "iweight" else [f"scalar freedom = {freedom}"]))
    if factor := _factor(told, linear=linear, k=k):
        script.say(_FACTOR)
        defined = _CORRECTED.strip("\n").splitlines()
        script.add(*([] if defined[0] in script.lines else defined), f'corrected "{factor}"')
    return "scalar(freedom)"


def _factor(told: Told, *, linear: bool, k: int) -> str:
    """Our small-sample factor over Stata's, whose nonlinear models have no ``(n - 1) / (n - k)``; empty where equal."""
    vcov, corrected = str(told.call.get("vcov")), told.call.get("small_sample") != "none"
    if vcov not in ("cluster", "wild", "two-way", "hc1"):
        return ""
    if corrected:
        return "" if linear else f"(e(N) - 1) / (e(N) - {k})"
    if vcov == "hc1":
        return f"(e(N) - {k}) / e(N)" if linear else "(e(N) - 1) / e(N)"
    groups = "(e(df_r)) / (e(df_r) + 1)" if vcov == "two-way" else "(e(N_clust) - 1) / e(N_clust)"
    return groups + (f" * (e(N) - {k}) / (e(N) - 1)" if linear else "")


def spread(told: Told) -> str:
    """What stands in ``vce()``."""
    vcov = str(told.call.get("vcov"))
    if vcov == "driscoll-kraay":
        return f"cluster {name(str(told.design['time']))}"
    return f"cluster {clusters(told)}" if vcov in ("cluster", "two-way", "wild") else "robust"


def clusters(told: Told) -> str:
    """The columns of the clusters; sampling units that are numbered anew in each stratum are apart."""
    given = told.listed("cluster") or listed(told.design.get("psu"))[:1] or listed(told.design.get("unit"))[:1]
    units = listed(told.design.get("psu"))
    nested = bool(told.design.get("strata")) and told.survey.get("nest", True)
    return " ".join(fresh(told, "sampling_unit") if nested and own in units[:1] else name(own) for own in given)


def write(told: Told, script: Script) -> Rows:
    """Coefficients of a generalised linear model."""
    model, made = data(told, script)
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


def ordered(told: Told, script: Script) -> Rows:
    """Coefficients and thresholds of an ordered model."""
    model, made = data(told, script)
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
    cells = [over(told, script, column, told.rows[column].tolist()).column for column in by]
    model, made = data(fit, script, cells)
    _seen(told.listed("variables"), fit.meta["terms"])
    script.part("The model, and its margins.")
    df = estimate(fit, script, model, made)
    fixed = bool(told.call.get("fixed"))
    if df and not fixed:
        script.note(" ".join(_AVERAGED.split()))
    if told.survey.get("replicates") and not fixed:
        script.note(_FIXED)
        fixed = True
    vce = "vce(delta)" if fixed else "vce(unconditional)"
    script.say(
        "vce(delta): the people are taken as given" if fixed else "vce(unconditional): the people were sampled, as ours"
    )
    variables, at = told.listed("variables"), told.call.get("at") or {}
    held = "".join(f" {_column(model, c)}=({_values(model, fit, c, v)})" for c, v in at.items())
    tail = " ".join([vce, *([] if df else [f"subpop({made})"]), *([f"at({held.strip()})"] if held else [])])
    effects = f"dydx({' '.join(_column(model, v) for v in variables)}) " if variables else ""
    if by or at or not variables or "level" in told.rows:
        groups = f" over({' '.join(cells)})" if by else ""
        outcomes = _outcomes(fit)
        script.say("margins prints the rows itself, in its own order")
        script.add(*(f"margins, {effects}{tail}{groups}{one}" for one in outcomes))
        return [None] * len(told.rows)
    script.add(f"margins, {effects}{tail} post")
    return _effects(told, model, made, df)


def _seen(variables: list[str], terms: Sequence[str]) -> None:
    """Variables of effects stand in the formula as they are."""
    bare = {term.split("[")[0] for term in terms}
    for own in variables:
        if not {own, f"C({own})"} & bare:
            raise NotInStata(
                f"margins needs {own} as it stands in the formula; inside a function Stata does not see it"
            )


def _level(model: InStata, variable: str, level: object) -> str:
    """The level of a category, as a coefficient is called: ``2.education``; empty where the model has none."""
    spelled = (f"{own}[{sign}{level}]" for own in (variable, f"C({variable})") for sign in ("T.", ""))
    return next((model.names[term] for term in spelled if term in model.names), "")


def _column(model: InStata, variable: str) -> str:
    """The column of a variable of the model: of a category the one that has its numbers."""
    terms = {term.split("[")[0]: own for term, own in model.names.items() if "#" not in own}
    spelled = terms.get(f"C({variable})", terms.get(variable, name(variable)))
    return spelled.split(".")[-1]


def _effects(told: Told, model: InStata, made: str, df: str) -> Rows:
    """The coefficient of each effect that margins posted."""
    out: Rows = []
    for i, term in enumerate(str(one) for one in told.rows["term"]):
        level = told.rows["of"].iloc[i] if "of" in told.rows else None
        known = level is not None and level == level
        coefficient = _level(model, term, level) if known else _column(model, term)
        out.append(linear({f"_b[{coefficient}]": 1.0}, made, 0, df) if coefficient else None)
    return out


def _values(model: InStata, told: Told, column: str, values: object) -> str:
    """The values at which a column is held."""
    several = values if isinstance(values, list | tuple) else [values]
    bases = [spec[2:].split(".")[0] for spec in model.right if spec.endswith(f".{_column(model, column)}")]
    return " ".join(_level(model, column, v).split(".")[0] or (bases or [code(told, column, v)])[0] for v in several)


def _outcomes(fit: Told) -> list[str]:
    """An option for each outcome of an ordered model."""
    levels = list(fit.meta.get("levels") or ())
    return [f" predict(outcome(#{i}))" for i in range(1, len(levels) + 1)] if levels else [""]
