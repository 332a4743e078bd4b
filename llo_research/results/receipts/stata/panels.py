"""Panel estimators in Stata: within, differences, between, random effects, unit means and event time."""

from __future__ import annotations

import re
from dataclasses import replace

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata import models
from llo_research.results.receipts.stata.formulas import InStata, NotInStata
from llo_research.results.receipts.stata.rows import Row, linear
from llo_research.results.receipts.stata.words import fresh, name
from llo_research.results.receipts.told import Told

Rows = list[Row | None]
RANDOM = """xtreg, re takes no sampling weights: what is printed here is unweighted, with clusters for the design. The
weighted estimate of Swamy and Arora's components is not to be had in Stata; mixed, pweight() comes nearest, with other
components."""
CLUSTERS = """xtreg,
re knows clusters but no strata, and has a small-sample factor of its own: estimates are ours, standard errors
are near ours."""
CONSTANT = """Standard errors are ours where the weight of a unit is the same in all its waves; else the means of units
move with the weights, which Stata takes as given (ours does not)."""
_MEAN = re.compile(r"`?mean\(.*\)`?")
_EVENT = re.compile(r"event\[(-?\d+)\]")


def unit(told: Told, script: Script) -> str:
    """A number for each unit, for ``by()`` and ``xtset``."""
    made = fresh(told, "unit_number")
    script.add(f"egen long {made} = group({name(str(told.design['unit']))})")
    return made


def _role(told: Told, effect: str) -> str:
    """The column of an effect."""
    return name(str(told.design[effect])) if effect in ("unit", "time") and told.design.get(effect) else name(effect)


def _columns(told: Told, script: Script, model: InStata, made: str) -> dict[str, str]:
    """Our name of each slope -> a column of its numbers, made here."""
    script.say("the columns of the formula, one by one")
    out = {}
    for i, (term, words) in enumerate(model.pieces.items(), start=1):
        out[term] = fresh(told, f"x{i}")
        script.add(f"generate double {out[term]} = {words} if {made}  // {term}")
    return out


def _with_mean(told: Told, of: str, level: str, made: str, use: str) -> list[str]:
    """Lines of the weighted mean of an expression in the levels of a column; `use` takes it, where `below` is not 0."""
    final, above, below = (fresh(told, own) for own in ("final", "above", "below"))
    return [
        f"egen double {above} = total({final} * {of} * {made}), by({level})",
        f"egen double {below} = total({final} * {made}), by({level})",
        use.format(mean=f"{above} / {below}", below=below),
        f"drop {above} {below}",
    ]


def _within(told: Told, script: Script, columns: list[str], level: str, made: str) -> list[str]:
    """Columns less their weighted means in the levels of a column; the names of what is left."""
    use = f"generate double w_`v' = cond({made} & {{below}} > 0, `v' - {{mean}}, 0)"
    lines = _with_mean(told, "`v'", level, made, use)
    script.add(f"foreach v of varlist {' '.join(columns)} {{", *(f"    {line}" for line in lines), "}")
    return [f"w_{column}" for column in columns]


def fixed_effects(told: Told, script: Script) -> Rows:
    """The within estimator."""
    effects = dict(told.meta["effects"])
    ordered = [_role(told, one) for one in sorted(effects, key=lambda effect: -effects[effect])]
    model, made = models.data(told, script, [name(str(told.design["unit"])), *ordered])
    terms = [str(term) for term in told.rows["term"]]
    final = fresh(told, "final")
    if told.call.get("vcov", "design") != "design":
        return _absorbed(told, script, model, made, ordered)
    script.part("The within estimator.")
    script.say(
        "svy does not go with xtreg, fe or areg, and these know no strata. Columns less their unit's mean have "
        "the same slopes, and svy: regress of these has the design's standard errors. For comparison, without strata: "
        f"areg {model.response} {' '.join(model.right)} [pweight = {final}] if {made}, "
        f"absorb({ordered[0]}) vce(cluster ...)"
    )
    return _design(told, script, model, made, ordered, terms)


