"""Comparisons of waves: linear maps on the means, on their logarithms, or on their log odds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from llo_research.errors import DataError
from llo_research.estimation.assemble import smallest
from llo_research.estimation.gaps import cell_text
from llo_research.estimation.result import Result, row_labels
from llo_research.estimation.times import text_of
from llo_research.estimation.waves import Waves
from llo_research.numerics.groups import Codes, Floats


@dataclass(frozen=True)
class Plan:
    """The rows of a comparison: k combinations of the means of one cell and column each.

    cell, head : (k,) the cell of `by` and the column of each row.
    weights : (k, S, T) weight of each group and time.
    uses : (k, S, T) the means that a row rests on, for its n and df; a weight may be 0 by chance.
    undefined : (k,) rows that the waves at hand cannot give.
    """

    cell: Codes
    head: Codes
    weights: Floats
    uses: np.ndarray
    undefined: np.ndarray

    def matrix(self, waves: Waves) -> Floats:
        """The k x m map on the means."""
        return self._spread(waves, self.weights)

    def touched(self, waves: Waves) -> np.ndarray:
        """(k, m) the means that each row rests on."""
        return np.asarray(self._spread(waves, self.uses.astype(np.float64)) != 0)

    def empty(self, waves: Waves) -> np.ndarray:
        """(k,) rows without an estimate: undefined ones, and those that rest on a mean which is not there."""
        absent = (self.uses & (waves.place[self.cell] < 0)).any(axis=(1, 2))
        unknown = np.isnan(waves.means.estimate).astype(np.float64)
        return np.asarray(absent | self.undefined | (self.touched(waves) @ unknown > 0))

    def _spread(self, waves: Waves, values: Floats) -> Floats:
        """Numbers by row, group and time as k x m."""
        place, p = waves.place[self.cell], len(waves.heads)
        row, side, time = np.nonzero(self.uses & (place >= 0))
        out = np.zeros((len(self.cell), len(waves.means.estimate)))
        out[row, place[row, side, time] * p + self.head[row]] = values[row, side, time]
        return out


@dataclass(frozen=True)
class Shifts:
    """Known shifts that are taken off the means: means - design @ size, with their own covariance.

    design : (m, r) which shift each mean carries.
    size, std_error : (r,) the shifts and their standard errors, independent of each other and of the survey.
    """

    design: Floats
    size: Floats
    std_error: Floats

    @property
    def means(self) -> Floats:
        """(m,) what the means are too high."""
        return np.asarray(self.design @ self.size)

    @property
    def covariance(self) -> Floats:
        """(m, m) what their uncertainty adds."""
        scaled = self.design * self.std_error
        return np.asarray(scaled @ scaled.T)


def compare(
    waves: Waves,
    plan: Plan,
    rows: pd.DataFrame,
    *,
    scale: str = "difference",
    shifts: Shifts | None = None,
    labels_by: Sequence[str],
    meta: dict[str, Any],
) -> Result:
    """The comparisons of a plan as a Result: estimate, covariance, degrees of freedom, influence values."""
    means, cells = waves.means, waves.means.cell_details
    linear, touched, empty = plan.matrix(waves), plan.touched(waves), plan.empty(waves)
    linear[empty] = 0
    theta = np.nan_to_num(means.estimate, nan=0.0) - (0.0 if shifts is None else shifts.means)
    estimate, jacobian = _scaled(linear, theta, scale, np.flatnonzero(~empty), means.rows)
    estimate[empty] = np.nan
    replicates, covariance = None, np.array([])
    if means.replicates is not None:
        replicates = _at_replicates(linear, means.replicates, empty, scale)
        design = waves.target.svy.design.replicates
        assert design is not None
        centre = estimate if shifts is None else estimate + linear @ shifts.means
        covariance = design.covariance(replicates, centre)
    else:
        covariance = jacobian @ known_covariance(means) @ jacobian.T
    if shifts is not None:
        # replicates know nothing of the shift's own error: what is computed from this result takes its covariance
        covariance, replicates = covariance + jacobian @ shifts.covariance @ jacobian.T, None
    covariance[empty, :] = covariance[:, empty] = np.nan
    told = rows.drop(columns=[name for name in ("of", "minus") if name in rows])
    if waves.time in told:
        told = told.assign(**{waves.time: [text_of(time) for time in told[waves.time]]})
    return replace(
        means,
        rows=rows,
        estimate=estimate,
        covariance=covariance,
        df=_degrees_of_freedom(waves, plan),
        meta={**means.meta, **meta},
        labels=row_labels(told, labels_by),
        interval="wald" if scale == "difference" else "log",
        tested=True,
        n=touched @ (np.zeros(len(means.estimate)) if means.n is None else means.n),
        details=None,
        cell_details=None if cells is None else lambda: smallest(cells(), touched),
        scores=None if means.scores is None else means.scores.mapped(jacobian, touched),
        replicates=replicates,
        extra_flags=tuple("empty" if gone else "" for gone in empty),
        scale=lambda: np.abs(jacobian) @ np.nan_to_num(means.scales, nan=0.0),
    )


def known_covariance(means: Result) -> Floats:
    """The covariance of the means, with zeros for those that are not there."""
    undefined = np.isnan(means.estimate)
    covariance = means.covariance.copy()
    covariance[undefined, :] = covariance[:, undefined] = 0.0
    return covariance


def _scaled(linear: Floats, theta: Floats, scale: str, rows: Codes, means: pd.DataFrame) -> tuple[Floats, Floats]:
    """The comparisons on their scale, and their derivatives in the means; `rows` are those that are defined."""
    if scale == "difference":
        return linear @ theta, linear
    used = (linear[rows] != 0).any(axis=0)
    _refuse(theta, used, scale, means)
    safe = np.where(used, theta, 0.5)
    value = np.log(safe) if scale == "ratio" else special.logit(safe)
    slope = 1 / safe if scale == "ratio" else 1 / (safe * (1 - safe))
    estimate = np.exp(linear @ value)
    return estimate, estimate[:, None] * linear * slope


def _refuse(theta: Floats, used: np.ndarray, scale: str, means: pd.DataFrame) -> None:
    """Means for which a scale has no meaning; `means` says what each of them is."""
    wrong = used & ((theta <= 0) | ((theta >= 1) if scale == "odds" else False))
    if wrong.any():
        message = "A ratio needs means above 0." if scale == "ratio" else "Odds need shares strictly between 0 and 1."
        raise DataError(
            message,
            where=f"scale={scale!r}, {cell_text(means, int(wrong.argmax()))}",
            found=f"a mean of {theta[int(wrong.argmax())]:g}",
            todo="use scale='difference', or leave the cells concerned out with svy.where(...)",
        )


def _at_replicates(linear: Floats, replicates: Floats, empty: np.ndarray, scale: str) -> Floats:
    """The comparisons at each replicate (R x k); nan where they are not defined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = replicates if scale == "difference" else np.log(replicates)
        value = special.logit(replicates) if scale == "odds" else value
    undefined = ~np.isfinite(value)
    out = np.where(undefined, 0.0, value) @ linear.T
    out = out if scale == "difference" else np.exp(out)
    out[(undefined.astype(np.float64) @ (linear != 0).T.astype(np.float64)) > 0] = np.nan
    out[:, empty] = np.nan
    return np.asarray(out)


