"""Conditional logit and fixed-effects ordered logit in R: Howard's recursion over units, and Newton's steps."""

from __future__ import annotations

from llo_research.results.receipts.r import linearised, panel_rows
from llo_research.results.receipts.r.formulas import InR, NotInR
from llo_research.results.receipts.r.ordered import answered
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

# Of a unit with more rows the number of answers with as many yeses is beyond what a computer can hold.
_MOST_ROWS = 500
_CLOGIT = (
    "clogit(..., method = 'exact') of survival, which gives the same coefficients where all weights are equal, and "
    "takes no weights"
)
_OF_UNIT = (
    "one.more <- function(sums, e) c(sums[1], sums[-1] + e * sums[-length(sums)])",
    "of.unit <- function(X, yes, beta) {  # sums over all answers, row by row (Howard, 1972)",
    "  k <- sum(yes)",
    "  p <- ncol(X)",
    "  eta <- drop(X %*% beta)",
    "  e <- exp(eta - mean(eta))",
    "  sums <- c(1, rep(0, k))  # of answers with 0, ..., k yeses; first and second moments",
    "  G <- matrix(0, k + 1, p)",
    "  H <- matrix(0, k + 1, p * p)",
    "  a <- rep(1:p, p)",
    "  b <- rep(1:p, each = p)",
    "  for (t in seq_along(e)) {",
    "    x <- X[t, ]",
    "    before <- G[1:k, , drop = FALSE]",
    "    across <- sweep(before[, a, drop = FALSE], 2, x[b], `*`) + sweep(before[, b, drop = FALSE], 2, x[a], `*`)",
    "    H[-1, ] <- H[-1, ] + e[t] * (H[1:k, ] + across + outer(sums[1:k], x[a] * x[b]))",
    "    G[-1, ] <- G[-1, ] + e[t] * (before + outer(sums[1:k], x))",
    "    sums <- one.more(sums, e[t])",
    "  }",
    "  without <- sapply(seq_along(e), function(t) Reduce(one.more, e[-t], c(1, rep(0, k - 1)))[k])",
    "  mean <- G[k + 1, ] / sums[k + 1]",
    "  list(e = yes - e * without / sums[k + 1], A = matrix(H[k + 1, ], p) / sums[k + 1] - tcrossprod(mean))",
    "}",
)


def logit(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of a conditional logit."""
    _rows(told, script)
    script.add("answers <- list(y == 1)")
    _solve(told, script)


def ordered(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of blow-up and cluster."""
    model = _rows(told, script)
    answered(told, script, model)
    script.say("blow-up and cluster: each unit once for each cut-off")
    script.add("answers <- lapply(seq_len(last), function(k) answered > k)")
    _solve(told, script)


def _rows(told: Told, script: Script) -> InR:
    """The rows of the model, where its units are short enough."""
    if float(told.meta["waves_per_unit"][2]) > _MOST_ROWS:
        reason = f"a unit has more than {_MOST_ROWS} rows, and sums over all its answers are too long"
        raise NotInR(reason, nearest=_CLOGIT)
    return panel_rows.set_up(told, script, constant=False)


def _solve(told: Told, script: Script) -> None:
    """The likelihood given the number of yeses of each unit."""
    script.part("Units whose answers change; the others say nothing.")
    script.add("moves <- Reduce(`|`, lapply(answers, function(a) !(ave(as.numeric(a), unit) %in% c(0, 1))))")
    script.add("answers <- lapply(answers, function(a) a[moves])", "X <- X[moves, , drop = FALSE]", "w <- w[moves]")
    script.add("unit <- unit[moves]", "persons <- persons[moves, ]", "n <- nrow(persons)")
    if linearised.replicated(told):
        script.add("W <- W[moves, , drop = FALSE]")
    _likelihood(script)
    if told.call.get("vcov") == "iid":
        script.add("V <- solve(found$A) * mean(w[!duplicated(unit)])", "df <- rep(n - length(theta), length(theta))")
        return
    script.add("k <- length(theta)")
    linearised.spread(told, script, fewer=True)


def _likelihood(script: Script) -> None:
    """`solved(w, beta)`, and with it `theta`, `z` and `estimate(w)`."""
    script.part("Given its number of yeses, the chance of a unit's answers among all with as many.")
    script.say(f"it is {_CLOGIT}")
    script.add(
        *_OF_UNIT,
        "for (j in seq_len(ncol(X))) X[, j] <- X[, j] - ave(X[, j], unit)",
        "solved <- function(w, beta) {",
        "  for (step in 1:50) {",
        "    e <- numeric(n)",
        "    A <- matrix(0, ncol(X), ncol(X))",
        "    for (a in answers) for (i in split(seq_len(n), unit)) if (any(a[i]) && !all(a[i]) && w[i[1]] > 0) {",
        "      own <- of.unit(X[i, , drop = FALSE], a[i], beta)",
        "      e[i] <- e[i] + own$e",
        "      A <- A + w[i[1]] * own$A",
        "    }",
        "    move <- solve(A, colSums(w * e * X))",
        "    beta <- beta + move",
        "    if (max(abs(move)) < 1e-13) break",
        "  }",
        "  list(theta = setNames(beta, colnames(X)), e = e, A = A)",
        "}",
        "found <- solved(w, rep(0, ncol(X)))",
        "theta <- found$theta",
        "z <- (found$e * X) %*% solve(found$A)",
        "estimate <- function(own) solved(own, theta)$theta",
    )
