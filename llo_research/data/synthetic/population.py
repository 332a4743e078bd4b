"""The synthetic population of a year: iterative fitting to margins, whole persons in cells, cells in strata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from llo_research.data.synthetic.bits import Floats, Integers
from llo_research.data.synthetic.parameters import Parameters

DIMENSIONS = ("sector", "education", "age", "origin", "contract", "firm_size", "sex")
_SWEEPS = 25
# Shares are rounded to this many decimals of a person before they become whole, so that the last bits never decide.
_DECIMALS = 6


@dataclass(frozen=True, eq=False)
class Population:
    """Persons 0..size-1, laid out stratum by stratum and cell by cell.

    ends : (C,) number of persons up to and including each cell; codes : dimension -> (C,) level of each cell.
    strata : (H,) codes of the strata, sector x 1000 + education x 10 + oversampled; stratum_ends : (H,).
    scale : real people for each person.
    """

    ends: Integers
    codes: Mapping[str, Integers]
    strata: Integers
    stratum_ends: Integers
    scale: float

    @property
    def size(self) -> int:
        """Number of persons."""
        return int(self.ends[-1])

    def attributes(self, person: Integers) -> dict[str, Integers]:
        """The level of each dimension, for persons by number."""
        cell = np.searchsorted(self.ends, person, side="right")
        return {name: codes[cell] for name, codes in self.codes.items()}

    def counts(self) -> Integers:
        """(C,) persons in each cell."""
        return np.diff(self.ends, prepend=0)

    def stratum_sizes(self) -> Integers:
        """(H,) persons in each stratum."""
        return np.diff(self.stratum_ends, prepend=0)


def grid(parameters: Parameters) -> dict[str, Integers]:
    """The level of each dimension in every possible cell, the last dimension running fastest."""
    sizes = [len(parameters.levels(name)) for name in DIMENSIONS]
    codes = np.unravel_index(np.arange(int(np.prod(sizes))), sizes)
    return {name: code.astype(np.int64) for name, code in zip(DIMENSIONS, codes, strict=True)}


def _margins(parameters: Parameters, year: int, codes: Mapping[str, Integers]) -> list[tuple[Integers, Floats]]:
    """Each margin as the class of every cell and the share of every class."""
    age = parameters.path("age", year)
    age = age / _sum(age)
    made = []
    for name in DIMENSIONS:
        if name not in ("education", "age"):
            share = parameters.path(name, year)
            made.append((codes[name], share / _sum(share)))
    raw = parameters.raw["margins"]["education"]
    levels, ages = len(parameters.levels("education")), parameters.levels("age")
    class_of = np.array([next(k for k, members in enumerate(raw["classes"]) if a in members) for a in ages])
    within = parameters.path("education", year)
    share = np.zeros(len(raw["classes"]) * levels)
    for place, k in enumerate(class_of):
        for level in range(levels):
            share[k * levels + level] += age[place] * within[k, level] / _sum(within[k])
    made.append((class_of[codes["age"]] * levels + codes["education"], share))
    made.append((codes["age"], age))
    return made


def _sum(values: Floats) -> float:
    """A sum from left to right, the same on every machine."""
    return float(sum(float(value) for value in values))


@lru_cache(maxsize=4)
def _seed(parameters: Parameters) -> Floats:
    """The association between dimensions, as the product of the lifts of pairs of levels."""
    codes = grid(parameters)
    seed = np.ones(len(codes["sector"]))
    for name, rows in parameters.raw["association"].items():
        first, _, second = name.partition("_")  # no dimension before the others has an underscore
        table = np.array([rows[level] for level in parameters.levels(first)], dtype=np.float64)
        seed *= table[codes[first], codes[second]]
    return seed


@lru_cache(maxsize=64)
def population(parameters: Parameters, year: int) -> Population:
    """The population of a year, from the association of PIAAC and the margins of the year [1]_.

    References
    ----------
    .. [1] Deming, W. E. and Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the
       expected marginal totals are known. Annals of Mathematical Statistics, 11, 427-444.
    """
    codes = grid(parameters)
    share = _seed(parameters).copy()
    margins = _margins(parameters, year, codes)
    for _ in range(_SWEEPS):
        for classes, wanted in margins:
            now = np.bincount(classes, share, len(wanted))
            share *= np.divide(wanted, now, out=np.zeros_like(wanted), where=now > 0)[classes]
    scale = float(parameters.design["scale"])
    size = round(1000 * float(parameters.path("total", year)) / scale)
    stratum = codes["sector"] * 1000 + codes["education"] * 10 + oversampled(parameters, codes)
    order = np.argsort(stratum, kind="stable")
    ends = np.floor(np.round(np.cumsum(share[order]) * size, _DECIMALS) + 0.5).astype(np.int64)
    ends[-1] = size
    strata, first = np.unique(stratum[order], return_index=True)
    last = np.append(first[1:], len(order)) - 1
    there = np.diff(ends, prepend=0) > 0
    return Population(
        ends[there], {name: code[order][there] for name, code in codes.items()}, strata, ends[last], scale
    )


def oversampled(parameters: Parameters, codes: Mapping[str, Integers]) -> Integers:
    """1 for people under 25 and people of non-western origin."""
    young = codes["age"] == parameters.levels("age").index("15-24")
    origin = codes["origin"] == parameters.levels("origin").index("non-western")
    return np.asarray((young | origin).astype(np.int64))
