"""Gaps, changes and changes of gaps in R: ``svyby`` for the means, ``svycontrast`` for what is taken of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llo_research.results.receipts.r import cells, shifts
from llo_research.results.receipts.r.opening import inside
from llo_research.results.receipts.r.words import compared, condition, name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


@dataclass(frozen=True)
class Plan:
    """What is compared, in R's words.

    variables, by : of the call, with the time among `by`. sides : R's value of the column of the two groups, or "".
    signs : +1 or -1 of each mean of a row. at : (of each sign) the cell, in terms of `rows`.
    """

    variables: Sequence[str]
    by: Sequence[str]
    sides: str
    signs: Sequence[int]
    at: Sequence[str]


def gap(told: Told, script: Script) -> None:
    """A difference, ratio or odds ratio of two groups."""
    by = told.listed("by")
    sides = _sides(told)
    at = [_cell([*_of_rows(by), text(side)]) for side in ("of", "minus")]
    _write(told, script, Plan(told.listed("variable"), by, sides, (1, -1), at))


def change(told: Told, script: Script) -> None:
    """A later time against the base."""
    by, time = told.listed("by"), str(told.call["time"])
    base = text(str(told.call["base"]))
    at = [_cell([*_of_rows(by), when]) for when in (*_of_rows([time]), base)]
    _write(told, script, Plan(told.listed("variables"), [*by, time], "", (1, -1), at))


def gap_change(told: Told, script: Script) -> None:
    """A gap at a later time against the gap at the base."""
    by, time = told.listed("by"), str(told.call["time"])
    times = (*_of_rows([time]), text(str(told.call["base"])))
    sides = _sides(told)
    at = [_cell([*_of_rows(by), when, text(side)]) for when in times for side in ("of", "minus")]
    _write(told, script, Plan(told.listed("variable"), [*by, time], sides, (1, -1, -1, 1), at))


def _of_rows(columns: Sequence[str]) -> list[str]:
    """The values of columns of `rows` as text."""
    return [f"as.character(rows${name(column)})" for column in columns]


def _cell(parts: Sequence[str]) -> str:
    """The name of a cell."""
    return parts[0] if len(parts) == 1 else f'paste({", ".join(parts)}, sep = ":")'


def _sides(told: Told) -> str:
    """The group of each row of `data`, ``of``, ``minus`` or missing; and the column that must be known."""
    of, minus, group = told.call["of"], told.call["minus"], told.call.get("group")
    if group is None:
        one, other = (condition(told, str(words)) for words in (of, minus))
    else:
        told_apart = [compared(told, str(group), [level]) for level in (of, minus)]
        one, other = (f"{column} == {level[2:-1]}" for column, level in told_apart)
    return f'ifelse(({one}) %in% TRUE, "of", ifelse(({other}) %in% TRUE, "minus", NA))'


def _write(told: Told, script: Script, plan: Plan) -> None:
    """`theta`, `V`, `df` of the comparisons."""
    own_people = told.call.get("missing") == "available" and len(plan.variables) > 1
    script.part("The cells whose means are compared, of people with a known answer; shares are means of 0 and 1.")
    made = cells.columns_of(told, plan.variables)
    keys = [f"as.character(data${name(column)})" for column in plan.by]
    if plan.sides:
        script.add(f"side <- with(data, {plan.sides})")
        keys.append("side")
    script.add(f"cell <- {_cell(keys)}")
    known = cells.known([*([] if own_people else plan.variables), *plan.by])
    there = [word for word in (inside(told), known) if word != "TRUE"]
    together = " & ".join(f"({word})" if " | " in word else word for word in there)
    script.add(f"cell[!with(data, ({together}) %in% TRUE){' | is.na(side)' if plan.sides else ''}] <- NA")
    script.part("Which means make each row: their column, and their cells.")
    script.add(f"column <- {cells.columns_vector(cells.columns_by_row(told, made))}")
    if any("rows$" in cell for cell in plan.at):
        script.add(f"at <- cbind({', '.join(plan.at)})")
    else:
        script.add(f"at <- matrix(c({', '.join(plan.at)}), nrow(rows), {len(plan.at)}, byrow = TRUE)")
    if cells.is_linearised(told) or own_people:
        cells.numbers(told, script, made)
        means_in_use(told, script, own_people=own_people)
        mapped(told, script, plan.signs, str(told.call.get("scale", "difference")))
    else:
        _by_svycontrast(told, script, plan, made)


def _by_svycontrast(told: Told, script: Script, plan: Plan, made: Mapping[str, tuple[str, Any]]) -> None:
    """By svyby and svycontrast."""
    scale = str(told.call.get("scale", "difference"))
    columns = ", ".join(f"{column} = {cells.value(told, *key)}" for column, key in made.items())
    script.part("The means and their covariance, and the comparisons of them.")
    script.add(
        f"domain <- update(design, {columns})",
        "domain$variables$cell <- cell",
        "domain <- domain[!is.na(cell), ]",
    )
    replicated = bool(told.survey.get("replicates")) and scale != "difference"
    more = ", return.replicates = TRUE" if replicated else ""
    script.add(f"cells <- svyby(~{' + '.join(made)}, ~cell, domain, svymean, covmat = TRUE{more})")
    named = 'paste(at[i, ], column[i], sep = ":")' if len(made) > 1 else "at[i, ]"
    signs = ", ".join(map(str, plan.signs))
    script.add("compared <- lapply(seq_len(nrow(rows)), function(i) {")
    if scale == "difference":
        script.add(f"  setNames(c({signs}), {named})", "})")
    else:
        script.add(f"  m <- lapply({named}, as.name)", f"  {_quoted(scale, plan.signs)}", "})")
    script.add("found <- svycontrast(cells, compared)", "theta <- unname(coef(found))", "V <- as.matrix(vcov(found))")
    script.add("df <- apply(at, 1, function(own) degf(domain[domain$variables$cell %in% own, ]))")
    shifts.taken_off(told, script)


def _quoted(scale: str, signs: Sequence[int]) -> str:
    """The expression of a ratio or an odds ratio of means."""
    above = [f".(m[[{i}]])" for i, sign in enumerate(signs, start=1) if sign > 0]
    below = [f".(m[[{i}]])" for i, sign in enumerate(signs, start=1) if sign < 0]
    if scale == "ratio":
        return f"bquote(({' * '.join(above)}) / ({' * '.join(below)}))"
    one = " * ".join([*above, *(f"(1 - {m})" for m in below)])
    other = " * ".join([*below, *(f"(1 - {m})" for m in above)])
    return f"bquote(({one}) / ({other}))"


_SCALES = {"ratio": ("log", "1 / m"), "odds": ("qlogis", "1 / (m * (1 - m))")}


def means_in_use(told: Told, script: Script, *, own_people: bool = False) -> None:
    """The means that the rows are of, each once, from `at` (rows x means) and `column`; `use` says where they are."""
    script.part("The means with their linearised variables or replicates, each once; `use`: where those of a row are.")
    script.add(
        'each <- paste(at, column[row(at)], sep = "|")',
        "first <- !duplicated(each)",
        "use <- matrix(match(each, each[first]), nrow(at))",
        "cells <- at[first]",
        "columns <- column[row(at)[first]]",
    )
    cells.mean_columns(told, script, "cells", "columns", own_people=own_people)


def mapped(told: Told, script: Script, signs: Sequence[int], scale: str) -> None:
    """`theta`, `V`, `df`, `people` and `u` or `reps` of combinations of means; `use` says of which, `J` how."""
    script.part("The comparisons: a matrix of the means.")
    script.add(
        "m <- theta",
        "J <- matrix(0, nrow(rows), length(m))",
        f"for (i in seq_len(nrow(rows))) J[i, use[i, ]] <- c({', '.join(map(str, signs))})",
        "rests <- J != 0  # the means that each row rests on",
    )
    finish(told, script, scale)


def finish(told: Told, script: Script, scale: str) -> None:
    """From `m`, `J`, `rests`, `people` and `u` or `reps` of the means to those of the comparisons."""
    replicated = bool(told.survey.get("replicates"))
    if any(told.empty):
        script.say("means of cells without people give no estimate")
        script.add(
            "gone <- colSums(people) == 0",
            "none <- drop(rests %*% gone) > 0",
            "m[gone] <- 0.5",
            *(["reps[, gone] <- 0.5"] if replicated else []),
        )
    if scale == "difference":
        script.add("theta <- drop(J %*% m)")
        script.add("reps <- reps %*% t(J)" if replicated else "u <- u %*% t(J)")
    else:
        there, slope = _SCALES[scale]
        script.say(f"on the scale of {there}, on which they add up")
        script.add(f"theta <- drop(exp(J %*% {there}(m)))")
        script.add(
            f"reps <- exp({there}(reps) %*% t(J))" if replicated else f'u <- u %*% t(theta * sweep(J, 2, {slope}, "*"))'
        )
    script.add(
        "V <- svrVar(reps, design$scale, design$rscales, mse = design$mse, coef = theta)"
        if replicated
        else "V <- as.matrix(vcov(svytotal(u, design)))"
    )
    if any(told.empty):
        script.add("theta[none] <- NA", "V[none, ] <- V[, none] <- NA")
    script.add(
        "people <- people %*% t(rests) > 0",
        "df <- apply(people, 2, function(own) degf(sampled[own, ]))",
    )
    shifts.taken_off(told, script, reps=replicated)
