"""Do-files of what was made of a result: that of the result, and commands on its rows, where Stata has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata import opening, write
from llo_research.results.receipts.stata.rows import Row, linear
from llo_research.results.receipts.stata.words import fresh, text
from llo_research.results.receipts.told import Told

Rows = list[Row | None]

_RANKS = (
    "Stata has no joint intervals of ranks: the estimates are printed, and their order is the rank. What comes "
    "nearest: lincom of each difference of two rows, at Sidak's level(100 * 0.95^(1 / number of differences)), which "
    "is a little wider."
)
_OMITTED = (
    "Stata has no command of its own for omitted variables: the model is printed. What comes nearest: sensemakr and "
    "psacalc (ssc install) after regress of the same terms, which do not know the design."
)
_NO_RATIO = "Stata has no likelihood ratio after svy: the Wald test of the same restrictions is printed."
_NO_HAUSMAN = (
    "Stata's hausman takes no weights, and no script is made. What comes nearest: hausman after xtreg, fe and "
    "xtreg, re where all weights are equal, and panel.hausman(robust=True), which has a script."
)
_CORRELATED = (
    "meta takes the estimates for independent; those here are correlated, which our numbers take into account."
)
_TAIL = "t(answers[{row}, 3], {sign}answers[{row}, 1] / answers[{row}, 2])"
_METHODS = {"paule-mandel": "ebayes", "dersimonian-laird": "dlaird", "reml": "reml"}
_INDEPENDENCE = {
    "F": "The test is the line Design-based of svy: tabulate.",
    "chisq": "svy: tabulate prints the statistic as Uncorrected; for its first-order p-value it has no option, and "
    "what comes nearest is the line Design-based.",
    "wald": "The test is the line Adjusted of the Wald statistic of svy: tabulate.",
}


def to_stata(made: MadeOf, path: str) -> str:
    """The script; of what Stata cannot do its first lines say so, and what comes nearest."""
    return write.whole(WRITERS[made.kind](made, path))


def cannot(made: MadeOf) -> list[str]:
    """What Stata cannot do, or reads in another way, in the words of the script's first lines."""
    return write.unusual(made.told, WRITERS[made.kind](made, "data.dta"))


def _said(note: str) -> Callable[[MadeOf, str], Script]:
    """The script of the result, with a line among the first."""

    def written(made: MadeOf, path: str) -> Script:
        script = write.made(made.told, path)
        script.towards()
        script.note(note)
        return script

    return written


def _kept(told: Told) -> Told:
    """The same, whose rows are kept in the matrix `answers`: estimate, error, degrees of freedom, n."""
    return replace(told, linearised=True)


def _break_robustness(made: MadeOf, path: str) -> Script:
    """How large a break would undo each change."""
    told = _kept(made.told)
    change, error, back = ("ln(`b')", "`se' / `b'", "exp({0})") if made.asked["log"] else ("`b'", "`se'", "{0}")
    margin = f"invttail(`d', {text(round((1 - told.level) / 2, 12))}) * {error}"
    sizes = {
        "not significant from": f"cond(abs({change}) > `margin', {change} - sign({change}) * `margin', 0)",
        "zero at": change,
        "reversed from": f"{change} + sign({change}) * `margin'",
    }

    def after(script: Script, rows: Rows) -> None:
        script.part("How large a break would have to be to undo each change (rows as above).")
        script.add("tempname b se d margin", "forvalues i = 1/`=rowsof(answers)' {")
        script.add(*(f"    scalar `{one}' = answers[`i', {j}]" for j, one in enumerate(("b", "se", "d"), 1)))
        script.add(f"    scalar `margin' = {margin}", '    display as text "row `i\'" _continue')
        for number, (words, size) in enumerate(sizes.items(), start=1):
            more = " _continue" if number < len(sizes) else ""
            script.add(f'    display as text "  {words} " as result %12.8g {back.format(size)}{more}')
        script.add("}")

    return write.made(told, path, after)


def _meta_analysis(made: MadeOf, path: str) -> Script:
    """``meta summarize``."""
    told, asked = _kept(made.told), made.asked
    log = told.on[0] == "log"
    blocks = told.rows[list(asked["by"])].astype(str).agg(":".join, axis=1).tolist() if asked["by"] else []

    def after(script: Script, rows: Rows) -> None:
        script.part("What the estimates have in common: each row above is a study.")
        script.add("drop _all", "svmat double answers")
        theta, error = ("ln(answers1)", "answers2 / answers1") if log else ("answers1", "answers2")
        script.add(f"generate double theta = {theta}", f"generate double error = {error}")
        method, level = _METHODS[asked["method"]], f"{100 * told.level:g}"
        script.add(f"meta set theta error if error > 0, random({method})")
        knapp, odds = " se(khartung)" if asked["knapp"] else "", " eform" if log else ""
        options = f"random({method}){knapp} predinterval({level}) level({level}){odds}"
        there = [own for own, row in zip(blocks, rows, strict=True) if row is not None] if blocks else []
        for block in dict.fromkeys(there):
            places = ", ".join(str(i) for i, own in enumerate(there, start=1) if own == block)
            script.say(block)
            script.add(f"meta summarize if inlist(_n, {places}), {options}")
        script.add(*([] if blocks else [f"meta summarize, {options}"]))
        if not asked["independent"]:
            script.note(_CORRELATED)
        if asked["method"] == "paule-mandel":
            script.note("random(ebayes), empirical Bayes, is Paule and Mandel's variance under another name.")
        script.note("meta summarize prints no interval of tau2 and of I2.")

    return write.made(told, path, after)


