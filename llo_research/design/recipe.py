"""The protocol of weighting steps, and the residuals that variances of weighted surveys are made of.

A Survey holds its recipe: the steps that led from its base weights to its current ones. The steps themselves live in
``llo_research.weighting``; the survey layer knows only these questions. Influence values at the weights after a step
become influence values at the weights before it, last step first, until they refer to the design's own weights
(Deville, J.-C. and Sarndal, C.-E. (1992). Calibration estimators in survey sampling. Journal of the American
Statistical Association, 87, 376-382).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from llo_research.numerics.auxiliaries import Regressors, RowColumns
from llo_research.numerics.groups import Codes, Floats, Rows, group_sums

if TYPE_CHECKING:
    from llo_research.design.replicates import Replicates


@dataclass(frozen=True, eq=False)
class Regression:
    """What the residuals of a step are made of: z + leaves x'B, with B from the sums of enters x z'.

    cell : (n,) the cell of each row, C for rows that the step does not know.
    x : (C x p) auxiliaries of the cells.
    enters, leaves : (n,) numbers of the rows; calibration has enters = q d / w and leaves = -w.
    solve : from sum_i enters_i x_i z_i' (p x k) to the coefficients B (p x k).
    added_covariance : from B to the covariance (k x k) that the step adds (totals that were themselves estimated), or
        None.
    members : cell of each row and auxiliaries of these cells for the residuals, where they are not those of the
        regression (rows of clusters, which enter it by their mean).
    """

    cell: Codes
    x: Regressors
    enters: Floats
    leaves: Floats
    solve: Callable[[Floats], Floats]
    added_covariance: Callable[[Floats], Floats | None] = lambda coefficients: None
    members: tuple[Codes, Regressors] | None = None

    @cached_property
    def columns(self) -> tuple[RowColumns, ...]:
        """x of each row, as columns by group."""
        return self.x.columns_at(self.cell)

    @cached_property
    def leaving_columns(self) -> tuple[RowColumns, ...]:
        """x of each row as it leaves, as columns by group."""
        return self.columns if self.members is None else self.members[1].columns_at(self.members[0])

    @cached_property
    def _all_inside(self) -> bool:
        """Whether the step knows every row."""
        return bool((self.cell < self.x.shape[0]).all())

    def coefficients(self, pieces: Iterable[tuple[slice, Floats]]) -> Floats:
        """B (p x k) from all influence values, in pieces of rows (m x k)."""
        total: Floats | None = None
        for rows, influence in pieces:
            part = self._sums(self.cell[rows], influence * self.enters[rows][:, None])
            total = part if total is None else total + part
        return self.solve(np.zeros((self.x.shape[1], 0)) if total is None else total)

    def _sums(self, cell: Codes, values: Floats) -> Floats:
        """X' v (p x k) of rows in these cells."""
        n_cells = self.x.shape[0]
        if len(cell) >= n_cells:
            return self.x.sums(group_sums(cell, values, n_cells))
        inside = np.flatnonzero(cell < n_cells)
        return self.x.at(cell[inside]).sums(values[inside])

    def residuals(self, rows: Rows, influence: Floats, coefficients: Floats) -> Floats:
        """Influence values (m x k) of these rows at the weights before the step."""
        all_cells, x = (self.cell, self.x) if self.members is None else self.members
        cell, leaves = all_cells[rows], self.leaves[rows][:, None]
        n_cells = x.shape[0]
        if len(cell) < n_cells:
            inside = np.flatnonzero(cell < n_cells)
            out = influence.copy()
            out[inside] += leaves[inside] * x.at(cell[inside]).times(coefficients)
            return out
        fitted = x.times(coefficients)
        if not self._all_inside:
            fitted = np.vstack([fitted, np.zeros((1, fitted.shape[1]))])
        moved = fitted[cell]
        moved *= leaves
        moved += influence
        return moved

    def on_rows(self, start: int, stop: int, n: int) -> Regression:
        """The same for rows start..stop-1 of n, which are the step's."""
        cell = np.full(n, self.x.shape[0], dtype=np.intp)
        enters, leaves = np.zeros(n), np.zeros(n)
        cell[start:stop], enters[start:stop], leaves[start:stop] = self.cell, self.enters, self.leaves
        members = self.members
        if members is not None:
            own = np.full(n, members[1].shape[0], dtype=np.intp)
            own[start:stop] = members[0]
            members = own, members[1]
        return replace(self, cell=cell, enters=enters, leaves=leaves, members=members)


@runtime_checkable
class WeightingStep(Protocol):
    """One step from weights to weights, for n rows."""

    @property
    def regression(self) -> Regression | None:
        """What its residuals are made of; None where influence values pass through."""
        ...

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """The step on other weights (n x R).

        `replicates` has the factors of the variance formula when these are replicate weights: a step that adds a
        covariance spreads it over them.
        """
        ...

    def describe(self) -> dict[str, Any]:
        """What the step did, for ``.meta``."""
        ...


class KeepsFields:
    """A dataclass of which copies and pickles hold the fields, and not what was worked out from them."""

    def __getstate__(self) -> dict[str, Any]:
        """The fields."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # a mixin


@dataclass(frozen=True, eq=False)
class OnRows(KeepsFields):
    """A step of one survey of a stack: it knows and changes its own rows only.

    step : the step, whose rows are counted from the first of its survey.
    start, stop : its rows in the stack.
    before, after : (n,) weights of the whole stack before and after the step.
    survey : the name of its survey.
    """

    step: WeightingStep
    start: int
    stop: int
    before: Floats
    after: Floats
    survey: str

    @cached_property
    def regression(self) -> Regression | None:
        """That of the step, on its own rows."""
        own = self.step.regression
        return None if own is None else own.on_rows(self.start, self.stop, len(self.before))

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """The step on other weights of its own rows."""
        out = weights.copy()
        out[self.start : self.stop] = self.step.redo(weights[self.start : self.stop], replicates)
        return out

    def describe(self) -> dict[str, Any]:
        """What the step did, and in which survey."""
        return {**self.step.describe(), "survey": self.survey}
