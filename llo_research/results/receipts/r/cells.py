"""Means of columns in cells: by R's own svyby, or with their linearised variables on the whole design.

The second way is taken where estimates are to be laid beside others (contrasts, joint results, series of differences),
where variables have people of their own, and on calibrated designs, of which ``svyby(covmat = TRUE)`` of survey 4.1
takes no residuals. It leaves `theta`, `V`, `people` (rows x k) and `u` (rows x k), or `reps` (R x k).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llo_research.results.receipts.r.opening import inside
from llo_research.results.receipts.r.words import compared, name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def columns_of(told: Told, variables: Sequence[str], *, all_levels: bool = False) -> dict[str, tuple[str, Any]]:
    """Column of the script -> variable and level (None of a number): ``y1`` is the first."""
    keys: list[tuple[str, Any]] = []
    for variable in variables:
        levels = told.levels(variable)
        if levels is None and (told.is_category(variable) or all_levels):  # the levels that the result has
            levels = [level for own, level in told.heads if own == variable]
        keys += [(variable, level) for level in dict.fromkeys(levels)] if levels is not None else [(variable, None)]
    prefix = "y"
    while any(f"{prefix}{i}" in told.columns for i in range(1, len(keys) + 1)):
        prefix += "_"
    return {f"{prefix}{i}": key for i, key in enumerate(keys, start=1)}


def is_linearised(told: Told) -> bool:
    """Whether means are to be had with their linearised variables only."""
    made_here = bool((told.survey.get("replicates") or {}).get("from_design"))
    waves = bool(told.survey.get("returns"))
    return told.linearised or bool(told.steps or told.undefined) or made_here or waves or any(told.empty)


def columns_by_row(told: Told, made: Mapping[str, tuple[str, Any]]) -> list[str]:
    """(k) the column of the script that each row is of."""
    places = {(variable, str(level)): column for column, (variable, level) in made.items()}
    return [places[variable, str(level)] for variable, level in told.heads]


def value(told: Told, variable: str, level: Any) -> str:
    """The numbers to average."""
    if level is None:
        return f"as.numeric({name(variable)})"
    column, values = compared(told, variable, [level])
    return f"as.numeric({column} == {values[2:-1]})"


def pasted(columns: Sequence[str], frame: str = "") -> str:
    """The cell of each row of a frame: the values of some columns as text."""
    if not columns:
        return text("all")
    own = [f"as.character({frame}{name(column)})" for column in columns]
    return own[0] if len(own) == 1 else f'paste({", ".join(own)}, sep = ":")'


def known(columns: Sequence[str]) -> str:
    """Rows with a value in all of these columns."""
    return " & ".join(f"!is.na({name(column)})" for column in columns)


def cell_column(told: Told, script: Script, by: Sequence[str], conditions: Sequence[str]) -> None:
    """`cell`: of each row of `data`; missing outside the domain."""
    words = [word for word in (inside(told), *conditions) if word and word != "TRUE"]
    script.add(f"cell <- {f'with(data, {pasted(by)})' if by else 'rep(' + text('all') + ', nrow(data))'}")
    if words:
        together = " & ".join(f"({word})" if " | " in word else word for word in words)
        script.add(f"cell[!with(data, ({together}) %in% TRUE)] <- NA")


def numbers(told: Told, script: Script, made: Mapping[str, tuple[str, Any]]) -> None:
    """`y`: the columns to average, one row a row of `data`."""
    columns = ", ".join(f"{column} = {value(told, *key)}" for column, key in made.items())
    script.add(f"y <- with(data, cbind({columns}))")


def linearised(told: Told, script: Script) -> None:
    """`theta`, `V` and `u` or `reps` of the means of the columns of `values` among `people`."""
    some = any(told.empty)
    if told.survey.get("replicates"):
        nobody = some or told.undefined or told.linearised  # a cell, or a cell in a replicate, without people
        size = "pmax(crossprod(ones, w), 1e-300)" if nobody else "crossprod(ones, w)"
        script.add(
            "ones <- people * 1  # as numbers once, not at each replicate",
            f"found <- withReplicates(design, function(w, data) drop(crossprod(values, w) / {size}),",
            "  return.replicates = TRUE)",
            "theta <- coef(found)",
            "reps <- matrix(found$replicates, ncol = length(theta))",
            "V <- as.matrix(vcov(found))",
        )
        return
    script.say("linearised variables u: the variance of a mean is that of the total of u, on the whole design")
    script.add(
        *weights(told),
        f"size <- {'pmax(drop(crossprod(people, w)), 1e-300)' if some else 'drop(crossprod(people, w))'}",
        "theta <- drop(crossprod(values, w)) / size",
        f'u <- sweep(values - sweep(people, 2, theta, "*"), 2, size, "/"){own_weight(told)}',
        "V <- as.matrix(vcov(svytotal(u, design)))",
    )


def weights(told: Told) -> list[str]:
    """`w`: the weights of the design, or of one part of a joint result."""
    if told.own_weight is None:
        return ['w <- weights(design, "sampling")']
    column = f"data${name(told.own_weight)}"
    return [f"w <- ifelse(is.na({column}), 0, {column})  # the weight of this part", "people[w == 0, ] <- FALSE"]


def own_weight(told: Told) -> str:
    """What a linearised variable is multiplied with, where the design has no weight of its own."""
    return "" if told.own_weight is None else " * w"


def mean_columns(
    told: Told, script: Script, at: str = "at", column: str = "column", *, own_people: bool = False
) -> None:
    """`people` and `values`, and the means, from the cell `at` and the column of each mean."""
    answered = f" & !is.na(y[, {column}[j]])" if own_people else ""
    script.add(
        f"people <- sapply(seq_along({at}), function(j) cell %in% {at}[j]{answered})",
        f"values <- y[, {column}, drop = FALSE]",
        "values[!people] <- 0",
    )
    linearised(told, script)


def freedom(told: Told, script: Script, *, own_people: bool = False) -> None:
    """`df` of the means: PSUs minus strata of the people of each cell; nothing of cells without people."""
    if any(told.empty):
        script.add("none <- colSums(people) == 0", "theta[none] <- NA", "V[none, ] <- V[, none] <- NA")
    if own_people:
        script.add("df <- apply(people, 2, function(own) degf(sampled[own, ]))")
        return
    script.add(
        "df <- sapply(unique(at), function(own) degf(sampled[cell %in% own, ]))",
        "df <- unname(df[at])",
    )


def cell_freedom(script: Script, by: Sequence[str]) -> None:
    """`df` of each cell of `domain`: svyby takes those of the whole design."""
    if not by:
        script.add("df <- rep_len(degf(domain), nrow(rows))")
        return
    script.say("degrees of freedom: sampling units minus strata of each cell (svyby takes those of the whole design)")
    script.add(
        f"own <- {pasted(by, 'domain$variables$')}",
        f"key <- {pasted(by, 'rows$')}",
        "df <- sapply(unique(key), function(one) degf(domain[own %in% one, ]))",
        "df <- unname(df[key])",
    )


def counts(told: Told, script: Script) -> None:
    """`n`: people with a weight behind each estimate, of `people`."""
    script.add('n <- colSums(people & weights(design, "sampling") != 0)')


def columns_vector(columns: Sequence[str]) -> str:
    """The columns of the rows as R writes them, shortly where they repeat."""
    p = len(dict.fromkeys(columns))
    first = list(columns[:p])
    if len(columns) > p and len(columns) % p == 0 and list(columns) == first * (len(columns) // p):
        return f"rep({vector(first)}, {len(columns) // p})"
    return vector(columns)


def as_domain(told: Told, script: Script, made: Mapping[str, tuple[str, Any]], needed: Sequence[str]) -> None:
    """`domain` of people whose answers are known, with the columns to estimate; `column`, that of each row."""
    script.add(f"domain <- subset(domain, {known(needed)})")
    columns = ", ".join(f"{column} = {value(told, *key)}" for column, key in made.items())
    script.add(f"domain <- update(domain, {columns})")
    script.part("The estimates, in the order of `rows`.")
    script.add(f"column <- {columns_vector(columns_by_row(told, made))}")
