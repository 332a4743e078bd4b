"""Tails of weighted sums of chi-squares over a chi-square: what likelihood ratios of survey data are distributed as."""

from __future__ import annotations

import numpy as np
from scipy import integrate, optimize, stats

from llo_research.numerics.groups import Floats

# Smaller tails are told by the saddlepoint, good to a few per cent of the tail itself and what other programs report.
_SMALL = 1e-5
# Weights further apart than this need more terms of the series than the integral takes time.
_APART = 200.0
_REST = 1e-13  # what the terms left out add up to, at most


def weighted_f_tail(statistic: float, weights: Floats, df: float) -> float:
    """P(sum_j weights_j chi2_1 / (chi2_df / df) > statistic), with df infinite for the sum alone.

    Ruben, H. (1962). Probability content of regions under spherical normal distributions, IV. Annals of Mathematical
    Statistics, 33, 542-570; Imhof, J. P. (1961). Computing the distribution of quadratic forms in normal variables.
    Biometrika, 48, 419-426; Kuonen, D. (1999). Saddlepoint approximations for distributions of quadratic forms in
    normal variables. Biometrika, 86, 929-935.
    """
    weights = np.asarray(weights, dtype=np.float64)
    if not statistic > 0:
        return 1.0
    if len(weights) == 1:
        one = statistic / weights[0]
        return float(stats.f.sf(one, 1, df) if np.isfinite(df) else stats.chi2.sf(one, 1))
    near = _by_series(statistic, weights, df) if 0 < weights.max() < _APART * weights.min() else None
    if near is not None and near > _SMALL:
        return near
    if np.isfinite(df):
        terms, counts, at = np.append(weights, -statistic / df), np.append(np.ones(len(weights)), df), 0.0
    else:
        terms, counts, at = weights, np.ones(len(weights)), statistic
    scale = np.abs(terms).max()
    terms, at = terms / scale, at / scale
    near = _by_integral(terms, counts, at) if near is None else near
    return near if near > _SMALL else _by_saddlepoint(terms, counts, at)


def _by_series(statistic: float, weights: Floats, df: float) -> float:
    """A mixture, with positive shares, of tails of F with len(weights) + 2 k degrees of freedom, k = 0, 1, ..."""
    least, q = float(weights.min()), len(weights)
    ratios = 1 - least / weights
    most = int(np.ceil(np.log(_REST) / np.log(max(ratios.max(), 0.01)))) + q + 40
    moments = np.array([(ratios**r).sum() for r in range(1, most + 1)])
    shares = np.empty(most + 1)
    shares[0] = np.sqrt(np.prod(least / weights))
    for k in range(1, most + 1):
        shares[k] = moments[:k][::-1] @ shares[:k] / (2 * k)
    freedom = q + 2.0 * np.arange(most + 1)
    value = statistic / least
    tails = stats.f.sf(value / freedom, freedom, df) if np.isfinite(df) else stats.chi2.sf(value, freedom)
    return float(np.clip(shares @ tails + max(1 - shares.sum(), 0.0), 0.0, 1.0))


def _by_integral(terms: Floats, counts: Floats, at: float) -> float:
    """P(sum counts terms chi2 > at) by inverting the characteristic function."""

    def integrand(u: float) -> float:
        angle = 0.5 * float(counts @ np.arctan(terms * u)) - 0.5 * at * u
        size = float(np.exp(0.25 * (counts @ np.log1p((terms * u) ** 2))))
        return float(np.sin(angle)) / (u * size)

    total = integrate.quad(integrand, 0.0, 1.0, epsabs=1e-12, limit=500)[0]
    total += integrate.quad(integrand, 1.0, np.inf, epsabs=1e-12, limit=500)[0]
    return float(np.clip(0.5 + total / np.pi, 0.0, 1.0))


def _by_saddlepoint(terms: Floats, counts: Floats, at: float) -> float:
    """The same by the saddlepoint, for the upper tail."""

    def first(s: float) -> float:
        return float(counts @ (terms / (1 - 2 * s * terms))) - at

    most = 1 / (2 * terms.max())
    s = float(optimize.brentq(first, 0.0, most * (1 - 1e-12), xtol=1e-15, rtol=1e-14))
    cumulant = -0.5 * float(counts @ np.log1p(-2 * s * terms))
    second = 2 * float(counts @ (terms / (1 - 2 * s * terms) * (terms / (1 - 2 * s * terms))))
    root = float(np.sqrt(2 * (s * at - cumulant)))
    return float(stats.norm.sf(root + np.log(s * np.sqrt(second) / root) / root))
