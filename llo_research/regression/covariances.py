"""From the option ``vcov=`` to a covariance as a value: clusters, factors and degrees of freedom of the rows used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from llo_research.design.design import Design
from llo_research.design.scores import Scores
from llo_research.errors import DataError, DesignError
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import check_option, names_of
from llo_research.results.estimates import Estimates
from llo_research.results.inference import Inference, infer
from llo_research.results.vcov import DESIGN, ByCluster, OverTime, TwoWay, Vcov
from llo_research.survey.variables import column

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

VCOVS = ("design", "cluster", "two-way", "driscoll-kraay", "hc1", "iid", "wild")
SMALL_SAMPLE = ("nonnested", "nested", "none")
# A variance this far below zero, relative to the square of what it is of, is no rounding.
_ROUNDING = 1e-14
# Those that need sums of rows only, so that collapsed rows give them.
TAKEN = ("design", "iid", "cluster", "two-way", "driscoll-kraay")
_FACTOR = "G/(G-1) (n-1)/(n-k)"
# Times are put on a grid of so many parts of their smallest step at most, to this share of a step, with so many places.
_FINEST, _ON_GRID, _MOST_PLACES = 60, 1e-6, 100_000


@dataclass(frozen=True)
class VcovOptions:
    """What a call says of its covariance.

    cluster : a column, two of them for two-way; default the survey's sampling units, else its persons.
    lags : of Driscoll-Kraay. small_sample : ``nonnested`` or ``none``; None is the default of the covariance.
    seed, draws : of the wild bootstrap.
    """

    vcov: str = "design"
    cluster: str | tuple[str, ...] | None = None
    lags: int | None = None
    small_sample: str | None = None
    seed: int | None = None
    draws: int = 9999

    def __post_init__(self) -> None:
        check_option(self.vcov, "vcov", VCOVS)
        if self.small_sample is not None:
            check_option(self.small_sample, "small_sample", SMALL_SAMPLE)
        corrected = ("cluster", "two-way", "driscoll-kraay", "hc1", "wild")
        needed = {"cluster": ("cluster", "two-way", "wild"), "lags": ("driscoll-kraay",), "small_sample": corrected}
        for name, allowed in needed.items():
            if getattr(self, name) is not None and self.vcov not in allowed:
                raise DataError(
                    f"{name} has no meaning with vcov={self.vcov!r}.",
                    where=name,
                    found=f"{name}={getattr(self, name)!r}",
                    expected=f"vcov one of {', '.join(allowed)}",
                    todo=f"leave {name} out, or give vcov={allowed[0]!r}",
                )
        if self.cluster is not None and not isinstance(self.cluster, str):
            object.__setattr__(self, "cluster", tuple(names_of(self.cluster, "cluster")))

    @property
    def columns(self) -> list[str]:
        """The columns that make the clusters."""
        return [self.cluster] if isinstance(self.cluster, str) else list(self.cluster or ())

    @property
    def corrected(self) -> bool:
        """Whether the small-sample factor is applied."""
        default = "none" if self.vcov == "driscoll-kraay" else "nonnested"
        return (self.small_sample or default) != "none"

    def as_call(self) -> dict[str, object]:
        """The options that are not defaults, for ``.meta``."""
        cluster = list(self.cluster) if isinstance(self.cluster, tuple) else self.cluster
        told = {"vcov": self.vcov, "cluster": cluster, "lags": self.lags, "small_sample": self.small_sample}
        return {**told, **({"seed": self.seed, "draws": self.draws} if self.vcov == "wild" else {})}


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows that a model rests on.

    svy : the survey. rows : (m,) positions of the rows used. k : coefficients, absorbed effects among them.
    """

    svy: Survey
    rows: Codes
    k: int

    @cached_property
    def m(self) -> int:
        """Rows of the data that are used."""
        used = np.zeros(len(self.svy), dtype=bool)
        used[self.rows] = True
        return self.svy._count(used)


def vcov_of(options: VcovOptions, sample: Sample, nested: dict[str, int] | None = None) -> Vcov:
    """The covariance that the options ask for; ``wild`` gives the cluster's, to which its own tests belong.

    nested : number of absorbed effects that are nested in the clusters of a column, which do not count in k; as
        ``{"person": 500}``.
    """
    if options.vcov == "design":
        return DESIGN
    if options.vcov in ("cluster", "wild"):
        return _by_cluster(options, sample, nested or {})
    if options.vcov == "two-way":
        return _two_way(options, sample, nested or {})
    if options.vcov == "driscoll-kraay":
        return _over_time(options, sample)
    if options.vcov == "hc1":
        return heteroskedastic(sample, options.corrected)
    raise DataError("The classical covariance is made by the model itself.", where="vcov='iid'")


