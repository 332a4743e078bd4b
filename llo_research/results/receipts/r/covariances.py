"""Covariances of a model that is fitted without the design, in R: clusters, times, rows alike or not."""

from __future__ import annotations

from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

WILD = (
    "Not to be had here: p-values and intervals of the wild cluster bootstrap (no package of Debian's R draws the same "
    "signs). Estimates, standard errors and statistics are; nearest comes boottest of the package fwildclusterboot."
)


def corrected(told: Told) -> bool:
    """Whether the small-sample factor is applied."""
    default = "none" if told.call.get("vcov") == "driscoll-kraay" else "nonnested"
    return (told.call.get("small_sample") or default) != "none"


def clusters(told: Told) -> list[str]:
    """The columns of the clusters."""
    given = told.listed("cluster")
    if given:
        return given
    role = told.design.get("psu") or told.design.get("unit")
    return [str(role if isinstance(role, str) else role[0])]


def codes(told: Told, column: str, of: str) -> str:
    """The cluster of each row of a data frame; sampling units that are numbered anew in each stratum are apart."""
    psu, strata = told.design.get("psu"), told.design.get("strata")
    first = psu if isinstance(psu, str) or not psu else psu[0]
    if column == first and strata and told.survey.get("nest", True) and not told.survey.get("replicates"):
        every = [strata] if isinstance(strata, str) else list(strata)
        return f"interaction({', '.join(f'{of}${name(one)}' for one in [*every, column])}, drop = TRUE)"
    return f"{of}${name(column)}"


def write(told: Told, script: Script, k: str = "k", persons: str = "persons") -> None:
    """`V` and `df` from `scores` (rows x coefficients) and `bread`, with `n` rows and `k` coefficients.

    k : what counts in the factor of clusters, where effects are nested in these.
    """
    vcov = str(told.call.get("vcov"))
    if vcov in ("cluster", "wild"):
        script.add(f"cluster <- {codes(told, clusters(told)[0], persons)}")
        script.add("g <- length(unique(cluster))", "meat <- crossprod(rowsum(scores, cluster))")
        factor = f"g / (g - 1) * (n - 1) / (n - {k})"
        script.add(*_sandwich(factor if corrected(told) else None), "df <- rep(g - 1, length(theta))")
    elif vcov == "two-way":
        one, other = (codes(told, column, persons) for column in clusters(told))
        script.say("all three parts with the smaller number of clusters in the factor, as reghdfe and fixest")
        script.add(f"one <- {one}", f"other <- {other}", "both <- interaction(one, other, drop = TRUE)")
        script.add("g <- min(length(unique(one)), length(unique(other)))")
        script.add("meat <- crossprod(rowsum(scores, one)) + crossprod(rowsum(scores, other)) -")
        script.add("  crossprod(rowsum(scores, both))")
        script.add(*_sandwich(f"g / (g - 1) * (n - 1) / (n - {k})" if corrected(told) else None))
        script.add("below <- diag(V) < 0  # a variance below zero is none", "V[below, ] <- V[, below] <- NaN")
        script.add("df <- rep(g - 1, length(theta))")
    elif vcov == "driscoll-kraay":
        _over_time(told, script, persons)
    elif vcov == "hc1":
        script.add("meat <- crossprod(scores)", *_sandwich("n / (n - k)" if corrected(told) else None))
        script.add("df <- rep(n - k, length(theta))")
    else:
        raise ValueError(vcov)
    if vcov == "wild":
        script.note(WILD)


def _sandwich(factor: str | None) -> list[str]:
    """`V` with its factor."""
    return [f"V <- {factor + ' * ' if factor else ''}bread %*% meat %*% bread"]


def _over_time(told: Told, script: Script, persons: str) -> None:
    """Driscoll-Kraay: Bartlett weights of distances between times."""
    time = f"{persons}${name(str(told.design['time']))}"
    script.say("Driscoll-Kraay with distances between times, in their smallest step: a wave that was skipped stays so")
    script.add(f"time <- {time}", "sums <- rowsum(scores, time)", "t.n <- nrow(sums)")
    script.add("at <- if (is.numeric(time)) as.numeric(rownames(sums)) else seq_len(t.n)")
    lags = told.call.get("lags")
    script.add(f"lags <- {text(lags) if lags is not None else 'floor(4 * (t.n / 100)^(2 / 9))'}")
    script.add("apart <- abs(outer(at, at, `-`)) / min(diff(at))", "bartlett <- pmax(1 - apart / (lags + 1), 0)")
    script.add("meat <- t(sums) %*% bartlett %*% sums")
    script.add(*_sandwich("t.n / (t.n - 1) * (n - 1) / (n - k)" if corrected(told) else None))
    script.add("df <- rep(t.n - 1, length(theta))")
