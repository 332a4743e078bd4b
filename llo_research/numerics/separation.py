"""Answers that follow from the regressors: a likelihood that grows along a direction for ever has no maximum."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from llo_research.numerics.families import Family
from llo_research.numerics.groups import Floats

# Fitted probabilities so close to 0 or 1, or expected counts so small, make one ask for a separating direction.
_NEARLY_CERTAIN = 1e-7
# A direction of which the rows that are not certain hold a smaller share makes one ask; an outlier may do so as well.
_FLAT = 1e-4
# What is smaller, as a share of the whole, is rounding.
_NO_SHARE = 1e-7
_SINGULAR = 1e-13


def certain(mean: Floats, y: Floats, weights: Floats, family: Family) -> np.ndarray:
    """(n,) rows with a weight whose answer the fitted mean (n,) all but knows."""
    if family.share:
        known = np.minimum(mean, 1 - mean) < _NEARLY_CERTAIN
    elif family.name == "poisson":
        known = mean < _NEARLY_CERTAIN * max(float(y.max(initial=0.0)), 1.0)
    else:
        known = np.zeros(len(y), dtype=bool)
    return np.asarray(known & (weights > 0))


def is_separated(x: Floats, y: Floats, mean: Floats, weights: Floats, family: Family) -> bool:
    """Whether answers at these weights (n,), with fitted means (n,), have no maximum.

    Programming is spared where the rows that are not certain hold all directions.
    """
    known = certain(mean, y, weights, family)
    if not known.any() or not _is_flat(x, known, weights):
        return False
    seen = weights > 0
    return direction_without_maximum(x[seen], y[seen], family) is not None


def _is_flat(x: Floats, known: np.ndarray, weights: Floats) -> bool:
    """Whether in some direction nearly all rows that it moves are certain."""
    size = np.sqrt(np.maximum(weights @ x**2, np.finfo(float).tiny))
    left, scaled = weights * ~known, x / size
    values, vectors = np.linalg.eigh((scaled * weights[:, None]).T @ scaled)
    spread = vectors[:, values > _SINGULAR] / np.sqrt(values[values > _SINGULAR])
    return bool(np.linalg.eigvalsh(spread.T @ ((scaled * left[:, None]).T @ scaled) @ spread).min(initial=1.0) < _FLAT)


def direction_without_maximum(x: Floats, y: Floats, family: Family) -> Floats | None:
    """A direction (p,) in which the likelihood never falls, or None."""
    if family.share:
        return separating_direction(x, y) if ((y == 0) | (y == 1)).all() else None
    return empty_direction(x, y) if family.name == "poisson" else None


def separating_direction(x: Floats, y: Floats) -> Floats | None:
    """A direction b (p,) that separates zeros from ones, or None: (2 y - 1) x'b >= 0 for all rows, > 0 for some.

    With one, the likelihood has no maximum (Konis, K. (2007). Linear programming algorithms for detecting separated
    data in binary logistic regression models. DPhil thesis, University of Oxford). By linear programming on the
    distinct rows.
    """
    signs = np.where(y > 0.5, 1.0, -1.0)[:, None]
    size = np.abs(x).max(axis=0)
    rows = np.unique(signs * x / np.where(size > 0, size, 1.0), axis=0)
    found = optimize.linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=[(-1, 1)] * x.shape[1])
    if found.status != 0 or -found.fun <= _NO_SHARE * len(rows):
        return None
    return np.asarray(found.x / np.where(size > 0, size, 1.0))


def empty_direction(x: Floats, y: Floats) -> Floats | None:
    """A direction b with x'b = 0 where something was counted and x'b <= 0, < 0 for some, where nothing was."""
    size = np.abs(x).max(axis=0)
    rows = x / np.where(size > 0, size, 1.0)
    nothing, something = np.unique(rows[y == 0], axis=0), np.unique(rows[y > 0], axis=0)
    if not len(nothing):
        return None
    equal = something if len(something) else None
    found = optimize.linprog(
        nothing.sum(axis=0),
        A_ub=nothing,
        b_ub=np.zeros(len(nothing)),
        A_eq=equal,
        b_eq=None if equal is None else np.zeros(len(equal)),
        bounds=[(-1, 1)] * x.shape[1],
    )
    if found.status != 0 or -found.fun <= _NO_SHARE * len(nothing):
        return None
    return np.asarray(found.x / np.where(size > 0, size, 1.0))
