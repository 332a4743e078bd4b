"""Covariances as values: by the design, by clusters, of single rows, over time; each with its factor and df rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from llo_research.design.design import Design
from llo_research.design.kernel import symmetric
from llo_research.design.scores import Scores
from llo_research.errors import DesignError
from llo_research.numerics.groups import Codes, Floats
from llo_research.results.estimates import Estimates
from llo_research.results.freedom import degrees_of_freedom


class Vcov(Protocol):
    """How a covariance is made of scores, and the degrees of freedom that go with it."""

    @property
    def name(self) -> str:
        """The word by which it is asked for."""
        ...

    def covariance(self, scores: Scores, design: Design) -> Floats:
        """(k, k)"""
        ...

    def df(self, estimates: Estimates, design: Design) -> Floats:
        """(k,)"""
        ...

    def facts(self) -> dict[str, Any]:
        """The small-sample factor and the counts behind it, for ``.meta``."""
        ...


@dataclass(frozen=True)
class ByDesign:
    """Strata, sampling units, stages and weighting steps of the survey: the one kernel."""

    name: str = "design"

    def covariance(self, scores: Scores, design: Design) -> Floats:
        """(k, k) by the design's kernel."""
        return design.covariance(scores)

    def df(self, estimates: Estimates, design: Design) -> Floats:
        """(k,) sampling units minus strata among the rows that each estimate rests on, less what coefficients took."""
        return degrees_of_freedom(estimates, design)

    def facts(self) -> dict[str, Any]:
        """Its factor is each stratum's own n / (n - 1)."""
        return {"vcov": self.name, "small_sample": "n_h / (n_h - 1) in each stratum"}


DESIGN = ByDesign()


@dataclass(frozen=True, eq=False)
class ByCluster:
    """Sums of products of scores added up by cluster, times a factor; the weights are taken as given.

    codes : (n,) cluster of each row.
    n_clusters : how many there are among the rows used.
    factor : small-sample factor, as G / (G - 1) (n - 1) / (n - k).
    told : the factor in words.
    df_of : degrees of freedom of the tests.
    """

    codes: Codes
    factor: float
    df_of: float
    told: str = ""
    name: str = "cluster"

    def covariance(self, scores: Scores, design: Design) -> Floats:
        """(k, k) factor times the sum over clusters of z_g z_g'."""
        sums = scores.sums(self.codes, int(self.codes.max(initial=-1)) + 1)
        return symmetric(self.factor * (sums.T @ sums))

    def df(self, estimates: Estimates, design: Design) -> Floats:
        """(k,) the same for all."""
        return np.full(len(estimates.value), self.df_of)

    def facts(self) -> dict[str, Any]:
        """Factor and clusters."""
        return {"vcov": self.name, "small_sample": self.told, "factor": self.factor}


@dataclass(frozen=True, eq=False)
class TwoWay:
    """Covariance by one cluster plus that by the other minus that by both.

    Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011). Robust inference with multiway clustering. Journal of
    Business & Economic Statistics, 29, 238-249.
    """

    first: ByCluster
    second: ByCluster
    both: ByCluster
    name: str = "two-way"

    def covariance(self, scores: Scores, design: Design) -> Floats:
        """(k, k), whose variances may be below zero."""
        one, other, both = (part.covariance(scores, design) for part in (self.first, self.second, self.both))
        return one + other - both

    def df(self, estimates: Estimates, design: Design) -> Floats:
        """(k,) of the side with fewer clusters."""
        return np.full(len(estimates.value), min(self.first.df_of, self.second.df_of))

    def facts(self) -> dict[str, Any]:
        """Factors of the three parts."""
        parts = (self.first, self.second, self.both)
        return {"vcov": self.name, "small_sample": self.first.told, "factor": [part.factor for part in parts]}


@dataclass(frozen=True, eq=False)
class OverTime:
    """Sums of scores by time with Bartlett weights up to some lags, times a factor.

    Driscoll, J. C. and Kraay, A. C. (1998). Consistent covariance matrix estimation with spatially dependent panel
    data. Review of Economics and Statistics, 80, 549-560.
    """

    codes: Codes
    lags: int
    factor: float
    df_of: float
    told: str = ""
    name: str = "driscoll-kraay"

    def covariance(self, scores: Scores, design: Design) -> Floats:
        """(k, k) S_0 + sum_l (1 - l / (L + 1)) (S_l + S_l')."""
        sums = scores.sums(self.codes, int(self.codes.max(initial=-1)) + 1)
        out = sums.T @ sums
        for lag in range(1, self.lags + 1):
            ahead = sums[lag:].T @ sums[:-lag]
            out += (1 - lag / (self.lags + 1)) * (ahead + ahead.T)
        return symmetric(self.factor * out)

    def df(self, estimates: Estimates, design: Design) -> Floats:
        """(k,) times less one."""
        return np.full(len(estimates.value), self.df_of)

    def facts(self) -> dict[str, Any]:
        """Factor and lags."""
        return {"vcov": self.name, "small_sample": self.told, "factor": self.factor, "lags": self.lags}


@dataclass(frozen=True)
class Told:
    """The covariance of a result that was read from a file: it is known, and cannot be made again."""

    name: str
    told: dict[str, Any]

    def covariance(self, scores: Scores, design: Design) -> Floats:
        """Refused: nothing is left of the survey."""
        raise DesignError("The covariance of a saved result is not made again.", todo="call the estimator again")

    def df(self, estimates: Estimates, design: Design) -> Floats:
        """Refused, as the covariance is."""
        raise DesignError("The degrees of freedom of a saved result are kept.", todo="call the estimator again")

    def facts(self) -> dict[str, Any]:
        """As the file tells them."""
        return dict(self.told)
