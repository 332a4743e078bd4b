"""What is added up of data: the sums that a collapsed survey is made of, and who can add up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.design.stands_for import Distinct
from llo_research.numerics.groups import Floats

# What a boolean column of the frame is called that tells where a number is known.
KNOWN = "{} is known"

# The first of a pair: the sum over units in a stratum-by-wave cell (None), of weights (""), of weights times a number.
Key = tuple[str | None, str | None]


@runtime_checkable
class Lazy(Protocol):
    """Data that are somewhere else, of which a call fetches the sums it needs."""

    def collapse(
        self, columns: Sequence[str], numbers: Sequence[str] = (), together: Sequence[tuple[str, str]] = ()
    ) -> Any:
        """A collapsed survey of these columns; numbers kept as sums, pairs of them that one call takes `together`."""
        ...

    def for_call(self, linear: Sequence[str], columns: Sequence[str] = ()) -> Any:
        """The same for a call: `linear` are kept as sums where they have too many values for a pattern."""
        ...

    def for_formula(self, formula: str, columns: Sequence[str] = (), linear: bool = False) -> Any:
        """The same for a model of these columns, the formula's and those beside it; `linear` in its response or not."""
        ...

    def by_passes(self, name: str, call: Mapping[str, Any]) -> Any:
        """The result of an estimator that needs passes over the rows."""
        ...

    def then(self, columns: Sequence[str], take: Callable[[Any], Any], what: str, domain: bool = False) -> Any:
        """The same data with a step that each collapsed survey takes; `domain` whether one may be restricted before."""
        ...


@dataclass(frozen=True, eq=False)
class Sums:
    """What is added up: n rows, one for each stratum, sampling unit (where the design keeps it) and pattern.

    frame : the columns of the design (strata, psu, fpc, time, as named) and of the pattern, in an order that the data
        decide; a boolean column ``"hours is known"`` where the number `hours` is missing for some.
    counts : (n,) rows of the data. Those of weight 0 stand apart: behind a row all weights are 0, or none is.
    weights : (n,) sum of w.
    squares : (n,) sum of w^2; None where the design keeps the sampling unit, or with `pairs`.
    heaviest : (n,) the largest w; None where nobody asked.
    moments : number -> (n, 5) sums of w d, w d^2, w^2 d, w^2 d^2 and rows that have it, d the number less its least
        value, 0 where it is missing; pair of numbers -> (n, 2) sums of w d_a d_b, w^2 d_a d_b.
    ends : number -> its least and its largest value among rows that count: in the domain, of a weight above 0.
    people : number -> (n, 7) of people who count: the largest w |y|, the sum of w |y|, rows of which y is not 0, the
        sums of d and d^2 without weights, the bits of the places of the values, and rows in an odd place
        (`design.of_numbers`).
    own_ends : number -> (n, 2) the same of each row, nan where none counts; d is 0 for people who do not count.
    units_per_stratum : the columns of the strata, `units`, the sampled units of each (all of the survey's, also outside
        a domain), and perhaps `fraction`, that of the population; None where the design keeps the sampling unit.
    pairs : for units of several rows: sums over units of A_ur B_us, sparse (n, n), by what A and B add up: w ("") or
        w d of a number. Where units return to other strata, with None as the first: (H, n) sums of B_us over the units
        in stratum h, and (None, None) (H, H) the number of units in both; H as in `units_per_stratum`.
    distinct : counts different units of rows (n,); None where each row of the data is a unit, or the unit is kept.
    units : number of different units; None where the above tells.
    together : pairs of numbers of which the moments are known.
    """

    frame: pd.DataFrame
    counts: Floats
    weights: Floats
    squares: Floats | None = None
    heaviest: Floats | None = None
    moments: Mapping[Any, Floats] = field(default_factory=dict)
    ends: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    own_ends: Mapping[str, Floats] = field(default_factory=dict)
    people: Mapping[str, Floats] = field(default_factory=dict)
    units_per_stratum: pd.DataFrame | None = None
    pairs: Mapping[Key, sparse.csr_array] | None = None
    distinct: Distinct | None = None
    units: int | None = None
    together: Sequence[tuple[str, str]] = ()

    @property
    def numbers(self) -> list[str]:
        """The numbers that are kept as sums."""
        return list(self.ends)

    def known(self, number: str) -> np.ndarray:
        """(n,) bool, the patterns that have this number."""
        name = KNOWN.format(number)
        return self.frame[name].to_numpy(dtype=bool) if name in self.frame else np.ones(len(self.frame), dtype=bool)
