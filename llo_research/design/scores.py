"""Influence values of estimates, kept as small blocks until somebody asks for the whole n x k array."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from llo_research.numerics.groups import Codes, Floats, group_sums


@dataclass(frozen=True)
class Block:
    """Scores of ``n_cells * p`` estimates, of which a row touches only those of its own cell.

    codes : (n,) the cell of each row, ``n_cells`` outside the domain.
    values : (n, p) w_i times the derivative of the p estimates of that cell in w_i.
    n_cells : number of cells. Estimate (cell, j) is number ``cell * p + j`` of the block.
    """

    codes: Codes
    values: Floats
    n_cells: int

    @property
    def size(self) -> int:
        """Number of estimates in the block."""
        return int(self.n_cells * self.values.shape[1])


@dataclass(frozen=True)
class Scores:
    """Influence values z (n x k) as blocks, side by side, followed by a linear map.

    blocks : tuple of Block
    transform : (k, m) array, sparse or not, or None for the identity; m is the sum of the block sizes.
        z = z_blocks @ transform.T
    weights : (n,) the weights of the call; rows with weight zero carry no degree of freedom.
    uses : (k, m) bool, which estimates of the blocks each one rests on; None where that is ``transform != 0``. A slope
        may be 0 by chance, or cancel.
    """

    blocks: tuple[Block, ...]
    weights: Floats
    transform: Floats | sparse.csr_array | None = None
    uses: np.ndarray | sparse.csr_array | None = None

    @cached_property
    def n_base(self) -> int:
        """Number of columns before the linear map."""
        return sum(block.size for block in self.blocks)

    def only(self, estimates: Codes) -> Scores:
        """Scores of some of the estimates."""
        if self.transform is None:
            return Scores(self.blocks, self.weights, sparse.eye_array(self.n_base, format="csr")[estimates])
        return Scores(self.blocks, self.weights, self.transform[estimates])

    def mapped(self, matrix: Floats | sparse.csr_array, uses: np.ndarray | sparse.csr_array | None = None) -> Scores:
        """Scores of ``matrix @ theta``; `uses` (of the shape of `matrix`) says which estimates each one rests on."""
        transform = matrix if self.transform is None else matrix @ self.transform
        if uses is None and self.uses is None:
            return Scores(self.blocks, self.weights, transform)
        rests = matrix != 0 if uses is None else uses
        if self.transform is not None:
            rests = _dense(rests.astype(np.float64) @ self.rests().astype(np.float64)) > 0
        return Scores(self.blocks, self.weights, transform, rests)

    def rests(self, estimates: slice | Codes = slice(None)) -> np.ndarray:
        """(k, m) bool, the estimates of the blocks that these estimates rest on."""
        if self.uses is not None:
            return _dense(self.uses[estimates])
        if self.transform is not None:
            return _dense(self.transform[estimates] != 0)
        return np.asarray(np.arange(self.n_base) == np.arange(self.n_base)[estimates][:, None])

    @property
    def size(self) -> int:
        """Number of estimates k."""
        return self.n_base if self.transform is None else int(self.transform.shape[0])

    def rows(self, rows: slice | Codes) -> Floats:
        """The influence values (m x k) of these rows."""
        parts = []
        for block in self.blocks:
            codes, values = block.codes[rows], block.values[rows]
            if block.n_cells == 1:
                parts.append(np.where((codes < 1)[:, None], values, 0.0))
                continue
            p = values.shape[1]
            part = np.zeros((len(codes), block.size))
            inside = np.flatnonzero(codes < block.n_cells)
            for j in range(p):
                part[inside, codes[inside] * p + j] = values[inside, j]
            parts.append(part)
        base = parts[0] if len(parts) == 1 else np.hstack(parts)
        return base if self.transform is None else np.asarray(base @ self.transform.T)

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
            parts.append(group_sums(both, block.values, n_groups * block.n_cells).reshape(n_groups, block.n_cells * p))
        base = parts[0] if len(parts) == 1 else np.hstack(parts)
        return base if self.transform is None else np.asarray((self.transform @ base.T).T)

    def support(self, estimates: Codes) -> np.ndarray:
        """Mask (n,) of the rows with a weight in the cells that these estimates (numbers 0..k-1) speak of."""
        wanted = np.zeros(self.n_base, dtype=bool)
        if self.transform is None:
            wanted[estimates] = True
        else:
            wanted[:] = self.rests(estimates).any(axis=0)
        mask = np.zeros(len(self.weights), dtype=bool)
        start = 0
        for block in self.blocks:
            p = block.values.shape[1]
            cells = wanted[start : start + block.size].reshape(block.n_cells, p).any(axis=1)
            mask |= np.append(cells, False)[block.codes]
            start += block.size
        return np.asarray(mask & (self.weights != 0))


def _dense(matrix: Any) -> np.ndarray:
    """The matrix as an array."""
    return np.asarray(matrix.toarray() if sparse.issparse(matrix) else matrix)


def stacked(parts: list[Scores]) -> Scores:
    """Scores of several estimates of one survey, side by side."""
    weights = np.where(np.any([part.weights != 0 for part in parts], axis=0), 1.0, 0.0)
    blocks = tuple(_weighted(block, part.weights, weights) for part in parts for block in part.blocks)
    if all(part.transform is None for part in parts):
        return Scores(blocks, weights)
    maps = [sparse.eye_array(part.n_base) if part.transform is None else part.transform for part in parts]
    transform = sparse.csr_array(sparse.block_diag(maps, format="csr"))
    if all(part.uses is None for part in parts):
        return Scores(blocks, weights, transform)
    return Scores(
        blocks, weights, transform, sparse.block_diag([part.rests() for part in parts]).toarray().astype(bool)
    )


def _weighted(block: Block, own: Floats, joint: Floats) -> Block:
    """The block without the rows that have a weight in another part only (parts with item weights of their own)."""
    gone = (own == 0) & (joint != 0) & (block.codes < block.n_cells)
    return Block(np.where(gone, block.n_cells, block.codes), block.values, block.n_cells) if gone.any() else block
