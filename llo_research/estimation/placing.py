"""On which side of a series break the people behind an estimate stand: by their own times, whatever columns are called.

Breaks are dated in the time of the survey: the column of its role ``time``, else the column `year` of instruments, else
the times of a call. A row's side is found there, so that a condition of ``svy.where``, another name of the year or
classes of years make no difference. In the same way a variable is known by the columns that it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.design.scores import Scores
from llo_research.errors import DataError
from llo_research.estimation.times import ordered, time_variable
from llo_research.numerics.groups import Codes, Floats
from llo_research.results.breaks import Break, breaks_in
from llo_research.results.dated import lies_after
from llo_research.results.standing import YEAR, Standing, concerned, times_in, unplaced
from llo_research.survey import condition as conditions
from llo_research.survey.variables import Variable, variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def sources_of(svy: Survey, name: str) -> tuple[str, ...]:
    """A column, or a condition, and the columns that it was made from."""
    return tuple(svy._sources_of(name))


def roots_of(svy: Survey, name: str) -> list[str]:
    """The columns of the data that a column was made from; itself where it was not made."""
    made_from = [source for source in sources_of(svy, name) if source != name and sources_of(svy, source) == (source,)]
    return made_from or [name]


def conditions_of(svy: Survey) -> list[str]:
    """The conditions of ``svy.where``: whom an estimate is of rests on their columns."""
    return [str(note["condition"]) for note in svy._notes if "condition" in note]


def original_of(svy: Survey, name: str) -> str:
    """The column of which another is a copy, value for value; the name itself where it is none."""
    roots = roots_of(svy, name)
    if len(roots) != 1 or roots[0] == name:
        return name
    ours, theirs = (_values(svy, one) for one in (name, roots[0]))
    same = ours.dtype == theirs.dtype and np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f")
    return roots[0] if same else name


def _values(svy: Survey, name: str) -> np.ndarray:
    """The values of a column or condition: numbers, or levels as text."""
    if name not in svy._frame.columns:
        truth = conditions.evaluate(name, svy._frame)
        return np.where(truth.unknown, np.nan, truth.true.astype(np.float64))
    found = variable(svy._frame, name, "source['breaks'] of the survey")
    if found.kind != "category":
        return found.values
    return np.array([*(str(level) for level in found.levels), ""], dtype=np.str_)[found.codes]


Weigh = Callable[[Variable, np.ndarray | None], Floats]


@dataclass(frozen=True)
class Clock:
    """The columns of times of a survey, and where estimates stand as to breaks that are dated in them.

    svy : the survey.
    weigh : weight (k, T) behind each estimate at each level of a column of times, of the rows of a mask or of all.
    time : the times of a call, where the survey has none.
    """

    svy: Survey
    weigh: Weigh
    time: str | None = None
    _tables: dict[tuple[str, tuple[str, ...]], Floats] = field(default_factory=dict)

    @cached_property
    def columns(self) -> tuple[Variable, ...]:
        """The columns that may date a break, the role of the survey first."""
        names = [name for name in dict.fromkeys([self.svy.time, YEAR, self.time]) if name is not None]
        return tuple(time_variable(self.svy._frame, name) for name in names if name in self.svy._frame.columns)

    def share_after(self, known: Break) -> Floats | None:
        """(k,) share of each estimate's people that stands after a break; nan where it concerns none of them."""
        sides = self.sides(known)
        if sides is None:
            return None
        with np.errstate(invalid="ignore"):
            return np.asarray(sides[1] / (sides[0] + sides[1]))

    def sides(self, known: Break) -> tuple[Floats, Floats] | None:
        """(k,) weights of each estimate's people before and after a break; 0 where it concerns none of them.

        The first column that the break divides counts. None without columns of times; an error where the break can
        be placed in none of them.
        """
        first = None
        for found in self.columns:
            hit = lies_after(found.levels, known.time, in_order=ordered(found))
            if hit is None:
                continue
            there = self._rows(found, known)
            if (there & hit).any() and (there & ~hit).any():
                return self._sides(found, known, hit)
            first = (found, hit) if first is None else first
        if first is None and self.columns:
            raise unplaced(known, self.columns[0].name, self.columns[0].levels)
        return None if first is None else self._sides(first[0], known, first[1])

    def single_times(self) -> Floats:
        """(k,) number of the time of estimates that speak of one; -1 for several, nan for none.

        For breaks that cannot be placed.
        """
        there = self.weigh(self.columns[0], None) > 0
        several = np.where(there.sum(axis=1) == 1, there.argmax(axis=1).astype(np.float64), -1.0)
        return np.where(there.any(axis=1), several, np.nan)

    def _sides(self, found: Variable, known: Break, hit: np.ndarray) -> tuple[Floats, Floats]:
        """The weights on both sides of a break that divides the levels of a column."""
        key = (found.name, known.surveys)
        if key not in self._tables:
            self._tables[key] = self.weigh(found, self._own(known))
        table = self._tables[key]
        return table[:, ~hit].sum(axis=1), table[:, hit].sum(axis=1)

    def _own(self, known: Break) -> np.ndarray | None:
        """(n,) rows of the surveys whose series breaks; None for all."""
        frame = self.svy._frame
        if not known.surveys or "survey" not in frame:
            return None
        return frame["survey"].astype(str).isin(known.surveys).to_numpy(dtype=bool)

    def _rows(self, found: Variable, known: Break) -> np.ndarray:
        """(T,) levels of a column of times that these rows have."""
        own = self._own(known)
        codes = found.codes if own is None else found.codes[own]
        return np.bincount(codes + 1, minlength=len(found.levels) + 1)[1:] > 0


