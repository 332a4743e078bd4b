"""Quantiles in Stata: none of svy's own, so the smallest value with enough weight below it, and Woodruff's interval."""

from __future__ import annotations

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata.cells import grouped, people
from llo_research.results.receipts.stata.opening import domain
from llo_research.results.receipts.stata.rows import Row
from llo_research.results.receipts.stata.words import fresh, name, shown, text
from llo_research.results.receipts.told import Told

_NONE = """Stata has no quantiles of survey data with design errors: _pctile and centile take no design. The quantile is
found here from its definition, the smallest value with at least the share q of the weight at or below it, Woodruff's
interval by svy: mean of the share below it."""
_OTHER = """Rule {rule!r} and interval {interval!r} are not made here; what is printed is rule 'math' with interval
'woodruff'."""
_MATA = (
    "mata:",
    "real scalar quantile_of(string scalar y, string scalar w, string scalar who, real scalar p)",
    "{",
    "    real matrix D",
    "    real colvector enough",
    "    D = sort(st_data(., (y, w), who), 1)",
    "    enough = selectindex(runningsum(D[., 2]) / sum(D[., 2]) :>= p - 1e-12)",
    "    if (rows(enough) == 0) return(D[rows(D), 1])",
    "    return(D[enough[1], 1])",
    "}",
    "end",
)


def write(told: Told, script: Script) -> list[Row | None]:
    """Each quantile is printed at once; the rows are none of coefficients."""
    script.note(" ".join(_NONE.split()))
    rule, interval = str(told.call.get("rule", "math")), str(told.call.get("interval", "woodruff"))
    if rule not in ("math", "hf1") or interval not in ("woodruff", "mean"):
        script.note(" ".join(_OTHER.format(rule=rule, interval=interval).split()))
    variables = told.listed("variables") or told.listed("variable")
    by, values = grouped(told, script, told.listed("by"))
    if "program define quantile_row" not in script.lines:
        _programs(told, script)
    own_people = told.call.get("missing") == "available" and len(variables) > 1
    script.part(
        "The answer: estimate, standard error (a quarter of Woodruff's interval, about), degrees of freedom, ends."
    )
    made = ""
    for block in [[one] for one in variables] if own_people else [variables]:
        made = domain(told, script, [*map(name, block), *(one.column for one in by)])
        for i, (variable, q) in enumerate(zip(told.rows["variable"].astype(str), told.rows["quantile"], strict=True)):
            if variable in block and not told.empty[i]:
                who = people(made, by, values[i])
                script.add(f'quantile_row "{shown(told.labels[i])}" {name(variable)} {text(float(q))} "{who}"')
    return []


def _programs(told: Told, script: Script) -> None:
    """The program that prints a quantile, and what finds one."""
    script.part("The quantile of the people of a cell: its definition, and the share below it with its error.")
    script.add(*_MATA)
    final = fresh(told, "final")
    script.add(
        "program define quantile_row",
        "    args label y p people",
        "    tempvar own below",
        "    tempname q se d t low high",
        f"    quietly generate byte `own' = (`people') & {final} > 0",
        f'    mata: st_numscalar("`q\'", quantile_of("`y\'", "{final}", "`own\'", `p\'))',
        "    quietly generate byte `below' = `y' <= `q' if !missing(`y')",
        "    quietly replace `below' = 0 if missing(`y')",
        "    quietly svy, subpop(`own'): mean `below'",
        "    units `own'",
        "    scalar `d' = r(df)",
        f"    scalar `t' = invttail(`d', {text(round((1 - told.level) / 2, 12))})",
        "    scalar `se' = `t' * _se[`below']",
        f'    mata: st_numscalar("`low\'", quantile_of("`y\'", "{final}", "`own\'", `=_b[`below\'] - `se\'\'))',
        f'    mata: st_numscalar("`high\'", quantile_of("`y\'", "{final}", "`own\'", `=_b[`below\'] + `se\'\'))',
        "    scalar `se' = (`high' - `low') / (2 * `t')",
        "    display as text \"`label'\" _column(44) as result %14.0g `q' %14.0g `se' _continue",
        "    display as result %8.0g `d' %14.0g `low' %14.0g `high'",
        "end",
    )
