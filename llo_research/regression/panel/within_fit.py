"""The weighted within estimator as a function of arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llo_research.design.replicates import Replicates
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.within import Effects
from llo_research.regression.panel import replicates as at_replicates
from llo_research.regression.panel.solution import Solution, check_absorbed, cross_products, least_squares

# Dummies of effects that move with the replicates stand in Gram matrices up to this number.
_MOST_DUMMIES = 300


def within(x: Floats, y: Floats, effects: Effects, names: Sequence[str], told: Sequence[str]) -> Solution:
    """Coefficients of the regression of y on x and all dummies of the effects.

    Parameters
    ----------
    x : (m, p) regressors without a constant
    y : (m,)
    effects : groups of the rows, and weights
    names : (p,) of the regressors
    told : names of the effects
    """
    weights = effects.weights
    made = effects.project(np.array(x, dtype=np.float64, order="C"))
    y_left = effects.project(np.array(y, dtype=np.float64)[:, None]).left[:, 0]
    products = cross_products(made.left, y_left, weights)
    check_absorbed(np.diag(products)[:-1], made.spread, made.size, names, told)
    return least_squares(made.left, y_left, weights, names, taken=effects.rank, overwrite=True, products=products)


def within_at_replicates(x: Floats, y: Floats, effects: Effects, replicates: Replicates, rows: Codes) -> Floats:
    """(R, p) the coefficients at the replicates."""
    p = x.shape[1]
    own = squares_at_replicates(np.column_stack([x, y]), effects, replicates, rows)
    return at_replicates.solved(own[:, :p, :p], own[:, :p, p])


def squares_at_replicates(values: Floats, effects: Effects, replicates: Replicates, rows: Codes) -> Floats:
    """(R, q, q) cross-products of columns (m, q) less the effects, at the replicates.

    Effects of which every group has one factor are taken out once; the dummies of the others become columns of the
    Gram matrices. Where these are too many each replicate is transformed by itself.
    """
    q, weights = values.shape[1], effects.weights
    fixed = [at_replicates.one_factor(replicates, rows, codes, weights) for codes in effects.codes]
    dummies = [(c, g) for c, g, once in zip(effects.codes, effects.numbers, fixed, strict=True) if not once]
    if sum(g for _, g in dummies) > _MOST_DUMMIES:
        return at_replicates.one_by_one(replicates, rows, lambda w: _squares(values, effects, w))
    indicators = [codes[:, None] == np.arange(number) for codes, number in dummies]
    centred = values - values.mean(axis=0)
    columns = np.column_stack([centred[:, :-1], *indicators, centred[:, -1]]).astype(np.float64)
    kept = [(c, g) for c, g, once in zip(effects.codes, effects.numbers, fixed, strict=True) if once]
    if kept:
        columns = Effects(tuple(c for c, _ in kept), tuple(g for _, g in kept), weights).residuals(columns)
    return at_replicates.without(at_replicates.grams_at(replicates, rows, columns, weights, weights), q - 1)


def _squares(values: Floats, effects: Effects, weights: Floats) -> Floats:
    """(q, q) with other weights, which may be 0."""
    left = Effects(effects.codes, effects.numbers, weights).residuals(values)
    return np.asarray((weights[:, None] * left).T @ left)
