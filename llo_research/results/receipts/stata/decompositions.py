"""Decompositions in Stata: Jann's ``oaxaca``, Gelbach's ``b1x2``, ``shapley2``, and arithmetic on published figures."""

from __future__ import annotations

import re
from dataclasses import replace

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata import models
from llo_research.results.receipts.stata.cells import grouped, over
from llo_research.results.receipts.stata.conditions import true
from llo_research.results.receipts.stata.formulas import InStata
from llo_research.results.receipts.stata.opening import domain
from llo_research.results.receipts.stata.rows import Row, linear
from llo_research.results.receipts.stata.words import code, fresh, name, shown, text
from llo_research.results.receipts.told import Told

Rows = list[Row | None]
# terms of which all subsets are regressions: 1,024 of them
_MANY = 10
_COMPONENTS = {
    "mean_of": "group_1",
    "mean_minus": "group_2",
    "gap": "difference",
    "explained": "explained",
    "unexplained": "unexplained",
    "endowments": "endowments",
    "coefficients": "coefficients",
    "interaction": "interaction",
}
_LINKS = {"gaussian": "", "logit": "logit", "binomial": "logit", "probit": "probit"}
_CHANGE = """Stata
has no command for a change of a decomposition: each wave is decomposed here by oaxaca, and the rows of a
change are a later wave's less the base's. Their standard errors need the covariance of the waves (the same people and
sampling units are in several), which two commands do not share: they are not printed."""
_GELBACH = """b1x2
(ssc install b1x2) takes weights (aweights) and clusters but no strata, finite populations or calibration:
estimates are ours, standard errors are those of clusters alone."""
_SHAPLEY = """The
shares of R2 are made of regressions with weights on all subsets of the terms (shapley2 leaves the weights out);
standard errors, which are ours by the design, are not made here."""
_SUBSETS = """
forvalues set = 0/LAST {
    local columns
    forvalues g = 1/NUMBER {
        if mod(floor(`set' / 2^(`g' - 1)), 2) local columns `columns' `terms_`g''
    }
    quietly regress RESPONSE `columns' [aweight = FINAL] if DOMAIN
    scalar explained_`set' = e(r2)
}
forvalues g = 1/NUMBER {
    scalar part_of_r2 = 0
    forvalues set = 0/LAST {
        local s = 0
        forvalues h = 1/NUMBER {
            local s = `s' + mod(floor(`set' / 2^(`h' - 1)), 2)
        }
        local larger = `set' + 2^(`g' - 1)
        if mod(floor(`set' / 2^(`g' - 1)), 2) == 0 {
            local share = exp(lnfactorial(`s') + lnfactorial(NUMBER - `s' - 1) - lnfactorial(NUMBER))
            scalar part_of_r2 = part_of_r2 + `share' * (explained_`larger' - explained_`set')
        }
    }
    display as text "`label_`g''" _column(44) as result %14.0g part_of_r2
}
display as text "total" _column(44) as result %14.0g explained_LAST
"""
_STANDARDISE = """Stata's
dstdize takes no design. The means and shares of cells by svy: mean are printed here, of which rate
and composition are sums of products (Kitagawa, 1955: differences of means at mean shares, of shares at mean means)."""
_COTTON = (
    "reference='cotton' lies between the groups by their weighted shares, which oaxaca takes as given: standard errors "
    "of the parts leave out that the shares are estimated (ours do not)."
)
_SHARES = """share_of_gap is a part divided by the gap: nlcom after oaxaca."""

