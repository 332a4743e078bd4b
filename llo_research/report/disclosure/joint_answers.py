"""How many persons gave both of two answers, for all pairs of the estimates that the rows of a result rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from llo_research.report.disclosure.answers import Answers
from llo_research.report.disclosure.speaking import Speaking, Spoken, speaking_of
from llo_research.report.disclosure.tables import answers_in, membership, rows_by_code
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

_PAIRS = 4  # of two answers, yes and no
NOBODY = np.inf  # the persons of cells that do not count
OF_PAIRS = ("correlation", "covariance")  # estimators whose rows are pairs of numbers


@dataclass(frozen=True)
class Bases:
    """What the rows of a result rest on: b estimates, each of a cell of persons, some of an answer.

    rests : (k, b) bool. cells, yes, no : the rows of the data in each, with the answer and without it; of numbers both
    are empty. answered : (b,) whether it is of an answer. one : (b,) the one variable that it is of, else nothing.
    numbers : (n,) whose each row of the data is. units : whether persons are the sampling units.
    """

    rests: np.ndarray
    cells: list[np.ndarray]
    yes: list[np.ndarray]
    no: list[np.ndarray]
    answered: np.ndarray
    one: list[str]
    numbers: np.ndarray
    units: bool


def bases_of(result: Result, *, pairs: bool = False) -> Bases:
    """What rows rest on; of estimators of pairs of numbers only where it is asked: the two numbers, not their squares.

    pairs : the rows of those estimators, and no others.
    """
    scores = result.scores
    assert scores is not None
    spoken, rests = speaking_of(result), sparse.csc_array(scores.rests().astype(np.int8))
    wanted = _columns(rests, _functions(result), pairs)
    cells, found, one, kept = list[np.ndarray](), list[Answers](), list[str](), list[int]()
    start = 0
    for block in scores.blocks:
        own = rows_by_code(np.where(scores.weights != 0, block.codes, block.n_cells), block.n_cells)
        p = block.values.shape[1]
        for j in range(block.size):
            used = rests.indices[rests.indptr[start + j] : rests.indptr[start + j + 1]]
            if wanted[start + j] and len(own[j // p]):
                said = spoken.of(used)
                kept.append(start + j)
                cells.append(own[j // p])
                found.append(answers_in(block, own[j // p], j, said, result, used) if said.answers else Answers(None))
                one.append("" if pairs else _variable(spoken, used))
        start += block.size
    yes, no = zip(*(_sides(answers) for answers in found), strict=True) if found else ((), ())
    answered = np.array([answers.rows is not None for answers in found], dtype=bool)
    design = result.design
    assert design is not None
    numbers, units = _persons(design)
    on = np.asarray(rests[:, kept].toarray() != 0) if kept else np.zeros((len(result.estimate), 0), dtype=bool)
    return Bases(on, cells, list(yes), list(no), answered, one, numbers, units)


def smallest_cells(bases: Bases, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """(b, b) pairs whose covariance may not leave, and the persons of the smallest cell; infinite where none counts.

    A cell is empty by structure where both are of one variable; of two variables an empty one tells of everybody who
    gave the other answer. Estimates of one variable in the same cell tell nothing together that they do not tell apart.
    """
    b, least = len(bases.cells), max(rules.units, rules.complement)
    inside, yes, no = (_counts(bases, sets) for sets in (bases.cells, bases.yes, bases.no))
    both = inside(inside)
    size = np.diag(both)
    names = np.array(bases.one, dtype=object)
    same = (names[:, None] == names[None, :]) & (names != "")[:, None]
    alike = same & inside.equal()
    asked = (both > 0) & ~alike
    np.fill_diagonal(asked, False)
    answers = bases.answered[:, None] & bases.answered[None, :]
    one_side = bases.answered[None, :] & ~bases.answered[:, None]
    cells = [(both, asked)]
    for mine, other in ((yes, yes), (yes, no), (no, yes), (no, no)):
        cells.append((mine(other), asked & answers))
    for other in (yes, no):
        count = inside(other)
        cells += [(count, asked & one_side), (count.T, asked & one_side.T)]
    apart = asked & same & inside.overlap()  # a group less those in both; not who left a panel
    only = np.where(size[:, None] > both, size[:, None] - both, NOBODY)
    cells += [(only, apart), (only.T, apart)]
    few, fewest = np.zeros((b, b), dtype=bool), np.full((b, b), NOBODY)
    for count, here in cells:
        few |= here & (count < least) & ((count > 0) | ~same)
        fewest = np.minimum(fewest, np.where(here & (count > 0), count, NOBODY))
    few |= _in_one_category(asked & answers & ~same, [cells[i][0] for i in range(1, 5)], rules)
    return few | few.T, np.minimum(fewest, fewest.T)


def _in_one_category(here: np.ndarray, cells: Sequence[np.ndarray], rules: Rules) -> np.ndarray:
    """(b, b) where nearly all who gave one answer gave the other as well."""
    yes_yes, yes_no, no_yes, no_no = cells
    out = np.zeros_like(here)
    for one, other in ((yes_yes, yes_no), (no_yes, no_no), (yes_yes, no_yes), (yes_no, no_no)):
        out |= np.maximum(one, other) > rules.one_category * (one + other)
    return np.asarray(out & here)


def people_of_ratios(result: Result) -> np.ndarray:
    """(k,) of a ratio of two answers the persons of the smallest cell of their crosstab; infinite for other rows.

    Its influence values w (a - R b) / B have a value for each pair of answers, and its error tells how many gave both.
    """
    scores, out = result.scores, np.full(len(result.estimate), NOBODY)
    ratios = np.array(_functions(result)) == "ratio"
    if scores is None or not ratios.any() or not np.isfinite(scores.weights).all():
        return out
    numbers, _ = _persons(result.design)
    rests = sparse.csc_array(scores.rests().astype(np.int8))
    start = 0
    for block in scores.blocks:
        own, p = rows_by_code(np.where(scores.weights != 0, block.codes, block.n_cells), block.n_cells), block.size
        for j in range(p):
            used = rests.indices[rests.indptr[start + j] : rests.indptr[start + j + 1]]
            rows = own[j // (p // block.n_cells)]
            if len(rows) and ratios[used].any():
                values = block.values[rows][:, j % (p // block.n_cells)] / scores.weights[rows]
                out[used] = np.minimum(out[used], _fewest_alike(values, numbers[rows]))
        start += block.size
    return np.where(ratios, out, NOBODY)


def _fewest_alike(values: np.ndarray, numbers: np.ndarray) -> float:
    """The fewest persons with one value, of at most as many values as two answers have pairs."""
    size = np.abs(values).max(initial=0.0)
    kinds, which = np.unique(np.round(values / size, 9) + 0.0 if size else values, return_inverse=True)
    if len(kinds) > _PAIRS:
        return NOBODY
    return float(min(len(np.unique(numbers[which == kind])) for kind in range(len(kinds))))


class _Counts:
    """Sets of rows, of which persons in two at once are counted."""

    def __init__(self, rows: sparse.csr_array, persons: sparse.csr_array | None, units: bool) -> None:
        self.rows, self.persons, self.units = rows, persons, units

    def equal(self) -> np.ndarray:
        """(b, b) which sets are the same rows."""
        both = (self.rows.T @ self.rows).toarray()
        size = np.diag(both)
        return np.asarray((both == size[:, None]) & (both == size[None, :]))

    def overlap(self) -> np.ndarray:
        """(b, b) which sets have rows in common."""
        return np.asarray((self.rows.T @ self.rows).toarray() > 0)

    def __call__(self, other: _Counts) -> np.ndarray:
        """(b, b) persons who are in a set of these and in one of the others.

        Where persons are the sampling units those of whom different rows are in both count, since they go together in
        the covariance; else those of whom one row is, of which rows and persons are two bounds.
        """
        by_row = (self.rows.T @ other.rows).toarray()
        if self.persons is None or other.persons is None:
            return np.asarray(by_row)
        by_person = (self.persons.T @ other.persons).toarray()
        return np.asarray(by_person if self.units else np.minimum(by_row, by_person))


def _counts(bases: Bases, sets: Sequence[np.ndarray]) -> _Counts:
    """Sets of rows, and of persons where a person has several rows."""
    rows = membership(len(bases.numbers), sets)
    number = int(bases.numbers.max(initial=-1)) + 1
    if number == len(bases.numbers):
        return _Counts(rows, None, bases.units)
    at = (bases.numbers, np.arange(len(bases.numbers)))
    own = sparse.csr_array((np.ones(len(bases.numbers)), at), shape=(number, len(bases.numbers)))
    persons = sparse.csr_array(own @ rows)
    persons.data[:] = 1.0
    return _Counts(rows, persons, bases.units)


def _persons(design: Any) -> tuple[np.ndarray, bool]:
    """(n,) a number for the person of each row, and whether each sampling unit is one person."""
    if design.persons is None:
        return np.arange(design.n), False
    known = np.where(design.persons >= 0, design.persons, design.persons.max(initial=-1) + 1 + np.arange(design.n))
    _, numbers = np.unique(known, return_inverse=True)
    unit = design.stages[0].unit if design.stages else None
    if unit is None:
        return numbers, False
    pairs = np.unique(np.column_stack([unit, numbers]), axis=0)
    return numbers, len(pairs) == len(np.unique(unit))


def _sides(answers: Answers) -> tuple[np.ndarray, np.ndarray]:
    """The rows with an answer, and those without it."""
    if answers.rows is None or answers.among is None:
        none = np.zeros(0, dtype=np.intp)
        return none, none
    return answers.rows, np.setdiff1d(answers.among, answers.rows, assume_unique=True)


def _variable(spoken: Spoken, used: np.ndarray) -> str:
    """The variable that an estimate is of, where it is of one (or is a crosstab or a model); else nothing."""
    said: set[tuple[str, ...]] = {spoken.rows[int(i)].variables for i in used}
    if len(said) != 1:
        return ""
    own: Speaking = spoken.rows[int(used[0])]
    return "*".join(own.variables) if len(own.variables) == 1 or len(own.answer) > 1 else ""


def _functions(result: Result) -> list[str]:
    """The estimator of each row."""
    call: Mapping[str, Any] = result.meta.get("call") or {}
    parts = call.get("results") or {}
    rows = result.rows
    names = rows["result"].astype(str) if "result" in rows else [""] * len(rows)
    return [str(((parts.get(name) or {}) if parts else call).get("function")) for name in names]


def _columns(rests: sparse.csc_array, functions: Sequence[str], pairs: bool) -> np.ndarray:
    """(m,) the estimates to look at: of pairs of numbers the first two that each row rests on, of others all."""
    by_row = sparse.csr_array(rests)
    out = np.zeros(rests.shape[1], dtype=bool)
    for i, function in enumerate(functions):
        own = np.sort(by_row.indices[by_row.indptr[i] : by_row.indptr[i + 1]])
        if function in OF_PAIRS:
            out[own[:2]] |= pairs
        elif not pairs:
            out[own] = True
    return out
