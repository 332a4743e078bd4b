"""The rows that a do-file prints: each an expression of coefficients, with our degrees of freedom and interval."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llo_research.expression import Expression, parse
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata.designs import SURVEY, replicate_columns
from llo_research.results.receipts.stata.words import ARITHMETIC, fresh, shown, text
from llo_research.results.receipts.told import Told

_FUNCTIONS = {"logit": "ln({0} / (1 - {0}))", "expit": "1 / (1 + exp(-({0})))", "log": "ln({0})"}
# intervals that the program `row` makes; others are printed on the scale of the estimate
SCALES = ("wald", "logit", "xlogit", "log", "fisher", "asin", "beta", "wilson")
JOINT = (
    "Stata has no quantile of the largest of correlated t statistics: the intervals here are pointwise, narrower than "
    "our joint ones. What comes nearest are Sidak's: level(100 * 0.95^(1 / number of rows))."
)
_SIGNS_GONE = "(Labels stand here without quotes, backslashes and dollars, which Stata reads: rows are in our order.)"
_DEGREES = "units: the degrees of freedom of some people, sampling units minus strata among them, in r(df)."
_ROW_HAS = (
    "row: lincom or nlcom, interval, label, expression, condition of its people, what is taken off the degrees of "
    "freedom, or these themselves, and the value that a test is against."
)


@dataclass(frozen=True)
class Row:
    """One estimate: an expression of ``_b[...]``, and the condition of its people.

    terms : of a linear one the weight of each coefficient. fewer : what is taken off the degrees of freedom. df : an
    expression of Stata's own, in place of ours. stored : the name of the estimates, where there are several.
    """

    expression: str
    people: str
    terms: tuple[tuple[str, float], ...] = ()
    fewer: int = 0
    df: str = ""
    stored: str = ""


def linear(terms: Mapping[str, float], people: str, fewer: int = 0, df: str = "") -> Row:
    """A linear combination of coefficients."""
    words = ""
    for coefficient, weight in terms.items():
        sign = (" - " if words else "-") if weight < 0 else " + " if words else ""
        words += sign + (coefficient if abs(weight) == 1 else f"{text(abs(weight))} * {coefficient}")
    return Row(words, people, tuple(terms.items()), fewer, df)


_SHOWN = """
    display as text "`label'" _column(44) as result %14.0g `b' %14.0g `se' %8.0g `d' _continue
    display as result %14.0g `low' %14.0g `high' _continue
    if "`null'" == "." display
    else display as result %12.5g 2 * ttail(`d', abs(TESTED))
end
"""
_ROW = """
program define row
    args command scale label expression people fewer df null
    tempname b se d n B
    tempvar own
    if "`command'" == "nlcom" {
        quietly nlcom (own: `expression')
        matrix `B' = r(b)
        scalar `b' = `B'[1, 1]
        matrix `B' = r(V)
        scalar `se' = sqrt(`B'[1, 1])
    }
    else {
        quietly lincom `expression'
        scalar `b' = r(estimate)
        scalar `se' = r(se)
    }
    quietly generate byte `own' = (`people') & FINAL > 0 & !missing(FINAL)
    quietly count if `own'
    scalar `n' = r(N)
    units `own'
    scalar `d' = r(df) - `fewer'
    if "`df'" != "" scalar `d' = `df'
    shown_row `scale' "`label'" `b' `se' `d' `n' `null'
end
"""


def programs(told: Told, script: Script) -> None:
    """The program that prints a row, with the degrees of freedom of its people."""
    script.part(_DEGREES)
    if told.design.get("n_psu") and not told.survey.get("replicates"):
        whole = int(told.design["n_psu"]) - int(told.design.get("n_strata") or 1)
        script.say(f"(svy itself takes those of the whole design, {whole}, in the tables that it prints.)")
    script.add("program define units, rclass", "    args own", *_freedom(told), "end")
    script.part("shown_row: prints estimate, standard error, degrees of freedom, ends, and p where there is a test.")
    script.add(
        "program define shown_row", "    args scale label b se d n null", "    tempname t low high centre far size"
    )
    script.add(f"    scalar `t' = invttail(`d', {text(round((1 - told.level) / 2, 12))})", *_intervals(told))
    lines = _SHOWN.strip("\n").replace("TESTED", _tested(told)).splitlines()
    script.add(*lines[:-1], *_equivalence(told), lines[-1])
    if any(shown(label) != label for label in told.labels):
        script.say(_SIGNS_GONE)
    script.part(_ROW_HAS)
    lines = _ROW.strip("\n").replace("FINAL", fresh(told, "final")).splitlines()
    kept = ["    matrix answers = nullmat(answers) \\ (`b', `se', `d', `n')"] if told.draws or told.linearised else []
    script.add(*lines[:-2], *kept, *lines[-2:])


