"""What a variable is by its values, of rows that stand for many people: counted where known, shut where not.

Of a column of the pattern people are counted by what rows stand for; a number that is kept as sums is known by bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from llo_research.design.of_numbers import InCells
from llo_research.design.scores import Block
from llo_research.numerics.groups import group_sums
from llo_research.report.disclosure.few_values import FEW, NO_ERROR, NOTHING, Moments, all_alike, may_leave
from llo_research.report.disclosure.findings import Finding
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

_OF_ANSWERS = ("percent", "points")
Verdict = tuple[int, float, str]


def by_weights(name: str, result: Result, rules: Rules) -> Iterator[Finding]:
    """Rows of cells in which one person has most of the weight, or of that behind an answer or another one."""
    scores, design = result.scores, result.design
    if scores is None or design is None or design.stands is None:
        return
    w, stands, of_all, of_answers = scores.weights, design.stands, [], []

    def part(block: Block, amounts: np.ndarray) -> np.ndarray:
        """(m,) of the estimates of a block the part of one person in a sum of amounts (n, p)."""
        total = np.column_stack([group_sums(block.codes, column, block.n_cells) for column in amounts.T])
        most = stands.largest(block.codes, amounts, w, block.n_cells)
        return np.divide(most, total, out=np.zeros(total.shape), where=total > 0).ravel()

    for block in scores.blocks:
        weights = np.repeat(w[:, None], block.values.shape[1], axis=1)
        above = np.where(block.values[np.arange(len(w))] > 0, weights, 0.0)
        of_all.append(part(block, weights))
        of_answers.append(np.fmax(part(block, above), part(block, weights - above)))
    shut, gave = np.concatenate(of_all), np.concatenate(of_answers)
    for i, (own, quantity) in enumerate(zip(scores.rests(), result.quantity, strict=True)):
        found = np.fmax(shut, gave) if quantity.unit in _OF_ANSWERS else shut
        if (largest := float(found[own].max(initial=0.0))) > rules.largest_share:
            yield Finding(name, i, "dominance", largest, rules.largest_share)


class OfSums:
    """The columns of a collapsed survey, and what of them may leave over some rows."""

    def __init__(self, result: Result, data: Any, rules: Rules) -> None:
        assert result.design is not None
        assert result.design.stands is not None
        assert result.scores is not None
        self.data, self.rules, self.stands = data, rules, result.design.stands
        self.weights, self.sums = result.scores.weights, set((result.meta.get("collapsed") or {}).get("numbers", ()))
        self.known: dict[str, np.ndarray | None] = {}

    def told(self, name: str, moments: Moments | None, rows: np.ndarray, error: float) -> Verdict:
        """What may leave of a column over rows, the fewest persons with a value where they are few, and the rule."""
        if moments == Moments(0, 0):  # what explains in a model, of which nothing leaves
            return 0, np.nan, ""
        inside = np.ones(len(self.weights), dtype=np.intp)
        inside[rows] = 0
        plain, squares = moments is not None and not moments.modelled, moments is not None and moments.error > 2
        number = self.stands.of_number(name, inside, self.weights, 1)
        if number is not None:
            if number.alike[0]:
                every = self.stands.of_number(name, np.zeros_like(inside), self.weights, 1)
                return (
                    (0, np.nan, "") if not plain or every is None or every.alike[0] else (NOTHING, 1.0, "one_category")
                )
            return self._of_number(number, plain and not squares)
        if name in self.sums:
            return NOTHING, np.nan, "values"
        if name not in self.known:
            self.known[name] = self.data.numbers(name)
        column = self.known[name]
        if column is None:
            return 0, np.nan, ""
        rows = rows[~np.isnan(column[rows])]
        inside[:] = 1
        inside[rows] = 0
        if moments is not None and not moments.modelled and len(rows) and not np.ptp(column[rows]):
            return (NOTHING, 1.0, "one_category") if all_alike(float(column[rows[0]]), column) else (0, np.nan, "")
        return self._of_column(column[rows], rows, inside, moments, error)

    def _of_number(self, number: InCells, plain: bool) -> Verdict:
        """Of a number that is kept as sums: more values than can be counted, and enough who have another one."""
        if number.rows[0] < self.rules.units:
            return 0, np.nan, ""
        if number.kinds[0] <= FEW or number.beside[0] < self.rules.complement:
            return NOTHING, np.nan, "values"
        alone = plain and number.square[0] > self.rules.largest_share
        return (NO_ERROR, 1.0, "") if alone else (0, np.nan, "")

    def _of_column(
        self, values: np.ndarray, rows: np.ndarray, inside: np.ndarray, moments: Moments | None, error: float
    ) -> Verdict:
        """Of a column of the pattern; who has several rows may have them in any value."""
        rules, counts = self.rules, self.stands.counts[rows]
        each, which = np.unique(values, return_inverse=True)
        times = np.bincount(which.ravel(), counts)
        more = 0.0 if self.stands.distinct is None else times.sum() - float(self.stands.distinct(inside, 1)[0])
        if times.sum() - more < rules.units:
            return 0, np.nan, ""
        away = (each - each @ times / times.sum()) ** 2
        if len(each) > FEW and 2 * times.max() < times.sum():
            alone = moments == Moments(1, 2) and away.max() * (1 + more) > rules.largest_share * (away @ times)
            return (NO_ERROR, 1.0, "") if alone else (0, np.nan, "")
        people = np.maximum(times - more, 0.0)
        others = float(max(times.sum() - times.max() - more, 0.0))
        if len(each) > 1 and others < rules.complement:
            return NOTHING, others, "saturated" if moments is None or moments.exact else "complement"
        if not 1 < len(each) <= FEW or (moments is None and len(each) > 2):
            return 0, np.nan, ""
        if len(each) == 2 and moments in (Moments(1, 2), Moments(2, 4)) and rules.one_sided(times.max(), times.sum()):
            return NOTHING, times.max() / times.sum(), "one_category"
        if not (rare := tuple(int(i) for i in np.flatnonzero(people < rules.complement))):
            return 0, np.nan, ""
        rows_of = tuple(int(one) for one in times)
        state = may_leave(tuple(each.tolist()), rows_of, rare, moments or Moments(1, 2), error, rules.width)
        return state, float(people.min()), "complement"
