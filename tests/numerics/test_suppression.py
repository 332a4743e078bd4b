"""Proves secondary suppression: no cell that may not be told follows, by all tables; how near to the cheapest it is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from llo_research.errors import DisclosureError
from llo_research.numerics.brackets import brackets
from llo_research.numerics.statements import Statements, differences, of_codes, of_masks
from llo_research.numerics.suppression import secondary
from tests.numerics.test_brackets import all_tables, margins

# Of 165 tables of three by three what the programme hides costs 1.7 % more than the cheapest pattern, at worst 39 %
# (benchmarks/suppression.md). A heuristic is not held to nought, but to little.
_MEAN_EXCESS, _WORST_EXCESS = 0.05, 0.5


def attacked(statements: Statements, hidden: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ends that a reader finds for statements."""
    counts, ties = statements.counts.astype(float), np.zeros(statements.ties.shape[0])
    known = sparse.csr_array(sparse.vstack([statements.members, statements.ties]))
    low, high = np.where(hidden, -np.inf, counts), np.where(hidden, np.inf, counts)
    found = brackets(known, np.append(low, ties), np.append(high, ties), statements.members[targets])
    assert found.proven.all()
    return found.low, found.high


def numbers(error: DisclosureError) -> list[int]:
    """The statements that cannot be protected."""
    return np.asarray(error.which).tolist()


def assert_wide(statements: Statements, hidden: np.ndarray, unsafe: np.ndarray, width: int) -> None:
    """Every unsafe statement can be `width` more, and as much less or nobody."""
    which = np.flatnonzero(unsafe)
    low, high = attacked(statements, hidden, which)
    counts = statements.counts[which]
    assert hidden[unsafe].all()
    assert (high >= counts + width).all() and (low <= np.maximum(counts - width, 0)).all()


def safe(
    tables: np.ndarray, gone: np.ndarray, table: np.ndarray, risky: np.ndarray, up: np.ndarray, down: np.ndarray
) -> bool:
    """Among all tables that agree where cells are shown the risky ones go as far up and down as they must."""
    left = tables[(tables == table)[:, ~gone].all(axis=1)][:, risky]
    most, least = (table + up)[risky], (table - down)[risky]
    return bool((left.max(axis=0) >= most).all() and (left.min(axis=0) <= least).all())


@pytest.mark.parametrize(
    ("shape", "ways", "seeds"), [((3, 3), [(0,), (1,)], range(20)), ((2, 2, 2), [(0, 1), (0, 2), (1, 2)], range(40))]
)
def test_beside_the_cheapest_of_all_patterns(shape: tuple[int, ...], ways: list[tuple[int, ...]], seeds: range) -> None:
    """With told margins, by enumeration of every table and every pattern of hidden cells."""
    excess, refused, width = [], 0, 3
    for seed in seeds:
        table = np.random.default_rng(seed).poisson(np.random.default_rng(seed + 99).gamma(1.2, 3, shape)).ravel()
        rows, cells = margins(shape, ways), table.size
        tables = all_tables(rows[cells:], rows[cells:] @ table, rows[cells:] @ table, int(table.sum()))
        low, high = tables.min(axis=0), tables.max(axis=0)
        risky = np.flatnonzero((table > 0) & (table < 3))
        unsafe = np.isin(np.arange(len(rows)), risky)
        fixed = np.arange(len(rows)) >= cells
        cost = np.where(fixed, 100, 1 + np.log1p(rows @ table))
        short = risky[(high - low)[risky] < width]
        if len(short):
            refused += 1
            with pytest.raises(DisclosureError, match="too little doubt") as caught:
                secondary(Statements(sparse.csr_array(rows), table), unsafe, cost=cost, width=width, fixed=fixed)
            assert numbers(caught.value) == short.tolist()
            continue
        hidden = secondary(Statements(sparse.csr_array(rows), table), unsafe, cost=cost, width=width, fixed=fixed)
        ends = table, risky, np.minimum(width, high - table), np.minimum(width, table - low)
        assert safe(tables, hidden[:cells], *ends) and not hidden[cells:].any()
        others = np.setdiff1d(np.arange(cells), risky)
        patterns = [p for k in range(len(others) + 1) for p in itertools.combinations(others, k)]
        costs = [cost[list(p)].sum() for p in patterns if safe(tables, np.isin(np.arange(cells), [*risky, *p]), *ends)]
        if len(risky) and min(costs) > 0:
            excess.append(cost[:cells][hidden[:cells] & ~unsafe[:cells]].sum() / min(costs) - 1)
    assert refused and len(excess) >= 5 and min(excess) >= -1e-12  # sums of costs in another order
    assert np.mean(excess) < _MEAN_EXCESS and max(excess) < _WORST_EXCESS


