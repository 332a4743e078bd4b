"""What is made of estimates in R: ranks, what several populations have in common, breaks that would undo a change."""

from __future__ import annotations

from collections.abc import Sequence

from llo_research.results.receipts.r import cells
from llo_research.results.receipts.r.words import text

_TAU2 = {
    "paule-mandel": ["  tau2 <- root(function(tau2) centre(tau2)$q - (k - 1))"],
    "dersimonian-laird": [
        "  w <- solve(v)",
        "  tau2 <- max(0, (centre(0)$q - (k - 1)) / (sum(diag(w)) - sum(colSums(w)^2) / sum(w)))",
    ],
    "reml": [
        "  loss <- function(tau2) with(centre(tau2), q + log(sum(w))) +",
        "    c(determinant(v + diag(tau2, k))$modulus)",
        "  size <- mean((y - mean(y))^2) + mean(diag(v))",
        "  tau2 <- exp(optimize(function(x) loss(exp(x)), log(size) + c(-25, 6), tol = 1e-12)$minimum)",
        "  if (loss(tau2) >= loss(0)) tau2 <- 0",
    ],
}

_CENTRE = """  k <- length(y)
  centre <- function(tau2) {
    w <- solve(v + diag(tau2, k))
    mean <- sum(w %*% y) / sum(w)
    list(w = w, mean = mean, variance = 1 / sum(w), q = drop(t(y - mean) %*% w %*% (y - mean)))
  }
  root <- function(excess) {
    if (excess(0) <= 0) return(0)
    high <- mean((y - mean(y))^2) + mean(diag(v))
    while (excess(high) > 0) high <- 4 * high
    uniroot(excess, c(0, high), tol = 1e-14 * high)$root
  }""".splitlines()
_POOLED = """  t <- qt(level, df)
  spread <- sqrt(error^2 + tau2)
  wide <- qt(level, k - 2)
  low <- root(function(tau2) centre(tau2)$q - qchisq(level, k - 1))
  high <- root(function(tau2) centre(tau2)$q - qchisq(1 - level, k - 1))
  w <- solve(v)
  typical <- (k - 1) / (sum(diag(w)) - sum(colSums(w)^2) / sum(w))
  q <- centre(0)$q
  out <- data.frame(measure = c("mean", "prediction", "tau2", "i2", "q"),
    estimate = c(at$mean, at$mean, tau2, tau2 / (tau2 + typical), q),
    std_error = c(error, spread, NA, NA, NA),
    conf_low = c(at$mean - t * error, at$mean - wide * spread, low, low / (low + typical), NA),
    conf_high = c(at$mean + t * error, at$mean + wide * spread, high, high / (high + typical), NA),
    df = c(df, k - 2, NA, NA, k - 1), p_value = c(p, NA, NA, NA, pchisq(q, k - 1, lower.tail = FALSE)))""".splitlines()


