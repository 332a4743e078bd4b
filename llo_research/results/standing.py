"""Comparisons of times that no change function made: contrasts and gaps on two sides of a series break are flagged.

Where the people behind an estimate stand is read from their own times when the estimate is made
(:mod:`llo_research.estimation.placing`), so that it holds for results of domains, classes of years and joint results as
well. A saved result keeps it in ``.meta``. An estimate that pools both sides of a break is not flagged by itself:
nothing is compared in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.expression import parse
from llo_research.numerics.groups import Floats
from llo_research.results.breaks import Break, Exposure, account, breaks_in, flagged
from llo_research.results.dated import lies_after

if TYPE_CHECKING:
    from llo_research.results.result import Result

KEPT = "break_sides"
# The name that instruments give the time.
YEAR = "year"
# Estimates that both pool times before and after a break compare them when their shares after it differ by more.
POOLED = 0.2
# Weights that should add up to 0 do so to rounding.
_NONE = 1e-9
_VARIABLES = ("variables", "variable", "row", "column", "numerator", "denominator", "formula")
_PEOPLE = ("by", "group", "rank", "cells")


@dataclass(frozen=True)
class Standing:
    """Where each of k estimates stands as to each of B breaks.

    before, later : (k, B) weight of its people before and after the break; 0 where the break concerns none of them.
    times : (k, B) number of the one time that an estimate speaks of, -1 for several, for breaks that cannot be placed;
        nan for all others.
    """

    before: Floats
    later: Floats
    times: Floats

    @property
    def after(self) -> Floats:
        """(k, B) share of its people after the break; nan where the break concerns none of them."""
        with np.errstate(invalid="ignore"):
            return self.later / (self.before + self.later)

    def told(self) -> dict[str, Any]:
        """For ``.meta``."""
        return {"after": self.after.tolist(), "times": self.times.tolist()}

    def only(self, rows: Any) -> Standing:
        """That of some of the estimates."""
        return Standing(self.before[rows], self.later[rows], self.times[rows])

    def of_rows(self, used: np.ndarray) -> Standing:
        """Where combinations (r x k, what each of them uses) stand."""
        some = used.astype(np.float64)
        with np.errstate(invalid="ignore"):
            times = (some @ np.nan_to_num(self.times)) / (some @ np.isfinite(self.times))
        several = np.column_stack([differ(column, used) for column in self.times.T])
        return Standing(some @ self.before, some @ self.later, np.where(several, -1.0, times))


def by_shares(after: Floats, times: Floats) -> Standing:
    """Where estimates stand, from the shares of their people after each break."""
    known = np.isfinite(after)
    return Standing(np.where(known, 1 - after, 0.0), np.where(known, after, 0.0), times)


def together(parts: Sequence[tuple[Standing | None, int]]) -> Standing | None:
    """Standings of several results, one below the other; a result without one (of so many rows) stands nowhere."""
    known = [standing for standing, _ in parts if standing is not None]
    if not known:
        return None
    b = known[0].times.shape[1]
    made = [by_shares(np.full((k, b), np.nan), np.full((k, b), np.nan)) if s is None else s for s, k in parts]
    return Standing(*(np.vstack([getattr(s, name) for s in made]) for name in ("before", "later", "times")))


def straddled(
    parts: Result, uses: np.ndarray, gradient: Any | None, labels: Sequence[str], flags: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Flags and ``.meta`` of combinations of the rows of a result, with ``break`` where they straddle one.

    uses : (k, m) the rows that each combination rests on.
    gradient : (k, m) their slopes, of contrasts: what moves nothing when all people after a break shift is no
        comparison; None of gaps, that set one row against another.
    """
    entries = breaks_in(parts.meta.get("source") or {})
    if not entries or "time" in parts.meta:
        # changes and trends know their breaks, and may have taken them off
        return tuple(flags), {}
    concern = [concerned(entry, parts.rows, parts.meta) for entry in entries]
    if not any(hit.any() for hit in concern):
        return tuple(flags), {}
    standing = standing_of(parts, entries)
    after, masks = standing.after, []
    groups = None if gradient is None else _same_but_for_time(parts)
    for b, (entry, hit) in enumerate(zip(entries, concern, strict=True)):
        used = uses & hit if gradient is None else (gradient != 0) & hit
        if differ(standing.times[:, b], used).any():
            raise _unplaced(entry, parts)
        apart = on_two_sides(after[:, b], used)
        if gradient is not None and groups is not None:
            share = np.where(hit, np.nan_to_num(after[:, b]), 0.0)
            moved = np.abs((gradient * share) @ groups.T).max(axis=1, initial=0.0)
            apart &= moved > _NONE * np.abs(gradient).sum(axis=1)
        masks.append(apart)
    return _flagged(entries, masks, labels, flags)


