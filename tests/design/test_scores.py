"""Proves that maps of scores mean the same dense and sparse, and that cells nobody asks for may be left out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from llo_research.design.scores import Block, Scores, compact, stacked

# Sums of ten numbers in another order.
AGREE = 1e-13
N, CELLS = 300, 40


def scores(seed: int = 0) -> Scores:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, CELLS + 1, N)  # the last code is outside
    blocks = (
        Block(codes, rng.normal(size=(N, 2)), CELLS),
        Block(np.zeros(N, dtype=np.intp), rng.normal(size=(N, 3)), 1),
    )
    return Scores(blocks, np.where(rng.random(N) < 0.1, 0.0, 1.0))


def plain(own: Scores) -> np.ndarray:
    """The influence values by a loop over rows."""
    out = np.zeros((N, own.n_base))
    for i in range(N):
        start = 0
        for block in own.blocks:
            p = block.values.shape[1]
            if block.codes[i] < block.n_cells:
                first = start + block.codes[i] * p
                out[i, first : first + p] = block.values[i]
            start += block.size
    return out


def gaps(own: Scores, rows: int = 60, seed: int = 1) -> np.ndarray:
    """A map with two numbers a row."""
    rng = np.random.default_rng(seed)
    out = np.zeros((rows, own.n_base))
    for row in out:
        row[rng.choice(own.n_base, 2, replace=False)] = 1, -1
    return out


def test_rows_and_sums_are_those_of_a_loop() -> None:
    own, matrix = scores(), gaps(scores())
    z = plain(own)
    assert (own.dense() == z).all()
    some = np.array([5, 3, 3, 200])
    assert (own.rows(some) == z[some]).all()
    codes = np.arange(N) % 7
    for transform in (matrix, sparse.csr_array(matrix)):
        mapped = own.mapped(transform)
        assert mapped.size == len(matrix)
        assert np.abs(mapped.rows(some) - z[some] @ matrix.T).max() <= AGREE
        wanted = np.array([(z @ matrix.T)[codes == g].sum(axis=0) for g in range(7)])
        assert np.abs(mapped.sums(codes, 7) - wanted).max() <= AGREE * np.abs(z).sum()


@pytest.mark.parametrize("uses", [False, True])
def test_maps_of_maps_are_the_same_dense_and_sparse(uses: bool) -> None:
    own = scores()
    first, second = gaps(own), np.random.default_rng(2).normal(size=(9, 60))
    second[:, 10:] = 0
    touched = (first != 0) | (np.arange(first.shape[1]) == 4) if uses else None
    dense = Scores(own.blocks, own.weights, first, touched).mapped(second)
    thin = Scores(own.blocks, own.weights, sparse.csr_array(first), touched).mapped(sparse.csr_array(second))
    whole = np.asarray(first)
    for made in (dense, thin):
        assert np.abs(made.dense() - plain(own) @ (second @ whole).T).max() <= AGREE * 100
        assert (made.rests() == dense.rests()).all()
        assert (made.support(np.array([2])) == dense.support(np.array([2]))).all()
        part = made.only(np.array([4, 1]))
        assert (part.rests() == dense.rests()[[4, 1]]).all()
        assert np.abs(part.dense() - made.dense()[:, [4, 1]]).max() <= AGREE * 100
    if uses:
        assert dense.rests()[:, 4].all()


def test_what_cancels_is_still_rested_on() -> None:
    own = scores()
    matrix = np.zeros((1, own.n_base))
    touched = np.zeros((1, own.n_base), dtype=bool)
    touched[0, 2 * 3] = True
    mapped = own.mapped(matrix, touched)
    assert (mapped.support(np.array([0])) == ((own.blocks[0].codes == 3) & (own.weights != 0))).all()
    again = mapped.mapped(np.ones((1, 1)))
    assert (again.rests() == touched).all()


def test_cells_nobody_rests_on_are_left_out() -> None:
    own = scores()
    matrix = np.zeros((2, own.n_base))
    matrix[0, 7], matrix[1, 20] = 1, 1
    mapped = own.mapped(sparse.csr_array(matrix))
    short = mapped.trimmed()
    assert short.n_base == 4
    assert len(short.blocks) == 1
    assert (short.dense() == mapped.dense()).all()
    kept = own.mapped(matrix, np.ones(matrix.shape, dtype=bool)).trimmed()
    assert kept.n_base == own.n_base
    assert own.trimmed() is own


def test_estimates_side_by_side() -> None:
    a, b = scores(0), scores(1)
    mapped = a.mapped(sparse.csr_array(gaps(a)))
    both = stacked([mapped, b])
    together = (mapped.weights != 0) | (b.weights != 0)
    z = np.hstack([mapped.dense() * (mapped.weights != 0)[:, None], b.dense() * (b.weights != 0)[:, None]])
    shown = both.dense()
    # a row without a weight in one part counts there as outside, if it has one in another part
    assert np.abs(shown[together] - z[together]).max() <= AGREE
    assert sparse.issparse(both.transform)
    assert both.size == mapped.size + b.size
    small = stacked([a.mapped(np.eye(a.n_base)[:2]), b.mapped(np.eye(b.n_base)[:3])])
    assert isinstance(small.transform, np.ndarray)
    assert (small.transform.nonzero()[1] == [0, 1, a.n_base, a.n_base + 1, a.n_base + 2]).all()


def test_only_large_maps_with_few_numbers_become_sparse() -> None:
    assert isinstance(compact(np.eye(20)), np.ndarray)
    assert isinstance(compact(np.ones((200, 200))), np.ndarray)
    assert sparse.issparse(compact(np.eye(200)))
    assert (sparse.csr_array(compact(np.eye(200))).toarray() == np.eye(200)).all()


def pairs_of_cells(p: int) -> tuple[Scores, np.ndarray, np.ndarray]:
    """Gaps between neighbouring cells of one block, of which one moves nothing, and what they rest on."""
    block = scores().blocks[0]
    own = Scores((Block(block.codes, block.values[:, :p], CELLS),), scores().weights)
    uses = np.kron(np.eye(CELLS // 2), np.kron([1.0, 1.0], np.eye(p)))
    signs = np.tile(np.repeat([1.5, -0.5], p), CELLS // 2)
    signs[: 2 * p] = 0
    return own, uses * signs, uses != 0


@pytest.mark.parametrize("p", [1, 2])
def test_a_map_in_which_no_cell_is_shared_is_a_block(p: int) -> None:
    own, matrix, uses = pairs_of_cells(p)
    mapped = own.mapped(sparse.csr_array(matrix), sparse.csr_array(uses))
    folded = mapped.folded()
    assert folded.transform is None
    assert folded.n_base == len(matrix) == mapped.size
    assert (folded.dense() == mapped.dense()).all()
    for row in range(len(matrix)):
        assert (folded.support(np.array([row])) == mapped.support(np.array([row]))).all()


def test_maps_that_share_or_split_a_cell_stay_maps() -> None:
    own, matrix, uses = pairs_of_cells(2)
    shared, split, swapped = uses.copy(), uses.copy(), uses[[1, 0, *range(2, len(uses))]]
    shared[3, 0], split[6, 12] = True, False
    for pattern in (shared, split, swapped):
        made = own.mapped(sparse.csr_array(matrix * pattern), sparse.csr_array(pattern))
        assert made.folded() is made
    assert scores().folded().transform is None
