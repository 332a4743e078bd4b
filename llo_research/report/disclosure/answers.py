"""Who gave an answer, from influence values: exact, since those of a yes or no have two values beside the weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_SAME = 1e-9  # of a value: what multiplying by a weight and dividing by it leaves, many times over
_NOTHING = 1e-9  # of the size of an estimate: deviations below it are rounding


@dataclass(frozen=True)
class Answers:
    """What the influence values of one estimate tell of the persons in its cell.

    rows : who gave the answer; None where it is no yes or no, or where that cannot be told.
    among : who was asked, those of the cell that the share is of.
    alike : whether all have the same value.
    """

    rows: np.ndarray | None
    among: np.ndarray | None = None
    alike: bool = False


def answers_of(
    influence: np.ndarray, weights: np.ndarray, rows: np.ndarray, *, size: float, estimate: float | None, share: bool
) -> Answers:
    """Who gave the answer, of (m,) rows of a cell with their influence values and weights.

    size : of the estimates. estimate : where it is the estimate itself that has these influence values. share : whether
    it is known to be one, which signs alone then tell apart (calls with different weights stand side by side).
    """
    if not len(rows):
        return Answers(rows, rows)
    if not np.isfinite(weights).all():
        return Answers(rows[influence > 0], rows) if share and influence.any() else Answers(None)
    per_weight = influence / weights
    above, below = per_weight > 0, per_weight < 0
    if _all_alike(per_weight, float(weights.sum()), size):
        return Answers(_of_all(rows, estimate), rows, True)
    if above.all() or below.all() or not (_one_value(per_weight[above]) and _one_value(-per_weight[below])):
        return Answers(None)  # numbers; or a total of everybody, which tells how many they are
    return Answers(rows[above], rows[above | below] if below.any() else rows)


def _all_alike(per_weight: np.ndarray, total: float, size: float) -> bool:
    """Whether nobody differs from the mean: |y_i - mean| / W; of a total these are the values themselves over 1."""
    return bool(np.abs(per_weight).max() * abs(total) <= _NOTHING * size)


def _of_all(rows: np.ndarray, estimate: float | None) -> np.ndarray | None:
    """Everybody or nobody, where the estimate is a share of 1 or 0."""
    if estimate is None:
        return None
    if abs(estimate - 1) < _NOTHING:
        return rows
    return rows[:0] if abs(estimate) < _NOTHING else None


def _one_value(values: np.ndarray) -> bool:
    """Whether numbers above 0 are one and the same."""
    return not len(values) or bool(values.max() - values.min() <= _SAME * values.max())
