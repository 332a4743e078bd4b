"""Tables that are looked at together: all of them where they are small, else two by two where one refines the other.

The cells of several tables of the same persons add up to the same sums where the cells of one are made of cells of the
other. Tables by unrelated groups (by age beside by region) share their totals alone, which each of them has anyway; all
of them together would have as many classes of persons as there are combinations of their groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from llo_research.report.disclosure.tables import Tables

_TOGETHER = 1500  # classes of rows up to which all tables are looked at together
_MIX = 0x9E3779B97F4A7C15  # odd, so that multiples of it stay apart in whole numbers of 64 bits


def families(tables: Tables, claims: Sequence[int], linked: Sequence[set[int]]) -> list[list[int]]:
    """The claims of each system; `linked` are sets of cells that must be looked at together."""
    members = _tables_of(tables, claims)
    codes = np.column_stack([_codes(tables, cells) for cells in members]) if members else np.zeros((tables.n, 0))
    if len(members) < 2 or _classes(codes) <= _TOGETHER:
        return [list(claims)]
    pairs = [pair for pair in combinations(range(len(members)), 2) if _related(members, codes, pair, linked)]
    alone = set(range(len(members))) - {one for pair in pairs for one in pair}
    out = []
    for group in [*pairs, *((one,) for one in sorted(alone))]:
        own = {cell for one in group for cell in members[one]}
        out.append([i for i in claims if tables.claims[i].of in own or tables.claims[i].set in own])
    return out


def _tables_of(tables: Tables, claims: Sequence[int]) -> list[tuple[int, ...]]:
    """The cells of each table that the claims speak of; cells that are in none by themselves."""
    cells = {tables.claims[i].set if tables.claims[i].of < 0 else tables.claims[i].of for i in claims}
    out = dict.fromkeys(tuple(cell for cell in members if cell in cells) for _, members in tables.tables)
    out.pop((), None)
    inside = {cell for members in out for cell in members}
    return [*out, *((cell,) for cell in sorted(cells - inside))]


def _codes(tables: Tables, cells: Sequence[int]) -> np.ndarray:
    """(n,) the cell of each row, -1 for none."""
    out = np.full(tables.n, -1, dtype=np.int64)
    for number, cell in enumerate(cells):
        out[tables.sets[cell]] = number
    return out


def _classes(codes: np.ndarray) -> int:
    """Distinct rows of codes, by sums that do not collide in practice; one more or less decides nothing."""
    keys = np.zeros(len(codes), dtype=np.uint64)
    for column in codes.T:
        keys = (keys ^ (column + 2).astype(np.uint64)) * np.uint64(_MIX)
        keys ^= keys >> np.uint64(29)
    return len(np.unique(keys))


def _related(
    members: Sequence[tuple[int, ...]], codes: np.ndarray, pair: tuple[int, int], linked: Sequence[set[int]]
) -> bool:
    """Whether the cells of one table are made of cells of the other, or something is told of both together."""
    one, other = pair
    if any(not cells.isdisjoint(members[one]) and not cells.isdisjoint(members[other]) for cells in linked):
        return True
    a, b = codes[:, one], codes[:, other]
    both = (a >= 0) & (b >= 0)
    if not both.any():
        return False
    key, times = np.unique(a[both] * (b.max() + 1) + b[both], return_counts=True)
    first, second = key // (b.max() + 1), key % (b.max() + 1)
    whole = (times == np.bincount(a[a >= 0])[first]) | (times == np.bincount(b[b >= 0])[second])
    return bool(whole.all())
