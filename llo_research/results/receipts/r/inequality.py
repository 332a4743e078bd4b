"""Inequality within and between groups, and along a ranking, in R: sums over people and pairs, and their maps."""

from __future__ import annotations

from llo_research.results.receipts.r import regressors, smooth
from llo_research.results.receipts.r.distributions import APART
from llo_research.results.receipts.r.formulas import NotInR
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

WHY = (
    "Package survey has no inequality within and between groups (convey has the totals of some measures). The script "
    "puts the textbook's formulas together from weighted sums; the errors are those of linearised variables on the "
    "whole design, in which sums over pairs of people have the derivative of both members of a pair."
)
_TERMS = {
    "theil": "ifelse(y > 0, y * log(y), 0)",
    "mld": "log(ifelse(y > 0, y, 1))",
    "atkinson": "{one}",
}
_PIECES = {
    "theil": (
        "  own <- log(s / n)",
        "  c(sum(u) / sum(s) - log(sum(s) / sum(n)), sum(u - s * own) / sum(s),",
        "    sum(s * (own - log(sum(s) / sum(n)))) / sum(s))",
    ),
    "mld": (
        "  own <- log(s / n)",
        "  c(log(sum(s) / sum(n)) - sum(u) / sum(n), sum(n * own - u) / sum(n),",
        "    sum(n * (log(sum(s) / sum(n)) - own)) / sum(n))",
    ),
    "atkinson": (
        "  whole <- equal(sum(u) / sum(n)) * sum(n)",
        "  kept <- sum(n * equal(u / n))",
        "  c(1 - whole / sum(s), 1 - kept / sum(s), (kept - whole) / sum(s))",
    ),
    "gini": (
        "  size <- 2 * sum(n) * sum(s)",
        "  apart <- outer(s / n, s / n, '-')",
        "  between <- sum(outer(n, n) * apart * sign(Re(apart))) / size",
        "  c(at[3 * K + 1] / size, sum(u) / size, between, (at[3 * K + 1] - sum(u)) / size - between)",
    ),
}
_APART = (
    *APART,
    "apart_own <- function(w) {",
    "  out <- numeric(length(y))",
    "  for (g in 1:K) out[G[, g]] <- apart(y[G[, g]], w[G[, g]])",
    "  out",
    "}",
    "apart_all <- function(w) replace(numeric(length(y)), which(used), apart(y[used], w[used]))",
    "numbers <- function(k, w) c(colSums(w * cbind(G, y * G, apart_own(w) * G)), sum(w * apart_all(w)))",
    "influence <- function(k, at) cbind(G, y * G, 2 * apart_own(w) * G, 2 * apart_all(w))",
)
_RANKED = (
    "# for each column of Z the sum over pairs w_i w_j z_i K(i, j), K 1 where j ranks below i and 1/2 where alike",
    "class <- match(order, sort(unique(order[used])))",
    "class[!used] <- NA",
    "under <- function(w) {",
    "  size <- tapply(w[used], class[used], sum)",
    "  ifelse(used, (cumsum(size) - size / 2)[class], 0)",
    "}",
    "over <- function(w, z) {",
    "  sums <- tapply(w[used] * z[used], class[used], sum)",
    "  ifelse(used, (sum(sums) - cumsum(sums) + sums / 2)[class], 0)",
    "}",
)


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of a measure and its parts."""
    script.note(WHY)
    smooth.people(told, script)
    if told.call.get("rank") is not None:
        _ranked(told, script)
    else:
        _grouped(told, script)
    if told.meta.get("shares"):
        script.say("Each part as a share of the total.")
        script.add("sizes <- pieces", "pieces <- function(at) sizes(at) / sizes(at)[1]")
    script.add("blocks <- list(1)")
    smooth.estimates(told, script)
    smooth.finished(told, script, [], "used")


def _column(told: Told) -> str:
    """The outcome as a column; a condition has none."""
    variable = str(told.call["variable"])
    if variable in told.conditions or not variable.isidentifier():
        raise NotInR("inequality of a condition", "a column made of it with svy.assign(...)")
    return variable


def _grouped(told: Told, script: Script) -> None:
    """Sums by group."""
    variable, by, measure = _column(told), told.listed("by"), str(told.call["measure"])
    script.part("The amount and the groups, of people with all answers.")
    names = ", ".join(text(one) for one in (variable, *by))
    script.add(
        f"used <- inside & complete.cases(data[c({names})])",
        f"y <- ifelse(used, as.numeric(data${name(variable)}), 0)",
        f"group <- {smooth.pasted('data', by) if by else 'rep(1, nrow(data))'}",
        "levels <- unique(group[used])",
        "K <- length(levels)",
        "G <- used & outer(group, levels, `==`)",
    )
    if measure == "gini":
        script.add(*_APART)
    else:
        e = float(told.call.get("aversion", 1.0))
        one = "log(ifelse(y > 0, y, 1))" if e == 1 else f"y^(1 - {text(e)})"
        script.add(f"term <- {_TERMS[measure].format(one=one)}")
        if measure == "atkinson":
            script.add(f"equal <- function(m) {'exp(m)' if e == 1 else f'm^(1 / (1 - {text(e)}))'}")
        script.add(
            "influence <- function(k, at) cbind(G, y * G, term * G)",
            "numbers <- function(k, w) colSums(w * influence(k))",
        )
    script.part("Total, within, between (and of Gini overlap), from sums of weights n, of the amount s and of u.")
    script.add(
        "split <- function(at) {",
        "  n <- at[1:K]",
        "  s <- at[K + 1:K]",
        "  u <- at[2 * K + 1:K]",
        *_PIECES[measure],
        "}",
        f"pieces <- function(at) split(at){'' if by else '[1]'}",
    )


def _ranked(told: Told, script: Script) -> None:
    """Sums along the ranking."""
    rank, formula = str(told.call["rank"]), "~" in str(told.call["variable"])
    if formula:
        regressors.matrices(told, script, also=[rank])
    else:
        variable = _column(told)
        script.add(
            f"used <- inside & complete.cases(data[c({text(variable)}, {text(rank)})])",
            f"y <- ifelse(used, as.numeric(data${name(variable)}), 0)",
            "X <- matrix(0, nrow(data), 0)",
        )
    script.part("The ranking, and sums over pairs along it.")
    script.add(
        f"order <- as.numeric(data${name(rank)})",
        *_RANKED,
        "Z <- cbind(y, X)",
        "q <- ncol(X)",
        "fit <- function(w) if (q) solve(crossprod(X, w * X), crossprod(X, w * y))[, 1] else numeric(0)",
        "numbers <- function(k, w) c(sum(w[used]), colSums(w * Z), colSums(w * Z * under(w)), fit(w))",
        "influence <- function(k, at) {",
        "  pairs <- Z * under(w) + apply(Z, 2, function(z) over(w, z))",
        "  scores <- if (q) (X * drop(y - X %*% fit(w))) %*% solve(crossprod(X, w * X))",
        "  cbind(used, used * Z, used * pairs, if (q) used * scores)",
        "}",
    )
    _index(told, script, formula)


def _index(told: Told, script: Script, formula: bool) -> None:
    """`pieces(at)`: the index, and of a formula its parts."""
    low, high = told.meta.get("range") or (0.0, 1.0)
    factor = {
        "concentration": "1 / m",
        "erreygers": f"4 / ({text(high)} - {text(low)})",
        "wagstaff": f"({text(high)} - {text(low)}) / (({text(high)} - m) * (m - {text(low)}))",
    }[str(told.call["measure"])]
    script.add(
        "pieces <- function(at) {",
        "  sums <- at[1 + seq_len(1 + q)]",
        "  along <- 2 * at[2 + q + seq_len(1 + q)] / at[1]^2 - sums / at[1]",
        "  m <- sums[1] / at[1]",
        f"  factor <- {factor}",
        "  total <- factor * along[1]",
    )
    if not formula:
        script.add("  total", "}")
        return
    kept = [i for i, term in enumerate(told.meta["terms"], start=1) if term != "Intercept"]
    script.add(
        "  parts <- factor * at[3 + 2 * q + seq_len(q)] * along[-1]",
        f"  c(total, sum(parts), parts[c({', '.join(map(str, kept))})], total - sum(parts))",
        "}",
    )
