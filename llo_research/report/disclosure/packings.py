"""Cells of several results that lie beside each other within a group: the group less all of them is told as well.

Only collections to which no further cell can be added are looked at: what is left of a smaller one is what is left of
a larger one and cells that are told themselves, in which nobody stands out more than in one of these. A cell that is
exactly the sum of cells of one table is left to these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

MOST_STEPS = 3000  # of a search in one group; tables take about as many as they have cells, and stop it when tangled
TOO_MANY = (
    "some groups hold parts of so many results that not all ways to add them up were looked at: what is left of such a "
    "group beside parts of several results was looked at in part"
)


class TooMany(Exception):
    """A search that is longer than it may be."""


def packings(
    inside: Sequence[int], shared: np.ndarray, tables: Sequence[Sequence[int]], told: list[str]
) -> list[tuple[int, ...]]:
    """Collections of cells that are apart from each other, and to which none of `inside` can be added.

    shared : (s, s) rows that cells have in common. tables : the cells of each table. told : what was not looked at.
    """
    own = _not_sums(inside, shared, tables)
    meets = shared[np.ix_(own, own)] > 0
    np.fill_diagonal(meets, False)
    clashes = [sum(1 << int(j) for j in np.flatnonzero(row)) for row in meets]
    out: dict[tuple[int, ...], None] = {}
    try:
        for found in _grow((1 << len(own)) - 1, clashes, 0, (), [MOST_STEPS]):
            out[tuple(own[i] for i in _places(found))] = None
    except TooMany:
        told.append(TOO_MANY)
    return list(out)


def _not_sums(inside: Sequence[int], shared: np.ndarray, tables: Sequence[Sequence[int]]) -> list[int]:
    """Cells that are no sum of cells of a table; all there are inside where there is nothing left."""
    size, there = np.diag(shared), set(inside)
    parts = [np.array([one for one in members if one in there], dtype=np.intp) for members in tables]
    out = []
    for one in inside:
        fits = (own[(shared[own, one] == size[own]) & (own != one)] for own in parts)
        if not any(len(own) and size[own].sum() == size[one] for own in fits):
            out.append(one)
    return out


def _places(bits: int) -> Iterator[int]:
    """The places of the bits of a number."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def _grow(free: int, clashes: Sequence[int], taken: int, refused: tuple[int, ...], steps: list[int]) -> Iterator[int]:
    """All collections that hold what is taken, none of what is refused, and to which none can be added."""
    steps[0] -= 1
    if steps[0] < 0:
        raise TooMany
    if any(not clashes[i] & (taken | free) for i in refused):
        return  # it could be added to all that follow
    alone = sum(1 << i for i in _places(free) if not clashes[i] & free)
    taken, free = taken | alone, free & ~alone
    if not free:
        if all(clashes[i] & taken for i in refused):
            yield taken
        return
    first = (free & -free).bit_length() - 1
    left = free & ~(1 << first)
    yield from _grow(left & ~clashes[first], clashes, taken | 1 << first, refused, steps)
    yield from _grow(left, clashes, taken, (*refused, first), steps)
