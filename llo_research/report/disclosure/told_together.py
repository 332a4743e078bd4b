"""What all numbers of a variable tell together of persons whom no two of them tell: inclusion and exclusion.

Persons who are in the same groups are a class; a class is told where its indicator is a combination of those of the
groups, which is so when its leverage among them, (M+ M)_aa, is 1. It is looked at like a cell: its persons, the answers
in it, and what one of them makes up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from llo_research.numerics.statements import of_membership
from llo_research.report.disclosure.by_definition import ByDefinition
from llo_research.report.disclosure.one_person import largest_part
from llo_research.report.disclosure.tables import Rows, Tables, membership
from llo_research.results.profiles.profile import Rules

_TOLD = 1 - 1e-9  # leverage of what is told, but for rounding
_USED = 1e-6  # a number in a combination
_MOST = 4e6  # groups times classes


@dataclass(frozen=True)
class Together:
    """Claims that together tell of few persons; any of them may be hidden. found, limit : of the rule."""

    claims: tuple[int, ...]
    found: float
    limit: float


def told_together(
    tables: Tables, claims: Sequence[int], rules: Rules, secret: set[int], known: ByDefinition
) -> Iterator[Together]:
    """Classes of persons of whom shown claims about one variable tell what may not be told, and is not `known`."""
    cells: dict[int, list[int]] = {}
    for i in claims:
        if tables.claims[i].of < 0 and len(tables.sets[tables.claims[i].set]):
            cells.setdefault(tables.claims[i].set, []).append(i)
    own = list(cells)
    if len(own) < 3:
        return
    inside = membership(tables.n, [tables.sets[one] for one in own])
    statements = of_membership(inside)
    groups, classes = statements.members.shape
    if groups * classes > _MOST:
        return
    members = statements.members.toarray()
    left, size, right = np.linalg.svd(members, full_matrices=False)
    kept = size > size.max() * 1e-10
    leverage = (right[kept] ** 2).sum(axis=0)
    answers = _answers(tables, claims)
    for a in np.flatnonzero((leverage > _TOLD) & (members.sum(axis=0) > 1)):
        weights = (left[:, kept] / size[kept]) @ right[kept, a]
        used = [own[i] for i in np.flatnonzero(np.abs(weights) > _USED)]
        rows = _class(inside, members[:, a])
        if len(used) > 1 and tables.number(rows) not in secret | set(own):
            yield from _of_class(tables, rows, [i for one in used for i in cells[one]], used, answers, rules, known)


Given = dict[tuple[tuple[str, str], ...], dict[int, int]]


def _answers(tables: Tables, claims: Sequence[int]) -> Given:
    """By answer and cell the claim about who gave it."""
    out: Given = {}
    for i in claims:
        if tables.claims[i].of >= 0:
            out.setdefault(tables.claims[i].answer, {})[tables.claims[i].of] = i
    return out


def _class(inside: sparse.csr_array, pattern: np.ndarray) -> Rows:
    """The rows that are in these groups and in no other."""
    number = np.asarray((inside @ (2 * pattern - 1)).ravel())
    return np.flatnonzero(number == pattern.sum())


def _of_class(
    tables: Tables, rows: Rows, told: list[int], used: list[int], answers: Given, rules: Rules, known: ByDefinition
) -> Iterator[Together]:
    """What may not be told of the persons of one class."""
    people = tables.people(rows)
    if 0 < people < rules.units:
        yield Together(tuple(told), people, rules.units)
        return
    for given in answers.values():
        if all(one in given for one in used):
            own = [given[one] for one in used]
            gave = np.intersect1d(rows, np.unique(np.concatenate([tables.sets[tables.claims[i].set] for i in own])))
            few = min(tables.people(gave), tables.people(np.setdiff1d(rows, gave, assume_unique=True)))
            first = tables.claims[own[0]]
            if few == 0 and known.says_of(rows, used, first.variables):
                continue
            if few < rules.complement and (len(gave) or first.yes_or_no):
                yield Together(tuple(own), few, rules.complement)
    names = {name for i in told for name in tables.claims[i].variables}
    for one in tables.values:
        if one.variable in names and one.set in used and np.isin(rows, tables.sets[one.set]).all():
            here = np.isin(tables.sets[one.set], rows)
            if any(largest_part(tables, rows, own[here]) > rules.largest_share for own in one.sums().values()):
                yield Together(tuple(told), 1, rules.units)
            return
