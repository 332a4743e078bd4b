"""Means by cell and wave, and where each of them stands: what changes and trends are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.errors import DataError
from llo_research.estimation.assemble import Options, assemble
from llo_research.estimation.comparisons import Map
from llo_research.estimation.means import columns_of, mean_part, means_of
from llo_research.estimation.pairs import Sides, paired
from llo_research.estimation.placing import Clock, conditions_of, weight_by_time
from llo_research.estimation.target import Target, check_survey, make_target
from llo_research.estimation.times import DATE, check_order, time_variable
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import names_of, nearest
from llo_research.results.dated import text_of
from llo_research.results.result import Result
from llo_research.survey.variables import Variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


@dataclass(frozen=True)
class Waves:
    """Means of p columns in G cells, of one or two groups (S), at T times.

    means : the means of all occurring cells, with their joint covariance.
    target : what they are means of.
    keys : G rows, the `by` columns.
    time : the column of the times.
    times : the T times, in order.
    place : (G, S, T) number of the mean's cell in `means`, -1 where there is none; column j of it is place * p + j.
    heads : p mappings with `variable` and `level`.
    sides : what tells the S groups apart, for messages and shifts.
    stored : type of the column of the times, as the survey has it.
    """

    means: Result
    target: Target
    keys: pd.DataFrame
    time: str
    times: tuple[Any, ...]
    place: Codes
    heads: tuple[dict[str, Any], ...]
    sides: Sides | None
    stored: Any

    @cached_property
    def there(self) -> np.ndarray:
        """(G, S, p, T) where there is a mean."""
        p = len(self.heads)
        known = np.isfinite(self.means.estimate).reshape(-1, p)[np.maximum(self.place, 0)]
        return np.asarray((known & (self.place >= 0)[..., None]).swapaxes(2, 3))

    def labelled(self, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
        """Rows of a comparison as they are labelled, days without their hours; and what tells its cells apart."""
        told = rows.drop(columns=[name for name in ("of", "minus") if name in rows])
        if self.time in told:
            told = told.assign(**{self.time: [text_of(time) for time in told[self.time]]})
        return told, [*self.keys.columns, *([self.time] if self.time in told else [])]

    def columns(self, j: int) -> list[str]:
        """What the means of a column rest on: its variable, the cells, the groups, the conditions of the domain."""
        groups = [] if self.sides is None else self.sides.columns
        return [str(self.heads[j]["variable"]), *self.keys.columns, *groups, *conditions_of(self.target.svy)]

    @cached_property
    def clock(self) -> Clock:
        """Where the means stand as to series breaks."""
        assert self.means.scores is not None
        return Clock(self.target.svy, partial(weight_by_time, self.means.scores), self.time)


@dataclass(frozen=True)
class Plan:
    """The rows of a comparison: k combinations of the means of one cell and column each.

    cell, head : (k,) the cell of `by` and the column of each row.
    weights : (k, S, T) weight of each group and time.
    uses : (k, S, T) the means that a row rests on, for its n and df; a weight may be 0 by chance.
    undefined : (k,) rows that the waves at hand cannot give.
    """

    cell: Codes
    head: Codes
    weights: Floats
    uses: np.ndarray
    undefined: np.ndarray

    def of(self, waves: Waves) -> Map:
        """The map on the means; empty are undefined rows, and those that rest on a mean which is not there."""
        place, p = waves.place[self.cell], len(waves.heads)
        row, side, time = np.nonzero(self.uses & (place >= 0))
        at = (row, place[row, side, time] * p + self.head[row])
        shape = (len(self.cell), len(waves.means.estimate))
        linear = sparse.csr_array((self.weights[row, side, time], at), shape=shape)
        uses = sparse.csr_array((np.ones(len(row), dtype=bool), at), shape=shape)
        absent = (self.uses & (place < 0)).any(axis=(1, 2))
        unknown = uses.astype(np.float64) @ np.isnan(waves.means.estimate).astype(np.float64) > 0
        return Map(linear, uses, absent | self.undefined | unknown)


def time_of(svy: Survey, time: str) -> Variable:
    """The column of the times, checked to have an order, and at least two in the domain."""
    check_survey(svy)
    found = time_variable(svy._frame, time)
    present = present_times(svy, found)
    if len(present) < 2:
        raise DataError(
            "There is only one time.",
            where=f"time={time!r}",
            found=f"{_listed(present) or 'no time at all'} in the domain",
            expected="at least two times",
            todo="check the column, and the condition of svy.where",
        )
    check_order(svy, found, present)
    return found


def present_times(svy: Survey, found: Variable) -> list[Any]:
    """The times that occur in the domain, in order."""
    codes = found.codes[svy.domain]
    seen = np.bincount(codes[codes >= 0], minlength=len(found.levels)) > 0
    return [level for level, here in zip(found.levels, seen, strict=True) if here]


def base_number(svy: Survey, found: Variable, base: Any) -> int:
    """Position of the base among the levels of the time column; later times must be there."""
    present = present_times(svy, found)
    known = [level for level in present if level == base and isinstance(level, bool) == isinstance(base, bool)]
    if not known:
        raise DataError(
            f"The base {text_of(base)!r} is not one of the times.",
            where=f"base={text_of(base)!r}, time={found.name!r}",
            found=f"{text_of(base)!r}{nearest(base, present)}",
            expected=_listed(present),
            todo="choose a time that the domain has rows of, written as in the data (2014 is not '2014')",
        )
    if known[0] == present[-1]:
        raise DataError(
            f"There is no time after the base {text_of(base)!r}.",
            where=f"base={text_of(base)!r}, time={found.name!r}",
            found=f"the times {_listed(present)}",
            expected="a base before the last time; a change is later minus base",
            todo=f"base={text_of(present[0])!r}",
        )
    return found.levels.index(known[0])


def from_base(svy: Survey, found: Variable, base: Any) -> tuple[Survey, dict[str, int]]:
    """The survey without the times before the base (as a domain), and how many rows that leaves out at each of them."""
    first = base_number(svy, found, base)
    early = (found.codes >= 0) & (found.codes < first) & svy.domain
    counts = svy.design.rows_of_cells(np.where(early, found.codes, len(found.levels)), len(found.levels))
    told = {str(level): int(n) for level, n in zip(found.levels, counts, strict=True) if n}
    return (svy._with(domain=svy.domain & ~early), told) if told else (svy, told)


def cells_with_time(by: str | Sequence[str] | None, time: str) -> list[str]:
    """The names of `by` and the time column, which is none of them."""
    names = [] if by is None else names_of(by, "by")
    if time in names:
        raise DataError(
            "The times cannot be cells as well.",
            where=f"time={time!r}, by={by!r}",
            expected="different columns",
            todo="drop it from by; there is a row for each time already",
        )
    return [*names, time]


def make_waves(
    names: Sequence[str],
    svy: Survey,
    by: str | Sequence[str] | None,
    time: str,
    missing: str,
    options: Options,
    sides: Sides | None = None,
) -> Waves:
    """Means of these variables by cell, group and time."""
    columns = cells_with_time(by, time)
    groups = () if sides is None else sides.columns
    role = "variables" if sides is None else "variable"
    target = make_target(_with_levels(svy, time), names, columns, missing, role, groups=groups)
    heads, values = columns_of(target.variables, all_levels=False)
    if sides is None:
        n_sides = 1
        means = means_of(target, missing, options)
    else:
        n_sides, sides = 2, sides.named(target.svy)
        codes, left_out = sides.of_rows(target.svy, missing)
        target = replace(target, left_out={**target.left_out, **left_out}, cells=paired(target, codes))
        means = assemble(target, [mean_part(target, target.cells.codes, heads, values)], options)
    cell_keys = target.cells.keys.iloc[::n_sides].reset_index(drop=True)
    keys, group_of = _outer_cells(cell_keys, columns[:-1])
    found = time_variable(target.svy._frame, time)
    levels = list(dict.fromkeys(cell_keys[time]))
    times = tuple(level for level in found.levels if level in levels)
    number = {level: t for t, level in enumerate(times)}
    place = np.full((len(keys), n_sides, len(times)), -1, dtype=np.intp)
    for cell, (g, level) in enumerate(zip(group_of, cell_keys[time], strict=True)):
        place[g, :, number[level]] = n_sides * cell + np.arange(n_sides)
    return Waves(means, target, keys, time, times, place, tuple(heads), sides, found.series.dtype)


def _with_levels(svy: Survey, time: str) -> Survey:
    """The survey with times that can be cells: dates, and numbers with decimals, as ordered categories."""
    found = time_variable(svy._frame, time)
    if found.kind == "number" and not all(isinstance(level, int) for level in found.levels):
        levels = pd.CategoricalDtype(found.levels, ordered=True)
        return svy._with(frame=svy._frame.assign(**{time: pd.Series(found.values, svy._frame.index).astype(levels)}))
    return svy._with(frame=svy._frame.assign(**{time: found.series})) if found.kind == DATE else svy


def _outer_cells(cell_keys: pd.DataFrame, by: list[str]) -> tuple[pd.DataFrame, Codes]:
    """The cells without their time, and the one that each cell belongs to."""
    if not by:
        return pd.DataFrame(index=range(1)), np.zeros(len(cell_keys), dtype=np.intp)
    codes = cell_keys.groupby(by, sort=False, observed=True, dropna=False).ngroup().to_numpy()
    first = np.flatnonzero(~pd.Series(codes).duplicated().to_numpy())
    return cell_keys.iloc[first][by].reset_index(drop=True), np.asarray(codes, dtype=np.intp)


def _listed(levels: Sequence[Any]) -> str:
    """Times in a message."""
    texts = [repr(text_of(level)) for level in levels]
    return ", ".join(texts if len(texts) <= 20 else [*texts[:10], "...", *texts[-9:]])
