"""What answers tell together, of whatever questions: those who gave one and not the other, and those who gave both.

Persons who gave an answer are a set like any other: the number with one of two answers, one of which implies the other,
less the number with that one is the number of the rest; and those with either, beside those with each, give those with
both. Persons who were not asked, or did not answer, make no such difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from llo_research.report.disclosure.differences import Difference
from llo_research.report.disclosure.packings import bits_of, clashes_of, packings, places
from llo_research.report.disclosure.tables import Rows, Tables, membership
from llo_research.results.profiles.profile import Rules

_MOST = 5e8  # products of sets in which a row is, over all rows: some seconds
TOO_LARGE = "answers are too many for what they tell together, of different questions, to be looked at"


def answers_together(
    tables: Tables, claims: Sequence[int], rules: Rules, secret: set[int], told_of: list[str]
) -> Iterator[Difference]:
    """Few persons whom answers tell together; sets that are `secret` are looked after already."""
    of: dict[int, list[int]] = {}
    cells: dict[int, list[int]] = {}
    for number in claims:
        claim = tables.claims[number]
        if len(tables.sets[claim.set]):
            (of if claim.of >= 0 else cells).setdefault(claim.set, []).append(number)
    asked = {tables.claims[i].of for own in of.values() for i in own}
    sets = [*of, *(one for one in cells if one not in of and one in asked)]
    inside = membership(tables.n, [tables.sets[one] for one in [*sets, *asked]])
    if float((np.diff(inside.indptr).astype(np.float64) ** 2).sum()) > _MOST:
        told_of.append(TOO_LARGE)
        return
    common = np.rint((inside.T @ inside).toarray()).astype(np.int64)
    place = {one: len(sets) + i for i, one in enumerate(asked)}
    size = np.diag(common)
    parts = range(len(of))
    # (part, set) whether all persons of a set were asked for the part
    valid = np.array(
        [
            np.any(
                [common[place[tables.claims[i].of], : len(sets)] == size[: len(sets)] for i in of[sets[part]]], axis=0
            )
            for part in parts
        ]
    )
    shared, limit = common[: len(sets), : len(sets)], rules.units * tables.most_rows
    found = list(_within(sets, shared, valid, limit, told_of)) + list(_both(sets, shared, valid, limit))
    for whole, some, overlap in found:
        rows = _persons(tables, whole, some, overlap)
        people = tables.people(rows)
        if 0 < people < rules.units and not _looked_after(tables, rows, secret):
            own = [one for part in some for one in of[part]]
            all_of = of.get(whole, []) + ([] if whole in of else cells[whole])
            keys = (
                tuple(dict.fromkeys(tables.claims[i].key for i in all_of)),
                tuple(dict.fromkeys(tables.claims[i].key for i in own)),
            )
            yield Difference(*keys, people, rules.units, (*all_of, *own), exact=False)


Found = tuple[int, tuple[int, ...], bool]


def _within(
    sets: Sequence[int], shared: np.ndarray, valid: np.ndarray, limit: int, told_of: list[str]
) -> Iterator[Found]:
    """Sets, and answers within them of which nobody gave two, that leave fewer than a limit."""
    size, clashes = np.diag(shared), clashes_of(shared)
    for whole in range(len(sets)):
        inside = np.flatnonzero(
            valid[:, whole] & (shared[: len(valid), whole] == size[: len(valid)]) & (size[: len(valid)] < size[whole])
        )
        if size[inside].sum() <= size[whole] - limit:
            continue
        for some in (tuple(places(own)) for own in packings(bits_of(inside), clashes, told_of)):
            if some and 0 < size[whole] - size[list(some)].sum() < limit:
                yield sets[whole], tuple(sets[i] for i in some), False


def _both(sets: Sequence[int], shared: np.ndarray, valid: np.ndarray, limit: int) -> Iterator[Found]:
    """Pairs of answers that fewer than a limit gave both of, and the set of those who gave either."""
    size, m = np.diag(shared), len(valid)
    few = np.triu((shared[:m, :m] > 0) & (shared[:m, :m] < limit), 1)
    few &= (shared[:m, :m] < size[:m, None]) & (shared[:m, :m] < size[None, :m])
    for i, j in np.argwhere(few):
        either = size[i] + size[j] - shared[i, j]
        whole = (size == either) & (shared[i] == size[i]) & (shared[j] == size[j]) & valid[i] & valid[j]
        for k in np.flatnonzero(whole):
            yield sets[int(k)], (sets[int(i)], sets[int(j)]), True


def _persons(tables: Tables, whole: int, some: Sequence[int], overlap: bool) -> Rows:
    """Who is in two sets, or in a set and in none of its parts."""
    rows = [tables.sets[one] for one in some]
    if overlap:
        return np.asarray(np.intersect1d(rows[0], rows[1], assume_unique=True))
    return np.setdiff1d(tables.sets[whole], np.concatenate(rows), assume_unique=True)


def _looked_after(tables: Tables, rows: Rows, secret: set[int]) -> bool:
    """Whether persons are all in sets, within theirs, that may not be told anyway."""
    there = [own for one in secret if len(own := tables.sets[one]) and np.isin(own, rows).all()]
    return bool(there) and len(np.unique(np.concatenate(there))) == len(rows)
