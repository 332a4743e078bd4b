"""How a quantity is shown: times what, under which word, with how many decimals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from llo_research.report.content.numbers import decimals_for
from llo_research.results.quantities import Quantity

_FACTORS = {"percent": 100.0, "points": 100.0}


def factors(quantities: Sequence[Quantity]) -> np.ndarray:
    """(k,) what each estimate is multiplied by: shares are shown as percentages."""
    return np.array([_FACTORS.get(quantity.unit, 1.0) for quantity in quantities])


def named_quantiles(quantities: Sequence[Quantity], frame: pd.DataFrame) -> list[Quantity]:
    """Quantiles under the name of their probability; under that of quantiles where a frame holds several."""
    if "quantile" not in frame:
        return list(quantities)
    several = frame["quantile"].nunique() > 1
    return [
        quantity
        if quantity.kind != "quantile"
        else replace(quantity, kind="quantiles" if several else f"quantile {float(probability):.6g}")
        for quantity, probability in zip(quantities, frame["quantile"], strict=True)
    ]


def places(rows: list[Quantity], std_errors: np.ndarray, digits: int, groups: Sequence[str] = ()) -> tuple[int, ...]:
    """Decimals of each row: one number for a quantity and group (variables differ in size); own for coefficients.

    groups : (k,) what rows of one size have in common; nothing for one group.
    """
    sets = list(zip(rows, groups or [""] * len(rows), strict=True))
    shared = {s: decimals(s[0], std_errors[[own == s for own in sets]], digits) for s in dict.fromkeys(sets)}
    own = [row.unit == "number" and row.kind in ("coefficient", "contrast", "effect", "trend") for row in rows]
    return tuple(
        decimals_for(error / 10, digits) if alone else shared[group]
        for group, error, alone in zip(sets, std_errors, own, strict=True)
    )


def decimals(quantity: Quantity, std_errors: np.ndarray, digits: int) -> int:
    """Decimals of rows of one quantity: `digits` for percentages; more where the standard error needs it."""
    if quantity.unit in ("percent", "points"):
        return digits + 1 if quantity.kind == "trend" else digits
    finite = std_errors[np.isfinite(std_errors) & (std_errors > 0)]
    typical = float(np.median(finite)) if len(finite) else np.nan
    if quantity.kind == "total" and typical >= 1:
        return 0
    return decimals_for(typical, digits + 1 if quantity.kind in ("ratio", "odds") else digits)
