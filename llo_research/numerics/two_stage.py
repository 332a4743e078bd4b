"""Two-stage least squares of columns from which effects were taken out: coefficients and their influence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Codes, Floats


@dataclass(frozen=True, eq=False)
class TwoStage:
    """What was found for m rows, p regressors and q instruments (the exogenous regressors among both).

    coefficients : (p,). inverse : (p, p) of D'W D^, D^ the fitted regressors. residuals : (m,).
    scores : (m, p) such that scores times inverse are w times the derivative in w. textbook : (m, p) w e d^, which
    leaves out that the first stage is estimated: the same where there are no more instruments than regressors.
    first : (q, p) coefficients of the first stage. inverse_square : (q, q) of the instruments.
    """

    coefficients: Floats
    inverse: Floats
    residuals: Floats
    scores: Floats
    textbook: Floats
    first: Floats
    inverse_square: Floats


def two_stage(y: Floats, d: Floats, z: Floats, weights: Floats) -> TwoStage:
    """b solves D^'W (y - D b) = 0, D^ = Z (Z'WZ)^-1 Z'W D.

    y : (m,). d : (m, p). z : (m, q). The derivative has, beside w e d^, the part w (d - d^) z'(Z'WZ)^-1 Z'W e through
    the first stage (Lee, S. (2018). A consistent variance estimator for 2SLS when instruments identify different LATEs.
    Journal of Business and Economic Statistics, 36, 400-410).
    """
    weighted = z * weights[:, None]
    inverse_square = inverted(weighted.T @ z)
    first = inverse_square @ (weighted.T @ d)
    fitted = z @ first
    inverse = inverted((fitted * weights[:, None]).T @ fitted)
    beta = inverse @ ((fitted * weights[:, None]).T @ y)
    residuals = y - d @ beta
    textbook = fitted * (weights * residuals)[:, None]
    step = inverse @ textbook.sum(axis=0)  # what rounding left
    beta, residuals = beta + step, residuals - d @ step
    textbook = fitted * (weights * residuals)[:, None]
    along = z @ (inverse_square @ (weighted.T @ residuals))
    return TwoStage(
        beta, inverse, residuals, textbook + (d - fitted) * (weights * along)[:, None], textbook, first, inverse_square
    )


def inverted(square: Floats) -> Floats:
    """Inverse of a positive definite matrix, scaled to a unit diagonal first."""
    length = np.sqrt(np.diag(square))
    scaled = np.linalg.inv(square / np.outer(length, length))
    return np.asarray((scaled + scaled.T) / 2 / np.outer(length, length))


def coefficients(squares: Floats, columns: Codes, response: int) -> Floats:
    """(R, q) least squares of a response on some columns, from cross-products (R, c, c); nan where singular."""
    left, right = squares[:, columns[:, None], columns], squares[:, columns, response]
    out = np.full(right.shape, np.nan)
    sound = _sound(left)
    out[sound] = np.linalg.solve(left[sound], right[sound][:, :, None])[:, :, 0]
    return out


def _sound(squares: Floats) -> np.ndarray:
    """(R,) cross-products (R, q, q) that can be inverted."""
    length = np.sqrt(np.maximum(np.einsum("rii->ri", squares), 0.0))
    sound = (length > 0).all(axis=1) & np.isfinite(squares).all(axis=(1, 2))
    scaled = squares[sound] / length[sound][:, :, None] / length[sound][:, None, :]
    sound[sound] = np.linalg.eigvalsh(scaled)[:, 0] > 1e-13
    return np.asarray(sound)


def from_squares(squares: Floats, regressors: Codes, instruments: Codes, response: int) -> tuple[Floats, Floats]:
    """From cross-products (R, c, c) of all columns: (R, p, p) D'W D^ and (R, p) D^'W y; nan where singular."""
    p = len(regressors)
    a = squares[:, instruments[:, None], instruments]
    right = squares[:, instruments[:, None], np.append(regressors, response)]
    left, solved = np.full((len(squares), p, p), np.nan), np.full((len(squares), p), np.nan)
    sound = _sound(a)
    halves = np.linalg.solve(a[sound], right[sound])
    products = right[sound].transpose(0, 2, 1) @ halves
    left[sound], solved[sound] = products[:, :p, :p], products[:, :p, p]
    return left, solved
