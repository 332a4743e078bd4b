"""A decomposition as steps of a waterfall: parts one after another, and the total that they add up to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llo_research.errors import DataError, DisclosureError
from llo_research.report.content.content import Content, heading_of
from llo_research.report.content.labels import word

TOTALS = ("gap", "gap_change", "change", "total")
_NOT_PARTS = ("mean_of", "mean_minus")
_TOLERANCE = 1e-6  # of the largest part: rounding error of sums, far below what is shown


@dataclass(frozen=True)
class Steps:
    """Bars from `start` to `end`, parts first and the total last.

    content : the rows shown, in that order; reach : the same with every end of a bar, for the axis.
    """

    content: Content
    reach: Content
    start: np.ndarray
    end: np.ndarray
    is_total: np.ndarray


def steps_of(content: Content) -> Steps:
    """The aggregate parts of one decomposition and their total.

    Raises
    ------
    DataError
        No components, no total or several, or parts that do not add up to it.
    """
    raw = content.raw
    if "component" not in raw:
        raise DataError(
            "A waterfall needs parts that add up to a total.",
            where="kind='waterfall'",
            found=f"columns {list(raw.columns)}",
            expected="a decomposition, with a column `component`",
        )
    component = raw["component"].astype(str).to_numpy()
    whole = raw["term"].astype(str).isin(["total", "nan", "None"]).to_numpy() if "term" in raw else component != ""
    totals = [i for i in range(len(raw)) if component[i] in TOTALS and whole[i]]
    parts = [i for i in range(len(raw)) if component[i] not in (*TOTALS, *_NOT_PARTS) and whole[i]]
    if len(totals) != 1 or not parts:
        raise DataError(
            "A waterfall shows one total with its parts.",
            where="kind='waterfall'",
            found=f"{len(totals)} totals and {len(parts)} parts among {list(dict.fromkeys(component))}",
            expected=f"one row of {', '.join(TOTALS)}",
            todo="use kind='dots' for several decompositions",
        )
    _check_shown(content, [*parts, *totals])
    values, total = content.estimate[parts], content.estimate[totals[0]]
    if not abs(values.sum() - total) <= _TOLERANCE * max(np.abs(values).max(), abs(total)):
        raise DataError(
            "The parts do not add up to the total.",
            where="kind='waterfall'",
            found=f"parts {values.sum():.6g}",
            expected=f"total {total:.6g}",
        )
    end = np.append(np.cumsum(values), total)
    start = np.append(end[:-1] - values, 0.0)
    chosen = take(content, [*parts, *totals])
    chosen = replace(chosen, names=chosen.names.drop(columns="term", errors="ignore"))
    half_low, half_high = (getattr(chosen, name) - chosen.estimate for name in ("low", "high"))
    reach = replace(chosen, estimate=end, low=np.fmin(end + half_low, start), high=np.fmax(end + half_high, start))
    return Steps(chosen, reach, start, end, np.arange(len(end)) == len(end) - 1)


def _check_shown(content: Content, rows: list[int]) -> None:
    """Bars of parts that add up would tell the one that may not be seen."""
    if content.withheld and any(content.withheld[i] for i in rows):
        raise DisclosureError(
            "Parts that may not be seen cannot be drawn: they follow from the others and the total.",
            where="kind='waterfall'",
            found=f"{word('withheld', 'en')} parts",
            expected="parts that all rest on enough people",
            todo="kind='dots' shows which; take larger groups",
        )


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
