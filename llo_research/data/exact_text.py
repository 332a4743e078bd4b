"""Text that is numbers, and text that only looks like them: what becomes a number converts back to the same text."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from llo_research.data.exact import distinct_of

EXACT = 2**53  # above it a float skips whole numbers
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]")
_WRITTEN = re.compile(r" *-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-][0-9]+)?")
_COMMA = re.compile(r" *-?(?:0|[1-9][0-9]*)(?:,[0-9]+)?")
_YES_NO = ({"True", "False"}, {"TRUE", "FALSE"}, {"true", "false"})


def tidy(series: pd.Series) -> pd.Series:
    """Text without blanks at its end (SPSS and Stata fill up with them); nothing but blanks is missing."""
    codes, distinct = distinct_of(series)
    values = [value.rstrip() if isinstance(value, str) else value for value in distinct]
    table = pd.Series([*(None if value == "" else value for value in values), None], dtype=object)
    if all(new is old for new, old in zip(table[:-1], distinct, strict=True)):
        return series
    return pd.Series(table.to_numpy()[codes], index=series.index, name=series.name)


def numbers_or_text(
    series: pd.Series, tokens: Collection[str], *, written: bool, comma: bool = False, missing: Collection[str] = ()
) -> pd.Series:
    """A column of text as numbers, when every value of it is one and none of its differences would be lost.

    Parameters
    ----------
    series : Series of str
        Tidied text.
    tokens : collection of str
        Text that means missing in a column of numbers ('.', 'NA').
    written : bool
        From a file of text, where numbers are written as text ('1.50', '1e-05'); else from a file that has numbers
        of its own, and has this as text: '1.50' is a code.
    comma : bool
        Numbers may have a decimal comma.
    missing : collection of str
        Tokens that are missing in a column of text too.

    Returns
    -------
    Series
        Whole numbers as int64 (with missing values: float64 up to 2**53, Int64 above), others as float64, yes and no
        in one spelling as booleans; text otherwise ('011' is not 11, '1E1' not 10, 'inf' no number).
    """
    codes, distinct = distinct_of(series)
    values = [str(value) for value in distinct]
    kept = [value not in tokens for value in values]
    told = [value for value, keep in zip(values, kept, strict=True) if keep]
    if not told:
        return series if not missing else series.mask(series.isin(list(missing)))
    if written and any(set(told) <= spelling for spelling in _YES_NO):
        numbers: np.ndarray | None = np.array([value.casefold() == "true" for value in told])
    else:
        numbers = _numbers(told, written=written, comma=comma)
    if numbers is None:
        return series if not missing else series.mask(series.isin(list(missing)))
    place = np.cumsum(kept) - 1
    at = np.append(np.where(kept, place, -1), -1)[codes]
    return _spread(numbers, at, series)


def _spread(numbers: np.ndarray, at: np.ndarray, series: pd.Series) -> pd.Series:
    """The numbers of distinct values to rows; -1 is missing."""
    gone = at < 0
    out = numbers[np.where(gone, 0, at)]
    if not gone.any():
        return pd.Series(out, index=series.index, name=series.name)
    if out.dtype.kind == "b":
        return pd.Series(pd.arrays.BooleanArray(out, gone), index=series.index, name=series.name)
    return whole_with_missing(out, gone, series)


def whole_with_missing(values: np.ndarray, gone: np.ndarray, like: pd.Series | None = None) -> pd.Series:
    """Numbers with missing values: as floats when these hold them exactly, else nullable whole numbers."""
    index, name = (None, None) if like is None else (like.index, like.name)
    if values.dtype.kind in "iu" and len(values) and _largest(values[~gone]) > EXACT:
        wide = values.astype("u8" if values.dtype.kind == "u" else "i8")
        return pd.Series(pd.arrays.IntegerArray(wide, gone), index=index, name=name)
    return pd.Series(np.where(gone, np.nan, values.astype(float)), index=index, name=name)


def _largest(values: np.ndarray) -> int:
    """The largest distance from zero."""
    return max(abs(int(values.max())), abs(int(values.min()))) if len(values) else 0


def _numbers(told: list[str], *, written: bool, comma: bool) -> np.ndarray | None:
    """Distinct values as numbers, None when one of them is none or two would become one."""
    if all(_WHOLE.fullmatch(value) and value != "-0" for value in told):
        whole = [int(value) for value in told]
        most = 2**63 - 1 if written else EXACT
        return np.array(whole, dtype="i8") if max(map(abs, whole)) <= most else None
    if written:
        return _from_written(told, comma=comma)
    if not all(_WHOLE.fullmatch(v) or _DECIMAL.fullmatch(v) for v in told):
        return None
    floats = np.array([float(value) for value in told])
    return floats if all(_as_text(x) == v for x, v in zip(floats.tolist(), told, strict=True)) else None


def _as_text(number: float) -> str:
    """A number as a code is written: 8, 0.5."""
    return str(int(number)) if number == int(number) and abs(number) <= EXACT else repr(number)


def _from_written(told: list[str], *, comma: bool) -> np.ndarray | None:
    """Numbers as programs write them into text; not when '1.1' and '1.10' stand beside each other: these are codes."""
    if comma and _has_comma(told):
        told = [value.replace(",", ".") for value in told]
    if not all(_WRITTEN.fullmatch(value) for value in told):
        return None
    bare = [value.strip() for value in told]
    if any("." not in v and "e" not in v.casefold() and abs(int(v)) > EXACT for v in bare):
        return None
    fixed = [value for value in bare if re.fullmatch(r"-?[0-9]*\.[0-9]+", value)]
    if len({value.rstrip("0") for value in fixed}) < len(set(fixed)):
        return None
    floats = np.array([float(value) for value in bare])
    return floats if np.isfinite(floats).all() else None


def _has_comma(told: list[str]) -> bool:
    """Is the comma in these a decimal one? Where three digits follow each of them it may part thousands."""
    parts = [value.partition(",")[2] for value in told if "," in value]
    return all(_COMMA.fullmatch(value) for value in told) and any(len(part) != 3 for part in parts)
