"""Whom the rows of results speak of: each cell and each answer in it as a set of rows of the data.

A cell is what an estimate is made in (``scores.blocks[].codes``); of shares and totals of yes and no the persons with
the answer are told apart by their influence values, z_i = w_i (y_i - p) / W, which are above 0 for them and below 0 for
all others. Two sets of the same rows are one set, whatever result or variable they come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from llo_research.design.scores import Block, Scores
from llo_research.report.disclosure.answers import Answers, answers_of
from llo_research.report.disclosure.speaking import Speaking, domains_of, speaking_of
from llo_research.results.result import Result

Rows: TypeAlias = np.ndarray
Key: TypeAlias = tuple[int, int, tuple[tuple[str, str], ...]]


_ADDS_UP = 1e-8  # of the sizes of terms: rounding in a sum of them


@dataclass(frozen=True)
class Claim:
    """What is told of a set of persons: of which variables, and which answer of the persons of a cell.

    set : number of the set. variables : what it is a number of. of : the set of those who were asked, -1 for a cell.
    answer : (variable, level) pairs. yes_or_no : whether all others of them gave the other answer. modelled : whether a
    model explains it, whose coefficients do not say what a group as a whole answered.
    """

    set: int
    variables: tuple[str, ...]
    of: int = -1
    answer: tuple[tuple[str, str], ...] = ()
    yes_or_no: bool = False
    modelled: bool = False

    @property
    def key(self) -> Key:
        """What it is but for the variables: a set, of whom, with which answer; nobody knows when two are the same."""
        return self.set, self.of, self.answer


def cell(number: int) -> Key:
    """The key of a cell that is this set."""
    return number, -1, ()


@dataclass(frozen=True, eq=False)
class Values:
    """Values of a variable (or of a level of it) over a cell, by its number, but for a number and a shift.

    weights : (m,). line : by what the values are multiplied, and what is added; None where that is not known.
    gave : who gave the answer, and who another one, of an answer. result, used : which rows of which result rest on it.
    """

    variable: str
    level: str
    set: int
    values: np.ndarray
    weights: np.ndarray
    line: tuple[float, float] | None = None
    gave: tuple[np.ndarray, np.ndarray] | None = None
    result: str = ""
    used: tuple[int, ...] = ()

    def sums(self) -> dict[str, np.ndarray]:
        """(m,) what each row adds to the sums behind the number, as far as they are known."""
        if self.gave is not None:
            return {"gave": self.weights * self.gave[0], "gave another": self.weights * self.gave[1]}
        if self.line is None:
            return {"weight": self.weights}
        return {"value": self.weights * (self.line[0] * self.values + self.line[1]), "weight": self.weights}


@dataclass(eq=False)
class Tables:
    """The sets of rows that results of one survey tell, and which rows of the results rest on which.

    n : rows of the data. persons : (n,) whose each row is, or None where each is another's.
    names : the results. sets : rows of each set. claims : what is told. rests : claims of each (result, row).
    tables : for each block of each result its variables, and the sets of its cells that are not empty.
    alike : (result, row, set) of means of persons who all have the same value. where : levels by which a cell is made.
    values : what is known of the values of the rows of cells.
    same : names of the same variable. domains : by cell the domains, in words, in which it is told.
    """

    n: int
    persons: np.ndarray | None
    sets: list[Rows] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    rests: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    tables: list[tuple[tuple[str, ...], list[int]]] = field(default_factory=list)
    alike: list[tuple[str, int, int]] = field(default_factory=list)
    where: dict[int, dict[str, str]] = field(default_factory=dict)
    values: list[Values] = field(default_factory=list)
    same: dict[str, set[str]] = field(default_factory=dict)
    domains: dict[int, set[str]] = field(default_factory=dict)
    _classes: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
    _known: dict[bytes, int] = field(default_factory=dict)
    _claimed: dict[Claim, int] = field(default_factory=dict)
    _times: dict[int, int] = field(default_factory=dict)

    def add(self, rows: Rows) -> int:
        """The number of a set of rows (ascending)."""
        key = rows.astype(np.int64).tobytes()
        if key not in self._known:
            self._known[key] = len(self.sets)
            self.sets.append(rows)
        return self._known[key]

    def number(self, rows: Rows) -> int | None:
        """The number of a set of rows, where it has one."""
        return self._known.get(rows.astype(np.int64).tobytes())

    def claim(self, claim: Claim) -> int:
        """The number of a claim."""
        if claim not in self._claimed:
            self._claimed[claim] = len(self.claims)
            self.claims.append(claim)
        return self._claimed[claim]

    def people(self, rows: Rows) -> int:
        """Persons of some rows; a row of nobody that is known is a person."""
        if self.persons is None:
            return len(rows)
        own = self.persons[rows]
        return len(np.unique(own[own >= 0])) + int((own < 0).sum())

    @cached_property
    def most_rows(self) -> int:
        """The most rows of one person."""
        if self.persons is None or not (self.persons >= 0).any():
            return 1
        return int(np.bincount(self.persons[self.persons >= 0]).max())

    def rows_each(self, number: int) -> int:
        """The most rows of one person in a set, or in any other cell of a table that it is a cell of."""
        if self.persons is None:
            return 1
        together = {one for _, members in self.tables if number in members for one in members} | {number}
        return max(self._rows_each(one) for one in together)

    def _rows_each(self, number: int) -> int:
        """The most rows of one person in a set."""
        if number not in self._times:
            assert self.persons is not None
            own = self.persons[self.sets[number]]
            self._times[number] = int(np.unique(own[own >= 0], return_counts=True)[1].max(initial=1))
        return self._times[number]

    def shared(self, groups: Sequence[Rows]) -> np.ndarray:
        """(g, g) rows that groups have in common, each of them a cell or made of cells."""
        if self._classes is None:
            self._classes = self._of_cells()
        number, first, size = self._classes
        inside = membership(len(size), [number[rows[first[rows]]] for rows in groups])
        return np.asarray(np.rint((inside.T @ (inside * size[:, None])).toarray()), dtype=np.int64)

    def _of_cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(n,) the class of each row, of those in the same cells, (n,) whether it is the first of it; (c,) its rows."""
        keys = np.zeros(self.n, dtype=np.uint64)
        marks = np.random.default_rng(0).integers(0, 2**64, len(self.sets), dtype=np.uint64)
        for one in {claim.set for claim in self.claims if claim.of < 0}:
            keys[self.sets[one]] += marks[one]  # sums of which no two are the same but by a chance of 2^-64
        _, first, number, size = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        here = np.zeros(self.n, dtype=bool)
        here[first] = True
        return number.ravel(), here, size

    def counts(self) -> np.ndarray:
        """(s,) persons of each set."""
        return np.array([self.people(rows) for rows in self.sets], dtype=np.int64)


