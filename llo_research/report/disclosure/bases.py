"""What the rows of a result rest on, as far as covariances tell of it: cells, answers in them, and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from llo_research.design.scores import Block
from llo_research.report.disclosure.answers import Answers
from llo_research.report.disclosure.speaking import OF_ANSWERS, Speaking, Spoken, speaking_of
from llo_research.report.disclosure.tables import answers_in, is_own, rows_by_code
from llo_research.results.result import Result

OF_PAIRS = ("correlation", "covariance")  # estimators whose rows are pairs of numbers
OF_SQUARES = "variance"  # of a yes or no it is a function of the share, and moves with its influence values
_NUMBERS = {"mean", "total"}  # estimators whose influence values give the numbers back


@dataclass(frozen=True)
class Bases:
    """What the rows of a result rest on: b estimates, each of a cell of persons, some of an answer.

    rests : (k, b) bool. cells, yes, no : the rows of the data in each, with the answer and without it; of numbers both
    are empty. answered : (b,) whether it is of an answer. one : (b,) the one variable that it is of, else nothing.
    values : of means and totals of numbers the weighted numbers, in the rows of the cell; else nothing.
    numbers : (n,) whose each row of the data is. units : whether persons are the sampling units.
    """

    rests: np.ndarray
    cells: list[np.ndarray]
    yes: list[np.ndarray]
    no: list[np.ndarray]
    answered: np.ndarray
    one: list[str]
    values: list[np.ndarray | None]
    numbers: np.ndarray
    units: bool


def bases_of(result: Result, *, pairs: bool = False) -> Bases:
    """What rows rest on; of estimators of pairs of numbers only where it is asked: the two numbers, not their squares.

    pairs : the rows of those estimators, and no others.
    """
    scores = result.scores
    assert scores is not None
    spoken, rests = speaking_of(result), sparse.csc_array(scores.rests().astype(np.int8))
    wanted = _columns(rests, functions := functions_of(result), pairs)
    of_answers = _all_of_answers(result)
    cells, found, one, kept = list[np.ndarray](), list[Answers](), list[str](), list[int]()
    values = list[np.ndarray | None]()
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
                look = said.answers or of_answers or {functions[i] for i in used} == {OF_SQUARES}
                found.append(answers_in(block, own[j // p], j, said, result, used) if look else Answers(None))
                number = found[-1].rows is None and {functions[i] for i in used} <= _NUMBERS
                values.append(_values(block, own[j // p], j, result, used) if number else None)
                one.append("" if pairs else _variable(spoken, used))
        start += block.size
    yes, no = zip(*(_sides(answers) for answers in found), strict=True) if found else ((), ())
    answered = np.array([answers.rows is not None for answers in found], dtype=bool)
    design = result.design
    assert design is not None
    numbers, units = persons_of(design)
    on = np.asarray(rests[:, kept].toarray() != 0) if kept else np.zeros((len(result.estimate), 0), dtype=bool)
    return Bases(on, cells, list(yes), list(no), answered, one, values, numbers, units)


def _values(block: Block, rows: np.ndarray, j: int, result: Result, used: np.ndarray) -> np.ndarray | None:
    """The weighted numbers behind a mean, w y = W z + w mean, or behind a total, z; None of anything else."""
    scores = result.scores
    assert scores is not None
    if len(used) != 1 or not is_own(scores) or "contrast" in result.meta:
        return None
    weights, z = scores.weights[rows], block.values[rows][:, j % block.values.shape[1]]
    if not np.isfinite(weights).all():
        return None
    return np.asarray(
        z if result.quantity[used[0]].kind == "total" else weights.sum() * z + weights * result.estimate[used[0]]
    )


def persons_of(design: Any) -> tuple[np.ndarray, bool]:
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


def _all_of_answers(result: Result) -> bool:
    """Whether what is made of several results is made of shares and totals alone."""
    calls = ((result.meta.get("call") or {}).get("results") or {}).values()
    return bool(calls) and all((call or {}).get("function") in OF_ANSWERS for call in calls)


def functions_of(result: Result) -> list[str]:
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
