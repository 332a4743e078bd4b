"""A frame that records what a function reads of it: which columns, and whether their missing values were seen to.

A function of ``svy.assign`` gets such a frame. Columns read one by one (``d["x"]``, ``d.x``, ``d.loc[:, "x"]``) are
recorded under their names; what works on the frame as a whole counts as reading all of its columns.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd


class Reading:
    """What was read: names of columns in order, those asked for missing values, and rows whose missing was lost."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.asked: set[str] = set()
        self.lost: np.ndarray | None = None

    def read(self, names: Iterable[Hashable]) -> None:
        """Columns were read."""
        self.names |= dict.fromkeys(str(name) for name in names)

    def lose(self, rows: np.ndarray) -> None:
        """A comparison was turned into plain values, in which these rows are no longer missing."""
        if self.lost is None or len(self.lost) == len(rows):
            self.lost = rows if self.lost is None else self.lost | rows


def reading_frame(frame: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """The frame, with everything that is read of it recorded."""
    made = object.__new__(_Frame)
    object.__setattr__(made, "_plain", frame)
    object.__setattr__(made, "_reading", reading)
    return made


# What says nothing of the values, and what gives another frame of the same values.
_SHAPE = {"index", "columns", "shape", "dtypes", "empty", "size", "ndim", "attrs", "keys", "axes"}
_FRAMES = {"copy", "filter", "drop", "select_dtypes"}
_OWN = {"apply", "assign", "eval", "get", "iloc", "loc", "pop", "query", "rename", "_words"}


class _Frame(pd.DataFrame):
    """A frame in front of another: names are recorded; where pandas asks for all data, all columns are."""

    _plain: pd.DataFrame
    _reading: Reading

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def __getattribute__(self, name: str) -> Any:
        own = object.__getattribute__
        if name in ("_plain", "_reading") or name in _OWN or name.startswith("__"):
            return own(self, name)
        plain: pd.DataFrame = own(self, "_plain")
        if name == "_mgr":
            own(self, "_reading").read(plain.columns)
        if name in ("_mgr", "_item_cache", "_attrs", "_flags") or name in _SHAPE:
            return getattr(plain, name)
        if name in _FRAMES:
            return _framed(getattr(plain, name), own(self, "_reading"))
        if not hasattr(pd.DataFrame, name) and name in plain.columns:
            return self[name]
        return own(self, name)

    def __len__(self) -> int:
        return len(self._plain)

    def __contains__(self, key: object) -> bool:  # type: ignore[misc]  # the stubs close what pandas leaves open
        return key in self._plain

    def __iter__(self) -> Iterator[Any]:
        return iter(self._plain)

    def __getitem__(self, key: Any) -> Any:
        out = self._plain[key]
        if isinstance(out, pd.DataFrame):
            return reading_frame(out, self._reading)
        self._reading.read([key])
        return _column(out, str(key), self._reading)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._plain[key] = value

    def __delitem__(self, key: Any) -> None:  # type: ignore[misc]  # the stubs close what pandas leaves open
        del self._plain[key]

    def __setattr__(self, name: str, value: Any) -> None:
        # what changes the frame in place changes the one behind it
        setattr(self._plain, name, value)

    def get(self, key: Any, default: Any = None) -> Any:
        """The column, or the default."""
        return self[key] if key in self._plain.columns else default

    def pop(self, item: Any) -> Any:
        """The column, taken out."""
        out = self[item]
        del self._plain[item]
        return out

    @property
    def loc(self) -> Any:
        """Rows and columns by label."""
        return _Place(self._plain, "loc", self._reading)

    @property
    def iloc(self) -> Any:
        """Rows and columns by position."""
        return _Place(self._plain, "iloc", self._reading)

    def _words(self, expr: str) -> None:
        words = set(re.findall(r"\w+", expr)) | set(re.findall(r"`([^`]*)`", expr))
        self._reading.read([name for name in self._plain.columns if name in words])

    def eval(self, expr: str, **options: Any) -> Any:
        """An expression; the columns whose names occur in it are read."""
        self._words(expr)
        return self._plain.eval(expr, **{**options, "level": options.get("level", 0) + 1})

    def query(self, expr: str, **options: Any) -> Any:
        """Rows by an expression; the columns whose names occur in it are read."""
        self._words(expr)
        out = self._plain.query(expr, **{**options, "level": options.get("level", 0) + 1})
        return None if out is None else reading_frame(out, self._reading)

    def assign(self, **columns: Any) -> Any:
        """More columns; functions get a recorded frame as well."""
        out = self._plain.copy(deep=False)
        for name, given in columns.items():
            out[name] = given(reading_frame(out, self._reading)) if callable(given) else given
        return reading_frame(out, self._reading)

    def rename(self, *args: Any, **options: Any) -> Any:
        """Other names; the columns that had another name are read."""
        before = list(self._plain.columns)
        out = self._plain.rename(*args, **options)
        after = self._plain if out is None else out
        self._reading.read([name for name in before if name not in after.columns])
        return None if out is None else reading_frame(out, self._reading)

    def apply(  # type: ignore[override]  # the stubs close what pandas leaves open
        self, func: Any, axis: Any = 0, *args: Any, **options: Any
    ) -> Any:
        """A function of each row (or column)."""
        if axis not in (1, "columns") or not callable(func):
            self._reading.read(self._plain.columns)
            return self._plain.apply(func, axis, *args, **options)
        inner = Reading()
        out = self._plain.apply(lambda row, *a, **k: func(_row(row, inner), *a, **k), axis, *args, **options)
        self._reading.read(inner.names or self._plain.columns)
        return out


def _framed(method: Callable[..., Any], reading: Reading) -> Callable[..., Any]:
    """A method that gives a frame, which is recorded as well."""

    def call(*args: Any, **options: Any) -> Any:
        out = method(*args, **options)
        return reading_frame(out, reading) if isinstance(out, pd.DataFrame) else out

    return call


class _Place:
    """``loc`` or ``iloc`` of a recorded frame."""

    def __init__(self, plain: pd.DataFrame, kind: str, reading: Reading) -> None:
        self._plain, self._kind, self._reading = plain, kind, reading

    def __getitem__(self, key: Any) -> Any:
        out = getattr(self._plain, self._kind)[key]
        if isinstance(out, pd.DataFrame):
            return reading_frame(out, self._reading)
        one = isinstance(out, pd.Series) and out.name in self._plain.columns and isinstance(key, tuple)
        self._reading.read([out.name] if one else self._plain.columns)
        return _column(out, str(out.name), self._reading) if one else out

    def __setitem__(self, key: Any, value: Any) -> None:
        getattr(self._plain, self._kind)[key] = value


def _row(row: pd.Series, reading: Reading) -> pd.Series:
    """A row whose fields are recorded when they are read."""
    made = _Row(row)
    object.__setattr__(made, "_reading", reading)
    return made


class _Row(pd.Series):
    """A row of a frame."""

    _reading: Reading

    def __getitem__(self, key: Any) -> Any:
        reading = getattr(self, "_reading", None)
        if reading is not None and isinstance(key, str):
            reading.read([key])
        return super().__getitem__(key)

    def __getattr__(self, name: str) -> Any:  # type: ignore[misc]  # the stubs close what pandas leaves open
        if not name.startswith("_") and name in self.index:
            return self[name]
        return super().__getattr__(name)


def _column(series: pd.Series, name: str, reading: Reading) -> pd.Series:
    """A column whose missing values are followed through comparisons."""
    made = _Column(series)
    object.__setattr__(made, "_reading", reading)
    object.__setattr__(made, "_of", name)
    return made


def _asks(method: str) -> Callable[..., Any]:
    """A method that sees to missing values."""

    def call(self: Any, *args: Any, **options: Any) -> Any:
        self._reading.asked.add(self._of)
        return getattr(pd.Series, method)(self, *args, **options)

    return call


def _compares(method: str) -> Callable[..., Any]:
    """A comparison, whose result remembers the rows where it is unknown."""

    def call(self: Any, *args: Any, **options: Any) -> Any:
        other = args[0] if args else None
        args = tuple(value.to_numpy() if isinstance(value, _Truth) else value for value in args)
        unknown = pd.isna(self.array)
        if isinstance(other, pd.Series) and len(other) == len(self) and method != "isin":
            unknown = unknown | pd.isna(other.array)
        return _truth(getattr(pd.Series, method)(pd.Series(self), *args, **options), unknown, self._reading)

    return call


class _Column(pd.Series):
    """A column of a recorded frame; what is made of it is plain, but for comparisons."""

    _reading: Reading
    _of: str

    @property
    def _constructor(self) -> Callable[..., pd.Series]:
        return pd.Series

    isna, isnull, notna, notnull = _asks("isna"), _asks("isnull"), _asks("notna"), _asks("notnull")
    fillna, dropna, combine_first = _asks("fillna"), _asks("dropna"), _asks("combine_first")
    ffill, bfill, interpolate = _asks("ffill"), _asks("bfill"), _asks("interpolate")
    eq, ne, lt, le = _compares("eq"), _compares("ne"), _compares("lt"), _compares("le")
    gt, ge, isin, between = _compares("gt"), _compares("ge"), _compares("isin"), _compares("between")
    __eq__, __ne__, __lt__ = _compares("__eq__"), _compares("__ne__"), _compares("__lt__")
    __le__, __gt__, __ge__ = _compares("__le__"), _compares("__gt__"), _compares("__ge__")

    def __array_ufunc__(  # type: ignore[misc]  # the stubs close what pandas leaves open
        self, ufunc: Any, method: str, *inputs: Any, **options: Any
    ) -> Any:
        if ufunc in (np.isnan, np.isfinite):
            self._reading.asked.add(self._of)
        return super().__array_ufunc__(ufunc, method, *inputs, **options)


def _truth(series: Any, unknown: np.ndarray, reading: Reading) -> pd.Series:
    """The result of a comparison."""
    made = _Truth(series)
    object.__setattr__(made, "_unknown", np.asarray(unknown, dtype=bool))
    object.__setattr__(made, "_reading", reading)
    return made


def _as_booleans(values: Any) -> np.ndarray:
    """(n,) the values of one side of "and" or "or"; missing as False."""
    plain = values._plain() if isinstance(values, _Truth) else pd.Series(values)
    return plain.reset_index(drop=True).astype("boolean").fillna(False).to_numpy(dtype=bool)


def _joins(method: str, sign: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """ "And" and "or" in three-valued logic: unknown unless the other side settles it."""

    def call(self: Any, other: Any) -> Any:
        given = other._plain() if isinstance(other, _Truth) else other
        result = getattr(pd.Series, method)(self._plain(), given)
        theirs = other._unknown if isinstance(other, _Truth) else np.zeros(len(self), dtype=bool)
        if np.ndim(other) == 0 or len(other) != len(self):
            return _truth(result, self._unknown, self._reading)
        settling = sign is operator.or_
        by_them = (_as_booleans(other) == settling) & ~theirs
        by_us = (_as_booleans(self) == settling) & ~self._unknown
        return _truth(result, (self._unknown & ~by_them) | (theirs & ~by_us), self._reading)

    return call


class _Truth(pd.Series):
    """True and false of a comparison, with the rows where it is unknown."""

    _unknown: np.ndarray
    _reading: Reading

    @property
    def _constructor(self) -> Callable[..., pd.Series]:
        return pd.Series

    def _plain(self) -> pd.Series:
        return pd.Series(self.array, index=self.index)

    __and__, __rand__ = _joins("__and__", operator.and_), _joins("__rand__", operator.and_)
    __or__, __ror__ = _joins("__or__", operator.or_), _joins("__ror__", operator.or_)

    def __invert__(self) -> Any:  # type: ignore[misc]  # the stubs close what pandas leaves open
        return _truth(~self._plain(), self._unknown, self._reading)

    def astype(self, *args: Any, **options: Any) -> Any:
        """Another type; the unknown rows stay so."""
        return _truth(self._plain().astype(*args, **options), self._unknown, self._reading)

    def _used(self) -> pd.Series:
        self._reading.lose(self._unknown)
        return self._plain()

    def __array__(self, *args: Any, **options: Any) -> Any:
        return self._used().__array__(*args, **options)

    def to_numpy(self, *args: Any, **options: Any) -> Any:
        """The values, without what is unknown."""
        return self._used().to_numpy(*args, **options)

    @property
    def values(self) -> Any:
        """The values, without what is unknown."""
        return self._used().values

    def map(self, *args: Any, **options: Any) -> Any:
        """Each value exchanged."""
        return self._used().map(*args, **options)

    def where(self, *args: Any, **options: Any) -> Any:
        """Some values exchanged: a common way to bring missing back."""
        return self._plain().where(*args, **options)

    mask = replace = where
