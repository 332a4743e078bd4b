"""Variance components of random effects by Swamy and Arora's moments, on unbalanced panels as Baltagi and Chang.

With one weight w_i for each unit, T_i rows, e the residuals within units and u those of the unit means,

    E sum w_i e_it^2    = s2_e [sum w_i (T_i - 1) - tr(A^-1 sum w_i^2 X~_i'X~_i)],        A = sum w_i X~_i'X~_i
    E sum w_i T_i u_i^2 = s2_u [sum w_i T_i - tr(B^-1 sum w_i^2 T_i^2 z_i z_i')]
                        + s2_e [sum w_i     - tr(B^-1 sum w_i^2 T_i z_i z_i')],           B = sum w_i T_i z_i z_i'

so that the components are unbiased under the model whatever the weights; with equal weights these are the formulas of
the references (and of R's plm).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.rank import independent_columns

# What is left of a response that does not vary, on the scale of its squares: residuals of rows less their mean, and
# differences of cross-products.
_STILL, _EVEN = 1e-26, 1e-13
# What is left within units of a column that is constant in each, on the scale of its squares.
_CONSTANT = 1e-24


@dataclass(frozen=True)
class Components:
    """Variances of errors and of unit effects, and whether the latter was below zero and set to it.

    error, unit : variances. negative : whether the moment was below zero.
    """

    error: float
    unit: float
    negative: bool

    def theta(self, waves: Floats) -> Floats:
        """(N,) share of the unit's mean that is taken off: 1 - sqrt(s2_e / (T s2_u + s2_e)); 0 where nothing varies."""
        if self.error == self.unit == 0:
            return np.zeros(len(waves))
        return np.asarray(1 - np.sqrt(self.error / (waves * self.unit + self.error)))


@dataclass(frozen=True)
class Moments:
    """Cross-products of [x, y] that the components and the coefficients are made of.

    waves : (V,) the numbers of rows that units have. count : (V,) sum of w over the units with so many.
    within : (q, q) sum of w c~ c~' over rows. within_squared : (q, q) the same with w^2.
    means : (V, q, q) sum of w m m' over units, m their means. means_squared : (V, q, q) the same with w^2.
    """

    waves: Floats
    count: Floats
    within: Floats
    within_squared: Floats
    means: Floats
    means_squared: Floats


def _varying(within: Floats, size: Floats) -> Codes:
    """Columns that vary within units, and are no combination of others: of a constant one rounding is left."""
    moves = np.flatnonzero(np.diag(within) > _CONSTANT * size)
    return np.asarray(moves[independent_columns(within[np.ix_(moves, moves)]).kept])


def components(at: Moments) -> Components:
    """The variance components of one set of weights."""
    q = at.within.shape[0]
    x, y = slice(0, q - 1), q - 1
    between = np.einsum("v,vij->ij", at.waves, at.means)
    varying = _varying(at.within[x, x], np.diag(at.within + between)[x])
    a = at.within[np.ix_(varying, varying)]
    slopes = np.linalg.solve(a, at.within[varying, y])
    left = at.within[y, y] - slopes @ at.within[varying, y]
    spent = np.trace(np.linalg.solve(a, at.within_squared[np.ix_(varying, varying)]))
    error = left / (at.count @ (at.waves - 1) - spent)
    kept = np.flatnonzero(independent_columns(between[x, x]).kept)
    b = between[np.ix_(kept, kept)]
    slopes = np.linalg.solve(b, between[kept, y])
    between_left = between[y, y] - slopes @ between[kept, y]
    size = at.within[y, y] + between[y, y]
    if left <= _STILL * size and between_left <= _EVEN * size:
        return Components(0.0, 0.0, False)

    def trace(power: int) -> float:
        squares = np.einsum("v,vij->ij", at.waves**power, at.means_squared)
        return float(np.trace(np.linalg.solve(b, squares[np.ix_(kept, kept)])))

    unit = (between_left - error * (at.count.sum() - trace(1))) / (at.count @ at.waves - trace(2))
    return Components(float(error), max(float(unit), 0.0), bool(unit < 0))


def gram_of(at: Moments, parts: Components) -> Floats:
    """(q, q) cross-products of the columns less theta times their unit means."""
    return np.asarray(at.within + np.einsum("v,vij->ij", at.waves * (1 - parts.theta(at.waves)) ** 2, at.means))