def _tested(told: Told) -> str:
    """The statistic of a test; of ratios on the log scale."""
    if "log" in told.on:
        return "cond(\"`scale'\" == \"log\", (ln(`b') - ln(`null')) * `b', `b' - `null') / `se'"
    return "(`b' - `null') / `se'"


def _equivalence(told: Told) -> list[str]:
    """The larger p-value of two one-sided tests that the distance is less than the bound."""
    if told.bound is None:
        return []
    bound = text(told.bound)
    far = f'cond("`scale\'" == "log", ln({bound}) * `b\', {bound})' if "log" in told.on else bound
    return [
        "    tempname z far",
        f"    scalar `z' = {_tested(told)}",
        f"    scalar `far' = {far} / `se'",
        f'    display as text "    p_equivalence, bound {bound}" _column(44) as result %14.5g ///',
        "        max(ttail(`d', `z' + `far'), t(`d', `z' - `far'))",
    ]


def _freedom(told: Told) -> list[str]:
    """Lines of the program `units`: degrees of freedom of the rows in `own`."""
    replicates = told.survey.get("replicates")
    if replicates and replicates.get("parts") and not replicates.get("from_design"):
        return _of_stack(replicates)
    if replicates and not replicates.get("from_design"):
        return [
            "    * what the replicate weights of these people allow: their rank less one",
            f"    unab replicates : {replicate_columns(told)}",
            "    tempname d",
            '    mata: st_numscalar("`d\'", rank(st_data(., "`replicates\'", "`own\'")) - 1)',
            "    return scalar df = `d'",
        ]
    unit, stratum = fresh(told, "sampling_unit"), fresh(told, "stratum")
    return [
        "    tempvar unit layer",
        f"    quietly egen byte `unit' = tag({unit}) if `own'",
        f"    quietly egen byte `layer' = tag({stratum}) if `own'",
        "    quietly count if `unit' == 1",
        "    local units = r(N)",
        "    quietly count if `layer' == 1",
        "    return scalar df = `units' - r(N)",
    ]


def _of_stack(replicates: Mapping[str, Any]) -> list[str]:
    """Lines of the program `units` for a stack: the degrees of freedom of each survey among the rows, added up."""
    parts = replicates["parts"]
    made = replicates.get("parts_from_design") or [False] * len(parts)
    return [
        "    * of each survey what the replicate weights of these people allow, their rank less one; where replicates",
        "    * were made of its design, sampling units minus strata",
        "    tempname d",
        "    local df = 0",
        f"    forvalues s = 1/{len(parts)} {{",
        f"        local r : word `s' of {' '.join(map(str, parts))}",
        f"        local made : word `s' of {' '.join(str(int(one)) for one in made)}",
        "        tempvar here unit layer",
        f"        quietly generate byte `here' = `own' & {SURVEY} == `s'",
        "        quietly count if `here' == 1",
        "        if r(N) > 0 & `made' {",
        "            quietly egen byte `unit' = tag(stack_stratum stack_psu) if `here'",
        "            quietly egen byte `layer' = tag(stack_stratum) if `here'",
        "            quietly count if `unit' == 1",
        "            local df = `df' + r(N)",
        "            quietly count if `layer' == 1",
        "            local df = `df' - r(N)",
        "        }",
        "        else if r(N) > 0 {",
        "            unab replicates : replicate_1-replicate_`r'",
        '            mata: st_numscalar("`d\'", rank(st_data(., "`replicates\'", "`here\'")) - 1)',
        "            local df = `df' + `d'",
        "        }",
        "    }",
        "    return scalar df = `df'",
    ]


