"""Tests of independence in a two-way table of shares, given their design-based covariance.

Rao, J. N. K. and Scott, A. J. (1984). On chi-squared tests for multiway contingency tables with cell proportions
estimated from survey data. Annals of Statistics, 12, 46-60. Koch, G. G., Freeman, D. H. and Freeman, J. L. (1975).
Strategies in the multivariate analysis of data from complex surveys. International Statistical Review, 43, 59-78.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg, stats

from llo_research.numerics.groups import Floats
from llo_research.numerics.wald import Outcome, regular
from llo_research.numerics.wald import wald as wald_test


def pearson(shares: Floats, n: float) -> float:
    """X2 = n sum (p_ij - p_i. p_.j)^2 / (p_i. p_.j); shares r x c, every margin above zero."""
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    return float(n * ((shares - expected) ** 2 / expected).sum())


def design_effects(shares: Floats, covariance: Floats, n: float) -> Floats:
    """Generalised design effects, ascending: (r-1)(c-1) eigenvalues; nan when empty cells leave no information.

    Of (C'D^-1 V0 D^-1 C)^-1 (C'D^-1 V D^-1 C), with V0 the multinomial covariance, D the observed shares and C the
    interaction contrasts; an empty cell enters neither.
    """
    p = shares.ravel()
    inverse = np.divide(1.0, p, out=np.zeros_like(p), where=p > 0)
    contrasts = np.kron(_contrasts(shares.shape[0]), _contrasts(shares.shape[1])) * inverse[:, None]
    simple = contrasts.T @ (contrasts * p[:, None]) - np.outer(contrasts.T @ p, contrasts.T @ p)
    actual = contrasts.T @ covariance @ contrasts * n
    if not regular(simple):
        return np.full(len(simple), np.nan)
    return np.asarray(linalg.eigh(actual, simple, eigvals_only=True))


def rao_scott(shares: Floats, covariance: Floats, n: float, df_design: float, *, second_order: bool) -> Outcome:
    """First order: X2 against deff times chi-square. Second order: X2 / (df deff) against F (Satterthwaite)."""
    statistic, effects = pearson(shares, n), design_effects(shares, covariance, n)
    total, k = float(effects.sum()), len(effects)
    if not total > 0:
        return Outcome(np.nan, np.nan, np.nan, np.nan, total / k)
    if not second_order:
        return Outcome(statistic, float(k), np.inf, float(stats.chi2.sf(statistic / (total / k), k)), total / k)
    df = total**2 / float((effects**2).sum())
    if not df_design > 0:
        return Outcome(np.nan, df, np.nan, np.nan, total / k)
    denominator = df * df_design
    return Outcome(statistic / total, df, denominator, float(stats.f.sf(statistic / total, df, denominator)), total / k)


def wald(totals: Floats, covariance: Floats, df_design: float) -> Outcome:
    """Whether the differences between cell totals (r x c) and those expected under independence are zero."""
    rows, columns, whole = totals.sum(axis=1), totals.sum(axis=0), totals.sum()
    r, c = totals.shape
    slopes = np.zeros((r - 1, c - 1, r, c))
    for i in range(r - 1):
        for j in range(c - 1):
            slopes[i, j] += rows[i] * columns[j] / whole**2
            slopes[i, j, i, :] -= columns[j] / whole
            slopes[i, j, :, j] -= rows[i] / whole
            slopes[i, j, i, j] += 1
    jacobian = slopes.reshape((r - 1) * (c - 1), r * c)
    difference = (totals - np.outer(rows, columns) / whole)[:-1, :-1].ravel()
    return wald_test(difference, jacobian @ covariance @ jacobian.T, df_design)


def _contrasts(size: int) -> Floats:
    """Helmert contrasts: size x (size - 1), orthogonal, each adding up to zero."""
    out = np.zeros((size, size - 1))
    for j in range(size - 1):
        out[: j + 1, j], out[j + 1, j] = 1.0, -(j + 1.0)
    return np.asarray(out / np.sqrt((out**2).sum(axis=0)))