def test_nothing_is_hidden_where_nothing_must() -> None:
    told = of_masks(np.array([[1, 1, 0], [0, 0, 1], [1, 1, 1]], dtype=bool))
    assert not secondary(told, np.zeros(3, dtype=bool), width=10).any()
    alone = of_codes([np.repeat([0, 1], [3, 50])], [2])  # without a total nothing follows
    assert secondary(alone, np.array([True, False]), width=10).tolist() == [True, False]


def test_all_statements_of_the_same_persons_go() -> None:
    codes = np.repeat([0, 1, 2], [3, 40, 50])
    told = of_codes([codes, codes, np.minimum(codes, 1)], [3, 3, 2])
    hidden = secondary(told, np.arange(8) == 0, width=10)
    assert hidden[[0, 3, 6]].all() and hidden[1] == hidden[4] and hidden[2] == hidden[5] == hidden[7]
    assert_wide(told, hidden, np.arange(8) == 0, 10)


def test_the_cheaper_one_is_hidden_and_ties_go_by_number() -> None:
    codes = np.repeat([0, 1, 2], [3, 40, 40])
    told = of_codes([codes, np.zeros(83, dtype=np.intp)], [3, 1])
    unsafe = np.arange(4) == 0
    assert secondary(told, unsafe, cost=np.array([1, 2, 1, 9.0]), width=10).tolist() == [True, False, True, False]
    assert secondary(told, unsafe, cost=np.array([1, 1, 2, 9.0]), width=10).tolist() == [True, True, False, False]
    assert secondary(told, unsafe, cost=np.array([1, 5, 5, 1.0]), width=10).tolist() == [True, False, False, True]
    first = secondary(told, unsafe, width=10)
    rows = np.random.default_rng(1).permutation(83)
    assert (
        secondary(of_codes([codes[rows], np.zeros(83, dtype=np.intp)], [3, 1]), unsafe, width=10).tolist()
        == first.tolist()
    )


