"""Proves classes of persons who are in the same statements: counts, ties of tables, and that ties say all there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import sparse

from llo_research.errors import DataError
from llo_research.numerics.brackets import brackets
from llo_research.numerics.statements import Statements, differences, of_codes, of_masks, of_membership


def ends(statements: Statements, hidden: np.ndarray) -> np.ndarray:
    """(2, hidden) what follows about hidden statements."""
    counts = statements.counts.astype(float)
    none = np.zeros(statements.ties.shape[0])
    known = sparse.csr_array(sparse.vstack([statements.members, statements.ties]))
    low, high = np.where(hidden, -np.inf, counts), np.where(hidden, np.inf, counts)
    found = brackets(known, np.append(low, none), np.append(high, none), statements.members[np.flatnonzero(hidden)])
    assert found.proven.all()
    return np.array([found.low, found.high])


def test_classes_are_those_of_the_same_statements() -> None:
    masks = np.array([[1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0]], dtype=bool)
    told = of_masks(masks)
    assert told.counts.tolist() == [2, 3, 1]
    assert told.members.toarray().tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]] and told.people.tolist() == [2, 1, 1]
    same = of_membership(sparse.csr_array(masks.T[[5, 3, 0, 2, 4, 1]].astype(float)))
    assert (same.members != told.members).nnz == 0 and same.people.tolist() == told.people.tolist()


def test_a_person_counts_once_with_any_row_and_rows_that_stand_for_nobody_do_not() -> None:
    codes, units = np.array([0, 1, 1, 0, 2, 1]), np.array([7, 7, 3, 3, 3, 9])
    told = of_codes([codes], [2], units)
    assert told.counts.tolist() == [2, 3]
    assert told.people.tolist() == [2, 1] and told.members.toarray().tolist() == [[1, 0], [1, 1]]
    empty = of_codes([np.array([0, 0, 1])], [2], counted=np.array([True, True, False]))
    assert empty.counts.tolist() == [2, 0] and empty.people.tolist() == [2, 0] and empty.members.nnz == 2


def test_rows_in_no_cell_and_codes_below_nought() -> None:
    told = of_codes([np.array([0, 1, 2, -1]), np.array([0, 0, 0, 1])], [2, 1])
    assert told.counts.tolist() == [1, 1, 3]
    assert of_codes([], []).counts.tolist() == []


@pytest.mark.parametrize(
    ("members", "people", "ties"),
    [(np.ones((1, 2)), [1], None), (np.ones((1, 1)), [-1], None), (np.ones((1, 1)), [0.5], None),
     (2 * np.ones((1, 1)), [1], None), (np.eye(2), [1, 2], np.array([[1.0, -1.0]]))],
)  # fmt: skip
def test_statements_that_cannot_be_are_refused(members: np.ndarray, people: list[float], ties: np.ndarray) -> None:
    with pytest.raises(DataError):
        Statements(sparse.csr_array(members), np.array(people), None if ties is None else sparse.csr_array(ties))


def product_rows(levels: tuple[int, ...], seed: int) -> np.ndarray:
    """(n, d) codes in which every combination occurs."""
    rng = np.random.default_rng(seed)
    cells = np.array(list(itertools.product(*(range(k) for k in levels))))
    return np.repeat(cells, rng.poisson(rng.gamma(1, 8, len(cells))) + 1, axis=0)


WAYS = {
    "a tree": [(0, 1), (0, 2), (0, 3)],
    "a chain": [(0, 1), (1, 2), (2, 3)],
    "margins": [(0,), (1,), (2,), (3,)],
    "a ring": [(0, 1), (1, 2), (0, 2)],
    "a ring of four": [(0, 1), (1, 2), (2, 3), (0, 3)],
    "parts of each other": [(0, 1, 2), (0, 1), (2, 3), ()],
}


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("seed", range(3))
def test_tied_tables_say_what_all_classes_together_say(name: str, seed: int) -> None:
    levels = (2, 3, 2, 2)
    rows, ways = product_rows(levels, seed), WAYS[name]
    codes, numbers = [], []
    for way in ways:
        shape = [levels[d] for d in way]
        codes.append(np.ravel_multi_index(rows[:, way].T, shape) if way else np.zeros(len(rows), dtype=np.intp))
        numbers.append(int(np.prod(shape)))
    tied = of_codes(codes, numbers)
    whole = of_codes(codes, numbers, table=[0] * len(codes))
    assert whole.ties.shape[0] == 0 and tied.counts.tolist() == whole.counts.tolist()
    assert (tied.ties.shape[0] == 0) is name.startswith("a ring")
    rng = np.random.default_rng(seed)
    for _ in range(4):
        hidden = rng.random(len(tied.counts)) < rng.uniform(0.2, 0.9)
        assert ends(tied, hidden).tolist() == ends(whole, hidden).tolist()


def test_tables_of_which_one_holds_cells_of_the_other_are_taken_together() -> None:
    rng = np.random.default_rng(2)
    age, sex = rng.integers(0, 80, 3000), rng.integers(0, 2, 3000)
    tens, odd = age // 10, (age + 5) // 10  # groups that overlap, as no reader would take for free
    told = of_codes([tens, odd, sex], [8, 9, 2])
    assert told.members.shape[1] == 16 + 2 and told.ties.shape[0] == 1
    alone = of_codes([tens, odd], [8, 9])
    assert alone.ties.shape[0] == 0 and alone.people.sum() == 3000


def test_cells_and_the_answers_in_them_are_one_table_beside_others() -> None:
    """Twelve breakdowns of two thousand people with and without an answer stay twelve small tables."""
    rng = np.random.default_rng(5)
    yes, codes, numbers, table = rng.random(2000) < 0.4, [], [], []
    for j in range(12):
        cell = rng.choice(5, 2000, p=[0.01, 0.19, 0.2, 0.3, 0.3])
        codes += [cell, np.where(yes, cell, 5)]
        numbers += [5, 5]
        table += [j, j]
    told = of_codes(codes, numbers, table=table)
    assert told.people.sum() == 12 * 2000 and told.members.shape[1] <= 120 and told.ties.shape[0] == 22
    assert told.counts[:5].tolist() == np.bincount(codes[0], minlength=5).tolist()


def test_a_classification_without_numbers_keeps_tables_apart() -> None:
    """Two questions by the same groups, each with people who did not answer: the groups are what they share."""
    rng = np.random.default_rng(6)
    group = rng.integers(0, 4, 4000)
    codes, numbers, table = [], [], []
    for j in range(3):
        known, yes = rng.random(4000) < 0.9, rng.random(4000) < 0.5
        codes += [np.where(known, group, 4), np.where(known & yes, group, 4), group]
        numbers += [4, 4, 0]
        table += [j] * 3
    told = of_codes(codes, numbers, table=table)
    assert len(told.counts) == 24 and told.members.shape[1] == 36 and told.ties.shape[0] == 8


def test_differences_of_a_few() -> None:
    masks = np.zeros((4, 30), dtype=bool)
    masks[0, :20] = masks[1, :17] = masks[2, :8] = masks[3, 2:19] = True
    pairs, rows = differences(of_masks(masks), 5)
    assert pairs.tolist() == [[0, 1], [0, 3]]
    assert (rows @ of_masks(masks).people).tolist() == [3, 3]
    assert len(differences(of_masks(masks), 3)[0]) == 0
    beside = of_masks(masks).beside(rows)
    assert beside.counts.tolist() == [20, 17, 8, 17, 3, 3]
