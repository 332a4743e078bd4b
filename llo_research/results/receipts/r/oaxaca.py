"""Oaxaca-Blinder decompositions in R: a plain function of both groups' coefficients and means, with design errors."""

from __future__ import annotations

from llo_research.results.receipts.r import classical, fairlie, smooth, term_maps, two_groups
from llo_research.results.receipts.r.words import text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_OTHERS = {"of": 'get("b_of")', "minus": 'get("b_minus")'}
_MIXED = 'get("w_of") * get("b_of") + get("w_minus") * get("b_minus")'
_STARS = {
    **_OTHERS,
    "pooled": 'get("pool")',
    "neumark": 'get("pool")',
    "fit": 'get("pool")',
    "cotton": f'({_MIXED}) / (get("w_of") + get("w_minus"))',
    "reimers": '(get("b_of") + get("b_minus")) / 2',
}
# component: products of means and coefficients, and the difference of mean predictions that is laid to these
TWO = {
    "explained": [("(x_of - x_minus) * star", "p_of[2] - p_minus[2]")],
    "unexplained": [
        ("x_of * (b_of - star)", "p_of[1] - p_of[2]"),
        ("x_minus * (star - b_minus)", "p_minus[2] - p_minus[1]"),
    ],
}
THREE = {
    "endowments": [("(x_of - x_minus) * b_minus", "p_of[2] - p_minus[1]")],
    "coefficients": [("x_minus * (b_of - b_minus)", "p_minus[2] - p_minus[1]")],
    "interaction": [("(x_of - x_minus) * (b_of - b_minus)", "p_of[1] - p_of[2] - p_minus[2] + p_minus[1]")],
}
# components of which the constant has a part; the means of the others' regressors differ, and a constant does not
_WITH_CONSTANT = ("unexplained", "coefficients", "group_time", "unexplained_price")
WHY = (
    "R has no decomposition of survey data: svyglm's coefficients and the means of both groups are put together by the "
    "textbook's formulas. The errors are those of linearised variables on the whole design, which count the sampled "
    "regressors and the covariance of both groups (package oaxaca takes people as independent)."
)


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of the parts of a gap."""
    if not fairlie.swaps(told):
        script.note(WHY)
    by = list(told.meta["by"])
    two_groups.people(told, script, by, [smooth.pasted("rows", by)])
    script.add(f"blocks <- {'as.list(seq_along(cells))' if by else 'list(1)'}")
    two_groups.numbers(told, script, pooled(told), other(told))
    parts(told, script)
    if told.call.get("vcov") == "delta":
        classical.estimates(told, script, pooled(told))
    else:
        smooth.estimates(told, script)
    smooth.finished(told, script, by)


def parts(told: Told, script: Script) -> None:
    """`pieces(at)`: the parts from the numbers of a cell, or their shares of the gap."""
    (fairlie.parts if fairlie.swaps(told) else decompose)(told, script)
    if told.meta.get("shares"):
        script.say("Each part as a share of the gap.")
        script.add("pieces <- function(at) decompose(at)[-(1:2)] / decompose(at)[3]")
    else:
        script.add("pieces <- decompose")


def pooled(told: Told) -> str | None:
    """Which model of both groups together is the reference."""
    reference = told.call["reference"]
    return reference if reference in ("pooled", "neumark", "fit") and not _threefold(told) else None


def other(told: Told) -> str:
    """In R, the coefficients that are not a group's own and by which it is predicted."""
    return f'if (g == "of") {_OTHERS["minus"]} else {_OTHERS["of"]}' if _threefold(told) else star(told)


def star(told: Told) -> str:
    """The reference coefficients in R."""
    reference = told.call["reference"]
    if isinstance(reference, str):
        return _STARS[reference]
    return f"{text(reference)} * {_OTHERS['of']} + (1 - {text(reference)}) * {_OTHERS['minus']}"


def _threefold(told: Told) -> bool:
    """Whether the decomposition has three parts."""
    return bool(told.call.get("kind") == "threefold")


def decompose(told: Told, script: Script) -> None:
    """`decompose(at)`: the parts from the numbers of a cell."""
    linear = told.call["family"] == "gaussian"
    script.part("The decomposition, in the order of `rows`.")
    normalised = term_maps.listing(told, script)
    if not linear:
        script.say("Yun's weights: each term's share of the linear predictor.")
        script.add("lay <- function(products, whole) products / sum(products) * whole")
    lines = ["decompose <- function(at) {", "  get <- function(name) at[names(at) == name]"]
    lines += [f"  {kind}_{side} <- {_get(f'{kind}_{side}', normalised)}" for kind in "bx" for side in ("of", "minus")]
    lines += [] if linear else [f'  p_{side} <- get("p_{side}")' for side in ("of", "minus")]
    if not _threefold(told):
        lines.append(f"  star <- {term_maps.mapped(star(told), 'B' if normalised else None)}")
    lines.append('  out <- c(get("y_of"), get("y_minus"), get("y_of") - get("y_minus"))')
    for component, products in (THREE if _threefold(told) else TWO).items():
        lines += _component(told, component, products, linear)
    script.add(*lines, "  out", "}")


def _get(name: str, normalised: object) -> str:
    """Coefficients or means of a group, normalised or not."""
    return term_maps.mapped(f'get("{name}")', None if not normalised else "B" if name.startswith("b") else "M")


def _component(told: Told, component: str, products: list[tuple[str, str]], linear: bool) -> list[str]:
    """Lines that add the total of a component and its terms to `out`."""
    if component == "unexplained":  # the reference's own side is zero
        own = {"of": 1, 1.0: 1, "minus": 0, 0.0: 0}.get(told.call["reference"])
        products = products if own is None else [products[own]]
    made = [one if linear else f"lay({one}, {whole})" for one, whole in products]
    lines = [f"  {component} <- {' + '.join(made)}"]
    terms = listed(told, component)
    rest = ""
    if told.call["family"] == "probit" and component in ("unexplained", "coefficients"):
        lines.append('  rest <- get("y_of") - p_of[1] - (get("y_minus") - p_minus[1])  # means less mean predictions')
        rest, terms = " + rest", f"{terms}, rest" if terms else ""
    return [*lines, f"  out <- c(out, sum({component}){rest}{terms})"]


def listed(told: Told, component: str) -> str:
    """The terms of a component that rows list, after its total; the constant explains nothing."""
    mine = terms_of(told, component)
    if not mine:
        return ""
    components = dict.fromkeys(smooth.lines_of(told)["component"])
    every = terms_of(told, next(one for one in components if one in _WITH_CONSTANT))
    silent = [i for i, one in enumerate(every, start=1) if one not in mine and one != "residual"]
    words = f"sums({component})" if told.meta.get("laid_to") else component
    return f", {words}[-{silent[0]}]" if silent else f", {words}"


def terms_of(told: Told, component: str) -> list[str]:
    """The terms of a component but the total, in the order of the rows of one cell."""
    lines = smooth.lines_of(told)
    return [term for term in lines["term"][lines["component"] == component] if term != "total"]
