"""What a calibration tells of itself for ``.meta``, so that another program can repeat it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.numerics.groups import Codes, Floats
from llo_research.weighting.margins import Margin

if TYPE_CHECKING:
    from llo_research.design.design import Design


def told_totals(level: Any, margins: Sequence[Margin], cov: Floats | None) -> dict[str, Any]:
    """The totals of a group as they flatten: names and levels of each margin, totals, covariance if estimated."""
    told: dict[str, Any] = {
        "margins": [
            {
                "names": list(margin.names),
                "levels": None if margin.numeric else [plain(own) for own in margin.levels],
                "totals": margin.totals.tolist(),
            }
            for margin in margins
        ]
    }
    if level is not None:
        told["group"] = plain(level)
    if cov is not None:
        told["cov"] = cov.tolist()
    return told


def crosses_units(design: Design, cluster: Codes, used: np.ndarray) -> bool:
    """Whether rows with a weight of one cluster lie in several sampling units."""
    if not design.stages:
        return False
    unit = np.arange(design.n) if design.stages[0].unit is None else design.stages[0].unit
    home = np.full(int(cluster.max()) + 1, -1, dtype=np.intp)
    rows = np.flatnonzero(used)
    home[cluster[rows]] = unit[rows]
    return bool((home[cluster[rows]] != unit[rows]).any())


def plain(level: Any) -> Any:
    """A level as text, number or truth value; that of a crossing as a list."""
    if isinstance(level, tuple):
        return [plain(part) for part in level]
    if isinstance(level, np.generic):
        level = level.item()
    if isinstance(level, Decimal):
        return float(level)
    if isinstance(level, date | datetime):
        return level.isoformat()
    return level if isinstance(level, str | int | float | bool) or level is None else str(level)
