"""What the answers of a column are: how many, which where they are few, and what they could be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.readers import Table

_FEW_ANSWERS = 60
_MOST = 0.95  # of the answers must be possible
_YEARS = (1990, 2100)


@dataclass(frozen=True)
class Answers:
    """What the numbers of a column are: the distinct ones where they are few, ends, and whether they are whole."""

    number: int
    count: int
    distinct: tuple[Any, ...] | None
    values: np.ndarray | None

    def within(self, limits: tuple[float, float] | None) -> bool:
        """Are nearly all numbers plausible?"""
        if self.values is None or not len(self.values):
            return False
        inside = True if limits is None else (self.values >= limits[0]) & (self.values <= limits[1])
        return bool(np.mean(inside) >= _MOST)

    def may_be(self, role: str) -> bool:
        """Could the numbers be weights, years, persons, strata?"""
        values = self.values
        if role == "id":
            return self.count > self.number * 0.2
        if role == "stratum":
            return self.count > 1
        if values is None or not len(values):
            return False
        if role == "year":
            whole = bool((values == np.round(values)).all())
            return whole and self.count <= _FEW_ANSWERS and _YEARS[0] <= values.min() and values.max() <= _YEARS[1]
        return bool(np.mean(values >= 0) >= _MOST and self.count > 2)


def labelled(table: Table, column: str, answers: Answers | None) -> Mapping[Any, str]:
    """The labels of the codes of a column; a column of few texts has these for labels."""
    told = table.value_labels.get(column)
    if told or answers is None or answers.distinct is None or answers.values is not None:
        return told or {}
    return {value: value for value in sorted(map(str, answers.distinct))}


def answers_of(series: pd.Series) -> Answers:
    """What the answers of a column are."""
    known = series.dropna()
    distinct = known.unique()
    numbers = pd.api.types.is_numeric_dtype(known) and not pd.api.types.is_bool_dtype(known)
    values = known.to_numpy(dtype=np.float64) if numbers else None
    return Answers(
        len(known), len(distinct), tuple(distinct.tolist()) if len(distinct) <= _FEW_ANSWERS else None, values
    )


def code_text(value: Any) -> str:
    """A code as the codebook writes it."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def labelled_years(told: Mapping[Any, str]) -> dict[Any, str]:
    """Codes of waves whose labels are years: 1 is 2019."""
    return dict(told) if told and all(re.fullmatch(r"(?:19|20)\d\d", str(text)) for text in told.values()) else {}
