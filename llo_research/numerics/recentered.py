"""Recentered influence functions: numbers of each person whose weighted mean is a statistic of the distribution.

RIF(y) = nu + IF(y) (Firpo, S., Fortin, N. M. and Lemieux, T. (2009). Unconditional quantile regressions. Econometrica,
77, 953-973):

    mean      y
    quantile  Q + (tau - 1(y <= Q)) / f(Q), f a density: by Epanechnikov's kernel, or how steep the shares rise there
    iqr       that of tau = .75 less that of .25
    variance  (y - mu)^2
    gini      (h(y) - G y) / mu, h(y) the mean distance of y to everybody
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Floats

_QUANTILE = re.compile(r"q(\d{1,2}(?:\.\d+)?)")
# Cumulative shares closer than this are the same: sums of weights carry rounding, which must not decide a tie.
_SAME = 1e-10
NAMES = ("mean", "variance", "gini", "iqr")


@dataclass(frozen=True)
class Measure:
    """A statistic of a distribution.

    name : ``q50``, ``mean``, ... at : the quantiles it is made of (probability, sign).
    """

    name: str
    at: tuple[tuple[float, float], ...] = ()

    @property
    def density(self) -> bool:
        """Whether it rests on densities."""
        return bool(self.at)


def measure_of(text: object) -> Measure | None:
    """The measure of a name; None where there is none."""
    if text == "iqr":
        return Measure("iqr", ((0.75, 1.0), (0.25, -1.0)))
    if text in NAMES:
        return Measure(str(text))
    found = _QUANTILE.fullmatch(text) if isinstance(text, str) else None
    share = float(found.group(1)) / 100 if found else 0.0
    return Measure(str(text), ((share, 1.0),)) if 0 < share < 1 else None


@dataclass(frozen=True)
class Distribution:
    """Values (m,) with weights of one group, in order.

    y, share : (m,) sorted, shares of the weight. below : (m,) share at or below. order : (m,) rows of the sorted ones.
    """

    y: Floats
    share: Floats
    below: Floats
    order: np.ndarray

    def quantile(self, tau: float) -> float:
        """The smallest value with at least this share at or below it."""
        place = int(np.searchsorted(self.below, tau - _SAME))
        return float(self.y[min(place, len(self.y) - 1)])

    def mass(self, value: float) -> float:
        """The share of the weight on one value."""
        return float(self.share[self.y == value].sum())

    def bandwidth(self) -> float:
        """Half of what the density's kernel spans: sqrt(5) 0.9 min(sd, IQR / 1.349) n^(-1/5), n the people.

        The rule is that of a kernel's standard deviation, and Epanechnikov's spans sqrt(5) of these to both sides.
        """
        sd = float(np.sqrt(self.share @ (self.y - self.share @ self.y) ** 2))
        middle = (self.quantile(0.75) - self.quantile(0.25)) / 1.349
        return float(np.sqrt(5) * 0.9 * min(sd, middle) * int((self.share > 0).sum()) ** -0.2)

    def density(self, value: float, width: float) -> float:
        """f at a value, by Epanechnikov's kernel."""
        away = (self.y - value) / width
        return float(self.share @ (0.75 * np.clip(1 - away**2, 0.0, None))) / width

    def steepness(self, tau: float) -> float:
        """How fast the share below rises around a quantile: over two of its standard errors to both sides.

        A kernel smooths the heaps on which quantiles like to lie, and so mistakes how far these move.
        """
        off = max(2 * float(np.sqrt(tau * (1 - tau) * (self.share @ self.share))), self.mass(self.quantile(tau)))
        low, high = max(tau - off, 0.0), min(tau + off, 1.0)
        return (high - low) / (self.quantile(high) - self.quantile(low))

    def distances(self) -> Floats:
        """(m,) mean distance of each sorted value to everybody."""
        lower = np.cumsum(self.share * self.y)
        return np.asarray(self.y * (2 * self.below - 1) + lower[-1] - 2 * lower)


