"""Numbers of a column as they are: whole numbers above 2^53 stay apart, where floats would take one for its neighbour.

Identification numbers of persons and firms are such numbers. What cannot be exact is refused in words.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError

# Whole numbers below this are exact as floats; at and above it, two of them may be the same float.
LIMIT = 2**53
_INT64, _UINT64 = np.iinfo(np.int64), np.iinfo(np.uint64)
_TODO = "read it as text or as whole numbers (Int64), and take the exact numbers from the file: a float has lost them"


@dataclass(frozen=True)
class Exact:
    """Numbers and where they are missing.

    values : (n,) int64, uint64, float64, or objects (int, Decimal, float) where none of these holds them; 0 or nan
        where missing.
    missing : (n,) mask.
    name : what to call them in a message.
    """

    values: np.ndarray
    missing: np.ndarray
    name: str

    @property
    def whole(self) -> bool:
        """Whether they are whole numbers by their type."""
        return self.values.dtype.kind in "iu" or (self.values.dtype == object and _all_ints(self.values))

    @property
    def largest(self) -> Any:
        """The largest size."""
        if not len(self.values):
            return 0
        if self.values.dtype.kind in "iu":
            return max(abs(int(self.values.max())), abs(int(self.values.min())))
        if self.values.dtype == object:
            return max(abs(value) for value in self.values)
        return float(np.fmax.reduce(np.abs(self.values), initial=0.0))

    @property
    def blurred(self) -> bool:
        """Whether these are floats so large that neighbouring whole numbers are the same float."""
        return self.values.dtype.kind == "f" and bool(LIMIT <= self.largest < np.inf)


def _all_ints(values: np.ndarray) -> bool:
    """Whether all objects are whole numbers."""
    return all(isinstance(value, int) for value in values)


def exact(series: pd.Series) -> Exact:
    """The numbers of a column of numbers or booleans, of whatever type."""
    missing, name, dtype = series.isna().to_numpy(), str(series.name), series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return exact(pd.Series(series.array, dtype=object, name=series.name))
    if pd.api.types.is_bool_dtype(dtype):
        return Exact(series.to_numpy(dtype=bool, na_value=False).astype(np.int64), missing, name)
    if pd.api.types.is_integer_dtype(dtype):
        kind = np.uint64 if pd.api.types.is_unsigned_integer_dtype(dtype) else np.int64
        values = series.to_numpy(dtype=kind, na_value=0) if missing.any() else series.to_numpy(dtype=kind)
        return Exact(values, missing, name)
    if pd.api.types.is_float_dtype(dtype):
        return Exact(series.to_numpy(dtype=np.float64, na_value=np.nan), missing, name)
    found = series.to_numpy(dtype=object, na_value=0)
    return Exact(narrowed(np.array([_plain(value) for value in found], dtype=object), missing), missing, name)


def exact_column(series: pd.Series) -> pd.Series:
    """A column of objects or decimals as a column of numbers; refused where it holds numbers that no type holds."""
    numbers = exact(series)
    values, missing = numbers.values, numbers.missing
    if values.dtype == object and not _all_ints(values):
        values = np.where(missing, np.nan, values.astype(np.float64))
    if values.dtype == object:
        raise DataError(
            f"The column {numbers.name!r} holds whole numbers beyond 64 bits.",
            where=f"column {numbers.name!r}",
            found=f"{numbers.largest}",
            expected="whole numbers up to 18,446,744,073,709,551,615",
            todo="make it text, with svy.assign(...): it is a code, not a number",
        )
    if values.dtype.kind != "f" and missing.any():
        maker = pd.arrays.IntegerArray(values, missing)
        return pd.Series(maker, index=series.index, name=series.name)
    return pd.Series(values, index=series.index, name=series.name)


def _plain(value: Any) -> Any:
    """A number of Python: whole decimals as int."""
    if isinstance(value, bool | np.bool_ | int | np.integer):
        return int(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    return float(value)


def narrowed(values: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Objects as the narrowest type that holds each of them exactly."""
    if _all_ints(values):
        low, high = (min(values), max(values)) if len(values) else (0, 0)
        if low >= _INT64.min and high <= _INT64.max:
            return values.astype(np.int64)
        return values.astype(np.uint64) if low >= 0 and high <= _UINT64.max else values
    if all(_fits_float(value) for value in values):
        return np.where(missing, np.nan, values.astype(np.float64))
    return values


