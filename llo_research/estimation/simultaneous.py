"""Critical values for joint intervals: all of them hold at once with the stated probability."""

from __future__ import annotations

import numpy as np
from scipy import special, stats
from scipy.stats import qmc

from llo_research.numerics.groups import Floats

# 2^15 points put the quantile's error near 0.2 per cent; beyond these dimensions Sidak's bound is used alone.
_LOG2_POINTS = 15
_MOST_DIMENSIONS = 200


def critical_values(covariance: Floats, df: Floats, level: float) -> Floats:
    """One critical value for all estimates: the `level` quantile of max |t| under their joint distribution.

    The multivariate t with the smallest degrees of freedom, integrated over a Sobol sequence (no random numbers:
    the same input gives the same output), bounded by Sidak's value, which holds for any correlation [1]_ [2]_.

    References
    ----------
    .. [1] Sidak, Z. (1967). Rectangular confidence regions for the means of multivariate normal distributions.
       Journal of the American Statistical Association, 62, 626-633.
    .. [2] Montiel Olea, J. L. and Plagborg-Moller, M. (2019). Simultaneous confidence bands. Journal of Applied
       Econometrics, 34, 1-17.
    """
    variance = np.diag(covariance)
    used = np.isfinite(variance) & (variance > 0) & (df > 0)
    k = int(used.sum())
    smallest = float(df[used].min()) if k else np.nan
    if k <= 1:
        return pointwise(df, level)
    sidak = float(stats.t.isf((1 - level ** (1 / k)) / 2, smallest))
    if k > _MOST_DIMENSIONS:
        return np.where(df > 0, sidak, np.nan)
    scale = np.sqrt(variance[used])
    correlation = covariance[np.ix_(used, used)] / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(correlation)
    kept = values > 1e-12 * values[-1]
    root = vectors[:, kept] * np.sqrt(values[kept])
    points = qmc.Sobol(root.shape[1] + 1, scramble=False).random_base2(_LOG2_POINTS)
    points = (points + 0.5 / len(points)) % 1
    normal = special.ndtri(points[:, 1:]) @ root.T
    chi = np.sqrt(special.gammaincinv(smallest / 2, points[:, 0]) * 2 / smallest) if np.isfinite(smallest) else 1.0
    joint = float(np.quantile(np.abs(normal).max(axis=1) / chi, level))
    value = min(max(joint, float(stats.t.isf((1 - level) / 2, smallest))), sidak)
    return np.where(df > 0, value, np.nan)


def pointwise(df: Floats, level: float) -> Floats:
    """Two-sided quantile of Student's t; nan without degrees of freedom."""
    with np.errstate(invalid="ignore"):
        return np.where(df > 0, stats.t.isf((1 - level) / 2, np.where(df > 0, df, 1.0)), np.nan)