_EFFECTS = """
real scalar rate_of(pointer rowvector f, real rowvector at)
{
    real scalar i
    real colvector product
    product = (*f[1])[., at[1]]
    for (i = 2; i <= cols(f); i++) product = product :* (*f[i])[., at[i]]
    return(sum(product))
}
f = (FACTORS)
for (a = 1; a < POPULATIONS; a++) for (b = a + 1; b <= POPULATIONS; b++) {
    effect = J(1, NUMBER, 0)
    for (set = 0; set < 2^NUMBER; set++) {
        at = mod(floor(set :/ (2 :^ (0..(NUMBER - 1)))), 2)
        s = sum(at)
        for (k = 1; k <= NUMBER; k++) if (!at[k]) {
            one = at
            one[k] = 1
            weight = factorial(s) * factorial(NUMBER - s - 1) / factorial(NUMBER)
            change = rate_of(f, a :+ (b - a) :* one) - rate_of(f, a :+ (b - a) :* at)
            effect[k] = effect[k] + weight * change
        }
    }
    (a, b), effect, sum(effect)
}
end
"""


def _explicit(told: Told, script: Script, model: InStata) -> dict[str, str]:
    """Our name of each coefficient -> a column of numbers, by a name to read."""
    script.part("The columns of the model, one by one.")
    out: dict[str, str] = {}
    for i, (term, words) in enumerate(model.pieces.items(), start=1):
        if words.isidentifier():
            out[term] = words
            continue
        out[term] = fresh(told, f"x{i}")
        script.add(f"generate double {out[term]} = {words}  // {term}")
    return out


def _sides(told: Told, script: Script) -> str:
    """`side`: 1 and 2, as ``oaxaca, by()`` orders the groups."""
    of, minus, group = told.call["of"], told.call["minus"], told.call.get("group")
    made = fresh(told, "side")
    script.part(f"The groups: 1 {of}, 2 {minus}; oaxaca takes 1 less 2.")
    one, other = (
        (f"{name(str(group))} == {code(told, str(group), level)}" if group else true(told, str(level)))
        for level in (of, minus)
    )
    script.add(f"generate byte {made} = 1 if {one}", f"replace {made} = 2 if {other}")
    return made


def _kind(told: Told, script: Script, made: str, side: str) -> str:
    """The option that says which reference, or threefold."""
    reference = told.call.get("reference")
    if told.call.get("kind") == "threefold":
        return "threefold"
    if reference == "cotton":
        script.note(_COTTON)
        script.add(
            f"quietly summarize {side} [aweight = {fresh(told, 'final')}] if {made}", "local share = 2 - r(mean)"
        )
        return "weight(`share')"
    known = {"of": "weight(1)", "minus": "weight(0)", "pooled": "pooled", "neumark": "omega", "reimers": "weight(0.5)"}
    return known.get(str(reference), f"weight({text(reference)})" if isinstance(reference, int | float) else "pooled")


def oaxaca(told: Told, script: Script) -> Rows:
    """Oaxaca and Blinder's decomposition of one gap."""
    if told.call.get("family", "gaussian") not in _LINKS or told.call.get("nonlinear") == "fairlie":
        script.note(
            f"oaxaca has linear, logit and probit models; family={told.call.get('family')!r}"
            + (" with Fairlie's paths" if told.call.get("nonlinear") == "fairlie" else "")
            + " is not made here. mvdcmp (counts) and fairlie come nearest, without the design."
        )
        return [None] * len(told.rows)
    if told.call.get("by") or told.call.get("support") == "trim":
        script.note("With by= or support='trim' there is a command for each cell: repeat the lines of oaxaca with if.")
        return [None] * len(told.rows)
    side = _sides(told, script)
    model, made = models.data(told, script, [side])
    columns = _explicit(told, script, model)
    names = {**columns, **_normalised(told, script, columns)}
    _oaxaca(told, script, model, made, side, names)
    return _parts(told, model, names, made)


def _normalised(told: Told, script: Script, columns: dict[str, str]) -> dict[str, str]:
    """Columns of base levels of the categories that are normalised."""
    out: dict[str, str] = {}
    for expr in told.listed("normalize"):
        base = str((told.meta.get("base_levels") or {}).get(expr))
        bare = expr.removeprefix("C(").removesuffix(")")
        made = fresh(told, f"base_{len(out) + 1}")
        levels = (told.meta.get("category_levels") or {}).get(expr, ())
        real = next((level for level in levels if str(level) == base), base)
        script.add(f"generate double {made} = {name(bare)} == {code(told, bare, real)}  // {expr}[{base}]")
        out[f"{expr}[{base}]"] = made
        out |= {term.replace("[T.", "["): own for term, own in columns.items() if term.startswith(f"{expr}[T.")}
    return out


