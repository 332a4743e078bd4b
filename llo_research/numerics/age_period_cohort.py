"""Age, period and cohort: what a table of cells identifies, and bounds on the rest; as functions of arrays.

With cohort = period - age the three linear slopes are not told apart: (alpha, pi, gamma) and
(alpha + v, pi - v, gamma + v) fit alike for every v. What is identified are alpha + pi, gamma + pi, and the deviations
of each effect from its line (Fosse, E. and Winship, C. (2019). Analyzing age-period-cohort data: a review and critique.
Annual Review of Sociology, 45, 467-492).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llo_research.numerics.groups import Codes, Floats

WAYS = ("age", "period", "cohort")


@dataclass(frozen=True, eq=False)
class Levels:
    """The levels of age, period or cohort.

    values : (L,) in order. codes : (K,) level of each cell.
    """

    values: Floats
    codes: Codes

    @cached_property
    def basis(self) -> Floats:
        """(L, L - 2) orthonormal columns whose sum and whose slope over the levels are 0."""
        length = len(self.values)
        line = np.column_stack([np.ones(length), self.values - self.values.mean()])
        full, _ = np.linalg.qr(np.column_stack([line, np.eye(length)]))
        return np.asarray(full[:, 2:length])

    @cached_property
    def bends(self) -> Floats:
        """(L - 2, L) the slope after each inner level less that before it, of an effect by level."""
        steps = np.diff(self.values)
        rise = np.diff(np.eye(len(self.values)), axis=0) / steps[:, None]
        return np.diff(rise, axis=0)


@dataclass(frozen=True, eq=False)
class Table:
    """Cells of age by period.

    age, period, cohort : the levels. Columns of the regression: a constant, age and cohort less the means of their
    levels, and the bases of age, period and cohort.
    """

    age: Levels
    period: Levels
    cohort: Levels

    def ways(self) -> tuple[Levels, Levels, Levels]:
        """Age, period, cohort."""
        return self.age, self.period, self.cohort

    @cached_property
    def columns(self) -> Floats:
        """(K, 3 + (A - 2) + (P - 2) + (C - 2))."""
        lines = [way.values[way.codes] - way.values.mean() for way in (self.age, self.cohort)]
        bases = [way.basis[way.codes] for way in self.ways()]
        return np.column_stack([np.ones(len(self.age.codes)), *lines, *bases])

    @cached_property
    def starts(self) -> tuple[int, int, int]:
        """The first column of each basis."""
        a, p = len(self.age.values) - 2, len(self.period.values) - 2
        return 3, 3 + a, 3 + a + p

    def deviations(self, way: int) -> Floats:
        """(L, columns) map to the deviations of an effect from its line."""
        own = self.ways()[way].basis
        out = np.zeros((len(own), self.columns.shape[1]))
        out[:, self.starts[way] : self.starts[way] + own.shape[1]] = own
        return out

    def slopes(self) -> Floats:
        """(3, columns) map to alpha + pi, gamma + pi and alpha - gamma."""
        out = np.zeros((3, self.columns.shape[1]))
        out[0, 1] = out[1, 2] = out[2, 1] = 1.0
        out[2, 2] = -1.0
        return out


def limits(table: Table, way: int, up: bool) -> tuple[Floats, bool]:
    """(L - 1, columns) numbers that bound the slope of period where an effect never falls (or never rises).

    And whether they bound it from above. Between neighbouring levels an effect rises by its slope and its deviations:
    alpha + d_j, pi + d_j or gamma + d_j, with alpha = (alpha + pi) - pi and gamma = (gamma + pi) - pi.
    """
    values = table.ways()[way].values
    rise = np.diff(table.deviations(way), axis=0) / np.diff(values)[:, None]
    if WAYS[way] == "period":
        return -rise, not up
    known = table.slopes()[0 if WAYS[way] == "age" else 1]
    return known + rise, up


def of_slope(table: Table, way: int, numbers: Floats, above: bool) -> tuple[Floats, bool]:
    """The same bounds for the slope of age, period or cohort."""
    if WAYS[way] == "period":
        return numbers, above
    return table.slopes()[0 if WAYS[way] == "age" else 1] - numbers, not above
