"""Two-way tables in R: joint shares, and ``svychisq`` for the tests of independence."""

from __future__ import annotations

from typing import Any

from llo_research.results.receipts.r import cells, ends
from llo_research.results.receipts.r.words import compared, name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_TESTS = {"F": "F", "chisq": "Chisq", "wald": "adjWald"}


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of the shares of pairs of levels."""
    row, column, by = str(told.call["row"]), str(told.call["column"]), told.listed("by")
    pairs = list(zip(told.rows[row].tolist(), told.rows[column].tolist(), strict=True))
    each = list(dict.fromkeys(pairs))
    script.part("Joint shares, of people whose both answers are known: means of 0 and 1.")
    cells.cell_column(told, script, by, [cells.known([row, column, *by])])
    made = [f"y{i} = as.numeric({_is(told, row, a)} & {_is(told, column, b)})" for i, (a, b) in enumerate(each, 1)]
    script.add(f"y <- with(data, cbind({', '.join(made)}))")
    script.add(
        f"at <- rep_len({cells.pasted(by, 'rows$')}, nrow(rows))",
        f"column <- {cells.columns_vector([f'y{each.index(pair) + 1}' for pair in pairs])}",
    )
    cells.mean_columns(told, script)
    cells.freedom(told, script)
    if ends.COUNTED & {*told.intervals}:
        cells.counts(told, script)


def _is(told: Told, variable: str, level: Any) -> str:
    """Whether a variable has a level."""
    column, values = compared(told, variable, [level])
    return f"{column} == {values[2:-1]}"


def tested(told: Told, script: Script, statistic: str) -> None:
    """`answer`: the test of independence in each cell of `by`."""
    row, column, by = str(told.call["row"]), str(told.call["column"]), told.listed("by")
    script.part("The test of independence, of people whose both answers are known.")
    if statistic == "wald":
        script.say("adjWald: with Thomas and Rao's factor for few sampling units")
    script.add(f"domain <- subset(domain, {cells.known([row, column, *by])})")
    script.add(f"domain <- update(domain, answer_1 = factor({name(row)}), answer_2 = factor({name(column)}))")
    if by:
        script.add(f"cell <- {cells.pasted(by, 'domain$variables$')}", f"key <- {cells.pasted(by, 'rows$')}")
    else:
        script.add('cell <- rep("all", nrow(domain$variables))', 'key <- "all"')
    script.add(
        "found <- lapply(key, function(own)",
        f"  svychisq(~answer_1 + answer_2, domain[cell %in% own, ], statistic = {text(_TESTS[statistic])}))",
        "statistic <- sapply(found, function(own) unname(own$statistic))",
        "df <- sapply(found, function(own) unname(own$parameter[1]))",
    )
    if statistic == "chisq":
        script.say("Pearson's X2, with the p-value of X2 over its mean design effect against chi-square")
        script.add("df_denominator <- Inf")
    else:
        script.add("df_denominator <- sapply(found, function(own) unname(own$parameter[2]))")
    script.add("p_value <- sapply(found, function(own) unname(own$p.value))")
    if cells.is_linearised(told):
        _as_ours(told, script, statistic)
    beside = "rows, " if by else ""
    script.add(
        f"answer <- data.frame({beside}statistic = statistic, df = df, df_denominator = df_denominator, "
        "p_value = p_value, check.names = FALSE, row.names = NULL)",
        "print(answer, digits = 8, row.names = FALSE)",
    )


def _as_ours(told: Told, script: Script, statistic: str) -> None:
    """Degrees of freedom and people of the domain where svychisq counts those of the whole."""
    script.say("on calibrated or made replicate weights svychisq counts units and rows outside the domain: ours here")
    script.add(
        "inside <- lapply(key, function(own) domain[cell %in% own, ])",
        "units <- sapply(inside, function(own) degf(own))",
    )
    if statistic == "F":
        script.add("df_denominator <- df * units", "p_value <- pf(statistic, df, df_denominator, lower.tail = FALSE)")
    elif statistic == "wald":
        script.add(
            "counted <- df_denominator + df - 1",
            "statistic <- statistic * df * counted / (counted - df + 1) * (units - df + 1) / (df * units)",
            "df_denominator <- units - df + 1",
            "p_value <- pf(statistic, df, df_denominator, lower.tail = FALSE)",
        )
    elif not told.survey.get("replicates"):
        script.add(
            'n <- sapply(inside, function(own) sum(weights(own, "sampling") != 0))',
            "statistic <- statistic * n / sapply(inside, function(own) nrow(own$variables))",
        )
