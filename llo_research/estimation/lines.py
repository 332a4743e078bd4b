"""Lines through the means of waves: weights of least squares, and Wald tests of what a line leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, stats

from llo_research.numerics.groups import Floats

# Singular values below this share of the largest count as zero.
_RANK = 1e-10


@dataclass(frozen=True)
class LinearTest:
    """An F test: statistic, degrees of freedom of numerator and denominator, p-value; nan where undefined."""

    statistic: float
    df: int
    df_denominator: float
    p_value: float


def line_weights(columns: Floats, there: np.ndarray) -> Floats:
    """Least-squares weights (q x T) of the waves for each column (T x q) beside a constant.

    there : (T,) waves that have a mean. Rows of terms that these waves do not identify are nan.
    """
    x = np.column_stack([np.ones(int(there.sum())), columns[there] - columns[there].mean(axis=0)])
    out = np.zeros((columns.shape[1], len(there)))
    scale = np.maximum(np.abs(x).max(axis=0, initial=0.0), 1e-300)
    if len(x) < x.shape[1] or np.linalg.matrix_rank(x / scale, tol=_RANK * len(x)) < x.shape[1]:
        out[:] = np.nan
        return out
    out[:, there] = (np.linalg.pinv(x / scale) / scale[:, None])[1:]
    return out


def wald(m: Floats, v: Floats, fitted: Floats, design_df: float) -> LinearTest:
    """Test that the means m (T,) with covariance v lie in the space of the columns of `fitted` (T x q)."""
    scaled = fitted - np.column_stack([np.zeros(len(fitted)), *[np.full(len(fitted), c.mean()) for c in fitted.T[1:]]])
    left = linalg.null_space(scaled.T, rcond=_RANK) if len(m) else np.zeros((0, 0))
    r = left.shape[1]
    denominator = design_df - r + 1
    undefined = LinearTest(np.nan, r, float(denominator), np.nan)
    if r == 0 or denominator <= 0:
        return undefined
    middle, deviation = left.T @ v @ left, left.T @ m
    values = np.linalg.eigvalsh(middle)
    if not values[0] > _RANK * max(values[-1], 1e-300):
        return undefined
    statistic = float(denominator / (design_df * r) * (deviation @ np.linalg.solve(middle, deviation)))
    return LinearTest(statistic, r, float(denominator), float(stats.f.sf(statistic, r, denominator)))
