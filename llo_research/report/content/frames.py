"""What kind of number each row of a bare frame of estimates is; results tell that themselves.

The rule is safe on purpose: a number is shown as a percentage only where the frame itself says that it is a share. In
this order: ``attrs["unit"]`` (``"share"`` or ``"number"``, or a mapping of variables to these), a level of a
categorical variable, value labels of exactly 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from llo_research.report.content.labels import is_missing, plain
from llo_research.results.quantities import Quantity

_SHARE = Quantity("share", "percent")
_SCALES = ("difference", "ratio", "odds")


def quantities_of(frame: pd.DataFrame, meta: Mapping[str, Any]) -> list[Quantity]:
    """The quantity of each row; `meta` is what the frame carries in ``attrs``."""
    crossed = {"row", "column"} <= set(meta.get("call", {}))
    return [_SHARE if crossed else _quantity(row, meta) for _, row in frame.iterrows()]


def _quantity(row: pd.Series, meta: Mapping[str, Any]) -> Quantity:
    """The quantity of one row."""
    variable = "" if is_missing(row.get("variable")) else str(row["variable"])
    mean = _SHARE if not is_missing(row.get("level")) or _is_share(variable, meta) else Quantity("estimate")
    if not is_missing(row.get("component")):
        return mean if str(row["component"]) in ("mean_of", "mean_minus") else mean.compared("part", "difference")
    if str(row.get("measure")) in _SCALES:
        return mean.compared(str(row["measure"]), str(row["measure"]))
    if not is_missing(row.get("term")):
        return Quantity("coefficient", null=0.0)
    return mean if is_missing(row.get("quantile")) else Quantity("quantile")


def _is_share(variable: str, meta: Mapping[str, Any]) -> bool:
    """Whether the mean of this variable is a share."""
    told = meta.get("unit")
    said = told.get(variable) if isinstance(told, Mapping) else told
    if said is not None:
        return said in ("share", "percent")
    entry = meta.get("labels", {}).get(variable)
    values = entry.get("values") if isinstance(entry, Mapping) else None
    return {plain(key) for key in values or ()} == {"0", "1"}
