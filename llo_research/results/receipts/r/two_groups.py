"""Both groups of a decomposition in R: who they are, their models and means, and what each person adds to these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llo_research.expression import parse
from llo_research.results.receipts.r import regressors, smooth
from llo_research.results.receipts.r.formulas import NotInR
from llo_research.results.receipts.r.opening import inside
from llo_research.results.receipts.r.words import condition, name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

FAMILIES = {
    "gaussian": "gaussian()",
    "logit": "quasibinomial()",
    "probit": 'quasibinomial("probit")',
    "poisson": "quasipoisson()",
}


def people(
    told: Told, script: Script, by: list[str], keys: list[str], who: str = "", known: Sequence[str] = ()
) -> None:
    """`y`, `X`, `side`, `cell` and `used`: both groups with known answers, in cells that R calls `keys` (of `rows`).

    who : a further condition in R. known : further columns that must be known.
    """
    smooth.people(told, script)
    script.part("Both groups, where all answers are known.")
    of, minus = (group_of(told, side) for side in ("of", "minus"))
    script.add(f'side <- ifelse({of}, "of", ifelse({minus}, "minus", NA))')
    if by:
        script.add(f"cells <- unique({keys[0] if len(keys) == 1 else 'c(' + ', '.join(keys) + ')'})")
        script.add(f"cell <- match({smooth.pasted('data', by)}, cells)")
    else:
        script.add("cell <- rep(1, nrow(data))")
    also = [*by, *_of_groups(told), *known]
    less = _trimmed(told) if told.call.get("support") == "trim" else []
    here = "!is.na(side) & !is.na(cell)"
    regressors.matrices(told, script, f"{here} & {who}" if who else here, also, less=less)
    script.add("cell[!used] <- 0")


def _trimmed(told: Told) -> list[str]:
    """Lines that leave out who is in a category that the other group of the cell does not have."""
    several = regressors.categories(told)
    crossed = any(len(one) > 1 for one in several)
    named = [f"c({', '.join(map(text, one))})" for one in several]
    return [
        "# who is in a category that the other group of the cell does not have is left out, until all are shared",
        f"categories <- list({', '.join(named)})",
        *(_based(told) if crossed else ()),
        "repeat {",
        "  alone <- rep(FALSE, nrow(data))",
        "  for (columns in categories) {",
        "    level <- do.call(paste, c(list(cell), data[columns]))",
        *(["    if (length(columns) > 1) level[based(columns)] <- NA  # no column of its own"] if crossed else ()),
        '    for (g in c("of", "minus"))',
        "      alone <- alone | (used & side %in% g & !is.na(level) & !level %in% level[used & !side %in% g])",
        "  }",
        "  if (!any(alone)) break",
        "  used <- used & !alone",
        "}",
    ]


def _based(told: Told) -> list[str]:
    """`based(columns)`: rows that have the base level of any of some categories."""
    base = [f"{name(column)} = {text(level)}" for column, level in regressors.bases(told).items()]
    return [
        f"first_level <- c({', '.join(base)})",
        "based <- function(columns) rowSums(sapply(columns, function(one) data[[one]] %in% first_level[one])) > 0",
    ]


def group_of(told: Told, side: str) -> str:
    """Who is of a group, as R tells it; unknown is in none."""
    column, value = told.call["group"], told.call[side]
    if column is None:
        return f"with(data, {condition(told, value)}) %in% TRUE"
    level = told.stored(column, value)
    return f"data${name(column)} %in% {text(str(level) if told.is_category(column) else level)}"


def _of_groups(told: Told) -> list[str]:
    """Columns that make the groups."""
    if told.call["group"] is not None:
        return [str(told.call["group"])]
    return [one for side in ("of", "minus") for one in parse(told.call[side], logical=True).names()]


def numbers(told: Told, script: Script, pool: str | None, other: str) -> None:
    """`numbers` and `influence` of both groups of a cell.

    pool : ``pooled`` or ``neumark`` where both groups together have a model. other : in R, the coefficients that are
    not a group's own and by which it is predicted where models are not linear.
    """
    linear = told.call["family"] == "gaussian"
    script.part("Numbers of a cell: in each group the coefficients (as svyglm's), means and the sum of weights.")
    script.add(f"family <- {FAMILIES[told.call['family']]}", *fit(onwards=told.call["family"] == "probit"))
    script.add(*_GROUP)
    lines = ["numbers <- function(k, w) {", '  at <- c(group("of", k, w), group("minus", k, w))']
    if pool:
        script.say(_POOLS[pool])
        if pool == "fit":
            _fitted(told, script)
            lines.append('  at <- c(at, setNames(of_fit(w), rep("pool", ncol(X))))')
        else:
            script.add("Z <- X" if pool == "neumark" else 'Z <- cbind(X, side %in% "minus")')
            script.add('shared <- rep(c("pool", "shift"), c(ncol(X), ncol(Z) - ncol(X)))')
            lines += ["  i <- cell == k", "  at <- c(at, setNames(fit(Z[i, ], y[i], w[i]), shared))"]
    if not linear:
        script.say("Mean predictions of a group: by its own coefficients, and by others.")
        script.add("others <- function(g, at) {", "  get <- function(name) at[names(at) == name]", f"  {other}", "}")
        script.add(*_PREDICTED)
        lines += ['  c(at, predicted("of", k, w, at), predicted("minus", k, w, at))']
    script.add(*lines, *(["  at"] if linear else []), "}")
    if told.survey.get("replicates"):
        return
    if not linear:
        smooth.slopes(script)
    script.part(
        "What each person adds to these numbers: to a mean the deviation from it, to coefficients the residual times "
        "the regressors through the inverse information (of probit the observed one, which is the exact derivative)."
    )
    script.add(*(_SCORES if told.call["family"] != "probit" else _PROBIT), *_INFLUENCE)
    if pool == "fit":
        script.add('  u[used_fit, names(at) == "pool"] <- scores_of_fit()')
    elif pool:
        script.add("  i <- cell == k", "  place <- which(names(at) %in% shared)")
        script.add("  u[i, place] <- scores(Z[i, ], y[i], w[i], at[place])")
    if not linear:
        script.add(*_THROUGH)
    script.add("  u", "}")


def _fitted(told: Told, script: Script) -> None:
    """`of_fit(w)` and `scores_of_fit()`: the coefficients of the model that is the reference, and their influence."""
    own = told.meta["reference_fit"]
    if own["call"].get("offset"):
        raise NotInR("the reference is a model with an offset", nearest="the same model without it")
    fit = replace(told, meta={**told.meta, **own})
    here = inside(fit)
    script.add("inside_fit <- w != 0" + ("" if here == "TRUE" else f" & with(data, ({here}) %in% TRUE)"))
    regressors.matrices(fit, script, suffix="_fit")
    places = [str(own["terms"].index(term) + 1) for term in told.meta["terms"]]
    script.add(
        "X_fit <- X_fit[used_fit, , drop = FALSE]",
        "y_fit <- y_fit[used_fit]",
        f"own_fit <- c({', '.join(places)})  # the columns of the decomposition among those of the model",
        "of_fit <- function(w) fit(X_fit, y_fit, w[used_fit])[own_fit]",
        "scores_of_fit <- function() {  # as svyglm, with the expected information",
        "  b <- fit(X_fit, y_fit, w[used_fit])",
        "  eta <- drop(X_fit %*% b)",
        "  ratio <- family$mu.eta(eta) / family$variance(family$linkinv(eta))",
        "  A <- crossprod(X_fit, w[used_fit] * ratio * family$mu.eta(eta) * X_fit)",
        "  ((y_fit - family$linkinv(eta)) * ratio * X_fit %*% solve(A))[, own_fit, drop = FALSE]",
        "}",
    )


def fit(*, onwards: bool = False) -> list[str]:
    """Lines of `fit(x, y, w)`, the coefficients of `family`; `onwards`, beyond where glm stops."""
    return [*_FIT, *(_ONWARDS if onwards else ()), *_FITTED]


_POOLS = {
    "fit": "The fitted model that is the reference, with its own people and terms.",
    "pooled": "Z: regressors of the model of both groups together, with a term for the group.",
    "neumark": "Z: regressors of the model of both groups together, without a term for the group.",
}
_FIT = (
    "fit <- function(x, y, w) {  # weights of mean 1 as in svyglm: with large ones the first step goes astray",
    "  found <- glm.fit(x, y, w / mean(w), family = family, control = list(epsilon = 1e-13, maxit = 50))",
    "  stopifnot(found$converged)",
)
# Fisher scoring of a probit stops where the deviance does, its coefficients 1e-7 short
_ONWARDS = (
    "  for (again in 1:3)  # glm stops where the deviance does, coefficients of a probit 1e-7 short",
    "    found <- glm.fit(x, y, w / mean(w), start = coef(found), family = family, control = list(epsilon = 1e-13))",
)
_FITTED = (
    "  ifelse(is.na(coef(found)), 0, coef(found))  # 0: of a level that nobody has or needs",
    "}",
)
_GROUP = (
    'kinds <- rep(c("b", "x", "y", "w"), c(ncol(X), ncol(X), 1, 1))',
    "group <- function(g, k, w) {",
    "  i <- cell == k & side %in% g",
    "  total <- sum(w[i])",
    "  means <- c(colSums(w[i] * X[i, , drop = FALSE]), sum(w[i] * y[i])) / total",
    '  setNames(c(fit(X[i, , drop = FALSE], y[i], w[i]), means, total), paste0(kinds, "_", g))',
    "}",
)
_PREDICTED = (
    "predicted <- function(g, k, w, at) {",
    "  i <- cell == k & side %in% g",
    '  b <- cbind(at[names(at) == paste0("b_", g)], others(g, at))',
    '  setNames(colSums(w[i] * family$linkinv(X[i, ] %*% b)) / sum(w[i]), rep(paste0("p_", g), 2))',
    "}",
)
_SCORES = (
    "inverse <- function(x, y, w, b) {  # of the information; 0 of a level that nobody has",
    "  free <- colSums(x != 0) > 0",
    "  out <- matrix(0, ncol(x), ncol(x))",
    "  out[free, free] <- solve(crossprod(x[, free], w * family$mu.eta(drop(x %*% b)) * x[, free]))",
    "  out",
    "}",
    "scores <- function(x, y, w, b) (y - family$linkinv(drop(x %*% b))) * x %*% inverse(x, y, w, b)",
)
_PROBIT = (
    "inverse <- function(x, y, w, b) {  # of the information; 0 of a level that nobody has",
    "  free <- colSums(x != 0) > 0",
    "  eta <- drop(x %*% b)",
    "  ratio <- dnorm(eta) / (pnorm(eta) * pnorm(-eta))",
    "  bend <- -ratio * (eta + ratio * (1 - 2 * pnorm(eta)))",
    "  observed <- ratio * dnorm(eta) - (y - pnorm(eta)) * bend",
    "  out <- matrix(0, ncol(x), ncol(x))",
    "  out[free, free] <- solve(crossprod(x[, free], w * observed * x[, free]))",
    "  out",
    "}",
    "scores <- function(x, y, w, b) {",
    "  eta <- drop(x %*% b)",
    "  (y - pnorm(eta)) * dnorm(eta) / (pnorm(eta) * pnorm(-eta)) * x %*% inverse(x, y, w, b)",
    "}",
)
_INFLUENCE = (
    "influence <- function(k, at) {",
    "  u <- matrix(0, nrow(X), length(at))",
    '  for (g in c("of", "minus")) {',
    "    i <- cell == k & side %in% g",
    '    place <- function(kind) which(names(at) == paste0(kind, "_", g))',
    "    x <- X[i, , drop = FALSE]",
    '    u[i, place("b")] <- scores(x, y[i], w[i], at[place("b")])',
    '    u[i, place("x")] <- sweep(x, 2, at[place("x")]) / sum(w[i])',
    '    u[i, place("y")] <- (y[i] - at[place("y")]) / sum(w[i])',
    '    u[i, place("w")] <- 1',
    "  }",
)
_THROUGH = (
    '  for (g in c("of", "minus")) {',
    "    i <- cell == k & side %in% g",
    '    own <- names(at) == paste0("b_", g)',
    "    b <- cbind(at[own], others(g, at))",
    '    through <- list(1 * outer(which(own), seq_along(at), "=="), slopes(function(at) others(g, at), at))',
    "    for (j in 1:2) {",
    "      eta <- drop(X[i, ] %*% b[, j])",
    "      moved <- colSums(w[i] * family$mu.eta(eta) * X[i, ]) / sum(w[i])",
    '      place <- which(names(at) == paste0("p_", g))[j]',
    "      u[, place] <- u %*% t(moved %*% through[[j]])",
    "      u[i, place] <- u[i, place] + (family$linkinv(eta) - at[place]) / sum(w[i])",
    "    }",
    "  }",
)