def standing_of(result: Result, entries: tuple[Break, ...]) -> Standing:
    """Where the rows stand: as it was found when they were made or kept, else from a column of times."""
    if result.standing is not None:
        return result.standing
    shape = (len(result.rows), len(entries))
    kept = result.meta.get(KEPT)
    if kept is not None:
        return _as_kept(kept, shape)
    return by_shares(_by_column(result, entries), np.full(shape, np.nan))


def of_contrasts(result: Result, uses: np.ndarray) -> Standing | None:
    """Where contrasts of the rows of a result stand; None where nobody asks."""
    if result.standing is None:
        entries = breaks_in(result.meta.get("source") or {})
        if not entries or "time" in result.meta:
            return None
        return standing_of(result, entries).of_rows(uses)
    return result.standing.of_rows(uses)


def kept_sides(result: Result) -> dict[str, Any]:
    """What a result that is saved, or loses its influence values, keeps for ``.meta``."""
    if result.standing is None or "time" in result.meta:
        return {}
    return {KEPT: result.standing.told()}


def clocks(design: Mapping[str, Any]) -> list[str]:
    """The columns in which the breaks of a survey are dated, from the roles of its design."""
    return list(dict.fromkeys([str(design.get("time") or YEAR), YEAR]))


def times_in(rows: pd.DataFrame, meta: Mapping[str, Any]) -> list[str]:
    """The columns of the rows that hold times, or what was made of times alone."""
    times = set(clocks(meta.get("design") or {}))
    made_from = meta.get("derived_from") or {}
    times |= {name for name, sources in made_from.items() if sources and set(sources) <= times}
    return [name for name in rows.columns if name in times]


def _as_kept(kept: Any, shape: tuple[int, int]) -> Standing:
    """What a saved result tells of its rows."""
    try:
        return by_shares(*(np.array(kept[name], dtype=np.float64).reshape(shape) for name in ("after", "times")))
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            "The saved result does not tell where its rows stand as to series breaks.",
            where=f"meta[{KEPT!r}]",
            found=str(error)[:100],
            expected=f"shares for {shape[0]} rows and {shape[1]} breaks",
            todo="make the result again and save it",
        ) from None


def _by_column(result: Result, entries: tuple[Break, ...]) -> Floats:
    """Where rows that carry their time stand."""
    after = np.full((len(result.rows), len(entries)), np.nan)
    name = next((name for name in clocks(result.meta.get("design") or {}) if name in result.rows), None)
    if name is None:
        return after
    values = result.rows[name]
    known = np.flatnonzero(values.notna())
    for b, entry in enumerate(entries):
        hit = lies_after(values.iloc[known].tolist(), entry.time, in_order=False)
        if hit is not None:
            after[known, b] = hit
        if entry.surveys and "survey" in result.rows:
            after[~result.rows["survey"].astype(str).isin(entry.surveys).to_numpy(), b] = np.nan
    return after


def _unplaced(entry: Break, parts: Result) -> DataError:
    """A comparison of times among which a break cannot be placed."""
    name = next((name for name in clocks(parts.meta.get("design") or {}) if name in parts.rows), None)
    return unplaced(entry, name, [] if name is None else list(parts.rows[name]))


def unplaced(known: Break, name: str | None, levels: Sequence[Any]) -> DataError:
    """A break that cannot be told from the times."""
    return DataError(
        f"The series break {known.time!r} cannot be placed among the times.",
        where="source['breaks'] of the survey" + (f", times in {name!r}" if name is not None else ""),
        found=f"times such as {levels[0]!r}" if levels else "a result that does not hold its times",
        expected="numbers or dates, or a break whose time is one of the ordered categories",
        todo="make the times numbers or ordered categories before making the Survey, or date the break as they are",
    )


def differ(times: Floats, used: np.ndarray) -> np.ndarray:
    """(r,) comparisons (r x k, what each of them uses) of estimates of different times, as their numbers tell."""
    known = np.isfinite(times) & used
    low = np.where(known, times, np.inf).min(axis=1, initial=np.inf)
    high = np.where(known, times, -np.inf).max(axis=1, initial=-np.inf)
    return np.asarray(low < high)


def on_two_sides(share: Floats, used: np.ndarray) -> np.ndarray:
    """(r,) comparisons (r x k, what each of them uses) of estimates on different sides of a break.

    All before, all after, and pooled over both are three sides; what is pooled differs when its shares do.
    """
    there = np.isfinite(share) & used
    kinds = [(there & side).any(axis=1) for side in (share == 0, share == 1, (share > 0) & (share < 1))]
    low = np.where(there, share, np.inf).min(axis=1, initial=np.inf)
    high = np.where(there, share, -np.inf).max(axis=1, initial=-np.inf)
    return np.asarray((np.sum(kinds, axis=0) > 1) | (high - low > POOLED))