def _fits_float(value: Any) -> bool:
    """Whether a float is this number, to the digits in which it is written."""
    if isinstance(value, int):
        return abs(value) < LIMIT
    return isinstance(value, float) or Decimal(repr(float(value))) == value


def refuse_blurred(numbers: Exact, role: str, what: str = "cannot tell people or groups apart") -> None:
    """Refuse floats of 2^53 and more as codes."""
    if numbers.blurred:
        raise DataError(
            f"The column {numbers.name!r} holds whole numbers above 2^53 as floats, which {what}.",
            where=role,
            found=f"floats up to {numbers.largest:.0f}",
            expected="whole numbers (int64, Int64) or text",
            todo=_TODO,
        )


def check_codes(series: pd.Series, role: str) -> None:
    """Refuse a column of floats of 2^53 and more as codes of groups or units."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = pd.Series(series.cat.categories, name=series.name)
    floats = pd.api.types.is_float_dtype(series.dtype)
    if not floats and pd.api.types.is_object_dtype(series.dtype):
        floats = pd.api.types.infer_dtype(series, skipna=True) in ("floating", "mixed-integer-float")
    if floats:
        refuse_blurred(exact(series), role)


def compare(sign: Callable[[Any, Any], Any], a: Exact, b: Any, where: str) -> tuple[np.ndarray, np.ndarray]:
    """(n,) truth of a comparison with a number or with other numbers, and where it is unknown."""
    if isinstance(b, Exact):
        unknown = a.missing | b.missing
        return _pairs(sign, a, b, where) & ~unknown, unknown
    return _with_constant(sign, a, b, where) & ~a.missing, a.missing


def _pairs(sign: Callable[[Any, Any], Any], a: Exact, b: Exact, where: str) -> np.ndarray:
    """Compare numbers with numbers, row by row."""
    one, other = a.values, b.values
    if one.dtype == other.dtype and one.dtype != object:
        return np.asarray(sign(one, other))
    for blurred, sharp in ((a, b), (b, a)):
        if blurred.blurred and sharp.largest >= LIMIT:
            refuse_blurred(blurred, where, f"cannot be compared with {sharp.name!r}")
    if all(x.dtype != object for x in (one, other)) and all(
        x.values.dtype.kind == "f" or x.largest < LIMIT for x in (a, b)
    ):
        return np.asarray(sign(one.astype(np.float64), other.astype(np.float64)))
    return _by_objects(sign, one, other)


def _by_objects(sign: Callable[[Any, Any], Any], one: np.ndarray, other: Any) -> np.ndarray:
    """Compare as numbers of Python, which are exact between whole numbers and floats."""
    return np.asarray(np.frompyfunc(sign, 2, 1)(one.astype(object), other)).astype(bool)


def _with_constant(sign: Callable[[Any, Any], Any], a: Exact, b: Any, where: str) -> np.ndarray:
    """Compare numbers with one number."""
    kind = a.values.dtype.kind
    if isinstance(b, bool | int):
        number = int(b)
        if kind == "f":
            if a.blurred and abs(number) >= LIMIT:
                refuse_blurred(a, where, f"cannot be compared with {number}")
            return np.asarray(sign(a.values, float(number)))
        return _with_whole(sign, a.values, number)
    if kind == "f":
        return np.asarray(sign(a.values, b))
    if kind == "O":
        return _by_objects(sign, a.values, int(b) if b.is_integer() else Decimal(repr(b)))
    if not b.is_integer():
        below = int(np.floor(b))
        # between two whole numbers: no value is equal; less than b is at most the whole number below
        if sign in (operator.eq, operator.ne):
            return np.full(len(a.values), sign is operator.ne)
        return _with_whole(operator.le if sign in (operator.lt, operator.le) else operator.gt, a.values, below)
    if abs(b) >= LIMIT and a.largest >= LIMIT and sign in (operator.eq, operator.ne):
        raise DataError(
            f"A number of 2^53 or more with a decimal point may be another one than {a.name!r} holds.",
            where=where,
            found=repr(b),
            expected="a whole number, written without point",
            todo="write the number as in the data, without point or exponent",
        )
    return _with_whole(sign, a.values, int(b))


def _with_whole(sign: Callable[[Any, Any], Any], values: np.ndarray, number: int) -> np.ndarray:
    """Compare whole numbers with one of any size."""
    if values.dtype == object:
        return _by_objects(sign, values, number)
    info = np.iinfo(values.dtype)
    if info.min <= number <= info.max:
        return np.asarray(sign(values, values.dtype.type(number)))
    return np.full(len(values), bool(sign(0, number)))


def combine(sign: Callable[[Any, Any], Any], a: Exact | int | float, b: Exact | int | float, where: str) -> Exact:
    """Arithmetic of numbers; whole numbers stay whole but in divisions, and what floats cannot hold is refused."""
    sides = [_spread(a, b), _spread(b, a)]
    unknown = sides[0].missing | sides[1].missing
    name = f"{sides[0].name} and {sides[1].name}"
    if sign in (operator.truediv, operator.mod):
        unknown = unknown | (sides[1].values == 0)
    large = any(side.values.dtype == object or (side.whole and side.largest >= LIMIT) for side in sides)
    if large and sign is not operator.truediv:
        sides = [_as_whole(side) for side in sides]
    if sign is not operator.truediv and all(side.whole for side in sides):
        return _whole(sign, sides[0].values, sides[1].values, unknown, name)
    if large:
        raise DataError(
            "Whole numbers above 2^53 cannot be divided or combined with fractions exactly.",
            where=where,
            found=name,
            expected="sums, differences, products and remainders (%) of whole numbers",
            todo="compare with whole numbers: x > 2 * y in place of x / y > 2",
        )
    one, other = (side.values.astype(np.float64) for side in sides)
    values = np.asarray(sign(one, other), dtype=np.float64)
    unknown = unknown | ~np.isfinite(values)
    return Exact(np.where(unknown, np.nan, values), unknown, name)


def _spread(side: Exact | int | float, other: Exact | int | float) -> Exact:
    """A constant as numbers of the other side's length."""
    if isinstance(side, Exact):
        return side
    assert isinstance(other, Exact)
    none = np.zeros(len(other.values), dtype=bool)
    one = narrowed(np.array([int(side) if isinstance(side, int) else side], dtype=object), none[:1])
    return Exact(np.repeat(one, len(none)), none, repr(side))


def _as_whole(side: Exact) -> Exact:
    """Floats that are whole numbers below 2^53, as whole numbers."""
    present = side.values[~side.missing]
    if side.values.dtype.kind != "f" or side.blurred or not np.isfinite(present).all() or (present % 1 != 0).any():
        return side
    return Exact(np.where(side.missing, 0, np.nan_to_num(side.values)).astype(np.int64), side.missing, side.name)


def _whole(
    sign: Callable[[Any, Any], Any], one: np.ndarray, other: np.ndarray, unknown: np.ndarray, name: str
) -> Exact:
    """Arithmetic of whole numbers, by Python's where 64 bits might not hold it."""
    one, other = (np.where(unknown, 1, side) for side in (one, other))
    sizes = [Exact(side, unknown, name).largest for side in (one, other)]
    small = max(sizes) < 2**62 and (sign is not operator.mul or sizes[0] * sizes[1] < 2**62)
    if small:
        values = sign(one.astype(np.int64), other.astype(np.int64))
    else:
        values = narrowed(np.asarray(np.frompyfunc(sign, 2, 1)(one.astype(object), other.astype(object))), unknown)
    return Exact(np.where(unknown, 0, values), unknown, name)
