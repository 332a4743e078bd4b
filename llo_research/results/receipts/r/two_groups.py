"""Both groups of a decomposition in R: who they are, their models and means, and what each person adds to these."""

from __future__ import annotations

import re

from llo_research.expression import parse
from llo_research.results.receipts.r import linearised
from llo_research.results.receipts.r.words import condition, formula, name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told, named_in

FAMILIES = {
    "gaussian": "gaussian()",
    "logit": "quasibinomial()",
    "probit": 'quasibinomial("probit")',
    "poisson": "quasipoisson()",
}
_CATEGORY = re.compile(r"\bC\(\s*(`[^`]+`|\w+)\s*\)")


def people(told: Told, script: Script, by: list[str], keys: list[str]) -> None:
    """`y`, `X`, `side`, `cell` and `used`: both groups with known answers, in cells that R calls `keys` (of `rows`)."""
    linearised.people(script)
    script.part("Both groups, where all answers are known.")
    of, minus = (_group(told, side) for side in ("of", "minus"))
    script.add(f'side <- ifelse({of}, "of", ifelse({minus}, "minus", NA))')
    if by:
        own = ", ".join(f"as.character(data${name(column)})" for column in by)
        script.add(f"cells <- unique({keys[0] if len(keys) == 1 else 'c(' + ', '.join(keys) + ')'})")
        script.add(f"cell <- match(paste({own}), cells)")
    else:
        script.add("cell <- rep(1, nrow(data))")
    left, right = _sides(told)
    columns = _columns(told, by)
    script.add(f"known <- complete.cases(data[c({', '.join(text(column) for column in columns)})])")
    script.add("used <- inside & known & !is.na(side) & !is.na(cell)")
    script.say("Categories have the levels that occur, the first is the base, ordered or not.")
    script.add('options(contrasts = c("contr.treatment", "contr.treatment"))')
    for column in columns:
        if told.survey["columns"].get(column) == "text":
            own = f"data${name(column)}"
            script.add(f'{own} <- factor({own}, levels = sort(unique({own}), method = "radix"))')
    script.add(
        "people <- droplevels(data[used, ])",
        f"model <- model.matrix({right}, people)",
        "X <- matrix(0, nrow(data), ncol(model))",
        "X[used, ] <- model",
        "y <- numeric(nrow(data))",
        f"y[used] <- with(people, as.numeric({left}))",
        "cell[!used] <- 0",
    )


def _group(told: Told, side: str) -> str:
    """Who is of a group, as R tells it; unknown is in none."""
    column, value = told.call["group"], told.call[side]
    if column is None:
        return f"with(data, {condition(told, value)}) %in% TRUE"
    level = told.stored(column, value)
    return f"data${name(column)} %in% {text(str(level) if told.is_category(column) else level)}"


def _sides(told: Told) -> tuple[str, str]:
    """Both sides of the formula: an expression of the outcome, and R's formula of the regressors."""
    left, right = (part.strip() for part in str(told.call["formula"]).split("~", 1))
    plain = left.strip("`")
    outcome = name(plain) if plain in told.survey["columns"] else condition(told, left)
    return outcome, "~ " + _CATEGORY.sub(lambda found: _category(told, found[1].strip("`")), right)


def _category(told: Told, column: str) -> str:
    """A column as a category."""
    return name(column) if told.is_category(column) else f"factor({name(column)})"


def _columns(told: Told, by: list[str]) -> list[str]:
    """Columns that must be known: of the formula, the groups and the cells."""
    known = told.survey["columns"]
    found = [*named_in(told.call["formula"]), *by]
    if told.call["group"] is None:
        found += [one for side in ("of", "minus") for one in parse(told.call[side], logical=True).names()]
    else:
        found.append(told.call["group"])
    return [column for column in known if column in found]


def numbers(told: Told, script: Script, pool: str | None, star: list[str]) -> None:
    """`numbers` and `influence` of both groups of a cell.

    pool : ``pooled`` or ``neumark`` where both groups together have a model. star : lines of R that give the
    coefficients with which a group is predicted that are not its own, where models are not linear.
    """
    linear = told.call["family"] == "gaussian"
    script.part("Numbers of a cell: coefficients as of svyglm in each group, means, sums of weights.")
    script.add(
        f"family <- {FAMILIES[told.call['family']]}",
        "fit <- function(x, y, w) {",
        "  b <- glm.fit(x, y, w, family = family, control = list(epsilon = 1e-15, maxit = 50))$coefficients",
        "  ifelse(is.na(b), 0, b)  # a level that nobody of the group has, and nobody is valued by",
        "}",
        "group <- function(g, k, w) {",
        "  i <- cell == k & side %in% g",
        "  total <- sum(w[i])",
        "  means <- c(colSums(w[i] * X[i, , drop = FALSE]), sum(w[i] * y[i])) / total",
        '  setNames(c(fit(X[i, , drop = FALSE], y[i], w[i]), means, total), paste0(kinds, "_", g))',
        "}",
        'kinds <- rep(c("b", "x", "y", "w"), c(ncol(X), ncol(X), 1, 1))',
    )
    lines = ["numbers <- function(k, w) {", '  at <- c(group("of", k, w), group("minus", k, w))']
    if pool:
        script.say(_POOLS[pool])
        script.add("Z <- X" if pool == "neumark" else 'Z <- cbind(X, side %in% "minus")')
        lines += [
            "  i <- cell == k",
            '  at <- c(at, setNames(fit(Z[i, ], y[i], w[i]), rep(c("pool", "shift"), c(ncol(X), ncol(Z) - ncol(X)))))',
        ]
    if not linear:
        raise NotImplementedError
    script.add(*lines, "  at", "}")
    if told.survey.get("replicates"):
        return
    _influence(told, script, pool, linear)


_POOLS = {
    "pooled": "Z: regressors of the model of both groups together, with a term for the group.",
    "neumark": "Z: regressors of the model of both groups together, without a term for the group.",
}


def _influence(told: Told, script: Script, pool: str | None, linear: bool) -> None:
    """`influence`: what each person adds to each number."""
    script.part("What each person adds to these numbers: to coefficients the residual times regressors, through the")
    script.say("inverse of the sums of squares; to a mean the deviation from it.")
    script.add(
        "scores <- function(x, y, w, b) {",
        "  eta <- drop(x %*% b)",
        "  slope <- family$mu.eta(eta)",
        "  variance <- family$variance(family$linkinv(eta))",
        "  free <- colSums(x != 0) > 0",
        "  information <- crossprod(x[, free], w * slope^2 / variance * x[, free])",
        "  out <- 0 * x",
        "  out[, free] <- ((y - family$linkinv(eta)) * slope / variance * x[, free]) %*% solve(information)",
        "  out",
        "}",
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
    if pool:
        script.add(
            "  i <- cell == k",
            '  place <- which(names(at) %in% c("pool", "shift"))',
            "  u[i, place] <- scores(Z[i, ], y[i], w[i], at[place])",
        )
    script.add("  u", "}")
