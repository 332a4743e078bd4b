"""What sums over people tell of the people behind a number: how much one of them makes up, how many values there are.

Nobody sees the people, so that all of it is a bound on the safe side. Of a function of the number that is 0 or 1, and
of one with few values, the counts bound those of the number itself: who has the commonest value is on one side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from llo_research.numerics.groups import Codes, Floats, group_maxima, group_sums

# Steps of the golden section spread values evenly over the places of one number of bits.
SPREAD, PLACES = 0.6180339887498949, 32
_LOST = 1e-10  # of a sum of squares: what is left of it after subtraction is rounding


@dataclass(frozen=True, eq=False)
class InCells:
    """What is known of a number y in cells (K,).

    rows : that have it. size : sum of w |y|. largest : at least one person's part of `size`. other : rows of which y is
    not 0. kinds : so many values there are at least. beside : persons with another value than the commonest, at least.
    square : at least the part of one person in the sum of squares around the mean. alike : all have one value.
    """

    rows: Floats
    size: Floats
    largest: Floats
    other: Floats
    kinds: Floats
    beside: Floats
    square: Floats
    alike: np.ndarray


@dataclass(frozen=True, eq=False)
class OfNumber:
    """The same of the patterns (n,) that rows stand for, of people who count and have the number y.

    weights : sum of w. most : the largest w |y| of a row. one : at least the sum of it over a person's rows.
    size, other : as of cells. ends : (n, 2) least and largest y. sums : (n, 3) rows, and sums over them
    of y - origin and its square. places : (n,) bits of the places that `places_of` gives. odd : rows in an odd place.
    """

    weights: Floats
    most: Floats
    one: Floats
    size: Floats
    other: Floats
    ends: Floats
    sums: Floats
    origin: float
    places: Codes
    odd: Floats

    def in_cells(self, codes: Codes, weights: Floats, n_cells: int, more: Floats) -> InCells:
        """In cells of patterns (n,), with the weights that these have now.

        more : (K,) how many rows of a cell there are above its persons.
        """
        factor = np.divide(weights, self.weights, out=np.zeros_like(weights), where=self.weights > 0)
        rows, first, second = (group_sums(codes, column, n_cells) for column in self.sums.T)
        size = group_sums(codes, self.size * factor, n_cells)
        several = group_maxima(codes, self.most * factor, n_cells) * (1 + more)
        alone = np.minimum(several, group_sums(codes, self.one * factor, n_cells))
        ends = _ends(codes, self.ends, n_cells)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, largest = first / rows, np.where(size > 0, np.minimum(alone / size, 1.0), 0.0)
            squares = second - first * mean
            away = np.abs(ends - self.origin - mean[:, None]).max(axis=1) ** 2 * (1 + more)
            square = np.where(squares > _LOST * second, np.minimum(away / squares, 1.0), 1.0)
        bits = np.zeros(n_cells + 1, dtype=np.int64)
        np.bitwise_or.at(bits, codes, self.places)
        odd = group_sums(codes, self.odd, n_cells)
        kinds = np.sum([(bits[:-1] >> place) & 1 for place in range(PLACES)], axis=0).astype(np.float64)
        return InCells(
            rows=rows,
            size=size,
            largest=largest,
            other=group_sums(codes, self.other, n_cells),
            kinds=kinds,
            beside=np.maximum(np.maximum(np.minimum(odd, rows - odd), kinds - 1) - more, 0.0),
            square=square,
            alike=ends[:, 0] == ends[:, 1],
        )


def beside_numbers(parts: list[OfNumber]) -> OfNumber:
    """Of patterns of surveys that share nobody, one after the other."""
    origin = parts[0].origin

    def moved(one: OfNumber) -> Floats:
        """The sums from the first origin on."""
        rows, first, second = one.sums.T
        by = one.origin - origin
        return np.column_stack([rows, first + by * rows, second + 2 * by * first + by**2 * rows])

    def put(name: str) -> Any:
        return np.concatenate([getattr(one, name) for one in parts])

    names = ("weights", "most", "one", "size", "other", "ends", "places", "odd")
    return OfNumber(
        **{name: put(name) for name in names}, sums=np.concatenate([moved(one) for one in parts]), origin=origin
    )


def places_of(values: Floats) -> Codes:
    """(n,) a place of each value, by its size alone: a function that an engine has as well."""
    return np.asarray(np.floor(np.mod(np.abs(values) * SPREAD, 1.0) * PLACES), dtype=np.int64)


def _ends(codes: Codes, ends: Floats, n_cells: int) -> Floats:
    """(K, 2) least and largest value of cells; nan where nobody has one."""
    known = ~np.isnan(ends[:, 0])
    out = np.full((n_cells + 1, 2), [np.inf, -np.inf])
    np.minimum.at(out[:, 0], codes[known], ends[known, 0])
    np.maximum.at(out[:, 1], codes[known], ends[known, 1])
    return np.where(np.isinf(out), np.nan, out)[:-1]
