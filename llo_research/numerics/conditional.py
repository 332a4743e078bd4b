"""Conditional logit: the likelihood of who answered yes, given how many times a group did.

Of a group with T rows and k ones, P(y | k) = exp(sum y_t eta_t) / f(T, k), where f(t, j) sums exp(sum of eta) over all
choices of j among the first t rows: f(t, j) = f(t-1, j) + exp(eta_t) f(t-1, j-1) (Howard, S. (1972). Discussion on
Professor Cox's paper. Journal of the Royal Statistical Society B, 34, 210-211). It is kept in logarithms. With
q(t, j) = exp(eta_t) f(t-1, j-1) / f(t, j), the chance that row t is a one given j among the first t, the mean and
covariance of sum y_t x_t follow by the laws of total expectation and variance: sums of terms of one sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Codes, Floats

# No coefficient moves the linear predictor of a row, from the mean of its group, by more than this at the end.
_STEP = 1e-12
# A gradient (relative to the sum of its terms' sizes) below which a stalled iteration counts as solved.
_SCORE = 1e-10
_HALVINGS = 40
_MOST_ITERATIONS = 100
_SINGULAR = 1e-13
# Groups are walked in pieces of at most so many numbers (32 MB).
_PIECE = 4_000_000


@dataclass(frozen=True, eq=False)
class Choices:
    """Groups of as many rows each, of which some answered yes and some no.

    x : (g, T, p) regressors, each group's less their mean, with the sign turned where most rows are ones.
    ones : (g, T) bool, the rarer answer. count : (g,) its number, 1 to T / 2.
    sign : (g,) 1, or -1 where turned. unit : (g,) whose weight the group has. row : (g, T) rows.
    """

    x: Floats
    ones: np.ndarray
    count: Codes
    sign: Floats
    unit: Codes
    row: Codes

    def pieces(self) -> Iterator[Choices]:
        """The groups, some at a time."""
        g, _, p = self.x.shape
        size = (int(self.count.max(initial=0)) + 1) * max(1, p * (p + 1) // 2)
        length = max(1, _PIECE // size)
        for first in range(0, g, length):
            at = slice(first, first + length)
            own = (self.x[at], self.ones[at], self.count[at], self.sign[at], self.unit[at], self.row[at])
            yield Choices(*own)


@dataclass(frozen=True, eq=False)
class Moments:
    """What stands at coefficients, of weighted groups.

    value : log likelihood. score : (p,) its gradient. information : (p, p) minus its second derivative.
    """

    value: float
    score: Floats
    information: Floats


@dataclass(frozen=True)
class Solution:
    """coefficients : (p,). converged : whether the gradient is zero there."""

    coefficients: Floats
    converged: bool


def choices(x: Floats, yes: np.ndarray, group: Codes, unit: Codes) -> list[Choices]:
    """Groups with both answers, by their number of rows.

    x : (m, p). yes : (m,) bool. group : (m,) group of each row, from 0. unit : (G,) whose weight each group has.
    """
    rows, ones = np.bincount(group), np.bincount(group, yes).astype(np.intp)
    both = np.flatnonzero((ones > 0) & (ones < rows))
    order = np.argsort(group, kind="stable")
    starts = np.concatenate([[0], np.cumsum(rows)])
    out = []
    for length in np.unique(rows[both]):
        own = both[rows[both] == length]
        row = order[starts[own][:, None] + np.arange(length)]
        turned = 2 * ones[own] > length
        sign = np.where(turned, -1.0, 1.0)
        values = x[row]
        values = (values - values.mean(axis=1, keepdims=True)) * sign[:, None, None]
        count = np.where(turned, length - ones[own], ones[own])
        out.append(Choices(values, yes[row] != turned[:, None], count, sign, unit[own], row))
    return out


def moments(groups: Sequence[Choices], weights: Floats, beta: Floats) -> Moments:
    """Log likelihood, gradient and information at coefficients (p,); weights : (N,) of units."""
    p = len(beta)
    value, score, information = 0.0, np.zeros(p), np.zeros((p, p))
    first, second = np.triu_indices(p)
    for block in groups:
        for piece in block.pieces():
            w = weights[piece.unit]
            logs, mean, spread = _forward(piece, beta, first, second)
            seen = np.einsum("gt,gtp->gp", piece.ones, piece.x)
            value += float(w @ (seen @ beta - logs))
            score += w @ (seen - mean)
            packed = w @ spread
            information[first, second] += packed
            information[second, first] = information[first, second]
    return Moments(value, score, information)


def _forward(piece: Choices, beta: Floats, first: Codes, second: Codes) -> tuple[Floats, Floats, Floats]:
    """Of each group: log f(T, k), mean (g, p) and covariance (g, pairs) of sum y_t x_t given k."""
    g, length, p = piece.x.shape
    most = int(piece.count.max())
    logs = np.full((g, most + 1), -np.inf)
    logs[:, 0] = 0.0
    mean, spread = np.zeros((g, most + 1, p)), np.zeros((g, most + 1, len(first)))
    for t in range(length):
        top = min(t + 1, most)
        x = piece.x[:, t]
        q, now = _step(logs, x @ beta, top)
        gap = mean[:, :top] + x[:, None, :] - mean[:, 1 : top + 1]
        share = q[:, :, None]
        own = spread[:, 1 : top + 1]
        within = own + share * (spread[:, :top] - own)
        spread[:, 1 : top + 1] = within + share * (1 - share) * gap[:, :, first] * gap[:, :, second]
        mean[:, 1 : top + 1] += share * gap
        logs[:, 1 : top + 1] = now
    at = np.arange(g), piece.count
    return logs[at], mean[at], spread[at]


def _step(logs: Floats, eta: Floats, top: int) -> tuple[Floats, Floats]:
    """Chances q(t, j) for j = 1 to `top`, (g, top), and log f(t, j)."""
    taken = eta[:, None] + logs[:, :top]
    now = np.logaddexp(logs[:, 1 : top + 1], taken)
    return np.exp(taken - now), now


def expected(groups: Sequence[Choices], beta: Floats, m: int) -> list[Floats]:
    """For each block of groups: (g, T) chances that each row is a yes, given how many are."""
    return [np.vstack([_backward(piece, beta) for piece in block.pieces()]) for block in groups]


def _backward(piece: Choices, beta: Floats) -> Floats:
    """(g, T) chances of a yes, from the chances of each number of ones among the first t rows."""
    g, length, _ = piece.x.shape
    most = int(piece.count.max())
    logs = np.full((g, most + 1), -np.inf)
    logs[:, 0] = 0.0
    chances = np.zeros((length, g, most + 1))
    for t in range(length):
        top = min(t + 1, most)
        chances[t, :, 1 : top + 1], logs[:, 1 : top + 1] = _step(logs, piece.x[:, t] @ beta, top)
    state = np.zeros((g, most + 1))
    state[np.arange(g), piece.count] = 1.0
    out = np.zeros((g, length))
    for t in range(length - 1, -1, -1):
        moved = state * chances[t]
        out[:, t] = moved.sum(axis=1)
        state = state - moved
        state[:, :-1] += moved[:, 1:]
    return np.where(piece.sign[:, None] > 0, out, 1 - out)


def scores(groups: Sequence[Choices], beta: Floats, m: int) -> tuple[Floats, Floats]:
    """(m, p) of each row (x_t - mean of the group) (y_t - P(y_t | k)), summed over its groups; and (m,) y - P so."""
    out, left = np.zeros((m, len(beta))), np.zeros(m)
    for block, chance in zip(groups, expected(groups, beta, m), strict=True):
        yes = block.ones == (block.sign[:, None] > 0)
        residual = yes - chance
        np.add.at(out, block.row, block.x * (residual * block.sign[:, None])[:, :, None])
        np.add.at(left, block.row, residual)
    return out, left


def solve(groups: Sequence[Choices], weights: Floats, start: Floats) -> Solution:
    """Newton's method from `start` (p,), with halved steps where the likelihood falls; weights : (N,) of units."""
    size = _sizes(groups, weights)
    beta, at, done = start, moments(groups, weights, start), False
    for _ in range(_MOST_ITERATIONS):
        step = _newton(at)
        if step is None:
            return Solution(beta, False)
        factor = 1.0
        for _ in range(_HALVINGS):
            trial = beta + factor * step
            there = moments(groups, weights, trial)
            if there.value >= at.value - 1e-12 * abs(at.value):
                break
            factor /= 2
        moved = float((np.abs(trial - beta) * size).max(initial=0.0))
        beta, at = trial, there
        if moved <= _STEP * max(1.0, float((np.abs(beta) * size).max(initial=0.0))):
            done = True
            break
    total = float(sum(weights[block.unit].sum() for block in groups))
    flat = bool((np.abs(at.score) <= _SCORE * total * size).all())
    return Solution(beta, done and flat and bool(np.isfinite(beta).all()))


