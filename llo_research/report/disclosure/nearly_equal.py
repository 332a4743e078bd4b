"""Two sums over the same persons that differ for a few: with other weights, or of a variable that is nearly another.

Means with weights that differ for one person give his value, and pay beside top-coded pay gives what was cut off. Two
sums tell of the persons whose part in one is not in proportion to that in the other, when these are few.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from llo_research.report.disclosure.one_person import largest_part
from llo_research.report.disclosure.tables import Tables, Values
from llo_research.results.profiles.profile import Rules

_SAME = 1e-7  # of a part: what influence values leave of it


def nearly_equal(tables: Tables, rules: Rules) -> Iterator[tuple[Values, Values, int]]:
    """Pairs of values of the same cell of which the sums differ by a few persons, and how many these are."""
    by_set: dict[int, list[Values]] = {}
    for one in tables.values:
        if one.used and one.line is not None:
            by_set.setdefault(one.set, []).append(one)
    for own in by_set.values():
        for one, other in combinations(own, 2):
            if one.result != other.result or one.variable != other.variable:
                people = _differ(tables, one, other, rules)
                if people:
                    yield one, other, people


def _differ(tables: Tables, one: Values, other: Values, rules: Rules) -> int:
    """Persons whose part in two sums is not in proportion, where they are few (or one has most of it); else 0."""
    weights = _apart(one.weights, other.weights)
    amounts = (one.sums(), other.sums())
    if one.variable == other.variable:
        rests = [weights] if weights.any() else []
    elif np.ptp(one.values) == 0 or weights.any() or not _numbers(one, other):
        return 0
    else:
        a, b = (sums["value"] / own.weights for sums, own in zip(amounts, (one, other), strict=True))
        rests = [rest for rest in (_apart(a, b), _shifted(a, b)) if rest.any()]
    rows = tables.sets[one.set]
    for rest in rests:
        people = tables.people(rows[rest])
        if people < rules.units:
            return people
        if people < len(rows) / 2 and largest_part(tables, rows[rest], _left(one, other)[rest]) > rules.largest_share:
            return 1
    return 0


def _numbers(one: Values, other: Values) -> bool:
    """Whether both are numbers, of more than two values."""
    return one.gave is None and other.gave is None


def _left(one: Values, other: Values) -> np.ndarray:
    """What is left of one sum beside the other, where most are in proportion."""
    a, b = (np.asarray(own.sums().get("value", own.weights)) for own in (one, other))
    return np.asarray(b - a * _proportion(one.weights, other.weights))


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(m,) which are not in the proportion that is usual; none where there is no usual one."""
    usual = _proportion(one, other)
    with np.errstate(invalid="ignore"):
        out = np.abs(other - usual * one) > _SAME * np.maximum(np.abs(other), np.abs(usual * one))
    return out if np.isfinite(usual) and out.mean() < 0.5 else np.zeros(len(one), dtype=bool)


def _proportion(one: np.ndarray, other: np.ndarray) -> float:
    """The proportion that is usual."""
    known = one != 0
    return float(np.median(other[known] / one[known])) if known.any() else float("nan")


def _shifted(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(m,) which do not differ by what is usual; none where there is nothing usual."""
    away = other - one
    out = np.abs(away - np.median(away)) > _SAME * np.maximum(np.abs(one), np.abs(other))
    return out if out.mean() < 0.5 else np.zeros(len(one), dtype=bool)
