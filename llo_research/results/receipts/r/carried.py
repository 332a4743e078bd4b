"""Steps whose part in variances R's designs do not know: rows without weight carry it.

The variance of a calibrated design in R is that of residuals of regressions. Estimated totals add B' cov B, and some
steps take influence values z to z + L B, B = solve(M, t(E) z), with E and L of their own. Rows without weight take part
in a regression so that it leaves numbers in them: what the totals add, or t(E) z, which the next one hands on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_HANDED_ON = """
# z + L B for B = solve(M, t(E) z): a first regression leaves t(U) z of E = U R in rows without weight, a second one
# hands it on to all rows (exact to about 1e-10).
handed_on <- function(design, weights, E, L, M) {
  e <- qr(E); l <- qr(L); tiny <- 5e-6
  here <- extra[seq_len(ncol(E))]
  C <- qr.R(l)[, order(l$pivot)] %*% solve(M, t(qr.R(e)[, order(e$pivot)]))
  Q <- tiny * qr.Q(l) %*% C; scale <- rep(1 / tiny, nrow(Q))
  Q[here, ] <- diag(ncol(E)); scale[here] <- 1
  design <- after_step(design, weights, Q, scale)
  Q <- tiny * qr.Q(e); scale <- rep(tiny, nrow(Q))
  Q[here, ] <- diag(ncol(E)); scale[here] <- 1
  extra <<- setdiff(extra, here)
  after_step(design, weights, Q, scale)
}
"""


def is_handed_on(step: Mapping[str, Any]) -> bool:
    """Whether a step's part in variances is no residual of one regression."""
    kept = step["step"] == "trim" and step.get("preserve") not in (None, "total")
    return bool(kept or step["step"] == "attrition_weights" or step.get("crosses_units"))


def has_room(told: Told) -> bool:
    """Whether `design` has rows of the script's own."""
    return not told.survey.get("replicates") and any(_numbers(step) for step in told.steps)


def room(told: Told, script: Script) -> None:
    """`extra`: rows of `design` without weight, two in a stratum of their own for each number that they carry."""
    if not has_room(told):
        return
    number = sum(_numbers(step) for step in told.steps)
    script.part(
        "Rows without weight, in strata of their own: they carry what a weighting step adds to variances (errors of "
        "estimated totals; what is no residual of one regression)."
    )
    script.add(
        f"extra <- nrow(data) + 1:{2 * number}",
        f'pair <- paste("extra", rep(1:{number}, 2))',
        'own <- paste("extra", extra)',
        "design$cluster <- as.data.frame(lapply(design$cluster, function(v) factor(c(as.character(v), own))))",
        "design$strata <- as.data.frame(lapply(design$strata, function(v) factor(c(as.character(v), pair))))",
        "beside <- function(x, value) rbind(as.matrix(x), matrix(value, length(extra), NCOL(x)))",
        "design$fpc$sampsize <- beside(design$fpc$sampsize, 2)",
        "if (!is.null(design$fpc$popsize)) design$fpc$popsize <- beside(design$fpc$popsize, Inf)",
        "design$prob <- c(design$prob, rep(Inf, length(extra)))",
        "design$allprob <- as.data.frame(beside(design$allprob, Inf))",
        "data <- design$variables <- design$variables[c(seq_len(nrow(data)), rep(1, length(extra))), ]",
    )
    if any(is_handed_on(step) for step in told.steps):
        script.add(*_HANDED_ON.strip().splitlines())


def _numbers(step: Mapping[str, Any]) -> int:
    """How many numbers a step leaves with them."""
    totals = sum(len(own["totals"]) for group in step.get("totals", ()) for own in group["margins"])
    handed = is_handed_on(step) * (len(step.get("coefficients", ())) or totals + 1)
    return totals * bool(step.get("estimated_totals")) + handed
