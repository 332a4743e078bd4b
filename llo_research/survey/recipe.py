"""The protocol of weighting steps, and the residuals that variances of weighted surveys are made of.

A Survey holds its recipe: the steps that led from its base weights to its current ones. The steps themselves live in
``llo_research.weighting``; the survey layer knows only these questions. Influence values at the weights after a step
become influence values at the weights before it, last step first, until they refer to the design's own weights
(Deville, J.-C. and Sarndal, C.-E. (1992). Calibration estimators in survey sampling. Journal of the American
Statistical Association, 87, 376-382).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from llo_research.numerics.groups import Codes, Floats
from llo_research.survey.scores import Scores

if TYPE_CHECKING:
    from llo_research.survey.replicates import Replicates

Rows = slice | Codes
# Residuals are worked out for so many numbers at a time (32 MB), whatever the survey's size.
_PIECE = 4_000_000


@runtime_checkable
class WeightingStep(Protocol):
    """One step from weights to weights, for n rows and k estimates."""

    def coefficients(self, pieces: Iterable[tuple[slice, Floats]]) -> Floats:
        """From all influence values (m x k each) after the step: the p x k numbers that its residuals need."""
        ...

    def residuals(self, rows: Rows, influence: Floats, coefficients: Floats) -> Floats:
        """Influence values (m x k) of these rows at the weights before the step."""
        ...

    def added_covariance(self, coefficients: Floats) -> Floats | None:
        """Covariance (k x k) that the step adds (totals that were themselves estimated), or None."""
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


class Residuals:
    """Influence values at the base weights, worked out in pieces of rows."""

    def __init__(self, scores: Scores, steps: tuple[WeightingStep, ...]) -> None:
        self.scores = scores
        self._undone: list[tuple[WeightingStep, Floats]] = []
        for step in reversed(steps):
            self._undone.append((step, step.coefficients(self.pieces())))

    def rows(self, rows: Rows) -> Floats:
        """The residuals (m x k) of these rows."""
        influence = self.scores.rows(rows)
        for step, coefficients in self._undone:
            influence = step.residuals(rows, influence, coefficients)
        return influence

    def pieces(self) -> Iterator[tuple[slice, Floats]]:
        """All residuals, in pieces of consecutive rows."""
        n = len(self.scores.weights)
        length = max(1, _PIECE // max(1, self.scores.size))
        for first in range(0, n, length):
            piece = slice(first, min(first + length, n))
            yield piece, self.rows(piece)

    def added_covariance(self) -> Floats | float:
        """What the steps themselves add to the covariance."""
        added = [step.added_covariance(coefficients) for step, coefficients in self._undone]
        return sum((matrix for matrix in added if matrix is not None), start=0.0)


@dataclass(frozen=True, eq=False)
class OnRows:
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

    def coefficients(self, pieces: Iterable[tuple[slice, Floats]]) -> Floats:
        """Those of the step, from its own rows."""
        return self.step.coefficients(self._own(pieces))

    def _own(self, pieces: Iterable[tuple[slice, Floats]]) -> Iterator[tuple[slice, Floats]]:
        """The parts of the pieces that are the step's, rows counted as it does."""
        for rows, influence in pieces:
            first, last = max(rows.start, self.start), min(rows.stop, self.stop)
            if first < last:
                yield slice(first - self.start, last - self.start), influence[first - rows.start : last - rows.start]

    def residuals(self, rows: Rows, influence: Floats, coefficients: Floats) -> Floats:
        """Residuals of its own rows; the others as they are."""
        numbers = np.arange(len(self.before))[rows]
        inside = np.flatnonzero((numbers >= self.start) & (numbers < self.stop))
        if len(inside) == 0:
            return influence
        out = influence.copy()
        own = numbers[inside] - self.start
        together = slice(int(own[0]), int(own[-1]) + 1) if isinstance(rows, slice) else own
        out[inside] = self.step.residuals(together, influence[inside], coefficients)
        return out

    def added_covariance(self, coefficients: Floats) -> Floats | None:
        """That of the step."""
        return self.step.added_covariance(coefficients)

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """The step on other weights of its own rows."""
        out = weights.copy()
        out[self.start : self.stop] = self.step.redo(weights[self.start : self.stop], replicates)
        return out

    def describe(self) -> dict[str, Any]:
        """What the step did, and in which survey."""
        return {**self.step.describe(), "survey": self.survey}