def _degrees_of_freedom(waves: Waves, plan: Plan) -> Floats:
    """Sampling units minus strata among the rows of all means that a comparison uses."""
    design, target = waves.target.svy.design, waves.target
    out = np.empty(len(plan.cell))
    used = plan.uses
    patterns, kind = np.unique(used.reshape(len(used), -1), axis=0, return_inverse=True)
    parts = _codes_by_head(waves)
    number, k = len(waves.keys), target.cells.number
    for pattern, shape in enumerate(patterns):
        owner = np.full(k + 1, number, dtype=np.intp)
        g, cells = _cells_of(waves, shape.reshape(used.shape[1:]))
        owner[cells] = g
        for codes, heads in parts:
            mine = np.flatnonzero((kind.ravel() == pattern) & np.isin(plan.head, heads))
            if len(mine):
                inside = np.where(target.weights != 0, codes, k)
                out[mine] = design.cell_degrees_of_freedom(owner[inside], number)[plan.cell[mine]]
    return out


def _cells_of(waves: Waves, pattern: np.ndarray) -> tuple[Codes, Codes]:
    """The cells of `by` and the cells of the means that a pattern of groups and times touches."""
    touched = pattern[None] & (waves.place >= 0)
    g = np.nonzero(touched)[0]
    return g.astype(np.intp), waves.place[touched]


def _codes_by_head(waves: Waves) -> list[tuple[Codes, list[int]]]:
    """The cells of the rows, for each set of columns that has its own (``missing="available"``)."""
    scores = waves.means.scores
    assert scores is not None
    parts, start = [], 0
    for block in scores.blocks:
        width = block.values.shape[1]
        parts.append((block.codes, list(range(start, start + width))))
        start += width
    return parts
