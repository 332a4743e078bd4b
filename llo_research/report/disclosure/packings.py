"""Cells of several results that lie beside each other within a group: the group less all of them is told as well.

Only collections to which no further cell can be added are looked at: what is left of a smaller one is what is left of
a larger one and cells that are told themselves, in which nobody stands out more than in one of these. A cell that is
exactly the sum of cells of one table is left to these. Collections are whole numbers, whose bit i is cell i.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

MOST_STEPS = 3000  # of a search in one group; tables take about as many as they have cells, and stop it when tangled
TOO_MANY = (
    "some groups hold parts of so many results that not all ways to add them up were looked at: what is left of such a "
    "group beside parts of several results was looked at in part"
)


class TooMany(Exception):
    """A search that is longer than it may be."""


def packings(inside: int, clashes: Sequence[int], told: list[str]) -> list[int]:
    """Collections of cells that are apart from each other, and to which none of `inside` can be added.

    clashes : of each cell those that have rows in common with it. told : what was not looked at.
    """
    out: list[int] = []
    try:
        _grow(inside, clashes, 0, (), [MOST_STEPS], out)
    except TooMany:
        told.append(TOO_MANY)
    return list(dict.fromkeys(out))


def bits_of(cells: Iterable[int]) -> int:
    """A collection of these cells."""
    return sum(1 << int(i) for i in cells)


def places(bits: int) -> Iterator[int]:
    """The cells of a collection, ascending."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def clashes_of(shared: np.ndarray) -> list[int]:
    """Of each cell the others with which it has rows in common, of the (s, s) number of these."""
    meets = shared > 0
    np.fill_diagonal(meets, False)
    return [int.from_bytes(row.tobytes(), "little") for row in np.packbits(meets, axis=1, bitorder="little")]


def sums_of(shared: np.ndarray, tables: Sequence[Sequence[int]]) -> int:
    """Cells that are the sum of cells of a table, which are in any group that they are in themselves."""
    size, out = np.diag(shared), 0
    for own in (np.array(one, dtype=np.intp) for one in tables):
        parts = (shared[own] == size[own, None]) * size[own, None]
        parts[np.arange(len(own)), own] = 0
        out |= bits_of(np.flatnonzero(parts.sum(axis=0) == size))
    return out


def _grow(
    free: int, clashes: Sequence[int], taken: int, refused: tuple[int, ...], steps: list[int], out: list[int]
) -> None:
    """All collections that hold what is taken, none of what is refused, and to which none can be added."""
    steps[0] -= 1
    if steps[0] < 0:
        raise TooMany
    there = taken | free
    if any(not clashes[i] & there for i in refused):
        return  # it could be added to all that follow
    left = free
    while left:
        low = left & -left
        meets = clashes[low.bit_length() - 1] & free
        left &= ~(meets | low)
        if not meets:
            taken, free = taken | low, free ^ low
    if not free:
        if all(clashes[i] & taken for i in refused):
            out.append(taken)
        return
    low = free & -free
    first, left = low.bit_length() - 1, free ^ low
    _grow(left & ~clashes[first], clashes, taken | low, refused, steps, out)
    _grow(left, clashes, taken, (*refused, first), steps, out)