def _oaxaca(told: Told, script: Script, model: InStata, made: str, side: str, names: dict[str, str]) -> None:
    """The command."""
    script.part("oaxaca (ssc install oaxaca, 4.1 or later).")
    normal = told.listed("normalize")
    names = {term: own for term, own in names.items() if "[T." not in term or not _within(term, normal)}
    plain = [own for term, own in names.items() if not _within(term, normal)]
    words = list(plain)
    for one in normal:
        own = [column for term, column in names.items() if term.startswith(f"{one}[")]
        words.append(f"normalize({' '.join(dict.fromkeys(own))})")
    subsets = told.call.get("subsets") or {}
    if subsets:
        script.say("subsets of terms: (name: columns) adds their parts up")
    link = _LINKS[str(told.call.get("family", "gaussian"))]
    kind = _kind(told, script, made, side)
    if told.call.get("vcov") == "delta":
        end, cond = "", f" [pweight = {fresh(told, 'final')}] if {made}"
        script.say("without svy: errors of independent observations, Stata's default")
    else:
        end, cond = f"svy(linearized, subpop({made}))", ""
        if told.survey.get("replicates"):
            end = f"svy({_vce(told)}, subpop({made}))"
    options = " ".join(one for one in (f"by({side})", kind, link, end, "relax" if normal else "") if one)
    script.add(f"oaxaca {model.response} {' '.join(words)}{cond}, {options}")
    if "share_of_gap" in told.added:
        script.say(_SHARES)


def _within(term: str, normal: list[str]) -> bool:
    """Whether a coefficient is of a category that is normalised."""
    return any(term.startswith(f"{one}[") for one in normal)


def _vce(told: Told) -> str:
    """The kind of replicates as svy calls it."""
    method = str(told.survey["replicates"].get("method"))
    return {"brr": "brr", "fay": "brr", "bootstrap": "bootstrap", "sdr": "sdr"}.get(method, "jackknife")


def _parts(told: Told, model: InStata, names: dict[str, str], made: str) -> Rows:
    """The coefficient of each row."""
    out: Rows = []
    for component, term in zip(told.rows["component"].astype(str), told.rows["term"].astype(str), strict=True):
        own = _COMPONENTS.get(component)
        column = "_cons" if term == "Intercept" else names.get(term)
        if own is None or (term != "total" and column is None):
            out.append(None)
        elif term == "total":
            out.append(linear({f"_b[overall:{own}]": 1.0}, made))
        else:
            out.append(linear({f"_b[{own}:{column}]": 1.0}, made))
    return out


def change(told: Told, script: Script) -> Rows:
    """Oaxaca by wave; the change itself has no command."""
    script.note(" ".join(_CHANGE.split()))
    time, base = str(told.call["time"]), told.call["base"]
    if told.call.get("method", "difference") != "difference":
        script.note(f"Parts of method={told.call['method']!r} are products of coefficients and means of the waves.")
    if told.call.get("by") or told.call.get("family", "gaussian") not in _LINKS:
        return [None] * len(told.rows)
    side = _sides(told, script)
    model, made = models.data(told, script, [side, name(time)])
    columns = _explicit(told, script, model)
    names = {**columns, **_normalised(told, script, columns)}
    waves = over(told, script, time, [base, *dict.fromkeys(told.rows[time].tolist())])
    for value in dict.fromkeys(waves.codes.values()):
        wave = fresh(told, f"wave_{value}")
        script.add(f"generate byte {wave} = {made} & {waves.column} == {value}")
        _oaxaca(told, script, model, wave, side, names)
        script.add(f"matrix parts_{value} = e(b)", f"matrix list parts_{value}")
        if value != waves.number(base):
            script.add(
                f"matrix change_{value} = parts_{value} - parts_{waves.number(base)}", f"matrix list change_{value}"
            )
    return [None] * len(told.rows)


