"""Models from sums by pattern: Gram matrices of columns that are linear in a few numbers, and steps of scoring.

Shapes: R patterns, k numbers, p columns. maps (R, k + 1, p): a row of pattern r with m = (1, y_1, ..., y_k) has the
columns m' maps[r]. moments (R, k + 1, k + 1): sums of w m m' over the rows of each pattern.
"""

from __future__ import annotations

import numpy as np

from llo_research.numerics.groups import Floats

# Numbers that are held at a time (64 MB).
_PIECE = 8_000_000


def grams(maps: Floats, moments: Floats, others: Floats | None = None) -> Floats:
    """(p, q) sum over rows of w x x' with x' = m' maps, or of w x v' with v' = m' others."""
    second = maps if others is None else others
    out = np.zeros((maps.shape[2], second.shape[2]))
    width = max(1, _PIECE // max(1, maps.shape[1] * maps.shape[2]))
    for first in range(0, len(maps), width):
        rows = slice(first, first + width)
        inner = np.matmul(moments[rows], second[rows])
        out += maps[rows].reshape(-1, maps.shape[2]).T @ inner.reshape(-1, second.shape[2])
    return (out + out.T) / 2 if others is None else out


def gradient(maps: Floats, sums: Floats) -> Floats:
    """(p,) sum over rows of e x, from sums (R, k + 1) of e m."""
    return np.asarray(np.einsum("rkp,rk->p", maps, sums))


def predictor(maps: Floats, beta: Floats) -> Floats:
    """(R, k + 1) the linear predictor of each pattern as a map of m."""
    return np.asarray(maps @ beta)


def constant_columns(maps: Floats) -> np.ndarray:
    """(k + 1, p) whether an entry is the same for all patterns."""
    return np.asarray((maps == maps[:1]).all(axis=0))
