"""Both groups of a decomposition, in every cell, as one set of estimates: coefficients, means and what is predicted.

For group g with weights w, coefficients b_g solve sum_i w_i x_i r_i = 0 (r the working residual of the family); with
A_g = sum_i w_i v_i x_i x_i' the information, the influence values are

    b_g                A_g^{-1} w_i x_i r_i
    xbar_g             w_i (x_i - xbar_g) / W_g,         W_g = sum_i w_i; the same for ybar_g
    P_g(b) = mean_g of F(x'b)
                       w_i (F(x_i'b) - P_g(b)) / W_g + mean_g(f(x'b) x)' z_i(b)

and of the pooled model the same with its own residuals. A row touches its own cell of group and `by` only, so all of it
is one block of scores, and every part of a decomposition a smooth map of it: the covariance between the groups (persons
or clusters in both), of the pooled model with its parts and of the sampled regressors is simply there.

At replicates the models are solved again: linear ones from sums of products by sampling unit, others by Fisher scoring
from the coefficients of the full sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from llo_research.design.scores import Block
from llo_research.numerics import glm
from llo_research.numerics.families import Family
from llo_research.numerics.grams import grams_of
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.multiples import Multiples
from llo_research.survey.alike import Alike

POOLS = ("pooled", "neumark")


@dataclass(frozen=True, eq=False)
class Groups:
    """The rows used of both groups.

    y : (m,) outcome. x : (m, q) regressors. weights : (m,) none of them 0.
    cell : (m,) 2 c for a row of `of` in cell c, 2 c + 1 for one of `minus`.
    rows : (m,) their positions among the n rows of the survey.
    n_cells : C. n : rows of the survey. constant : number of the constant column of x, or None.
    alike : which rows are alike in y, x and cell.
    pinned : (2C, q) coefficients that are held at 0: of categories that a group does not have, where nothing asks for
    them; None where there are none.
    counts : (m,) people that each row stands for; None where it is one.
    """

    y: Floats
    x: Floats
    weights: Floats
    cell: Codes
    rows: Codes
    n_cells: int
    n: int
    alike: Alike
    constant: int | None = None
    pinned: np.ndarray | None = None
    counts: Floats | None = None

    def people(self, which: np.ndarray | slice = slice(None)) -> Codes:
        """(2C,) people of each group, of the rows of a mask."""
        weights = None if self.counts is None else self.counts[which]
        return np.bincount(self.cell[which], weights, 2 * self.n_cells).astype(np.intp)

    @property
    def q(self) -> int:
        """Regressors."""
        return int(self.x.shape[1])

    @cached_property
    def distinct(self) -> Groups:
        """One row for those that are alike, with the sum of their weights: all models are the same."""
        if self.alike.place is None:
            return self
        first, add = self.alike.first, self.alike.summed
        return replace(
            self,
            y=self.y[first],
            x=self.x[first],
            weights=add(self.weights),
            cell=self.cell[first],
            rows=self.rows[first],
            alike=Alike(len(first)),
            counts=None if self.counts is None else add(self.counts),
        )

    def scores(self, columns: Floats) -> Floats | Multiples:
        """(n, p) of the survey's rows: `columns` are those of the distinct ones (d, p), shared out by weight."""
        return self.alike.scores(columns, self.weights, self.rows, self.n)

    @cached_property
    def totals(self) -> Floats:
        """(2C,) sums of weights."""
        return group_sums(self.cell, self.weights, 2 * self.n_cells)

    @cached_property
    def standard(self) -> tuple[Floats, Floats, Floats]:
        """(q,) scale and shift that make x comparable, and what they make of it, z (m, q)."""
        scale, shift = standards(self.x, self.weights, self.constant)
        return scale, shift, (self.x - shift) / scale

    @cached_property
    def products(self) -> Floats:
        """(2C, q, q) sums of w z z'."""
        return grams_of(self.standard[2], self.weights, self.cell, 2 * self.n_cells).raw()

    def means(self, values: Floats) -> Floats:
        """(2C, ...) weighted means by group."""
        sums = group_sums(self.cell, values, 2 * self.n_cells, self.weights)
        return sums / (self.totals if values.ndim == 1 else self.totals[:, None])

    def free(self, cell: int) -> np.ndarray:
        """(q,) the coefficients that a group's model estimates."""
        return np.ones(self.q, dtype=bool) if self.pinned is None else ~self.pinned[cell]

    def outside(self) -> Codes:
        """(n,) group of every row of the survey, 2C for those not used."""
        out = np.full(self.n, 2 * self.n_cells, dtype=np.intp)
        out[self.rows] = self.cell
        return out


@dataclass(frozen=True)
class Layout:
    """What stands where among the m numbers of a cell.

    q : regressors. pool : which pooled model, or None. predictions : number of sets of coefficients of which the means
    of predictions are held, for each group (0 for linear models, whose predictions are products). swapped : terms of
    which Fairlie's parts are held.
    """

    q: int
    pool: bool = False
    predictions: int = 0
    swapped: int = 0

    @property
    def names(self) -> dict[str, slice]:
        """The slices by name."""
        sizes = {"b_of": self.q, "b_minus": self.q, "x_of": self.q, "x_minus": self.q, "y_of": 1, "y_minus": 1}
        sizes |= {"w_of": 1, "w_minus": 1}
        sizes |= {"pool": self.q} if self.pool else {}
        sizes |= {"p_of": self.predictions, "p_minus": self.predictions} if self.predictions else {}
        sizes |= {"swapped": self.swapped} if self.swapped else {}
        ends = np.cumsum([0, *sizes.values()])
        return {name: slice(a, b) for name, (a, b) in zip(sizes, pairwise(ends), strict=True)}

    @property
    def size(self) -> int:
        """m"""
        return max(int(place.stop) for place in self.names.values())

    def take(self, values: Floats) -> dict[str, Floats]:
        """The numbers by name, each (..., width)."""
        return {name: values[..., place] for name, place in self.names.items()}


