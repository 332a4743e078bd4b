"""Products of scores of elements: rows are units, so that moments by cell and sums by stratum are enough.

sum_h s_h sum_i (z_i - zbar_h)(z_i - zbar_h)' = sum_i s z_i z_i' - sum_h (s_h / n_h) S_h S_h', S_h the stratum sums.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import sparse

from llo_research.design.scores import Block
from llo_research.design.stages import Stage
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.multiples import Multiples

# Up to so many columns in a cell, rows are walked for each pair of them; more are multiplied cell by cell.
FEW_COLUMNS = 3
# Stratum sums with at most this share of numbers that are not 0, and so many columns, are multiplied as sparse ones.
_SHARE, _MANY_COLUMNS = 1 / 8, 64


def stratum_sums(blocks: tuple[Block, ...], stage: Stage) -> Floats:
    """Sums of scores by stratum: H x m, block after block."""
    n_strata = len(stage.units_per_stratum)
    parts = []
    for block in blocks:
        n_cells, p = block.n_cells, block.values.shape[1]
        sums = block.sums(_by_stratum(block, stage), n_strata * (n_cells + 1))
        parts.append(sums.reshape(n_strata, n_cells + 1, p)[:, :n_cells].reshape(n_strata, n_cells * p))
    return parts[0] if len(parts) == 1 else np.hstack(parts)


def from_pairs(blocks: tuple[Block, ...], stage: Stage) -> tuple[Floats, Floats]:
    """Products of pairs of blocks less those of the stratum sums (m x m); and the first alone (its diagonal, m)."""
    out = _less_means(stratum_sums(blocks, stage), stage)
    ends = np.cumsum([0, *(block.size for block in blocks)])
    places = [slice(first, last) for first, last in pairwise(ends)]
    size, of_row = np.zeros(int(ends[-1])), stage.scale[stage.stratum]
    for a, (one, here) in enumerate(zip(blocks, places, strict=True)):
        own = _in_cells(one, one, of_row)
        size[here] = np.einsum("cii->ci", own).ravel()
        _add_cells(out[here, here], own)
        for other, there in zip(blocks[a + 1 :], places[a + 1 :], strict=True):
            if one.codes is other.codes:
                products = _in_cells(one, other, of_row)
                _add_cells(out[here, there], products)
                _add_cells(out[there, here], products.transpose(0, 2, 1))
            else:
                across = pair_sums(one, other, of_row)
                out[here, there] += across
                out[there, here] += across.T
    return out, size


def from_centred_moments(block: Block, stage: Stage) -> Floats:
    """The same (m x m) from deviations around the stratum-by-cell means, without cancellation.

    Different cells share no row, so that their products are -S_c S_c' / n_h, exact as they stand.
    """
    n_strata, n_cells, p = len(stage.units_per_stratum), block.n_cells, block.values.shape[1]
    n_h, both, sums = stage.units_per_stratum, _by_stratum(block, stage), stratum_sums((block,), stage)
    counts = np.bincount(both, minlength=n_strata * (n_cells + 1)).reshape(n_strata, -1)[:, :n_cells]
    cell_sums = sums.reshape(n_strata, n_cells, p)
    means = np.divide(cell_sums, counts[:, :, None], out=np.zeros_like(cell_sums), where=counts[:, :, None] > 0)
    padded = np.concatenate([means, np.zeros((n_strata, 1, p))], axis=1).reshape(-1, p)
    centred = Block(block.codes, block.values[:] - padded[both], n_cells)
    outside = stage.scale[:, None] * counts * (1 - counts / n_h[:, None])
    own = _in_cells(centred, centred, stage.scale[stage.stratum])
    own += (means * outside[:, :, None]).transpose(1, 2, 0) @ means.transpose(1, 0, 2)
    out = _less_means(sums, stage)
    cells = np.arange(n_cells * p).reshape(n_cells, p)
    out[cells[:, :, None], cells[:, None, :]] = own
    return out


def pair_sums(one: Block, other: Block, weights: Floats) -> Floats:
    """Sums over the rows of weights z z' for the scores of two blocks: one.size x other.size."""
    p, q = one.values.shape[1], other.values.shape[1]
    if one.codes is other.codes or one.n_cells == other.n_cells == 1:
        out = np.zeros((one.size, other.size))
        _add_cells(out, _in_cells(one, other, weights))
        return out
    if p > q:
        return pair_sums(other, one, weights).T
    both = one.codes * (other.n_cells + 1) + other.codes
    shape = (one.n_cells + 1, other.n_cells + 1, q)
    table, own = np.zeros((one.n_cells, p, other.n_cells, q)), one.values[:]
    for j in range(p):
        sums = other.sums(both, shape[0] * shape[1], weights * own[:, j]).reshape(shape)
        table[:, j] = sums[: one.n_cells, : other.n_cells]
    return table.reshape(one.size, other.size)


def _in_cells(one: Block, other: Block, weights: Floats) -> Floats:
    """(n_cells, p, q) sums of weights z z' within each cell, of two blocks with the same cells (or one cell each)."""
    p, q = one.values.shape[1], other.values.shape[1]
    if one is other and isinstance(one.values, Multiples):
        owners = one.values.owners(one.codes, one.n_cells)
        if owners is not None:
            few = Block(owners, one.values.table, one.n_cells)
            return _in_cells(few, few, one.values.squares(weights))
    if one.n_cells == other.n_cells == 1:
        inside = (one.codes < 1) & (other.codes < 1)
        kept = slice(None) if inside.all() else np.flatnonzero(inside)
        return np.asarray((one.values[kept] * weights[kept, None]).T @ other.values[kept])[None]
    out = np.empty((one.n_cells, p, q))
    if min(p, q) > FEW_COLUMNS:
        order = np.argsort(one.codes, kind="stable")
        ends = np.searchsorted(one.codes[order], np.arange(one.n_cells + 1))
        for cell, (first, last) in enumerate(pairwise(ends)):
            rows = order[first:last]
            out[cell] = (one.values[rows] * weights[rows, None]).T @ other.values[rows]
    elif p > q:
        out[:] = _in_cells(other, one, weights).transpose(0, 2, 1)
    else:
        own = one.values[:]
        for j in range(p):
            out[:, j] = other.sums(one.codes, one.n_cells, weights * own[:, j])
    return out


def _add_cells(table: Floats, own: Floats) -> None:
    """Add what stands in equal cells (n_cells, p, q) to a table (n_cells p, n_cells q), in place."""
    n_cells, p, q = own.shape
    rows = np.arange(n_cells * p).reshape(n_cells, p, 1)
    table[rows, np.arange(n_cells * q).reshape(n_cells, 1, q)] += own


def _less_means(sums: Floats, stage: Stage) -> Floats:
    """-sum_h (s_h / n_h) S_h S_h' (m x m)."""
    weighted = sums * np.sqrt(stage.scale / stage.units_per_stratum)[:, None]
    if sums.shape[1] >= _MANY_COLUMNS and np.count_nonzero(weighted) <= _SHARE * weighted.size:
        few = sparse.csr_array(weighted)
        return np.asarray(-(few.T @ few).toarray())
    out = weighted.T @ weighted
    np.negative(out, out=out)
    return np.asarray(out)


def _by_stratum(block: Block, stage: Stage) -> Codes:
    """(n,) number of each row's stratum and cell, the last cell of a stratum for rows outside."""
    return np.asarray(stage.stratum * (block.n_cells + 1) + block.codes)
