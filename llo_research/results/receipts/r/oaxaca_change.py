"""The change of a gap, decomposed, in R: the parts of each time, or products of two times."""

from __future__ import annotations

from llo_research.results.receipts.r import oaxaca, shifts, smooth, two_groups
from llo_research.results.receipts.r.formulas import NotInR
from llo_research.results.receipts.r.words import name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

NOBODY = (
    "No package has a command for this number, the change of a decomposed gap{design}: Stata's oaxaca and R's oaxaca "
    "decompose one wave with independent people. The script below builds it: the estimates are plain algebra, to be "
    "checked with them wave by wave; the errors are {errors}."
)
_DIFFER, _DIFFERED = "(xa1 - xb1)", "(xa0 - xb0)"
# with a = of, b = minus, 1 the later time and 0 the earlier one
_PRODUCTS = {
    "smith-welch": {
        "main": f"({_DIFFER} - {_DIFFERED}) * bb0",
        "group": "(xa1 - xa0) * (ba0 - bb0)",
        "time": f"{_DIFFER} * (bb1 - bb0)",
        "group_time": "xa1 * ((ba1 - bb1) - (ba0 - bb0))",
    },
    "makepeace": {
        "explained_quantity": f"({_DIFFER} - {_DIFFERED}) * ba1",
        "explained_price": f"{_DIFFERED} * (ba1 - ba0)",
        "unexplained_quantity": "(xb1 - xb0) * (ba0 - bb0)",
        "unexplained_price": "xb1 * ((ba1 - bb1) - (ba0 - bb0))",
    },
    "kim": {
        "intercept": "((ba1 - bb1) - (ba0 - bb0)) * (xa1 + xb1 + xa0 + xb0) / 4 * constant",
        "coefficients": "((ba1 - bb1) - (ba0 - bb0)) * (xa1 + xb1 + xa0 + xb0) / 4 * !constant",
        "coefficients_interaction": "((xa1 + xb1) - (xa0 + xb0)) / 2 * ((ba1 - bb1) + (ba0 - bb0)) / 2",
        "endowments": f"({_DIFFER} - {_DIFFERED}) * (ba1 + bb1 + ba0 + bb0) / 4",
        "endowments_interaction": f"((ba1 + bb1) - (ba0 + bb0)) / 2 * ({_DIFFER} + {_DIFFERED}) / 2",
    },
    "interventionist": {
        "endowments": "(xa1 - xa0) * ba0 - (xb1 - xb0) * bb0",
        "coefficients": "xa0 * (ba1 - ba0) - xb0 * (bb1 - bb0)",
        "interaction": "(xa1 - xa0) * (ba1 - ba0) - (xb1 - xb0) * (bb1 - bb0)",
    },
}
_AUTHORS = {
    "smith-welch": "Smith and Welch's (1989)",
    "makepeace": "Makepeace, Paci, Joshi and Dolton's (1999)",
    "kim": "Kim's (2010)",
    "interventionist": "Kroeger and Hartmann's (2021)",
}


