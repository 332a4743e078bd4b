"""Lines through the means of waves: weights of least squares, and Wald tests of what a line leaves."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from llo_research.numerics.groups import Floats
from llo_research.numerics.wald import RANK, Outcome
from llo_research.numerics.wald import wald as wald_test


def line_weights(columns: Floats, there: np.ndarray) -> Floats:
    """Least-squares weights (q x T) of the waves for each column (T x q) beside a constant.

    there : (T,) waves that have a mean. Rows of terms that these waves do not identify are nan.
    """
    x = np.column_stack([np.ones(int(there.sum())), columns[there] - columns[there].mean(axis=0)])
    out = np.zeros((columns.shape[1], len(there)))
    scale = np.maximum(np.abs(x).max(axis=0, initial=0.0), 1e-300)
    if len(x) < x.shape[1] or np.linalg.matrix_rank(x / scale, tol=RANK * len(x)) < x.shape[1]:
        out[:] = np.nan
        return out
    q, r = np.linalg.qr(x / scale)
    out[:, there] = (linalg.solve_triangular(r, q.T) / scale[:, None])[1:]
    return out


def wald(m: Floats, v: Floats, fitted: Floats, design_df: float) -> Outcome:
    """Test that the means m (T,) with covariance v lie in the space of the columns of `fitted` (T x q)."""
    scaled = fitted - np.column_stack([np.zeros(len(fitted)), *[np.full(len(fitted), c.mean()) for c in fitted.T[1:]]])
    left = linalg.null_space(scaled.T, rcond=RANK) if len(m) else np.zeros((0, 0))
    return wald_test(left.T @ m, left.T @ v @ left, design_df)
