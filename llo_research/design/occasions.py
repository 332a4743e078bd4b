"""Waves that were drawn by themselves, in which units may return: products of deviations over the waves of a unit.

With d the deviation of a unit's sum from the mean of its stratum in its wave, times the root of n / (n - 1), the
variance of one wave is sum (1 - f) d d', and two waves s and t of a stratum, drawn from one population of N, add

    sum over the units in both of (1 - f_s n_t / n_st) (d_s d_t' + d_t d_s'),        f_s = n_s / N,

n_st the units in both: sum d_s d_t' (n_st terms) estimates n_st / (n_s n_t) S_st of the covariance of two means, which
is (n_st / (n_s n_t) - 1 / N) S_st (Tam, S. M. (1984). On covariances from overlapping samples. The American
Statistician, 38, 288-289). Units drawn independently in both waves add nothing on average; no unit in both, no term;
units that came to another stratum have no fraction in theirs. Where N differs between waves, its geometric mean counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from llo_research.numerics.groups import Codes, Floats, group_sums


@dataclass(frozen=True)
class Occasions:
    """Who the sampled units of stratum-by-wave cells are.

    who : (U,) the person, or other unit that may return, behind each sampled unit; ascending.
    stratum : (U,) the stratum-by-wave cell of each sampled unit; cells ascend within a person.
    home : (H,) the stratum of each cell, without its wave.
    units_per_stratum, fraction : (H,) units and sampling fraction of each cell.
    """

    who: Codes
    stratum: Codes
    home: Codes
    units_per_stratum: Floats
    fraction: Floats

    @property
    def n_distinct(self) -> int:
        """Number of different units."""
        return int(self.who[-1]) + 1

    def end(self, last: int) -> int:
        """The first position from `last` on at which no unit is torn apart."""
        return int(np.searchsorted(self.who, self.who[last - 1], side="right"))

    @cached_property
    def _pairs(self) -> tuple[Codes, Codes, Floats]:
        """Pairs of sampled units that are one unit in two cells, by the first of them, and the factor of each pair."""
        n, ends = len(self.who), np.bincount(self.who)
        found = [np.flatnonzero(self.who[lag:] == self.who[: n - lag]) for lag in range(1, int(ends.max()))]
        a = np.concatenate([np.empty(0, dtype=np.intp), *found])
        b = np.concatenate([np.empty(0, dtype=np.intp), *(at + lag for lag, at in enumerate(found, start=1))])
        order = np.lexsort((b, a))
        a, b = a[order], b[order]
        here, there = self.stratum[a], self.stratum[b]
        _, pair, both = np.unique(here * np.intp(len(self.home)) + there, return_inverse=True, return_counts=True)
        drawn = self.fraction * self.units_per_stratum
        chance = np.sqrt(drawn[here] * drawn[there]) / both[pair]
        return a, b, np.where(self.home[here] == self.home[there], 1 - chance, 1.0)

    def products(self, deviation: Floats, first: int) -> Floats:
        """Sum of products (k x k) of deviations (m x k) of the sampled units first .. first + m - 1."""
        if not self.fraction.any():
            who = self.who[first : first + len(deviation)]
            sums = group_sums(who - who[0], deviation, int(who[-1] - who[0]) + 1)
            return np.asarray(sums.T @ sums)
        own = 1 - self.fraction[self.stratum[first : first + len(deviation)]]
        a, b, factor = self._pairs
        inside = slice(*np.searchsorted(a, [first, first + len(deviation)]))
        both = (deviation[a[inside] - first] * factor[inside, None]).T @ deviation[b[inside] - first]
        return np.asarray((deviation * own[:, None]).T @ deviation + both + both.T)

    def form(self, one: sparse.csr_array, other: sparse.csr_array) -> sparse.csr_array:
        """The same products of two sparse matrices (U x k, U x m) of deviations of all sampled units: k x m."""
        n = len(self.who)
        if not self.fraction.any():
            people = sparse.csr_array((np.ones(n), self.who, np.arange(n + 1)), shape=(n, self.n_distinct)).T
            return sparse.csr_array((people @ one).T @ (people @ other))
        a, b, factor = self._pairs
        own = np.arange(n)
        numbers = np.concatenate([1 - self.fraction[self.stratum], factor, factor])
        places = np.concatenate([own, a, b]), np.concatenate([own, b, a])
        return sparse.csr_array(one.T @ (sparse.csr_array(sparse.coo_array((numbers, places), shape=(n, n))) @ other))


def factors(both: Floats, units_per_stratum: Floats, fraction: Floats, home: Codes) -> Floats:
    """(H, H) the factors of products of deviations of a unit in two cells, from the units in both (H, H)."""
    drawn = np.sqrt(fraction * units_per_stratum)
    chance = np.divide(np.outer(drawn, drawn), both, out=np.zeros_like(both), where=both > 0)
    return np.where(home[:, None] == home, 1 - chance, 1.0)
