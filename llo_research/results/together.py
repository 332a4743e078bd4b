"""Results that are shown in one file: a total on one sheet gives the only hidden part on another away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.results.floors import HIDDEN, Withheld, facts_of, rows_to_hide, withheld
from llo_research.results.rules import AUTO


def withheld_together(results: Mapping[str, Any], disclosure: str = AUTO) -> dict[str, Withheld]:
    """The rows that may not be seen of each guarded result, when all of them are seen together."""
    alone = {name: withheld(result, disclosure) for name, result in results.items()}
    out = {name: gone for name, gone in alone.items() if gone is not None}
    told: dict[str, list[str]] = {}
    for name in out:
        told.setdefault(_people_of(results[name]), []).append(name)
    for names in told.values():
        if len(names) > 1:
            out |= _of_the_same_people({name: results[name] for name in names}, out)
    return out


def _people_of(result: Any) -> str:
    """Whose numbers these are: source, domain, weight, and by which estimator."""
    meta = result.meta
    return repr([meta.get("source"), meta.get("domain"), meta.get("weight"), (meta.get("call") or {}).get("function")])


def _of_the_same_people(results: Mapping[str, Any], alone: Mapping[str, Withheld]) -> dict[str, Withheld]:
    """Hidden rows of results of the same people, as if they stood in one table."""
    rows = [_named(result.rows, name) for name, result in results.items()]
    facts = [facts_of(result) for result in results.values()]
    calls: dict[str, Any] = {}
    for name, result in results.items():
        call = result.meta.get("call") or {}
        inner = call.get("results") or {}
        calls |= {f"{name}: {own}": given for own, given in inner.items()} if inner else {name: call}
    rules = alone[next(iter(results))].rules
    meta = {"call": {"function": "joint", "results": calls}}
    every = pd.concat(rows, ignore_index=True, sort=False)
    hidden = rows_to_hide(every, pd.concat(facts, ignore_index=True), rules, meta)
    out, start = {}, 0
    for name, part in zip(results, rows, strict=True):
        gone = alone[name].rows | hidden[start : start + len(part)]
        marks = [mark or (HIDDEN if here else "") for mark, here in zip(alone[name].counts, gone, strict=True)]
        out[name] = replace(alone[name], rows=np.asarray(gone), counts=tuple(marks), ends=alone[name].ends & ~gone)
        start += len(part)
    return out


def _named(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows with the name of their result; of joint results with both."""
    own = [f"{name}: {inner}" for inner in rows["result"]] if "result" in rows else [name] * len(rows)
    return rows.reset_index(drop=True).assign(result=own)
