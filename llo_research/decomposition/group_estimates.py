"""The estimates of both groups in every cell with their scores, at the full sample and at replicates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llo_research.decomposition.fairlie import Paired, Players, paired
from llo_research.decomposition.reference import Reference
from llo_research.decomposition.two_groups import (
    Groups,
    Layout,
    TwoGroups,
    by_code,
    coefficients,
    linear,
    pooled_coefficients,
    pooled_regressors,
    solved,
    standards,
    unstandardised,
)
from llo_research.design.replicates import Replicates
from llo_research.design.scores import Block
from llo_research.numerics import glm
from llo_research.numerics.families import Family
from llo_research.numerics.grams import grams_of
from llo_research.numerics.groups import Codes, Floats

# Links that belong to their family: the mean of the predictions is that of the outcome.
CANONICAL = (("gaussian", "identity"), ("binomial", "logit"), ("poisson", "log"))
_STEP = 1e-100
# Predictions at many sets of weights are made in pieces of at most this many numbers (64 MB).
_PIECE = 8_000_000


@dataclass(frozen=True, eq=False)
class Question:
    """What a decomposition asks of the two groups.

    family : of the models. reference : whose coefficients are the yardstick.
    threefold : whether each group is predicted with the other's coefficients instead of the reference's.
    fitted : (q,) coefficients of a fitted model given as reference, and (R, q) of them at the replicates.
    players : the terms that Fairlie's method swaps; None for Yun's weights.
    """

    family: Family
    reference: Reference
    threefold: bool = False
    fitted: Floats | None = None
    fitted_replicates: Floats | None = None
    players: Players | None = None

    def layout(self, q: int) -> Layout:
        """Where its numbers stand."""
        swapped = 0 if self.players is None else self.players.number
        return Layout(q, self.reference.pooled and not self.threefold, 0 if linear(self.family) else 2, swapped)

    def paired(self, x: tuple[Floats, Floats], weights: tuple[Floats, Floats], beta: Floats) -> Paired:
        """Both groups of a cell matched by the rank of their predictions."""
        assert self.players is not None
        return paired(x, weights, beta, self.players, self.family.link)

    def other(self, side: int, numbers: dict[str, Floats]) -> Floats:
        """(..., q) the coefficients, not its own, with which a group is predicted."""
        if self.threefold:
            return numbers["b_minus" if side == 0 else "b_of"]
        return self.reference.star(numbers)


def estimate_groups(
    groups: Groups,
    question: Question,
    replicates: Replicates | None = None,
    own: Floats | None = None,
    moved: Floats | None = None,
) -> TwoGroups:
    """Coefficients, means and predictions of both groups in all cells.

    replicates : of the design. own : (2C, q) the groups' coefficients, where they are known already.
    moved : (d, q + 1) what the distinct rows move of the sums of w x y and of w y, where the outcome is itself
    estimated.
    """
    every, groups = groups, groups.distinct
    layout = question.layout(groups.q)
    value = np.full((groups.n_cells, layout.size), np.nan)
    names = layout.names
    own = coefficients(groups, question.family) if own is None else own
    own = own.reshape(groups.n_cells, 2, -1)
    x, y = (groups.means(array).reshape(groups.n_cells, 2, -1) for array in (groups.x, groups.y))
    totals = groups.totals.reshape(groups.n_cells, 2, 1)
    for side, name in enumerate(("of", "minus")):
        for letter, array in (("b", own), ("x", x), ("y", y), ("w", totals)):
            value[:, names[f"{letter}_{name}"]] = array[:, side]
    pool = None
    if layout.pool:
        if question.fitted is not None:
            value[:, names["pool"]] = question.fitted
        else:
            pool = pooled_coefficients(groups, question.family, question.reference.kind)
            value[:, names["pool"]] = pool[:, : groups.q]
    made = _Scored(groups, question, layout, value, pool).made(every, moved)
    if replicates is None:
        return made
    at = _linear_replicates if linear(question.family) else _fitted_replicates
    return replace(made, replicates=at(every, question, layout, value, pool, replicates))


class _Scored:
    """Works out the block of scores and its map."""

    def __init__(self, groups: Groups, question: Question, layout: Layout, value: Floats, pool: Floats | None) -> None:
        self.groups, self.question, self.layout, self.value, self.pool = groups, question, layout, value, pool
        self.family = question.family
        self.q, self.names = groups.q, layout.names
        last = layout.predictions + layout.swapped
        width = 2 * self.q + 2 + (0 if pool is None else pool.shape[1]) + last
        self.at: dict[str, Any] = {
            "score": slice(0, self.q),
            "x": slice(self.q, 2 * self.q),
            "y": 2 * self.q,
            "w": 2 * self.q + 1,
        }
        self.pool_at = slice(2 * self.q + 2, width - last)
        self.width, self.predicted_at = width, width - last
        self.columns = np.zeros((len(groups.y), width))
        self.map = np.zeros((groups.n_cells, layout.size, 2, width))
        self.through = None if question.fitted is None else np.zeros((groups.n_cells, layout.size, self.q))
        if self.through is not None:
            self.through[:, self.names["pool"]] = np.eye(self.q)

    def made(self, every: Groups, moved: Floats | None = None) -> TwoGroups:
        """Value, block and map; `every` has all rows of which these are the distinct ones."""
        self._models()
        if moved is not None:
            self.columns[:, self.at["score"]] += moved[:, :-1]
        self._means()
        if moved is not None:
            self.columns[:, self.at["y"]] += moved[:, -1] / self.groups.totals[self.groups.cell]
        if self.pool is not None:
            self._pooled()
        if self.layout.predictions:
            self._predictions()
        if self.layout.swapped:
            self._swapped()
        block = Block(every.outside(), every.scores(self.columns), 2 * self.groups.n_cells)
        transform = self.map.reshape(len(self.map), self.layout.size, -1)
        return TwoGroups(self.layout, self.value, block, transform, through=self.through)

    def _own(self) -> Floats:
        """(2C, q) coefficients of each group."""
        sides = [self.value[:, self.names[name]] for name in ("b_of", "b_minus")]
        return np.stack(sides, axis=1).reshape(-1, self.q)

    def _models(self) -> None:
        """Scores of each group's coefficients."""
        groups, own = self.groups, self._own()
        eta = np.einsum("ij,ij->i", groups.x, own[groups.cell])
        at = glm.working(eta, groups.y, self.family)
        np.multiply(groups.x, (groups.weights * at.residual)[:, None], out=self.columns[:, self.at["score"]])
        if linear(self.family):
            inverse = _inverted(groups, *groups.standard[:2], groups.products, groups.pinned)
        else:
            information = groups.weights * observed(eta, groups.y, self.family)
            inverse = _inverses(groups, groups.x, information, groups.cell, 2 * groups.n_cells, groups.pinned)
        for side, name in enumerate(("b_of", "b_minus")):
            self.map[:, self.names[name], side, self.at["score"]] = inverse[side::2]

    def _means(self) -> None:
        """Scores of the means and of the sums of weights."""
        groups = self.groups
        share = groups.weights / groups.totals[groups.cell]
        x = np.subtract(groups.x, groups.means(groups.x)[groups.cell], out=self.columns[:, self.at["x"]])
        x *= share[:, None]
        self.columns[:, self.at["y"]] = (groups.y - groups.means(groups.y)[groups.cell]) * share
        self.columns[:, self.at["w"]] = groups.weights
        for side, name in enumerate(("of", "minus")):
            self.map[:, self.names[f"x_{name}"], side, self.at["x"]] = np.eye(self.q)
            for letter in ("y", "w"):
                self.map[:, self.names[f"{letter}_{name}"], side, self.at[letter]] = 1.0

    def _pooled(self) -> None:
        """Scores of the pooled model's coefficients, which both groups have."""
        assert self.pool is not None
        groups, cell = self.groups, self.groups.cell // 2
        x = pooled_regressors(groups, self.question.reference.kind)
        eta = np.einsum("ij,ij->i", x, self.pool[cell])
        at = glm.working(eta, groups.y, self.family)
        self.columns[:, self.pool_at] = x * (groups.weights * at.residual)[:, None]
        information = groups.weights * observed(eta, groups.y, self.family)
        inverse = _inverses(groups, x, information, cell, groups.n_cells)[:, : self.q]
        self.map[:, self.names["pool"], :, self.pool_at] = inverse[:, :, None]

    def _predictions(self) -> None:
        """Scores of the mean predictions: with the weights, and through the coefficients."""
        groups, numbers = self.groups, self.layout.take(self.value)
        other = np.stack([self.question.other(side, numbers) for side in (0, 1)], axis=1).reshape(-1, self.q)
        for number, beta in enumerate((self._own(), other)):
            eta = np.einsum("ij,ij->i", groups.x, beta[groups.cell])
            mean = np.asarray(self.family.link.mean(eta), dtype=np.float64)
            centre = groups.means(mean)
            share = groups.weights / groups.totals[groups.cell]
            self.columns[:, self.predicted_at + number] = share * (mean - centre[groups.cell])
            slope = groups.means(groups.x * self.family.link.slope(eta)[:, None]).reshape(-1, 2, self.q)
            for side, name in enumerate(("of", "minus")):
                row = self.names[f"p_{name}"].start + number
                self.value[:, row] = centre[side::2]
                through = slope[:, side]
                if number == 0:
                    moved = np.einsum("cq,cqsw->csw", through, self.map[:, self.names[f"b_{name}"]])
                else:
                    moved = np.einsum("cq,cqm,cmsw->csw", through, self._slopes(side), self.map)
                    if self.through is not None:
                        self.through[:, row] = through
                self.map[:, row] = moved
                self.map[:, row, side, self.predicted_at + number] += 1.0

    def _swapped(self) -> None:
        """Scores of Fairlie's parts: with the weights, and through the coefficients, the pairing held."""
        groups, rows = self.groups, self.names["swapped"]
        star, sides = self._slopes(0), by_code(self.groups.cell, 2 * self.groups.n_cells)
        beta = self.question.other(0, self.layout.take(self.value))
        own = slice(self.width - self.layout.swapped, self.width)
        for c in range(groups.n_cells):
            both = (sides[2 * c], sides[2 * c + 1])
            x, w = (groups.x[both[0]], groups.x[both[1]]), (groups.weights[both[0]], groups.weights[both[1]])
            made = self.question.paired(x, w, beta[c])
            self.value[c, rows] = made.value()
            slopes = made.slopes()
            self.map[c, rows] = np.einsum("kq,qm,msw->ksw", slopes, star[c], self.map[c])
            if self.through is not None:
                self.through[c, rows] = slopes
            for side, (mine, effect) in enumerate(zip(both, made.influence(), strict=True)):
                self.columns[mine, own] = effect * (groups.weights[mine] / groups.weights[mine].sum())[:, None]
                self.map[c, rows, side, own] = np.eye(self.layout.swapped)

    def _slopes(self, side: int) -> Floats:
        """(C, q, m) derivative of the coefficients that predict a group in the numbers of its cell."""
        m = self.layout.size
        value = np.where(np.isnan(self.value), 0.0, self.value)
        moved = value + 1j * _STEP * np.eye(m)[:, None, :]
        turned = np.asarray(self.question.other(side, self.layout.take(moved)))
        return np.moveaxis(turned.imag, 0, 2) / _STEP


