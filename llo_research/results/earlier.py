"""What kind of number each row of a result is, of files that were written before results told it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from llo_research.results.quantities import SHARE, Quantity, mean_of

_MEANS = ("mean", "share")
_NUMBERS = ("total", "ratio", "variance", "quantile")
_COMPARISONS = {"gap": "difference", "change": "change", "gap_change": "gap_change"}


def quantities_of(rows: pd.DataFrame, meta: Mapping[str, Any]) -> tuple[Quantity, ...]:
    """By the call and the units of the variables; none where rows are of several calls or computed from others."""
    function, unit = dict(meta.get("call") or {}).get("function"), meta.get("unit")
    if "term" in rows or "result" in rows or not isinstance(unit, Mapping):
        return ()
    if function == "crosstab":
        return (mean_of(SHARE),) * len(rows)
    if function in _NUMBERS:
        return (Quantity(function),) * len(rows)
    if "variable" not in rows or function not in (*_MEANS, *_COMPARISONS):
        return ()
    means = [mean_of(str(unit.get(name, "number"))) for name in rows["variable"]]
    if function in _MEANS:
        return tuple(means)
    kind = _COMPARISONS[function]
    scales = rows["measure"] if "measure" in rows else [None] * len(rows)
    if not set(scales) <= {"difference", "ratio", "odds"}:
        return ()
    return tuple(mean.compared(kind, scale) for mean, scale in zip(means, scales, strict=True))