def inference_of(estimates: Estimates, design: Design, vcov: Vcov) -> tuple[Inference, tuple[str, ...]]:
    """The covariance and df of estimates of a model, nan where two ways give a variance below zero; and the flags."""
    found = infer(estimates, design, vcov)
    variance = np.diag(found.covariance)
    negative = variance < -_ROUNDING * estimates.magnitude**2
    if vcov.name != "two-way" or not negative.any():
        return found, ()
    covariance = found.covariance.copy()
    covariance[negative, :] = covariance[:, negative] = np.nan
    flags = tuple("negative_variance" if below else "" for below in negative)
    return replace(found, covariance=covariance), flags


def heteroskedastic(sample: Sample, corrected: bool = True) -> ByCluster:
    """Every row its own cluster, n / (n - k), on n - k degrees of freedom."""
    codes = np.full(len(sample.svy), sample.m, dtype=np.intp)
    codes[sample.rows] = np.arange(sample.m)
    left = _left(sample.m, sample.k)
    factor = sample.m / left if corrected else 1.0
    return ByCluster(codes, factor, left, "n/(n-k)" if corrected else "none", "hc1")


def default_cluster(svy: Survey) -> str | list[str]:
    """The column of the sampling units, else of the persons."""
    psu, unit = svy._arguments["psu"], svy._arguments["unit"]
    chosen = psu if psu else unit
    if chosen is None:
        raise DesignError(
            "There is no column to cluster by.",
            where="cluster",
            found="a survey with neither psu nor unit",
            expected="the name of a column",
            todo="cluster='person', or vcov='hc1' where every row is its own cluster",
        )
    return str(chosen if isinstance(chosen, str) else chosen[0])


def cluster_codes(name: str, sample: Sample) -> tuple[Codes, int]:
    """(n,) cluster of each row in the order of the labels, G outside the rows used; and G.

    The survey's own sampling units are those of its design: labels that start anew in each stratum are apart.
    """
    svy = sample.svy
    stage = svy.design.stages[0] if svy.design.replicates is None else None
    psu = svy._arguments["psu"]
    own = psu is not None and name == (psu if isinstance(psu, str) else psu[0])
    if own and stage is not None and stage.unit is not None:
        labels = stage.unit[sample.rows] if stage.occasions is None else stage.occasions.who[stage.unit][sample.rows]
        distinct, codes = np.unique(labels, return_inverse=True)
        number = len(distinct)
    else:
        series = column(svy._frame, name, "cluster").iloc[sample.rows]
        if series.isna().any():
            raise DataError(
                "Some rows are in no cluster.",
                where=f"cluster={name!r}",
                found=f"{int(series.isna().sum())} rows used have no value",
                todo="fill the column, or leave these rows out with svy.where(...)",
            )
        codes, levels = pd.factorize(series, sort=True)
        number = len(levels)
    out = np.full(len(svy), number, dtype=np.intp)
    out[sample.rows] = codes
    return out, number


def _left(n: int, k: int) -> float:
    """Degrees of freedom n - k, at least one."""
    if n <= k:
        raise DesignError(
            "There are no more rows than coefficients.",
            where="vcov",
            found=f"{n} rows, {k} coefficients",
            expected="more rows than coefficients",
            todo="leave terms out of the formula",
        )
    return float(n - k)


def _check_clusters(name: str, number: int) -> None:
    """More than one cluster."""
    if number < 2:
        raise DesignError(
            "There is one cluster: nothing varies between clusters.",
            where=f"cluster={name!r}",
            found=f"{number} among the rows used",
            expected="at least two, and thirty or more for a normal approximation",
            todo="cluster by another column",
        )


@dataclass(frozen=True, eq=False)
class UnevenTimes(OverTime):
    """Driscoll-Kraay over times with gaps: codes are places on a grid, lags its steps; told are those of the call."""

    asked: int = 0

    def facts(self) -> dict[str, object]:
        """Factor and lags, as they were asked for, in smallest steps between times."""
        return {**super().facts(), "lags": self.asked, "time_gaps": True}


@dataclass(frozen=True, eq=False)
class WildCluster(ByCluster):
    """The cluster covariance beside which tests of the wild bootstrap stand; these are of one model's coefficients."""

    def covariance(self, scores: Scores, design: Design) -> Floats:
        """(k, k) of one model; several together have no tests."""
        if len(scores.blocks) > 1:
            raise DesignError(
                "The wild bootstrap gives no joint results.",
                where="joint",
                found="results with vcov='wild'",
                expected="tests of single coefficients",
                todo="fit the models with vcov='cluster' to join them",
            )
        return super().covariance(scores, design)


