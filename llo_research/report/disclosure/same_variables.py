"""Variables that are the same by other names: a copy, a condition, a multiple, a level.

Names do not tell. Two variables are the same where, over the rows that cells of both have in common, the values of one
are those of the other times a number, and more or less a number; or where one has a single value for each level of the
other. A variable that rises or falls in step with another, as its square or logarithm, tells of the same people too.
Values are read from influence values, w_i (y_i - m) / W: over a cell they are y_i but for a number and a shift.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from llo_research.report.disclosure.tables import Claim, Rows, Tables, Values, membership

_LEAST = 10  # rows in common; fewer may agree by chance
_VALUES = 3  # of variables in step; two values are alike, or not
_LOOK = 50  # rows by which nearly all variables are seen to be others
_SAME = 1e-9  # of the spread of values: what multiplying by a weight and dividing by it leaves
_NOISE = 1e-13  # of values that are one: some hundred times the rounding of one division


@dataclass(frozen=True)
class Link:
    """Two (variable, level) pairs that are the same, or each other's opposite; or that only rise or fall in step."""

    one: tuple[str, str]
    other: tuple[str, str]
    opposite: bool
    in_step: bool = False


def join_variables(tables: Tables) -> None:
    """Let claims about the same variable by other names know of each other."""
    links = list(_links(tables))
    tables.same, usual = _together([link for link in links if not link.in_step]), _usual(links)
    names = _together(links)
    tables.claims = [_joined(tables, claim, names, usual) for claim in tables.claims]


def _together(links: Sequence[Link]) -> dict[str, set[str]]:
    """All names of each variable that has several."""
    names: dict[str, set[str]] = {}
    for link in links:
        both = names.get(link.one[0], {link.one[0]}) | names.get(link.other[0], {link.other[0]})
        for name in both:
            names[name] = both
    return names


def _usual(links: Sequence[Link]) -> dict[tuple[str, str], tuple[tuple[str, str], bool]]:
    """Of each answer that has several names the first of them, and whether it is its opposite."""
    out: dict[tuple[str, str], tuple[tuple[str, str], bool]] = {}
    for link in links:
        if not (link.one[1] and link.other[1]):
            continue
        first, opposite = out.get(link.one, (link.one, False))
        out.setdefault(link.other, (first, opposite != link.opposite))
    return out


def _joined(
    tables: Tables,
    claim: Claim,
    names: dict[str, set[str]],
    usual: dict[tuple[str, str], tuple[tuple[str, str], bool]],
) -> Claim:
    """A claim with all names of its variables, and the first name of its answer."""
    own = claim.variables
    if any(name in names for name in own):
        claim = replace(claim, variables=tuple(sorted({other for name in own for other in names.get(name, {name})})))
    if claim.of < 0 or len(claim.answer) != 1 or claim.answer[0] not in usual:
        return claim
    answer, opposite = usual[claim.answer[0]]
    if not opposite:
        return replace(claim, answer=(answer,))
    rest = np.setdiff1d(tables.sets[claim.of], tables.sets[claim.set], assume_unique=True)
    return replace(claim, set=tables.add(rest), answer=(answer,))


def _links(tables: Tables) -> Iterator[Link]:
    """Pairs of answers, or of variables, that are the same."""
    own: dict[tuple[str, str], list[Values]] = {}
    for one in tables.values:
        if one.variable and np.ptp(one.values) > 0:
            own.setdefault((one.variable, one.level), []).append(one)
    cells = sorted({one.set for some in own.values() for one in some})
    place = {number: i for i, number in enumerate(cells)}
    inside = membership(tables.n, [tables.sets[number] for number in cells])
    shared = (inside.T @ inside).toarray()
    at = {key: np.array([place[one.set] for one in some]) for key, some in own.items()}
    both: dict[tuple[int, int], tuple[Rows, Rows]] = {}
    for a, b in combinations(own, 2):
        if a[0] == b[0]:
            continue
        common = shared[np.ix_(at[a], at[b])]
        i, j = np.unravel_index(int(common.argmax()), common.shape)
        if common[i, j] >= _LEAST:
            one, other = own[a][i], own[b][j]
            rows = both.setdefault((one.set, other.set), _in_common(tables, one.set, other.set, both))
            found = _alike(one.values, other.values, rows)
            if found is not None:
                yield Link(a, b, found)
            elif _in_step(one.values, other.values, rows):
                yield Link((a[0], ""), (b[0], ""), False, True)
    yield from _by_levels(tables, own)


