"""Oaxaca-Blinder decompositions in R: a plain function of both groups' coefficients and means, with design errors."""

from __future__ import annotations

from llo_research.results.receipts.r import linearised, two_groups
from llo_research.results.receipts.r.words import name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_STARS = {
    "of": 'get("b_of")',
    "minus": 'get("b_minus")',
    "pooled": 'get("pool")',
    "neumark": 'get("pool")',
    "cotton": '(get("w_of") * get("b_of") + get("w_minus") * get("b_minus")) / (get("w_of") + get("w_minus"))',
    "reimers": '(get("b_of") + get("b_minus")) / 2',
}
TWO = {
    "explained": ("(x_of - x_minus) * star",),
    "unexplained": ("x_of * (b_of - star)", "x_minus * (star - b_minus)"),
}
THREE = {
    "endowments": ("(x_of - x_minus) * b_minus",),
    "coefficients": ("x_minus * (b_of - b_minus)",),
    "interaction": ("(x_of - x_minus) * (b_of - b_minus)",),
}
_OF_X = ("explained", "endowments", "interaction")


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of the parts of a gap."""
    script.note(
        "R has no decomposition of survey data: svyglm's coefficients and the means of both groups are put together by "
        "the textbook's formulas; the errors are those of linearised variables on the whole design, which count the "
        "sampled regressors and the covariance of both groups (package oaxaca takes people as independent)."
    )
    by = list(told.meta["by"])
    own = ", ".join(f"as.character(rows${name(column)})" for column in by)
    two_groups.people(told, script, by, [f"paste({own})"])
    script.add(f"blocks <- {'as.list(seq_along(cells))' if by else 'list(1)'}")
    pool = pooled(told)
    two_groups.numbers(told, script, pool, [])
    decompose(told, script)
    script.add("parts <- decompose")
    linearised.estimates(told, script)
    linearised.degrees(script)


def pooled(told: Told) -> str | None:
    """Which model of both groups together is the reference."""
    reference = told.call["reference"]
    return reference if reference in ("pooled", "neumark") and told.call.get("kind") != "threefold" else None


def star(told: Told) -> str:
    """The reference coefficients in R."""
    reference = told.call["reference"]
    if isinstance(reference, str):
        return _STARS[reference]
    return f'{text(reference)} * get("b_of") + (1 - {text(reference)}) * get("b_minus")'


def decompose(told: Told, script: Script) -> None:
    """`decompose(at)`: the parts from the numbers of a cell."""
    threefold = told.call.get("kind") == "threefold"
    script.part("The decomposition, in the order of `rows`.")
    lines = ["decompose <- function(at) {", "  get <- function(name) at[names(at) == name]"]
    for kind in ("b", "x"):
        lines += [f'  {kind}_{side} <- get("{kind}_{side}")' for side in ("of", "minus")]
    if not threefold:
        lines.append(f"  star <- {star(told)}")
    lines.append('  out <- c(get("y_of"), get("y_minus"), get("y_of") - get("y_minus"))')
    for component, products in (THREE if threefold else TWO).items():
        lines.append(f"  {component} <- {' + '.join(products)}")
        lines.append(f"  out <- c(out, sum({component}){listed(told, component)})")
    script.add(*lines, "  out", "}")


def listed(told: Told, component: str) -> str:
    """The terms of a component that rows list, after its total."""
    rows = told.rows
    mine = rows["term"][rows["component"] == component]
    if not len(mine) or (mine == "total").all():
        return ""
    return f", {component}[-1]" if component in _OF_X else f", {component}"