def _nobody(told: Told) -> str:
    """What no package has a command for, of this design."""
    parts = ["waves that share people or sampling units"] if told.survey.get("returns") else []
    parts += ["calibrated weights"] if told.steps else []
    own = "R's own vcov(svytotal()) of linearised variables, by which people in both waves count once"
    replicated = "those of the replicate weights, at each of which it is computed again"
    return NOBODY.format(
        design=f" with {' and '.join(parts)}" if parts else "",
        errors=replicated if told.survey.get("replicates") else own,
    )


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of the parts of a change."""
    script.note(_nobody(told))
    by, time, products = list(told.meta["by"]), str(told.call["time"]), told.call["method"] in _PRODUCTS
    script.part("The two times of each block of rows.")
    blocks = [*by, time, *(["base"] if told.call["chain"] else [])]
    script.add(f"first <- unique(rows[c({', '.join(map(text, blocks))})])")
    base = "first$base" if told.call["chain"] else _time(told, told.call["base"])
    script.add(f"later <- {smooth.pasted('first', [*by, time])}")
    own = ", ".join([*(f"as.character(first${name(column)})" for column in by), base])
    script.add(f"earlier <- paste({own})")
    two_groups.people(told, script, [*by, time], ["later", "earlier"])
    script.add("blocks <- Map(c, match(later, cells), match(earlier, cells))")
    two_groups.numbers(told, script, None if products else oaxaca.pooled(told), oaxaca.other(told))
    if products:
        _of_products(told, script)
    else:
        oaxaca.decompose(told, script)
        script.say("The change of each part: the later time minus the earlier one.")
        script.add("pieces <- function(at) {", "  m <- length(at) / 2")
        script.add("  (decompose(at[1:m]) - decompose(at[m + 1:m]))[-(1:2)]", "}")
    shares, adjusted = bool(told.meta.get("shares")), bool(told.meta.get("taken_off"))
    if shares and not adjusted:
        script.say("Each part as a share of the change of the gap.")
        script.add("changes <- pieces", "pieces <- function(at) changes(at) / changes(at)[1]")
    smooth.estimates(told, script)
    smooth.finished(told, script, blocks)
    shifts.taken_off(told, script, reps=told.linearised and bool(told.survey.get("replicates")))
    if shares and adjusted:
        _shares(told, script)


def _shares(told: Told, script: Script) -> None:
    """Shares of changes of which a shift was taken off."""
    if len(told.rows) % len(told.meta["lines"]):
        raise NotInR("contrasts of shares of a change of which a shift was taken off", "shares=False")
    if told.survey.get("replicates"):
        script.note("Errors of shares of an adjusted change are by the delta method; llo_research takes replicates.")
    script.part("Each part as a share of the change of the gap.")
    script.add(
        f"whole <- rep(seq(1, length(theta), by = {len(told.meta['lines'])}), each = {len(told.meta['lines'])})",
        "J <- diag(1 / theta[whole])",
        "own <- cbind(seq_along(whole), whole)",
        "J[own] <- J[own] - theta / theta[whole]^2",
        "V <- J %*% V %*% t(J)",
        "theta <- theta / theta[whole]",
        "shift_errors <- J %*% shift_errors",
    )
    if told.linearised:
        script.add("reps <- reps / reps[, whole]" if told.survey.get("replicates") else "u <- u %*% t(J)")


def _time(told: Told, value: object) -> str:
    """A time as R's paste writes it."""
    return text(str(value) if told.is_category(str(told.call["time"])) or not isinstance(value, int | float) else value)


def _of_products(told: Told, script: Script) -> None:
    """`pieces(at)`: the parts of one pair of times."""
    method = told.call["method"]
    script.part(f"{_AUTHORS[method]} parts, in the order of `rows`.")
    normalised = oaxaca.listing(told, script)
    script.add("pieces <- function(at) {", "  m <- length(at) / 2")
    script.add("  get <- function(name, time) at[1:m + ifelse(time == 1, 0, m)][names(at)[1:m] == name]")
    for kind, matrix in (("x", "M"), ("b", "B")):
        for side, group in (("a", "of"), ("b", "minus")):
            for time in (1, 0):
                words = f'get("{kind}_{group}", {time})'
                script.add(f"  {kind}{side}{time} <- {oaxaca.mapped(words, matrix if normalised else None)}")
    gaps = [f'get("y_of", {time}) - get("y_minus", {time})' for time in (1, 0)]
    script.add(f"  out <- {gaps[0]} - ({gaps[1]})")
    if method == "kim":
        script.add(f"  constant <- {vector(told.meta['constant'])}")
    for component, product in _PRODUCTS[method].items():
        script.add(f"  {component} <- {product}")
        script.add(f"  out <- c(out, sum({component}){_listed(told, component)})")
    script.add("  out", "}")


def _listed(told: Told, component: str) -> str:
    """The terms of a component that rows list; of Kim's all but the constant's."""
    if told.call["method"] != "kim":
        return oaxaca.listed(told, component)
    if not oaxaca.terms_of(told, component):
        return ""
    words = f"sums({component})" if told.meta.get("laid_to") else component
    return f", {words}[!{vector(told.meta['silent'])}]"
