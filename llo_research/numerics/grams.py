"""Weighted cross-products by group or unit, centred first and in blocks of rows; least squares from them.

A block is centred on its own means and joined to what was before by

    S = S_a + S_b + (m_b - m_a)(m_b - m_a)' w_a w_b / (w_a + w_b),

so that no square of a large mean is ever taken (Chan, T. F., Golub, G. H. and LeVeque, R. J. (1983). Algorithms for
computing the sample variance. The American Statistician, 37, 242-247). Normal equations square the condition number:
beyond `LARGEST` the triangular factor of the rows is made instead, block by block, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import linalg

from llo_research.numerics.groups import Codes, Floats, group_sums

# Condition number of the columns (each of length 1) up to which normal equations are solved: they lose its square, so
# that of sixteen digits ten are left.
LARGEST = 1e3
# A column counts as dependent on those before it when less than this share of its length is its own.
DEPENDENT = 1e-10
# A column takes part in a dependence when its share in it is at least this much of the largest.
_PART = 1e-6
# Products are held for at most this many numbers (32 MB).
_PIECE = 4_000_000

Block = tuple[Floats, Floats, Floats]


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

    def by(self, codes: Codes, number: int) -> Grams:
        """Those of groups of groups: `codes` (K,) says where each belongs, `number` for none."""
        k, q = self.mean.shape
        weight = group_sums(codes, self.weight, number)
        sums = group_sums(codes, self.weight[:, None] * self.mean, number)
        mean = np.divide(sums, weight[:, None], out=np.zeros_like(sums), where=weight[:, None] != 0)
        step = self.mean - np.vstack([mean, np.zeros((1, q))])[codes]
        apart = self.square + self.weight[:, None, None] * step[:, :, None] * step[:, None, :]
        return Grams(weight, mean, group_sums(codes, apart.reshape(k, q * q), number).reshape(number, q, q))

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


@dataclass(frozen=True)
class Dependence:
    """A column that others give: its position, those of the others, and column = sum of coefficients times others."""

    column: int
    others: tuple[int, ...]
    coefficients: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """A weighted least-squares fit.

    coefficients : (p,) nan where columns are dependent. condition : of the columns, each of length 1 (about their means
    where there is an intercept). route : "gram", or "qr" where the condition number asked for it. rank : number of
    independent columns. dependences : the columns that others give; position -1 is the intercept.
    intercept : nan without one. residual : weighted sum of squared residuals.
    """

    coefficients: Floats
    condition: float
    route: str
    rank: int
    dependences: tuple[Dependence, ...]
    intercept: float
    residual: float


def least_squares(blocks: Callable[[], Iterable[Block]], *, intercept: bool = False) -> LeastSquares:
    """Fit y on x with weights, from blocks of rows.

    blocks : called for the rows (once, or twice where they are ill-conditioned): blocks (x (m, p), y (m,), w (m,)).
    intercept : add one, and take all columns from their means.
    """
    total: Grams | None = None
    for x, y, w in blocks():
        own = grams_of(np.column_stack([x, y]), w)
        total = own if total is None else total.joined(own)
    if total is None:
        raise ValueError("no rows")
    square = total.square[0] if intercept else total.raw()[0]
    mean = total.mean[0] if intercept else np.zeros(len(square))
    p = len(square) - 1
    length = np.sqrt(np.diag(square)[:p])
    # a column that does not vary has what rounding leaves of its mean
    size = np.sqrt(np.diag(total.raw()[0])[:p])
    if (length > DEPENDENT * size).all():
        scaled = square[:p, :p] / np.outer(length, length)
        values = np.linalg.eigvalsh(scaled) if p else np.ones(1)
        condition = float(np.sqrt(values[-1] / values[0])) if values[0] > 0 else np.inf
        if condition <= LARGEST:
            beta = np.linalg.solve(scaled, square[:p, p] / length) / length
            residual = square[p, p] - 2 * beta @ square[:p, p] + beta @ square[:p, :p] @ beta
            return LeastSquares(
                beta, condition, "gram", p, (), _intercept(mean, beta, intercept), max(float(residual), 0.0)
            )
    return _by_factor(_factor(blocks(), mean), mean, size, intercept)


def _intercept(mean: Floats, beta: Floats, wanted: bool) -> float:
    """The intercept of a centred fit."""
    return float(mean[-1] - mean[:-1] @ beta) if wanted else float("nan")


def _factor(blocks: Iterable[Block], mean: Floats) -> Floats:
    """The triangular factor of all rows less their means, times roots of the weights, block by block."""
    width = len(mean)
    out = np.zeros((0, width))
    for x, y, w in blocks:
        columns = (np.column_stack([x, y]) - mean) * np.sqrt(w)[:, None]
        for start in range(0, len(columns), max(width, _PIECE // width)):
            piece = columns[start : start + max(width, _PIECE // width)]
            out = np.asarray(np.linalg.qr(np.vstack([out, piece]), mode="r"))
    return out


def _by_factor(factor: Floats, mean: Floats, size: Floats, intercept: bool) -> LeastSquares:
    """The fit from the triangular factor."""
    p = len(mean) - 1
    x, y = factor[:, :p], factor[:, p]
    own = np.sqrt((x**2).sum(axis=0))
    constant = own <= DEPENDENT * size
    length = np.where(constant, 1.0, own)
    scaled = np.where(constant, 0.0, x / length)
    dependences = dependences_of(scaled)
    found = tuple(_unscaled(d, length, bool(constant[d.column]), mean, intercept) for d in dependences)
    if found:
        nothing = np.full(p, np.nan)
        return LeastSquares(nothing, np.inf, "qr", p - len(found), found, float("nan"), float("nan"))
    beta, _, _, singular = np.linalg.lstsq(scaled, y, rcond=None)
    left = float(((y - scaled @ beta) ** 2).sum())
    beta = beta / length
    condition = float(singular[0] / singular[-1])
    return LeastSquares(beta, condition, "qr", p, (), _intercept(mean, beta, intercept), left)


def _unscaled(found: Dependence, length: Floats, constant: bool, mean: Floats, intercept: bool) -> Dependence:
    """A dependence of the columns as they were given; a column that does not vary is the intercept's."""
    if constant:
        return Dependence(found.column, (-1,), (float(mean[found.column]),)) if intercept else found
    turned = [c * length[found.column] / length[j] for j, c in zip(found.others, found.coefficients, strict=True)]
    return Dependence(found.column, found.others, tuple(float(c) for c in turned))


