"""Critical values for joint intervals: all of them hold at once with the stated probability."""

from __future__ import annotations

import numpy as np
from scipy import special, stats
from scipy.stats import qmc

from llo_research.numerics.groups import Codes, Floats

# 2^15 points put the quantile's error near 0.2 per cent; beyond these dimensions Sidak's bound is used alone.
_LOG2_POINTS = 15
_MOST_DIMENSIONS = 200
# Correlations that differ by less are one: rounding, in whatever order they were added up.
_DECIMALS = 9


def critical_values(
    covariance: Floats,
    df: Floats,
    level: float,
    vanishing: np.ndarray | None = None,
    *,
    most: int = _MOST_DIMENSIONS,
) -> Floats:
    """One critical value for all estimates: the `level` quantile of max |t| under their joint distribution.

    The multivariate t with the smallest degrees of freedom, integrated over a Sobol sequence (no random numbers:
    the same input gives the same output), bounded by Sidak's value, which holds for any correlation [1]_ [2]_. Rows
    that are another row but for scale and sign count once; the order of rows does not matter.

    vanishing : (k,) rows whose variance is zero but for rounding, which have no part in it.
    most : rows beyond which Sidak's bound is used alone.

    References
    ----------
    .. [1] Sidak, Z. (1967). Rectangular confidence regions for the means of multivariate normal distributions.
       Journal of the American Statistical Association, 62, 626-633.
    .. [2] Montiel Olea, J. L. and Plagborg-Moller, M. (2019). Simultaneous confidence bands. Journal of Applied
       Econometrics, 34, 1-17.
    """
    variance = np.diag(covariance)
    used = np.isfinite(variance) & (variance > 0) & (df > 0)
    if vanishing is not None:
        used &= ~vanishing
    if used.sum() <= 1:
        return pointwise(df, level)
    smallest = float(df[used].min())
    scale = np.sqrt(variance[used])
    correlation = covariance[np.ix_(used, used)] / np.outer(scale, scale)
    known = bool(np.isfinite(correlation).all())
    if known:
        correlation = _distinct(correlation)
    k = len(correlation)
    single, sidak = (float(stats.t.isf((1 - level ** (1 / power)) / 2, smallest)) for power in (1, k))
    if not known or k > most:
        return np.where(df > 0, sidak, np.nan)
    value = single if k == 1 else min(max(_joint(_ordered(correlation), smallest, level), single), sidak)
    return np.where(df > 0, value, np.nan)


def _joint(correlation: Floats, df: float, level: float) -> float:
    """The `level` quantile of max |t|."""
    return float(np.quantile(np.abs(joint_draws(correlation, df)).max(axis=1), level))


def joint_draws(correlation: Floats, df: float) -> Floats:
    """(2^15, k) points of the multivariate t, a Sobol sequence: the same input gives the same points."""
    values, vectors = np.linalg.eigh(correlation)
    kept = values > 1e-12 * values[-1]
    root = vectors[:, kept] * np.sqrt(values[kept])
    points = qmc.Sobol(root.shape[1] + 1, scramble=False).random_base2(_LOG2_POINTS)
    points = (points + 0.5 / len(points)) % 1
    normal = special.ndtri(points[:, 1:]) @ root.T
    chi = np.sqrt(special.gammaincinv(df / 2, points[:, :1]) * 2 / df) if np.isfinite(df) else 1.0
    return np.asarray(normal / chi)


def _distinct(correlation: Floats) -> Floats:
    """Without the rows that are perfectly correlated with an earlier one."""
    same = np.abs(correlation) > 1 - 10.0**-_DECIMALS
    first = np.flatnonzero(same.argmax(axis=1) == np.arange(len(same)))
    return correlation[np.ix_(first, first)]


def _ordered(correlation: Floats) -> Floats:
    """The rows in an order of their own, whichever way they came: by their correlations with the others.

    Rows are told apart by the correlations with rows told apart already, until nothing more is learnt; where some are
    still alike, one of them is put first and it goes on.
    """
    rounded = np.round(correlation, _DECIMALS) + 0.0
    k = len(rounded)
    place: Codes = np.zeros(k, dtype=np.intp)
    while place.max() < k - 1:
        # correlations lie within -1 and 1, so that 4 keeps the classes of the other rows apart
        profiles = np.column_stack([place, np.sort(4 * place + rounded, axis=1)])
        finer = np.unique(np.round(profiles, _DECIMALS), axis=0, return_inverse=True)[1].ravel()
        if finer.max() == place.max():
            finer = 2 * finer + 1
            alike = np.flatnonzero(np.bincount(finer)[finer] > 1)
            chosen = alike[finer[alike].argmin()]
            finer[chosen] -= 1
            finer = np.unique(finer, return_inverse=True)[1].ravel()
        place = finer.astype(np.intp)
    order = np.argsort(place)
    return correlation[np.ix_(order, order)]


def pointwise(df: Floats, level: float) -> Floats:
    """Two-sided quantile of Student's t; nan without degrees of freedom."""
    with np.errstate(invalid="ignore"):
        return np.where(df > 0, stats.t.isf((1 - level) / 2, np.where(df > 0, df, 1.0)), np.nan)
