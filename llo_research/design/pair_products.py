"""Products of the deviations of units behind rows that stand for many (`pairs`), from the scores of the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from llo_research.design.scores import Block, cell_columns
from llo_research.design.stages import Stage
from llo_research.numerics.groups import Floats, group_sums


def from_rows(z: Any, stage: Stage) -> Floats:
    """The contribution (m x m) of the strata with several units, from the sums of rows z (n x m, sparse or not)."""
    pairs = stage.pairs
    assert pairs is not None
    n, n_strata = len(pairs.weights), len(stage.units_per_stratum)
    rows = sparse.csr_array((np.ones(n), (stage.stratum, np.arange(n))), shape=(n_strata, n))
    total = group_sums(stage.stratum, pairs.weights, n_strata)
    share = np.divide(pairs.weights, total[stage.stratum], out=np.zeros(n), where=pairs.weights != 0)
    sums = rows @ z
    root = stage.root
    deviation = sparse.diags_array(root[stage.stratum]) @ (z - sparse.diags_array(share) @ (rows.T @ sums))
    means = sparse.diags_array(root / stage.units_per_stratum) @ sums
    if sparse.issparse(z):
        whole = sparse.csr_array(sparse.vstack([deviation, means]))
        return np.asarray((whole.T @ (pairs.products @ whole)).toarray())
    whole = np.vstack([deviation, means])
    return np.asarray(whole.T @ (pairs.products @ whole))


def from_blocks(blocks: tuple[Block, ...], stage: Stage) -> Floats:
    """The same from blocks of scores."""
    n = len(stage.stratum)
    return from_rows(cell_columns(blocks, slice(None), np.arange(n), n), stage)
