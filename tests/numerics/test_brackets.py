"""Proves brackets of numbers that were not told: by all whole tables that fit, and by laws."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from llo_research.errors import DataError
from llo_research.numerics.brackets import Brackets, brackets

INF = np.inf


def margins(shape: tuple[int, ...], ways: list[tuple[int, ...]]) -> np.ndarray:
    """(cells + margins, cells): every cell, then the sums over the other directions for each way."""
    at = np.indices(shape).reshape(len(shape), -1)
    rows = [np.eye(at.shape[1])]
    for way in ways:
        keys = itertools.product(*(range(shape[d]) for d in way))
        rows.append(np.array([[all(at[d, c] == k for d, k in zip(way, key, strict=True)) for c in range(at.shape[1])]
                              for key in keys], dtype=float))  # fmt: skip
    return np.vstack(rows)


def all_tables(rows: np.ndarray, low: np.ndarray, high: np.ndarray, most: int) -> np.ndarray:
    """Every table of whole numbers up to `most` that fits, by trying all of them cell by cell."""
    found = np.zeros((1, 0), dtype=int)
    for j in range(rows.shape[1]):
        found = np.hstack([np.repeat(found, most + 1, axis=0), np.tile(np.arange(most + 1), len(found))[:, None]])
        sums = found @ rows[:, : j + 1].T
        rest = rows[:, j + 1 :].sum(axis=1) * most
        found = found[((sums <= high + 1e-9) & (sums + rest >= low - 1e-9)).all(axis=1)]
    return found


def hide(rows: np.ndarray, table: np.ndarray, hidden: list[int], half: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """What is told of the rows that are not hidden."""
    value = rows @ table
    low, high = value - half, value + half
    low[hidden], high[hidden] = -INF, INF
    return low, high


def of(rows: np.ndarray, low: np.ndarray, high: np.ndarray, targets: np.ndarray, **options: Any) -> Brackets:
    """Brackets of dense rows."""
    return brackets(sparse.csr_array(rows), low, high, sparse.csr_array(targets), **options)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("half", [0.0, 2.5])
def test_ends_are_those_of_all_tables_that_fit(seed: int, half: float) -> None:
    rng = np.random.default_rng(seed)
    shape, ways = [((3, 3), [(0,), (1,)]), ((2, 2, 2), [(0, 1), (0, 2), (1, 2)])][seed % 2]
    rows = margins(shape, ways)
    cells = int(np.prod(shape))
    table = rng.poisson(rng.gamma(1.5, 2, cells)).clip(max=7)
    hidden = rng.choice(cells, 5, replace=False).tolist()
    low, high = hide(rows, table, hidden, half)
    tables = all_tables(rows, low, high, int((rows @ table).max() + half))
    found = of(rows, low, high, np.eye(cells)[hidden])
    assert found.proven.all()
    assert found.low.tolist() == tables[:, hidden].min(axis=0).tolist()
    assert found.high.tolist() == tables[:, hidden].max(axis=0).tolist()
    assert found.reached_low.tolist() == found.low.tolist() and found.reached_high.tolist() == found.high.tolist()


def test_the_hidden_cell_of_a_row_with_its_margin_is_known() -> None:
    rows = margins((2, 2), [(0,), (1,)])
    table = np.array([3, 40, 50, 60])
    low, high = hide(rows, table, [0])
    found = of(rows, low, high, np.eye(4)[[0]])
    assert (found.low[0], found.high[0], bool(found.proven[0])) == (3, 3, True)
    low, high = hide(rows, table, [0, 1, 2, 3])
    found = of(rows, low, high, np.eye(4)[[0]])
    assert (found.low[0], found.high[0]) == (0, 43)


def test_a_total_that_is_not_told_has_no_upper_end() -> None:
    rows = margins((3,), [()])
    low, high = hide(rows, np.array([3, 40, 50]), [0, 3])
    found = of(rows, low, high, np.array([[1, 0, 0], [1, 1, 1], [0, 0, 0], [0, -1, 1]]))
    assert found.low.tolist() == [0, 90, 0, 10] and found.high.tolist() == [INF, INF, 0, 10]
    assert found.proven.all()


def test_whole_numbers_say_more_than_linear_programmes() -> None:
    """Of three people no two may be chosen: a linear programme chooses one and a half."""
    pairs = np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]])
    found = of(pairs, np.full(3, -INF), np.ones(3), np.ones((1, 3)))
    assert (found.low[0], found.high[0], bool(found.proven[0])) == (0, 1, True)
    real = of(pairs, np.full(3, -INF), np.ones(3), np.ones((1, 3)), whole=False)
    assert real.high[0] == pytest.approx(1.5, abs=1e-9)  # the solver's accuracy


@pytest.mark.parametrize("share", [0.2, 0.25, 1 / 3])
def test_a_rounded_share_of_an_unknown_total(share: float) -> None:
    """Answers among n people, n told to tens, the share to one decimal of a per cent."""
    half = 0.0005
    rows = np.array([[1.0, 1.0], [1 - share - half, -share - half], [1 - share + half, -share + half]])
    low, high = np.array([35.0, -INF, 0.0]), np.array([45.0, 0.0, INF])
    fits = [(n, a) for n in range(35, 46) for a in range(n + 1) if abs(a / n - share) <= half + 1e-12]
    found = of(rows, low, high, np.array([[1.0, 0.0], [1.0, 1.0]]))
    assert found.proven.all()
    assert found.low.tolist() == [min(a for _, a in fits), min(n for n, _ in fits)]
    assert found.high.tolist() == [max(a for _, a in fits), max(n for n, _ in fits)]


def test_numbers_that_contradict_each_other_are_refused() -> None:
    rows = margins((2, 2), [(0,), (1,)])
    low, high = hide(rows, np.array([3, 40, 50, 60]), [0])
    low[-1] = high[-1] = 99
    with pytest.raises(DataError, match="No table fits"):
        of(rows, low, high, np.eye(4)[[0]])
    with pytest.raises(DataError, match="No table fits"):  # a part without targets
        of(rows, low, high, np.zeros((1, 4)))
    odd = np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]])
    with pytest.raises(DataError, match="No table fits"):  # fits in halves only
        of(odd, np.full(3, 3.0), np.full(3, 3.0), np.eye(3))


def test_limits_of_classes_and_parts_apart() -> None:
    rows = np.array([[1.0, 1, 0, 0, 0], [0, 0, 1, 1, 0]])
    targets = np.array([[1.0, 0, 1, 0, 0], [0, 0, 0, 0, 1], [1, 0, 0, 0, -1]])
    upper = np.array([3, INF, 4, INF, 7])
    found = of(rows, np.array([5.0, 9]), np.array([5.0, 9]), targets, upper=upper)
    assert found.low.tolist() == [0, 0, -7] and found.high.tolist() == [7, 7, 3]


def test_what_time_does_not_suffice_for_is_not_called_proven() -> None:
    """A knapsack whose best sum is hard to find; without time the ends hold the truth, and are not said to be exact."""
    rng = np.random.default_rng(3)
    rows = rng.integers(1000, 9999, (4, 40)).astype(float)
    total = rows @ rng.integers(0, 2, 40)
    one = np.eye(40)[[0]]
    found = of(rows, total, total, one, upper=np.ones(40), seconds=1e-6)
    assert found.low[0] <= 0 + 1 and found.high[0] >= 0
    assert not found.proven[0] and (np.isnan(found.reached_low[0]) or found.reached_low[0] >= found.low[0])


TABLES = st.tuples(
    st.sampled_from([((6,), [()]), ((3, 4), [(0,), (1,)]), ((2, 3, 2), [(0, 1), (0, 2), (1, 2)])]),
    st.integers(0, 2**32 - 1),
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(TABLES)
def test_laws(drawn: tuple[tuple[tuple[int, ...], list[tuple[int, ...]]], int]) -> None:
    """Ends hold the truth; hiding more, or rounding, never narrows them; the order of rows and cells plays no part."""
    (shape, ways), seed = drawn
    rng = np.random.default_rng(seed)
    rows, cells = margins(shape, ways), int(np.prod(shape))
    table = rng.poisson(rng.gamma(1, 8, cells))
    hidden = rng.choice(len(rows), int(rng.integers(1, len(rows))), replace=False)
    low, high = hide(rows, table, hidden.tolist())
    found = of(rows, low, high, rows[hidden])
    assert (found.low <= rows[hidden] @ table).all() and (found.high >= rows[hidden] @ table).all()
    more = np.unique([*hidden, int(rng.integers(len(rows)))]).tolist()
    wider = of(rows, *hide(rows, table, more), rows[hidden])
    assert (wider.low <= found.low).all() and (wider.high >= found.high).all()
    rounded = of(rows, *hide(rows, table, hidden.tolist(), 5.0), rows[hidden])
    assert (rounded.low <= found.low).all() and (rounded.high >= found.high).all()
    r, c = rng.permutation(len(rows)), rng.permutation(cells)
    turned = of(rows[r][:, c], low[r], high[r], rows[hidden][:, c])
    assert turned.low.tolist() == found.low.tolist() and turned.high.tolist() == found.high.tolist()
