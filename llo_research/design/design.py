"""The sampling design as integer codes: what the kernel needs to know of a survey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import numpy as np

from llo_research.design.kernel import covariance
from llo_research.design.recipe import WeightingStep
from llo_research.design.replicates import Replicates
from llo_research.design.residuals import residual_covariance
from llo_research.design.scores import Block, Scores
from llo_research.design.stages import Stage
from llo_research.design.stands_for import StandsFor
from llo_research.numerics.groups import Codes, Floats, distinct_pairs
from llo_research.numerics.ratios import spread_within


@dataclass(frozen=True, eq=False)
class Design:
    """Strata, stages, lonely-PSU rule, replicate weights and the recipe of weighting steps.

    n : number of rows.
    stages : stages of sampling, the first one first; empty for a replicate design.
    lonely_psu : what a stratum with one sampling unit contributes.
    replicates : replicate weights, or None.
    steps : weighting steps from the base weights to the current ones.
    persons : (n,) number of each row's person, -1 where it is not known; None where the survey names no unit.
    stands : how many people each row stands for; None where it is one.
    frames : the data that the rows are of, one below the other in a stack; by them exports know the same people in
        other surveys (docs/decisions/0020). None where nobody knows.
    roles : the column names that made the design, for ``.meta`` and for saving.
    """

    n: int
    stages: tuple[Stage, ...]
    lonely_psu: str
    replicates: Replicates | None = None
    steps: tuple[WeightingStep, ...] = ()
    persons: Codes | None = None
    stands: StandsFor | None = None
    frames: tuple[Any, ...] = ()
    roles: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", MappingProxyType(dict(self.roles)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Without the data; a mapping that cannot be changed cannot be pickled either, its content can."""
        values = [() if entry.name == "frames" else getattr(self, entry.name) for entry in fields(self)]
        return type(self), (*values[:-1], dict(self.roles))

    def __deepcopy__(self, memo: Any) -> Design:
        """Itself, which is never changed; with the data, which a copy by pickling has not."""
        return self

    def covariance(self, influence: Floats | Scores) -> Floats:
        """Design-based covariance (k x k) of estimates from their influence values.

        Parameters
        ----------
        influence : (n, k) array, or Scores
            Row i is w_i times the derivative of the estimates in w_i.
        """
        if isinstance(influence, Scores):
            scores = influence
        else:
            values = np.asarray(influence, dtype=np.float64).reshape(self.n, -1)
            scores = Scores((Block(np.zeros(self.n, dtype=np.intp), values, 1),), np.ones(self.n))
        if self.steps:
            return residual_covariance(scores, self.steps, self.stages, self.lonely_psu)
        return covariance(scores, self.stages, self.lonely_psu)

    def degrees_of_freedom(self, rows: np.ndarray | None = None) -> float:
        """First-stage units minus strata among these rows (a mask; default all); a producer's replicates: rank - 1."""
        everyone = np.ones(self.n, dtype=bool) if rows is None else rows
        return float(self.cell_degrees_of_freedom(np.where(everyone, 0, 1).astype(np.intp), 1)[0])

    def cell_degrees_of_freedom(self, codes: np.ndarray, n_cells: int) -> Floats:
        """Degrees of freedom (n_cells,) among the rows of each cell; code ``n_cells`` is outside.

        Waves drawn by themselves: different units minus the strata of all waves.
        """
        if self.replicates is not None:
            return self.replicates.cell_degrees_of_freedom(codes, n_cells, self._units_minus_strata)
        return self._units_minus_strata(codes, n_cells)

    def rows_of_cells(self, codes: Codes, n_cells: int) -> Floats:
        """Rows of the data (n_cells,) in each cell; code ``n_cells`` is outside."""
        if self.stands is not None:
            return self.stands.rows(codes, n_cells)
        return np.bincount(codes, minlength=n_cells + 1)[:n_cells].astype(np.float64)

    def spread_within(self, codes: Codes, n_cells: int, influence: Floats, weights: Floats) -> Floats:
        """(n_cells, p) sum(z_i^2 / w_i) / n in each cell, over people: as simple random sampling spreads them."""
        if self.stands is not None:
            return self.stands.spread(codes, n_cells, influence, weights)
        return spread_within(codes, n_cells, influence, weights)

    def units_of_cells(self, codes: np.ndarray, n_cells: int) -> Floats:
        """First-stage units (n_cells,) among the rows of each cell."""
        return self._units_and_strata(codes, n_cells)[0]

    def _units_minus_strata(self, codes: np.ndarray, n_cells: int) -> Floats:
        """First-stage units minus strata (n_cells,) among the rows of each cell."""
        units, strata = self._units_and_strata(codes, n_cells)
        return units - strata

    def _units_and_strata(self, codes: np.ndarray, n_cells: int) -> tuple[Floats, Floats]:
        """First-stage units and strata (n_cells,) among the rows of each cell."""
        stage = self.stages[0]
        unit, stratum, n_units = stage.unit, stage.stratum, stage.n_units
        if stage.occasions is not None and unit is not None:
            unit, n_units = stage.occasions.who[unit], stage.occasions.n_distinct
        units: np.ndarray
        n_strata, inside = len(stage.units_per_stratum), codes < n_cells
        if self.stands is None and 2 * np.count_nonzero(inside) < len(codes):
            rows = np.flatnonzero(inside)
            codes, stratum, unit = codes[rows], stratum[rows], None if unit is None else unit[rows]
        present = np.bincount(codes * n_strata + stratum, minlength=(n_cells + 1) * n_strata) > 0
        strata = present.reshape(n_cells + 1, n_strata)[:n_cells].sum(axis=1)
        if self.stands is not None and self.stands.distinct is not None:
            units = self.stands.distinct(codes, n_cells)
        elif unit is None:
            units = self.rows_of_cells(codes, n_cells)
        elif (n_cells + 1) * n_units <= 4 * self.n + 1_000_000:
            met = np.bincount(codes * n_units + unit, minlength=(n_cells + 1) * n_units) > 0
            units = met.reshape(n_cells + 1, -1)[:n_cells].sum(axis=1)
        else:
            cells, _ = distinct_pairs(codes, unit, n_units)
            units = np.bincount(cells, minlength=n_cells + 1)[:n_cells]
        return np.asarray(units, dtype=np.float64), np.asarray(strata, dtype=np.float64)

    @property
    def n_distinct(self) -> int:
        """Number of different first-stage units."""
        first = self.stages[0]
        if self.stands is not None and self.stands.units is not None:
            return self.stands.units
        return first.n_units if first.occasions is None else first.occasions.n_distinct

    def facts(self) -> dict[str, Any]:
        """The design in words and counts, for ``.meta``."""
        told = {name: value for name, value in self.roles.items() if value is not None}
        if self.replicates is not None:
            r = self.replicates
            told["replicates"] = {
                "method": r.method,
                "n_replicates": r.n_replicates,
                "scale": r.scale,
                "mse": r.mse,
                "fay": r.fay,
            }
        else:
            told["n_strata"] = len(self.stages[0].units_per_stratum)
            told["n_psu"] = self.n_distinct
            told["lonely_psu"] = self.lonely_psu
        if self.steps:
            told["steps"] = [step.describe() for step in self.steps]
        return told
