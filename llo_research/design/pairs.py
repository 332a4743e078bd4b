"""Rows that stand for many: the products of the deviations of their units, without the units.

A row r holds the weight W_r = sum over the units u of w_ur, and all its units have z_ur = a_ur z_r, a_ur = w_ur / W_r,
as what is of weight w in a row is alike. With S_h the sum of a stratum of n_h units and weight W_h,

    z_uh - S_h / n_h = sum over the rows r of h of a_ur (z_r - W_r / W_h S_h) + b_uh S_h / n_h,
    b_uh = n_h w_uh / W_h - 1,

where b is 0 for weights that are all equal, so that nothing cancels around a mean. Sums over units of products of
deviations are therefore E'GE, with E the rows less their share of the stratum's sum, above the stratum means, and G the
sums over units of a a', a b' and b b': a sparse symmetric matrix over rows and strata, known before any estimate is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from llo_research.numerics.groups import Codes, Floats, group_sums


@dataclass(frozen=True, eq=False)
class Pairs:
    """What the kernel knows of the units behind rows that stand for many.

    products : (n + H, n + H) sparse and symmetric, G above: rows first, then strata.
    weights : (n,) W_r.
    returning : waves drawn by themselves, whose units may return; G then holds the factors of the sampling fractions,
        of a wave and between two.
    """

    products: sparse.csr_array
    weights: Floats
    returning: bool = False


def pairs_of(
    within: sparse.csr_array,
    weights: Floats,
    stratum: Codes,
    units_per_stratum: Floats,
    *,
    across: sparse.csr_array | None = None,
    both: sparse.csr_array | None = None,
    factor: Floats | None = None,
    returning: bool = False,
) -> Pairs:
    """Pairs from sums over units.

    within : (n, n) sums over units of w_ur w_us. weights : (n,) W_r. stratum : (n,) of each row.
    across : (H, n) sums of w_ur over the units that are in stratum h; None where a unit lies in one stratum.
    both : (H, H) number of the units in both strata. factor : (H, H) of the products of two strata's deviations.
    returning : as of `Pairs`.
    """
    n, n_strata = len(weights), len(units_per_stratum)
    rows = sparse.csr_array((np.ones(n), (stratum, np.arange(n))), shape=(n_strata, n))
    share = sparse.diags_array(np.divide(1.0, weights, out=np.zeros(n), where=weights != 0))
    total = group_sums(stratum, weights, n_strata)
    by_mean = sparse.diags_array(np.divide(units_per_stratum, total, out=np.zeros(n_strata), where=total > 0))
    if across is None:
        across = rows @ sparse.diags_array(weights)
    if both is None:
        both = sparse.diags_array(units_per_stratum)
    own = by_mean @ rows  # sums of rows to strata, relative to the mean weight
    inside = share @ within @ share
    of_strata = own @ within @ share - across @ share  # (H, n) sums of b a
    middle = own @ across.T
    corner = own @ within @ own.T - middle - middle.T + both
    whole = sparse.csr_array(sparse.block_array([[inside, of_strata.T], [of_strata, corner]]))
    if factor is not None:
        cells = np.concatenate([stratum, np.arange(n_strata)])
        at = sparse.coo_array(whole)
        whole = sparse.csr_array((at.data * factor[cells[at.row], cells[at.col]], (at.row, at.col)), shape=at.shape)
    return Pairs(whole, weights, returning)


def beside(parts: Sequence[tuple[Pairs, Codes, Floats]]) -> Pairs:
    """Pairs of surveys that share no unit, from those of each, the stratum (n,) of its rows and its fractions (H,)."""
    returning = any(pairs.returning for pairs, _, _ in parts)
    blocks, rows, strata, start = [], [], [], 0
    for pairs, stratum, fraction in parts:
        n, n_strata = len(stratum), len(fraction)
        left = 1 - fraction[np.concatenate([stratum, np.arange(n_strata)])]
        # where some return, the fractions are in the products of all; units of the others lie in one stratum
        own = sparse.diags_array(left) @ pairs.products if returning and not pairs.returning else pairs.products
        blocks.append(own)
        rows.append(start + np.arange(n))
        strata.append(start + n + np.arange(n_strata))
        start += n + n_strata
    order = np.concatenate([*rows, *strata])
    whole = sparse.csr_array(sparse.block_diag(blocks, format="csr"))[order][:, order]
    return Pairs(sparse.csr_array(whole), np.concatenate([pairs.weights for pairs, _, _ in parts]), returning)
