"""Comparisons of times that no change function made: contrasts and gaps on two sides of a series break are flagged.

Where the people behind an estimate stand is read from their own times (:mod:`llo_research.estimation.placing`), so that
it holds for results of domains, classes of years and joint results as well. A saved result keeps it in ``.meta``.
An estimate that pools both sides of a break is not flagged by itself: nothing is compared in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.errors import DataError
from llo_research.estimation.placing import Clock, cells_by_time, clocks, differ, on_two_sides, unplaced, weight_by_time
from llo_research.estimation.result import Result
from llo_research.estimation.times import lies_after, time_variable
from llo_research.numerics.groups import Codes, Floats

if TYPE_CHECKING:
    from llo_research.estimation.breaks import Break
    from llo_research.estimation.target import Target

KEPT = "break_sides"
# Weights that should add up to 0 do so to rounding.
_NONE = 1e-9
_VARIABLES = ("variables", "variable", "row", "column", "numerator", "denominator", "formula")


@dataclass(frozen=True)
class Standing:
    """Where each estimate stands as to each break.

    after : (k, B) share of its people after the break; nan where the break concerns none of them.
    times : (k, B) number of the one time that an estimate speaks of, -1 for several, for breaks that cannot be placed;
        nan for all others.
    """

    after: Floats
    times: Floats

    def told(self) -> dict[str, Any]:
        """For ``.meta``."""
        return {"after": self.after.tolist(), "times": self.times.tolist()}

    def of_contrasts(self, used: np.ndarray) -> Standing:
        """Where combinations (r x k, what each of them uses) stand."""
        some = used.astype(np.float64)
        with np.errstate(invalid="ignore"):
            after = (some @ np.nan_to_num(self.after)) / (some @ np.isfinite(self.after))
            times = (some @ np.nan_to_num(self.times)) / (some @ np.isfinite(self.times))
        several = np.column_stack([differ(column, used) for column in self.times.T])
        return Standing(after, np.where(several, -1.0, times))


def flag_contrast(made: Result, parts: Result, gradient: Floats) -> Result:
    """A contrast (gradient k x m) with ``break`` where it sets rows before a break against rows after it."""
    entries = _breaks(parts.meta)
    if not entries or "time" in parts.meta:
        # changes and trends know their breaks, and may have taken them off
        return made
    concern = [_concerned(entry, parts) for entry in entries]
    if made.scores is not None and not any(hit.any() for hit in concern):
        return made
    standing = _standing(parts, entries)
    total, groups = np.abs(gradient).sum(axis=1), _same_but_for_time(parts)
    masks = []
    for b, (entry, concerned) in enumerate(zip(entries, concern, strict=True)):
        used = (gradient != 0) & concerned
        if differ(standing.times[:, b], used).any():
            raise _unplaced(entry, parts)
        share = np.where(concerned, np.nan_to_num(standing.after[:, b]), 0.0)
        moved = np.abs((gradient * share) @ groups.T).max(axis=1, initial=0.0) > _NONE * total
        masks.append(moved & on_two_sides(standing.after[:, b], used))
    if made.scores is None:
        made = replace(made, meta={**made.meta, KEPT: standing.of_contrasts(gradient != 0).told()})
    return _flagged(made, entries, masks)


def flag_gap(made: Result, target: Target, sides: Codes) -> Result:
    """A gap with ``break`` where the people of one group stand before a break, and those of the other after it.

    sides : (n,) 0 for `of`, 1 for `minus`, another number for rows outside.
    """
    entries = _breaks(made.meta)
    if not entries:
        return made
    k = target.cells.number
    inside = (sides < 2) & (target.cells.codes < k)
    codes = np.where(inside, 2 * target.cells.codes + sides, 2 * k)
    pairs = np.arange(2 * k) // 2 == np.arange(k)[:, None]
    clock, masks = Clock(target.svy, partial(cells_by_time, codes, 2 * k, target.weights)), []
    for entry in entries:
        concerned, share = _concerned(entry, made), None
        try:
            share = clock.share_after(entry) if concerned.any() else None
        except DataError:
            if differ(clock.single_times(), pairs).any():
                raise
        apart = np.zeros(k, dtype=bool) if share is None else on_two_sides(share, pairs)
        masks.append(concerned & np.repeat(apart, len(made.estimate) // k))
    return _flagged(made, entries, masks)


def kept_sides(result: Result) -> dict[str, Any]:
    """What a result that loses its influence values keeps for ``.meta``: where its rows stand as to each break."""
    entries = _breaks(result.meta)
    if not entries or "time" in result.meta or result.scores is None or result.survey is None:
        return {}
    return {KEPT: _standing(result, entries).told()}


def _breaks(meta: Mapping[str, Any]) -> tuple[Break, ...]:
    """The breaks of the survey behind a result."""
    # breaks knows changes, which are made of gaps
    from llo_research.estimation.breaks import breaks_in

    return breaks_in(meta.get("source") or {})


def _standing(result: Result, entries: tuple[Break, ...]) -> Standing:
    """Where the rows stand: from the people behind them, else as it was kept, else from a column of times."""
    shape = (len(result.estimate), len(entries))
    after, times = np.full(shape, np.nan), np.full(shape, np.nan)
    if result.scores is None or result.survey is None:
        kept = result.meta.get(KEPT)
        return Standing(_by_column(result, entries), times) if kept is None else _as_kept(kept, shape)
    clock = Clock(result.survey, partial(weight_by_time, result.scores))
    for b, entry in enumerate(entries):
        try:
            share = clock.share_after(entry)
        except DataError:
            times[:, b] = clock.single_times()
            continue
        after[:, b] = np.nan if share is None else share
    return Standing(_by_own_times(result, entries, after), times)


def _as_kept(kept: Any, shape: tuple[int, int]) -> Standing:
    """What a saved result tells of its rows."""
    try:
        return Standing(*(np.array(kept[name], dtype=np.float64).reshape(shape) for name in ("after", "times")))
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            "The saved result does not tell where its rows stand as to series breaks.",
            where=f"meta[{KEPT!r}]",
            found=str(error)[:100],
            expected=f"shares for {shape[0]} rows and {shape[1]} breaks",
            todo="make the result again and save it",
        ) from None


def _by_own_times(result: Result, entries: tuple[Break, ...], after: Floats) -> Floats:
    """Where rows stand that speak of all people but name a time of their own, as the cells of a crosstab do."""
    svy, out = result.survey, after.copy()
    assert svy is not None
    for name in [name for name in _times_in(result) if name in svy._frame]:
        found = time_variable(svy._frame, name)
        number = {level: i for i, level in enumerate(found.levels)}
        level = np.array([number.get(value, -1) for value in result.rows[name]], dtype=np.intp)
        codes = np.where(found.codes < 0, len(found.levels), found.codes)
        clock = Clock(svy, partial(cells_by_time, codes, len(found.levels), svy._weights))
        for b in np.flatnonzero(((out > 0) & (out < 1)).any(axis=0)):
            share = clock.share_after(entries[b])
            own = np.full(len(out), np.nan) if share is None else np.append(share, np.nan)[level]
            out[:, b] = np.where((out[:, b] > 0) & (out[:, b] < 1) & np.isin(own, (0.0, 1.0)), own, out[:, b])
    return out


def _times_in(result: Result) -> list[str]:
    """The columns of the rows that hold times, or what was made of times alone."""
    times = set(clocks(result.meta.get("design") or {}))
    made_from = result.meta.get("derived_from") or {}
    times |= {name for name, sources in made_from.items() if sources and set(sources) <= times}
    return [name for name in result.rows.columns if name in times]


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
    frame = parts.survey._frame if parts.survey is not None else parts.rows
    names = [name for name in clocks(parts.meta.get("design") or {}) if name in frame]
    return unplaced(entry, time_variable(frame, names[0]) if names else None)


def _same_but_for_time(parts: Result) -> np.ndarray:
    """(m, m) which rows differ in their times alone."""
    others = parts.rows.drop(columns=_times_in(parts))
    texts = [str(row) for row in others.itertuples(index=False, name=None)]
    return np.asarray(np.unique(texts, return_inverse=True)[1].ravel() == np.arange(len(texts))[:, None])


def _flagged(made: Result, entries: tuple[Break, ...], masks: list[np.ndarray]) -> Result:
    """The result with the rows flagged that straddle a break, and the breaks told in ``.meta``."""
    from llo_research.estimation.breaks import Exposure, account, flagged

    seen = [number for number, mask in enumerate(masks) if mask.any()]
    if not seen:
        return made
    exposed = Exposure(tuple(entries[i] for i in seen), np.column_stack([masks[i] for i in seen]))
    flags = made.extra_flags or ("",) * len(made.estimate)
    fresh = exposed.rows & np.array(["break" not in flag.split() for flag in flags])
    told = {**made.meta, "breaks": account(exposed, "flag", made.labels)}
    return replace(made, extra_flags=flagged(flags, fresh, "break"), meta=told)


def _concerned(entry: Break, result: Result) -> np.ndarray:
    """(k,) rows whose variable's series, or that of what it was made from, is broken."""
    rows, meta = result.rows, result.meta
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


def _names_in_call(call: Mapping[str, Any]) -> Iterator[str]:
    """The variables that a call speaks of, those of the parts of a joint result included."""
    for role in _VARIABLES:
        given = call.get(role)
        for text in [given] if isinstance(given, str) else given if isinstance(given, list | tuple) else []:
            yield from ([text, *re.findall(r"\w+", text)] if role == "formula" else _names_of(str(text)))
    for part in (call.get("results") or {}).values():
        yield from _names_in_call(part or {})
