"""Influence values of estimates, kept as small blocks until somebody asks for the whole n x k array."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.multiples import Multiples

Matrix: TypeAlias = Floats | sparse.csr_array

# A map is kept sparse when it has at least so many numbers, of which at most this share is not 0.
_LARGE, _SHARE = 10_000, 1 / 8
# Rows of estimates by cell are put together as sparse ones from so many columns on.
_MANY_COLUMNS = 32


@dataclass(frozen=True)
class Block:
    """Scores of ``n_cells * p`` estimates, of which a row touches only those of its own cell.

    codes : (n,) the cell of each row, ``n_cells`` outside the domain.
    values : (n, p) w_i times the derivative of the p estimates of that cell in w_i, perhaps as multiples of a few.
    n_cells : number of cells. Estimate (cell, j) is number ``cell * p + j`` of the block.
    """

    codes: Codes
    values: Floats | Multiples
    n_cells: int

    @property
    def size(self) -> int:
        """Number of estimates in the block."""
        return int(self.n_cells * self.values.shape[1])

    def of_cells(self, cells: np.ndarray) -> Block:
        """The block of some of its cells, a mask (n_cells,)."""
        if cells.all():
            return self
        number = int(cells.sum())
        place = np.append(np.where(cells, np.cumsum(cells) - 1, number), number).astype(np.intp)
        return replace(self, codes=place[self.codes], n_cells=number)

    def sums(self, codes: Codes, number: int, times: Floats | None = None) -> Floats:
        """(number, p) sums of the values, or of `times` (n,) them, by group; code ``number`` is in none."""
        if isinstance(self.values, Multiples):
            return self.values.sums(codes, number, times)
        return group_sums(codes, self.values, number, times)


@dataclass(frozen=True)
class Scores:
    """Influence values z (n x k) as blocks, side by side, followed by a linear map.

    blocks : tuple of Block
    transform : (k, m) array, sparse or not, or None for the identity; m is the sum of the block sizes.
        z = z_blocks @ transform.T
    weights : (n,) the weights of the call; rows with weight zero carry no degree of freedom. NaN where calls that stand
        side by side differ.
    uses : (k, m) bool, which estimates of the blocks each one rests on; None where that is ``transform != 0``. A slope
        may be 0 by chance, or cancel.
    """

    blocks: tuple[Block, ...]
    weights: Floats
    transform: Matrix | None = None
    uses: np.ndarray | sparse.csr_array | None = None

    @cached_property
    def n_base(self) -> int:
        """Number of columns before the linear map."""
        return sum(block.size for block in self.blocks)

    @property
    def size(self) -> int:
        """Number of estimates k."""
        return self.n_base if self.transform is None else int(self.transform.shape[0])

    def only(self, estimates: Codes) -> Scores:
        """Scores of some of the estimates."""
        uses = None if self.uses is None else self.uses[estimates]
        return Scores(self.blocks, self.weights, _map_of(self)[estimates], uses)

    def mapped(self, matrix: Matrix, uses: np.ndarray | sparse.csr_array | None = None) -> Scores:
        """Scores of ``matrix @ theta``; `uses` (of the shape of `matrix`) says which estimates each one rests on."""
        own = compact(matrix)
        transform = own if self.transform is None else compact(own @ self.transform)
        if uses is None and self.uses is None:
            return Scores(self.blocks, self.weights, transform)
        rests = sparse.csr_array(own if uses is None else uses) != 0
        if self.transform is not None:
            rests = sparse.csr_array(rests, dtype=np.intp) @ sparse.csr_array(self.rests(), dtype=np.intp) > 0
        return Scores(self.blocks, self.weights, transform, rests if sparse.issparse(transform) else rests.toarray())

    def rests(self, estimates: slice | Codes = slice(None)) -> np.ndarray:
        """(k, m) bool, the estimates of the blocks that these estimates rest on."""
        if self.uses is not None:
            return _dense(self.uses[estimates])
        if self.transform is not None:
            return _dense(self.transform[estimates] != 0)
        return np.asarray(np.arange(self.n_base) == np.arange(self.n_base)[estimates][:, None])

    def trimmed(self) -> Scores:
        """The same without the cells on which no estimate rests."""
        if self.transform is None:
            return self
        wanted = np.zeros(self.n_base, dtype=bool)
        wanted[sparse.csr_array(self.transform).indices] = True
        if self.uses is not None:
            wanted[self._used.indices] = True
        blocks, columns = [], []
        for block, (first, last) in zip(self.blocks, pairwise(self._starts), strict=True):
            cells = np.asarray(wanted[first:last].reshape(block.n_cells, block.values.shape[1]).any(axis=1))
            blocks.append(block.of_cells(cells))
            columns.append(np.repeat(cells, block.values.shape[1]))
        kept = np.flatnonzero(np.concatenate(columns))
        if len(kept) == self.n_base:
            return self
        left = tuple(block for block in blocks if block.n_cells)
        uses = None if self.uses is None else self.uses[:, kept]
        return Scores(left, self.weights, self.transform[:, kept], uses) if left else self

    def folded(self) -> Scores:
        """The same as a block without a map, where no two estimates share a cell and each takes its cells whole."""
        if len(self.blocks) != 1 or self.transform is None or not sparse.issparse(self.transform):
            return self
        block, used, slopes = self.blocks[0], sparse.csc_array(self._used), sparse.csr_array(self.transform)
        p, times = block.values.shape[1], np.diff(used.indptr)
        if self.size % p or times.max(initial=0) > 1 or (used + (self.transform != 0)).nnz > used.nnz:
            return self
        there, row = (times == 1).reshape(-1, p), np.zeros(self.n_base, dtype=np.intp)
        row[times == 1] = used.indices
        number, to = self.size // p, np.asarray(row.reshape(-1, p))
        cells = np.where(there[:, 0], to[:, 0] // p, number)
        if (there != there[:, :1]).any() or (there & (to != cells[:, None] * p + np.arange(p))).any():
            return self
        each = np.asarray(slopes.sum(axis=0)).reshape(-1, p)
        values = block.values[:] * np.vstack([each, np.zeros((1, p))])[block.codes]
        return Scores((Block(np.append(cells, number)[block.codes], values, number),), self.weights)

    @property
    def _used(self) -> sparse.csr_array:
        """(k, m) sparse bool, the estimates of the blocks that each estimate of a map rests on."""
        return sparse.csr_array(self.transform if self.uses is None else self.uses) != 0

    @property
    def _starts(self) -> Codes:
        """The first column of each block, and the number of columns."""
        return np.cumsum([0, *(block.size for block in self.blocks)])

    def rows(self, rows: slice | Codes) -> Floats:
        """The influence values (m x k) of these rows."""
        if self.n_base >= _MANY_COLUMNS and any(block.n_cells > 1 for block in self.blocks):
            number = len(self.weights[rows])
            base = cell_columns(self.blocks, rows, np.arange(number), number)
            full = base if self.transform is None else base @ self.transform.T
            return full.toarray() if sparse.issparse(full) else np.asarray(full)
        parts = [_dense_columns(block, rows) for block in self.blocks]
        dense = parts[0] if len(parts) == 1 else np.hstack(parts)
        return dense if self.transform is None else np.asarray(dense @ self.transform.T)

    def dense(self) -> Floats:
        """The whole n x k array."""
        return self.rows(slice(None))

    def sums(self, codes: Codes, n_groups: int) -> Floats:
        """(n_groups, k) influence values added up by group, as by cluster or time; code `n_groups` is in none."""
        parts = []
        for block in self.blocks:
            p = block.values.shape[1]
            inside = (codes < n_groups) & (block.codes < block.n_cells)
            both = np.where(inside, codes * block.n_cells + block.codes, n_groups * block.n_cells)
            parts.append(block.sums(both, n_groups * block.n_cells).reshape(n_groups, block.n_cells * p))
        base = parts[0] if len(parts) == 1 else np.hstack(parts)
        return base if self.transform is None else np.asarray((self.transform @ base.T).T)

    def support(self, estimates: Codes) -> np.ndarray:
        """Mask (n,) of the rows with a weight in the cells that these estimates (numbers 0..k-1) speak of."""
        wanted = np.zeros(self.n_base, dtype=bool)
        if self.transform is None:
            wanted[estimates] = True
        else:
            wanted[:] = self.rests(np.atleast_1d(estimates)).any(axis=0)
        mask = np.zeros(len(self.weights), dtype=bool)
        for block, (first, last) in zip(self.blocks, pairwise(self._starts), strict=True):
            cells = wanted[first:last].reshape(block.n_cells, block.values.shape[1]).any(axis=1)
            mask |= np.append(cells, False)[block.codes]
        return np.asarray(mask & (self.weights != 0))


def _dense(matrix: Any) -> np.ndarray:
    """The matrix as an array."""
    return np.asarray(matrix.toarray() if sparse.issparse(matrix) else matrix)


def compact(matrix: Matrix) -> Matrix:
    """A large map with few numbers that are not 0 as a sparse one; every other as it is."""
    if sparse.issparse(matrix):
        return sparse.csr_array(matrix)
    full = np.asarray(matrix)
    if full.size < _LARGE or np.count_nonzero(full) > _SHARE * full.size:
        return full
    return sparse.csr_array(full)


def cell_columns(blocks: tuple[Block, ...], rows: slice | Codes, at: Codes, number: int) -> sparse.csr_array:
    """(number, m) the columns of all blocks at these rows, added up where `at` (the place of each row) is the same."""
    places, columns, values, start = [], [], [], 0
    for block in blocks:
        codes, own = block.codes[rows], block.values[rows]
        inside, p = np.flatnonzero(codes < block.n_cells), own.shape[1]
        for j in range(p):
            places.append(at[inside])
            columns.append(start + codes[inside] * p + j)
            values.append(own[inside, j])
        start += block.size
    entries = np.concatenate(values), (np.concatenate(places), np.concatenate(columns))
    return sparse.csr_array(sparse.coo_array(entries, shape=(number, start)))


def _dense_columns(block: Block, rows: slice | Codes) -> Floats:
    """The columns of a block at these rows."""
    codes, values = block.codes[rows], block.values[rows]
    if block.n_cells == 1:
        return np.where((codes < 1)[:, None], values, 0.0)
    p = values.shape[1]
    out = np.zeros((len(codes), block.size))
    inside = np.flatnonzero(codes < block.n_cells)
    for j in range(p):
        out[inside, codes[inside] * p + j] = values[inside, j]
    return out


def stacked(parts: list[Scores]) -> Scores:
    """Scores of several estimates of one survey, side by side."""
    weights = _common([part.weights for part in parts])
    blocks = tuple(_weighted(block, part.weights, weights) for part in parts for block in part.blocks)
    if all(part.transform is None for part in parts):
        return Scores(blocks, weights)
    transform = _diagonal([_map_of(part) for part in parts])
    if all(part.uses is None for part in parts):
        return Scores(blocks, weights, transform)
    uses = sparse.block_diag([sparse.coo_array(part.rests()) for part in parts], format="csr")
    return Scores(blocks, weights, transform, uses.toarray().astype(bool))


def _common(weights: list[Floats]) -> Floats:
    """The weight of each row in all parts; NaN, which is no zero, where it is another from part to part."""
    common = weights[0]
    for other in weights[1:]:
        if other is not common:
            differ = (other != common) & (other != 0) & (common != 0)
            common = np.where(differ, np.nan, np.where(common == 0, other, common))
    return common


def _map_of(scores: Scores) -> Matrix:
    """The map of scores, also where it is the identity."""
    return sparse.eye_array(scores.n_base, format="csr") if scores.transform is None else scores.transform


def _weighted(block: Block, own: Floats, joint: Floats) -> Block:
    """The block without the rows that have a weight in another part only (parts with item weights of their own)."""
    gone = (own == 0) & (joint != 0) & (block.codes < block.n_cells)
    return replace(block, codes=np.where(gone, block.n_cells, block.codes)) if gone.any() else block


def _diagonal(parts: list[Matrix]) -> Matrix:
    """The maps as blocks on the diagonal, sparse where they are large."""
    whole = sparse.block_diag([sparse.coo_array(part) for part in parts], format="csr")
    small = whole.shape[0] * whole.shape[1] < _LARGE
    return whole.toarray() if small or whole.nnz > _SHARE * whole.shape[0] * whole.shape[1] else whole
