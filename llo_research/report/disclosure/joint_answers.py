"""How many persons gave both of two answers, for all pairs of the estimates that the rows of a result rest on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from scipy import sparse

from llo_research.report.disclosure.bases import Bases, functions_of, persons_of
from llo_research.report.disclosure.tables import membership, rows_by_code
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

NOBODY = np.inf  # the persons of cells that do not count
_PAIRS = 4  # of two answers, yes and no


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
    yes_no = yes(no)
    cells += [(count, asked & answers) for count in (yes(yes), yes_no, yes_no.T, no(no))]
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
    few |= _dominated(bases, asked & one_side.T, rules)
    few |= _in_one_category(asked & answers & ~same, [cells[i][0] for i in range(1, 5)], rules)
    return few | few.T, np.minimum(fewest, fewest.T)


def _dominated(bases: Bases, here: np.ndarray, rules: Rules) -> np.ndarray:
    """(b, b) where one person makes up most of a number (column) among those with an answer (row), of some pairs."""
    out = np.zeros_like(here)
    alone = int(bases.numbers.max(initial=-1)) + 1 == len(bases.numbers)
    for j, values in enumerate(bases.values):
        if values is None:
            continue
        spread = np.zeros(len(bases.numbers))
        spread[bases.cells[j]] = np.abs(values)
        for i in np.flatnonzero(here[:, j]):
            for side in (bases.yes[i], bases.no[i]):
                held = spread[side] if alone else np.bincount(bases.numbers[side], spread[side])
                out[i, j] |= held.max(initial=0.0) > rules.largest_share * held.sum()
    return out


def _in_one_category(here: np.ndarray, cells: Sequence[np.ndarray], rules: Rules) -> np.ndarray:
    """(b, b) where nearly all who gave one answer gave the other as well."""
    yes_yes, yes_no, no_yes, no_no = cells
    out = np.zeros_like(here)
    for one, other in ((yes_yes, yes_no), (no_yes, no_no), (yes_yes, no_yes), (yes_no, no_no)):
        out |= rules.one_sided(np.maximum(one, other), one + other)
    return np.asarray(out & here)


def people_of_ratios(result: Result) -> np.ndarray:
    """(k,) of a ratio of two answers the persons of the smallest cell of their crosstab; infinite for other rows.

    Its influence values w (a - R b) / B have a value for each pair of answers, and its error tells how many gave both.
    """
    scores, out = result.scores, np.full(len(result.estimate), NOBODY)
    ratios = np.array(functions_of(result)) == "ratio"
    if scores is None or not ratios.any() or not np.isfinite(scores.weights).all():
        return out
    numbers, _ = persons_of(result.design)
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

    @cached_property
    def shared(self) -> np.ndarray:
        """(b, b) rows that sets have in common."""
        return np.asarray((self.rows.T @ self.rows).toarray())

    def equal(self) -> np.ndarray:
        """(b, b) which sets are the same rows."""
        size = np.diag(self.shared)
        return np.asarray((self.shared == size[:, None]) & (self.shared == size[None, :]))

    def overlap(self) -> np.ndarray:
        """(b, b) which sets have rows in common."""
        return np.asarray(self.shared > 0)

    def __call__(self, other: _Counts) -> np.ndarray:
        """(b, b) persons who are in a set of these and in one of the others.

        Where persons are the sampling units those of whom different rows are in both count, since they go together in
        the covariance; else those of whom one row is, of which rows and persons are two bounds.
        """
        by_row = self.shared if other is self else (self.rows.T @ other.rows).toarray()
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
