"""What a variable is, by its values in each cell, for every function that uses it.

A number that all but a few persons have in common tells of these few, whether it is averaged, explained, divided by,
compared or explains something else itself; two values are an answer, whatever they are called; of three to five values
a mean and its error may tell how many persons have each. Which of these a variable is, is read from its column, not
from the name of the estimator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.report.disclosure.by_sums import OfSums
from llo_research.report.disclosure.few_values import FEW, NO_ERROR, NOTHING, WHOLE, Moments, all_alike, may_leave
from llo_research.report.disclosure.findings import Finding
from llo_research.report.disclosure.tables import rows_by_code
from llo_research.results.floors import is_missing
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result
from llo_research.results.saved import with_people
from llo_research.survey.alike import CATEGORY

_OF_LEVELS = ("crosstab", "share")  # rows that are shares of a level, which are counted as answers
OF_SQUARES = (
    "variance",
    "covariance",
    "correlation",
    "inequality",
)  # whose estimates tell what the error of a mean does
_PLAIN, _SQUARES, _INVERSE = Moments(1, 2), Moments(2, 4), Moments(1, 2, exact=True)
_MODELLED = Moments(1, 2, modelled=True)
_LEVELS = Moments(0, 0)  # a category, or a number as one, that explains
_ALL = (WHOLE, np.nan, "")
_MEAN = "mean_of"  # of a group, in the decomposition of a gap
_EXACT = ("iid",)  # covariances of coefficients that are the inverse of X'X but for a number


@dataclass(frozen=True)
class Told:
    """What may leave of each row, by the values of its variables.

    states : (k,) all, rounded, without error, or nothing. people : (k,) the fewest persons with a value, where few.
    broken : (k,) the rule for which nothing may.
    names : of each row the numbers of which its estimate and error tell the moments.
    """

    states: np.ndarray
    people: np.ndarray
    broken: np.ndarray
    names: tuple[frozenset[str], ...]

    def __or__(self, other: Told) -> Told:
        names = tuple(one | two for one, two in zip(self.names, other.names, strict=True))
        broken = np.where(self.broken == "", other.broken, self.broken)
        return Told(np.maximum(self.states, other.states), np.fmin(self.people, other.people), broken, names)


def unlike(name: str, result: Result, rules: Rules) -> Iterator[Finding]:
    """Rows of which the number itself would tell of a few persons."""
    told = told_by_values(result, rules)
    for row in np.flatnonzero(told.states == NOTHING):
        rule = told.broken[row]
        limit = rules.one_category if rule == "one_category" else rules.complement
        yield Finding(name, int(row), rule, float(told.people[row]), limit)


def told_by_values(result: Result, rules: Rules) -> Told:
    """What of a result, and of each of its imputations, may leave."""
    k = len(result.estimate)
    out = Told(np.full(k, WHOLE), np.full(k, np.nan), np.full(k, "", dtype=object), (frozenset(),) * k)
    for one in (with_people(result), *result.draws):
        data = (one.meta.get("survey") or {}).get("values")
        if data is not None and one.scores is not None and one.design is not None:
            out |= _of_one(one, data, rules)
    return out


def _of_one(result: Result, data: Any, rules: Rules) -> Told:
    """The same of one data set."""
    scores, uses = result.scores, _uses(result, data)
    assert scores is not None
    k = len(uses)
    states, people, broken = np.full(k, WHOLE), np.full(k, np.nan), np.full(k, "", dtype=object)
    rests, start = sparse.csc_array(scores.rests().astype(np.int8)), 0
    many = result.design is not None and result.design.stands is not None
    columns = OfSums(result, data, rules) if many else _Columns(result, data, rules)
    for block in scores.blocks:
        p = block.values.shape[1]
        cells = rows_by_code(np.where(scores.weights != 0, block.codes, block.n_cells), block.n_cells)
        for cell, rows in enumerate(cells):
            first = rests.indptr[start + cell * p]
            used = np.unique(rests.indices[first : rests.indptr[start + (cell + 1) * p]])
            error = float(np.nanmax(result.std_error[used], initial=0.0))
            for name, moments in {pair for row in used for pair in uses[row]}:
                state, few, rule = columns.told(name, moments, rows, error)
                if state:
                    hit = np.array([row for row in used if (name, moments) in uses[row]])
                    states[hit], people[hit] = np.maximum(states[hit], state), np.fmin(people[hit], few)
                    broken[hit] = np.where(broken[hit] == "", rule if state == NOTHING else "", broken[hit])
        start += block.size
    names = tuple(frozenset(name for name, moments in own if moments not in (None, _LEVELS)) for own in uses)
    return Told(states, people, broken, names)


class _Columns:
    """The columns of the data, and what of them may leave over some rows."""

    def __init__(self, result: Result, data: Any, rules: Rules) -> None:
        assert result.design is not None
        self.data, self.rules = data, rules
        self.persons = result.design.persons
        self.most = 1 if self.persons is None else int(np.bincount(self.persons[self.persons >= 0], minlength=1).max())
        self.known: dict[tuple[str, bool], np.ndarray | None] = {}

    def told(self, name: str, moments: Moments | None, rows: np.ndarray, error: float) -> tuple[int, float, str]:
        """What may leave of a column over rows, the fewest persons with a value where they are few, and the rule."""
        key = name, moments == _LEVELS
        if key not in self.known:
            self.known[key] = self._levels(name) if moments == _LEVELS else self.data.numbers(name)
        column, rules = self.known[key], self.rules
        rows = rows if column is None else rows[~np.isnan(column[rows])]
        if column is None or self._people(rows) < rules.units:
            return _ALL
        values, which, times = np.unique(column[rows], return_inverse=True, return_counts=True)
        if moments == _LEVELS:
            small = np.flatnonzero(times < rules.complement * self.most)
            fewest = min((self._people(rows[which == i]) for i in small), default=np.inf)
            return (NOTHING, fewest, "saturated") if fewest < rules.complement else _ALL
        if len(values) > FEW and 2 * times.max() < len(rows):
            return (NO_ERROR, 1.0, "") if moments == _PLAIN and self._of_one(column[rows], rows) else _ALL
        others = self._people(rows[which != times.argmax()])
        if 0 < others < rules.complement:
            return NOTHING, others, "saturated" if moments in (None, _INVERSE) else "complement"
        if len(values) == 1 and moments in (_PLAIN, _SQUARES) and all_alike(float(values[0]), column):
            return NOTHING, 1.0, "one_category"
        if not 1 < len(values) <= FEW or (moments is None and len(values) > 2):
            return _ALL
        people = [self._people(rows[which == i]) for i in range(len(values))]
        rare = tuple(i for i, n in enumerate(people) if n < rules.complement)
        if len(values) == 2 and moments in (_PLAIN, _SQUARES) and rules.one_sided(max(people), sum(people)):
            return NOTHING, max(people) / sum(people), "one_category"
        if not rare:
            return _ALL
        counts, told = tuple(map(int, times)), moments or _PLAIN
        return may_leave(tuple(values.tolist()), counts, rare, told, error, rules.width), min(people), "complement"

    def _levels(self, name: str) -> np.ndarray | None:
        """(n,) codes of the levels of categories, or of the cells of several (a:b), nan where one is not known."""
        every = [pd.factorize(self.data.column(one))[0].astype(np.float64) for one in name.split(":")]
        out = every[0]
        for own in every[1:]:
            out = np.where((out < 0) | (own < 0), -1.0, out * (own.max() + 1) + own)
        return np.where(out < 0, np.nan, out)

    def _of_one(self, values: np.ndarray, rows: np.ndarray) -> bool:
        """Whether one person makes up most of the sum of squares, which an error tells."""
        away = (values - values.mean()) ** 2
        if self.persons is not None:
            _, own = np.unique(np.where(self.persons[rows] >= 0, self.persons[rows], -1 - rows), return_inverse=True)
            away = np.bincount(own, away)
        return bool(away.max() > self.rules.largest_share * away.sum())

    def _people(self, rows: np.ndarray) -> float:
        """Persons of some rows."""
        if self.persons is None:
            return len(rows)
        own = self.persons[rows]
        return len(np.unique(own[own >= 0])) + int((own < 0).sum())


Uses = frozenset[tuple[str, Moments | None]]


def _uses(result: Result, data: Any) -> list[Uses]:
    """Of each row the columns that it is of, and up to which moments it tells them; none of those that explain."""
    base, call = (result.meta.get("contrast_rows") or {}).get("rows"), result.meta.get("call") or {}
    rows = result.rows if base is None else base
    exact, models = result.inference.vcov.name in _EXACT, bool(getattr(result, "models", ()))
    apart = "component" in rows and _MEAN in set(rows["component"])  # counted by group and term
    parts = call.get("results") or {}
    out = []
    for values in zip(*(rows[name] for name in rows), strict=True):
        row = dict(zip(rows, values, strict=True))
        own = (parts.get(str(row["result"])) or {}) if parts and "result" in row else call
        named = {pair for pair in _named(own, row, exact) if pair[0] in data and not (apart and pair[1] is None)}
        levels = set() if models or apart else set(_categories(own, data))
        out.append(frozenset(named | levels))
    return out if base is None else [frozenset().union(*out)] * len(result.rows)


def _named(call: Mapping[str, Any], row: Mapping[str, Any], exact: bool) -> Iterator[tuple[str, Moments | None]]:
    """The names in a call that a row is of."""
    function = str(call.get("function"))
    if function in _OF_LEVELS or not is_missing(row.get("answer" if function == "banner" else "level")):
        return
    told = _SQUARES if function in OF_SQUARES else _PLAIN
    for formula in (own["formula"] for own in (call, call.get("of")) if isinstance(own, Mapping) and "formula" in own):
        left, _, right = str(formula).partition("~")
        yield from ((name, _MODELLED) for name in _words(left))
        yield from ((name, _INVERSE if exact else None) for name in _words(right))
    if function == "margins":  # whose variables are among those that explain
        return
    given = [call.get(key) or () for key in ("variables", "variable", "numerator", "denominator")]
    names = {name for one in given for name in ([one] if isinstance(one, str) else map(str, one))}
    own = str(row.get("variable"))
    yield from ((name, told) for name in ([own] if own in names else names))


def _categories(call: Mapping[str, Any], data: Any) -> Iterator[tuple[str, Moments]]:
    """The categories that explain by themselves or by a product, and the cells of a product of several."""
    for part in str(call.get("formula") or "").partition("~")[2].split("+"):
        as_category = set(CATEGORY.findall(part))
        tokens = dict.fromkeys(one.strip(" `") for one in re.split(r"[*:(),^-]", part))
        own = [one for one in tokens if one in data and (one in as_category or data.numbers(one) is None)]
        yield from ((one, _LEVELS) for one in own)
        if len(own) > 1:
            yield ":".join(own), _LEVELS


def _words(text: str) -> set[str]:
    """The names in a formula."""
    return set(re.findall(r"[^\W\d]\w*", text))