def distribution(y: Floats, weights: Floats) -> Distribution:
    """The distribution of weighted values."""
    order = np.argsort(y, kind="stable")
    share = weights[order] / weights.sum()
    return Distribution(y[order], share, np.cumsum(share), order)


def recentered(made: Distribution, measure: Measure, width: float | None = None) -> Floats:
    """(m,) the recentered influence function in the order of the rows; of quantiles by a kernel if it has a `width`."""
    if measure.density:
        value = np.zeros(len(made.y))
        for tau, sign in measure.at:
            at = made.quantile(tau)
            f = made.steepness(tau) if width is None else made.density(at, width)
            value += sign * (at + (tau - (made.y <= at)) / f)
    else:
        mean = float(made.share @ made.y)
        if measure.name == "mean":
            value = made.y
        elif measure.name == "variance":
            value = (made.y - mean) ** 2
        else:
            distances = made.distances()
            value = (distances - float(made.share @ distances) / (2 * mean) * made.y) / mean
    out = np.empty(len(value))
    out[made.order] = value
    return out


def moved(
    made: Distribution, measure: Measure, weights: Floats, x: Floats, width: float, steep: Sequence[float]
) -> Floats:
    """(m, q) by row: w times the derivative in its weight of sum_j w_j x_j RIF_j at fixed w_j x_j.

    The functions themselves rest on estimated means and distances, and on quantiles (that move as `steep` says) with
    their densities; the width of these is held.
    """
    out = np.zeros_like(x)
    if measure.name == "mean":
        return out
    if measure.density:
        sums = weights[made.order][:, None] * x[made.order]
        each = zip(measure.at, steep, strict=True)
        out[made.order] = sum(sign * _through_quantile(made, tau, sums, width, own) for (tau, sign), own in each)
        return out
    w, z, y, share = weights[made.order], x[made.order], made.y, made.share
    mean, sums = float(share @ y), w[:, None] * z
    if measure.name == "variance":
        through = -2 * ((y - mean) @ sums)
        out[made.order] = np.outer(share * (y - mean), through)
        return out
    h = made.distances()
    gini = float(share @ h) / (2 * mean)
    own = (h - gini * y) / mean
    # sum_j w_j x_j |y_j - y_i| for each i, from cumulative sums
    low, lowest = np.cumsum(sums, axis=0), np.cumsum(sums * y[:, None], axis=0)
    apart = y[:, None] * (2 * low - low[-1]) + lowest[-1] - 2 * lowest
    of_h = (apart - h @ sums) / mean
    of_gini = np.outer(own - gini, -(y @ sums) / mean)
    of_mean = np.outer(y - mean, -(own @ sums) / mean)
    # h_i is a mean over others: adding i moves every h_j by its distance less h_j
    out[made.order] = share[:, None] * (of_h + of_gini + of_mean)
    return out


def _through_quantile(made: Distribution, tau: float, sums: Floats, width: float, steep: float) -> Floats:
    """(m, q) of the sorted rows, through Q and f of Q + (tau - 1(y <= Q)) / f, for sums (m, q) of w x.

    A quantile moves by what is added below it over `steep`, which then go below it; which people these are is told by
    the kernel of the density, of width `width`. Shares are told from F(Q), which is tau but for the step to the next
    value: so the mean moves as it is known to.
    """
    at = made.quantile(tau)
    away = (made.y - at) / width
    near = 0.75 * np.clip(1 - away**2, 0.0, None) / width
    f = float(made.share @ near)
    slope = float(made.share @ np.where(np.abs(away) < 1, 1.5 * away, 0.0)) / width**2
    low = made.y <= at
    below = (float(made.share @ low) - low) / f
    of_quantile = made.share * below * f / steep
    of_density = made.share * (near - f) + slope * of_quantile
    return np.asarray(
        np.outer(of_quantile, (1 - steep * near / f**2) @ sums) - np.outer(of_density, (below / f) @ sums)
    )
