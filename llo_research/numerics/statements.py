"""Statements: sets of persons whose number is told, as sums of classes of persons who are in the same statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes


@dataclass(frozen=True, eq=False)
class Statements:
    """Which classes of persons (atoms) each statement counts, and how many persons are in each class.

    members : (s, a) sparse, 1 where the persons of a class are counted by a statement.
    people : (a,) whole numbers; 0 for a class that could be occupied, as far as a reader knows, and is not.
    """

    members: sparse.csr_array
    people: np.ndarray

    def __post_init__(self) -> None:
        members, people = sparse.csr_array(self.members), np.asarray(self.people)
        if members.shape[1] != len(people):
            raise DataError("Statements and classes of persons do not fit.", found=f"{members.shape}, {len(people)}")
        if len(people) and (people.min() < 0 or (people != np.round(people)).any()):
            raise DataError("Persons are counted in whole numbers.", where="people", found=repr(people.min()))
        if members.nnz and not (members.data == 1).all():
            raise DataError("A person is in a statement once or not.", where="members")
        object.__setattr__(self, "members", members)
        object.__setattr__(self, "people", people.astype(np.int64))

    @property
    def counts(self) -> np.ndarray:
        """(s,) persons in each statement."""
        return np.asarray(self.members @ self.people).astype(np.int64)

    def beside(self, rows: sparse.csr_array) -> Statements:
        """These statements and, below them, others (r, a) of the same classes: a difference of two, say."""
        both = sparse.csr_array(sparse.vstack([self.members, sparse.csr_array(rows)]))
        return Statements(both, self.people)


def of_codes(
    codes: Sequence[Codes], numbers: Sequence[int], units: Codes | None = None, counted: np.ndarray | None = None
) -> Statements:
    """Statements of several tables of the same rows: cell 0 of the first table, cell 1, ..., cell 0 of the second.

    Parameters
    ----------
    codes : one (n,) a table: the cell of each row; ``numbers[i]`` or more for rows in none of its cells.
    numbers : cells of each table.
    units : (n,) which person a row is of; each row its own where None. A person is in a cell with any row.
    counted : (n,) bool; False for rows that stand for a possible combination of cells in which nobody is.
    """
    starts = np.concatenate([[0], np.cumsum(numbers)]).astype(np.intp)
    rows, cells = [], []
    for one, number, start in zip(codes, numbers, starts[:-1], strict=True):
        inside = np.flatnonzero((one >= 0) & (one < number))
        rows.append(inside)
        cells.append(np.asarray(one)[inside] + start)
    n = len(codes[0]) if codes else 0
    at = (np.concatenate([*rows, []]).astype(np.intp), np.concatenate([*cells, []]).astype(np.intp))
    return of_membership(sparse.csr_array((np.ones(len(at[0])), at), shape=(n, int(starts[-1]))), units, counted)


def of_masks(masks: np.ndarray, units: Codes | None = None, counted: np.ndarray | None = None) -> Statements:
    """Statements of (s, n) bool: which rows each counts."""
    return of_membership(sparse.csr_array(np.asarray(masks, dtype=np.float64).T), units, counted)


def of_membership(
    membership: sparse.csr_array, units: Codes | None = None, counted: np.ndarray | None = None
) -> Statements:
    """Statements of a sparse (n, s) array that is not 0 where a row is in a statement.

    Classes come in the order of the statements they are in, so that the order of rows plays no part.
    """
    n, s = membership.shape
    persons = np.arange(n) if units is None else np.unique(units, return_inverse=True)[1].ravel()
    real = np.ones(n, dtype=bool) if counted is None else np.asarray(counted, dtype=bool)
    number = int(persons.max()) + 1 if n else 0
    belongs = sparse.csr_array((np.ones(n), (persons, np.arange(n))), shape=(number, n))
    inside = sparse.csr_array(belongs @ sparse.csr_array(membership != 0).astype(np.float64))
    inside.sort_indices()
    inside.eliminate_zeros()
    weight = (np.bincount(persons, weights=real, minlength=number) > 0).astype(np.int64)
    keys = inside.indices.astype(">i4")
    ends = inside.indptr
    people: dict[bytes, int] = {}
    for start, stop, one in zip(ends[:-1].tolist(), ends[1:].tolist(), weight.tolist(), strict=True):
        key = keys[start:stop].tobytes()
        people[key] = people.get(key, 0) + one
    patterns = sorted(key for key in people if key)
    indices = np.frombuffer(b"".join(patterns), dtype=">i4").astype(np.intp)
    starts = np.concatenate([[0], np.cumsum([len(key) // 4 for key in patterns])]).astype(np.intp)
    members = sparse.csc_array((np.ones(len(indices)), indices, starts), shape=(s, len(patterns)))
    return Statements(sparse.csr_array(members), np.array([people[key] for key in patterns], dtype=np.int64))


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
