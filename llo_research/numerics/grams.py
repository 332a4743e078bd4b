"""Weighted cross-products by group or unit, centred first and in blocks of rows.

A block is centred on its own means and joined to what was before by

    S = S_a + S_b + (m_b - m_a)(m_b - m_a)' w_a w_b / (w_a + w_b),

so that no square of a large mean is ever taken (Chan, T. F., Golub, G. H. and LeVeque, R. J. (1983). Algorithms for
computing the sample variance. The American Statistician, 37, 242-247).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from llo_research.numerics.groups import Codes, Floats, group_sums

# Products are held for at most this many numbers (32 MB).
_PIECE = 4_000_000


@dataclass(frozen=True, eq=False)
class Grams:
    """Cross-products of q columns in K groups.

    weight : (K,) sums of the weights. mean : (K, q) weighted means. square : (K, q, q) sum of w (c - mean)(c - mean)'.
    """

    weight: Floats
    mean: Floats
    square: Floats

    def joined(self, other: Grams) -> Grams:
        """Those of the rows of both, group by group."""
        weight = self.weight + other.weight
        share = np.divide(other.weight, weight, out=np.zeros_like(weight), where=weight != 0)
        step = other.mean - self.mean
        apart = step[:, :, None] * step[:, None, :] * (self.weight * share)[:, None, None]
        return Grams(weight, self.mean + step * share[:, None], self.square + other.square + apart)

    def raw(self) -> Floats:
        """(K, q, q) sums of w c c', about zero."""
        return self.square + self.weight[:, None, None] * self.mean[:, :, None] * self.mean[:, None, :]


def grams_of(columns: Floats, weights: Floats, codes: Codes | None = None, number: int = 1) -> Grams:
    """Cross-products of columns (n, q) by group, of rows in pieces; code ``number`` is in no group."""
    q, own = columns.shape[1], np.zeros(len(columns), dtype=np.intp) if codes is None else codes
    total = Grams(np.zeros(number), np.zeros((number, q)), np.zeros((number, q, q)))
    length = max(1, _PIECE // max(q * (q + 1) // 2, 1))
    order = np.argsort(own, kind="stable") if codes is not None else np.arange(len(own))
    for start in range(0, len(own), length):
        rows = order[start : start + length]
        total = total.joined(_of_piece(columns[rows], weights[rows], own[rows], number))
    return total


def _of_piece(columns: Floats, weights: Floats, codes: Codes, number: int) -> Grams:
    """Cross-products of rows that are ordered by group."""
    q = columns.shape[1]
    weight = group_sums(codes, weights, number)
    sums = group_sums(codes, columns * weights[:, None], number)
    mean = np.divide(sums, weight[:, None], out=np.zeros_like(sums), where=weight[:, None] != 0)
    centred = columns - np.vstack([mean, np.zeros((1, q))])[codes]
    if len(codes) < 8 * number:
        first, second = np.triu_indices(q)
        products = centred[:, first] * (centred[:, second] * weights[:, None])
        return Grams(weight, mean, squared(group_sums(codes, products, number), q))
    square, ends = np.zeros((number, q, q)), np.searchsorted(codes, np.arange(number + 1))
    for group, (a, b) in enumerate(pairwise(ends)):
        square[group] = (centred[a:b] * weights[a:b, None]).T @ centred[a:b]
    return Grams(weight, mean, square)


def squared(upper: Floats, q: int) -> Floats:
    """(..., q, q) symmetric matrices from their upper triangles (..., q (q + 1) / 2), row by row."""
    first, second = np.triu_indices(q)
    out = np.empty((*upper.shape[:-1], q, q))
    out[..., first, second] = out[..., second, first] = upper
    return out
