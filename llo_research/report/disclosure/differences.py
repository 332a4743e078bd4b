"""What numbers tell together: a group and the same group but for a few, a total and the parts that it has.

The sum over a group less that over a part of it is the sum over the rest. So the rest of each group that is told beside
a part of it, or beside the sum of several parts, is looked at like a cell that is told: its persons, and of shares
those with the answer and without it. Two groups that overlap but for a few are told apart as well.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from llo_research.report.disclosure.one_person import Left
from llo_research.report.disclosure.packings import packings
from llo_research.report.disclosure.tables import Key, Rows, Tables, cell
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


def differences(
    tables: Tables, claims: Sequence[int], rules: Rules, secret: set[int], told_of: list[str], name: str
) -> Iterator[Difference]:
    """What claims about one variable tell together; sets that are `secret` are looked after already.

    told_of : what was not looked at, in words. name : the variable.
    """
    cells: dict[int, list[int]] = {}
    for number in claims:
        claim = tables.claims[number]
        if claim.of < 0:
            cells.setdefault(claim.set, []).append(number)
    own = [one for one in cells if len(tables.sets[one])]
    groups: list[tuple[Rows, tuple[int, ...]]] = [(tables.sets[one], (one,)) for one in own]
    groups += _unions(tables, groups, told_of)
    shared = tables.shared([rows for rows, _ in groups])
    size = np.diag(shared)
    answers = _Answers.of(tables, claims)
    left = Left(tables, tables.same.get(name, {name}), own, rules.largest_share)
    seen: set[Difference] = set()
    for sides in _sides(_pairs(shared, size, groups, tables, told_of), groups, tables):
        whole, parts = ([tables.sets[one] for one in side] for side in sides)
        people = _few(tables, whole, parts, rules.units)
        if people is not None and tables.number(_rest(whole, parts)) in secret:
            continue
        told = tuple(number for one in (*sides[0], *sides[1]) for number in cells[one])
        if people is not None:
            every = [Difference(tuple(map(cell, sides[0])), tuple(map(cell, sides[1])), people, rules.units, told)]
        else:
            every = list(_answers_in_rest(tables, sides, answers, rules))
            if left.is_made_by_one(sides):
                every.append(Difference(tuple(map(cell, sides[0])), tuple(map(cell, sides[1])), 1, rules.units, told))
        for found in every:
            if found not in seen:
                seen.add(found)
                yield found
    yield from _overlaps(tables, groups[: len(own)], shared, cells, rules)
    yield from _in_both(tables, groups, shared, cells, rules)


Sides = tuple[tuple[int, ...], tuple[int, ...]]


def _sides(
    pairs: Iterator[tuple[int, list[int]]], groups: Sequence[tuple[Rows, tuple[int, ...]]], tables: Tables
) -> Iterator[Sides]:
    """The cells of each group and of its parts, but those of both, each once: what is left is left by any others."""
    apart = [len(rows) == sum(len(tables.sets[one]) for one in there) for rows, there in groups]
    seen: set[tuple[frozenset[int], frozenset[int]]] = set()
    for large, parts in pairs:
        whole, some = groups[large][1], tuple(one for i in parts for one in groups[i][1])
        if not apart[large] or not all(apart[i] for i in parts):
            continue  # cells that overlap do not add up
        both = set(whole).intersection(some)
        sides = tuple(one for one in whole if one not in both), tuple(one for one in some if one not in both)
        key = frozenset(sides[0]), frozenset(sides[1])
        if all(sides) and key not in seen:
            seen.add(key)
            yield sides


def _unions(
    tables: Tables, groups: Sequence[tuple[Rows, tuple[int, ...]]], told_of: list[str]
) -> list[tuple[Rows, tuple[int, ...]]]:
    """The persons of all cells of each table that has several, and of cells of several tables that add up."""
    number = {one: i for i, (_, (one,)) in enumerate(groups)}
    tables_of = _members(tables, number)
    places = [[number[one] for one in members] for members in tables_of]
    found = packings(range(len(groups)), tables.shared([rows for rows, _ in groups]), places, told_of)
    several = [*tables_of, *(tuple(sorted(groups[i][1][0] for i in one)) for one in found)]
    out: dict[bytes, tuple[Rows, tuple[int, ...]]] = {}
    for there in several:
        if len(there) > 1:
            inside = np.zeros(tables.n, dtype=bool)
            inside[np.concatenate([tables.sets[one] for one in there])] = True
            # what is left of the same persons is the same, whichever cells they are told by
            out.setdefault(np.packbits(inside).tobytes(), (np.flatnonzero(inside), there))
    return list(out.values())


def _members(tables: Tables, own: Container[int]) -> list[tuple[int, ...]]:
    """The cells of each table of which all are there."""
    found = (tuple(members) for _, members in tables.tables if members and all(one in own for one in members))
    return list(dict.fromkeys(found))


def _pairs(
    shared: np.ndarray,
    size: np.ndarray,
    groups: Sequence[tuple[Rows, tuple[int, ...]]],
    tables: Tables,
    told_of: list[str],
) -> Iterator[tuple[int, list[int]]]:
    """Each group with a smaller one in it, and with cells of any tables that lie in it beside each other."""
    number = {there[0]: i for i, (_, there) in enumerate(groups) if len(there) == 1}
    places = [[number[one] for one in members if one in number] for _, members in tables.tables]
    within = (shared == size[None, :]) & (size[None, :] < size[:, None]) & (size[None, :] > 0)
    for large in range(len(groups)):
        for small in np.flatnonzero(within[large]):
            yield large, [int(small)]
        own = set(map(int, np.flatnonzero(within[large])))
        cells = sorted(own & set(number.values()))
        by_table = [[one for one in members if one in own] for members in places]
        several = {tuple(sorted(parts)) for parts in by_table if len(parts) > 1}
        several |= {tuple(sorted(parts)) for parts in packings(cells, shared, places, told_of) if len(parts) > 1}
        for parts in sorted(several):
            if size[list(parts)].sum() < size[large]:
                yield large, list(parts)


Answer = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Answers:
    """By cell and answer: the claim, the set of those who gave it, and whether it is yes or no.

    sizes : by answer and cell, the rows of those who gave it.
    """

    told: dict[tuple[int, Answer], tuple[int, int, bool]]
    sizes: dict[Answer, dict[int, int]]

    @classmethod
    def of(cls, tables: Tables, claims: Sequence[int]) -> _Answers:
        """Those of claims."""
        out = cls({}, {})
        for number in claims:
            claim = tables.claims[number]
            if claim.of >= 0:
                out.told[claim.of, claim.answer] = (number, claim.set, claim.yes_or_no)
                out.sizes.setdefault(claim.answer, {})[claim.of] = len(tables.sets[claim.set])
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
    tables: Tables, sides: tuple[tuple[int, ...], tuple[int, ...]], answers: _Answers, rules: Rules
) -> Iterator[Difference]:
    """Answers that few of the rest of a group gave, or few did not give."""
    cells = [[tables.sets[one] for one in side] for side in sides]
    limit = rules.complement * tables.most_rows()
    rows = sum(len(tables.sets[one]) for one in sides[0]) - sum(len(tables.sets[one]) for one in sides[1])
    for answer, sizes in sorted(answers.sizes.items()):
        if not all(one in sizes for side in sides for one in side):
            continue
        inside = sum(sizes[one] for one in sides[0]) - sum(sizes[one] for one in sides[1])
        if inside >= limit and rows - inside >= limit:
            continue
        known = [[answers.told[one, answer] for one in side] for side in sides]
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


def _in_both(
    tables: Tables,
    groups: Sequence[tuple[Rows, tuple[int, ...]]],
    shared: np.ndarray,
    cells: dict[int, list[int]],
    rules: Rules,
) -> Iterator[Difference]:
    """Two groups with a few in common, beside the group of all that are in either."""
    size = np.diag(shared)
    few = np.triu((shared > 0) & (shared < rules.units * tables.most_rows()), 1)
    for i, j in np.argwhere(few & (shared < size[:, None]) & (shared < size[None, :])):
        either = (size == size[i] + size[j] - shared[i, j]) & (shared[i] == size[i]) & (shared[j] == size[j])
        people = tables.people(np.intersect1d(groups[i][0], groups[j][0])) if either.any() else rules.units
        for k in np.flatnonzero(either) if people < rules.units else ():
            sides = groups[int(i)][1] + groups[int(j)][1], groups[int(k)][1]
            told = tuple(number for side in sides for one in side for number in cells[one])
            yield Difference(tuple(map(cell, sides[0])), tuple(map(cell, sides[1])), people, rules.units, told)
