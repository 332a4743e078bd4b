"""Auxiliaries of cells: a dense matrix, or the levels of categories, whose sums and cross-products need no matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np

from llo_research.numerics.groups import Codes, Floats, group_sums


@dataclass(frozen=True, eq=False)
class RowColumns:
    """Columns of X at rows, of which a row touches only those of its own group.

    codes : (n,) group of each row, ``number`` for rows that are in none.
    values : (n, q) the row's numbers in the q columns of its group.
    number : number of groups.
    place : (number q,) the column of X that stands at (group, j); -1 for none.
    """

    codes: Codes
    values: Floats
    number: int
    place: Codes


class Products(Protocol):
    """A matrix X by its products."""

    def times(self, coefficients: Floats) -> Floats:
        """X b, for b (p x k)."""
        ...

    def sums(self, values: Floats) -> Floats:
        """X' v: p x k."""
        ...


class Regressors(Products, Protocol):
    """A C x p matrix X that stands at rows."""

    @property
    def shape(self) -> tuple[int, int]:
        """C and p."""
        ...

    def at(self, cells: Codes) -> Products:
        """Some of the rows, perhaps several times."""
        ...

    def columns_at(self, cells: Codes) -> tuple[RowColumns, ...]:
        """All columns at rows in these cells (n,), C for rows that are in none."""
        ...


class Auxiliaries(Regressors, Protocol):
    """A C x p matrix X of auxiliaries, by what is asked of it."""

    @property
    def x(self) -> Floats:
        """(C, p) the matrix itself."""
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

    def columns_at(self, cells: Codes) -> tuple[RowColumns, ...]:
        """One group that has all columns."""
        c, p = self.x.shape
        padded = np.vstack([self.x, np.zeros((1, p))])
        return (RowColumns((cells == c).astype(np.intp), padded[cells], 1, np.arange(p)),)


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

    def columns_at(self, cells: Codes) -> tuple[RowColumns, ...]:
        """For each category one column, with its levels as groups."""
        place = np.full(int(self._starts[-1]), -1, dtype=np.intp)
        place[self.columns] = np.arange(len(self.columns))
        own = np.split(place, self._starts[1:-1])
        ones = np.ones((len(cells), 1))
        return tuple(
            RowColumns(np.append(level, number)[cells], ones, number, at)
            for level, number, at in zip(self.levels, self.numbers, own, strict=True)
        )


@dataclass(frozen=True, eq=False)
class Apart:
    """Auxiliaries of several groups of cells, each with columns of its own: a block-diagonal matrix.

    parts : the auxiliaries of each group; their cells and columns follow each other.
    """

    parts: tuple[Regressors, ...]

    @cached_property
    def _cells(self) -> Codes:
        """Position after each part's last cell, from 0."""
        return np.cumsum([0, *(part.shape[0] for part in self.parts)])

    @cached_property
    def _columns(self) -> Codes:
        """Position after each part's last column, from 0."""
        return np.cumsum([0, *(part.shape[1] for part in self.parts)])

    @property
    def shape(self) -> tuple[int, int]:
        """C and p."""
        return int(self._cells[-1]), int(self._columns[-1])

    def _whole(self) -> Picked:
        """All rows of all parts."""
        rows = tuple(np.arange(first, last) for first, last in pairwise(self._cells))
        return Picked(self.parts, rows, self._columns)

    def times(self, coefficients: Floats) -> Floats:
        """X b."""
        return self._whole().times(coefficients)

    def sums(self, values: Floats) -> Floats:
        """X' v."""
        return self._whole().sums(values)

    def at(self, cells: Codes) -> Picked:
        """Some of the rows."""
        part = np.searchsorted(self._cells, cells, side="right") - 1
        rows = tuple(np.flatnonzero(part == number) for number in range(len(self.parts)))
        inner = zip(self.parts, rows, self._cells, strict=False)
        return Picked(tuple(own.at(cells[here] - first) for own, here, first in inner), rows, self._columns)

    def columns_at(self, cells: Codes) -> tuple[RowColumns, ...]:
        """Those of all parts: columns of the same number stand beside each other, the parts' groups follow."""
        own = [part.columns_at(np.arange(part.shape[0])) for part in self.parts]
        most = max(len(columns) for columns in own)
        return tuple(
            self._beside([columns[k] if k < len(columns) else None for columns in own], cells) for k in range(most)
        )

    def _beside(self, own: list[RowColumns | None], cells: Codes) -> RowColumns:
        """One set of columns of each part (None where a part has fewer) as one, at rows in these cells."""
        width = max(columns.values.shape[1] for columns in own if columns is not None)
        groups = sum(columns.number for columns in own if columns is not None)
        codes, values = np.full(self.shape[0] + 1, groups, dtype=np.intp), np.zeros((self.shape[0] + 1, width))
        place, before = np.full((groups, width), -1, dtype=np.intp), 0
        for columns, (start, stop), first in zip(own, pairwise(self._cells), self._columns, strict=False):
            if columns is None:
                continue
            q = columns.values.shape[1]
            codes[start:stop], values[start:stop, :q] = columns.codes + before, columns.values
            at = columns.place.reshape(columns.number, q)
            place[before : before + columns.number, :q] = np.where(at < 0, -1, at + first)
            before += columns.number
        return RowColumns(codes[cells], values[cells], groups, place.ravel())


@dataclass(frozen=True, eq=False)
class Picked:
    """Rows of the auxiliaries of several groups.

    parts : the rows of each group; rows : their positions among all rows; columns : (G + 1,) where each group's begin.
    """

    parts: tuple[Products, ...]
    rows: tuple[Codes, ...]
    columns: Codes

    def times(self, coefficients: Floats) -> Floats:
        """X b."""
        out = np.empty((sum(len(rows) for rows in self.rows), coefficients.shape[1]))
        for part, rows, (first, last) in zip(self.parts, self.rows, pairwise(self.columns), strict=True):
            out[rows] = part.times(coefficients[first:last])
        return out

    def sums(self, values: Floats) -> Floats:
        """X' v."""
        return np.concatenate([part.sums(values[rows]) for part, rows in zip(self.parts, self.rows, strict=True)])
