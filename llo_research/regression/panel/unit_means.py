"""Regressions with the means of units among the regressors, whose derivative in the weights enters the influence.

The means m_i = sum_t w_it x_it / sum_t w_it move with the weights: dm_i / dw_it = (x_it - m_i) / S_i. With z = (x, m)
and score s(z'b) x z, the influence of a row is w_it times

    z_it s_it + (0, x_it - m_i) sbar_i - hbar_i (x_it - m_i)'g,

sbar_i and hbar_i the unit's weighted means of s and of z h (h = - ds / d eta, 1 for least squares) and g the
coefficients of the means. The added terms sum to 0 within each unit: they matter once weights were calibrated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Floats
from llo_research.regression.panel.effects import Panel

# A regressor of which nothing varies within units, but for rounding of this size.
_CONSTANT = 1e-10


@dataclass(frozen=True, eq=False)
class WithMeans:
    """Regressors of a model with unit means beside those that vary within units.

    z : (m, p + c) regressors and means. names : their names. varying : (c,) numbers of the columns that have a mean.
    deviation : (m, c) of these columns from their means.
    """

    z: Floats
    names: tuple[str, ...]
    varying: np.ndarray
    deviation: Floats


def with_means(x: Floats, names: Sequence[str], panel: Panel) -> WithMeans:
    """The regressors with the weighted unit means of all that vary within units."""
    means = panel.means(x)[panel.unit.codes]
    deviation = x - means
    spread = np.sqrt(panel.weights @ (x - panel.weights @ x / panel.weights.sum()) ** 2)
    varying = np.flatnonzero(np.sqrt(panel.weights @ deviation**2) > _CONSTANT * np.maximum(spread, 1e-300))
    told = (*names, *(f"mean({names[int(j)]})" for j in varying))
    return WithMeans(np.hstack([x, means[:, varying]]), told, varying, deviation[:, varying])


def scores(made: WithMeans, panel: Panel, score: Floats, curvature: Floats, coefficients: Floats) -> Floats:
    """(m, p + c) derivatives of the estimating equations in each weight, times the weight.

    score : (m,) s of each row, such as its residual. curvature : (m,) h.
    """
    p = made.z.shape[1] - len(made.varying)
    code = panel.unit.codes
    moved = made.deviation @ coefficients[p:]
    out = made.z * score[:, None] - panel.means(made.z * curvature[:, None])[code] * moved[:, None]
    out[:, p:] += made.deviation * panel.means(score[:, None])[code]
    return np.asarray(out * panel.weights[:, None])
