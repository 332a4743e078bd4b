"""How far several estimates lie apart beyond their sampling errors: the variance between, its estimators and interval.

The model is y = mu + u + e with var(u) = tau2 I and var(e) = V known, not always diagonal (estimates of one survey).
With W = (V + tau2 I)^-1 the mean is mu = 1'W y / 1'W 1 and the generalised Q(tau2) = (y - mu)' W (y - mu).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize, stats

from llo_research.numerics.groups import Floats

# Roots are found to this share of the scale of the variances.
_SHARE = 1e-12


def weights(covariance: Floats, tau2: float) -> Floats:
    """(k, k) W = (V + tau2 I)^-1."""
    return np.asarray(np.linalg.inv(covariance + tau2 * np.eye(len(covariance))))


def centre(y: Floats, w: Floats) -> tuple[float, float, float]:
    """The mean, its variance 1 / 1'W1, and Q, at weights W."""
    total = float(w.sum())
    mean = float((w @ y).sum() / total)
    apart = y - mean
    return mean, 1.0 / total, float(apart @ w @ apart)


def generalised_q(y: Floats, covariance: Floats, tau2: float) -> float:
    """Q at a variance between."""
    return centre(y, weights(covariance, tau2))[2]


def root(excess: Callable[[float], float], scale: float) -> float:
    """The tau2 >= 0 at which a decreasing function is zero; 0 where it is not positive at 0."""
    if excess(0.0) <= 0:
        return 0.0
    high = scale
    while excess(high) > 0:
        high *= 4.0
    return float(optimize.brentq(excess, 0.0, high, xtol=_SHARE * scale, rtol=4 * np.finfo(float).eps))


def paule_mandel(y: Floats, covariance: Floats) -> float:
    """The tau2 at which Q equals its expectation k - 1."""
    return root(lambda tau2: generalised_q(y, covariance, tau2) - (len(y) - 1), _scale(y, covariance))


def dersimonian_laird(y: Floats, covariance: Floats) -> float:
    """The moment estimator at the weights of no variance between: (Q - (k - 1)) / (tr W - 1'WW1 / 1'W1), at least 0."""
    w = weights(covariance, 0.0)
    q = centre(y, w)[2]
    return max(0.0, (q - (len(y) - 1)) / float(np.trace(w) - np.square(w.sum(axis=0)).sum() / w.sum()))


def restricted_likelihood(y: Floats, covariance: Floats) -> float:
    """The tau2 that maximises the restricted likelihood of normal estimates."""

    def loss(log_tau2: float) -> float:
        w = weights(covariance, float(np.exp(log_tau2)))
        return float(-np.linalg.slogdet(w)[1] + np.log(w.sum()) + centre(y, w)[2])

    scale = _scale(y, covariance)
    grid = np.log(scale) + np.linspace(-25.0, 6.0, 125)
    values = np.array([loss(point) for point in grid])
    best = int(values.argmin())
    if best == 0:
        return 0.0
    bounds = (grid[best - 1], grid[min(best + 1, len(grid) - 1)])
    found = float(np.exp(optimize.minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-11}).x))
    w = weights(covariance, 0.0)
    at_nought = float(-np.linalg.slogdet(w)[1] + np.log(w.sum()) + centre(y, w)[2])
    return found if loss(np.log(found)) < at_nought else 0.0


def profile(y: Floats, covariance: Floats, level: float) -> tuple[float, float]:
    """The ends of tau2 at which Q is a quantile of chi-squared with k - 1 degrees of freedom."""
    k, scale = len(y), _scale(y, covariance)

    def end(share: float) -> float:
        wanted = float(stats.chi2.ppf(share, k - 1))
        return root(lambda tau2: generalised_q(y, covariance, tau2) - wanted, scale)

    return end((1 + level) / 2), end((1 - level) / 2)


def typical_variance(covariance: Floats) -> float:
    """The sampling variance of a typical estimate: (k - 1) / (tr W - 1'WW1 / 1'W1) at the weights of tau2 = 0."""
    w = weights(covariance, 0.0)
    return (len(covariance) - 1) / float(np.trace(w) - np.square(w.sum(axis=0)).sum() / w.sum())


def _scale(y: Floats, covariance: Floats) -> float:
    """A size of variances here."""
    return float(np.var(y) + np.diag(covariance).mean())