def _design(
    told: Told,
    script: Script,
    model: InStata,
    made: str,
    effects: list[str],
    terms: list[str],
    also: list[str] | None = None,
) -> Rows:
    """The regression within the largest effect, on dummies of the others."""
    columns = {**_columns(told, script, model, made), **{column: column for column in also or []}}
    dummies = []
    for number, effect in enumerate(effects[1:], start=1):
        dummies.append(f"effect{number}_*")
        script.add(f"quietly tabulate {effect} if {made}, generate(effect{number}_)", f"drop effect{number}_1")
    outcome = fresh(told, "y0")
    script.add(f"generate double {outcome} = {model.response} if {made}")
    own = _within(told, script, [outcome, *columns.values(), *dummies], effects[0], made)
    script.add(f"svy, subpop({made}): regress {' '.join(own)}, noconstant")
    fewer = len(terms) - 1
    return [linear({f"_b[w_{columns.get(term, term)}]": 1.0}, made, fewer) for term in terms]


def _absorbed(told: Told, script: Script, model: InStata, made: str, effects: list[str]) -> Rows:
    """``reghdfe``, for errors that take the weights as given."""
    final = fresh(told, "final")
    script.part("The within estimator: reghdfe (ssc install reghdfe ftools), which absorbs any number of effects.")
    vcov = str(told.call["vcov"])
    if words := models.COVARIANCES.get(vcov):
        script.note(words)
    if told.call.get("small_sample") == "none":
        script.note("reghdfe's errors carry its small-sample factor, which small_sample='none' leaves out of ours.")
    kind, vce = ("aweight", "unadjusted") if vcov == "iid" else ("pweight", models.spread(told))
    script.add(
        f"reghdfe {model.response} {' '.join(model.right)} [{kind} = {final}] if {made}, "
        f"absorb({' '.join(effects)}) vce({vce}) keepsingletons"
    )
    script.say("keepsingletons: units of one wave stay in the number of rows, as ours")
    df = "e(df_r)"
    return [linear({f"_b[{model.names[str(term)]}]": 1.0}, made, 0, df) for term in told.rows["term"]]


def first_difference(told: Told, script: Script) -> Rows:
    """Changes on changes, from each unit's wave before."""
    time = name(str(told.design["time"]))
    model, made = models.data(told, script, [name(str(told.design["unit"])), time])
    script.part(
        "Differences from the wave before: waves are numbered, so that a unit that skipped one has no difference."
    )
    number, wave, later = unit(told, script), fresh(told, "wave"), fresh(told, "later")
    columns = _columns(told, script, model, made)
    outcome = fresh(told, "y0")
    script.add(
        f"generate double {outcome} = {model.response} if {made}",
        f"egen int {wave} = group({time}) if {made}",
        f"replace {wave} = 0 if missing({wave})",
        f"bysort {number} ({wave}): generate byte {later} = {wave} == {wave}[_n - 1] + 1 & {wave}[_n - 1] > 0",
        f"foreach v of varlist {outcome} {' '.join(columns.values())} {{",
        f"    bysort {number} ({wave}): generate double d_`v' = cond({later}, `v' - `v'[_n - 1], 0)",
        "}",
    )
    script.say("for comparison, without the design: xtset unit wave, and regress D.(y x), noconstant vce(cluster unit)")
    own = [f"d_{one}" for one in [outcome, *columns.values()]]
    terms = [str(term) for term in told.rows["term"]]
    df = models.fitted(told, script, f"regress {' '.join(own)}", ["noconstant"], later)
    return [linear({f"_b[d_{columns[term]}]": 1.0}, later, len(terms) - 1, df) for term in terms]


def between(told: Told, script: Script) -> Rows:
    """Means of units on means of units."""
    model, made = models.data(told, script, [name(str(told.design["unit"]))])
    script.note(" ".join(CONSTANT.split()))
    script.part("Means of units, each with the mean of its weights: one row a unit.")
    number, final = unit(told, script), fresh(told, "final")
    columns = _columns(told, script, model, made)
    outcome, own, once = (fresh(told, one) for one in ("y0", "own", "once"))
    use = "replace `v' = cond({below} > 0, {mean}, 0)"
    script.add(
        f"generate double {outcome} = {model.response} if {made}",
        f"foreach v of varlist {outcome} {' '.join(columns.values())} {{",
        *(f"    {line}" for line in _with_mean(told, "`v'", number, made, use)),
        "}",
        f"egen double {own} = mean(cond({made}, {final}, .)), by({number})",
        f"bysort {number} ({made}): generate byte {once} = _n == _N & {made}",
        f"replace {final} = {own} if {once}",
    )
    words = f"regress {outcome} {' '.join(columns.values())}"
    df = models.fitted(told, script, words, [] if model.constant else ["noconstant"], once)
    names = {**columns, "Intercept": "_cons"}
    terms = [str(term) for term in told.rows["term"]]
    return [linear({f"_b[{names[term]}]": 1.0}, once, len(terms) - 1, df) for term in terms]


