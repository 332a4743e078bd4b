"""Variances, covariances and correlations of people in R: their linearised variables, as ``svyvar`` has them."""

from __future__ import annotations

from llo_research.results.receipts.r import cells
from llo_research.results.receipts.r.totals import linearised
from llo_research.results.receipts.r.words import name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def variance(told: Told, script: Script) -> None:
    """How much people differ."""
    variables, by = told.listed("variables"), told.listed("by")
    own_people = told.call.get("missing") == "available" and len(variables) > 1
    if len(variables) == 1 and not by and not cells.is_linearised(told):
        script.part("The variance among people with a known answer.")
        script.add(
            f"domain <- subset(domain, {cells.known(variables)})",
            f"found <- svyvar(~{name(variables[0])}, domain)",
            "theta <- as.numeric(coef(found))",
            "V <- as.matrix(vcov(found))",
            "df <- degf(domain)",
        )
        return
    _pairs(told, script, [(own, own) for own in told.rows["variable"].astype(str)], own_people)


def covariance(told: Told, script: Script) -> None:
    """How two numbers go together."""
    _pairs(told, script, _both(told), False)


def correlation(told: Told, script: Script) -> None:
    """Pearson's correlation."""
    _pairs(told, script, _both(told), False, standardised=True)


def _both(told: Told) -> list[tuple[str, str]]:
    """The two variables of each row, which its name joins."""
    names = told.listed("variables")
    joined = {f"{a}:{b}": (a, b) for i, a in enumerate(names) for b in names[i + 1 :]}
    return [joined[own] for own in told.rows["variable"].astype(str)]


def _pairs(
    told: Told, script: Script, pairs: list[tuple[str, str]], own_people: bool, *, standardised: bool = False
) -> None:
    """Each pair of columns among the people of its cell."""
    variables, by = told.listed("variables"), told.listed("by")
    script.part("Pairs of numbers, of the people of each cell with a known answer.")
    cells.cell_column(told, script, by, [cells.known(by if own_people else [*variables, *by])])
    names = list(dict.fromkeys(own for pair in pairs for own in pair))
    columns = ", ".join(f"{text(own)} = as.numeric({name(own)})" for own in names)
    script.add(
        f"y <- with(data, cbind({columns}))",
        f"at <- rep_len({cells.pasted(by, 'rows$')}, nrow(rows))",
        f"one <- {vector(a for a, _ in pairs)}",
        f"other <- {vector(b for _, b in pairs)}",
    )
    answered = " & !is.na(y[, one[j]])" if own_people else ""
    script.add(
        f"people <- sapply(seq_along(at), function(j) cell %in% at[j]{answered})",
        "a <- ifelse(people, y[, one], 0)",
        "b <- ifelse(people, y[, other], 0)",
    )
    if not standardised:
        script.add(
            'n <- colSums(people & weights(design, "sampling") != 0)',
            "factor <- n / (n - 1)  # as svyvar",
        )
    script.add("average <- function(x, w) colSums(x * people * w) / colSums(people * w)")
    script.add("spread <- function(a, b, w)", "  average(sweep(a, 2, average(a, w)) * sweep(b, 2, average(b, w)), w)")
    if standardised:
        estimate = "spread(a, b, w) / sqrt(spread(a, a, w) * spread(b, b, w))"
    else:
        estimate = "factor * spread(a, b, w)"
    if told.survey.get("replicates"):
        linearised(told, script, estimate, "")
    else:
        _with_slopes(told, script, estimate, standardised)
    cells.freedom(told, script, own_people=own_people)


def _with_slopes(told: Told, script: Script, estimate: str, standardised: bool) -> None:
    """`theta`, `V` and `u`."""
    script.say("linearised variables u: the variance is that of the total of u, on the whole design")
    script.add(*cells.weights(told), f"theta <- unname({estimate})")
    if standardised:
        script.add(
            'a <- sweep(sweep(a, 2, average(a, w)), 2, sqrt(spread(a, a, w)), "/")  # standardised',
            'b <- sweep(sweep(b, 2, average(b, w)), 2, sqrt(spread(b, b, w)), "/")',
            'u <- a * b - sweep((a^2 + b^2) / 2, 2, theta, "*")',
            'u <- sweep(u * people, 2, colSums(people * w), "/")' + cells.own_weight(told),
        )
    else:
        script.add(
            "u <- sweep(a, 2, average(a, w)) * sweep(b, 2, average(b, w))",
            'u <- people * sweep(sweep(u, 2, factor, "*"), 2, theta)',
            'u <- sweep(u, 2, colSums(people * w), "/")' + cells.own_weight(told),
        )
    script.add("V <- as.matrix(vcov(svytotal(u, design)))")
