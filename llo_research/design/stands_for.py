"""What rows that stand for many stand for: how many people, how many different units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
from scipy import sparse

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats, group_maxima, group_sums
from llo_research.numerics.ratios import divide


class Distinct(Protocol):
    """Counts different units, in memory or where the data lie."""

    def __call__(self, codes: Codes, n_cells: int) -> Floats:
        """(n_cells,) different units among the rows (n,) of each cell; code ``n_cells`` is in none."""
        ...


@dataclass(frozen=True, eq=False)
class StandsFor:
    """How many people the rows of a collapsed survey stand for.

    counts : (n,) rows of the data behind each row.
    distinct : counts different units of several rows; None where each row of the data is a unit, or units are kept.
    units : number of different units; None where the design tells.
    squares : (n, n) sparse, of rows that share their people, as they carry numbers of them: sum of w l l' over the
        people, by the sum of w l of the first row; None where the people of a row are alike.
    together : pairs of numbers of which the sums of products are known.
    most : (n,) at most this part of a row's weight is one person's; None where that is not known.
    """

    counts: Floats
    distinct: Distinct | None = None
    units: int | None = None
    squares: sparse.csr_array | None = None
    together: frozenset[frozenset[str]] = frozenset()
    most: Floats | None = None

    def rows(self, codes: Codes, n_cells: int) -> Floats:
        """(n_cells,) rows of the data in each cell; code ``n_cells`` is in none."""
        return group_sums(codes, self.counts, n_cells)

    def squared(self, influence: Floats, weights: Floats) -> Floats:
        """(n, p) rows that add up to the sums of z_i^2 / w_i over the people."""
        alike = np.divide(influence, weights[:, None], out=np.zeros_like(influence), where=weights[:, None] != 0)
        return influence * (alike if self.squares is None else np.asarray(self.squares @ alike))

    def largest(self, codes: Codes, contributions: Floats, n_cells: int) -> Floats:
        """(n_cells, p) at least the largest contribution of one person to each cell; nan where it is not known.

        Each person is in one row, or, where units are counted as different, in any: then the rows' largest add up.
        """
        if self.most is None:
            return np.full((n_cells, contributions.shape[1]), np.nan)
        own = contributions * self.most[:, None]
        if self.distinct is not None:
            return group_sums(codes, own, n_cells)
        return np.column_stack([group_maxima(codes, column, n_cells) for column in own.T])

    def spread(self, codes: Codes, n_cells: int, influence: Floats, weights: Floats) -> Floats:
        """(n_cells, p) sum(z_i^2 / w_i) / n over the people of each cell (`spread_within`)."""
        squares = group_sums(codes, self.squared(influence, weights), n_cells)
        return divide(squares, self.rows(np.where(weights != 0, codes, n_cells), n_cells)[:, None])


def beside(parts: Sequence[tuple[StandsFor | None, int, int, Distinct]]) -> StandsFor:
    """Rows of surveys that share nobody: what those of each stand for, their number, its units, and who counts them."""
    ends = np.cumsum([0, *(n for _, n, _, _ in parts)])
    each = [StandsFor(np.ones(n)) if stands is None else stands for stands, n, _, _ in parts]

    def distinct(codes: Codes, n_cells: int) -> Floats:
        counts = [count(codes[ends[i] : ends[i + 1]], n_cells) for i, (_, _, _, count) in enumerate(parts)]
        return np.asarray(np.sum(counts, axis=0))

    squares, together = None, frozenset[frozenset[str]]()
    with_numbers = [one.together for one in each if one.squares is not None]
    if with_numbers:
        own = [sparse.eye_array(len(one.counts)) if one.squares is None else one.squares for one in each]
        squares = sparse.csr_array(sparse.block_diag(own, format="csr"))
        together = frozenset.intersection(*with_numbers)
    units = sum(number for _, _, number, _ in parts)
    parts_of_one = [
        np.ones(len(one.counts)) if made is None else one.most for one, (made, *_) in zip(each, parts, strict=True)
    ]
    known = [own for own in parts_of_one if own is not None]
    most = np.concatenate(known) if len(known) == len(each) else None
    return StandsFor(np.concatenate([one.counts for one in each]), distinct, units, squares, together, most)


def check_together(stands: StandsFor | None, numbers: Sequence[str]) -> None:
    """Numbers of which collapsed rows hold the sums are taken together where the sums of their products are known."""
    if stands is None:
        return
    for pair in combinations(numbers, 2):
        if frozenset(pair) not in stands.together:
            raise DataError(
                "Two numbers are kept as sums of each, without those of their products.",
                where=", ".join(pair),
                found="collapsed rows",
                todo=f"collapse(..., numbers=[...], together=[{pair!r}])",
            )
