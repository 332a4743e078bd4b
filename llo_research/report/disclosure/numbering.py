"""The same people in several surveys: rows of data loaded twice, cut from one frame, or stacked, under one number.

Two rows are of the same person and time where all columns that the two data have in common say so, for as far as these
columns tell rows apart; where they do not, the labels of the rows (which pandas keeps in a selection) must agree as
well. A column that was changed for all, as weights that were scaled again, is left out of account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from llo_research.design.scores import Block, Scores
from llo_research.report.disclosure.tables import Rows
from llo_research.results.result import Result

_LEAST = 5  # rows in common; fewer may agree by chance
_ALONE = 0.95  # of rows that no other row of the same data is like: then two alike are one
_CHANCE = 2.0  # times what would agree by chance
_HALF = 0.5
_SHARED = (0.0, 1.0, 0.4, 0.05)  # of the values of a column that the other data have; all columns first
_MIX = np.uint64(0x9E3779B97F4A7C15)
_NONE = (np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp))


@dataclass(frozen=True)
class People:
    """Rows of the results of surveys that have some in common.

    results : by name, with the rows of their scores and models in the numbering of all. n : rows.
    persons : (n,) whose each row is, -1 where nobody knows; None where each is another's.
    """

    results: Mapping[str, Result]
    n: int
    persons: np.ndarray | None


def people_of(results: Mapping[str, Result]) -> list[People]:
    """Results by the people that they share."""
    kinds: dict[tuple[int, ...], list[str]] = {}
    for name, result in results.items():
        design: Any = result.design
        kinds.setdefault(tuple(map(id, design.frames)) or (id(design.stages), design.n), []).append(name)
    known = _Known()
    rows = [known.rows(results[names[0]].design) for names in kinds.values()]
    out = []
    for group in _meeting(rows, known.n):
        own = np.unique(np.concatenate([rows[i] for i in group]))
        at = {i: np.searchsorted(own, rows[i]) for i in group}
        names = {name: at[i] for i, some in enumerate(kinds.values()) if i in at for name in some}
        told = {name: placed(result, names[name], len(own)) for name, result in results.items() if name in names}
        out.append(People(told, len(own), _persons([(results[one].design, where) for one, where in names.items()])))
    return out


def placed(result: Result, rows: Rows, n: int) -> Result:
    """The result with its rows of the data at these places of n."""
    scores, models = result.scores, getattr(result, "models", ())
    if scores is None or np.array_equal(rows, np.arange(n)):
        return result
    own = np.full(n, -1)
    own[rows] = np.arange(len(rows))
    blocks = tuple(
        Block(
            _spread(block.codes, rows, np.full(n, block.n_cells)),
            _Placed(block.values, own),  # type: ignore[arg-type]  # read by rows alone, like an array
            block.n_cells,
        )
        for block in scores.blocks
    )
    moved = Scores(blocks, _spread(scores.weights, rows, np.zeros(n)), scores.transform, scores.uses)
    out = object.__new__(type(result))
    out.__dict__.update(result.__dict__, estimates=replace(result.estimates, scores=moved))
    if models:
        data = [replace(one.data, rows=rows[np.asarray(one.data.rows)]) for one in models]
        own_models = tuple(replace(one, data=mine) for one, mine in zip(models, data, strict=True))
        out.__dict__["models"] = own_models
    return out


def _spread(values: np.ndarray, rows: Rows, into: np.ndarray) -> np.ndarray:
    """Values of rows at their places."""
    into[rows] = values
    return into


class _Placed:
    """Values (n, p) of a block by the number of a row, of those that are in a cell."""

    def __init__(self, values: Any, own: np.ndarray) -> None:
        self.values, self.own, self.shape = values, own, (len(own), values.shape[1])

    def __getitem__(self, rows: Any) -> np.ndarray:
        return np.asarray(self.values[self.own[rows]])


def _meeting(rows: Sequence[Rows], n: int) -> list[list[int]]:
    """Which of several sets of rows share any, also through others."""
    at = np.concatenate(rows) if rows else np.zeros(0, dtype=np.intp)
    whose = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    both = sparse.coo_array((np.ones(len(at)), (whose, at + len(rows))), shape=(len(rows) + n,) * 2)
    _, label = connected_components(both, directed=False)
    groups: dict[int, list[int]] = {}
    for i in range(len(rows)):
        groups.setdefault(int(label[i]), []).append(i)
    return list(groups.values())


def _persons(designs: Sequence[tuple[Any, Rows]]) -> np.ndarray | None:
    """(n,) a number for each person: whoever has a row in common in two surveys is one."""
    known = list(
        {id(design.persons): (design.persons, at) for design, at in designs if design.persons is not None}.values()
    )
    if not known:
        return None
    n = 1 + max(int(at.max(initial=-1)) for _, at in designs)
    rows, labels, start = [], [], n
    for persons, at in known:
        there = persons >= 0
        rows.append(at[there])
        labels.append(persons[there] + start)
        start += int(persons.max(initial=-1)) + 1
    at, label = np.concatenate(rows), np.concatenate(labels)
    graph = sparse.coo_array((np.ones(len(at)), (at, label)), shape=(start, start))
    _, part = connected_components(graph, directed=False)
    out = np.full(n, -1, dtype=np.int64)
    out[at] = np.unique(part[at], return_inverse=True)[1].ravel()
    return out


@dataclass(eq=False)
class _Known:
    """The numbers of rows of data that were met.

    n : numbers given. frames : data with the numbers of their rows.
    """

    n: int = 0
    frames: list[tuple[_Content, Rows]] = field(default_factory=list)

    def rows(self, design: Any) -> Rows:
        """(n,) the numbers of the rows of a design."""
        if sum(map(len, design.frames)) != design.n:
            return self._new(design.n)
        return np.concatenate([self._of_frame(frame) for frame in design.frames])

    def _new(self, number: int) -> Rows:
        """Numbers that no row has."""
        self.n += number
        return np.arange(self.n - number, self.n)

    def _of_frame(self, frame: pd.DataFrame) -> Rows:
        """The numbers of the rows of data, those of earlier data where they are the same."""
        content, out = _Content(frame), np.full(len(frame), -1)
        for other, numbers in self.frames:
            if other.frame is frame:
                return numbers
            mine, theirs = _same_rows(content, other)
            free = (out[mine] < 0) & ~np.isin(numbers[theirs], out)
            out[mine[free]] = numbers[theirs[free]]
        out[out < 0] = self._new(int((out < 0).sum()))
        self.frames.append((content, out))
        return out


class _Content:
    """Data of which each value is a number of 64 bits, made of the value alone."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame, self._columns, self._counts = frame, dict[str, np.ndarray](), dict[str, _Counts]()

    def column(self, name: str) -> np.ndarray:
        """(n,) one column; numbers and booleans by their size, whatever type holds them."""
        if name not in self._columns:
            values: Any = self.frame[name]
            if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_numeric_dtype(values.dtype):
                values = pd.Series(values.to_numpy(dtype=np.float64, na_value=np.nan) + 0.0)
            elif values.dtype == object:
                values = values.astype(str).mask(values.isna())
            self._columns[name] = pd.util.hash_pandas_object(values, index=False).to_numpy()
        return self._columns[name]

    def counts(self, name: str) -> _Counts:
        """The values of one column, and how often each stands there."""
        if name not in self._counts:
            self._counts[name] = _Counts.of(self.column(name))
        return self._counts[name]

    @cached_property
    def labels(self) -> np.ndarray:
        """(n,) the labels of the rows."""
        return np.asarray(pd.util.hash_pandas_object(self.frame.index.to_series(), index=False))

    def rows(self, names: Sequence[str]) -> np.ndarray:
        """(n,) some columns together."""
        out = np.zeros(len(self.frame), dtype=np.uint64)
        for name in names:
            out = (out ^ self.column(name)) * _MIX
            out ^= out >> np.uint64(29)
        return out