def gelbach(told: Told, script: Script) -> Rows:
    """Gelbach's decomposition of what controls take of a coefficient, and the same in a fixed order."""
    sequential = told.function == "sequential"
    if not sequential:
        script.note(" ".join(_GELBACH.split()))
    blocks = told.call.get("blocks" if sequential else "groups") or {}
    model, made = models.data(_once(told), script)
    columns = _explicit(told, script, model)
    focal = [own for term, own in columns.items() if _is_of(term, str(told.call["focal"]))]
    laid = {
        block: [own for term, own in columns.items() if any(_is_of(term, str(one)) for one in members)]
        for block, members in blocks.items()
    }
    added = [own for block in laid.values() for own in block]
    base = [own for own in columns.values() if own not in added and own not in focal]
    if sequential:
        script.part("The blocks one after the other; the coefficient of the first column is what is followed.")
        script.note(
            "The differences of coefficients between steps share no command: their standard errors are not printed."
        )
        taken: list[str] = []
        for block in [None, *laid]:
            taken += laid.get(block, []) if block is not None else []
            script.add(f"svy, subpop({made}): regress {model.response} {' '.join([*focal, *base, *taken])}")
            script.add(f"scalar step_{len(taken)} = _b[{focal[0]}]", f"display step_{len(taken)}")
        return [None] * len(told.rows)
    delta = " : ".join(f"{_word(block)} = {' '.join(own)}" for block, own in laid.items())
    cluster, only = models.clusters(told), f"x1only({focal[0]}) " if len(focal) == 1 else ""
    script.part("b1x2: x1all are the columns of both models, x2all those that are added.")
    script.add(
        f"b1x2 {model.response} [aweight = {fresh(told, 'final')}] if {made}, x1all({' '.join([*focal, *base])}) "
        f"x2all({' '.join(added)}) {only}x2delta({delta}) cluster({cluster})"
    )
    return [None] * len(told.rows)


def _once(told: Told) -> Told:
    """The formula; that of `sequential` may repeat terms."""
    return replace(told, meta={**told.meta, "formula": told.call.get("formula", told.meta["formula"])})


def _word(label: str) -> str:
    """A name for a group of columns."""
    return name(label)


def _is_of(term: str, variable: str) -> bool:
    """Whether a coefficient is of a variable, or of a level of it."""
    return term == variable or term.startswith((f"{variable}[", f"C({variable})[")) or term.strip("`") == variable


def shapley(told: Told, script: Script) -> Rows:
    """Shares of R2."""
    script.note(" ".join(_SHAPLEY.split()))
    model, made = models.data(told, script)
    columns = _explicit(told, script, model)
    groups = told.call.get("groups") or {}
    if any(isinstance(inner, dict) for inner in groups.values()):
        script.note("Owen values of nested groups are not written here; those of flat groups are, as shapley2's.")
        return [None] * len(told.rows)
    terms = list(dict.fromkeys(str(term) for term in told.rows["term"] if term != "total"))
    laid = [
        [own for term, own in columns.items() if any(_is_of(term, str(one)) for one in groups.get(g, [g]))]
        for g in terms
    ]
    if len(terms) > _MANY:
        script.note(f"{len(terms)} terms have 2^{len(terms)} subsets: the regressions are not written here.")
        return [None] * len(told.rows)
    script.part(
        "The terms, R2 of each subset of them (the binary digits of its number), and the mean of what each adds."
    )
    for g, (term, own) in enumerate(zip(terms, laid, strict=True), start=1):
        script.add(f"local terms_{g} {' '.join(own)}", f'local label_{g} "{shown(term)}"')
    words = {"LAST": str(2 ** len(terms) - 1), "NUMBER": str(len(terms)), "RESPONSE": model.response}
    words |= {"FINAL": fresh(told, "final"), "DOMAIN": made}
    script.add(*_filled_in(_SUBSETS, words))
    return [None] * len(told.rows)


