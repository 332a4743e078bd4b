"""What stands behind numbers that are computed from the rows of a result, such as contrasts of levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.results.floors import level_sets, one_sided_margins, parts_of_totals


def facts_of_parts(rows: pd.DataFrame, facts: pd.DataFrame, meta: Mapping[str, Any], used: np.ndarray) -> pd.DataFrame:
    """Facts of rows as parts of a computation: a row that hides another one counts as that one does.

    Levels add up, and so do the parts of a total that is `used` (k,) beside them. The smallest of a set is protected by
    the next smallest, and by as many more as it takes to have enough people; what is computed from one of those would
    tell the smallest. So the second smallest counts for as many people as the smallest, and any further one for at
    most as many as all smaller ones together.
    """
    if "n_nonzero" not in facts or not len(rows):
        return facts
    rows, out = rows.reset_index(drop=True), facts.reset_index(drop=True).copy()
    people = out["n_nonzero"].fillna(out["n"]).to_numpy(dtype=np.float64)
    keys = level_sets(rows, meta)
    levels = [np.flatnonzero(keys == key) for key in np.unique(keys[keys >= 0])]
    counted = _as_cover(people, levels)
    counted[one_sided_margins(rows, keys, people, meta)] = 0
    out["n_nonzero"] = counted
    if "largest_share" in out:
        out["largest_share"] = _as_cover_of_one(out["largest_share"].to_numpy(dtype=np.float64), people, levels)
    if "result" in rows and "n_units" in out:
        units = out["n_units"].fillna(out["n"]).to_numpy(dtype=np.float64)
        out["n_units"] = _as_cover(units, parts_of_totals(rows, ~used))
    return out


def _ascending(people: np.ndarray, group: np.ndarray) -> list[int]:
    """Rows of a group that have people, smallest first."""
    return sorted((int(i) for i in group if people[i] > 0), key=lambda i: (people[i], i))


def _as_cover(people: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
    """(k,) people for whom each row counts, as it may be what hides smaller ones of its group."""
    counted = people.copy()
    for group in groups:
        order = _ascending(people, group)
        below = np.cumsum(people[order])
        for place, i in enumerate(order[1:], start=1):
            counted[i] = min(counted[i], people[order[0]] if place == 1 else below[place - 1])
    return counted


def _as_cover_of_one(largest: np.ndarray, people: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
    """(k,) largest shares; a level that one person dominates is hidden by the smallest other one."""
    out = largest.copy()
    for group in groups:
        order = _ascending(people, group)
        if len(order) > 1:
            out[order[0]] = np.nanmax(np.nan_to_num(largest[order]))
            out[order[1]] = np.nanmax(np.nan_to_num(largest[order[:2]]))
    return out


def are_levels(rows: pd.DataFrame) -> np.ndarray:
    """(m,) which rows are one level of several."""
    return rows["level"].notna().to_numpy() if "level" in rows else np.zeros(len(rows), dtype=bool)


def smallest(facts: pd.DataFrame, used: Any, levels: np.ndarray | None = None) -> pd.DataFrame:
    """Facts for disclosure control of the smallest cells that each of k combinations rests on; `used` is (k, m).

    levels : (m,) rows that are one level of several. Nobody in one of these is nobody's answer, and may be seen: beside
        it the few of another row count, which would otherwise be known by subtraction.
    """
    rests = sparse.csr_array(used)
    if levels is not None and "n_nonzero" in facts:
        people = facts["n_nonzero"].to_numpy(dtype=np.float64)
        facts = facts.assign(n_nonzero=np.where(levels & (people == 0), np.nan, people))
    starts, none = rests.indptr[:-1], np.diff(rests.indptr) == 0
    out = {}
    for name in facts.columns:
        values = np.append(facts[name].to_numpy(dtype=np.float64)[rests.indices], np.nan)
        extreme = np.fmax if name == "largest_share" else np.fmin
        out[name] = np.where(none, np.nan, extreme.reduceat(values, starts))
    counts = [name for name in out if name not in ("largest_share", "n_ends")]
    return pd.DataFrame(out).fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, np.int64))
