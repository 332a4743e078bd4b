"""Coefficients at the replicates: from the Gram matrices of the sampling units where columns do not move with them.

Columns that are less their means by unit are the same at every replicate when a unit's rows have one factor, since
w f / sum w f = w / sum w. Then each replicate is a small product and a solve; else its transformation is made anew.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from llo_research.design.replicates import Replicates
from llo_research.errors import DesignError
from llo_research.numerics.glm import grams
from llo_research.numerics.groups import Codes, Floats
from llo_research.regression.panel.effects import Panel

# Columns are multiplied in pieces of rows of at most this many numbers (32 MB).
_PIECE = 4_000_000
# Replicate weights of a unit that differ by less than this share have one factor.
_SAME = 1e-9
# Eigenvalues of the nuisance columns below this share of the largest are dependent ones.
_DEPENDENT = 1e-10


def one_factor(replicates: Replicates, rows: Codes, unit: Codes, weights: Floats) -> bool:
    """Whether all rows of a unit have one factor at every replicate.

    rows : (m,) positions in the survey. unit : (m,) unit of each row. weights : (m,) full-sample weights.
    """
    home = np.zeros(int(unit.max(initial=-1)) + 1, dtype=np.intp)
    if replicates.unit is not None:
        mine = replicates.unit[rows]
        home[unit] = mine
        return bool((home[unit] == mine).all())
    home[unit] = np.arange(len(unit))
    for r in range(replicates.n_replicates):
        factor = replicates.at(rows, r, r + 1)[:, 0] / weights
        if (np.abs(factor - factor[home[unit]]) > _SAME * np.abs(factor).max(initial=1e-300)).any():
            return False
    return True


def check_one_factor(replicates: Replicates, rows: Codes, panel: Panel, what: str) -> None:
    """A unit of one weight has one at every replicate too."""
    if not one_factor(replicates, rows, panel.unit.codes, panel.weights):
        raise DesignError(
            f"{what} needs one weight for each unit.",
            where=f"the replicate weights, unit {panel.unit.name!r}",
            found="replicate weights that vary within units: which of a unit's weights would a change have?",
            expected="replicate weights that are constant within the unit",
            todo="llo.panel.fixed_effects, which takes weights that vary; or replicates of whole units",
        )


def grams_at(
    replicates: Replicates, rows: Codes, columns: Floats, weights: Floats, own: Floats, *, power: int = 1
) -> Floats:
    """(R, q, q) sums of w f_r^power c c' over these rows, f_r the factor of a replicate.

    rows : (m,) positions in the survey. columns : (m, q). weights : (m,) w. own : (m,) weights of the
        survey.
    """
    if replicates.unit is None:
        factors = replicates.at(rows) / own[:, None]
        return grams(columns, weights[:, None] * factors**power)
    q, first, second = columns.shape[1], *np.triu_indices(columns.shape[1])
    unit = replicates.unit[rows]
    order = np.argsort(unit, kind="stable")
    starts = np.flatnonzero(np.diff(unit[order], prepend=-1))
    present, ends = unit[order][starts], np.append(starts[1:], len(order))
    out = np.zeros((replicates.n_replicates, len(first)))
    length, at = max(1, _PIECE // max(len(first), 1)), 0
    while at < len(starts):
        stop = max(int(np.searchsorted(ends, starts[at] + length, side="right")), at + 1)
        piece = order[starts[at] : ends[stop - 1]]
        products = columns[piece][:, first] * (columns[piece][:, second] * weights[piece][:, None])
        sums = np.add.reduceat(products, starts[at:stop] - starts[at], axis=0)
        out += (replicates.factors[present[at:stop]] ** power).T @ sums
        at = stop
    square = np.zeros((len(out), q, q))
    square[:, first, second] = square[:, second, first] = out
    return square


def from_grams(squares: Floats, p: int) -> Floats:
    """(R, p) coefficients of the first p columns on the last one, with the columns between as nuisance.

    squares : (R, q, q). What nuisance columns (dummies) project on is unique where they are dependent, so that their
    block is inverted on its own range. A replicate without a solution is nan.
    """
    own = without(squares, p)
    return solved(own[:, :p, :p], own[:, :p, p])


def without(squares: Floats, p: int) -> Floats:
    """(R, p + 1, p + 1) cross-products of the first p columns and the last, the columns between taken out."""
    q = squares.shape[1]
    wanted = np.r_[0:p, q - 1]
    own = squares[:, wanted[:, None], wanted]
    if q == p + 1:
        return own
    middle = slice(p, q - 1)
    across = squares[:, wanted, middle]
    inverse = np.linalg.pinv(squares[:, middle, middle], rcond=_DEPENDENT, hermitian=True)
    return np.asarray(own - across @ inverse @ across.transpose(0, 2, 1))


def solved(left: Floats, right: Floats) -> Floats:
    """(R, p) left_r^-1 right_r, nan where singular."""
    length = np.sqrt(np.maximum(np.einsum("rii->ri", left), 0.0))
    safe = np.where(length > 0, length, 1.0)
    scaled = left / safe[:, :, None] / safe[:, None, :]
    out = np.full(right.shape, np.nan)
    sound = (length > 0).all(axis=1) & np.isfinite(scaled).all(axis=(1, 2))
    sound[sound] = np.linalg.eigvalsh(scaled[sound])[:, 0] > 1e-13
    out[sound] = np.linalg.solve(scaled[sound], (right / safe)[sound][:, :, None])[:, :, 0] / safe[sound]
    return out


def one_by_one(replicates: Replicates, rows: Codes, solve: Callable[[Floats], Floats]) -> Floats:
    """(R, p) an estimator at each replicate, for weights that move within units."""
    return np.array([solve(replicates.columns(r, r + 1)[rows, 0]) for r in range(replicates.n_replicates)])
