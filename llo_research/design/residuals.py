"""Variance of weighted surveys: influence values at the current weights, taken back to those of the design.

Each step is undone in turn, z_before = z + leaves x'B. Two routes give the same covariance. Few estimates: the
residuals themselves, streamed in pieces of rows. Many: the x of the steps as further columns beside the scores, whose
covariance the kernel knows from moments, and the map [T, B'] on it, so that the number of estimates no longer
multiplies the rows; estimates of which that map cancels nearly everything (calibration fixed them) are streamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from llo_research.design.components import column_labels
from llo_research.design.kernel import CANCELLATION, quadratic, scores_moments, streamed_covariance, symmetric
from llo_research.design.moments import pair_sums
from llo_research.design.recipe import Regression, WeightingStep
from llo_research.design.scores import Block, Scores
from llo_research.design.stages import Stage
from llo_research.numerics.groups import Codes, Floats, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

# Residuals are worked out for so many numbers at a time (32 MB), whatever the survey's size.
_PIECE = 4_000_000
# From so many columns on, sets of them that do not touch are looked for.
_MANY = 256
# Up to so many estimates are streamed.
_FEW = 8


def residual_covariance(
    scores: Scores, steps: Sequence[WeightingStep], stages: tuple[Stage, ...], lonely_psu: str
) -> Floats:
    """Covariance (k x k) of the estimates with these scores at the weights after the steps."""
    scores = scores.folded().trimmed()
    if scores.size <= _FEW:
        residuals = Residuals(scores, steps)
        added = residuals.added_covariance()
        return symmetric(streamed_covariance(residuals, stages, lonely_psu) + added)
    undone, transform, added = _beside(scores, steps)
    total, size = scores_moments(undone, stages, lonely_psu)
    out = quadratic(transform, total, _sets(undone, stages, lonely_psu))
    lost = np.flatnonzero(np.diag(out) < CANCELLATION * (transform.power(2) @ size))
    if len(lost):
        residuals = Residuals(scores.only(lost), steps)
        out[np.ix_(lost, lost)] = streamed_covariance(residuals, stages, lonely_psu)  # symmetric too
    return symmetric(out + added) if added.any() else out


def _sets(scores: Scores, stages: tuple[Stage, ...], lonely_psu: str) -> Codes | None:
    """(m,) sets of columns that no stratum touches together; None where lonely units bring them together."""
    joined = not {lonely_psu, *stages[0].rules}.isdisjoint({"adjust", "average"})
    if scores.n_base < _MANY or (joined and len(stages[0].lonely)):
        return None
    return column_labels(scores.blocks, stages[0])


def _beside(scores: Scores, steps: Sequence[WeightingStep]) -> tuple[Scores, sparse.csr_array, Floats]:
    """Scores with the columns of all steps beside them, the map to the residuals, and what the steps add."""
    blocks, added = scores.blocks, np.zeros(())
    transform = sparse.csr_array(sparse.eye_array(scores.n_base) if scores.transform is None else scores.transform)
    for step in reversed(steps):
        regression = step.regression
        if regression is None:
            continue
        sums = np.hstack([_crossed(regression, block) for block in blocks])
        coefficients = np.asarray(regression.solve(sums) @ transform.T)
        own = regression.added_covariance(coefficients)
        added = added if own is None else added + own
        new = tuple(
            Block(columns.codes, columns.values * regression.leaves[:, None], columns.number)
            for columns in regression.leaving_columns
        )
        padded = np.vstack([coefficients, np.zeros((1, coefficients.shape[1]))])
        maps = [sparse.csr_array(padded[columns.place].T) for columns in regression.leaving_columns]
        transform = sparse.csr_array(sparse.hstack([transform, *maps]))
        blocks = (*blocks, *new)
    return Scores(blocks, scores.weights), transform, added


def _crossed(regression: Regression, block: Block) -> Floats:
    """Sums of enters x z' (p x size) of a block."""
    out = np.zeros((regression.x.shape[1], block.size))
    for columns in regression.columns:
        own = Block(columns.codes, columns.values, columns.number)
        kept = columns.place >= 0
        out[columns.place[kept]] += pair_sums(own, block, regression.enters)[kept]
    return out


class Residuals:
    """Influence values at the base weights, worked out in pieces of rows."""

    def __init__(self, scores: Scores, steps: Sequence[WeightingStep]) -> None:
        self.scores = scores
        self._undone: list[tuple[Regression, Floats]] = []
        for step in reversed(steps):
            if step.regression is not None:
                self._undone.append((step.regression, step.regression.coefficients(self.pieces())))

    def rows(self, rows: Rows) -> Floats:
        """The residuals (m x k) of these rows."""
        influence = self.scores.rows(rows)
        for regression, coefficients in self._undone:
            influence = regression.residuals(rows, influence, coefficients)
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
        added = [regression.added_covariance(coefficients) for regression, coefficients in self._undone]
        return sum((matrix for matrix in added if matrix is not None), start=0.0)
