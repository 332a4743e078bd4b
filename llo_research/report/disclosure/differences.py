"""What numbers tell together: a group and the same group but for a few, a total and the parts that it has.

The sum over a group less that over a part of it is the sum over the rest. So the rest of each group that is told beside
a part of it, or beside the sum of several parts, is looked at like a cell that is told: its persons, and of shares
those with the answer and without it. Two groups that overlap but for a few are told apart as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from llo_research.report.disclosure.tables import Key, Rows, Tables, cell
from llo_research.results.rules import Rules


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
    groups = [(tables.sets[one], (one,)) for one in own]
    groups += _unions(tables, set(own))
    inside = _membership(tables.n, [rows for rows, _ in groups])
    shared = np.rint((inside.T @ inside).toarray()).astype(np.int64)
    size = np.diag(shared)
    answers = _answers(tables, claims)
    seen: set[Difference] = set()
    for large, parts in _pairs(shared, size, groups, tables):
        rest = np.setdiff1d(groups[large][0], np.concatenate([groups[i][0] for i in parts]), assume_unique=True)
        if tables.number(rest) in secret:
            continue
        sides = [groups[large][1], *(groups[i][1] for i in parts)]
        told = tuple(number for side in sides for one in side for number in cells[one])
        for found in _in_rest(tables, rest, sides, answers, told, rules):
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


def _membership(n: int, groups: Sequence[Rows]) -> sparse.csr_array:
    """(n, g) which rows are in these groups."""
    columns = np.repeat(np.arange(len(groups)), [len(rows) for rows in groups])
    at = (np.concatenate([*groups, np.zeros(0, dtype=np.intp)]).astype(np.intp), columns)
    return sparse.csr_array((np.ones(len(columns)), at), shape=(n, len(groups)))


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


def _in_rest(
    tables: Tables,
    rest: Rows,
    sides: Sequence[tuple[int, ...]],
    answers: Labelled,
    told: tuple[int, ...],
    rules: Rules,
) -> Iterator[Difference]:
    """What the rest of a group tells that may not be told."""
    people = tables.people(rest) if len(rest) < rules.units * tables.most_rows() else rules.units
    if people < rules.units:
        parts = tuple(cell(one) for side in sides[1:] for one in side)
        yield Difference(tuple(map(cell, sides[0])), parts, people, rules.units, told)
        return
    labels = {answer for cell, answer in answers if cell == sides[0][0]}
    for answer in sorted(labels):
        every = [answers.get((one, answer)) for side in sides for one in side]
        if any(one is None for one in every):
            continue
        known = [one for one in every if one is not None]
        large = known[: len(sides[0])]
        small = known[len(sides[0]) :]
        gave = _without(tables, large, small)
        other = np.setdiff1d(rest, gave, assume_unique=True)
        inside, outside = tables.people(gave), tables.people(other)
        few = min(inside, outside) if known[0][2] or inside else outside
        if few < rules.complement:
            claims = tuple(number for number, _, _ in known)
            keys = tuple(tables.claims[number].key for number in claims)
            yield Difference(keys[: len(large)], keys[len(large) :], few, rules.complement, claims)


def _without(tables: Tables, large: Sequence[tuple[int, int, bool]], small: Sequence[tuple[int, int, bool]]) -> Rows:
    """Those who gave an answer in a group and are in none of its parts."""
    every, part = (np.concatenate([tables.sets[one] for _, one, _ in side]) for side in (large, small))
    return np.setdiff1d(every, part)


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
