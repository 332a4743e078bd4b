"""Poisson regression with fixed effects in R: iterated weighted regressions with the effects taken out."""

from __future__ import annotations

from llo_research.results.receipts.r import linearised, panel_rows
from llo_research.results.receipts.r.words import name
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of a Poisson regression with dummies taken out."""
    sizes = dict(told.meta["effects"])
    columns = [panel_rows.column(told, effect) for effect in sorted(sizes, key=lambda effect: -sizes[effect])]
    model = panel_rows.set_up(told, script, columns, constant=False)
    beside = model.right.split(" + offset(")[1:]
    script.add(*(f"off <- with(persons, ({words})" for words in beside))
    taken = [f"persons${name(column)}" for column in columns]
    _counted(told, script, taken, bool(beside))
    _solved(script, taken, bool(beside))
    rank = "length(unique(first))"
    if len(taken) > 1:
        script.add("left <- sqrt(w) * (dummies - means(dummies, w, first))")
        rank += " + qr(left)$rank"
    script.add(f"k <- length(theta) + {rank}")
    vcov = told.call.get("vcov", "design")
    if vcov == "iid":
        script.add("V <- solve(found$A) * mean(w)", "df <- rep(n - k, length(theta))")
    elif vcov == "design":
        linearised.spread(told, script, "length(theta)", fewer=True)
    else:
        linearised.spread(told, script, "k", panel_rows.nested(told, script, taken), fewer=True)


def _counted(told: Told, script: Script, taken: list[str], offset: bool) -> None:
    """Groups in which something was counted, at any weights."""
    script.part("Groups in which nothing was counted say nothing; without them others may have no count either.")
    script.add(
        f"effects <- list({', '.join(taken)})",
        "counted <- function(w) {",
        "  kept <- w > 0",
        "  repeat {",
        "    before <- sum(kept)",
        "    for (g in effects) kept <- kept & ave(w * y * kept, g, FUN = sum) > 0",
        "    if (sum(kept) == before) return(kept)",
        "  }",
        "}",
        "s <- counted(w)",
        "X <- X[s, , drop = FALSE]",
        "y <- y[s]",
        "w <- w[s]",
        *(["off <- off[s]"] if offset else []),
        "persons <- persons[s, ]",
        "n <- nrow(persons)",
        f"effects <- list({', '.join(taken)})",
    )
    if linearised.replicated(told):
        script.add("W <- W[s, , drop = FALSE]")


def _solved(script: Script, taken: list[str], offset: bool) -> None:
    """`solved(w)`: coefficients, residuals, regressors with the effects out, their sums of squares."""
    script.part("What glm(y ~ X + factor(unit) + ..., family = poisson) has for X, without its many dummies.")
    script.say("fepois of fixest and ppmlhdfe in Stata iterate likewise; their weights must be above 0")
    script.add(f"first <- {taken[0]}", *panel_rows.MEANS)
    if len(taken) > 1:
        factors = " + ".join(f"factor({one})" for one in taken[1:])
        script.add(f"dummies <- model.matrix(~ {factors})[, -1, drop = FALSE]")
    script.say("columns less their projection on the effects, with weights W for the rows s")
    script.add("less.effects <- function(M, W, s) {", "  M <- M - means(M, W, first[s])")
    if len(taken) > 1:
        script.add("  D <- dummies[s, , drop = FALSE]", "  lm.wfit(D - means(D, W, first[s]), M, W)$residuals", "}")
    else:
        script.add("  M", "}")
    script.add(
        "solved <- function(w) {",
        "  s <- counted(w)",
        "  mu <- (y[s] + weighted.mean(y[s], w[s])) / 2",
        "  p <- ncol(X)",
        "  for (step in 1:100) {",
        f"    v <- log(mu){' - off[s]' if offset else ''} + (y[s] - mu) / mu",
        "    M <- less.effects(cbind(X[s, , drop = FALSE], v), w[s] * mu, s)",
        "    fit <- lm.wfit(M[, 1:p, drop = FALSE], M[, p + 1], w[s] * mu)",
        f"    eta <- v - fit$residuals{' + off[s]' if offset else ''}",
        "    move <- max(abs(eta - log(mu)))",
        "    mu <- exp(eta)",
        "    if (move < 1e-13) break",
        "  }",
        "  M <- less.effects(X[s, , drop = FALSE], w[s] * mu, s)",
        "  theta <- setNames(fit$coefficients, colnames(X))",
        "  list(theta = theta, e = y[s] - mu, X = M, A = crossprod(M, w[s] * mu * M))",
        "}",
        "found <- solved(w)",
        "theta <- found$theta",
        "z <- (found$e * found$X) %*% solve(found$A)",
        "estimate <- function(w) solved(w)$theta",
    )
