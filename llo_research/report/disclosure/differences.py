"""What numbers tell together: a group and the same group but for a few, a total and the parts that it has.

The sum over a group less that over a part of it is the sum over the rest. So the rest of each group that is told beside
a part of it, or beside the sum of several parts, is looked at like a cell that is told: its persons, and of shares
those with the answer and without it. Two groups that overlap but for a few are told apart as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from llo_research.report.disclosure.tables import Key, Rows, Tables, cell, membership
from llo_research.results.profiles.profile import Rules


@dataclass(frozen=True)
class Difference:
    """A set of persons of whom two numbers tell together.

    of, without : the claims that are told (by key), and those of parts of them. found, limit : persons, too few.
    claims : by which it is told. exact : whether it is one number less the other; else the two overlap, and each holds
    a few that the other has not.
    """

    of: tuple[Key, ...]
    without: tuple[Key, ...]
    found: int
    limit: int
    claims: tuple[int, ...]
    exact: bool = True


def differences(tables: Tables, claims: Sequence[int], rules: Rules, secret: set[int]) -> Iterator[Difference]:
    """What claims about one variable tell together; sets that are `secret` are looked after already."""
    cells: dict[int, list[int]] = {}
    for number in claims:
        claim = tables.claims[number]
        if claim.of < 0:
            cells.setdefault(claim.set, []).append(number)
    own = [one for one in cells if len(tables.sets[one])]
    groups: list[tuple[Rows, tuple[int, ...]]] = [(tables.sets[one], (one,)) for one in own]
    groups += _unions(tables, set(own))
    inside = membership(tables.n, [rows for rows, _ in groups])
    shared = np.rint((inside.T @ inside).toarray()).astype(np.int64)
    size = np.diag(shared)
    answers = _answers(tables, claims)
    seen: set[Difference] = set()
    for large, parts in _pairs(shared, size, groups, tables):
        people = _few(tables, [groups[large][0]], [groups[i][0] for i in parts], rules.units)
        if people is not None and tables.number(_rest([groups[large][0]], [groups[i][0] for i in parts])) in secret:
            continue
        sides = groups[large][1], tuple(one for i in parts for one in groups[i][1])
        told = tuple(number for one in (*sides[0], *sides[1]) for number in cells[one])
        if people is not None:
            every = [Difference(tuple(map(cell, sides[0])), tuple(map(cell, sides[1])), people, rules.units, told)]
        else:
            every = list(_answers_in_rest(tables, sides, answers, rules))
        for found in every:
            if found not in seen:
                seen.add(found)
                yield found
    yield from _overlaps(tables, groups[: len(own)], shared, cells, rules)


def _unions(tables: Tables, own: set[int]) -> list[tuple[Rows, tuple[int, ...]]]:
    """The persons of all cells of each table that has several, which add up."""
    out: dict[tuple[int, ...], Rows] = {}
    for _, members in tables.tables:
        there = tuple(one for one in members if one in own)
        if len(there) > 1 and len(there) == len(members):
            out[there] = np.unique(np.concatenate([tables.sets[one] for one in there]))
    return [(rows, there) for there, rows in out.items()]


def _pairs(
    shared: np.ndarray, size: np.ndarray, groups: Sequence[tuple[Rows, tuple[int, ...]]], tables: Tables
) -> Iterator[tuple[int, list[int]]]:
    """Each group with a smaller one in it, and with all cells of another table that lie in it."""
    number = {there: i for i, (_, there) in enumerate(groups)}
    within = (shared == size[None, :]) & (size[None, :] < size[:, None]) & (size[None, :] > 0)
    for large in range(len(groups)):
        for small in np.flatnonzero(within[large]):
            yield large, [int(small)]
        for _, members in tables.tables:
            parts = [number[one,] for one in members if (one,) in number and within[large, number[one,]]]
            if len(parts) > 1 and sum(size[i] for i in parts) < size[large]:
                yield large, parts


Labelled = dict[tuple[int, tuple[tuple[str, str], ...]], tuple[int, int, bool]]


def _answers(tables: Tables, claims: Sequence[int]) -> Labelled:
    """By cell and answer: the claim, the set of those who gave it, and whether it is yes or no."""
    out: Labelled = {}
    for number in claims:
        claim = tables.claims[number]
        if claim.of >= 0:
            out[claim.of, claim.answer] = (number, claim.set, claim.yes_or_no)
    return out


def _few(tables: Tables, large: Sequence[Rows], parts: Sequence[Rows], limit: int) -> int | None:
    """Persons in some sets and not in parts of them, where they are fewer than a limit; None where they are not."""
    rows = sum(map(len, large)) - sum(map(len, parts))
    if rows >= limit * tables.most_rows():
        return None
    people = tables.people(_rest(large, parts))
    return people if people < limit else None


def _rest(large: Sequence[Rows], parts: Sequence[Rows]) -> Rows:
    """The rows of some sets that are in no part of them."""
    return np.setdiff1d(np.concatenate(large), np.concatenate(parts), assume_unique=True)


def _answers_in_rest(
    tables: Tables, sides: tuple[tuple[int, ...], tuple[int, ...]], answers: Labelled, rules: Rules
) -> Iterator[Difference]:
    """Answers that few of the rest of a group gave, or few did not give."""
    cells = [[tables.sets[one] for one in side] for side in sides]
    for answer in sorted({answer for one, answer in answers if one == sides[0][0]}):
        every = [[answers.get((one, answer)) for one in side] for side in sides]
        known = [[one for one in side if one is not None] for side in every]
        if [len(side) for side in known] != [len(side) for side in sides]:
            continue
        gave = [[tables.sets[one] for _, one, _ in side] for side in known]
        keys = [tuple(tables.claims[number].key for number, _, _ in side) for side in known]
        all_cells = [tuple(map(cell, side)) for side in sides]
        claims = tuple(number for side in known for number, _, _ in side)
        few = _few(tables, gave[0], gave[1], rules.complement)
        if few is not None and (few > 0 or known[0][0][2]):
            yield Difference(keys[0], keys[1], few, rules.complement, claims)
        without = _few(tables, [*cells[0], *gave[1]], [*cells[1], *gave[0]], rules.complement)
        if without is not None:
            yield Difference(all_cells[0] + keys[1], all_cells[1] + keys[0], without, rules.complement, claims)


def _overlaps(
    tables: Tables,
    groups: Sequence[tuple[Rows, tuple[int, ...]]],
    shared: np.ndarray,
    cells: dict[int, list[int]],
    rules: Rules,
) -> Iterator[Difference]:
    """Groups that overlap but for a few on both sides."""
    m = len(groups)
    size = np.diag(shared)[:m]
    apart = size[:, None] + size[None, :] - 2 * shared[:m, :m]
    both = (shared[:m, :m] < size[:, None]) & (shared[:m, :m] < size[None, :]) & (shared[:m, :m] > 0)
    for i, j in np.argwhere(np.triu(both & (apart < rules.units * tables.most_rows()))):
        rows = np.setxor1d(groups[i][0], groups[j][0], assume_unique=True)
        if (people := tables.people(rows)) < rules.units:
            told = tuple(number for side in (groups[i][1], groups[j][1]) for one in side for number in cells[one])
            both_sides = tuple(map(cell, groups[i][1])), tuple(map(cell, groups[j][1]))
            yield Difference(*both_sides, people, rules.units, told, exact=False)
