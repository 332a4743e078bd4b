"""Weighted least squares of transformed rows: coefficients, scores and the map between them, from centred Grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from llo_research.errors import IdentificationError
from llo_research.numerics.calibration import independent_columns
from llo_research.numerics.groups import Floats

INTERCEPT = "Intercept"
# A column of which effects leave less than this share of its spread is carried by them: what is left is rounding.
_ABSORBED = 1e-9
# The same for columns of large numbers that hardly vary, as years, on the scale of the numbers.
_ROUNDING = 1e-13
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
    total : sum w y^2 of the transformed rows, around their mean where there is a constant.
    explained : 1 - sum w e^2 / total.
    products : (p + 1, p + 1) cross-products of [x, y], transformed; None of models that keep their rows.
    """

    coefficients: Floats
    inverse: Floats
    scores: Floats
    residuals: Floats
    rank: int
    variance: float
    total: float
    explained: float
    products: Floats | None = None

    @property
    def influence(self) -> Floats:
        """(m, p) w times the derivative of the coefficients in w."""
        return np.asarray(self.scores @ self.inverse)


def least_squares(x: Floats, y: Floats, weights: Floats, names: Sequence[str], *, taken: int = 0) -> Solution:
    """Minimise sum w (y - x'b)^2.

    Parameters
    ----------
    x : (m, p) columns, transformed and independent
    y : (m,)
    weights : (m,) not negative
    names : (p,) for messages; with a constant among them `explained` is counted around the mean
    taken : degrees of freedom that effects took
    """
    weighted = weights[:, None] * x
    gram = weighted.T @ x
    check_independent(gram, names)
    cross = weighted.T @ y
    coefficients, inverse = _solved(gram, cross, x, y, weights)
    residuals = y - x @ coefficients
    coefficients = coefficients + inverse @ (weighted.T @ residuals)
    residuals = y - x @ coefficients
    weighted *= residuals[:, None]
    rank = x.shape[1] + taken
    centre = float(weights @ y / weights.sum()) if INTERCEPT in names else 0.0
    left, total = float(weights @ residuals**2), float(weights @ (y - centre) ** 2)
    used = int((weights > 0).sum())
    variance = left / (used - rank) if used > rank else np.nan
    explained = 1 - left / total if total > 0 else np.nan
    products = np.block([[gram, cross[:, None]], [cross, weights @ y**2]])
    return Solution(coefficients, inverse, weighted, residuals, rank, variance, total, explained, products)


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


def check_absorbed(x: Floats, left: Floats, weights: Floats, names: Sequence[str], effects: Sequence[str]) -> None:
    """Every column still varies after the effects are taken out."""
    gone = np.array([_carried(x[:, j], left[:, j], weights) for j in range(x.shape[1])], dtype=bool)
    if gone.any():
        named = [name for name, own in zip(names, gone, strict=True) if own]
        raise IdentificationError(
            f"{named[0]!r} does not vary within {' and '.join(effects)}: the effects carry it.",
            where=f"term {', '.join(repr(name) for name in named)}",
            found=f"nothing is left of its spread once the effects of {', '.join(effects)} are out",
            expected="regressors that change within a unit (and differently between units, with effects of time)",
            todo="leave it out, or take llo.panel.hybrid or llo.panel.mundlak, which keep what does not change",
        )


def _carried(x: Floats, left: Floats, weights: Floats) -> bool:
    """Whether nothing but rounding is left of a column."""
    spread = float(weights @ (x - weights @ x / weights.sum()) ** 2)
    remains, size = float(weights @ left**2), float(weights @ x**2)
    return remains <= _ABSORBED**2 * spread or remains <= _ROUNDING**2 * size
