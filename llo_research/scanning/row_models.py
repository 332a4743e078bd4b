"""A model in each row, as expressions of the engine: its columns, its mean, and how far the answer is from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from llo_research.numerics.families import Family
from llo_research.numerics.groups import Floats
from llo_research.numerics.pattern_sums import predictor
from llo_research.scanning.regressors import Regressors, beside


def rows_at(
    made: Regressors, family: Family, beta: Floats, further: Mapping[str, Floats] | None = None
) -> tuple[Any, Any, Any]:
    """The rows used with the number of their pattern (and further ones by pattern), their means and errors."""
    eta = predictor(made.maps, beta)
    columns = {f"eta{a}": eta[:, a] for a in range(eta.shape[1])} | {f"y{a}": made.y[:, a] for a in range(eta.shape[1])}
    table = made.joined({**columns, **(further or {})})
    own = made.measures(table)
    mean = mean_of(family, along(table, "eta", own))
    return table, mean, along(table, "y", own) - mean


def along(table: Any, name: str, own: list[Any]) -> Any:
    """A map of the pattern, in columns name0, name1, ..., at the measures of each row."""
    return sum((table[beside(f"{name}{a}")] * own[a] for a in range(1, len(own))), table[beside(f"{name}0")])


def mean_of(family: Family, linear: Any) -> Any:
    """The mean at a linear predictor, in the engine."""
    if family.share:
        return 1 / (1 + (-linear).exp())
    return linear.exp() if family.link.name == "log" else linear


def map_columns(maps: Floats, same: np.ndarray) -> dict[str, Floats]:
    """The entries of the maps that differ between patterns, by name."""
    return {f"x{a}_{j}": maps[:, a, j] for a in range(same.shape[0]) for j in range(same.shape[1]) if not same[a, j]}


def column_of(maps: Floats, table: Any, own: list[Any], same: np.ndarray, j: int) -> Any:
    """A column of each row, from its measures and its pattern's map."""
    total: Any = 0.0
    for a, measure in enumerate(own):
        if not same[a, j]:
            total = total + table[beside(f"x{a}_{j}")] * measure
        elif maps[0, a, j]:
            total = total + float(maps[0, a, j]) * measure
    return total
