"""Columns as the reading process tells them, as Series of pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.exact_text import whole_with_missing

_SPSS_ORIGIN = 12_219_379_200  # seconds from 14 October 1582 to 1970
_LAST = 265_621_680_000  # the end of the year 9999, as SPSS counts


def series_of(about: dict[str, Any], arrays: list[np.ndarray]) -> pd.Series:
    """One column.

    Raises
    ------
    ValueError, TypeError, LookupError, OverflowError
        When what is told makes no sense.
    """
    name, kind = about["name"], about["kind"]
    if kind == "text":
        return pd.Series(_text(about["values"], arrays[0]), name=name)
    if kind == "categories":
        return pd.Series(_categories(about, arrays), name=name)
    if kind == "time":
        return _times(about, arrays[0])
    if kind == "masked":
        values, gone = arrays
        if about.get("pandas"):
            return pd.Series(_nullable(values, gone, about["pandas"]), name=name)
        if values.dtype.kind == "b":
            return pd.Series(pd.arrays.BooleanArray(values, gone), name=name)
        return whole_with_missing(values, gone).rename(name)
    values = arrays[0] if len(arrays) == 1 else np.concatenate(arrays) if arrays else np.empty(0)
    if about.get("pandas"):
        gone = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), dtype=bool)
        return pd.Series(_nullable(values, gone, about["pandas"]), name=name)
    return pd.Series(values, name=name, copy=False)


def _nullable(values: np.ndarray, gone: np.ndarray, kind: str) -> Any:
    """A nullable array of pandas, of the kind the column had when it was written."""
    array: Any = (
        pd.Series(np.where(gone, np.zeros(1, values.dtype), values)).astype(pd.api.types.pandas_dtype(kind)).array
    )
    if gone.any():
        array[gone] = pd.NA
    return array


def _text(values: list[str], codes: np.ndarray) -> np.ndarray:
    """Text from distinct values, without blanks at the end; nothing but blanks is missing."""
    trimmed = [value.rstrip() for value in values]
    table = np.array([*(value or None for value in trimmed), None], dtype=object)
    return np.asarray(table[codes])


def _categories(about: dict[str, Any], arrays: list[np.ndarray]) -> pd.Categorical:
    """Categories in the file's order."""
    levels = series_of(about["levels"], arrays[1:]).rename(None)
    codes = arrays[0]
    if levels.isna().any():
        keep = levels.notna().to_numpy()
        place = np.append(np.where(keep, np.cumsum(keep) - 1, -1), -1)
        levels, codes = levels[keep], place[codes]
    if levels.duplicated().any():
        distinct = levels.drop_duplicates()
        place = np.append(pd.Index(distinct).get_indexer(levels), -1)
        levels, codes = distinct, place[codes]
    return pd.Categorical.from_codes(codes, categories=pd.Index(levels), ordered=about["ordered"])


def _times(about: dict[str, Any], whole: np.ndarray) -> pd.Series:
    """Dates, times in a zone, spans."""
    series = pd.Series(whole.view(about["as"]), name=about["name"])
    zone = about["zone"]
    return series if zone is None else series.dt.tz_localize("UTC").dt.tz_convert(zone)


def at_origin(series: pd.Series, *, day: bool, span: bool) -> pd.Series:
    """Seconds as SPSS counts them, as days, times or spans of time.

    Raises
    ------
    ValueError
        When one lies outside the years 1582 to 9999.
    """
    seconds = series.to_numpy(dtype=float)
    gone = np.isnan(seconds)
    wrong = ~gone & ~((np.abs(seconds) <= _LAST) & (span | (seconds >= 0)))
    if wrong.any():
        raise ValueError(f"{seconds[wrong][0]:g} seconds, a date outside the years 1582 to 9999")
    known = np.where(gone, 0.0, seconds)
    if day:
        out = (np.floor(known / 86_400).astype("i8") * 86_400 - _SPSS_ORIGIN).view("M8[s]")
    else:
        micro = np.round(known * 1e6).astype("i8") - (0 if span else _SPSS_ORIGIN * 1_000_000)
        out = micro.view("m8[us]" if span else "M8[us]")
    out[gone] = np.array("NaT", dtype=out.dtype)
    return pd.Series(out, index=series.index, name=series.name)
