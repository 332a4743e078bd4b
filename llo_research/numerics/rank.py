"""Which columns carry a matrix: combinations of earlier columns by name, and the rank alone, each from a Gram matrix.

Columns are scaled to length one first, so that no unit of measurement decides. A column counts as a combination of
others when the part of it that is its own is shorter than 1e-6 of it (auxiliaries, measured) or than 1e-5 (replicate
weights, which files hold with few digits).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Floats

# A column of auxiliaries of which less than this share (of its square) is its own is a combination of the others.
_COLLINEAR = 1e-12
# A column takes no part in a combination below this share of the combined column's length.
_NO_SHARE = 1e-10
# A replicate column counts as linearly dependent below this share of its own length (as R's qr in degf).
_RANK_TOLERANCE = 1e-5
# Cholesky factors with a smaller diagonal are looked at again with pivoting.
_SURELY_FULL = 10 * _RANK_TOLERANCE


@dataclass(frozen=True)
class Independence:
    """Which columns of a cross-product matrix carry it.

    kept : (p,) mask of columns that are not combinations of those before them
    combination : (kept, dropped) how the others follow from them
    """

    kept: np.ndarray
    combination: Floats


def independent_columns(gram: Floats) -> Independence:
    """Find the columns that are combinations of earlier ones, from X'WX (p x p), by Gram-Schmidt on it."""
    p = len(gram)
    length = np.sqrt(np.maximum(np.diag(gram), 0))
    safe = np.where(length > 0, length, 1.0)
    scaled = gram / np.outer(safe, safe)
    factor = np.zeros((p, p))
    kept = np.zeros(p, dtype=bool)
    for j in range(p):
        row = scaled[j] - factor[:j][kept[:j]].T @ factor[:j][kept[:j], j]
        if length[j] > 0 and row[j] > _COLLINEAR:
            kept[j] = True
            factor[j] = row / np.sqrt(row[j])
    if kept.all() or not kept.any():
        return Independence(kept, np.zeros((int(kept.sum()), p - int(kept.sum()))))
    combination = np.linalg.solve(scaled[np.ix_(kept, kept)], scaled[np.ix_(kept, ~kept)])
    combination[np.abs(combination) < _NO_SHARE] = 0.0
    return Independence(kept, combination * safe[~kept] / safe[kept][:, None])


def matrix_rank(columns: Floats) -> int:
    """Rank of an n x R matrix by Cholesky of its smaller Gram matrix, scaled to a diagonal of ones; else pivoted."""
    if len(columns) < columns.shape[1]:
        columns = columns.T
    length = np.sqrt(np.einsum("ij,ij->j", columns, columns))
    kept = length > 0
    gram = (columns.T @ columns)[np.ix_(kept, kept)] / np.outer(length[kept], length[kept])
    try:
        if (np.diag(np.linalg.cholesky(gram)) > _SURELY_FULL).all():
            return len(gram)
    except np.linalg.LinAlgError:
        pass
    return _pivoted_rank(gram)


def _pivoted_rank(gram: Floats) -> int:
    """Rank of a Gram matrix with a diagonal of ones by pivoted Cholesky."""
    left = np.diag(gram).copy()
    rank = 0
    factor = np.zeros_like(gram)
    while rank < len(gram) and left.max(initial=0.0) > _RANK_TOLERANCE**2:
        pivot = int(left.argmax())
        row = (gram[pivot] - factor[:rank].T @ factor[:rank, pivot]) / np.sqrt(left[pivot])
        factor[rank] = row
        left = np.maximum(left - row**2, 0.0)
        left[pivot] = 0.0
        rank += 1
    return rank
