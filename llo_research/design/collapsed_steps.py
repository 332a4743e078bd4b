"""Weighting steps of rows that stand for many: people of a row have one cell and one factor: sums are enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from llo_research.design.recipe import KeepsFields, Regression, WeightingStep
from llo_research.design.replicates import Replicates
from llo_research.errors import DesignError
from llo_research.numerics.groups import Codes, Floats, group_sums

# Factors that differ by less than this share are one: g-weights are of cells, and differ by rounding.
_DIGITS = 11


@dataclass(frozen=True, eq=False)
class OfRows(KeepsFields):
    """A step that was made of the people, as it is of the rows that stand for them.

    regression : what its residuals are made of. told : what the step did.
    """

    regression: Regression | None
    told: dict[str, Any]

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """It is not made again."""
        raise DesignError(
            "A weighting step is not made again of collapsed rows.",
            where="collapsed rows",
            todo="make the replicates of the survey, and collapse it then",
        )

    def describe(self) -> dict[str, Any]:
        """What the step did, for ``.meta``."""
        return dict(self.told)


def key_of(step: WeightingStep) -> Sequence[np.ndarray]:
    """(N,) arrays in which people of one row must be alike: the cell, and factors of the weights."""
    before, after = np.asarray(step.before), np.asarray(step.after)  # type: ignore[attr-defined]  # all steps keep them
    factors = [np.divide(after, before, out=np.zeros_like(after), where=before != 0)]
    made = step.regression
    if made is None:
        return [_few_digits(factor) for factor in factors]
    if made.members is not None:
        raise DesignError(
            "A calibration of clusters is not kept by collapsed rows.",
            where="svy.collapse",
            todo="collapse first and calibrate then by columns of the pattern, or give estimators the survey itself",
        )
    leaves = np.divide(made.leaves, after, out=np.zeros_like(after), where=after != 0)
    return [made.cell, *(_few_digits(factor) for factor in (*factors, made.enters, leaves))]


def _few_digits(values: Floats) -> Floats:
    """Numbers without the last digits."""
    size = np.where(values == 0, 1.0, 10.0 ** np.floor(np.log10(np.abs(np.where(values == 0, 1.0, values)))))
    return np.asarray(np.round(values / size, _DIGITS) * size)


def of_rows(step: WeightingStep, row: Codes, first: Codes, pattern: Codes, share: Floats) -> OfRows:
    """A step of people (N,) in rows: `row` of each, the `first` of each pattern; rows (m,) hold shares of them."""
    made = step.regression
    if made is None:
        return OfRows(None, step.describe())
    leaves = group_sums(row, made.leaves, len(first))[pattern] * share
    regression = Regression(
        made.cell[first][pattern], made.x, made.enters[first][pattern], leaves, made.solve, made.added_covariance
    )
    return OfRows(regression, step.describe())
