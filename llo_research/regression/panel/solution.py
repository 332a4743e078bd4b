"""Weighted least squares of transformed rows: coefficients, scores and the map between them, from centred Grams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from llo_research.errors import IdentificationError
from llo_research.numerics.groups import Floats
from llo_research.numerics.rank import independent_columns

INTERCEPT = "Intercept"
# A column of which effects leave less than this share of its spread is carried by them: what is left is rounding.
_ABSORBED = 1e-9
# The same for columns of large numbers that hardly vary, as years, on the scale of the numbers.
_ROUNDING = 1e-13
# Rows are multiplied in pieces of so many numbers (1 MB).
_PIECE = 131_072
# From this loss of digits on, the system is solved by QR of the rows and not from its Gram matrix.
_ILL = 1e-10


@dataclass(frozen=True, eq=False)
class Solution:
    """Coefficients of m rows, and what their influence is made of.

    coefficients : (p,)
    inverse : (p, p) of X'WX. scores : (m, p) w e x of each row; the influence of a row is its score times the inverse.
    residuals : (m,) e.
    rank : degrees of freedom that coefficients and effects took.
    variance : sum w e^2 / (m - rank), that of an error if all are alike.
    explained : 1 - sum w e^2 / sum w y^2 of the transformed rows, around their mean where there is a constant.
    products : (p + 1, p + 1) cross-products of [x, y], transformed; None of models that keep their rows.
    """

    coefficients: Floats
    inverse: Floats
    scores: Floats
    residuals: Floats
    rank: int
    variance: float
    explained: float
    products: Floats | None = None

    @property
    def influence(self) -> Floats:
        """(m, p) w times the derivative of the coefficients in w."""
        return np.asarray(self.scores @ self.inverse)


def least_squares(
    x: Floats,
    y: Floats,
    weights: Floats,
    names: Sequence[str],
    *,
    taken: int = 0,
    overwrite: bool = False,
    products: Floats | None = None,
) -> Solution:
    """Minimise sum w (y - x'b)^2.

    Parameters
    ----------
    x : (m, p) columns, transformed and independent
    y : (m,)
    weights : (m,) not negative
    names : (p,) for messages; with a constant among them `explained` is counted around the mean
    taken : degrees of freedom that effects took
    overwrite : whether x may become the scores
    products : their :func:`cross_products`, where these are known
    """
    products = cross_products(x, y, weights) if products is None else products
    gram, cross = products[:-1, :-1], products[:-1, -1]
    check_independent(gram, names)
    coefficients, inverse = _solved(gram, cross, x, y, weights)
    scores = x if overwrite else x.copy()
    coefficients, residuals = _scored(scores, y, weights, coefficients, inverse)
    rank = x.shape[1] + taken
    left, total = float(weights @ residuals**2), float(products[-1, -1])
    if INTERCEPT in names:
        total = float(weights @ (y - weights @ y / weights.sum()) ** 2)
    used = int((weights > 0).sum())
    _check_rows(used, rank, taken)
    variance = left / (used - rank)
    explained = 1 - left / total if total > 0 else np.nan
    return Solution(coefficients, inverse, scores, residuals, rank, variance, explained, products)


def _check_rows(used: int, rank: int, taken: int) -> None:
    """More rows than coefficients, effects among them."""
    if used <= rank:
        raise IdentificationError(
            "There are as many coefficients as rows: the model fits whatever was found.",
            where="the model",
            found=f"{used} rows, {rank} coefficients" + (f" ({taken} of them effects)" if taken else ""),
            expected="more rows than coefficients",
            todo="leave terms out, or widen the domain",
        )


def _scored(x: Floats, y: Floats, weights: Floats, coefficients: Floats, inverse: Floats) -> tuple[Floats, Floats]:
    """Coefficients after a step that takes off what rounding left, and residuals; x (m, p) becomes the scores."""
    residuals, gradient = np.empty(len(y)), np.zeros(x.shape[1])
    for rows in _pieces(x):
        residuals[rows] = y[rows] - x[rows] @ coefficients
        gradient += (weights[rows] * residuals[rows]) @ x[rows]
    step = inverse @ gradient
    for rows in _pieces(x):
        residuals[rows] -= x[rows] @ step
        x[rows] *= (weights[rows] * residuals[rows])[:, None]
    return coefficients + step, residuals


def _pieces(x: Floats) -> Iterator[slice]:
    """Consecutive rows, a piece at a time."""
    length = max(1, _PIECE // max(1, x.shape[1]))
    return (slice(first, first + length) for first in range(0, len(x), length))


def cross_products(x: Floats, y: Floats, weights: Floats) -> Floats:
    """(p + 1, p + 1) sums of w c c' for the columns of [x, y], in pieces of rows."""
    p = x.shape[1]
    out = np.zeros((p + 1, p + 1))
    for rows in _pieces(x):
        part = np.column_stack([x[rows], y[rows]])
        out += (part * weights[rows, None]).T @ part
    return (out + out.T) / 2


def _solved(gram: Floats, cross: Floats, x: Floats, y: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Coefficients and inverse by Cholesky of the scaled Gram matrix; by QR of the rows where that loses digits."""
    length = np.sqrt(np.diag(gram))
    scaled = gram / np.outer(length, length)
    if np.linalg.eigvalsh(scaled)[0] > _ILL:
        factor = linalg.cho_factor(scaled, lower=True)
        inverse = linalg.cho_solve(factor, np.eye(len(gram)))
        return linalg.cho_solve(factor, cross / length) / length, inverse / np.outer(length, length)
    root = np.sqrt(weights)
    q, r = np.linalg.qr(root[:, None] * x / length)
    back = linalg.solve_triangular(r, np.eye(len(r)))
    return (back @ (q.T @ (root * y))) / length, (back @ back.T) / np.outer(length, length)


def check_independent(gram: Floats, names: Sequence[str]) -> None:
    """No column that is a combination of earlier ones."""
    found = independent_columns(gram)
    if found.kept.all():
        return
    kept = [name for name, own in zip(names, found.kept, strict=True) if own]
    lost = [name for name, own in zip(names, found.kept, strict=True) if not own]
    shares = found.combination[:, 0] if found.combination.size else np.zeros(0)
    told = " + ".join(f"{share:.4g} {name}" for share, name in zip(shares, kept, strict=False) if share)
    raise IdentificationError(
        f"{lost[0]!r} is a combination of other terms.",
        where=f"term {', '.join(repr(name) for name in lost)}",
        found=f"{lost[0]} = {told}" if told else f"{lost[0]} does not vary",
        todo="leave it out; of categories that say the same, one",
    )


def check_absorbed(remains: Floats, spread: Floats, size: Floats, names: Sequence[str], effects: Sequence[str]) -> None:
    """Every column still varies after the effects are taken out.

    remains, spread, size : (p,) sums of squares after the effects, around the mean before them, and around 0.
    """
    gone = (remains <= _ABSORBED**2 * spread) | (remains <= _ROUNDING**2 * size)
    if gone.any():
        named = [name for name, own in zip(names, gone, strict=True) if own]
        raise IdentificationError(
            f"{named[0]!r} does not vary within {' and '.join(effects)}: the effects carry it.",
            where=f"term {', '.join(repr(name) for name in named)}",
            found=f"nothing is left of its spread once the effects of {', '.join(effects)} are out",
            expected="regressors that change within a unit (and differently between units, with effects of time)",
            todo="leave it out, or take llo.panel.hybrid or llo.panel.mundlak, which keep what does not change",
        )


def squares(columns: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """(p,) sums of w (v - mean)^2 and of w v^2."""
    size = np.array([float(weights @ columns[:, j] ** 2) for j in range(columns.shape[1])])
    centred = [columns[:, j] - weights @ columns[:, j] / weights.sum() for j in range(columns.shape[1])]
    return np.array([float(weights @ own**2) for own in centred]), size
