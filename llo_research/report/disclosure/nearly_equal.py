"""Sums over the same persons of which a combination is of a few: with other weights, or of variables that are nearly
the same number, or of which one is made of others, for all but these.

Means with weights that differ for one person give his value, pay beside top-coded pay gives what was cut off, and of
pay with and without a bonus beside the bonus the three tell who has another one. Of sums of what persons add, anybody
may take a combination; where it is 0 for all but a few persons it tells of these. It is looked for by what holds among
some persons, drawn several times: what holds among these and for nearly all tells of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import solve_triangular
from scipy.sparse.csgraph import connected_components

from llo_research.report.disclosure.tables import Rows, Tables, Values
from llo_research.results.profiles.profile import Rules

_SAME = 1e-7  # of a part: what influence values leave of it
_DRAWS = 5  # of persons among whom a combination is looked for: one at least holds none of a few, nearly always
_MORE, _PART = 8, 50  # persons drawn beyond the number of sums, and the part of all that is drawn at least
_LEAST = 3  # persons drawn beyond the sums of which others may be made
_MOST = 400  # numbers that are looked at together


@dataclass(frozen=True, eq=False)
class _Sum:
    """What persons add to a sum.

    amounts : (p,). of : places of the numbers that it is made of; none of weights. names : their variables and levels.
    number : whether it is a sum of numbers, and not of an answer.
    """

    amounts: np.ndarray
    of: frozenset[int]
    names: frozenset[tuple[str, str]]
    number: bool

    def tells(self, beside: Sequence[_Sum], other_weights: bool) -> bool:
        """Whether it tells of persons beside others; parts of a group, and answers, are looked after elsewhere."""
        numbers = self.number or any(one.number for one in beside)
        several = len(self.names.union(*(one.names for one in beside))) > 1
        if other_weights:
            return (numbers or not several) and bool(self.of) and any(one.of for one in beside)
        return numbers and several and bool(self.of)


def nearly_equal(tables: Tables, values: Sequence[Values], rules: Rules) -> Iterator[tuple[Values, int]]:
    """Values, of those that are told, which beside earlier ones tell of a few persons, and how many these are."""
    found: dict[int, int] = {}
    names = [(min(tables.same.get(one.variable, {one.variable})), one.level) for one in values]
    groups = [(own, False) for own in _of_the_same(tables, values, names, rules)]
    groups += [(own, True) for own in _with_other_weights(tables, values, names)]
    for own, other_weights in groups:
        told = _Told(tables, values, names, rules, other_weights)
        for i, people in told.few([i for i in own if i not in found]):
            found[i] = people
            yield values[i], people


def _of_the_same(
    tables: Tables, values: Sequence[Values], names: Sequence[tuple[str, str]], rules: Rules
) -> Iterator[list[int]]:
    """Places of values over the same rows, but for a few, of which there are numbers and more than one variable."""
    of: dict[int, list[int]] = {}
    for i, one in enumerate(values):
        of.setdefault(one.set, []).append(i)
    numbers = [own for own, some in of.items() if any(values[i].gave is None for i in some)]
    sets = sorted(numbers, key=lambda one: len(tables.sets[one]))
    shared = tables.shared([tables.sets[one] for one in sets])
    size = np.diag(shared)
    limit = rules.units * tables.most_rows
    near = (size[:, None] + size[None, :] - 2 * shared < limit) & (2 * shared > size[:, None])
    _, label = connected_components(near, directed=False)
    for group in range(int(label.max(initial=-1)) + 1):
        own = sorted(i for j in np.flatnonzero(label == group) for i in of[sets[j]])
        if len({names[i] for i in own}) > 1:
            yield own


def _with_other_weights(
    tables: Tables, values: Sequence[Values], names: Sequence[tuple[str, str]]
) -> Iterator[list[int]]:
    """Places of the values of each variable of which some rows count in another proportion in one sum than another."""
    of: dict[str, list[int]] = {}
    for i, (name, _) in enumerate(names):
        if name:
            of.setdefault(name, []).append(i)
    for own in of.values():
        usual, other = np.full(tables.n, np.nan), False
        for i in own:
            rows, weights = tables.sets[values[i].set], values[i].weights
            ratio = weights / usual[rows]
            known = np.isfinite(ratio)
            if known.any():
                other |= bool(np.ptp(ratio[known]) > _SAME * np.abs(ratio[known]).max())
            usual[rows[~known]] = weights[~known] / (np.median(ratio[known]) if known.any() else 1.0)
        if other:
            yield own


@dataclass(frozen=True, eq=False)
class _Told:
    """Values, with the names of their variables; whether those of one variable are of different weights."""

    tables: Tables
    values: Sequence[Values]
    names: Sequence[tuple[str, str]]
    rules: Rules
    other_weights: bool

    def few(self, own: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Places of values that tell of a few beside those before them, and of how many."""
        if not 1 < len(own) <= _MOST:
            return
        rows = np.unique(np.concatenate([self.tables.sets[self.values[i].set] for i in own]))
        who, number = _persons(self.tables, rows)
        sums = [one for i in own for one in self._sums(i, rows, who, number)]
        gone: set[int] = set()
        for seed in range(_DRAWS):
            left = [one for one in sums if gone.isdisjoint(one.of)]
            for i, people in self._drawn(left, np.random.default_rng(seed)):
                if i not in gone:
                    gone.add(i)
                    yield i, people

    def _sums(self, i: int, rows: Rows, who: np.ndarray, number: int) -> Iterator[_Sum]:
        """The sums of weights and of values that a number tells."""
        one = self.values[i]
        at = who[np.searchsorted(rows, self.tables.sets[one.set])]
        yield _Sum(np.bincount(at, one.weights, number), frozenset(), frozenset(), False)
        amounts = one.sums()["value" if one.gave is None else "gave"]
        yield _Sum(np.bincount(at, amounts, number), frozenset([i]), frozenset([self.names[i]]), one.gave is None)

    def _drawn(self, sums: Sequence[_Sum], draw: np.random.Generator) -> Iterator[tuple[int, int]]:
        """Of combinations of a few persons the last number in them, and how many persons."""
        number = len(sums[0].amounts)
        size = min(max(len(sums) + _MORE, number // _PART), number // 2)
        some, kept, left = draw.choice(number, size, replace=False), _Kept(size), list[_Sum]()
        for one in sums:
            parts = kept.add(one, some)
            if parts is None:
                continue
            beside, times = kept.beside(parts, some)
            if not one.tells(beside, self.other_weights):
                continue
            rest = _rest(one, beside, times)
            of, names = (getattr(one, key).union(*(getattr(k, key) for k in beside)) for key in ("of", "names"))
            people, largest = int(np.count_nonzero(rest)), float(np.abs(rest).max(initial=0.0))
            if 0 < people < self.rules.units:
                yield max(of), people
            elif people < number / 2 and largest > self.rules.largest_share * float(np.abs(rest).sum()):
                yield max(of), 1
            elif people:
                left.append(_Sum(rest, of, names, True))
        if 1 < len(left) < len(sums):
            here = np.any([one.amounts != 0 for one in left], axis=0)
            yield from self._drawn([replace(one, amounts=one.amounts[here]) for one in left], draw)


def _persons(tables: Tables, rows: Rows) -> tuple[np.ndarray, int]:
    """A number for the person of each row, and how many there are; a row of nobody that is known is a person."""
    if tables.persons is None:
        return np.arange(len(rows)), len(rows)
    own = tables.persons[rows]
    found, who = np.unique(np.where(own < 0, -1 - rows, own), return_inverse=True)
    return who.ravel(), len(found)


def _rest(one: _Sum, beside: Sequence[_Sum], times: Sequence[float]) -> np.ndarray:
    """(p,) what is left of a sum beside others, so many times each; 0 where that is rounding."""
    rest, size = one.amounts.copy(), np.abs(one.amounts)
    for other, t in zip(beside, times, strict=True):
        rest -= t * other.amounts
        size += np.abs(t * other.amounts)
    rest[np.abs(rest) <= _SAME * size] = 0.0
    return rest


class _Kept:
    """Sums of which none is made of the others among some persons: an orthonormal basis, and what each is in it."""

    def __init__(self, size: int) -> None:
        self.sums, self.basis, self.triangle = list[_Sum](), np.zeros((size, 0)), list[np.ndarray]()

    def add(self, one: _Sum, some: Rows) -> np.ndarray | None:
        """A sum that is made of no others, or else of how much of the basis it is made among some persons."""
        mine = one.amounts[some]
        parts = self.basis.T @ mine
        rest = mine - self.basis @ parts
        again = self.basis.T @ rest  # twice, so that it is nothing where it is nothing
        rest, parts = rest - self.basis @ again, parts + again
        length = float(np.linalg.norm(rest))
        if length <= _SAME * float(np.linalg.norm(mine)):
            return np.asarray(parts)
        if len(self.sums) < len(some) - _LEAST:
            self.basis = np.column_stack([self.basis, rest / length])
            self.triangle.append(np.append(parts, length))
            self.sums.append(one)
        return None

    def beside(self, parts: np.ndarray, some: Rows) -> tuple[list[_Sum], list[float]]:
        """The sums of which another one is made, and how many times each."""
        if not self.sums:
            return [], []
        full = np.zeros((len(self.sums), len(self.sums)))
        for j, column in enumerate(self.triangle):
            full[: j + 1, j] = column
        times = solve_triangular(full, parts)
        sizes = np.abs(times) * np.array([np.linalg.norm(one.amounts[some]) for one in self.sums])
        used = [int(j) for j in np.flatnonzero(sizes > _SAME * sizes.max(initial=0.0))]
        return [self.sums[j] for j in used], [float(times[j]) for j in used]
