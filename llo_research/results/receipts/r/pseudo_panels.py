"""Pseudo-panels in R: fixed effects of cohort means, less what their sampling adds."""

from __future__ import annotations

from llo_research.results.receipts.r import linearised
from llo_research.results.receipts.r.model_rows import prepare
from llo_research.results.receipts.r.words import name
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of a regression of cohort means."""
    cohort, time = told.listed("cohort"), str(told.call["time"])
    model = prepare(told, script, [*cohort, time])
    script.part("The cells of cohort by time, their weights and means.")
    linearised.people(told, script)
    linearised.matrix(script, model, [model.names[term] for term in told.meta["terms"] if term != "Intercept"])
    script.add(f"v <- cbind(X, persons${model.response})", "q <- ncol(v)", "p <- q - 1")
    script.add(f"cohort <- paste({', '.join(f'persons${name(column)}' for column in cohort)})")
    script.add(f"cell <- paste(cohort, persons${name(time)})", "cells <- unique(cell)", "at <- match(cell, cells)")
    script.add("of.cell <- cohort[match(cells, cell)]")
    script.add(
        "means.of <- function(w) {",
        "  sums <- rowsum(w, at)[, 1]",
        "  list(W = sums, M = rowsum(w * v, at) / sums)",
        "}",
    )
    script.add("full <- means.of(w)", "W.cell <- full$W", "M <- full$M")
    _noise(told, script)
    script.add("slopes <- function(W, M) {", "  L <- M - (rowsum(W * M, of.cell) / rowsum(W, of.cell)[, 1])[of.cell, ]")
    script.add(
        "  S <- crossprod(L, W * L) - noise",
        "  list(theta = solve(S[1:p, 1:p], S[1:p, q]), L = L, S = S[1:p, 1:p])",
        "}",
    )
    script.add("found <- slopes(W.cell, M)", "theta <- found$theta")
    script.part("The variance: through the cells' weights and means, the noise held at its value.")
    script.add("x <- found$L[, 1:p, drop = FALSE]", "e <- found$L[, q] - drop(x %*% theta)", "d <- v - M[at, ]")
    script.add("own <- e[at] + d[, q] - drop(d[, 1:p, drop = FALSE] %*% theta)")
    script.add("z <- (x[at, , drop = FALSE] * own + e[at] * d[, 1:p, drop = FALSE]) %*% solve(found$S)")
    script.add("estimate <- function(w) {", "  there <- means.of(w)", "  there$M[there$W == 0, ] <- 0")
    script.add("  slopes(there$W, there$M)$theta", "}")
    if told.call.get("vcov", "design") == "design":
        linearised.spread(told, script, "length(theta)")
        return
    script.add("k <- length(theta) + length(unique(cohort))")
    linearised.spread(told, script)


def _noise(told: Told, script: Script) -> None:
    """`noise`: what the sampling of the means adds to the cross-products."""
    correction = told.call.get("correction")
    if correction is None:
        script.add("noise <- 0  # means are taken as they are")
        return
    script.say("the design's covariance of all means; column (j - 1) * cells + a is the mean of column j in cell a")
    if told.survey.get("replicates"):
        all_weights = (
            "W" if linearised.replicated(told) else 'weights(domain, "analysis")[weights(domain, "sampling") > 0, ]'
        )
        script.add(
            f"each <- apply({all_weights}, 2, function(own) {{",
            "  M <- means.of(own)$M",
            "  M[is.nan(M)] <- 0",
            "  M",
            "})",
        )
        script.add("C <- svrVar(t(each), design$scale, design$rscales, mse = design$mse, coef = as.vector(M))")
    else:
        script.add("inside <- outer(at, seq_along(cells), `==`)")
        script.add("u.M <- do.call(cbind, lapply(1:q, function(j) inside * ((v[, j] - M[at, j]) / W.cell[at])))")
        script.add("u <- matrix(0, nrow(design$variables), ncol(u.M))")
        script.add("u[match(rownames(persons), rownames(design$variables)), ] <- u.M", "C <- vcov(svytotal(u, design))")
    script.add("C <- array(C, c(length(cells), q, length(cells), q))")
    if correction == "deaton":
        script.add("Q <- diag(W.cell)  # Deaton: the whole variance of the means")
    else:
        script.say("Verbeek and Nijman: what is left of it in means less those of their cohort")
        script.add("same <- outer(of.cell, of.cell, `==`)", "totals <- rowsum(W.cell, of.cell)[of.cell, 1]")
        script.add("Q <- diag(W.cell) - same * outer(W.cell, W.cell) / totals")
    script.add("noise <- matrix(0, q, q)", "for (i in 1:q) for (j in 1:q) noise[i, j] <- sum(Q * C[, i, , j])")
    script.add("noise <- (noise + t(noise)) / 2")
