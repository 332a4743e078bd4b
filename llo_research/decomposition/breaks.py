"""Series breaks between the times of a change of a gap: refused, flagged, or a known shift taken off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.decomposition.sides import Sides
from llo_research.errors import DataError
from llo_research.estimation.changes import gap_change
from llo_research.estimation.pairs import columns_of_groups
from llo_research.estimation.placing import Clock, cells_by_time, conditions_of
from llo_research.estimation.series_breaks import NONE, concerned_by
from llo_research.numerics.groups import Floats
from llo_research.results.breaks import Exposure, account, breaks_in
from llo_research.results.decomposition import labels_of
from llo_research.results.estimates import Estimates
from llo_research.results.standing import POOLED

if TYPE_CHECKING:
    from llo_research.results.result import Result


@dataclass(frozen=True, eq=False)
class AtBreaks:
    """What breaks do to the rows of a change.

    shift : (k,) what is taken off the change of the gap at each row's times; None where nothing is.
    errors : (e, k) loadings of its uncertainty, by source.
    flags : (k,) words, or none at all.
    """

    meta: dict[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    shift: Floats | None = None
    errors: dict[str, Floats] = field(default_factory=dict)

    def taken_off(self, moves: np.ndarray, labels: Sequence[str]) -> dict[str, Any]:
        """For `.meta`: what is taken off the rows (k,) that a shift moves, by label, and its uncertainty."""
        if self.shift is None:
            return {}
        told = [np.where(moves, row, 0.0) for row in (self.shift, *(r for own in self.errors.values() for r in own))]
        by_label = [{label: float(size) for label, size in zip(labels, row, strict=True) if size} for row in told]
        sources = [source for source, own in self.errors.items() for _ in own]
        return {"taken_off": {"shift": by_label[0], "errors": by_label[1:], "sources": sources}}


def at_breaks(
    sides: Sides, time: str, pairs: Sequence[tuple[Any, Any]], option: str, table: pd.DataFrame, names: list[str]
) -> AtBreaks:
    """What the breaks that the survey's source tells of do to a change.

    pairs : later and earlier time of each change. table : the rows, `names` the columns that tell cells and times.
    """
    if not sides.data.svy.source.get("breaks"):
        return AtBreaks()
    columns = list(sides.data.columns)
    outcome = sides.data.response
    if option == "adjust" and outcome not in columns:
        raise DataError(
            "A shift is that of a column, not of what a formula makes of it.",
            where=f"breaks='adjust', response {outcome!r}",
            expected="an outcome that is a column or a condition",
            todo="put it into the survey with svy.assign(...), or breaks='flag'",
        )
    if option != "adjust":
        seen = _exposure(sides, columns, time, pairs)
        if seen.breaks and option == "refuse":
            for own in _calls(pairs):
                _change(sides, columns, time, own, option)  # whose error names column, times and break
        if not seen.breaks:
            return AtBreaks()
        rows: np.ndarray = np.repeat(seen.straddles, len(table) // len(seen.straddles), axis=0)
        told = account(Exposure(seen.breaks, rows), option, labels_of(table, names))
        flags = tuple("break" if hit else "" for hit in (row.any() for row in rows))
        return AtBreaks({"breaks": told}, flags)
    _refuse_others(sides, [name for name in columns if name != outcome], time, pairs)
    kept, taken = ([_change(sides, [outcome], time, own, word) for own in _calls(pairs)] for word in ("flag", "adjust"))
    made = _flagged(taken, table, names, "break_adjusted")
    shift, errors = _shifts(kept, taken, table, names)
    return replace(made, shift=shift, errors=errors)


def between_groups(sides: Sides, table: pd.DataFrame) -> AtBreaks:
    """The parts of a difference of two groups that stand on two sides of a break, flagged as :func:`llo.gap` does.

    table : the rows, cell by cell. The mean of a group compares nothing.
    """
    if not sides.data.svy.source.get("breaks"):
        return AtBreaks()
    groups = sides.groups
    cells = partial(cells_by_time, groups.outside(), 2 * groups.n_cells, sides.data.all_weights)
    seen = exposed(Clock(sides.data.svy, cells), [*sides.data.columns, *_people(sides)], (2, 1), [(0, 1)])
    if not seen.breaks:
        return AtBreaks()
    compares = ~table["component"].isin(["mean_of", "mean_minus"]).to_numpy()
    rows = np.repeat(seen.straddles, len(table) // groups.n_cells, axis=0) & compares[:, None]
    told = account(Exposure(seen.breaks, rows), "flag", labels_of(table, list(sides.asked.by)))
    return AtBreaks({"breaks": told}, tuple("break" if hit else "" for hit in np.any(rows, axis=1)))


def _refuse_others(sides: Sides, others: list[str], time: str, pairs: Sequence[tuple[Any, Any]]) -> None:
    """What a new definition of a regressor, of the groups or of the cells does to composition, nobody knows."""
    seen = _exposure(sides, others, time, pairs)
    if others and seen.breaks:
        svy, known = sides.data.svy, seen.breaks[0]
        names = [name for name in [*others, *_people(sides), *conditions_of(svy)] if concerned_by(known, svy, [name])]
        raise DataError(
            "A series break concerns more than the outcome: what it does to the parts is not known.",
            where=f"breaks='adjust', {', '.join(dict.fromkeys(names))}",
            found=f"break of {known.time}: {known.what}",
            expected="breaks of the outcome alone, whose known shift is taken off",
            todo="choose times on one side (svy.where), or breaks='flag' to see it marked; llo.gap_change takes shifts "
            "of the outcome that are known for both groups off the gap",
        )


def _people(sides: Sides) -> list[str]:
    """The columns of the cells and of the groups."""
    asked = sides.asked
    return [*asked.by, *columns_of_groups(asked.group, asked.of, asked.minus)]


def _exposure(sides: Sides, columns: list[str], time: str, pairs: Sequence[tuple[Any, Any]]) -> Exposure:
    """Which cells and pairs of times (G r) of both groups straddle a break of one of these columns."""
    groups, times = sides.groups, list(dict.fromkeys(sides.keys[time]))
    places = [(times.index(later), times.index(earlier)) for later, earlier in pairs]
    cells = partial(cells_by_time, groups.outside(), 2 * groups.n_cells, sides.data.all_weights)
    return exposed(Clock(sides.data.svy, cells, time), [*columns, *_people(sides)], (len(times), 2), places)


def exposed(clock: Clock, columns: list[str], shape: tuple[int, int], pairs: list[tuple[int, int]]) -> Exposure:
    """Which outer cells and pairs of times (G r) straddle a break, by where people stand.

    columns : what the estimates rest on, beside the conditions of ``svy.where``.
    shape : times and groups, of which the estimates of the clock (G T S) are.
    """
    later, earlier = ([pair[end] for pair in pairs] for end in (0, 1))
    found, masks = [], []
    columns = [*columns, *conditions_of(clock.svy)]
    for known in breaks_in(clock.svy.source):
        share = clock.share_after(known) if concerned_by(known, clock.svy, columns) else None
        if share is None:
            continue
        after = np.nan_to_num(share).reshape(-1, *shape)
        both = np.stack([after[:, later], after[:, earlier]])
        pooled = ((both > 0) & (both < 1)).all(axis=(0, 3))
        hit = np.abs(both[0] - both[1]).max(axis=2) > np.where(pooled, POOLED, NONE)
        if hit.any():
            found.append(known)
            masks.append(hit.ravel())
    return Exposure(tuple(found), np.column_stack(masks) if masks else np.zeros((0, 0), dtype=bool))


def _calls(pairs: Sequence[tuple[Any, Any]]) -> list[tuple[Any, list[Any]]]:
    """Base and later times of the calls of ``gap_change`` that the pairs need."""
    bases = list(dict.fromkeys(earlier for _, earlier in pairs))
    return [(base, [later for later, earlier in pairs if earlier == base]) for base in bases]


def _change(sides: Sides, columns: list[str], time: str, call: tuple[Any, list[Any]], option: str) -> Result:
    """The change of the gap in these columns, of the rows that the formula uses."""
    base, later = call
    svy, asked = sides.data.svy, sides.asked
    inside = np.zeros(len(svy), dtype=bool)
    inside[sides.data.rows] = True
    inside &= svy._frame[time].isin([base, *later]).to_numpy()
    by = [name for name in asked.by if name != time] or None
    return gap_change(
        columns,
        svy._with(domain=inside),
        group=asked.group,
        of=asked.of,
        minus=asked.minus,
        by=by,
        time=time,
        base=base,
        breaks=option,
    )


def _keys(rows: pd.DataFrame, names: list[str]) -> list[tuple[str, ...]]:
    """What tells cell and time of each row."""
    return [tuple(str(value) for value in row) for row in rows[names].itertuples(index=False, name=None)]


def _flagged(changed: list[Result], table: pd.DataFrame, names: list[str], word: str) -> AtBreaks:
    """The rows of cells and times at which a column of the formula straddles a break."""
    hit, told = set(), []
    for result in changed:
        keys = _keys(result.rows, names)
        hit |= {key for key, flag in zip(keys, result.flags, strict=True) if word in flag.split()}
        told += result.meta.get("breaks", {}).get("straddled", [])
    flags = tuple(word if key in hit else "" for key in _keys(table, names))
    option = changed[0].meta.get("breaks", {}).get("option") if changed else None
    meta = {"breaks": {"option": option, "straddled": told}} if told else {}
    return AtBreaks(meta, flags if any(flags) else ())


def _shifts(
    kept: list[Result], taken: list[Result], table: pd.DataFrame, names: list[str]
) -> tuple[Floats, dict[str, Floats]]:
    """(k,) what is taken off the rows of each cell and time, and by its source (1, k) loadings of its uncertainty."""
    places: dict[tuple[str, ...], list[int]] = {key: [] for key in _keys(table, names)}
    for row, key in enumerate(_keys(table, names)):
        places[key].append(row)
    errors: dict[str, Floats] = {}
    shift = np.zeros(len(table))
    for plain, adjusted in zip(kept, taken, strict=True):
        for number, key in enumerate(_keys(plain.rows, names)):
            rows = places.get(key, [])
            shift[rows] = plain.estimate[number] - adjusted.estimate[number]
            for source, loading in adjusted.estimates.errors.items():
                whole = errors.setdefault(source, np.zeros((len(loading), len(table))))
                whole[:, rows] = loading[:, [number]]
    return shift, errors


def adjusted(estimates: Estimates, breaks: AtBreaks, moves: np.ndarray) -> Estimates:
    """The estimates with a known shift taken off the rows (k,) that it moves, its uncertainty an error of its own.

    Errors keep the names that :func:`llo.gap_change` gives them, by which results of one shift share its error.
    """
    if breaks.shift is None:
        return estimates
    off = np.where(moves, breaks.shift, 0.0)
    replicates = None if estimates.replicates is None else estimates.replicates - off
    own = {source: np.where(moves, loading, 0.0) for source, loading in breaks.errors.items()}
    return replace(estimates, value=estimates.value - off, replicates=replicates, errors={**estimates.errors, **own})
