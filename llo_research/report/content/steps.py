"""A decomposition as steps: from one group to the other by the parts of the gap, or from zero to a change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, DisclosureError
from llo_research.report.content.content import Content, heading_of
from llo_research.report.content.decompositions import BESIDE_PARTS, LEVELS, TOTALS, is_whole
from llo_research.report.content.drivers import with_drivers
from llo_research.report.content.labels import capital, word
from llo_research.results.exported import is_exported

LEVEL, PART, TOTAL = "level", "part", "total"
# From where to where the parts lead, where a decomposition tells both ends: (start, end).
_ENDS = (("mean_minus", "mean_of"), ("full", "base"))
# Components whose terms are the drivers; of the others the aggregate is one step.
_DRIVERS = ("explained", "endowments", "composition")
_TOLERANCE = 1e-6  # of the largest part: rounding error of sums, far below what is shown
_ROUNDED = 2e-2  # of parts that left a secure environment, each to a part of its error


@dataclass(frozen=True)
class Steps:
    """Steps from `start` to `end`.

    content : the rows shown, in that order; reach : the same with every end of a bar, for the axis.
    kinds : ``level`` (a mean, or a coefficient), ``part`` or ``total`` (a bar from zero) of each row.
    """

    content: Content
    reach: Content
    start: np.ndarray
    end: np.ndarray
    kinds: tuple[str, ...]


def steps_of(content: Content) -> Steps:
    """The steps of one decomposition: drivers by variable, other parts as aggregates, and where they lead.

    Raises
    ------
    DataError
        No components, no total or several, or parts that do not add up to it.
    DisclosureError
        A part that may not be seen.
    """
    component = _components(content)
    whole = np.array(is_whole(content.raw))
    found = {name: [i for i in np.flatnonzero(whole) if component[i] == name] for name in dict.fromkeys(component)}
    ends = next((pair for pair in _ENDS if all(len(found.get(name, ())) == 1 for name in pair)), None)
    totals = [i for name in TOTALS for i in found.get(name, ())]
    if ends is not None and len(totals) <= 1:
        first, last = ([int(found[name][0])] for name in ends)
    elif len(totals) == 1:
        first, last = [], [int(totals[0])]
    else:
        first, last = [], []
    known = (*TOTALS, *LEVELS, *BESIDE_PARTS, *(ends or ()))
    parts = [int(i) for i in np.flatnonzero(whole) if component[i] not in known]
    if not last or not parts:
        raise DataError(
            "A waterfall shows one total with its parts.",
            where="kind='waterfall'",
            found=f"{len(totals)} totals and {len(parts)} parts among {list(dict.fromkeys(component))}",
            expected=f"one row of {', '.join(TOTALS)}",
            todo="use kind='lines' for one decomposition over time, kind='dots' for several",
        )
    check_shown(content, [*first, *parts, *last])
    target = content.estimate[last[0]] - (content.estimate[first[0]] if first else 0.0)
    _check_sum(content.estimate[parts], target, _ROUNDED if is_exported(content.meta) else _TOLERANCE)
    shown, rows = with_drivers(content, parts, _DRIVERS)
    chosen = take(shown, [*first, *rows, *last])
    chosen = replace(chosen, names=_one_name(chosen))
    if first:
        chosen = replace(chosen, heading=heading_of([chosen.quantities[0]], chosen.language))
    return _placed(chosen, bool(first))


def _components(content: Content) -> np.ndarray:
    """The component of each row."""
    if "component" not in content.raw:
        raise DataError(
            "A waterfall needs parts that add up to a total.",
            where="kind='waterfall'",
            found=f"columns {list(content.raw.columns)}",
            expected="a decomposition, with a column `component`",
        )
    return content.raw["component"].astype(str).to_numpy()


def _check_sum(parts: np.ndarray, target: float, tolerance: float) -> None:
    """Parts add up."""
    if not abs(parts.sum() - target) <= tolerance * max(np.abs(parts).max(), abs(target)):
        raise DataError(
            "The parts do not add up to the total.",
            where="kind='waterfall'",
            found=f"parts {parts.sum():.6g}",
            expected=f"total {target:.6g}",
        )


def check_shown(content: Content, rows: list[int]) -> None:
    """Bars of parts that add up would tell the one that may not be seen."""
    if content.withheld and any(content.withheld[i] for i in rows):
        raise DisclosureError(
            "Parts that may not be seen cannot be drawn: they follow from the others and the total.",
            where="kind",
            found=f"{word('withheld', 'en')} parts",
            expected="parts that all rest on enough people",
            todo="kind='dots' shows which; take larger groups",
        )


def _one_name(content: Content) -> pd.DataFrame:
    """One name for each row: the driver, or the component where the row is an aggregate."""
    names, whole = content.names, is_whole(content.raw)
    told = [names["component" if whole[i] else "term"].iloc[i] for i in range(len(names))]
    return pd.DataFrame({"component": [capital(str(text)) for text in told]})


def _placed(content: Content, from_level: bool) -> Steps:
    """Where each step starts and ends."""
    value = content.estimate
    kinds = (
        *((LEVEL,) if from_level else ()),
        *(PART,) * (len(value) - 1 - from_level),
        LEVEL if from_level else TOTAL,
    )
    part = np.array([kind == PART for kind in kinds])
    moved = np.cumsum(np.where(part, value, 0.0)) + (value[0] if from_level else 0.0)
    end = np.where(part, moved, value)
    start = np.where(part, moved - value, end if from_level else 0.0)
    half_low, half_high = (getattr(content, name) - value for name in ("low", "high"))
    step = replace(content.quantities[int(part.argmax())], null=None if from_level else 0.0)
    reach = replace(
        content,
        quantities=(step,) * len(value),
        estimate=end,
        low=np.fmin(end + half_low, start),
        high=np.fmax(end + half_high, start),
    )
    return Steps(content, reach, start, end, kinds)


def take(content: Content, rows: list[int]) -> Content:
    """Some rows of a content, in this order."""

    def picked(values: Any) -> Any:
        return tuple(values[i] for i in rows)

    covariance = content.covariance
    return replace(
        content,
        names=content.names.iloc[rows].reset_index(drop=True),
        raw=content.raw.iloc[rows].reset_index(drop=True),
        estimate=content.estimate[rows],
        low=content.low[rows],
        high=content.high[rows],
        n=None if content.n is None else content.n[rows],
        quantities=picked(content.quantities),
        decimals=picked(content.decimals),
        flags=picked(content.flags),
        before=picked(content.before),
        covariance=None if covariance is None else covariance[np.ix_(rows, rows)],
        heading=heading_of([content.quantities[i] for i in rows], content.language),
        df=content.df[rows],
        std_error=None if content.std_error is None else content.std_error[rows],
        withheld=picked(content.withheld) if content.withheld else (),
    )