def dependences_of(columns: Floats) -> tuple[Dependence, ...]:
    """Which columns (m, p) of length 1 (or 0) those before them give: of two equal ones the later is named."""
    p = columns.shape[1]
    kept: list[int] = []
    found: list[Dependence] = []
    basis = np.zeros((len(columns), 0))
    for j in range(p):
        left = columns[:, j]
        for _ in range(2):  # once more, against rounding
            left = left - basis @ (basis.T @ left)
        size = float(np.linalg.norm(left))
        if size > DEPENDENT:
            basis = np.column_stack([basis, left / size])
            kept.append(j)
            continue
        shares = linalg.lstsq(columns[:, kept], columns[:, j])[0] if kept else np.zeros(0)
        part = np.flatnonzero(np.abs(shares) > _PART * np.abs(shares).max(initial=0.0))
        found.append(Dependence(j, tuple(kept[i] for i in part), tuple(float(shares[i]) for i in part)))
    return tuple(found)


def in_blocks(x: Floats, y: Floats, weights: Floats, length: int = 100_000) -> Callable[[], Iterable[Block]]:
    """Arrays as blocks of rows."""
    starts = range(0, max(len(x), 1), length)
    return lambda: ((x[i : i + length], y[i : i + length], weights[i : i + length]) for i in starts)