def observed(eta: Floats, y: Floats, family: Family) -> Floats:
    """(n,) minus the derivative of the working residual in the linear predictor.

    With the link that belongs to the family it is the expected information, mu'^2 / V; with another (probit) the
    influence values are the exact derivatives in the weights only with this one.
    """
    at, link = glm.working(eta, y, family), family.link
    if (family.name, link.name) in CANONICAL:
        return at.information
    variance = family.variance(at.mean)
    turned: Any = at.mean + 1j * _STEP
    steeper = np.asarray(family.variance(turned)).imag / _STEP
    slope = link.slope(eta)
    bend = np.divide(link.curvature(eta), variance, out=np.zeros_like(eta), where=variance > 0)
    bend -= np.divide(slope**2 * steeper, variance**2, out=np.zeros_like(eta), where=variance > 0)
    return np.asarray(at.information - (y - at.mean) * bend)


def _inverses(
    groups: Groups,
    x: Floats,
    weights: Floats,
    codes: np.ndarray,
    number: int,
    pinned: np.ndarray | None = None,
) -> Floats:
    """(number, p, p) inverse information, from centred and scaled products; 0 where coefficients are pinned."""
    scale, shift = standards(x, groups.weights, groups.constant)
    return _inverted(groups, scale, shift, grams_of((x - shift) / scale, weights, codes, number).raw(), pinned)


