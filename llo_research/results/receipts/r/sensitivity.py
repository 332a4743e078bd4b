"""Omitted variables in R: the arithmetic of Cinelli and Hazlett and of Oster, from sums of products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llo_research.results.receipts.r.words import text

# of each model, its rows as least squares sees them
COLUMNS = {
    "glm": "cbind(X, y)",
    "panel.fixed_effects": "cbind(found$X, drop(found$X %*% theta) + found$e)",
    "panel.event_time": "cbind(found$X, drop(found$X %*% theta) + found$e)",
    "panel.first_difference": "cbind(X, y)",
    "panel.random_effects": "cbind(M$X, M$y)",
}
_ARITHMETIC = """
left.over <- function(rows, given) {  # products of columns less what others carry
  if (!length(given)) return(P[rows, rows, drop = FALSE])
  across <- P[given, rows, drop = FALSE]
  P[rows, rows] - t(across) %*% solve(P[given, given], across)
}
partial <- function(outcome, of, given) {  # partial R-squared
  L <- left.over(c(of, outcome), given)
  k <- seq_along(of)
  drop(L[-k, k] %*% solve(L[k, k], L[k, -k]) / L[-k, -k])
}
rv.of <- function(f) { f <- max(f, 0); (sqrt(f^4 + 4 * f^2) - f^2) / 2 }
y. <- nrow(P)
r2 <- partial(y., d, others)
f <- sqrt(r2 / (1 - r2))
b. <- theta[at]
t. <- abs(b. / sqrt(V[at, at]))
beyond <- 1 - qt(half, df[at] - 1) * sqrt(df[at] / (df[at] - 1)) / t.
# Oster: delta for an estimate of 0, and the estimate at delta = 1
total <- P[y., y.]
treated <- P[d, d]
short <- P[d, y.] / treated
r.short <- short * P[d, y.] / total
r.full <- partial(y., c(d, others), integer(0))
r.max <- if (is.na(r.max)) min(1, 1.3 * r.full) else r.max
tau <- left.over(d, others)[1, 1] / treated
moved <- (r.full - r.short) * total / treated
more <- (r.max - r.full) * total / treated
gap <- short - b.
cube <- b.^3 * (tau - tau^2)
delta <- (b. * moved * tau + b. * tau * gap^2 + 2 * b.^2 * tau * gap + cube) /
  (more * gap + b. * more * (1 - tau) + b.^2 * tau * gap + cube)
roots <- polyroot(c(-more * gap, moved * tau + tau * gap^2 - more * (1 - tau), tau * gap))
same <- Re(roots)[sign(Re(roots)) == sign(gap)]
estimate <- c(r2, rv.of(f), rv.of(f * beyond), delta, b. - same[1], r.short, r.full, r.max)
for (own in benchmarks) for (k in 1:3) {  # a confounder k times as strong as a benchmark
  rest <- setdiff(others, own)
  with.d <- partial(d, own, rest)
  strength <- k * with.d / (1 - with.d)
  shared <- k * with.d^2 / ((1 - k * with.d) * (1 - with.d))
  outcome <- adjusted <- NaN
  if (strength < 1 && shared >= 0 && shared < 1) {
    with.y <- partial(y., own, c(d, rest))
    outcome <- min((sqrt(k) + sqrt(shared))^2 / (1 - shared) * with.y / (1 - with.y), 1)
    adjusted <- sign(b.) * (abs(b.) - abs(b.) / f * sqrt(outcome * strength / (1 - strength)))
  }
  estimate <- c(estimate, min(strength, 1), outcome, adjusted)
}
answer <- data.frame(measure = measure, term = term, estimate = estimate)
print(answer, digits = 8, row.names = FALSE)
"""


def lines(
    function: str,
    labels: Sequence[str],
    treatment: int,
    benchmarks: Mapping[str, Sequence[int]],
    r2_max: float | None,
    level: float,
    shown: Sequence[tuple[str, str]],
) -> list[str]:
    """`answer`: robustness values, Oster's numbers and benchmarks.

    labels : coefficients of the fit. treatment, benchmarks : numbers of regressors, the constant not counted. shown :
    measure and term of each number.
    """
    constant = list(labels).index("Intercept") if "Intercept" in labels else None
    names = [label for label in labels if label != "Intercept"]
    others = [j + 1 for j in range(len(names)) if j != treatment]
    out = ["", "# What an omitted variable would do: products of the columns, around their means."]
    out += [f"columns <- {COLUMNS[function]}", "P <- unname(crossprod(columns, w * columns))"]
    if constant is not None:
        i = constant + 1
        out += [f"P <- (P - outer(P[, {i}], P[{i}, ]) / P[{i}, {i}])[-{i}, -{i}]"]
    groups = ", ".join(f"c({', '.join(str(j + 1) for j in own)})" for own in benchmarks.values())
    out += [f"d <- {treatment + 1}", f"others <- c({', '.join(map(str, others))})", f"benchmarks <- list({groups})"]
    out += [f"at <- {list(labels).index(names[treatment]) + 1}", f"half <- {text((1 + level) / 2)}"]
    out += [f"r.max <- {text(r2_max)}"]
    out += [f"measure <- c({', '.join(text(one) for one, _ in shown)})"]
    out += [f"term <- c({', '.join(text(one) for _, one in shown)})"]
    return [*out, *_ARITHMETIC.strip("\n").split("\n")]