@pytest.mark.parametrize("seed", range(30))
def test_what_is_hidden_already_costs_nothing_and_no_more_is_hidden_beside_it(seed: int) -> None:
    """Cells of cost 0 are moved first; each unsafe one stays as open as the laws ask, whatever moves were found."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 5, 400), rng.integers(0, 4, 400)
    few = rng.integers(0, 3, 6)
    told = of_codes([4 * np.append(a, few) + np.append(b, few), np.append(a, few), np.append(b, few)], [20, 5, 4])
    unsafe, gone = np.arange(29) < 0, np.arange(29) < 0
    unsafe[rng.choice(20, 2, replace=False)] = True
    gone[rng.choice(20, 4, replace=False)] = True
    cost = np.where(gone, 0.0, 1.0 + rng.random(29))
    hidden = secondary(told, unsafe, cost=cost, width=8, fixed=np.arange(29) >= 20)
    assert_wide(told, hidden, unsafe, 8)
    assert hidden[gone].all() and not hidden[20:].any()
    every = secondary(told, unsafe, cost=np.where(unsafe | (np.arange(29) >= 20), 1.0, 0.0), width=8)
    assert every[:20].all() and not every[20:].any()  # all cells are hidden already: no total goes as well


def test_a_difference_that_nobody_tells_is_kept_unknown() -> None:
    """Employees, and employees whose contract is known: three have none."""
    masks = np.zeros((2, 60), dtype=bool)
    masks[0], masks[1, :57] = True, True
    told = of_masks(masks)
    beside = told.beside(differences(told, 10)[1])
    hidden = secondary(beside, np.array([False, False, True]), cost=np.array([2.0, 1, 1]), width=10)
    assert hidden.tolist() == [False, True, True]


def test_one_side_of_an_answer_within_a_group_that_left_already() -> None:
    """Eleven of twelve said yes; that there are twelve is known: 0 to 12 is all a reader may think."""
    codes = [np.zeros(12, dtype=np.intp), np.repeat([0, 1], [11, 1])]
    told = of_codes(codes, [1, 1], table=[0, 0])
    assert secondary(told, np.array([False, True]), width=10, fixed=np.array([True, False])).tolist() == [False, True]
    with pytest.raises(DisclosureError) as caught:
        secondary(told, np.array([False, True]), width=13, fixed=np.array([True, False]))
    assert numbers(caught.value) == [1]
    with pytest.raises(DisclosureError):  # told already itself
        secondary(told, np.array([False, True]), width=1, fixed=np.array([False, True]))


def test_tables_of_several_breakdowns_stay_closed_together() -> None:
    """Each breakdown alone would hide one more cell; the total, or two breakdowns with one hidden cell, would tell."""
    rng = np.random.default_rng(4)
    n, codes, numbers, table = 900, [np.zeros(900, dtype=np.intp)], [1], [0]
    yes = rng.random(n) < 0.4
    for j in range(1, 7):
        cell = rng.choice(4, n, p=[0.01, 0.2, 0.3, 0.49])
        codes += [cell, np.where(yes, cell, 4)]
        numbers += [4, 4]
        table += [j, j]
    told = of_codes(codes, numbers, table=table)
    unsafe = told.counts < 10
    hidden = secondary(told, unsafe, cost=1.0 + told.counts, width=10)
    assert unsafe.sum() >= 8 and not hidden.all()
    assert_wide(told, hidden, unsafe, 10)
    low, high = attacked(told, unsafe, np.flatnonzero(unsafe))
    assert (low == high).any()  # hiding only what is small tells it


def test_hundreds_of_classes_of_a_few_people_each() -> None:
    """The same breakdowns, all classes together: where linear programmes move parts of people, whole ones do too."""
    rng = np.random.default_rng(4)
    n, codes, numbers = 400, [np.zeros(400, dtype=np.intp)], [1]
    yes = rng.random(n) < 0.4
    for _ in range(5):
        cell = rng.choice(4, n, p=[0.01, 0.2, 0.3, 0.49])
        codes += [cell, np.where(yes, cell, 4)]
        numbers += [4, 4]
    told = of_codes(codes, numbers, table=[0] * len(codes))
    assert told.members.shape[1] > 200 and told.ties.shape[0] == 0
    unsafe = told.counts < 10
    assert_wide(told, secondary(told, unsafe, cost=1.0 + told.counts, width=10), unsafe, 10)


SHAPES = {
    (7,): [()],
    (4, 5): [(0,), (1,), ()],
    (2, 3, 3): [(0, 1), (0, 2), (1, 2), (0,), (1,), (2,), ()],
}


@settings(max_examples=15, deadline=None, derandomize=True)
@given(shape=st.sampled_from(sorted(SHAPES)), seed=st.integers(0, 2**32 - 1), width=st.sampled_from([1, 3, 10]))
def test_no_attack_finds_an_unsafe_cell(shape: tuple[int, ...], seed: int, width: int) -> None:
    """Tables with margins, of which groups overlap, at random costs; the order of statements and classes is nothing."""
    rng = np.random.default_rng(seed)
    table = rng.negative_binomial(0.7, 1 / 20, int(np.prod(shape)))
    rows = margins(shape, SHAPES[shape])
    extra = (rng.random((2, table.size)) < 0.5).astype(float)
    rows = np.vstack([rows, extra])
    told = Statements(sparse.csr_array(rows), table)
    unsafe = (told.counts < 10) & (told.counts > 0)
    cost = rng.uniform(1, 2, len(rows)) * (1 + told.counts)
    hidden = secondary(told, unsafe, cost=cost, width=width)
    assert_wide(told, hidden, unsafe, width)
    again = secondary(told, unsafe, cost=cost, width=width)
    assert again.tolist() == hidden.tolist()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1))
def test_overlapping_groups_of_persons(seed: int) -> None:
    """Statements of any sets of persons, nested and crossing, some known already."""
    rng = np.random.default_rng(seed)
    groups = [rng.random(150) < rng.uniform(0.02, 0.9) for _ in range(6)]
    masks = np.array([*groups, groups[0] | groups[1], groups[2] & groups[3], groups[4] & ~groups[5]])
    told = of_masks(masks)
    unsafe = (told.counts < 10) & (told.counts > 0)
    fixed = ~unsafe & (rng.random(len(unsafe)) < 0.2)
    try:
        hidden = secondary(told, unsafe, cost=1.0 + told.counts, width=3, fixed=fixed)
    except DisclosureError as error:
        low, high = attacked(told, ~fixed, np.array(numbers(error)))
        assert (high - low < 3).all()
        return
    which = np.flatnonzero(unsafe)
    low, high = attacked(told, hidden, which)
    least, most = attacked(told, ~fixed, which)
    counts = told.counts[which]
    assert (high >= np.minimum(counts + 3, most)).all() and (low <= np.maximum(counts - 3, least)).all()
    assert not (hidden & fixed).any()