@dataclass(frozen=True)
class _Counts:
    """Different numbers, ascending, how often each stands among how many."""

    values: np.ndarray
    times: np.ndarray
    n: int

    @classmethod
    def of(cls, numbers: np.ndarray) -> _Counts:
        """Those of (n,) numbers."""
        return cls(*np.unique(numbers, return_counts=True), len(numbers))

    def in_both(self, other: _Counts) -> tuple[np.ndarray, np.ndarray]:
        """How often each number that stands in both stands in each."""
        _, i, j = np.intersect1d(self.values, other.values, assume_unique=True, return_indices=True)
        return self.times[i], other.times[j]

    def shared(self, other: _Counts) -> int:
        """How many stand in the other as well, each as often as it stands there."""
        return int(np.minimum(*self.in_both(other)).sum())

    def by_chance(self, other: _Counts) -> float:
        """How many of two taken at random are alike."""
        a, b = self.in_both(other)
        return float((a / self.n) @ (b / other.n))


def _same_rows(one: _Content, other: _Content) -> tuple[Rows, Rows]:
    """The places of rows that are the same in both data."""
    names = [name for name in one.frame.columns if name in other.frame.columns]
    if one.frame.index.equals(other.frame.index) and all(one.frame[name].equals(other.frame[name]) for name in names):
        return (np.arange(len(one.frame)),) * 2 if names else _NONE
    fewest, tried = min(len(one.frame), len(other.frame)), list[list[str]]()
    shared = dict.fromkeys(names, 0.0)
    for least in _SHARED:
        if least == _SHARED[1]:
            shared = {name: one.counts(name).shared(other.counts(name)) / fewest for name in names}
        own = [name for name in names if shared[name] >= least]
        if own in tried:
            continue
        tried.append(own)
        for found in _by_columns(one, other, own):
            agree = [float(np.mean(one.column(name)[found[0]] == other.column(name)[found[1]])) for name in names]
            if sum(part > _HALF for part in agree) > _HALF * len(names):
                return found
    return _NONE


def _by_columns(one: _Content, other: _Content, names: Sequence[str]) -> Iterator[tuple[Rows, Rows]]:
    """Rows that some columns say are the same, where these are more than agree by chance."""
    if not names:
        return
    keys = [data.rows(names) for data in (one, other)]
    a, b = map(_Counts.of, keys)
    fewest = min(a.n, b.n)
    alone = min(len(own.values) / own.n for own in (a, b)) >= _ALONE
    if alone and a.shared(b) >= max(_LEAST, (1 - _ALONE) * fewest):
        yield _matched(*keys)
    keys = [(key ^ data.labels) * _MIX for key, data in zip(keys, (one, other), strict=True)]
    alike = _Counts.of(keys[0]).shared(_Counts.of(keys[1]))
    if alike >= max(_LEAST, _HALF * fewest, _CHANCE * fewest * a.by_chance(b)):
        yield _matched(*keys)


def _matched(a: np.ndarray, b: np.ndarray) -> tuple[Rows, Rows]:
    """The places of equal numbers; of one that stands several times the first with the first, and so on."""
    told = [(key ^ pd.Series(key).groupby(key).cumcount().to_numpy().astype(np.uint64)) * _MIX for key in (a, b)]
    _, i, j = np.intersect1d(told[0], told[1], assume_unique=True, return_indices=True)
    return i, j
