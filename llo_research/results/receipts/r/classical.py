"""Classical errors of a decomposition in R, as Stata's ``oaxaca``: independent people, regressors that are sampled."""

from __future__ import annotations

from llo_research.results.receipts.r import smooth
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_START = (
    "classical <- function(k, at) {",
    "  S <- E <- matrix(0, length(at), length(at))",
    "  M <- diag(length(at))",
    "  erring <- matrix(0, nrow(X), length(at))",
    '  for (g in c("of", "minus")) {',
    "    i <- which(cell == k & side %in% g)",
    '    place <- function(kind) which(names(at) == paste0(kind, "_", g))',
    "    x <- X[i, , drop = FALSE]",
    '    b <- at[place("b")]',
    "    eta <- drop(x %*% b)",
    "    mu <- family$linkinv(eta)",
    "    total <- sum(w[i])",
    "    n <- length(i)",
)
# of sampled regressors: their means, and mean predictions
_SAMPLED = (
    "    own <- {own}",
    "    own <- sweep(own, 2, colSums(w[i] * own) / total)",
    "    j <- {places}",
    "    S[j, j] <- crossprod(own, w[i] * own) / total / (n - 1)  # of sampled regressors",
)
_MODEL = (
    '    j <- c(place("b"), place("y"))',
    "    A <- inverse(x, y[i], w[i], b)",
    "    a <- colSums(w[i] * family$mu.eta(eta) * x) / total",
    "    phi <- {phi}",
    "    of_mean <- sum(w[i] * family$variance(mu)) / total^2",
    "    E[j, j] <- phi * total / n * rbind(cbind(A, A %*% a), c(a %*% A, of_mean))  # of the model",
)
_POOLED_MODEL = (
    '    erring[i, place("b")] <- scores(x, y[i], w[i], b)',
    '    erring[i, place("y")] <- (y[i] - mu) / total',
)
_POOLED_END = (
    "  i <- cell == k",
    "  j <- which(names(at) %in% shared)",
    "  erring[i, j] <- scores(Z[i, ], y[i], w[i], at[j])",
    "  E <- sum(i) / (sum(i) - 1) * crossprod(w * erring)  # of the models, which are correlated",
)
_PREDICTIONS = (
    '    of_b <- list(1 * outer(place("b"), seq_along(at), "=="), slopes(function(at) others(g, at), at))',
    "    for (p in 1:2) {",
    "      eta <- drop(x %*% cbind(b, others(g, at))[, p])",
    '      M[place("p")[p], ] <- (colSums(w[i] * family$mu.eta(eta) * x) / total) %*% of_b[[p]]',
    "    }",
)


def estimates(told: Told, script: Script, pool: str | None) -> None:
    """`theta` and `V` of `pieces` over `blocks`."""
    linear = told.call["family"] == "gaussian"
    smooth.slopes(script)
    script.part(
        "Classical errors: V(b) of the models, V(x) / n of the sampled means, independent of each other; weights as "
        "analytic ones. The design gives the degrees of freedom only."
    )
    own = "cbind(x, mu)" if linear else "cbind(x, mu, family$linkinv(x %*% cbind(b, others(g, at))))"
    places = f'c(place("x"), place("y"){"" if linear else ", place(" + chr(34) + "p" + chr(34) + ")"})'
    script.add(*_START, *(line.format(own=own, places=places) for line in _SAMPLED))
    phi = "sum(w[i] * (y[i] - mu)^2) * n / total / (n - ncol(X))" if linear else "1"
    script.add(*(_POOLED_MODEL if pool else [line.format(phi=phi) for line in _MODEL]))
    script.add(*(() if linear else _PREDICTIONS), "  }", *(_POOLED_END if pool else ()))
    script.add("  M %*% E %*% t(M) + S", "}")
    script.add(
        "pieces_at <- function(w) unlist(lapply(blocks, function(b) pieces(unlist(lapply(b, numbers, w = w)))))",
        "theta <- pieces_at(w)",
        "V <- matrix(0, length(theta), length(theta))",
        "for (k in seq_along(blocks)) {",
        "  at <- numbers(blocks[[k]], w)",
        "  D <- slopes(pieces, at)",
        "  j <- (k - 1) * nrow(D) + seq_len(nrow(D))",
        "  V[j, j] <- D %*% classical(blocks[[k]], at) %*% t(D)",
        "}",
    )
