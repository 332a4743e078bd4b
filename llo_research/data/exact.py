"""Codes and numbers that stay what they are: compared and masked exactly, never by way of floats or rounded text."""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

# Whole numbers beyond this are not told apart by floats.
LIMIT = 2**53
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
Key = tuple[str, Any]


def nfc(text: str) -> str:
    """Text in the one Unicode form in which names and levels are compared (an accent is part of its letter)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def number_of(text: str) -> int | float | None:
    """The number that a code in a mapping file is, exactly; None for text ('01' is text, '9.0' is 9)."""
    if not _NUMBER.fullmatch(text.strip()):
        return None
    exact = Decimal(text.strip())
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def key_of(value: object) -> Key | None:
    """What a value of a column is compared by; None when it is missing. Numbers are equal as Python has it: exactly."""
    if isinstance(value, str):
        return "text", nfc(value)
    if isinstance(value, (bool, np.bool_)):
        return "bool", bool(value)
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, Real) and math.isnan(value)):
        return None
    if isinstance(value, Integral):
        return "number", int(value)
    if isinstance(value, (Real, Decimal)):
        return "number", float(value) if isinstance(value, np.floating) else value
    if isinstance(value, (datetime.date, datetime.time)):
        return "date", _iso(value)
    return "other", str(value)


def keys_of(code: object, *, single: bool = False) -> set[Key]:
    """Everything that a code of a mapping may stand for in a file; ``single``: the file's numbers are float32."""
    if isinstance(code, str):
        number = number_of(code)
        keys: set[Key] = {("text", nfc(code))}
        if code.strip().casefold() in ("true", "false"):
            keys.add(("bool", code.strip().casefold() == "true"))
        for read in (datetime.date.fromisoformat, datetime.datetime.fromisoformat, datetime.time.fromisoformat):
            try:
                keys.add(("date", _iso(read(code))))
            except ValueError:
                continue
        return keys if number is None else keys | {key for key in keys_of(number, single=single) if key[0] != "text"}
    key = key_of(code)
    if key is None:
        return set()
    kind, value = key
    if kind == "date":
        return {key, ("text", value)}
    if kind != "number":
        return {key}
    spelled: set[Key] = {key, ("text", str(code))}
    if isinstance(value, float) and value.is_integer():
        spelled.add(("text", str(int(value))))
    if isinstance(value, float) and single and not value.is_integer():
        with np.errstate(over="ignore"):
            spelled.add(("number", float(np.float32(value))))
    return spelled | {("bool", value == 1)} if value in (0, 1) else spelled


def _iso(value: datetime.date | datetime.time) -> str:
    """A date, time or moment as ISO text; a moment at midnight is its date."""
    midnight = datetime.time(0)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.timetz() == midnight else value.isoformat()
    return value.isoformat()


def number_again(value: object) -> Any:
    """The number that a text is, when it is written as that number is; None for other text ('011', '1E1', 'inf')."""
    if not isinstance(value, str):
        return value if isinstance(value, Real) else None
    number = number_of(value)
    return number if number is not None and str(number) == value else None


def find(series: pd.Series, codes: Sequence[Any]) -> tuple[np.ndarray, dict[Key, list[int]]]:
    """For each row the place of its value in ``codes`` (-1: none of them), and values that are several of the codes."""
    places: dict[Key, list[int]] = {}
    for place, code in enumerate(codes):
        for key in keys_of(code, single=series.dtype == np.float32):
            places.setdefault(key, []).append(place)
    numbers, distinct = distinct_of(series)
    keys = [key_of(value) for value in distinct]
    found = np.array([*(places[key][0] if key in places else -1 for key in keys), -1])
    twice = {key: places[key] for key in keys if key in places and len(places[key]) > 1}
    return found[numbers], twice


def distinct_of(series: pd.Series) -> tuple[np.ndarray, list[Any]]:
    """The number of each row's value (-1: missing), and the values themselves as Python has them."""
    numbers, distinct = pd.factorize(series.astype(object) if isinstance(series.dtype, pd.CategoricalDtype) else series)
    return numbers, list(distinct.tolist())


def of_distinct(numbers: np.ndarray, values: Sequence[Any], index: pd.Index) -> pd.Series:
    """A column from the number of each row's value and the values: numbers when all are, else as they stand."""
    known = [value for value in values if key_of(value) is not None]
    table = np.empty(len(values) + 1, dtype=object)
    table[:-1] = [value if key_of(value) is not None else None for value in values]
    column = pd.Series(table[numbers], index=index, dtype=object)
    if not known or not all(isinstance(value, (Real, np.bool_)) for value in known):
        return column
    if any(isinstance(value, Integral) and abs(int(value)) > LIMIT for value in known):
        whole = all(isinstance(value, Integral) or float(value).is_integer() for value in known)
        return whole_numbers(column) if whole else column
    return column.astype(float)


def whole_numbers(column: pd.Series, *, unsigned: bool = False) -> pd.Series:
    """Whole numbers with missing values, exactly: Int64, UInt64 where it must, Python's own beyond."""
    values = [None if key_of(value) is None else int(value) for value in column.tolist()]
    known = [value for value in values if value is not None]
    signed = not unsigned and (not known or (min(known) >= -(2**63) and max(known) < 2**63))
    if not signed and known and (min(known) < 0 or max(known) >= 2**64):
        return pd.Series(values, index=column.index, dtype=object)
    return pd.Series(values, index=column.index, dtype=pd.Int64Dtype() if signed else pd.UInt64Dtype())


def masked(series: pd.Series, hit: np.ndarray | pd.Series) -> pd.Series:
    """The column with these rows missing; whole numbers beyond 2^53 stay exact."""
    hit = np.asarray(hit, dtype=bool)
    if not hit.any():
        return series
    if isinstance(series.dtype, np.dtype) and series.dtype.kind == "b":
        return series.astype(float).mask(hit)
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iu" and beyond(series):
        return series.astype("Int64" if series.dtype.kind == "i" else "UInt64").mask(hit)
    return series.mask(hit)


def beyond(series: pd.Series) -> bool:
    """Has a column of whole numbers values that floats do not tell apart?"""
    known = series.dropna()
    return len(known) > 0 and bool(known.max() > LIMIT or known.min() < -LIMIT)


def plain(value: object) -> str:
    """A code as people write it: 8, not 8.0."""
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if math.isfinite(value) and float(value).is_integer() else repr(float(value))
    return str(value)


def translated(series: pd.Series, translation: Mapping[Any, Any], found: np.ndarray) -> pd.Series:
    """The column with the codes found (as by :func:`find`) replaced; numbers stay numbers where the new codes are."""
    targets = list(translation.values())
    numbers, distinct = distinct_of(series)
    in_text = any(isinstance(value, str) for value in distinct)
    place = np.full(len(distinct) + 1, -1)
    place[numbers] = found
    new = [_target(targets[p], in_text=in_text) if p >= 0 else v for p, v in zip(place[:-1], distinct, strict=True)]
    again = [number_again(value) for value in new]
    return of_distinct(numbers, new if None in again else again, series.index)


def _target(value: Any, *, in_text: bool) -> Any:
    """A new code: a number where the column has numbers and the code is one."""
    number = None if in_text or not isinstance(value, str) else number_of(value)
    return value if number is None else number