@dataclass(frozen=True, eq=False)
class TwoGroups:
    """The estimates of all cells.

    value : (C, m) in the order of `layout`.
    block : scores of 2C groups by p columns.
    transform : (C, m, 2p) the map from the sums of a cell's two groups to its numbers.
    replicates : (R, C, m) or None.
    through : (C, m, q) from the coefficients of a fitted reference to the numbers; None where there is none.
    """

    layout: Layout
    value: Floats
    block: Block
    transform: Floats
    replicates: Floats | None = None
    through: Floats | None = None


def coefficients(groups: Groups, family: Family) -> Floats:
    """(2C, q) coefficients of each group's own model; nan where it has none."""
    if linear(family):
        return _least_squares(groups, groups.cell, 2 * groups.n_cells, groups.x, groups.pinned)
    out = np.zeros((2 * groups.n_cells, groups.q))
    for cell, rows in enumerate(by_code(groups.cell, 2 * groups.n_cells)):
        free = groups.free(cell)
        fitted = glm.fit(groups.x[rows][:, free], groups.y[rows], groups.weights[rows][:, None], family)
        out[cell, free] = fitted.coefficients[:, 0] if fitted.converged[0] else np.nan
    return out


def pooled_coefficients(groups: Groups, family: Family, kind: str) -> Floats:
    """(C, q or q + 1) coefficients of both groups together; of ``pooled`` the last is that of being in `minus`."""
    x, cell = pooled_regressors(groups, kind), groups.cell // 2
    if linear(family):
        return _least_squares(groups, cell, groups.n_cells, x)
    out = np.full((groups.n_cells, x.shape[1]), np.nan)
    for c, rows in enumerate(by_code(cell, groups.n_cells)):
        fitted = glm.fit(x[rows], groups.y[rows], groups.weights[rows][:, None], family)
        if fitted.converged[0]:
            out[c] = fitted.coefficients[:, 0]
    return out


def pooled_regressors(groups: Groups, kind: str) -> Floats:
    """(m, q or q + 1) x, and for ``pooled`` whether the row is of `minus`."""
    if kind == "neumark":
        return groups.x
    return np.column_stack([groups.x, (groups.cell % 2).astype(np.float64)])


def linear(family: Family) -> bool:
    """Whether predictions are products."""
    return family.name == "gaussian" and family.link.name == "identity"


def by_code(codes: Codes, number: int) -> list[Codes]:
    """The rows of each code."""
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes, minlength=number))[: number - 1])


def _least_squares(groups: Groups, codes: Codes, number: int, x: Floats, pinned: np.ndarray | None = None) -> Floats:
    """(number, p) coefficients by code, from centred and scaled products, with one step of refinement."""
    if x is groups.x and codes is groups.cell:
        (scale, shift, z), grams = groups.standard, groups.products
    else:
        scale, shift = standards(x, groups.weights, groups.constant)
        z = (x - shift) / scale
        grams = grams_of(z, groups.weights, codes, number).raw()
    beta = solved(grams, group_sums(codes, z, number, groups.weights * groups.y), pinned)
    left = groups.y - np.einsum("ij,ij->i", z, beta[codes])
    beta = beta + solved(grams, group_sums(codes, z, number, groups.weights * left), pinned)
    return unstandardised(beta, scale, shift, groups.constant)


def standards(x: Floats, weights: Floats, constant: int | None) -> tuple[Floats, Floats]:
    """(p,) scale and shift by which columns are made comparable; nothing is shifted without a constant."""
    mean = weights @ x / weights.sum()
    if constant is None:
        mean = np.zeros_like(mean)
    else:
        mean[constant] = 0.0
    scale = np.sqrt(weights @ (x - mean) ** 2 / weights.sum())
    return np.where(scale > 0, scale, 1.0), mean


def unstandardised(beta: Floats, scale: Floats, shift: Floats, constant: int | None) -> Floats:
    """Coefficients (..., p) of the columns themselves."""
    out = beta / scale
    if constant is not None:
        out[..., constant] -= out @ shift
    return out


def solved(grams: Floats, right: Floats, pinned: np.ndarray | None = None) -> Floats:
    """(..., p) solutions, 0 where they are pinned, nan where a matrix is singular."""
    if pinned is not None:
        grams = np.where(pinned[..., :, None] | pinned[..., None, :], np.eye(grams.shape[-1]), grams)
        right = np.where(pinned, 0.0, right)
    length = np.sqrt(np.maximum(np.einsum("...ii->...i", grams), 0.0))
    length = np.where(length > 0, length, 1.0)
    scaled = grams / length[..., :, None] / length[..., None, :]
    sound = np.asarray(np.isfinite(scaled).all(axis=(-1, -2)))
    scaled = np.where(sound[..., None, None], scaled, 0.0)
    sound &= np.linalg.eigvalsh(scaled)[..., 0] > _SINGULAR
    scaled = np.where(sound[..., None, None], scaled, np.eye(scaled.shape[-1]))
    out = np.linalg.solve(scaled, (right / length)[..., None])[..., 0] / length
    return np.asarray(np.where(sound[..., None], out, np.nan))


# Smallest eigenvalue of a matrix of products with a diagonal of ones below which it is singular to a computer.
_SINGULAR = 1e-13
