"""Means, shares, totals, ratios, crosstabs and differences of means in SPSS's Complex Samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from llo_research.results.receipts.narrowing import NARROWING
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.spss.opening import PLAN, analysed, column_of, known_of, people, weight_of
from llo_research.results.receipts.spss.words import code, command, condition, fresh, text
from llo_research.results.receipts.told import Told

_FILE = f"/PLAN FILE={text(PLAN)}"


def statistics(told: Told) -> str:
    """Standard errors, numbers of people and intervals."""
    return f"/STATISTICS SE COUNT CIN({100 * told.level:g})"


def means(told: Told, script: Script) -> None:
    """CSDESCRIPTIVES of numbers, CSTABULATE of categories."""
    variables, by = told.listed("variables"), told.listed("by")
    inside = people(told, script, [known_of(told, own) for own in [*variables, *by]])
    levels = [own for own in variables if told.is_category(own) or told.function == "share"]
    for variable in levels:
        _tabulate(told, script, [column_of(told, variable)], [inside, *by], ["TABLEPCT"])
    numbers = [analysed(told, script, own) for own in variables if own not in levels]
    if numbers:
        script.part("Means; those of columns of 0 and 1 are shares, with an interval that is not kept within 0 and 1")
        _describe(told, script, numbers, [inside, *by], ["/MEAN"])


def totals(told: Told, script: Script) -> None:
    """CSDESCRIPTIVES /SUM."""
    variables, by = told.listed("variables"), told.listed("by")
    inside = people(told, script, [known_of(told, own) for own in [*variables, *by]])
    for variable in [own for own in variables if told.is_category(own)]:
        _tabulate(told, script, [column_of(told, variable)], [inside, *by], ["POPSIZE"])
    numbers = [analysed(told, script, own) for own in variables if not told.is_category(own)]
    if numbers:
        script.part("Totals")
        _describe(told, script, numbers, [inside, *by], ["/SUM"])


def ratio(told: Told, script: Script) -> None:
    """CSDESCRIPTIVES /RATIO."""
    own, by = [told.listed(part)[0] for part in ("numerator", "denominator")], told.listed("by")
    inside = people(told, script, [known_of(told, variable) for variable in [*own, *by]])
    upper, lower = (analysed(told, script, variable) for variable in own)
    script.part("The ratio")
    _describe(told, script, [], [inside, *by], [f"/RATIO NUMERATOR={upper} DENOMINATOR={lower}"])


def quantiles(told: Told, script: Script) -> None:
    """FREQUENCIES with the weights as numbers of people: quantiles under its own rule, without errors."""
    variables, by = told.listed("variables"), told.listed("by")
    inside = people(told, script, [known_of(told, own) for own in [*variables, *by]])
    script.part("Quantiles by SPSS's own rule; it gives no standard error of a sample design")
    cells = [column_of(told, own) for own in by]
    first = [f"SORT CASES BY {' '.join(cells)}.", f"SPLIT FILE LAYERED BY {' '.join(cells)}."] if cells else []
    script.add(*first, f"WEIGHT BY {weight_of(told)}.", "TEMPORARY.", f"SELECT IF ({inside} = 1).")
    asked: Any = told.call.get("q")
    wanted = " ".join(f"{100 * float(q):.12g}" for q in (asked if isinstance(asked, list | tuple) else [asked]))
    columns = " ".join(column_of(told, own) for own in variables)
    script.add(*command(f"FREQUENCIES VARIABLES={columns}", ["/FORMAT=NOTABLE", f"/PERCENTILES={wanted}"]))
    script.add("WEIGHT OFF.", *(["SPLIT FILE OFF."] if cells else []))


def crosstab(told: Told, script: Script) -> None:
    """CSTABULATE of two columns, with its test of independence."""
    own, by = [told.listed(part)[0] for part in ("row", "column")], told.listed("by")
    inside = people(told, script, [known_of(told, variable) for variable in [*own, *by]])
    row, column = (column_of(told, variable) for variable in own)
    script.say("The test is Rao and Scott's second-order F, as crosstab(...).test('F').")
    _tabulate(told, script, [row, column], [inside, *by], ["TABLEPCT"], ["/TEST INDEPENDENCE"])


def _describe(told: Told, script: Script, numbers: list[str], cells: list[str], what: list[str]) -> None:
    """One CSDESCRIPTIVES."""
    summary = [f"/SUMMARY VARIABLES={' '.join(numbers)}"] if numbers else []
    script.add(*command("CSDESCRIPTIVES", [_FILE, *summary, *what, statistics(told), _subpop(told, cells), _MISSING]))


def _tabulate(
    told: Told, script: Script, columns: list[str], cells: list[str], what: list[str], also: Sequence[str] = ()
) -> None:
    """One CSTABULATE."""
    script.part("Numbers of people" if what == ["POPSIZE"] else "Shares of each level, in per cent of the table")
    tables = f"/TABLES VARIABLES={' BY '.join(columns)}"
    rest = [f"/CELLS {' '.join(what)}", statistics(told), *also, _subpop(told, cells)]
    script.add(*command("CSTABULATE", [_FILE, tables, *rest, "/MISSING SCOPE=TABLE CLASSMISSING=EXCLUDE"]))


_MISSING = "/MISSING SCOPE=ANALYSIS CLASSMISSING=EXCLUDE"


def _subpop(told: Told, cells: list[str]) -> str:
    """The people, and the cells of `by` within them."""
    inside, *by = cells
    return f"/SUBPOP TABLE={' BY '.join([inside, *(column_of(told, own) for own in by)])} DISPLAY=LAYERED"


def differences(told: Told, script: Script) -> None:
    """Gaps, changes and contrasts of means: a linear model of one mean a cell, and its combinations."""
    base = told.contrasted() if told.contrasts else told
    variable = (base.listed("variables") or base.listed("variable"))[0]
    parted = [*base.listed("by"), *base.listed("group"), *base.listed("time")]
    inside = people(told, script, [known_of(base, own) for own in dict.fromkeys([variable, *parted])])
    script.part("A column of 0 and 1 for each cell; without a constant the coefficients are the means of the cells")
    rows = _combined(told, base)
    cells = {words: fresh(told, f"cell_{i}") for i, words in enumerate(dict.fromkeys(w for r in rows for w in r), 1)}
    for words, column in cells.items():
        script.add(*command(f"COMPUTE {column} = ({words})", []), f"RECODE {column} (SYSMIS = 0).")
    labels = [str(label) for label in (told.contrasts[0] if told.contrasts else told.labels)]
    custom = [
        f"/CUSTOM LABEL={text(label)} LMATRIX={' '.join(f'{cells[w]} {weight:.17g}' for w, weight in row.items())}"
        for label, row in zip(labels, rows, strict=True)
    ]
    rest = [_FILE, f"/DOMAIN VARIABLE={inside}(1)", f"/MODEL {' '.join(cells.values())}"]
    rest += ["/INTERCEPT INCLUDE=NO SHOW=NO", "/STATISTICS PARAMETER SE CINTERVAL TTEST", *custom]
    rest.append(f"/CRITERIA CILEVEL={100 * told.level:g}")
    response = analysed(base, script, variable)
    script.add(*command(f"CSGLM {response} WITH {' '.join(cells.values())}", rest))


def _combined(told: Told, base: Told) -> list[dict[str, float]]:
    """Weights of the cells, each by its condition, in each row of the result."""
    if told.contrasts:
        by = base.listed("by")
        cells = [_cell(base, {own: row[own] for own in by}) for _, row in base.rows.iterrows()]
        places = dict(zip(base.labels, cells, strict=True))
        return [{places[own]: float(w) for own, w in weights.items()} for weights in told.contrasts[0].values()]
    call = told.call
    group, time = call.get("group"), call.get("time")
    out = []
    for _, row in told.rows.iterrows():
        fixed = {own: row[own] for own in told.listed("by") if own != time}
        own: dict[str, float] = {}
        for moment, side, weight in _sides(told, row):
            levels = {**fixed, **({time: moment} if time else {}), **({group: call[side]} if group and side else {})}
            also = [condition(told, str(call[side]))] if side and not group else []
            own[_cell(told, levels, also)] = weight
        out.append(own)
    return out


def _sides(told: Told, row: pd.Series) -> list[tuple[Any, str | None, float]]:
    """Time, side and weight of each mean that a row is made of."""
    call, time = told.call, told.call.get("time")
    if told.function == "narrowing":
        later = next(own for own in told.meta["times"] if own != call["base"])
        moments = [(side, own) for side in ("of", "minus") for own in (call["base"], later)]
        weights = zip(moments, NARROWING[str(row["measure"])], strict=True)
        return [(own, side, float(weight)) for (side, own), weight in weights if weight]
    when = [(row[time], 1.0), (call["base"], -1.0)] if time else [(None, 1.0)]
    sides = [("of", 1.0), ("minus", -1.0)] if told.function != "change" else [(None, 1.0)]
    return [(moment, side, sign * way) for moment, sign in when for side, way in sides]


def _cell(told: Told, levels: Mapping[str, Any], also: Sequence[str] = ()) -> str:
    """The condition of a cell: a level of each column, or one of several."""
    words = []
    for own, level in levels.items():
        codes = [code(told, own, one) for one in (level if isinstance(level, list | tuple) else [level])]
        column = column_of(told, own)
        words.append(f"{column} = {codes[0]}" if len(codes) == 1 else f"ANY({column}, {', '.join(codes)})")
    return " AND ".join([*words, *(f"({own})" for own in also)]) or "1"


WRITERS: dict[str, Callable[[Told, Script], None]] = {
    "mean": means,
    "share": means,
    "total": totals,
    "ratio": ratio,
    "crosstab": crosstab,
    "gap": differences,
    "change": differences,
    "gap_change": differences,
    "narrowing": differences,
}
