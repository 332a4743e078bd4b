"""Weights within bounds: the excess spread over the rest, or margins kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, sparse

from llo_research.numerics.auxiliaries import Auxiliaries, RowColumns
from llo_research.numerics.calibration import NEAR_ZERO, Distance, Solution, solve
from llo_research.numerics.groups import Codes, Floats, group_sums

# What is left to spread counts as nothing below this share of the total.
_NOTHING = 1e-15
_MOST_CELLS = 200_000
_MOST_DESCENTS, _HALVINGS = 100, 40


@dataclass(frozen=True)
class Spread:
    """Result of :func:`spread`.

    values : (n, R) weights within the bounds
    reached : (R,) whether the total is kept
    """

    values: Floats
    reached: np.ndarray


def spread(weights: Floats, times: Floats, low: float, high: float) -> Spread:
    """Cut weights (n,) at bounds and spread the excess equally over the rows that were within, until all are.

    Replicate r counts row i ``times[i, r]`` times (n x R; ones for the sample itself).
    """
    values = np.clip(weights, low, high)[:, None] + np.zeros_like(times)
    rest = ((weights >= low) & (weights <= high))[:, None] & (times != 0)
    total = (weights[:, None] * times).sum(axis=0)
    excess = ((weights - np.clip(weights, low, high))[:, None] * times).sum(axis=0)
    nothing = _NOTHING * np.abs(total)
    for _ in range(len(weights) + 2):
        active = np.abs(excess) > nothing
        if not active.any():
            break
        counted = (times * rest).sum(axis=0)
        free = np.where(excess > 0, values < high, values > low) & (times != 0)
        rest = np.where(counted > 0, rest, free)
        counted = (times * rest).sum(axis=0)
        active &= counted > 0
        if not active.any():
            break
        share = np.where(active, excess / np.where(counted > 0, counted, 1.0), 0.0)
        moved = values + rest * share
        values = np.clip(moved, low, high)
        excess = np.where(active, ((moved - values) * times).sum(axis=0), excess)
        rest = np.where(excess > 0, values < high, values > low) & (times != 0)
    return Spread(values, np.abs(excess) <= 1e-12 * np.abs(total))


@dataclass(frozen=True, eq=False)
class Repeated:
    """Auxiliaries of rows that share those of their cell.

    cells : auxiliaries of the cells (C x p)
    cell : (m,) cell of each row
    """

    cells: Auxiliaries
    cell: Codes

    @property
    def x(self) -> Floats:
        """(m, p) the matrix itself."""
        return self.cells.x[self.cell]

    @property
    def shape(self) -> tuple[int, int]:
        """m and p."""
        return len(self.cell), self.cells.shape[1]

    def times(self, coefficients: Floats) -> Floats:
        """X b."""
        return self.cells.times(coefficients)[self.cell]

    def sums(self, values: Floats) -> Floats:
        """X' v."""
        return self.cells.sums(self._summed(values))

    def sizes(self, values: Floats) -> Floats:
        """abs(X)' v."""
        return self.cells.sizes(self._summed(values))

    def grams(self, weights: Floats) -> Floats:
        """X' diag(v) X for each column."""
        return self.cells.grams(self._summed(weights))

    def only(self, columns: Codes) -> Repeated:
        """Some of the columns."""
        return Repeated(self.cells.only(columns), self.cell)

    def at(self, cells: Codes) -> Repeated:
        """Some of the rows."""
        return Repeated(self.cells, self.cell[cells])

    def columns_at(self, cells: Codes) -> tuple[RowColumns, ...]:
        """Those of the rows' cells."""
        return self.cells.columns_at(np.append(self.cell, self.cells.shape[0])[cells])

    def _summed(self, values: Floats) -> Floats:
        """Values of rows (m x k) summed by cell."""
        return group_sums(self.cell, values, self.cells.shape[0])


def solve_within(x: Auxiliaries, old: Floats, low: Floats, high: Floats, *, tol: float, max_iter: int) -> Solution:
    """g within [low, high] (m,) that keeps the totals x' old of each of R sets of weights (m x R)."""
    floor, ceiling = low[:, None], high[:, None]

    def change(u: Floats) -> Floats:
        return np.asarray(np.clip(1 + u, floor, ceiling) - 1)

    def slope(u: Floats) -> Floats:
        return np.asarray(((1 + u > floor) & (1 + u < ceiling)).astype(np.float64))

    # Totals of g - 1 are zero; solve() measures misses of zero totals on a share of the auxiliaries' own scale.
    distance, nothing = Distance(change, slope, "trim"), np.zeros(x.shape[1])
    solution = solve(x, old, np.ones(len(low)), nothing, distance, tol=tol / NEAR_ZERO, max_iter=max_iter)
    g, converged, one = solution.g + 1, solution.converged.copy(), np.ones(len(low))
    for r in np.flatnonzero(~converged):
        size = x.sizes(np.abs(old[:, r])[:, None])[:, 0]
        g[:, r], converged[r] = _minimise_dual(x, old[:, r], one, nothing, low, high, size, tol)
    return Solution(g, x.sums(old * g), converged, solution.iterations)


