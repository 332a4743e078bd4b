"""Tables of the same persons, put together no further than a reader can: joined where their cells exclude each other,
else tied by the numbers of what they share.

Two tables share a classification: the finest one that both are finer than (year, for tables of year by age and of year
by sex). Given it, the cells of one combine freely with those of the other unless a combination that chance would have
filled is empty: then one holds or excludes the other, and their classes are taken together. Ties say all that can be
known when the tables form a tree; tables in a ring (age by sex, sex by region, region by age) are joined until they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from scipy import sparse, special

from llo_research.numerics.groups import Codes

# An empty combination is logic, not chance, when chance alone would leave it empty less often than this.
_CHANCE = 1e-3
# Tables with more combinations than this are joined without a look: safe, and slower afterwards.
_MANY = 20_000_000

Tie = tuple[int, int, Codes, Codes]


def tied(codes: list[Codes]) -> tuple[list[Codes], list[Tie], list[int]]:
    """Classifications of the persons that say together what these (n,) classifications say, and how they are tied.

    Returns
    -------
    (classifications (n,), ties: number of one, of another, and the class of what these share by class of the one and of
    the other, and for each classification handed in the number of one that tells it).
    """
    tables: dict[int, Codes] = {}
    for number, code in enumerate(codes):
        tables[number] = np.unique(code, return_inverse=True)[1].ravel()
    pairs: dict[tuple[int, int], _Pair] = {}
    within: dict[int, int] = {}
    while True:
        _compare(tables, pairs, within)
        worst = min(
            ((pair.joint, key) for key, pair in pairs.items() if not pair.free), default=(0, _ring(tables, pairs))
        )[1]
        if worst is None:
            break
        one, other = worst
        number = len(codes) + len(within)
        joint = tables[one] * (tables[other].max() + 1) + tables[other]
        tables[number] = np.unique(joint, return_inverse=True)[1].ravel()
        for name in worst:
            _forget(name, tables, pairs)
            within[name] = number
    names = sorted(tables)
    edges = [(names.index(i), names.index(j), pairs[i, j].shared, pairs[i, j].beside) for i, j in _tree(names, pairs)]
    place = list(range(len(codes)))
    for i, name in enumerate(place):
        while name in within:
            name = within[name]
        place[i] = names.index(name)
    return [tables[name] for name in names], edges, place


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two tables: how many of their combinations are filled, the class of what they share by cell of each, free given
    that."""

    joint: int
    shared: Codes
    beside: Codes
    free: bool


def _forget(name: int, tables: dict[int, Codes], pairs: dict[tuple[int, int], _Pair]) -> None:
    """Drop a table."""
    tables.pop(name)
    for key in [key for key in pairs if name in key]:
        pairs.pop(key)


def _compare(tables: dict[int, Codes], pairs: dict[tuple[int, int], _Pair], within: dict[int, int]) -> None:
    """Fill in the pairs that are new; a table that another one tells is dropped."""
    for one, other in combinations(sorted(tables), 2):
        if one not in tables or other not in tables or (one, other) in pairs:
            continue
        sizes = int(tables[one].max()) + 1, int(tables[other].max()) + 1
        pair = _pair(tables[one], tables[other], *sizes)
        if pair.joint == sizes[0]:
            _forget(other, tables, pairs)
            within[other] = one
        elif pair.joint == sizes[1]:
            _forget(one, tables, pairs)
            within[one] = other
        else:
            pairs[one, other] = pair


def _pair(one: Codes, other: Codes, rows: int, columns: int) -> _Pair:
    """What two classifications share, and whether they are free given that."""
    if rows * columns > _MANY:
        return _Pair(len(np.unique(one * columns + other)), *_alike(rows, columns), False)
    filled = np.bincount(one * columns + other, minlength=rows * columns).reshape(rows, columns)
    joint = int((filled > 0).sum())
    if joint == rows * columns:
        return _Pair(joint, *_alike(rows, columns), True)
    graph = sparse.block_array([[None, sparse.csr_array(filled > 0)], [sparse.csr_array(filled.T > 0), None]])
    label = sparse.csgraph.connected_components(graph, directed=False)[1]
    shared, beside = label[:rows], label[rows:]
    i, j = np.nonzero((filled == 0) & (shared[:, None] == beside[None, :]))
    if not len(i):
        return _Pair(joint, shared, beside, True)
    a, b = filled.sum(axis=1)[i], filled.sum(axis=0)[j]
    n = np.bincount(shared, weights=filled.sum(axis=1))[shared[i]]
    log = special.gammaln
    spare = n - a - b
    with np.errstate(invalid="ignore"):
        chance = log(n - a + 1) + log(n - b + 1) - log(n + 1) - log(np.maximum(spare, 0) + 1)
    return _Pair(joint, shared, beside, bool((np.where(spare < 0, -np.inf, chance) >= np.log(_CHANCE)).all()))


def _alike(rows: int, columns: int) -> tuple[Codes, Codes]:
    """Nothing is shared but that they are of the same persons."""
    return np.zeros(rows, dtype=np.intp), np.zeros(columns, dtype=np.intp)


def _tree(names: list[int], pairs: dict[tuple[int, int], _Pair]) -> list[tuple[int, int]]:
    """Pairs that hold all tables together, those that share most first."""
    group = {name: name for name in names}
    out = []
    for one, other in sorted(pairs, key=lambda key: (-len(np.unique(pairs[key].shared)), key)):
        if group[one] != group[other]:
            out.append((one, other))
            old, new = group[other], group[one]
            group = {name: new if own == old else own for name, own in group.items()}
    return out


def _ring(tables: dict[int, Codes], pairs: dict[tuple[int, int], _Pair]) -> tuple[int, int] | None:
    """Two tables that share what those between them in the tree do not tell; None where there are none."""
    if any(not pair.free for pair in pairs.values()):
        return None
    edges = _tree(sorted(tables), pairs)
    beside: dict[int, list[int]] = {name: [] for name in tables}
    for one, other in edges:
        beside[one].append(other)
        beside[other].append(one)
    found = []
    for one, other in sorted(pairs):
        shared = pairs[one, other].shared
        if (one, other) in edges or (shared == shared[0]).all():
            continue
        own = shared[tables[one]]
        for i, j in pairwise(_path(one, other, beside)):
            first, last = min(i, j), max(i, j)
            link = pairs[first, last].shared[tables[first]]
            if len(np.unique(link * (own.max() + 1) + own)) > len(np.unique(link)):
                found.append((pairs[one, other].joint, (one, other)))
                break
    return min(found)[1] if found else None


def _path(start: int, end: int, beside: dict[int, list[int]]) -> list[int]:
    """The tables from one to another along the tree."""
    came: dict[int, int] = {start: start}
    queue = [start]
    for name in queue:
        for other in beside[name]:
            if other not in came:
                came[other] = name
                queue.append(other)
    path = [end]
    while path[-1] != start:
        path.append(came[path[-1]])
    return path[::-1]