def ranks(by: Sequence[str], level: float) -> list[str]:
    """Ranks, and how many are certainly larger and smaller."""
    return [
        "",
        "# Ranks: 1 is the largest; a difference counts where it exceeds the quantile of the largest of all of them.",
        "# R draws that quantile at random here; llo_research integrates over fixed points.",
        "ranked <- function(own) {",
        "  own <- own[which(is.finite(theta[own]) & std_error[own] > 0 & df[own] > 0)]",
        "  pairs <- combn(length(own), 2)",
        "  pick <- matrix(0, ncol(pairs), length(own))",
        "  pick[cbind(seq_len(ncol(pairs)), pairs[1, ])] <- 1",
        "  pick[cbind(seq_len(ncol(pairs)), pairs[2, ])] <- -1",
        "  apart <- drop(pick %*% theta[own])",
        "  within <- pick %*% V[own, own] %*% t(pick)",
        "  error <- sqrt(diag(within))",
        "  root <- eigen(cov2cor(within), symmetric = TRUE)",
        "  some <- root$values > 1e-12 * root$values[1]",
        '  root <- t(sweep(root$vectors[, some, drop = FALSE], 2, sqrt(root$values[some]), "*"))',
        "  least <- min(df[own])",
        "  set.seed(1)",
        "  largest <- replicate(40, {",
        "    normal <- matrix(rnorm(5000 * nrow(root)), 5000) %*% root",
        "    apply(abs(normal), 1, max) / sqrt(rchisq(5000, least) / least)",
        "  })",
        f"  critical <- quantile(largest, {text(level)})",
        f"  critical <- min(critical, qt((1 + {text(level)}^(1 / length(error))) / 2, least))",
        "  larger <- matrix(FALSE, length(own), length(own))",
        "  larger[t(pairs)] <- apart > critical * error",
        "  larger[t(pairs)[, 2:1, drop = FALSE]] <- -apart > critical * error",
        "  out <- matrix(NA, nrow(rows), 3)",
        "  out[own, 1] <- sapply(theta[own], function(one) 1 + sum(theta[own] > one))",
        "  out[own, 2] <- 1 + colSums(larger)",
        "  out[own, 3] <- length(own) - rowSums(larger)",
        "  out",
        "}",
        f"block <- rep_len({cells.pasted(by, 'rows$')}, nrow(rows))",
        "found <- Reduce(function(a, b) ifelse(is.na(a), b, a), lapply(split(seq_along(block), block), ranked))",
        "answer <- cbind(answer, rank = found[, 1], rank_low = found[, 2], rank_high = found[, 3])",
        "print(answer, digits = 8, row.names = FALSE)",
    ]


def meta_analysis(method: str, knapp: bool, by: Sequence[str], level: float, log: bool, tested: bool) -> list[str]:
    """The mean of several populations, and the variance between them."""
    df = "k - 1" if knapp else "Inf"
    logs = ["  y <- log(theta[own])", "  v <- V[own, own] / outer(theta[own], theta[own])"]
    back = [
        "  out[1:2, 3] <- out[1:2, 3] * exp(out[1:2, 2])",
        "  out[1:2, c(2, 4, 5)] <- exp(out[1:2, c(2, 4, 5)])",
    ]
    errors = "of Knapp and Hartung" if knapp else "from the normal distribution"
    return [
        "",
        "# What the estimates have in common. metafor's rma.mv takes the whole covariance too; here it is written out:",
        f"# tau2 by {method}, errors {errors},",
        "# the interval of tau2 from profiling Q.",
        "pooled <- function(own) {",
        "  own <- own[which(is.finite(theta[own]) & std_error[own] > 0 & df[own] > 0)]",
        *(logs if log else ["  y <- theta[own]", "  v <- V[own, own]"]),
        *_CENTRE,
        *_TAU2[method],
        "  at <- centre(tau2)",
        f"  error <- sqrt(at$variance{' * at$q / (k - 1)' if knapp else ''})",
        f"  level <- {text((1 + level) / 2)}",
        f"  df <- {df}",
        f"  p <- {'2 * pt(abs(at$mean) / error, df, lower.tail = FALSE)' if tested else 'NA'}",
        *_POOLED,
        *(back if log else []),
        "  out",
        "}",
        f"block <- rep_len({cells.pasted(by, 'rows$')}, nrow(rows))",
        "found <- lapply(split(seq_along(block), factor(block, levels = unique(block))), pooled)",
        "answer <- do.call(rbind, Map(function(block, own) cbind(block = block, own), names(found), found))",
        "print(answer, digits = 8, row.names = FALSE)",
    ]


def break_robustness(log: bool) -> list[str]:
    """How large a break would undo each change."""
    scale = (
        ["change <- log(theta)", "margin <- t * std_error / theta"]
        if log
        else ["change <- theta", "margin <- t * std_error"]
    )
    back = "exp" if log else ""
    return [
        "",
        "# How large a break would have to be: arithmetic on the change and its margin.",
        *scale,
        "least <- ifelse(abs(change) > margin, change - sign(change) * margin, 0)",
        f"answer <- cbind(answer, size_not_significant = {back}(least), size_zero = {back}(change),",
        f"  size_reversed = {back}(change + sign(change) * margin))",
        "print(answer, digits = 8, row.names = FALSE)",
    ]