# of each interval: the scale on which it is symmetric, and the way back
_LINES = {
    "logit": ("logit(`b')", "`t' * `se' / (`b' * (1 - `b'))", "invlogit({0})"),
    "log": ("ln(`b')", "`t' * `se' / `b'", "exp({0})"),
    "fisher": ("atanh(`b')", "`t' * `se' / (1 - `b'^2)", "tanh({0})"),
    "asin": ("asin(sqrt(`b'))", "`t' * `se' / (2 * sqrt(`b' * (1 - `b')))", "sin({0})^2"),
}
_OWN = {
    "beta": [
        "        * Korn and Graubard: exact, at the effective number of people",
        "        scalar `far' = `b' * (1 - `b') / `se'^2 * (invttail(`n' - 1, {0}) / `t')^2",
        "        scalar `size' = cond(`b' > 0 & `b' < 1, `far', `n')",
        "        scalar `low' = cond(`b' <= 0, 0, invibeta(`size' * `b', `size' * (1 - `b') + 1, {0}))",
        "        scalar `high' = cond(`b' >= 1, 1, invibetatail(`size' * `b' + 1, `size' * (1 - `b'), {0}))",
    ],
    "wilson": [
        "        * Wilson's, with Student's t at the effective number of people",
        "        scalar `size' = cond(`b' > 0 & `b' < 1, `b' * (1 - `b') / `se'^2, `n')",
        "        scalar `centre' = (`b' + `t'^2 / (2 * `size')) / (1 + `t'^2 / `size')",
        "        scalar `far' = sqrt(`b' * (1 - `b') / `size' + `t'^2 / (4 * `size'^2))",
        "        scalar `far' = `t' * `far' / (1 + `t'^2 / `size')",
        "        scalar `low' = max(`centre' - `far', 0)",
        "        scalar `high' = min(`centre' + `far', 1)",
    ],
}


def _intervals(told: Told) -> list[str]:
    """The interval on its scale, of the methods that the rows have."""
    lines = ["    scalar `low' = `b' - `t' * `se'", "    scalar `high' = `b' + `t' * `se'"]
    tail = text(round((1 - told.level) / 2, 12))
    for method in dict.fromkeys(scale_of(one) for one in told.intervals):
        if method in _LINES:
            there, far, back = _LINES[method]
            lines += [
                f'    if "`scale\'" == "{method}" {{',
                f"        scalar `centre' = {there}",
                f"        scalar `far' = {far}",
                f"        scalar `low' = {back.format(_ends(method, '-'))}",
                f"        scalar `high' = {back.format(_ends(method, '+'))}",
                "    }",
            ]
        elif method in _OWN:
            own = [line.replace("{0}", tail) for line in _OWN[method]]
            lines += [f'    if "`scale\'" == "{method}" {{', *own, "    }"]
    return lines


def _ends(method: str, sign: str) -> str:
    """An end on the scale; angles stay within their range."""
    end = f"`centre' {sign} `far'"
    return end if method != "asin" else f"max({end}, 0)" if sign == "-" else f"min({end}, c(pi) / 2)"


def scale_of(method: str) -> str:
    """The scale that the program `row` has for a method."""
    return "logit" if method == "xlogit" else method if method in SCALES else "wald"


