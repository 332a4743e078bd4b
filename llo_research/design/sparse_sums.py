"""Products of deviations of unit sums, where a unit touches few of many columns: by sparse matrices.

With Z the unit sums (U x m, sparse), R the roots of the factors, P the indicators of the strata (U x H),
zbar = P'Z / n_h and Q the products that the stage takes (the identity; over waves, all pairs of one unit),

    (Z - P zbar)' R Q R (Z - P zbar) = Z'RQRZ - zbar' (C - K zbar / 2) - (C - K zbar / 2)' zbar,

C = P'RQRZ and K = P'RQRP: nothing of the size U x m is held.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from llo_research.design.scores import Block, cell_columns
from llo_research.design.stages import Stage
from llo_research.numerics.groups import Codes, Floats

# Stratum means with at most this share of numbers that are not 0 are multiplied as sparse ones.
_SHARE = 1 / 8


def unit_scores(blocks: tuple[Block, ...], stage: Stage) -> sparse.csr_array:
    """Sums of scores by unit (U x m)."""
    n = len(stage.stratum)
    return cell_columns(blocks, slice(None), np.arange(n) if stage.unit is None else stage.unit, stage.n_units)


def multiplications(z: sparse.csr_array, stage: Stage) -> float:
    """How many products of two numbers the sparse route takes, about."""
    touched = np.diff(z.indptr).astype(np.float64)
    if stage.occasions is not None:
        touched = np.bincount(stage.occasions.who, weights=touched)
    return float(touched @ touched)


def from_sparse_sums(z: sparse.csr_array, stage: Stage) -> tuple[Floats, Floats]:
    """The products (m x m), and what their diagonal is left of (m,)."""
    stratum = stage.stratum_of_units
    root = stage.root[stratum]
    indicators = _indicators(stratum, len(stage.units_per_stratum))
    n_h = sparse.diags_array(1 / stage.units_per_stratum)
    means = sparse.csr_array(n_h @ (indicators.T @ z))
    scale = sparse.diags_array(root)
    scores, strata = sparse.csr_array(scale @ z), sparse.csr_array(scale @ indicators)
    own = stage.form(scores, scores)
    across, between = stage.form(strata, scores), stage.form(strata, strata)
    half = _product(means.T, across - between @ means / 2)
    size = own.diagonal()
    out = own.toarray()
    out -= half
    out -= half.T
    return out, size


def _indicators(stratum: Codes, number: int) -> sparse.csr_array:
    """(U, H) which stratum each unit lies in."""
    n = len(stratum)
    return sparse.csr_array((np.ones(n), stratum, np.arange(n + 1)), shape=(n, number))


def _product(left: Any, right: Any) -> Floats:
    """left @ right as an array, of sparse matrices that may be full."""
    if right.nnz > _SHARE * right.shape[0] * right.shape[1]:
        return np.asarray(left.toarray() @ right.toarray())
    return np.asarray((left @ right).toarray())
