"""Comparisons of times that no change function made: contrasts and gaps on two sides of a series break are flagged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.errors import DataError
from llo_research.estimation.result import Result
from llo_research.numerics.groups import Codes, Floats
from llo_research.survey.variables import variable

if TYPE_CHECKING:
    from llo_research.estimation.breaks import Break
    from llo_research.estimation.target import Target

# The name that instruments give the time where a survey declares none.
_YEAR = "year"
# Weights that should add up to 0 do so to rounding.
_NONE = 1e-9


def flag_contrast(made: Result, parts: Result, gradient: Floats) -> Result:
    """A contrast (gradient k x m) with ``break`` where it sets rows before a break against rows after it."""
    time = _time_of(parts.meta)
    if not (parts.meta.get("source") or {}).get("breaks") or time not in parts.rows or "time" in parts.meta:
        # changes and trends know their breaks, and may have taken them off
        return made
    known = parts.rows[time].notna().to_numpy()
    times = parts.rows[time].where(known, parts.rows[time][known].iloc[0] if known.any() else 0).tolist()
    others = [str(row) for row in parts.rows.drop(columns=time).itertuples(index=False, name=None)]
    groups = np.unique(others, return_inverse=True)[1] == np.arange(len(others))[:, None]
    total = np.abs(gradient).sum(axis=1)

    def straddles(entry: Break) -> np.ndarray:
        after, used = _after(entry, times), gradient * (known & _concerned(entry, parts))
        moved = np.abs((used * after) @ groups.T).max(axis=1, initial=0.0) > _NONE * total
        return np.asarray(moved & (used[:, ~after] != 0).any(axis=1))

    return _flagged(made, parts.meta, straddles)


def flag_gap(made: Result, target: Target, sides: Codes) -> Result:
    """A gap with ``break`` when all people of one group stand before a break, and all of the other after it.

    sides : (n,) 0 for `of`, 1 for `minus`, another number for rows outside.
    """
    frame, time = target.svy._frame, _time_of(made.meta)
    if not made.meta["source"].get("breaks") or time not in frame:
        return made
    found = variable(frame, time, "time")
    there = (found.codes >= 0) & (target.weights != 0)

    def straddles(entry: Break) -> np.ndarray:
        rows = there
        if "survey" in entry.entry and "survey" in frame:
            rows = there & (frame["survey"] == entry.entry["survey"]).to_numpy(dtype=bool, na_value=False)
        after = _after(entry, found.levels)
        of, minus = (after[np.unique(found.codes[rows & (sides == side)])] for side in (0, 1))
        apart = len(of) and len(minus) and of.all() == of.any() and minus.all() == minus.any() and of[0] != minus[0]
        return _concerned(entry, made) & bool(apart)

    return _flagged(made, made.meta, straddles)


def _flagged(made: Result, meta: Mapping[str, Any], straddles: Any) -> Result:
    """The result with the rows flagged that straddle a break, and the breaks told in ``.meta``."""
    # breaks knows changes, which are made of gaps
    from llo_research.estimation.breaks import Exposure, account, breaks_in, flagged

    entries = breaks_in(meta.get("source") or {})
    if not entries:
        return made
    masks = [straddles(entry) for entry in entries]
    seen = [number for number, mask in enumerate(masks) if mask.any()]
    if not seen:
        return made
    exposed = Exposure(tuple(entries[i] for i in seen), np.column_stack([masks[i] for i in seen]))
    flags = made.extra_flags or ("",) * len(made.estimate)
    fresh = exposed.rows & np.array(["break" not in flag.split() for flag in flags])
    told = {**made.meta, "breaks": account(exposed, "flag", made.labels)}
    return replace(made, extra_flags=flagged(flags, fresh, "break"), meta=told)


def _time_of(meta: Mapping[str, Any]) -> str:
    """The time column of the survey behind a result."""
    return str((meta.get("design") or {}).get("time") or _YEAR)


def _after(entry: Break, times: Sequence[Any]) -> np.ndarray:
    """Which times lie after a break; none where it cannot be placed among them (changes say so)."""
    try:
        return entry.after(times)
    except DataError:
        return np.zeros(len(times), dtype=bool)


def _concerned(entry: Break, result: Result) -> np.ndarray:
    """(k,) rows whose variable's series is broken."""
    rows, call = result.rows, result.meta.get("call", {})
    if "variable" in rows:
        names = [str(name).split(" / ") for name in rows["variable"]]
    else:
        names = [[str(call[role]) for role in ("row", "column") if role in call]] * len(rows)
    hit = np.array([any(entry.concerns(name) for name in some) for some in names], dtype=bool)
    if "survey" in entry.entry and "survey" in rows:
        hit &= (rows["survey"].astype(str) == str(entry.entry["survey"])).to_numpy(dtype=bool)
    return hit
