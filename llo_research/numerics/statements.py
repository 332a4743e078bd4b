"""Statements: sets of persons whose number is told, as sums of classes of persons who are in the same statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes
from llo_research.numerics.tied_tables import Tie, tied


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
    starts = np.concatenate([[0], np.cumsum(numbers)]).astype(np.intp)
    number, columns, parts, own = int(starts[-1]), [], [], []
    for one, told, start in zip(codes, numbers, starts[:-1], strict=True):
        code, size = np.asarray(one), told
        if told == 0:
            code = np.unique(code, return_inverse=True)[1].ravel()
            size, start = int(code.max(initial=-1)) + 1, number
            number += size
        rows = np.flatnonzero((code >= 0) & (code < size))
        parts.append(rows)
        columns.append(code[rows] + start)
        own.append(np.arange(start, start + size))
    n = len(codes[0]) if codes else 0
    at = (np.concatenate([*parts, []]).astype(np.intp), np.concatenate([*columns, []]).astype(np.intp))
    membership = sparse.csr_array((np.ones(len(at[0])), at), shape=(n, number))
    which = np.arange(len(codes)) if table is None else np.asarray(table)
    tables = [np.concatenate([own[i] for i in np.flatnonzero(which == one)]) for one in np.unique(which)]
    return of_membership(membership, units, counted, tables, told=int(starts[-1]))


def of_masks(masks: np.ndarray, units: Codes | None = None, counted: np.ndarray | None = None) -> Statements:
    """Statements of (s, n) bool: which rows each counts. Classes are taken of all statements together."""
    return of_membership(sparse.csr_array(np.asarray(masks, dtype=np.float64).T), units, counted)


def of_membership(
    membership: sparse.csr_array,
    units: Codes | None = None,
    counted: np.ndarray | None = None,
    tables: Sequence[Codes] | None = None,
    *,
    told: int | None = None,
) -> Statements:
    """Statements of a sparse (n, s) array that is not 0 where a row is in a statement.

    Parameters
    ----------
    units, counted : as in `of_codes`.
    tables : the statements of each table; one may be in several, and one in none is a table of its own. Tables that
        combine freely are tied by what they share. Classes are taken of all statements together where None.
    told : the first so many are statements; further columns only say which persons a table sets apart. All where None.
    """
    persons, weight = _persons(membership.shape[0], units, counted)
    inside = _by_person(sparse.csr_array(membership), persons, len(weight))
    s = inside.shape[1]
    if 0 in inside.shape:
        return Statements(sparse.csr_array((s if told is None else told, 0)), np.zeros(0, dtype=np.int64))
    groups = [np.arange(s)] if tables is None else [np.unique(one) for one in tables]
    alone = np.setdiff1d(np.arange(s), np.concatenate([*groups, []]))
    groups += [np.array([one], dtype=np.intp) for one in alone]
    by_column = sparse.csc_array(inside)
    parts = [sparse.csr_array(by_column[:, own]) for own in groups]
    return _tied_statements(groups, parts, weight, s if told is None else told)


def _persons(n: int, units: Codes | None, counted: np.ndarray | None) -> tuple[Codes, np.ndarray]:
    """The person of each row, and 1 for each person who is counted."""
    persons = np.arange(n) if units is None else np.unique(units, return_inverse=True)[1].ravel()
    real = np.ones(n) if counted is None else np.asarray(counted, dtype=np.float64)
    number = int(persons.max()) + 1 if n else 0
    return persons, (np.bincount(persons, weights=real, minlength=number) > 0).astype(np.int64)


def _by_person(membership: sparse.csr_array, persons: Codes, number: int) -> sparse.csr_array:
    """(persons, s) not 0 where any row of a person is in a statement."""
    n = len(persons)
    if number == n:
        order = np.argsort(persons)
        out = sparse.csr_array(membership[order] != 0).astype(np.float64)
        out.sort_indices()
        return out
    belongs = sparse.csr_array((np.ones(n), (persons, np.arange(n))), shape=(number, n))
    inside = sparse.csr_array(belongs @ sparse.csr_array(membership != 0).astype(np.float64))
    inside.eliminate_zeros()
    inside.sort_indices()
    inside.data[:] = 1
    return inside


def _patterns(inside: sparse.csr_array) -> Codes:
    """(persons,) the class of each: those in the same columns are in one, in the order of the columns."""
    marks = np.random.default_rng(0).integers(0, 2**64, inside.shape[1], dtype=np.uint64)
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(marks[inside.indices])])
    starts, ends = inside.indptr[:-1], inside.indptr[1:]
    # sums of which no two are the same but by a chance of 2^-64
    _, first, found = np.unique(sums[ends] - sums[starts], return_index=True, return_inverse=True)
    keys = [inside.indices[starts[i] : ends[i]].astype(">i4").tobytes() for i in first]
    rank = np.empty(len(keys), dtype=np.intp)
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return rank[found.ravel()]


def _tied_statements(groups: list[Codes], parts: list[sparse.csr_array], weight: np.ndarray, number: int) -> Statements:
    """Classes of the tables that say all, and each statement in one of these."""
    tables, edges, place = tied([_patterns(part) for part in parts])
    sizes = [int(one.max(initial=-1)) + 1 for one in tables]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
    people = np.concatenate([np.bincount(c, weights=weight, minlength=k) for c, k in zip(tables, sizes, strict=True)])
    told, rows, columns = np.arange(number + 1) == number, [], []
    for own, part, table in zip(groups, parts, place, strict=True):
        new = np.flatnonzero(~told[np.minimum(own, number)])
        first = np.unique(tables[table], return_index=True)[1]
        at, cell = part[first][:, new].nonzero()  # which statements a class is in, as its first person is
        rows.append(own[new][cell])
        columns.append(starts[table] + at)
        told[own[new]] = True
    at = (np.concatenate([*rows, []]).astype(np.intp), np.concatenate([*columns, []]).astype(np.intp))
    found = sparse.csr_array((np.ones(len(at[0])), at), shape=(number, int(starts[-1])))
    ties = _ties(edges, starts)
    used = np.diff(sparse.csc_array(sparse.vstack([found, ties])).indptr) > 0
    return Statements(sparse.csr_array(found[:, used]), people[used], sparse.csr_array(ties[:, used]))


def _ties(edges: list[Tie], starts: Codes) -> sparse.csr_array:
    """(r, a) the classes of two tables that make up each class of what these share, with signs."""
    rows = [sparse.csr_array((0, int(starts[-1])))]
    for i, j, shared, beside in edges:
        label = np.unique(np.concatenate([shared, beside]), return_inverse=True)[1].ravel()
        column = np.concatenate([starts[i] + np.arange(len(shared)), starts[j] + np.arange(len(beside))])
        sign = np.repeat([1.0, -1.0], [len(shared), len(beside)])
        rows.append(sparse.csr_array((sign, (label, column)), shape=(int(label.max()) + 1, int(starts[-1]))))
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
