"""Tests of coefficients in R: Wald as ``regTermTest``, and Rao and Scott's likelihood ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llo_research.results.receipts.r.model_rows import joined
from llo_research.results.receipts.r.words import text

_TAIL = (
    "# p: the tail of a weighted sum of chi-squares over a chi-square, by Imhof's integral; regTermTest takes the",
    "# saddlepoint, which may be a tenth away, everywhere: here only below 1e-5, where an integral has no digits left",
    "l <- c(lambda, -statistic / denominator)",
    "h <- c(rep(1, q), denominator)",
    "wave <- function(u) sapply(u, function(u) sin(sum(h * atan(l * u)) / 2) / (u * prod((1 + l^2 * u^2)^(h / 4))))",
    "p_value <- 1 / 2 + integrate(wave, 0, Inf, rel.tol = 1e-10, subdivisions = 10000)$value / pi",
    "if (p_value < 1e-5)",
    "  p_value <- pFsum(statistic, rep(1, q), lambda, ddf = denominator, lower.tail = FALSE)",
)


def lines(test: str, restrictions: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> list[str]:
    """`answer`: the test of these restrictions on the coefficients `theta`."""
    rows = [", ".join(text(float(one["terms"].get(label, 0.0))) for label in labels) for one in restrictions]
    out = ["", "# The test: a row for each restriction, the numbers that take the coefficients to it."]
    out += joined("R <- rbind(", [f"c({row})" for row in rows], ", ", ")")
    out += [f"values <- c({', '.join(text(float(one['value'])) for one in restrictions)})"]
    out += ["q <- nrow(R)", "C <- R %*% V %*% t(R)", "gap <- drop(R %*% theta) - values"]
    if test == "lr":
        return [*out, *_ratio()]
    size = "statistic <- drop(gap %*% solve(C, gap))" + ("" if test == "hausman" else " / q")
    per = "statistic / q" if test == "hausman" else "statistic"
    return [
        *out,
        f"{size}  # {'of chi-square size' if test == 'hausman' else 'F, as regTermTest of survey'}",
        "denominator <- min(df[colSums(R != 0) > 0])",
        f"p_value <- pf({per}, q, denominator, lower.tail = FALSE)",
        *_ANSWER,
    ]


_ANSWER = (
    "answer <- data.frame(statistic = statistic, df = q, df_denominator = denominator, p_value = p_value)",
    "print(answer, digits = 8, row.names = FALSE)",
)


def _ratio() -> list[str]:
    """The likelihood ratio: deviances with weights of mean one."""
    return [
        "# the model with the restrictions: its coefficients are a start and what is free beside it",
        "start <- drop(t(R) %*% solve(R %*% t(R), values))",
        "free <- qr.Q(qr(t(R)), complete = TRUE)[, -seq_len(q), drop = FALSE]",
        "held <- off + drop(X %*% start)",
        "restricted <- if (ncol(free)) glm.fit(X %*% free, y, w / mean(w), family = family, offset = held,",
        "  control = list(epsilon = 1e-15, maxit = 100))$fitted.values else family$linkinv(held)",
        "deviance.of <- function(mu) sum(family$dev.resids(y, mu, w / mean(w)))",
        "statistic <- deviance.of(restricted) - deviance.of(mu)",
        "lambda <- Re(eigen(solve(R %*% solve(A) %*% t(R) * mean(w), C))$values)",
        "denominator <- min(df)",
        *_TAIL,
        *_ANSWER,
    ]
