"""Auxiliaries of cells: a dense matrix, or the levels of categories, whose sums and cross-products need no matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np

from llo_research.numerics.groups import Codes, Floats, group_sums


class Auxiliaries(Protocol):
    """A C x p matrix X of auxiliaries, by what is asked of it."""

    @property
    def x(self) -> Floats:
        """(C, p) the matrix itself."""
        ...

    @property
    def shape(self) -> tuple[int, int]:
        """C and p."""
        ...

    def times(self, coefficients: Floats) -> Floats:
        """X b: C x k, for b (p x k)."""
        ...

    def sums(self, values: Floats) -> Floats:
        """X' v: p x k, for v (C x k)."""
        ...

    def sizes(self, values: Floats) -> Floats:
        """abs(X)' v: p x k, for v (C x k)."""
        ...

    def grams(self, weights: Floats) -> Floats:
        """X' diag(v) X for each column of v (C x R): R x p x p."""
        ...

    def only(self, columns: Codes) -> Auxiliaries:
        """Some of the columns."""
        ...

    def at(self, cells: Codes) -> Auxiliaries:
        """Some of the rows, perhaps several times."""
        ...


@dataclass(frozen=True, eq=False)
class Dense:
    """Auxiliaries of any kind.

    x : (C, p)
    """

    x: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """C and p."""
        return len(self.x), self.x.shape[1]

    def times(self, coefficients: Floats) -> Floats:
        """X b."""
        return np.asarray(self.x @ coefficients)

    def sums(self, values: Floats) -> Floats:
        """X' v."""
        return np.asarray(self.x.T @ values)

    def sizes(self, values: Floats) -> Floats:
        """abs(X)' v."""
        return np.asarray(np.abs(self.x).T @ values)

    def grams(self, weights: Floats) -> Floats:
        """X' diag(v) X for each column."""
        p, r = self.x.shape[1], weights.shape[1]
        if r == 1:
            return np.asarray((self.x * weights).T @ self.x)[None]
        first, second = np.triu_indices(p)
        out = np.empty((r, p, p))
        out[:, first, second] = out[:, second, first] = ((self.x[:, first] * self.x[:, second]).T @ weights).T
        return out

    def only(self, columns: Codes) -> Dense:
        """Some of the columns."""
        return Dense(self.x[:, columns])

    def at(self, cells: Codes) -> Dense:
        """Some of the rows."""
        return Dense(self.x[cells])


@dataclass(frozen=True, eq=False)
class Levels:
    """Indicators of the levels of one or more categories.

    levels : for each category, (C,) the level of each cell.
    numbers : how many levels each category has.
    columns : (p,) the kept ones among the indicators of all levels, category after category.
    """

    levels: tuple[Codes, ...]
    numbers: tuple[int, ...]
    columns: Codes

    @classmethod
    def full(cls, levels: list[Codes], numbers: list[int]) -> Levels:
        """All indicators."""
        return cls(tuple(levels), tuple(numbers), np.arange(sum(numbers)))

    @property
    def shape(self) -> tuple[int, int]:
        """C and p."""
        return len(self.levels[0]), len(self.columns)

    @cached_property
    def _starts(self) -> Codes:
        """Position of each category's first indicator, and the number of all indicators."""
        return np.cumsum([0, *self.numbers])

    @property
    def x(self) -> Floats:
        """(C, p) the matrix itself."""
        out = np.zeros((len(self.levels[0]), int(self._starts[-1])))
        cells = np.arange(len(out))
        for first, level in zip(self._starts, self.levels, strict=False):
            out[cells, first + level] = 1.0
        return out if len(self.columns) == out.shape[1] else out[:, self.columns]

    def times(self, coefficients: Floats) -> Floats:
        """X b."""
        full = np.zeros((int(self._starts[-1]), coefficients.shape[1]))
        full[self.columns] = coefficients
        out = full[self.levels[0]]
        for first, level in zip(self._starts[1:], self.levels[1:], strict=False):
            out += full[first:][level]
        return out

    def sums(self, values: Floats) -> Floats:
        """X' v."""
        parts = [group_sums(level, values, number) for level, number in zip(self.levels, self.numbers, strict=True)]
        return np.concatenate(parts)[self.columns]

    def sizes(self, values: Floats) -> Floats:
        """abs(X)' v, which is X' v."""
        return self.sums(values)

    def grams(self, weights: Floats) -> Floats:
        """X' diag(v) X for each column: sums by pairs of levels."""
        size = int(self._starts[-1])
        out = np.zeros((weights.shape[1], size, size))
        places = [np.arange(first, last) for first, last in pairwise(self._starts)]
        for a, one in enumerate(self.levels):
            if a == 0:
                out[:, places[0], places[0]] = group_sums(one, weights, self.numbers[0]).T
            for b in range(a + 1, len(self.levels)):
                shape = (self.numbers[a], self.numbers[b])
                pairs = group_sums(one * shape[1] + self.levels[b], weights, shape[0] * shape[1]).T.reshape(-1, *shape)
                out[:, places[a][:, None], places[b]] = pairs
                out[:, places[b][:, None], places[a]] = pairs.transpose(0, 2, 1)
                if a == 0:
                    out[:, places[b], places[b]] = pairs.sum(axis=1)
        return out[:, self.columns[:, None], self.columns]

    def only(self, columns: Codes) -> Levels:
        """Some of the columns."""
        return Levels(self.levels, self.numbers, self.columns[columns])

    def at(self, cells: Codes) -> Levels:
        """Some of the rows."""
        return Levels(tuple(level[cells] for level in self.levels), self.numbers, self.columns)