def weight_by_time(scores: Scores, found: Variable, own: np.ndarray | None) -> Floats:
    """(k, T) weight of the rows of each time in the cells that each estimate speaks of."""
    parts = [
        np.repeat(cells_by_time(block.codes, block.n_cells, scores.weights, found, own), block.values.shape[1], axis=0)
        for block in scores.blocks
    ]
    base: Floats = np.concatenate(parts)
    return base if scores.transform is None else np.asarray(scores.rests() @ base)


def cells_by_time(codes: Codes, k: int, weights: Floats, found: Variable, own: np.ndarray | None) -> Floats:
    """(k, T) weight of the rows of each time in each cell; `codes` (n,) are k outside, `own` (n,) says who counts."""
    t = len(found.levels)
    times = np.where(found.codes < 0, t, found.codes)
    counted = np.abs(weights) if own is None else np.where(own, np.abs(weights), 0.0)
    table = np.bincount(codes * (t + 1) + times, counted, minlength=(k + 1) * (t + 1)).astype(np.float64)
    return np.asarray(table.reshape(-1, t + 1)[:k, :t])


def derived(svy: Survey, names: Sequence[str]) -> dict[str, list[str]]:
    """The columns that each of these, and each condition, was made from, for ``.meta``; none for those of the data."""
    names = [*names, *conditions_of(svy)]
    told = {name: [source for source in sources_of(svy, name) if source != name] for name in names}
    return {name: sources for name, sources in told.items() if sources}


def standing_of(svy: Survey, scores: Scores, rows: pd.DataFrame, meta: Mapping[str, Any]) -> Standing | None:
    """Where estimates stand as to the breaks that the survey's source tells of; None where none concerns them."""
    entries = breaks_in(svy.source)
    if not any(concerned(entry, rows, meta).any() for entry in entries):
        return None
    shape = (len(rows), len(entries))
    before, later, times = np.zeros(shape), np.zeros(shape), np.full(shape, np.nan)
    clock = Clock(svy, partial(weight_by_time, scores))
    for b, entry in enumerate(entries):
        try:
            sides = clock.sides(entry)
        except DataError:
            times[:, b] = clock.single_times()
            continue
        if sides is not None:
            before[:, b], later[:, b] = sides
    return _by_own_times(svy, rows, meta, entries, Standing(before, later, times))


def _by_own_times(
    svy: Survey, rows: pd.DataFrame, meta: Mapping[str, Any], entries: tuple[Break, ...], found: Standing
) -> Standing:
    """Where rows stand that speak of all people but name a time of their own, as the cells of a crosstab do."""
    out = found.after
    if not ((out > 0) & (out < 1)).any():
        return found
    for name in [name for name in times_in(rows, meta) if name in svy._frame]:
        column = time_variable(svy._frame, name)
        number = {level: i for i, level in enumerate(column.levels)}
        level = np.array([number.get(value, -1) for value in rows[name]], dtype=np.intp)
        codes = np.where(column.codes < 0, len(column.levels), column.codes)
        clock = Clock(svy, partial(cells_by_time, codes, len(column.levels), svy._weights))
        for b in np.flatnonzero(((out > 0) & (out < 1)).any(axis=0)):
            share = clock.share_after(entries[b])
            own = np.full(len(out), np.nan) if share is None else np.append(share, np.nan)[level]
            named = (out[:, b] > 0) & (out[:, b] < 1) & np.isin(own, (0.0, 1.0))
            found.before[named, b], found.later[named, b] = 1 - own[named], own[named]
            out = found.after
    return found