def _inverted(groups: Groups, scale: Floats, shift: Floats, grams: Floats, pinned: np.ndarray | None) -> Floats:
    """The inverses of products of columns that were centred and scaled, of the columns themselves."""
    p = grams.shape[-1]
    inverse = np.stack([solved(grams, np.broadcast_to(e, grams.shape[:-1]), pinned) for e in np.eye(p)], axis=-1)
    out = unstandardised(np.swapaxes(inverse, -1, -2), scale, shift, groups.constant)
    return unstandardised(np.swapaxes(out, -1, -2), scale, shift, groups.constant)


def _linear_replicates(
    groups: Groups, question: Question, layout: Layout, value: Floats, pool: Floats | None, replicates: Replicates
) -> Floats:
    """(R, C, m) from sums of products at each replicate; nothing is fitted twice."""
    scale, shift, z = groups.standard
    level = 0.0 if groups.constant is None else float(groups.weights @ groups.y / groups.weights.sum())
    first = groups.constant if groups.constant is not None else groups.q
    columns = [z] if groups.constant is not None else [z, np.ones((len(z), 1))]
    z = np.column_stack([*columns, groups.y - level])
    grams = replicates.grams(z, groups.cell, 2 * groups.n_cells, rows=groups.rows)
    q, names = groups.q, layout.names
    out = np.full((len(grams), groups.n_cells, layout.size), np.nan)

    pinned = (None, None) if groups.pinned is None else (groups.pinned[0::2], groups.pinned[1::2])

    def original(beta: Floats) -> Floats:
        beta = unstandardised(beta, scale, shift, groups.constant)
        if groups.constant is not None:
            beta[..., groups.constant] += level
        return beta

    with np.errstate(invalid="ignore", divide="ignore"):
        for side, name in enumerate(("of", "minus")):
            own = grams[:, side::2]
            total = own[..., first, first]
            out[..., names[f"w_{name}"].start] = total
            out[..., names[f"x_{name}"]] = own[..., first, :q] / total[..., None] * scale + shift
            out[..., names[f"y_{name}"].start] = own[..., first, -1] / total + level
            out[..., names[f"b_{name}"]] = original(solved(own[..., :q, :q], own[..., :q, -1], pinned[side]))
    if layout.pool:
        out[..., names["pool"]] = (
            question.fitted_replicates[:, None]
            if question.fitted_replicates is not None
            else original(_pooled_of(grams, q, first, question.reference.kind == "pooled"))
        )
    return out


