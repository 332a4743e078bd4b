"""Confidence intervals: for any estimate, and those made for proportions.

Each method takes arrays of one row per estimate and returns the lower and upper ends. `critical` is the two-sided
quantile (Student's t with the design's degrees of freedom, or a simultaneous one).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from llo_research.numerics.groups import Floats
from llo_research.options import check_option

Ends = tuple[Floats, Floats]


@dataclass(frozen=True)
class Evidence:
    """What an interval is made from; all arrays are (k,).

    estimate, std_error, df : the estimates, their standard errors and degrees of freedom.
    critical : two-sided critical values.
    n : unweighted rows behind each estimate.
    """

    estimate: Floats
    std_error: Floats
    df: Floats
    critical: Floats
    n: Floats


def wald(e: Evidence) -> Ends:
    """estimate -+ critical * std_error."""
    half = e.critical * e.std_error
    return e.estimate - half, e.estimate + half


def log(e: Evidence) -> Ends:
    """Symmetric on the log scale; for ratios and odds ratios."""
    centre, half = np.log(e.estimate), e.critical * e.std_error / e.estimate
    return np.exp(centre - half), np.exp(centre + half)


def logit(e: Evidence) -> Ends:
    """Symmetric on the logit scale; never leaves (0, 1). Undefined at 0 and 1."""
    p = e.estimate
    centre, half = np.asarray(special.logit(p)), e.critical * e.std_error / (p * (1 - p))
    low, high = special.expit(centre - half), special.expit(centre + half)
    inside = (p > 0) & (p < 1)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def fisher(e: Evidence) -> Ends:
    """Symmetric on the scale of artanh(r); for correlations, never leaves (-1, 1). Undefined at -1 and 1."""
    r = e.estimate
    inside = np.abs(r) < 1
    safe = np.where(inside, r, 0.0)
    centre, half = np.arctanh(safe), e.critical * e.std_error / (1 - safe**2)
    return np.where(inside, np.tanh(centre - half), np.nan), np.where(inside, np.tanh(centre + half), np.nan)


def asin(e: Evidence) -> Ends:
    """Symmetric on the arcsine square root scale, which stabilises a binomial variance. Undefined at 0 and 1."""
    p = e.estimate
    centre, half = np.arcsin(np.sqrt(p)), e.critical * e.std_error / (2 * np.sqrt(p * (1 - p)))
    low, high = np.sin(np.clip(centre - half, 0, np.pi / 2)) ** 2, np.sin(np.clip(centre + half, 0, np.pi / 2)) ** 2
    inside = (p > 0) & (p < 1)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def _effective_n(e: Evidence) -> tuple[Floats, Floats]:
    """Effective sample size corrected for the degrees of freedom, and the tail area; n itself at 0 and 1."""
    p, variance = e.estimate, e.std_error**2
    tail = np.asarray(stats.t.sf(e.critical, e.df))
    with np.errstate(divide="ignore", invalid="ignore"):
        n_eff = p * (1 - p) / variance * (stats.t.isf(tail, np.maximum(e.n - 1, 1)) / e.critical) ** 2
    return np.where((p <= 0) | (p >= 1), e.n, n_eff), tail


def beta(e: Evidence) -> Ends:
    """Korn-Graubard: Clopper-Pearson at the effective sample size; at 0 and 1 the sample size itself."""
    n_eff, tail = _effective_n(e)
    x = n_eff * e.estimate
    with np.errstate(invalid="ignore"):
        low = np.where(x <= 0, 0.0, stats.beta.ppf(tail, x, n_eff - x + 1))
        high = np.where(x >= n_eff, 1.0, stats.beta.isf(tail, x + 1, n_eff - x))
    return low, high


def wilson(e: Evidence) -> Ends:
    """Wilson's score interval with Student's t and n_eff = p (1 - p) / variance; at 0 and 1 the sample size."""
    p, z2 = e.estimate, e.critical**2
    n_eff = np.where((p <= 0) | (p >= 1), e.n, p * (1 - p) / e.std_error**2)
    centre = (p + z2 / (2 * n_eff)) / (1 + z2 / n_eff)
    half = np.sqrt(z2 * (p * (1 - p) / n_eff + z2 / (4 * n_eff**2))) / (1 + z2 / n_eff)
    return np.maximum(centre - half, 0), np.minimum(centre + half, 1)


def likelihood(e: Evidence) -> Ends:
    """Binomial log-likelihood scaled by the design effect (Rao-Scott); see :mod:`.likelihood`."""
    from llo_research.results.likelihood import profile_ends

    rows = zip(e.estimate, e.std_error, e.critical, e.n, strict=True)
    ends = np.array([profile_ends(*row) for row in rows]).reshape(-1, 2)
    return ends[:, 0], ends[:, 1]


ALL: dict[str, Callable[[Evidence], Ends]] = {
    "wald": wald,
    "log": log,
    "logit": logit,
    "fisher": fisher,
    "xlogit": logit,
    "asin": asin,
    "beta": beta,
    "wilson": wilson,
    "likelihood": likelihood,
    # the estimates at the replicates give the standard error, and the interval is symmetric
    "replicate": wald,
}
PROPORTION = ("logit", "wald", "beta", "wilson", "asin", "xlogit", "likelihood")
# made for shares; those of the second set give way to `beta` at exactly 0 and 1, where they are not defined
OF_SHARES = frozenset(PROPORTION) - {"wald"}
UNDEFINED_AT_EDGES = OF_SHARES - {"beta", "wilson"}


@dataclass(frozen=True)
class OwnEnds:
    """Ends that an estimator found itself (those of quantiles); they hold at its level, and its kind of interval, only.

    level, simultaneous : what they hold at.
    low, high : (k,) ends; nan where there is none within the data, and in rows that have no own ends.
    here : (k,) rows that have own ends.
    """

    level: float
    simultaneous: bool
    low: Floats
    high: Floats
    here: np.ndarray

    def hold_at(self, level: float, simultaneous: bool) -> bool:
        """Whether they are the ends of such an interval."""
        return self.level == level and self.simultaneous == bool(simultaneous)


def by_method(methods: Sequence[str], evidence: Evidence) -> Ends:
    """Ends of intervals whose method differs by row."""
    low, high = np.full((2, len(evidence.estimate)), np.nan)
    words = np.array(methods, dtype=object)
    for method in dict.fromkeys(methods):
        rows = np.flatnonzero(words == method)
        if method not in ALL:
            continue
        chosen = Evidence(*(getattr(evidence, name)[rows] for name in Evidence.__dataclass_fields__))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            low[rows], high[rows] = ALL[method](chosen)
    return low, high


def check_interval(interval: str, allowed: tuple[str, ...]) -> None:
    """An interval method by its name."""
    check_option(interval, "interval", allowed)