def _narrowing(made: MadeOf, path: str) -> Script:
    """The largest of three one-sided p-values of each cell, and Holm's adjustment."""
    told = _kept(made.told)
    sign = "" if told.call["because"] == "of" else "-"
    wanted = {"gap_change": "", "gap_sum": "-", "change_both": sign}
    measures = told.rows["measure"].astype(str).tolist()

    def after(script: Script, rows: Rows) -> None:
        script.part("The statement of each cell: the largest of three one-sided p-values.")
        seen = -1
        cells: list[dict[str, int]] = []
        for measure, row in zip(measures, rows, strict=True):
            cells += [{}] if measure == measures[0] else []
            seen += row is not None
            cells[-1] |= {measure: seen + 1} if row is not None else {}
        for cell in (one for one in cells if wanted.keys() <= one.keys()):
            tails = [_TAIL.format(sign=s, row=cell[m]) for m, s in wanted.items()]
            script.add("matrix p = nullmat(p) \\ (max( ///", *(f"    {one}, ///" for one in tails[:-1]))
            script.add(f"    {tails[-1]}))")
        script.say("each p, and p after Holm: as it is, and times the number of those that are not smaller")
        script.add(
            "mata:",
            'p = st_matrix("p")',
            "first = order(p, 1)",
            "held = 0",
            "for (i = 1; i <= rows(p); i++) {",
            "    held = max((held, min((1, (rows(p) - i + 1) * p[first[i]]))))",
            '    printf("cell %g: p %12.8g, p_adjusted %12.8g\\n", first[i], p[first[i]], held)',
            "}",
            "end",
        )

    return write.made(told, path, after)


def _test(made: MadeOf, path: str) -> Script:
    """``test``: F is W over the number of restrictions, on our degrees of freedom."""
    told = made.told
    final = fresh(told, "final")

    def after(script: Script, rows: Rows) -> None:
        known = dict(zip(told.labels, rows, strict=True))
        specs, used = list[str](), list[Row]()
        for one in made.asked["restrictions"]:
            terms: dict[str, float] = {}
            for label, weight in one["terms"].items():
                row = known[label]
                if row is not None and weight:
                    terms |= {name: float(weight) * inner for name, inner in row.terms}
                    used.append(row)
            specs.append(f"({linear(terms, '').expression} = {text(float(one['value']))})")
        script.part("The test: nosvyadjust is F = W/q, as ours; its degrees of freedom are set to ours.")
        adjust = ", nosvyadjust" if str(told.call.get("vcov", "design")) == "design" else ""
        script.add("test ///", *(f"    {spec} ///" for spec in specs[:-1]), f"    {specs[-1]}{adjust}")
        script.add("tempname F q d", "scalar `q' = r(df)", "scalar `F' = cond(missing(r(F)), r(chi2) / r(df), r(F))")
        people = f"({used[0].people}) & {final} > 0 & !missing({final})"
        script.add("tempvar tested", f"quietly generate byte `tested' = {people}")
        script.add("units `tested'", f"scalar `d' = {used[0].df or f'r(df) - {used[0].fewer}'}")
        shown = "`F' * `q'" if made.asked["test"] == "hausman" else "`F'"
        script.add(f'display as text "statistic " as result %14.0g {shown} as text "  df " as result `q\' ///')
        script.add("    as text \" and \" as result `d' as text \"  p \" as result %14.0g Ftail(`q', `d', `F')")

    script = write.made(told, path, after)
    if made.asked["test"] == "lr":
        script.towards()
        script.note(_NO_RATIO)
    return script


def _independence(made: MadeOf, path: str) -> Script:
    """``svy: tabulate``."""
    script = write.made(made.told, path)
    script.note(_INDEPENDENCE[made.asked["test"]])
    return script


def _hausman(made: MadeOf, path: str) -> Script:
    """The data, and what comes nearest."""
    script = Script("*")
    write.first(made.told, script)
    script.towards()
    script.note(_NO_HAUSMAN)
    opening.opening(made.told, script, path)
    return script


WRITERS: Mapping[str, Callable[[MadeOf, str], Script]] = {
    "ranks": _said(_RANKS),
    "meta_analysis": _meta_analysis,
    "break_robustness": _break_robustness,
    "narrowing": _narrowing,
    "test": _test,
    "independence": _independence,
    "hausman": _hausman,
    "omitted_variable_bias": _said(_OMITTED),
}
