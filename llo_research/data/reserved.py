"""Codes that mean missing in every column of an instrument's files, known to the codebook or not."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

_WHOLE = re.compile(r"\s*(\d+)(?:\.0*)?\s*")


def without_reserved(series: pd.Series, codes: Collection[int]) -> pd.Series:
    """The column with these codes missing, whether they stand there as numbers or as text ('9997', '9997.0')."""
    if not codes or series.dtype.kind in "bM":
        return series
    if series.dtype.kind in "iuf":
        hit = series.isin(list(codes))
    else:
        numbers, distinct = pd.factorize(series)
        found = np.array([*(_whole(value) in codes for value in distinct), False])
        hit = pd.Series(found[numbers], index=series.index)
    return series.mask(hit) if hit.any() else series


def _whole(value: object) -> float | None:
    """The number that a value is, when it is a whole one."""
    if isinstance(value, str):
        match = _WHOLE.fullmatch(value)
        return None if match is None else int(match.group(1))
    return float(value) if isinstance(value, (int, float, np.number)) else None