def _pooled_of(grams: Floats, q: int, first: int, with_group: bool) -> Floats:
    """(R, C, q) coefficients of both groups together, with a term for being in `minus` or without."""
    both, minus = grams[:, 0::2] + grams[:, 1::2], grams[:, 1::2]
    if not with_group:
        return solved(both[..., :q, :q], both[..., :q, -1])
    left = np.zeros((*both.shape[:2], q + 1, q + 1))
    left[..., :q, :q] = both[..., :q, :q]
    left[..., q, :q] = left[..., :q, q] = minus[..., first, :q]
    left[..., q, q] = minus[..., first, first]
    right = np.concatenate([both[..., :q, -1], minus[..., first, -1:]], axis=-1)
    return solved(left, right)[..., :q]


def _fitted_replicates(
    groups: Groups, question: Question, layout: Layout, value: Floats, pool: Floats | None, replicates: Replicates
) -> Floats:
    """(R, C, m) with the models fitted at each replicate, from the coefficients of the full sample on."""
    sides = by_code(groups.cell, 2 * groups.n_cells)
    pieces = []
    n_replicates = replicates.n_replicates
    width = max(1, _PIECE // max(len(groups.y), 1))
    for start in range(0, n_replicates, width):
        some = slice(start, start + width)
        out = np.full((min(width, n_replicates - start), groups.n_cells, layout.size), np.nan)
        for c in range(groups.n_cells):
            both = (sides[2 * c], sides[2 * c + 1])
            own = [replicates.at(groups.rows[rows], some.start, some.stop) for rows in both]
            cell = _Cell(groups, question, layout, c, value[c], None if pool is None else pool[c])
            out[:, c] = cell.at(both, own, some)
        pieces.append(out)
    return np.concatenate(pieces)


@dataclass(frozen=True, eq=False)
class _Cell:
    """One cell at sets of weights."""

    groups: Groups
    question: Question
    layout: Layout
    number: int
    value: Floats
    pool: Floats | None

    def at(self, both: tuple[Codes, Codes], own: list[Floats], some: slice) -> Floats:
        """(R, m) its numbers; `own` are the weights (m_g, R) of its two groups, `some` which replicates these are."""
        groups, names = self.groups, self.layout.names
        out = np.zeros((own[0].shape[1], self.layout.size))
        for side, (name, rows, w) in enumerate(zip(("of", "minus"), both, own, strict=True)):
            place = np.arange(self.layout.size)[names[f"b_{name}"]][groups.free(2 * self.number + side)]
            x = groups.x[rows][:, groups.free(2 * self.number + side)]
            out[:, place] = _refitted(x, groups.y[rows], w, self.question.family, self.value[place])
            total = w.sum(axis=0)
            out[:, names[f"w_{name}"].start] = total
            out[:, names[f"x_{name}"]] = w.T @ groups.x[rows] / total[:, None]
            out[:, names[f"y_{name}"].start] = w.T @ groups.y[rows] / total
        if self.layout.pool:
            out[:, names["pool"]] = self._pool(both, own, some)
        self._predict(out, both, own)
        if self.layout.swapped:
            self._swap(out, both, own)
        return out

    def _pool(self, both: tuple[Codes, Codes], own: list[Floats], some: slice) -> Floats:
        """(R, q) the pooled model's coefficients, or those of a fitted one."""
        if self.question.fitted_replicates is not None:
            return self.question.fitted_replicates[some]
        assert self.pool is not None
        rows = np.concatenate(both)
        x = pooled_regressors(self.groups, self.question.reference.kind)[rows]
        beta = _refitted(x, self.groups.y[rows], np.vstack(own), self.question.family, self.pool)
        return beta[:, : self.groups.q]

    def _predict(self, out: Floats, both: tuple[Codes, Codes], own: list[Floats]) -> None:
        """Mean predictions, by each group's own coefficients and by the others."""
        numbers, mean_of = self.layout.take(out), self.question.family.link.mean
        for side, (name, rows, w) in enumerate(zip(("of", "minus"), both, own, strict=True)):
            for place, beta in enumerate((numbers[f"b_{name}"], self.question.other(side, numbers))):
                mean = np.asarray(mean_of(self.groups.x[rows] @ beta.T))
                out[:, self.layout.names[f"p_{name}"].start + place] = (w * mean).sum(axis=0) / w.sum(axis=0)

    def _swap(self, out: Floats, both: tuple[Codes, Codes], own: list[Floats]) -> None:
        """Fairlie's parts, people paired anew."""
        x = (self.groups.x[both[0]], self.groups.x[both[1]])
        beta = self.question.other(0, self.layout.take(out))
        for r, one in enumerate(beta):
            if np.isfinite(one).all():
                made = self.question.paired(x, (own[0][:, r], own[1][:, r]), one)
                out[r, self.layout.names["swapped"]] = made.value()
            else:
                out[r, self.layout.names["swapped"]] = np.nan


def _refitted(x: Floats, y: Floats, weights: Floats, family: Family, start: Floats) -> Floats:
    """(R, p) coefficients at sets of weights; nan where there are none."""
    fitted = glm.fit(x, y, weights, family, start=start)
    return np.where(fitted.converged, fitted.coefficients, np.nan).T