def membership(n: int, sets: Sequence[Rows]) -> sparse.csr_array:
    """(n, s) which rows are in these sets."""
    columns = np.repeat(np.arange(len(sets)), [len(rows) for rows in sets])
    at = (np.concatenate([*sets, np.zeros(0, dtype=np.intp)]).astype(np.intp), columns)
    return sparse.csr_array((np.ones(len(columns)), at), shape=(n, len(sets)))


def add_result(tables: Tables, name: str, result: Result) -> None:
    """Enter the cells and answers of a result, and which of them each row rests on."""
    scores = result.scores
    assert scores is not None
    spoken, domains = speaking_of(result), domains_of(result)
    rests = sparse.csr_array(scores.rests())
    by_column = sparse.csc_array(rests)
    start, claims_of, of_means, means = 0, dict[int, list[int]](), list[int](), _means_of_groups(result)
    for block in scores.blocks:
        cells = rows_by_code(np.where(scores.weights != 0, block.codes, block.n_cells), block.n_cells)
        numbers = [tables.add(rows) for rows in cells]
        p, variables = block.values.shape[1], dict[str, None]()
        for j in range(block.size):
            used = by_column.indices[by_column.indptr[start + j] : by_column.indptr[start + j + 1]]
            if len(used):
                one, at = spoken.of(used), j // p
                variables |= dict.fromkeys(one.variables)
                tables.where.setdefault(numbers[at], {}).update(one.where)
                tables.domains.setdefault(numbers[at], set()).update(domains[i] for i in used)
                found = answers_in(block, cells[at], j, one, result, used) if one.answers else Answers(None)
                claims_of[start + j] = _claims(tables, numbers[at], one, found)
                if start + j in means:
                    of_means += _of_mean(tables, numbers[at], one, answers_in(block, cells[at], j, one, result, used))
                if one.answers and len(cells[at]) and np.isfinite(weights := scores.weights[cells[at]]).all():
                    z, rows = block.values[cells[at]][:, j % p], tuple(map(int, used))
                    line = _line(z, weights, result.estimate[used]) if is_own(scores) else None
                    gave = _gave(cells[at], found)
                    names = (_only(one.variables), _only([level for _, level in one.answer]))
                    tables.values.append(Values(*names, numbers[at], z / weights, weights, line, gave, name, rows))
                if found.alike and not one.share:
                    tables.alike += [(name, int(row), numbers[at]) for row in used]
        there = [number for number, rows in zip(numbers, cells, strict=True) if len(rows)]
        tables.tables.append((tuple(sorted(variables)), there))
        start += block.size
    for i in range(len(result.rows)):
        bases = rests.indices[rests.indptr[i] : rests.indptr[i + 1]]
        told = [claim for base in bases for claim in claims_of.get(int(base), [])]
        tables.rests[name, i] = list(dict.fromkeys([*told, *of_means]))