def _in_common(
    tables: Tables, one: int, other: int, known: dict[tuple[int, int], tuple[Rows, Rows]]
) -> tuple[Rows, Rows]:
    """The places in two sets of the rows that are in both."""
    if (one, other) in known:
        return known[one, other]
    _, i, j = np.intersect1d(tables.sets[one], tables.sets[other], assume_unique=True, return_indices=True)
    return i, j


def _alike(one: np.ndarray, other: np.ndarray, rows: tuple[Rows, Rows]) -> bool | None:
    """Whether values are each other's opposite, where they are the same but for a number and a shift; else None."""
    few = _product(one[rows[0][:_LOOK]], other[rows[1][:_LOOK]])
    if few == 0:
        return None
    every = _product(one[rows[0]], other[rows[1]])
    return every < 0 if abs(abs(every) - 1) <= _SAME else None


def _in_step(one: np.ndarray, other: np.ndarray, rows: tuple[Rows, Rows]) -> bool:
    """Whether each value of one is that of one value of the other, and they rise together, or one falls."""
    for some in (slice(_LOOK), slice(None)):
        x, y = one[rows[0][some]], other[rows[1][some]]
        order = np.argsort(x, kind="stable")
        up, away = np.diff(x[order]) > _SAME * np.ptp(x), np.diff(y[order])
        least = _SAME * np.ptp(y)
        if not ((away > least) == up).all() and not ((away < -least) == up).all():
            return False
        if (np.abs(away[~up]) > least).any() or up.sum() < _VALUES - 1:
            return False
    return True


def _product(x: np.ndarray, y: np.ndarray) -> float:
    """The correlation where it is 1 or -1, else 0; nan where neither varies."""
    x, y = _apart(x), _apart(y)
    a, b = float(x @ x), float(y @ y)
    if a == 0 and b == 0:
        return float("nan")
    if a == 0 or b == 0:
        return 0.0
    found = float(x @ y) / float(np.sqrt(a) * np.sqrt(b))
    return found if abs(abs(found) - 1) <= _SAME else 0.0


def _apart(values: np.ndarray) -> np.ndarray:
    """Values less their mean; zeros where they differ by rounding alone, which would make two constants agree."""
    if np.ptp(values) <= _NOISE * np.abs(values).max():
        return np.zeros(len(values))
    return np.asarray(values - values.mean())


def _by_levels(tables: Tables, own: dict[tuple[str, str], list[Values]]) -> Iterator[Link]:
    """Variables that are the same for all of each level of another, which are told as shares."""
    levels: dict[tuple[str, int], dict[str, list[Rows]]] = {}
    for claim in tables.claims:
        if claim.of >= 0 and not claim.yes_or_no:
            for name, level in claim.answer:
                levels.setdefault((name, claim.of), {}).setdefault(level, []).append(tables.sets[claim.set])
    largest: dict[str, tuple[str, int]] = {}
    for key in levels:
        if key[0] not in largest or len(tables.sets[key[1]]) > len(tables.sets[largest[key[0]][1]]):
            largest[key[0]] = key
    for name, key in largest.items():
        code = np.full(tables.n, -1)
        for number, sets in enumerate(levels[key].values()):
            code[np.concatenate(sets)] = number
        for (variable, _), some in own.items():
            if variable != name and _constant(tables, some, code):
                yield Link((name, ""), (variable, ""), False)


def _constant(tables: Tables, some: Sequence[Values], code: Rows) -> bool:
    """Whether values are one within each code, over the cell with the most rows that have one."""
    counts = [int((code[tables.sets[one.set]] >= 0).sum()) for one in some]
    one = some[int(np.argmax(counts))]
    own = code[tables.sets[one.set]]
    if max(counts) < _LEAST:
        return False
    values, own = one.values[own >= 0], own[own >= 0]
    order = np.argsort(own, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(own[order]) > 0])
    sorted_values = values[order]
    low, high = np.minimum.reduceat(sorted_values, starts), np.maximum.reduceat(sorted_values, starts)
    return bool((high - low).max() <= _SAME * np.ptp(values)) and len(starts) > 1
