"""What rows that stand for many stand for: how many people, how many different units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Protocol

import numpy as np
from scipy import sparse

from llo_research.design.of_numbers import InCells, OfNumber, beside_numbers
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
    pattern : (n,) of each row its pattern, of which there are P.
    most : (P,) at most this part of a pattern's weight is one person's; None where that is not known.
    heaviest : (P,) at most this part is one row's of the data.
    numbers : of numbers that rows hold the sums of, what is known of the people of the patterns.
    """

    counts: Floats
    distinct: Distinct | None = None
    units: int | None = None
    squares: sparse.csr_array | None = None
    together: frozenset[frozenset[str]] = frozenset()
    pattern: Codes | None = None
    most: Floats | None = None
    heaviest: Floats | None = None
    numbers: Mapping[str, OfNumber] = field(default_factory=dict)

    def rows(self, codes: Codes, n_cells: int) -> Floats:
        """(n_cells,) rows of the data in each cell; code ``n_cells`` is in none."""
        return group_sums(codes, self.counts, n_cells)

    def squared(self, influence: Floats, weights: Floats) -> Floats:
        """(n, p) rows that add up to the sums of z_i^2 / w_i over the people."""
        alike = np.divide(influence, weights[:, None], out=np.zeros_like(influence), where=weights[:, None] != 0)
        return influence * (alike if self.squares is None else np.asarray(self.squares @ alike))

    def largest(self, codes: Codes, contributions: Floats, weights: Floats, n_cells: int) -> Floats:
        """(n_cells, p) at least the largest contribution of one person to each cell; nan where it is not known.

        Where people have several rows, one has at most a row more than there are rows above people, and at most what
        one may have in each pattern.
        """
        if self.most is None or self.heaviest is None or self.pattern is None:
            return np.full((n_cells, contributions.shape[1]), np.nan)
        used, more = self._used(codes, weights, n_cells)
        of_patterns = self._of_patterns(used, len(self.most), n_cells)
        out = []
        for column in contributions.T:
            own = group_sums(self.pattern, column, len(self.most))
            one = group_maxima(of_patterns, own * self.heaviest, n_cells) * (1 + more)
            out.append(np.minimum(one, group_sums(of_patterns, own * self.most, n_cells)) if more.any() else one)
        return np.column_stack(out)

    def _used(self, codes: Codes, weights: Floats, n_cells: int) -> tuple[Codes, Floats]:
        """The cells of rows (n,) with a weight, and how many rows of the data each has above its people."""
        used = np.where(weights != 0, codes, n_cells)
        more = np.zeros(n_cells) if self.distinct is None else self.rows(used, n_cells) - self.distinct(used, n_cells)
        return used, more

    def _of_patterns(self, codes: Codes, number: int, n_cells: int) -> Codes:
        """(P,) the cell of each pattern."""
        out = np.full(number, n_cells, dtype=np.intp)
        assert self.pattern is not None
        np.minimum.at(out, self.pattern, codes)
        return out

    def of_number(self, name: str, codes: Codes, weights: Floats, n_cells: int) -> InCells | None:
        """What is known of a number in each cell of the rows (n,), by the weights of the call; None of another one."""
        own = self.numbers.get(name)
        if own is None or self.pattern is None:
            return None
        used, more = self._used(codes, weights, n_cells)
        of_patterns = self._of_patterns(used, len(own.weights), n_cells)
        return own.in_cells(of_patterns, group_sums(self.pattern, weights, len(own.weights)), n_cells, more)

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
    counts = np.concatenate([one.counts for one in each])
    return StandsFor(
        counts, distinct, units, squares, together, **_of_people(each, [made is None for made, *_ in parts])
    )


def _of_people(each: Sequence[StandsFor], alone: Sequence[bool]) -> dict[str, Any]:
    """What is known of single people in surveys beside each other; `alone` where each row is a person."""
    known = [
        replace(one, pattern=np.arange(len(one.counts)), most=one.counts, heaviest=one.counts) if made else one
        for one, made in zip(each, alone, strict=True)
    ]
    if any(one.most is None or one.heaviest is None or one.pattern is None for one in known):
        return {}
    starts = np.cumsum([0, *(0 if one.most is None else len(one.most) for one in known[:-1])])
    names = [name for name in known[0].numbers if all(name in one.numbers for one in known)]
    return {
        "pattern": np.concatenate([one.pattern + start for one, start in zip(known, starts, strict=True)]),
        "most": np.concatenate([one.most for one in known]),
        "heaviest": np.concatenate([one.heaviest for one in known]),
        "numbers": {name: beside_numbers([one.numbers[name] for one in known]) for name in names},
    }


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