def _made(name: str, codes: Codes, number: int, sample: Sample, corrected: bool, k: int, word: str) -> ByCluster:
    """A cluster covariance with its factor."""
    _check_clusters(name, number)
    factor = number / (number - 1) * (sample.m - 1) / _left(sample.m, k) if corrected else 1.0
    told = f"{_FACTOR}, G={number}, n={sample.m}, k={k}" if corrected else "none"
    kind = WildCluster if word == "wild" else ByCluster
    return kind(codes, factor, number - 1.0, told, word)


def _by_cluster(options: VcovOptions, sample: Sample, nested: dict[str, int]) -> ByCluster:
    """One way."""
    names = options.columns
    if len(names) > 1:
        raise DataError(
            "One column makes the clusters.",
            where="cluster",
            found=names,
            expected="one name; two with vcov='two-way'",
            todo="vcov='two-way' for two ways",
        )
    name = str(names[0] if names else default_cluster(sample.svy))
    codes, number = cluster_codes(name, sample)
    k = sample.k - nested.get(name, 0)
    return _made(name, codes, number, sample, options.corrected, k, options.vcov)


def _two_way(options: VcovOptions, sample: Sample, nested: dict[str, int]) -> TwoWay:
    """Two ways and their crossing; all three with the smaller G, as in reghdfe and fixest."""
    names = options.cluster
    if isinstance(names, str) or names is None or len(names) != 2:
        raise DataError(
            "Two-way clustering takes two columns.",
            where="cluster",
            found=repr(options.cluster),
            expected="two names, as cluster=['person', 'year']",
            todo="name both, or vcov='cluster' for one",
        )
    (first, g1), (second, g2) = (cluster_codes(name, sample) for name in names)
    crossed = np.full(len(sample.svy), 0, dtype=np.intp)
    pairs, levels = pd.factorize(first[sample.rows] * np.intp(g2 + 1) + second[sample.rows], sort=True)
    crossed[:] = len(levels)
    crossed[sample.rows] = pairs
    fewest = min(g1, g2)
    k = sample.k - max((nested.get(name, 0) for name in names), default=0)
    first_part = _made(names[0], first, fewest, sample, options.corrected, k, "two-way")
    second_part = _made(names[1], second, fewest, sample, options.corrected, k, "two-way")
    both = _made(" and ".join(names), crossed, fewest, sample, options.corrected, k, "two-way")
    return TwoWay(first_part, second_part, both)


def _over_time(options: VcovOptions, sample: Sample) -> OverTime:
    """Driscoll-Kraay over the survey's times; its default lags are floor(4 (T / 100)^(2/9))."""
    name = sample.svy.time
    if name is None:
        raise DesignError(
            "Driscoll-Kraay errors need times.",
            where="vcov='driscoll-kraay'",
            found="a survey without time",
            expected="llo.Survey(..., time='year')",
            todo="name the column of the waves when the Survey is made",
        )
    codes, number = cluster_codes(name, sample)
    _check_clusters(name, number)
    lags = int(np.floor(4 * (number / 100) ** (2 / 9))) if options.lags is None else options.lags
    if isinstance(lags, bool) or not isinstance(lags, int | np.integer) or not 0 <= lags < number:
        raise DataError(
            "lags is a whole number of times.",
            where="lags",
            found=repr(options.lags),
            expected=f"0 to {number - 1}",
            todo="leave it out for floor(4 (T/100)^(2/9))",
        )
    factor = number / (number - 1) * (sample.m - 1) / _left(sample.m, sample.k) if options.corrected else 1.0
    told = f"T/(T-1) (n-1)/(n-k), T={number}" if options.corrected else "none"
    at, parts = _on_a_line(column(sample.svy._frame, name, "time").iloc[sample.rows], number)
    if at[-1] == number - 1:
        return OverTime(codes, int(lags), factor, number - 1.0, told)
    places = np.append(at, at[-1] + 1)[codes]
    return UnevenTimes(places, (int(lags) + 1) * parts - 1, factor, number - 1.0, told, asked=int(lags))


def _on_a_line(times: pd.Series, number: int) -> tuple[Codes, int]:
    """(T,) places of the distinct times on a grid, and how many of its steps are the smallest step between times.

    Only numbers have distances; other times, and numbers without a fine common step, stand in their order.
    """
    order = np.arange(number), 1
    if not pd.api.types.is_numeric_dtype(times.dtype) or pd.api.types.is_bool_dtype(times.dtype) or number < 3:
        return order
    labels = np.unique(times.to_numpy(dtype=np.float64))
    steps = (labels - labels[0]) / np.diff(labels).min()
    for parts in range(1, _FINEST + 1):
        places = np.rint(steps * parts)
        if np.abs(steps * parts - places).max() < _ON_GRID and places[-1] < _MOST_PLACES:
            return places.astype(np.intp), parts
    return order