def _filled_in(lines: str, words: dict[str, str]) -> list[str]:
    """Lines with words in the place of those in capitals."""
    return re.sub("|".join(words), lambda found: words[found[0]], lines.strip("\n")).splitlines()


def standardise(told: Told, script: Script) -> Rows:
    """Means and shares of cells, of which the components are made."""
    script.note(" ".join(_STANDARDISE.split()))
    cells, time = told.listed("cells"), str(told.call["over"])
    by, _ = grouped(told, script, told.listed("by"))
    variable = name(str(told.call["variable"]))
    columns = [*map(name, cells), name(time), *(one.column for one in by)]
    made = domain(told, script, [variable, *columns])
    groups = [fresh(told, "cell"), fresh(told, "time_number")]
    script.add(
        f"egen long {groups[0]} = group({' '.join(map(name, cells))}), label",
        f"egen long {groups[1]} = group({name(time)}), label",
    )
    script.add(f"svy, subpop({made}): mean {variable}, over({' '.join([*groups, *(one.column for one in by)])})")
    script.add(
        f"svy, subpop({made}): proportion {groups[0]}, over({' '.join([groups[1], *(one.column for one in by)])})"
    )
    return [None] * len(told.rows)


def rates(told: Told, script: Script) -> None:
    """Kitagawa's and Das Gupta's components of published figures: Mata, without a file."""
    script.note("Published figures without their microdata: there are no standard errors.")
    script.add("version 16")
    if told.call.get("rounding") is not None:
        script.note("The bounds of rounding are not made here; the estimates are.")
    (_kitagawa if told.function == "kitagawa" else _das_gupta)(told, script)


def _kitagawa(told: Told, script: Script) -> None:
    """Gap, rate, composition."""
    tables = told.meta["tables"]
    script.part(
        f"The published figures: columns {told.call['minus']} and {told.call['of']}; rates, then numbers of people."
    )
    script.add("mata:")
    for table in ("rates", "composition"):
        rows = " \\ ".join(", ".join(text(float(value)) for value in row) for row in tables[table])
        script.add(f"{table} = ({rows})")
    script.add(
        "shares = composition :/ colsum(composition)",
        "gap = sum(rates[., 2] :* shares[., 2]) - sum(rates[., 1] :* shares[., 1])",
        "rate = sum((rates[., 2] - rates[., 1]) :* rowsum(shares)) / 2",
        "composition_effect = sum((shares[., 2] - shares[., 1]) :* rowsum(rates)) / 2",
        "(gap, rate, composition_effect)",
        "end",
    )


def _das_gupta(told: Told, script: Script) -> None:
    """Effects of factors between two populations, over all orders; of more populations by rdecompose."""
    populations, tables = list(told.call["populations"]), told.meta["tables"]
    if told.meta.get("own_rate"):
        script.note(
            "The rate is a function of Python, which is not read here: put it in the line that defines rate_of."
        )
    if len(populations) > 2:
        script.note(
            "Effects of more than two populations, made to agree with each other, are not made here; pairs are."
        )
    script.part(f"The published figures: a column each factor, of {', '.join(map(str, populations))}.")
    script.say("rdecompose (ssc install rdecompose) does the same from a data set with the factors as variables")
    script.add("mata:")
    names = [f"f{i}" for i in range(1, len(tables) + 1)]
    for own, (factor, values) in zip(names, tables.items(), strict=True):
        columns = [value if isinstance(value, list) else [value] for value in values]
        rows = " \\ ".join(", ".join(text(float(column[i])) for column in columns) for i in range(len(columns[0])))
        script.add(f"{own} = ({rows})  // {factor}")
    words = {
        "FACTORS": ", ".join(f"&{own}" for own in names),
        "POPULATIONS": str(len(populations)),
        "NUMBER": str(len(names)),
    }
    script.add(*_filled_in(_EFFECTS, words))
