"""What kind of number each row of a result is: a percentage, percentage points, a ratio, a plain number.

The rule is safe on purpose: a number is shown as a percentage only where the result itself says that it is a share. In
this order: ``meta["unit"]`` (``"share"`` or ``"number"``, or a mapping of variables to these), a share or a level of a
categorical variable, value labels of exactly 0 and 1, a column of the survey that holds zeros and ones only (or
categories, whose means are shares of their levels).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from llo_research.report.content.contrast_units import contrast_quantity
from llo_research.report.content.labels import is_missing, plain
from llo_research.results.quantities import Quantity

_OUTCOMES = ("variables", "variable", "formula")


def quantities_of(frame: pd.DataFrame, meta: Mapping[str, Any], survey: Any = None) -> list[Quantity]:
    """The quantity of each row of a tidy frame."""
    is_share = _share_teller(meta, survey)
    calls = meta.get("call", {})
    if "contrast" in meta and "term" in frame:
        return [contrast_quantity(meta["contrast"].get(term), calls, is_share) for term in frame["term"]]
    out = []
    for _, row in frame.iterrows():
        call = calls.get("results", {}).get(row.get("result"), {}) if calls.get("function") == "joint" else calls
        out.append(_row(row, call or {}, is_share))
    return out


def _share_teller(meta: Mapping[str, Any], survey: Any) -> Callable[[str], bool]:
    """A function that says whether the mean of a variable is a share."""
    told, labels, seen = meta.get("unit"), meta.get("labels", {}), {}

    def is_share(name: str) -> bool:
        if name not in seen:
            seen[name] = _is_share(name, told, labels, survey)
        return seen[name]

    return is_share


def _is_share(name: str, told: Any, labels: Mapping[str, Any], survey: Any) -> bool:
    """Whether the mean of this variable is a share, by the rule of this module."""
    said = told.get(name) if isinstance(told, Mapping) else told
    if said is not None:
        return said in ("share", "percent")
    entry = labels.get(name)
    values = entry.get("values") if isinstance(entry, Mapping) else None
    if values and {plain(key) for key in values} == {"0", "1"}:
        return True
    if survey is None or name not in survey.frame:
        return False
    column = survey.frame[name]
    if pd.api.types.is_bool_dtype(column):
        return True
    if not pd.api.types.is_numeric_dtype(column):
        return True
    return set(column.dropna().unique()) == {0, 1}


def _row(row: pd.Series, call: Mapping[str, Any], is_share: Callable[[str], bool]) -> Quantity:
    """The quantity of one row of an estimator's result."""
    function = call.get("function")
    variable = "" if is_missing(row.get("variable")) else str(row["variable"])
    leveled = not is_missing(row.get("level")) and function != "banner"  # whose levels are those of breakdowns
    share = function == "share" or leveled or (bool(variable) and is_share(variable))
    if not is_missing(row.get("component")):
        outcome = _outcome(call)
        shared = bool(outcome) and is_share(outcome)
        if str(row["component"]) in ("mean_of", "mean_minus"):
            return Quantity("share", "percent") if shared else Quantity("mean")
        return _difference("part", shared)
    if not is_missing(row.get("measure")) and str(row["measure"]) in ("difference", "ratio", "odds"):
        measure = str(row["measure"])
        kind = str(function) if function in ("change", "gap_change") else measure
        return _difference(kind, share) if measure == "difference" else Quantity(measure, "number", 1.0, "log")
    if function == "trend":
        return _difference("trend", share)
    if not is_missing(row.get("term")):
        return Quantity("coefficient", "number", 0.0)
    if not is_missing(row.get("quantile")):
        return Quantity("quantile")
    if function in ("total", "ratio", "variance"):
        return Quantity(function)
    if function in ("change", "gap_change"):
        return _difference(str(function), share)
    if function == "crosstab" or (function in ("mean", "share", "banner", None) and share):
        return Quantity("share", "percent")
    return Quantity("mean" if function in ("mean", "banner") else "estimate")


def _outcome(call: Mapping[str, Any]) -> str:
    """The outcome of a call: a variable, or the left side of a formula."""
    value = next((call[name] for name in _OUTCOMES if call.get(name)), "")
    value = value[0] if isinstance(value, list) else value
    return str(value).partition("~")[0].strip()


def _difference(kind: str, share: bool) -> Quantity:
    """A difference; of shares, it is in percentage points."""
    return Quantity(kind, "points" if share else "number", 0.0)