def answer(told: Told, script: Script, made: Sequence[Row | None], base: Told | None = None) -> list[Row | None]:
    """The lines of the answer, and its rows; of contrasts `base` tells the rows that `made` are the expressions of."""
    for number, specs in enumerate(told.contrasts):
        assert base is not None
        labels = base.labels if number == 0 else tuple(told.contrasts[number - 1])
        made = [_contrast(spec, dict(zip(labels, made, strict=True))) for spec in specs.values()]
    script.part(f"The answer: estimate, standard error, degrees of freedom, ends of the interval{_level(told)}, p.")
    restored = ""
    for i, row in enumerate(made):
        label = shown(told.labels[i])
        if row is None:
            why = "nobody, no estimate" if told.empty[i] else "not made here"
            script.add(f'display as text "{label}: {why}"')
            continue
        if row.stored and row.stored != restored:
            script.add(f"quietly estimates restore {row.stored}")
            restored = row.stored
        null = told.null[i] if told.tested else None
        command = "lincom" if row.terms else "nlcom"
        parts = [f'row {command} {scale_of(told.intervals[i])} "{label}"', f'"{row.expression}"', f'`"{row.people}"\'']
        parts.append(f'{row.fewer} "{row.df}" {text(null)}')
        script.add(*(f"{part} ///" if n < len(parts) - 1 else part for n, part in enumerate(_indented(parts))))
    return list(made)


def _indented(parts: Sequence[str]) -> list[str]:
    """Parts of a command below each other."""
    return [part if n == 0 else f"    {part}" for n, part in enumerate(parts)]


def _level(told: Told) -> str:
    """The level, where it is another."""
    return "" if told.level == 0.95 else f" of {told.level:g}"


def _contrast(spec: Any, rows: Mapping[str, Row | None]) -> Row | None:
    """A combination of rows: their expressions in its place."""
    if isinstance(spec, Mapping):
        used = [rows[label] for label, weight in spec.items() if weight]
        if any(row is None for row in used):
            return None
        own = [row for row in used if row is not None]
        merged: dict[str, float] = {}
        for weight, row in zip([weight for weight in spec.values() if weight], own, strict=True):
            for coefficient, inner in row.terms:
                merged[coefficient] = merged.get(coefficient, 0.0) + weight * inner
        terms = [f"{text(float(weight))} * ({_of(rows, label)})" for label, weight in spec.items() if weight]
        expression, merged = " + ".join(terms), merged if all(row.terms for row in own) else {}
    else:
        parsed = parse(spec, logical=False)
        used = [rows[label] for label in parsed.names()]
        if any(row is None for row in used):
            return None
        expression, merged = _written(parsed.tree, parsed, rows), {}
    own = [row for row in used if row is not None]
    if len({row.stored for row in own}) > 1:
        return None
    people = " | ".join(dict.fromkeys(f"({row.people})" for row in own))
    fewer = max(row.fewer for row in own)
    made = linear(merged, people, fewer, own[0].df) if merged else Row(expression, people, (), fewer, own[0].df)
    return replace(made, stored=own[0].stored)


def _of(rows: Mapping[str, Row | None], label: str) -> str:
    """The expression of a row."""
    row = rows[label]
    return "." if row is None else row.expression


def _written(node: ast.expr, parsed: Expression, rows: Mapping[str, Row | None]) -> str:
    """A smooth expression of rows in Stata's words."""
    match node:
        case ast.BinOp():
            left, right = _written(node.left, parsed, rows), _written(node.right, parsed, rows)
            return f"({left} {ARITHMETIC[type(node.op)]} {right})"
        case ast.UnaryOp(op=ast.USub()):
            return f"(-{_written(node.operand, parsed, rows)})"
        case ast.UnaryOp():
            return _written(node.operand, parsed, rows)
        case ast.Call():
            inner, called = _written(node.args[0], parsed, rows), getattr(node.func, "id", "")
            return f"({_FUNCTIONS.get(called, called + '({0})').format(inner)})"
        case ast.Name():
            return f"({_of(rows, parsed.name(node))})"
        case ast.Constant():
            return text(node.value)
    raise ValueError(f"no words for {ast.dump(node)[:60]}")