def _same_but_for_time(parts: Result) -> np.ndarray:
    """(m, m) which rows differ in their times alone."""
    others = parts.rows.drop(columns=times_in(parts.rows, parts.meta))
    texts = [str(row) for row in others.itertuples(index=False, name=None)]
    return np.asarray(np.unique(texts, return_inverse=True)[1].ravel() == np.arange(len(texts))[:, None])


def _flagged(
    entries: tuple[Break, ...], masks: list[np.ndarray], labels: Sequence[str], flags: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Flags with the rows that straddle a break, and the breaks told for ``.meta``."""
    seen = [number for number, mask in enumerate(masks) if mask.any()]
    if not seen:
        return tuple(flags), {}
    exposed = Exposure(tuple(entries[i] for i in seen), np.column_stack([masks[i] for i in seen]))
    fresh = exposed.rows & np.array(["break" not in flag.split() for flag in flags])
    return flagged(tuple(flags), fresh, "break"), {"breaks": account(exposed, "flag", labels)}


def concerned(entry: Break, rows: pd.DataFrame, meta: Mapping[str, Any]) -> np.ndarray:
    """(k,) rows whose variable's or people's series, or that of what these were made from, is broken."""
    call, made_from, imputed = meta.get("call") or {}, meta.get("derived_from") or {}, _imputed(meta)
    unnamed = list(_names_in_call(call))
    calls = call.get("results") or {}
    hit = np.zeros(len(rows), dtype=bool)
    for i in range(len(rows)):
        name = rows["variable"].iloc[i] if "variable" in rows else None
        part = calls.get(rows["result"].iloc[i]) if "result" in rows else None
        names = _names_of(name) if isinstance(name, str) else list(_names_in_call(part or {})) or unnamed
        if not any(one in unnamed or one in imputed for one in names):
            # a name for several imputed variables: those that the call found
            names = [*names, *unnamed, *(meta.get("unit") or ())]
        whose = None if part is None else str(rows["result"].iloc[i])
        names = [*names, *_people_in(part or call, meta, whose)] if names else names
        names = [member for one in names for member in (one, *imputed.get(one, ()))]
        with_sources = [source for one in names for source in (one, *made_from.get(one, ()))]
        hit[i] = entry.concerns(with_sources) if names else True
    if entry.surveys and "survey" in rows:
        other = rows["survey"].notna() & ~rows["survey"].astype(str).isin(entry.surveys)
        hit &= ~other.to_numpy(dtype=bool)
    return hit


def _imputed(meta: Mapping[str, Any]) -> dict[str, list[str]]:
    """The columns behind the name that plausible values and imputations have in a result."""
    sets = meta.get("plausible_values") or {}
    stems = {re.sub(r"\*|\[\d+-\d+\]", "", pattern): list(columns) for pattern, columns in sets.items()}
    return {**stems, **(meta.get("imputed_variables") or {})}


def _names_of(variable: str) -> list[str]:
    """A variable, or the two of a ratio ``a / b`` or a pair ``a:b``."""
    return list(dict.fromkeys([variable, *variable.split(" / "), *variable.split(":")]))


def _people_in(call: Mapping[str, Any], meta: Mapping[str, Any], result: str | None) -> Iterator[str]:
    """The columns that say of whom a result, or one of a joint result, is: cells, groups, ranks, conditions."""
    given = [call.get(role) for role in (*_PEOPLE, *(("of", "minus") if call.get("group") is None else ()))]
    notes = [note for note in meta.get("domain") or [] if str(note.get("result", result)).split(":")[0] == str(result)]
    given += [note["condition"] for note in notes if "condition" in note]
    for value in given:
        for text in value if isinstance(value, list | tuple) else [value]:
            yield from [text, *_columns_in(text)] if isinstance(text, str) else []


def _columns_in(condition: str) -> list[str]:
    """The columns that a condition reads; none where it is none."""
    try:
        return parse(condition, logical=True).names()
    except DataError:
        return []


def _names_in_call(call: Mapping[str, Any]) -> Iterator[str]:
    """The variables that a call speaks of, those of the parts of a joint result included."""
    for role in _VARIABLES:
        given = call.get(role)
        for text in [given] if isinstance(given, str) else given if isinstance(given, list | tuple) else []:
            yield from ([text, *re.findall(r"\w+", text)] if role == "formula" else _names_of(str(text)))
    for part in (call.get("results") or {}).values():
        yield from _names_in_call(part or {})
