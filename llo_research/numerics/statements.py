"""Statements: sets of persons whose number is told, as sums of classes of persons who are in the same statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes
from llo_research.numerics.tied_tables import tied


@dataclass(frozen=True, eq=False)
class Statements:
    """Which classes of persons (atoms) each statement counts, and how many persons are in each class.

    members : (s, a) sparse, 1 where the persons of a class are counted by a statement.
    people : (a,) whole numbers; 0 for a class that could be occupied, as far as a reader knows, and is not.
    ties : (r, a) sparse; combinations of classes that are 0 whatever the numbers are, where the same persons stand in
        classes of several tables. None where every person is in one class.
    """

    members: sparse.csr_array
    people: np.ndarray
    ties: sparse.csr_array | None = None

    def __post_init__(self) -> None:
        members, people = sparse.csr_array(self.members), np.asarray(self.people)
        if members.shape[1] != len(people):
            raise DataError("Statements and classes of persons do not fit.", found=f"{members.shape}, {len(people)}")
        if len(people) and (people.min() < 0 or (people != np.round(people)).any()):
            raise DataError("Persons are counted in whole numbers.", where="people", found=repr(people.min()))
        if members.nnz and not (members.data == 1).all():
            raise DataError("A person is in a statement once or not.", where="members")
        ties = sparse.csr_array((0, len(people))) if self.ties is None else sparse.csr_array(self.ties)
        if (ties @ people).any():
            raise DataError("Tables of the same persons count them differently.", where="ties")
        object.__setattr__(self, "members", members)
        object.__setattr__(self, "ties", ties)
        object.__setattr__(self, "people", people.astype(np.int64))

    @property
    def counts(self) -> np.ndarray:
        """(s,) persons in each statement."""
        return np.asarray(self.members @ self.people).astype(np.int64)

    def beside(self, rows: sparse.csr_array) -> Statements:
        """These statements and, below them, others (r, a) of the same classes: a difference of two, say."""
        both = sparse.csr_array(sparse.vstack([self.members, sparse.csr_array(rows)]))
        return Statements(both, self.people, self.ties)


def of_codes(
    codes: Sequence[Codes],
    numbers: Sequence[int],
    units: Codes | None = None,
    counted: np.ndarray | None = None,
    table: Sequence[int] | None = None,
) -> Statements:
    """Statements of several tables of the same rows: cell 0 of the first codes, cell 1, ..., cell 0 of the second.

    Parameters
    ----------
    codes : (n,) each: the cell of each row; ``numbers[i]`` or more, or below 0, for rows in none of its cells.
    numbers : cells of each. 0 for a classification of which no number is told, that puts a table in its place: the
        groups by which it is made, also of persons who did not answer.
    units : (n,) which person a row is of; each row its own where None. A person is in a cell with any row.
    counted : (n,) bool; False for rows that stand for a possible combination of cells in which nobody is.
    table : which codes belong together: cells and, in them, those with an answer. All apart where None.
    """
    n = len(codes[0]) if codes else 0
    persons, weight = _persons(n, units, counted)
    starts = np.concatenate([[0], np.cumsum(numbers)]).astype(np.intp)
    which = np.arange(len(codes)) if table is None else np.asarray(table)
    parts = []
    for one in np.unique(which):
        own = np.flatnonzero(which == one)
        inside = [_inside(np.asarray(codes[i]), numbers[i], persons, len(weight)) for i in own]
        cells = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in own]).astype(np.intp)
        told = np.repeat([numbers[i] > 0 for i in own], [part.shape[1] for part in inside])
        joint = sparse.csr_array(sparse.hstack(inside))
        parts.append((_patterns(joint), cells, sparse.csr_array(joint[:, np.flatnonzero(told)])))
    return _tied_statements(parts, weight, int(starts[-1]))


def of_masks(masks: np.ndarray, units: Codes | None = None, counted: np.ndarray | None = None) -> Statements:
    """Statements of (s, n) bool: which rows each counts. Classes are taken of all statements together."""
    membership = sparse.csr_array(np.asarray(masks, dtype=np.float64).T)
    persons, weight = _persons(membership.shape[0], units, counted)
    inside = _by_person(membership, persons, len(weight))
    return _tied_statements([(_patterns(inside), np.arange(inside.shape[1]), inside)], weight, inside.shape[1])


def _persons(n: int, units: Codes | None, counted: np.ndarray | None) -> tuple[Codes, np.ndarray]:
    """The person of each row, and 1 for each person who is counted."""
    persons = np.arange(n) if units is None else np.unique(units, return_inverse=True)[1].ravel()
    real = np.ones(n) if counted is None else np.asarray(counted, dtype=np.float64)
    number = int(persons.max()) + 1 if n else 0
    return persons, (np.bincount(persons, weights=real, minlength=number) > 0).astype(np.int64)


def _by_person(membership: sparse.csr_array, persons: Codes, number: int) -> sparse.csr_array:
    """(persons, s) not 0 where any row of a person is in a statement."""
    n = len(persons)
    belongs = sparse.csr_array((np.ones(n), (persons, np.arange(n))), shape=(number, n))
    inside = sparse.csr_array(belongs @ sparse.csr_array(membership != 0).astype(np.float64))
    inside.eliminate_zeros()
    inside.sort_indices()
    inside.data[:] = 1
    return inside


def _inside(codes: Codes, number: int, persons: Codes, people: int) -> sparse.csr_array:
    """(persons, cells): who is in which cell; of codes that are not told, in which of all that occur."""
    if number == 0:
        codes = np.unique(codes, return_inverse=True)[1].ravel()
        number = int(codes.max()) + 1 if len(codes) else 0
    rows = np.flatnonzero((codes >= 0) & (codes < number))
    membership = sparse.csr_array((np.ones(len(rows)), (rows, codes[rows])), shape=(len(codes), number))
    return _by_person(membership, persons, people)


def _patterns(inside: sparse.csr_array) -> Codes:
    """(persons,) the class of each: those in the same columns are in one, in the order of the columns."""
    keys, ends = inside.indices.astype(">i4"), inside.indptr.tolist()
    place: dict[bytes, int] = {}
    found = [place.setdefault(keys[i:j].tobytes(), len(place)) for i, j in pairwise(ends)]
    rank = {key: number for number, key in enumerate(sorted(place))}
    order = np.array([rank[key] for key in place], dtype=np.intp)
    return order[np.array(found, dtype=np.intp)]


def _tied_statements(parts: list[tuple[Codes, Codes, sparse.csr_array]], weight: np.ndarray, number: int) -> Statements:
    """Classes of the tables that say all, each statement in the first of these that tells it."""
    tables, edges = tied([codes for codes, _, _ in parts])
    sizes = [int(codes.max()) + 1 if len(codes) else 0 for codes in tables]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
    people = np.concatenate([np.bincount(c, weights=weight, minlength=k) for c, k in zip(tables, sizes, strict=True)])
    first = [np.unique(codes, return_index=True)[1] for codes in tables]
    rows, columns = [], []
    for _, cells, inside in parts:
        left = np.arange(len(cells))
        for codes, start, one in zip(tables, starts, first, strict=True):
            members = sparse.csr_array(inside[one][:, left])  # whom the class is of, as its first person has it
            whole = np.asarray((members[codes] != inside[:, left]).sum(axis=0)).ravel() == 0
            at, cell = members[:, np.flatnonzero(whole)].nonzero()
            rows.append(cells[left[whole]][cell])
            columns.append(start + at)
            left = left[~whole]
            if not len(left):
                break
    at = (np.concatenate([*rows, []]).astype(np.intp), np.concatenate([*columns, []]).astype(np.intp))
    members = sparse.csr_array((np.ones(len(at[0])), at), shape=(number, int(starts[-1])))
    return Statements(members, people, _ties(tables, edges, starts))


def _ties(tables: list[Codes], edges: list[tuple[int, int, Codes]], starts: Codes) -> sparse.csr_array:
    """(r, a) the classes of two tables that make up each class of what these share, with signs."""
    rows = [sparse.csr_array((0, int(starts[-1])))]
    for i, j, shared in edges:
        label = np.unique(shared, return_inverse=True)[1].ravel()
        size = int(label.max()) + 1
        at, value = [], []
        for table, sign in ((i, 1.0), (j, -1.0)):
            which, one = np.unique(tables[table], return_index=True)
            at.append(np.array([label[one], starts[table] + which]))
            value.append(np.full(len(which), sign))
        rows.append(sparse.csr_array((np.concatenate(value), tuple(np.hstack(at))), shape=(size, int(starts[-1]))))
    return sparse.csr_array(sparse.vstack(rows))


def differences(statements: Statements, least: int) -> tuple[np.ndarray, sparse.csr_array]:
    """Pairs of statements of which one holds the other and fewer than `least` persons more.

    Returns
    -------
    (pairs (p, 2): the larger and the smaller one, rows (p, a): the classes that are only in the larger).
    """
    members, counts = statements.members, statements.counts
    shared = sparse.csr_array(members @ sparse.diags_array(statements.people.astype(np.float64)) @ members.T).toarray()
    more = counts[:, None] - shared
    pairs = np.argwhere((shared == counts[None, :]) & (counts[None, :] > 0) & (more > 0) & (more < least))
    larger, smaller = members[pairs[:, 0]], members[pairs[:, 1]]
    rows = sparse.csr_array(larger - larger.multiply(smaller))
    rows.eliminate_zeros()
    return pairs, rows