def random_effects(told: Told, script: Script) -> Rows:
    """Swamy and Arora's random effects, without weights."""
    model, made = models.data(told, script, [name(str(told.design["unit"]))])
    script.note(" ".join((RANDOM if told.meta.get("weight") or told.design.get("fpc") else CLUSTERS).split()))
    script.part("Random effects; sa: the components of Swamy and Arora for panels that are not balanced.")
    number = unit(told, script)
    script.add(f"xtset {number}")
    vcov = str(told.call.get("vcov", "design"))
    vce = "" if vcov == "iid" else f"vce(cluster {models.clusters(told)})"
    script.add(f"xtreg {model.response} {' '.join(model.right)} if {made}, re sa {vce}".rstrip())
    by_rows = f"e(N) - {len(told.meta['terms'])}"
    df = "" if vcov == "design" else by_rows if vcov in ("iid", "hc1") else "e(N_clust) - 1"
    return models.coefficients(told, model, made, df)


def unit_means(told: Told, script: Script) -> Rows:
    """Pooled models with the means of units: Mundlak, hybrid, correlated random effects."""
    if told.meta["family"] == "ordered":
        raise NotInStata("an ordered model with means of units", "svy: ologit or oprobit with columns of these means")
    terms = [str(term) for term in told.meta["terms"]]
    means = [term for term in terms if _MEAN.fullmatch(term)]
    plain = [term for term in terms if term not in means]
    formula = re.sub(r" \+ `mean\([^`]*\)`", "", str(told.meta["formula"]))
    bare = replace(told, meta={**told.meta, "formula": formula, "terms": plain})
    model, made = models.data(bare, script, [name(str(told.design["unit"]))])
    script.note(" ".join(CONSTANT.split()))
    script.part("The weighted means of units over the waves that the model uses.")
    number = unit(told, script)
    for i, term in enumerate(means, start=1):
        inner = term.strip("`").removeprefix("mean(").removesuffix(")")
        if inner not in model.pieces:
            raise NotInStata(f"{term} is made inside the call")
        column = fresh(told, f"mean_{i}")
        script.say(f"{column}: {term}")
        script.add(
            *_with_mean(
                told, model.pieces[inner], number, made, f"generate double {column} = cond({{below}} > 0, {{mean}}, 0)"
            )
        )
        model.names[term] = column
        model.right.append(column)
    script.part("The model.")
    df = models.estimate(bare, script, model, made)
    return models.coefficients(told, model, made, df)


def event_time(told: Told, script: Script) -> Rows:
    """Fixed effects with dummies of the time from an event."""
    times = [int(found[1]) for term in told.rows["term"] if (found := _EVENT.fullmatch(str(term)))]
    formula = re.sub(r" \+ `event\[-?\d+\]`", "", str(told.meta["formula"]))
    kept = [term for term in told.meta["terms"] if not _EVENT.fullmatch(str(term).strip("`"))]
    plain = replace(told, meta={**told.meta, "formula": formula, "terms": kept})
    time, event = name(str(told.design["time"])), name(str(told.call["event"]))
    effects = dict(told.meta["effects"])
    ordered = [_role(told, one) for one in sorted(effects, key=lambda effect: -effects[effect])]
    model, made = models.data(plain, script, [name(str(told.design["unit"])), *ordered])
    low, high = told.call["window"]
    script.part(
        f"The time from the event; beyond the window the ends hold all; the reference is {told.meta['reference']}."
    )
    number, first, since = unit(told, script), fresh(told, "first"), fresh(told, "since")
    named = {k: fresh(told, f"event_{i}") for i, k in enumerate(times, start=1)}
    script.add(
        f"quietly summarize {event}",
        "local yes_or_no = r(min) >= 0 & r(max) <= 1",
        f"egen double {first} = min(cond({event} == 1, {time}, .)), by({number})",
        f"generate double {since} = {time} - cond(`yes_or_no', {first}, {event})",
        f"replace {since} = max(min({since}, {high}), {low}) if !missing({since})",
        *(f"generate byte {column} = {since} == {k}" for k, column in named.items()),
    )
    spelled = {f"event[{k}]": column for k, column in named.items()}
    terms = [spelled.get(str(term), str(term)) for term in told.rows["term"]]
    if told.call.get("vcov", "design") != "design":
        script.note(f"Errors here are the design's; those of vcov={told.call['vcov']!r} are reghdfe's, absorb() vce().")
    return _design(plain, script, model, made, ordered, terms, list(named.values()))
