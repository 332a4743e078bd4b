"""Stages of sampling as integer codes, and the factors by which the variance formula takes their deviations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from llo_research.design.occasions import Occasions
from llo_research.design.pairs import Pairs
from llo_research.numerics.groups import Codes, Floats


@dataclass(frozen=True)
class Stage:
    """One stage of sampling.

    unit : (n,) sampling unit of each row, or None when every row is its own unit.
    stratum : (n,) stratum of each row; a unit lies in one stratum.
    units_per_stratum : (H,) n_h, the sampled units.
    fraction : (H,) sampling fraction f_h, 0 for sampling with replacement.
    carry : (H,) product of the sampling fractions of the stages before.
    names : (H,) what the strata are called in messages.
    survey : (H,) which survey of a stack a stratum belongs to; None when there is one survey.
    rules : the lonely-PSU rule of each survey of a stack; empty when there is one survey.
    occasions : waves drawn by themselves, whose units may return; None where every unit lies in one stratum.
    pairs : what is known of the units behind rows that stand for many; None where a row is of one unit.
    """

    unit: Codes | None
    stratum: Codes
    units_per_stratum: Floats
    fraction: Floats
    carry: Floats
    names: np.ndarray
    survey: Codes | None = None
    rules: tuple[str, ...] = ()
    occasions: Occasions | None = None
    pairs: Pairs | None = None

    @cached_property
    def drawn(self) -> object:
        """What is one and the same for all that was made of this sampling."""
        return object()

    @cached_property
    def n_units(self) -> int:
        """Number of units."""
        return int(self.units_per_stratum.sum())

    @property
    def returning(self) -> bool:
        """Whether waves were drawn by themselves, and units came back."""
        return self.occasions is not None or (self.pairs is not None and self.pairs.returning)

    @cached_property
    def lonely(self) -> Codes:
        """Strata with one sampled unit that are not sampled completely."""
        return np.flatnonzero((self.units_per_stratum == 1) & (self.fraction < 1) & (self.carry > 0))

    @cached_property
    def scale(self) -> Floats:
        """(H,) factor of the squared deviations; 0 for strata with one unit."""
        n_h = self.units_per_stratum
        factor = np.divide(n_h, n_h - 1, out=np.zeros_like(n_h), where=n_h > 1)
        return factor * (1 - self.fraction) * self.carry

    @cached_property
    def root(self) -> Floats:
        """(H,) factor of the deviations; without the sampling fraction where products over waves take it."""
        if not self.returning:
            return np.sqrt(self.scale)
        n_h = self.units_per_stratum
        return np.sqrt(np.divide(n_h, n_h - 1, out=np.zeros_like(n_h), where=n_h > 1) * self.carry)

    def products(self, deviation: Floats, first: int = 0) -> Floats:
        """Sum of products (k x k) of the deviations (m x k) of the units from `first` on."""
        if self.occasions is None:
            return np.asarray(deviation.T @ deviation)
        return self.occasions.products(deviation, first)

    def form(self, one: sparse.csr_array, other: sparse.csr_array) -> sparse.csr_array:
        """The same of two sparse matrices (U x k, U x m) of all units: k x m."""
        if self.occasions is None:
            return sparse.csr_array(one.T @ other)
        return self.occasions.form(one, other)

    def by_rule(self, lonely_psu: str) -> Iterator[tuple[Stage, str]]:
        """Stages that follow one lonely-PSU rule each; in a stack, surveys of the rule `average` stand alone."""
        if not self.rules or self.survey is None or len(self.lonely) == 0:
            yield self, lonely_psu
            return
        own: dict[tuple[str, int], list[int]] = {}
        for number, rule in enumerate(self.rules):
            own.setdefault((rule, number if rule == "average" else 0), []).append(number)
        for (rule, _), members in own.items():
            yield replace(self, carry=np.where(np.isin(self.survey, members), self.carry, 0.0)), rule

    @cached_property
    def stratum_of_units(self) -> Codes:
        """(U,) the stratum of each unit."""
        return self.stratum if self.unit is None else by_unit(self.stratum, self.unit, self.n_units)

    @cached_property
    def rows_by_unit(self) -> tuple[Codes, Codes]:
        """Order of the rows by unit, and the position after each unit's last row."""
        assert self.unit is not None
        order = np.argsort(self.unit, kind="stable")
        return order, np.cumsum(np.bincount(self.unit, minlength=self.n_units))


def by_unit(stratum: Codes, unit: Codes, n_units: int) -> Codes:
    """The stratum of each unit, from that of its rows."""
    out = np.empty(n_units, dtype=np.intp)
    out[unit] = stratum
    return out
