"""The likelihood interval of a proportion, profiled and interpolated as R's survey does."""

from __future__ import annotations

import numpy as np
from scipy import linalg, optimize, special, stats

from llo_research.numerics.groups import Floats

_STEPS = 9
_PER_CRITICAL_VALUE = 5


def profile_ends(share: float, std_error: float, critical: float, n: float) -> tuple[float, float]:
    """Ends of the interval of one share.

    The signed root of the scaled log-likelihood ratio, ``z(b) = sign(b - b0) sqrt(2 (n - 1) D(q, expit(b)))`` with D
    the Kullback-Leibler divergence and the quasi-binomial dispersion n/(n - 1), is taken at steps of the logit b, and
    interpolated by a cubic spline to ``z = -+ critical * sqrt(deff)``, deff the variance over q (1 - q) / n. The
    interpolation moves the ends by about 1e-5 from the exact root; it is kept so that published intervals computed
    in R are met. Where the steps do not reach the quantile (large design effects, few df) the roots are found exactly.
    """
    if not (0 < share < 1 and std_error > 0 and n > 1 and np.isfinite(critical)):
        return np.nan, np.nan
    cutoff = critical * std_error / np.sqrt(share * (1 - share) / n)
    farthest = np.sqrt(stats.f.isf(stats.norm.sf(cutoff) / 2, 1, n - 1))
    if not np.isfinite(farthest):
        return _exact(share, cutoff, n)
    step = farthest / _PER_CRITICAL_VALUE * std_error / (share * (1 - share))
    centre = special.logit(share)
    up = np.arange(1, _STEPS + 1) * step
    b = np.concatenate([centre - up[::-1], [centre], centre + up])
    z = np.sign(b - centre) * np.sqrt(2 * (n - 1) * _divergence(share, b))
    lowest = np.flatnonzero(z[:_STEPS] <= -farthest).max(initial=0)
    highest = _STEPS + 1 + np.flatnonzero(z[_STEPS + 1 :] >= farthest).min(initial=_STEPS - 1)
    nodes, values = b[lowest : highest + 1], z[lowest : highest + 1]
    grid = np.linspace(nodes[0], nodes[-1], 3 * len(nodes))
    curve = _spline(nodes, values, grid)
    if not (curve[0] <= -cutoff and cutoff <= curve[-1]):
        return _exact(share, cutoff, n)
    low, high = special.expit(np.interp([-cutoff, cutoff], curve, grid))
    return float(low), float(high)


def _exact(share: float, cutoff: float, n: float) -> tuple[float, float]:
    """The shares at which the signed root is -+ `cutoff`: D(q, expit(b)) = cutoff^2 / (2 (n - 1))."""
    wanted = cutoff**2 / (2 * (n - 1))
    centre = float(special.logit(share))

    def root(sign: int) -> float:
        # the divergence grows at least as fast as min(q, 1 - q) |b - centre| - 1
        farthest = centre + sign * (wanted + 2) / min(share, 1 - share)
        return float(optimize.brentq(lambda b: float(_divergence(share, np.array(b))) - wanted, centre, farthest))

    return float(special.expit(root(-1))), float(special.expit(root(1)))


def _divergence(share: float, b: Floats) -> Floats:
    """q log(q/p) + (1 - q) log((1 - q)/(1 - p)) at p = expit(b)."""
    value = share * (np.log(share) - special.log_expit(b))
    value = value + (1 - share) * (np.log1p(-share) - special.log_expit(-b))
    return np.asarray(np.maximum(value, 0.0))


def _spline(x: Floats, y: Floats, at: Floats) -> Floats:
    """Cubic spline whose third derivative at each end is that of the cubic through the four nearest points.

    Forsythe, G. E., Malcolm, M. A. and Moler, C. B. (1977). Computer Methods for Mathematical Computations.
    Prentice-Hall, section 4.4.
    """
    h, slope = np.diff(x), np.diff(y) / np.diff(x)
    m = len(x)
    diagonal = np.concatenate([[-h[0]], 2 * (h[:-1] + h[1:]), [-h[-1]]])
    right = np.concatenate([[0.0], np.diff(slope), [0.0]])
    if m > 3:
        second = np.diff(slope) / (x[2:] - x[:-2])
        right[0] = h[0] ** 2 * (second[1] - second[0]) / (x[3] - x[0])
        right[-1] = -(h[-1] ** 2) * (second[-1] - second[-2]) / (x[-1] - x[-4])
    bands = np.zeros((3, m))
    bands[0, 1:], bands[1], bands[2, :-1] = h, diagonal, h
    sigma = linalg.solve_banded((1, 1), bands, right)
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, m - 2)
    t = at - x[i]
    linear = slope[i] - h[i] * (sigma[i + 1] + 2 * sigma[i])
    cubic = (sigma[i + 1] - sigma[i]) / h[i]
    return np.asarray(y[i] + t * (linear + t * (3 * sigma[i] + t * cubic)))
