"""What numbers tell together: a group and the same group but for a few, a total and the parts that it has.

The sum over a group less that over a part of it is the sum over the rest. So the rest of each group that is told beside
a part of it, or beside the sum of several parts, is looked at like a cell that is told: its persons, and of shares
those with the answer and without it. Two groups that overlap but for a few are told apart as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from llo_research.report.disclosure.one_person import Left
from llo_research.report.disclosure.packings import bits_of, clashes_of, packings, places, sums_of
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
    for sides in _sides(shared, size, groups, tables, told_of):
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


def _unions(
    tables: Tables, groups: Sequence[tuple[Rows, tuple[int, ...]]], told_of: list[str]
) -> list[tuple[Rows, tuple[int, ...]]]:
    """The persons of all cells of each table that has several, and of cells of several tables that add up."""
    number = {one: i for i, (_, (one,)) in enumerate(groups)}
    whole = [own for own in _members(tables, number) if own and -1 not in own]
    shared = tables.shared([rows for rows, _ in groups])
    free = bits_of(range(len(groups))) & ~sums_of(shared, whole)
    found = [tuple(places(one)) for one in packings(free, clashes_of(shared), told_of)]
    out: dict[bytes, tuple[Rows, tuple[int, ...]]] = {}
    several = [tuple(groups[i][1][0] for i in own) for own in whole]
    several += [tuple(sorted(groups[i][1][0] for i in own)) for own in found]
    for there in several:
        if len(there) > 1:
            inside = np.zeros(tables.n, dtype=bool)
            inside[np.concatenate([tables.sets[one] for one in there])] = True
            # what is left of the same persons is the same, whichever cells they are told by
            out.setdefault(np.packbits(inside).tobytes(), (np.flatnonzero(inside), there))
    return list(out.values())


def _members(tables: Tables, number: Mapping[int, int]) -> list[tuple[int, ...]]:
    """The places of the cells of each table; -1 for one that has none."""
    return list(dict.fromkeys(tuple(number.get(one, -1) for one in members) for _, members in tables.tables))


def _sides(
    shared: np.ndarray,
    size: np.ndarray,
    groups: Sequence[tuple[Rows, tuple[int, ...]]],
    tables: Tables,
    told_of: list[str],
) -> Iterator[Sides]:
    """The cells of each group and those of smaller ones in it, but for cells of both.

    Smaller ones are any group, and cells of any tables that lie beside each other. What is left is told once, whichever
    cells it is left by; cells that overlap do not add up.
    """
    number = {there[0]: i for i, (_, there) in enumerate(groups) if len(there) == 1}
    by_table = [[one for one in own if one >= 0] for own in _members(tables, number)]
    of_cells = shared[: len(number), : len(number)]
    free, clashes = ~sums_of(of_cells, by_table), clashes_of(of_cells)
    together = [bits_of(set(own)) for own in by_table]
    cells = [bits_of(number[one] for one in there) for _, there in groups]
    apart = [len(rows) == sum(len(tables.sets[one]) for one in there) for rows, there in groups]
    within = (shared == size[None, :]) & (size[None, :] < size[:, None]) & (size[None, :] > 0)
    sizes, seen = size.tolist(), set[tuple[int, int]]()
    for large, whole in enumerate(cells):
        if not apart[large]:
            continue
        smaller = list(map(int, np.flatnonzero(within[large])))
        inside = bits_of(i for i in smaller if i < len(number))
        several = {*(own & inside for own in together), *packings(inside & free, clashes, told_of)}
        several = {own for own in several if own & (own - 1) and (whole & ~own, own & ~whole) not in seen}
        parts = [(i,) for i in smaller if apart[i]]
        parts += [own for own in sorted(map(tuple, map(places, several))) if sum(sizes[i] for i in own) < sizes[large]]
        for own in parts:
            some = tuple(one for i in own for one in groups[i][1])
            both = bits_of(number[one] for one in some)
            key = whole & ~both, both & ~whole
            if all(key) and key not in seen:
                seen.add(key)
                there = groups[large][1]
                yield tuple(one for one in there if one not in some), tuple(one for one in some if one not in there)


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
    if rows >= limit * tables.most_rows:
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
    limit = rules.complement * tables.most_rows
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
    for i, j in np.argwhere(np.triu(both & (apart < rules.units * tables.most_rows))):
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
    few = np.triu((shared > 0) & (shared < rules.units * tables.most_rows), 1)
    for i, j in np.argwhere(few & (shared < size[:, None]) & (shared < size[None, :])):
        either = (size == size[i] + size[j] - shared[i, j]) & (shared[i] == size[i]) & (shared[j] == size[j])
        people = tables.people(np.intersect1d(groups[i][0], groups[j][0])) if either.any() else rules.units
        for k in np.flatnonzero(either) if people < rules.units else ():
            sides = groups[int(i)][1] + groups[int(j)][1], groups[int(k)][1]
            told = tuple(number for side in sides for one in side for number in cells[one])
            yield Difference(tuple(map(cell, sides[0])), tuple(map(cell, sides[1])), people, rules.units, told)
