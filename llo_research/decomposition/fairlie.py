"""Fairlie's parts of a difference of mean predictions: people paired by rank, terms swapped in every order.

Both groups are put in order of their predictions and matched rank by rank: a person's share of the weight of the group
goes to those who stand at the same ranks in the other. With Phi_S(i, j) the prediction of a person who has the terms in
S from i (of `of`) and the others from j, the part of term k is the mean over these pairs of its Shapley value
phi_k(i, j) = sum over S without k of s!(K - s - 1)!/K! (Phi_{S+k}(i, j) - Phi_S(i, j)), the exact expectation over all
orders in which the terms may be swapped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from llo_research.decomposition.normalise import Terms
from llo_research.decomposition.shapley_values import weights_of
from llo_research.numerics.families import Link
from llo_research.numerics.groups import Codes, Floats

# Predictions of pairs at all sets of terms are made in pieces of at most this many numbers (32 MB).
_PIECE = 4_000_000
# Predictions that differ by less than this share of their size have the same rank.
_TIED = 1e-11
# Matches by which a person's own effect is told from that of the match, and how far these lie in ranks; with many terms
# fewer, at least four, as each pair is predicted at all sets of terms.
_MATCHES, _FEWEST, _NEAR, _NEAREST = 16, 4, 0.5, 0.25
# A person with more of the weight than this is met at several ranks.
_PIECES = 500


@dataclass(frozen=True, eq=False)
class Players:
    """The terms that are swapped.

    coefficients, means : (Q, q) maps of the model's, as in ``Terms``. members : (K, Q) which rows each term adds up.
    """

    coefficients: Floats
    means: Floats
    members: Floats

    @property
    def number(self) -> int:
        """K"""
        return len(self.members)

    def parts(self, x: Floats, beta: Floats) -> tuple[Floats, Floats]:
        """(n, K) what each term adds to the linear predictor of each person, and (n,) what no term does."""
        products = (x @ self.means.T) * (self.coefficients @ beta)
        own = products @ self.members.T
        return own, products.sum(axis=1) - own.sum(axis=1)

    def through(self, x: Floats) -> tuple[Floats, Floats]:
        """(n, K, q) and (n, q): derivatives of the same in the coefficients."""
        at = x @ self.means.T
        own = np.einsum("nr,kr,rq->nkq", at, self.members, self.coefficients, optimize=True)
        return own, at @ self.coefficients - own.sum(axis=1)


def players_of(terms: Terms, members: Floats, silent: np.ndarray) -> Players:
    """The listed rows of a formula, but for the constant, which is the same in both groups."""
    return Players(terms.coefficients, terms.means, members[~silent])


@dataclass(frozen=True, eq=False)
class _Side:
    """One group in order of its predictions.

    x : (n, q). parts, rest : (n, K), (n,) of the linear predictor. share : (n,) of the weight. end : (n,) rank at which
    each person's share ends. order : (n,) the rows in this order.
    """

    x: Floats
    parts: Floats
    rest: Floats
    share: Floats
    end: Floats
    order: Codes

    def at(self, ranks: Floats) -> Codes:
        """Who stands at ranks."""
        return np.minimum(np.searchsorted(self.end, ranks, side="right"), len(self.end) - 1)


def _ordered(x: Floats, weights: Floats, beta: Floats, players: Players) -> _Side:
    """A group by its predictions; equal ones by their regressors, in the order of the formula."""
    parts, rest = players.parts(x, beta)
    eta = parts.sum(axis=1) + rest
    size = np.abs(eta).max(initial=0.0) or 1.0
    order = np.lexsort([*(x[:, j] for j in range(x.shape[1] - 1, -1, -1)), np.round(eta / size / _TIED)])
    share = weights[order] / weights.sum()
    return _Side(x[order], parts[order], rest[order], share, np.cumsum(share), order)


@dataclass(frozen=True, eq=False)
class Paired:
    """Two groups matched by rank.

    of, minus : positions of the pairs in the ordered groups. mass : what each pair weighs, 1 in all.
    """

    sides: tuple[_Side, _Side]
    players: Players
    link: Link
    of: Codes
    minus: Codes
    mass: Floats

    def value(self) -> Floats:
        """(K,) the parts."""
        return np.asarray(self.mass @ self._pairs(self.of, self.minus))

    def slopes(self) -> Floats:
        """(K, q) derivatives in the coefficients, the pairs held."""
        of, minus = self.sides
        masks, values = _sets(self.players.number)
        q = of.x.shape[1]
        out = np.zeros((len(masks), q))
        for some in self._pieces(len(self.mass)):
            i, j = self.of[some], self.minus[some]
            (own, rest), (other, _) = self.players.through(of.x[i]), self.players.through(minus.x[j])
            steep = self.link.slope(self._at(i, j, masks)) * self.mass[some][:, None]
            moved = (own - other).reshape(len(i), -1)
            out += np.einsum("sk,skq->sq", masks, (steep.T @ moved).reshape(len(masks), -1, q))
            out += steep.T @ (other.sum(axis=1) + rest)
        return np.asarray(values @ out)

    def influence(self) -> tuple[Floats, Floats]:
        """(n_of, K) and (n_minus, K) derivative of the parts in the share of each person, in the rows' own order.

        The change of a part when people of rank t are added is that of phi at their own regressors, less what the rest
        of the group, moved up in rank, takes over from them: psi(t) - integral_0^t d psi / d(rank of the match). Both
        are averaged over matches near rank t, so that the chance of who stands beside whom is none of it. What the
        averaging leaves of the whole, the person's own prediction, is spread evenly over the terms.
        """
        out = []
        for side, own in enumerate(self.sides):
            effect = self._own_effect(side)
            eta = own.parts.sum(axis=1) + own.rest
            whole = np.asarray(self.link.mean(eta)) * (1.0, -1.0)[side]
            left = whole - effect.sum(axis=1)
            effect = effect + left[:, None] / effect.shape[1]
            placed = np.empty_like(effect)
            placed[own.order] = effect - own.share @ effect
            out.append(placed)
        return out[0], out[1]

    def _own_effect(self, side: int) -> Floats:
        """(n, K) of one group, in its order."""
        own, other = self.sides[side], self.sides[1 - side]
        pieces = np.maximum(1, np.ceil(own.share * _PIECES)).astype(np.intp)
        person = np.repeat(np.arange(len(own.share)), pieces)
        mass = (own.share / pieces)[person]
        rank = np.cumsum(mass) - mass / 2
        near = min(_NEAREST, _NEAR * min(len(own.share), len(other.share)) ** -0.2)
        matches = max(_FEWEST, _MATCHES >> max(0, self.players.number - 9))
        shift = near * (2 * np.arange(matches) + 1 - matches) / matches
        reached = np.abs(rank[:, None] + shift)
        reached = np.where(reached > 1, 2 - reached, reached)
        match = other.at(reached.ravel())
        mine = np.repeat(person, matches)
        pairs = (mine, match) if side == 0 else (match, mine)
        values = self._pairs(*pairs).reshape(len(person), matches, -1)
        away = reached - rank[:, None]
        centred = away - away.mean(axis=1, keepdims=True)
        slope = np.einsum("nl,nlk->nk", centred, values) / (centred**2).sum(axis=1)[:, None]
        level = values.mean(axis=1) - slope * away.mean(axis=1)[:, None]
        taken = np.cumsum(slope * mass[:, None], axis=0) - slope * mass[:, None] / 2
        summed = np.add.reduceat((level - taken) * mass[:, None], np.cumsum(pieces) - pieces, axis=0)
        return np.asarray(summed / own.share[:, None])

    def _pairs(self, i: Codes, j: Codes) -> Floats:
        """(P, K) Shapley values of pairs."""
        masks, values = _sets(self.players.number)
        out = np.empty((len(i), len(values)))
        for some in self._pieces(len(i)):
            out[some] = np.asarray(self.link.mean(self._at(i[some], j[some], masks))) @ values.T
        return out

    def _at(self, i: Codes, j: Codes, masks: Floats) -> Floats:
        """(P, sets) linear predictors with the terms of each set from i, the others from j."""
        of, minus = self.sides
        start = minus.parts[j].sum(axis=1) + minus.rest[j]
        return np.asarray(start[:, None] + (of.parts[i] - minus.parts[j]) @ masks.T)

    def _pieces(self, number: int) -> Iterator[slice]:
        """Pairs, some at a time."""
        width = max(1, _PIECE >> self.players.number)
        return (slice(start, start + width) for start in range(0, number, width))


def paired(
    x: tuple[Floats, Floats], weights: tuple[Floats, Floats], beta: Floats, players: Players, link: Link
) -> Paired:
    """Both groups matched rank by rank: at most n_of + n_minus - 1 pairs."""
    sides = tuple(_ordered(one, w, beta, players) for one, w in zip(x, weights, strict=True))
    of, minus = sides
    ends = np.unique(np.concatenate([of.end[:-1], minus.end[:-1], [1.0]]))
    mass = np.diff(ends, prepend=0.0)
    middle = ends - mass / 2
    return Paired((of, minus), players, link, of.at(middle), minus.at(middle), mass)


@cache
def _sets(number: int) -> tuple[Floats, Floats]:
    """(2^K, K) which terms are in each set, and (K, 2^K) what a set's prediction counts for in each term's value."""
    masks = (np.arange(2**number)[:, None] >> np.arange(number) & 1).astype(np.float64)
    size = masks.sum(axis=1).astype(int)
    here = np.array([weights_of(s - 1, number) if s else 0.0 for s in size])
    away = np.array([weights_of(s, number) if s < number else 0.0 for s in size])
    return masks, np.where(masks.T == 1, here, -away)
