"""What a frame of estimates of restricted files carries along, so that a table of it is made with the same care."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from llo_research.definitions import OF_SURVEYS, measured_differing
from llo_research.results.rules import guarded_kinds

MARK = "facts"
_COUNTS = ("n", "n_units", "n_nonzero", "n_complement", "largest_share", "n_ends")


def apart_of(meta: Mapping[str, Any], rows: pd.DataFrame) -> list[list[str]]:
    """The flags of rows that stand for answers to different questions, of surveys of one stack."""
    found = measured_differing(meta)
    if not found:
        return [[]] * len(rows)
    made_of = meta.get("derived_from") or {}
    kinds = {name: entry["kind"] for name, entry in found.items()}
    measured = meta.get(OF_SURVEYS) or {}
    if "variable" not in rows or "contrast" in meta:
        return [list(dict.fromkeys(kinds.values()))] * len(rows)
    of_all = [name for name in kinds if name not in measured]
    out = []
    for name in rows["variable"].astype(str):
        own = [name, *made_of.get(name, ())] if name in measured else list(kinds)
        out.append(list(dict.fromkeys(kinds[root] for root in (*own, *of_all) if root in kinds)))
    return out


def marked(frame: pd.DataFrame, result: Any) -> pd.DataFrame:
    """The frame of a result; of guarded files with its source and the counts behind each number in ``.attrs``."""
    source = result.meta.get("source") or {}
    kinds = guarded_kinds(source)
    if not kinds:
        return frame
    call = result.meta.get("call") or {}
    own = {"kind": kinds[0], "title": source.get("title") or source.get("instrument") or source.get("file") or ""}
    frame.attrs["source"] = {name: value for name, value in own.items() if value}
    if call.get("function") in ("crosstab", "banner") and "contrast" not in result.meta:
        frame.attrs["call"] = {name: call[name] for name in ("function", "row", "column", "by") if name in call}
    if result.cell_details is not None:
        facts = result.cell_details()
        columns = {name: [float(value) for value in facts[name]] for name in _COUNTS if name in facts}
        frame.attrs[MARK] = {"estimate": [float(value) for value in result.estimate], **columns}
    return frame


def facts_in(frame: pd.DataFrame) -> pd.DataFrame | None:
    """The counts behind the numbers of a marked frame, row by row, whatever was sorted or left out; None without."""
    told = frame.attrs.get(MARK)
    if not told or "estimate" not in frame:
        return None
    known = pd.DataFrame(told)
    columns = [name for name in known.columns if name != "estimate"]
    # numbers that are the same share the strictest counts
    least = known.groupby("estimate", dropna=False)[columns].min()
    if "largest_share" in least:
        least["largest_share"] = known.groupby("estimate", dropna=False)["largest_share"].max()
    return least.reindex(pd.Index(frame["estimate"].astype(float))).reset_index(drop=True)
