"""Random effects in R: Swamy and Arora's components by hand, since plm's take no weights of a survey."""

from __future__ import annotations

from llo_research.results.receipts.r import linearised, panel_rows
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of random effects."""
    panel_rows.set_up(told, script, constant=True)
    script.part("Swamy and Arora's components (Baltagi and Chang's on unbalanced panels), with a weight for each unit.")
    script.say('With equal weights they are those of plm(model = "random", random.method = "swar").')
    components(script)
    script.add(
        "moved <- function(w) {", "  share <- components(w)", "  M <- cbind(X, y) - share * means(cbind(X, y), w, unit)"
    )
    script.add("  list(X = M[, seq_len(ncol(X)), drop = FALSE], y = M[, ncol(X) + 1])", "}")
    panel_rows.least_squares(script)
    if linearised.replicated(told):
        script.say("replicates estimate the components anew")
        script.add("estimate <- function(w) {", "  s <- w > 0", "  M <- of.rows(s, function() moved(w[s]))")
        script.add("  lm.wfit(M$X, M$y, w[s])$coefficients", "}")
    script.add("M <- moved(w)", "found <- squares(M$X, M$y, w)", "theta <- found$theta")
    script.add("z <- (found$e * M$X) %*% solve(found$A)  # components held at their values")
    if not panel_rows.classical(told, script, "length(theta)"):
        script.add("k <- length(theta)")
        linearised.spread(told, script)


def components(script: Script) -> None:
    """`components(w)`: the share of the unit's mean that is taken off each row."""
    script.add(
        *panel_rows.MEANS,
        "of.rows <- function(s, what) {  # the same of some of the rows",
        "  all <- list(X = X, y = y, unit = unit)",
        "  X <<- X[s, , drop = FALSE]; y <<- y[s]; unit <<- unit[s]",
        "  on.exit({X <<- all$X; y <<- all$y; unit <<- all$unit})",
        "  what()",
        "}",
        "own.range <- function(A) {  # columns that do not depend on those before them",
        "  if (!length(A)) return(integer(0))",
        "  Q <- qr(A / sqrt(outer(diag(A), diag(A))), tol = 1e-9)",
        "  Q$pivot[seq_len(Q$rank)]",
        "}",
        "inverted <- function(A) if (length(A)) solve(A) else A",
        "components <- function(w) {",
        "  M <- means(cbind(X, y), w, unit)",
        "  L <- cbind(X, y) - M",
        "  last <- ncol(M)",
        "  once <- !duplicated(unit)",
        "  waves <- ave(rep(1, length(unit)), unit, FUN = sum)",
        "  varies <- which(sqrt(colSums(w * L^2)) > 1e-12 * sqrt(colSums(w * cbind(X, y)^2)))",
        "  varies <- setdiff(varies, last)",
        "  A <- crossprod(L, w * L)",
        "  varies <- varies[own.range(A[varies, varies, drop = FALSE])]",
        "  inverse <- inverted(A[varies, varies, drop = FALSE])",
        "  left <- A[last, last] - sum(inverse * outer(A[varies, last], A[varies, last]))",
        "  spent <- sum(inverse * crossprod(L, w^2 * L)[varies, varies])",
        "  error <- left / (sum((w * (waves - 1))[once]) - spent)",
        "  U <- M[once, , drop = FALSE]; v <- w[once]; t <- waves[once]",
        "  B <- crossprod(U, v * t * U)",
        "  kept <- own.range(B[-last, -last, drop = FALSE])",
        "  inverse <- solve(B[kept, kept, drop = FALSE])",
        "  left <- B[last, last] - B[last, kept] %*% inverse %*% B[kept, last]",
        "  trace <- function(power) sum(inverse * crossprod(U, v^2 * t^power * U)[kept, kept])",
        "  unit.s2 <- drop((left - error * (sum(v) - trace(1))) / (sum(v * t) - trace(2)))",
        "  1 - sqrt(error / (waves * max(unit.s2, 0) + error))",
        "}",
    )