def solve_cut(
    x: Auxiliaries, old: Floats, scale: Floats, totals: Floats, distance: Distance, *, tol: float, max_iter: int
) -> Solution:
    """:func:`llo_research.numerics.calibration.solve`; where Newton's method stalls with bounds that cut, descent."""
    solution = solve(x, old, scale, totals, distance, tol=tol, max_iter=max_iter)
    if distance.name != "truncated" or distance.bounds is None or solution.converged.all():
        return solution
    g, converged = solution.g.copy(), solution.converged.copy()
    low, high = (np.full(len(old), bound) for bound in distance.bounds)
    wanted = totals.reshape(len(totals), -1) + np.zeros((1, old.shape[1]))
    for r in np.flatnonzero(~converged):
        own = old[:, [r]]
        size = np.maximum(np.abs(wanted[:, r]), x.sizes(np.abs(own))[:, 0] * NEAR_ZERO)
        change = wanted[:, r] - x.sums(own)[:, 0]
        found, reached = _minimise_dual(x, own[:, 0], scale, change, low, high, size, tol)
        if reached:
            g[:, r], converged[r] = found, True
    return Solution(g, x.sums(old * g), converged, solution.iterations)


def _minimise_dual(
    x: Auxiliaries, old: Floats, scale: Floats, change: Floats, low: Floats, high: Floats, size: Floats, tol: float
) -> tuple[Floats, bool]:
    """The same by descent on the convex dual, which also gets there when nearly all rows are at a bound.

    change : (p,) by which the totals x' old are to change, met within `tol` of size (p,); scale : (m,) q.
    """
    size = np.where(size > 0, size, 1.0)
    least = float((np.diag(x.grams(np.abs(old)[:, None])[0]) / size**2).max()) * 1e-6
    lam, ridge = np.zeros(len(size)), 1e-12
    value, g = _dual(x, old, scale, change, low, high, lam / size)
    for _ in range(_MOST_DESCENTS):
        gradient = (x.sums((old * (g - 1))[:, None])[:, 0] - change) / size
        if np.abs(gradient).max() <= tol:
            return g, True
        inside = (g > low) & (g < high)
        hessian = x.grams((old * scale * inside)[:, None])[0] / np.outer(size, size)
        largest = max(float(np.diag(hessian).max()), least)
        step = np.linalg.solve(hessian + ridge * largest * np.eye(len(lam)), gradient)
        factor = 1.0
        for _ in range(_HALVINGS):
            trial, trial_g = _dual(x, old, scale, change, low, high, (lam - factor * step) / size)
            if trial <= value - 1e-4 * factor * float(gradient @ step):
                break
            factor /= 2
        else:
            ridge *= 100
            if ridge > 1:
                break
            continue
        lam, value, g = lam - factor * step, trial, trial_g
    return g, bool(np.abs((x.sums((old * (g - 1))[:, None])[:, 0] - change) / size).max() <= tol)


def _dual(
    x: Auxiliaries, old: Floats, scale: Floats, change: Floats, low: Floats, high: Floats, lam: Floats
) -> tuple[float, Floats]:
    """Value of the dual (the integral of g - 1 over u = q x'lam, summed with the weights, less lam'change), and g."""
    u = x.times(lam[:, None])[:, 0] * scale
    g = np.clip(1 + u, low, high)
    v = g - 1
    return float((old / scale) @ (v * v / 2 + v * (u - v)) - lam @ change), np.asarray(g)


def widest_needed(x: Floats, counts: Floats, sums: Floats, low: float, high: float) -> tuple[float, float] | None:
    """Smallest upper bound that goes with `low`, and largest lower bound that goes with `high`; inf where none does.

    x : (C, p) auxiliaries of the cells, counts : (C,) rows in each, sums : (C,) their weights now. None when the given
    bounds have a solution, or there are too many cells to tell.
    """
    if len(x) > _MOST_CELLS:
        return None
    upper = _end(x, counts, sums, low, 1.0)
    lower = _end(x, counts, sums, high, -1.0)
    if (np.isfinite(upper) and upper <= high) or (np.isfinite(lower) and lower >= low):
        return None
    return upper, lower


def _end(x: Floats, counts: Floats, sums: Floats, other: float, sign: float) -> float:
    """The end that is needed when the other one is fixed: a linear programme on mean weights of cells."""
    c, p = x.shape
    size = np.maximum(np.abs(x.T @ sums), 1.0)
    equal = np.hstack([(x * counts[:, None]).T / size[:, None], np.zeros((p, 1))])
    beyond = sparse.hstack([sign * sparse.eye_array(c, format="csr"), sparse.csr_array(np.full((c, 1), -sign))])
    bound = other if np.isfinite(other) else None
    limits: list[tuple[float | None, float | None]] = [(bound, None) if sign > 0 else (None, bound)] * c
    matrix: Any = beyond
    found = optimize.linprog(
        np.append(np.zeros(c), sign),
        A_ub=matrix,
        b_ub=np.zeros(c),
        A_eq=equal,
        b_eq=(x.T @ sums) / size,
        bounds=[*limits, (None, None)],
        method="highs",
    )
    return float(found.x[-1]) if found.success and found.x is not None else sign * np.inf