def _sizes(groups: Sequence[Choices], weights: Floats) -> Floats:
    """(p,) root mean squares of the regressors within groups."""
    squares = sum((weights[b.unit] @ (b.x**2).sum(axis=1) for b in groups), start=np.zeros(groups[0].x.shape[2]))
    rows = sum(float(weights[b.unit].sum()) * b.x.shape[1] for b in groups)
    return np.asarray(np.sqrt(squares / rows))


def _newton(at: Moments) -> Floats | None:
    """information^-1 score, None where singular."""
    length = np.sqrt(np.diag(at.information))
    if not (np.isfinite(length).all() and (length > 0).all()):
        return None
    scaled = at.information / np.outer(length, length)
    if np.linalg.eigvalsh(scaled)[0] <= _SINGULAR:
        return None
    return np.asarray(np.linalg.solve(scaled, at.score / length) / length)


def pairs(groups: Sequence[Choices], weights: Floats) -> Floats:
    """(r, p) x of each yes less x of each no of the same group: what separates these has no finite estimate."""
    out = []
    for block in groups:
        here = np.flatnonzero(weights[block.unit] > 0)
        rows = block.x[here] * block.sign[here, None, None]
        yes = block.ones[here] == (block.sign[here, None] > 0)
        g, first, second = np.nonzero(yes[:, :, None] & ~yes[:, None, :])
        out.append(rows[g, first] - rows[g, second])
    return np.vstack(out)