def _claims(tables: Tables, number: int, one: Speaking, found: Answers) -> list[int]:
    """The claims of one estimate: about its cell, and about who gave the answer."""
    out = [tables.claim(Claim(number, one.variables))]
    if found.rows is not None and found.among is not None and one.answer:
        own, among = tables.add(found.rows), tables.add(found.among)
        out.append(tables.claim(Claim(own, one.variables, among, one.answer, one.yes_or_no)))
    return out


def _means_of_groups(result: Result) -> set[int]:
    """The estimates that are the means of the groups of a decomposition."""
    scores = result.scores
    assert scores is not None
    component = list(result.rows["component"].astype(str)) if "component" in result.rows else []
    rows = [i for i, one in enumerate(component) if one in ("mean_of", "mean_minus")]
    if not rows or scores.transform is None:
        return set()
    made = sparse.csr_array(sparse.csr_array(scores.transform)[rows])
    made.eliminate_zeros()
    return set(map(int, made.indices)) if made.nnz == len(rows) else set()


def _of_mean(tables: Tables, number: int, one: Speaking, found: Answers) -> list[int]:
    """The claim about who gave the answer that a decomposition explains, of which it tells the shares."""
    left = [name for name in one.variables if not name.startswith("model of")]
    if found.rows is None or found.among is None or not len(found.rows) or len(left) != 1:
        return []
    own, among = tables.add(found.rows), tables.add(found.among)
    return [tables.claim(Claim(own, one.variables, among, ((left[0], "yes"),), True))]


def _only(names: Sequence[str]) -> str:
    """A single name; none where there are several."""
    return names[0] if len(names) == 1 else ""


def _gave(rows: Rows, found: Answers) -> tuple[np.ndarray, np.ndarray] | None:
    """Which rows of a cell gave an answer, and which another one, where that is known."""
    if found.rows is None or found.among is None:
        return None
    gave = np.isin(rows, found.rows)
    return gave, np.isin(rows, found.among) & ~gave


def _line(influence: np.ndarray, weights: np.ndarray, estimates: np.ndarray) -> tuple[float, float] | None:
    """By what z_i / w_i is multiplied, and what is added, to be y_i: those of a mean add up to 0, of a total to it."""
    size, total = float(np.abs(influence).sum()), float(influence.sum())
    if len(estimates) != 1:
        return None
    if abs(total) <= _ADDS_UP * size:
        return float(weights.sum()), float(estimates[0])
    return (1.0, 0.0) if abs(total - float(estimates[0])) <= _ADDS_UP * size else None


def answers_in(block: Block, rows: Rows, j: int, one: Speaking, result: Result, used: np.ndarray) -> Answers:
    """Who gave the answer of an estimate of a block, in the rows of its cell."""
    scores = result.scores
    assert scores is not None
    size = float(np.fmax(np.abs(result.estimate[used]), np.nan_to_num(result.scales[used])).max(initial=0.0))
    alone = float(result.estimate[used[0]]) if len(used) == 1 and is_own(scores) else None
    values = block.values[rows][:, j % block.values.shape[1]]
    return answers_of(values, scores.weights[rows], rows, size=size, estimate=alone, share=one.share)


def is_own(scores: Scores) -> bool:
    """Whether each estimate is one of the blocks, itself."""
    transform: Any = scores.transform
    if transform is None:
        return True
    return bool(sparse.issparse(transform) and transform.nnz == transform.shape[0] and (transform.data == 1).all())


def rows_by_code(codes: np.ndarray, number: int) -> list[Rows]:
    """The rows of each code, ascending."""
    inside = np.flatnonzero(codes < number)
    order = inside[np.argsort(codes[inside], kind="stable")]
    return np.split(order, np.cumsum(np.bincount(codes[inside], minlength=number))[:-1])
