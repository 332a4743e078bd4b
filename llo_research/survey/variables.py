"""Columns of a survey as arrays: numbers, or codes of declared, ordered categories; missing values marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import nearest, plain, same_spelling
from llo_research.survey.exact import check_codes, exact_column

# Attribute of a frame that names the numbers which collapsed rows hold as sums only (survey/collapsed.py).
KEPT = "kept as sums"


def spelled(frame: pd.DataFrame, name: str) -> str:
    """The name as the data spell it: an accent may be one character or two (Unicode forms NFC and NFD)."""
    if name in frame.columns or name.isascii():
        return name
    for form in ("NFC", "NFKC"):
        same = [c for c in frame.columns if isinstance(c, str) and _normal(c, form) == _normal(name, form)]
        if len(same) == 1:
            return str(same[0])
    return name


def _normal(name: str, form: str) -> str:
    """A name in a Unicode form."""
    return unicodedata.normalize(form, name)  # type: ignore[arg-type]  # one of the two forms above


def column(frame: pd.DataFrame, name: Hashable, role: str) -> pd.Series:
    """One column by name; a clear word when it is not there or stands there twice."""
    if isinstance(name, pd.Series | pd.DataFrame | np.ndarray) or not isinstance(name, Hashable):
        raise DataError(
            "A column is given by its name.",
            where=role,
            found=f"a {type(name).__name__}",
            expected="text, as 'weight'",
            todo="put the data into the frame as a column, and give the name of that column",
        )
    if isinstance(name, str):
        name = spelled(frame, name)
    if name in frame.attrs.get(KEPT, ()):
        raise DataError(
            f"{name!r} is kept as sums in these collapsed rows, which give means and totals of it, and no more.",
            where=role,
            found="sums by pattern",
            expected="a column of the pattern",
            todo=f"collapse([..., {name!r}]), it or classes of it among the columns; or give the survey of all rows",
        )
    if name not in frame.columns:
        raise DataError(
            f"There is no column {name!r} in the data.",
            where=role,
            found=f"{frame.shape[1]} columns{nearest(name, frame.columns)}",
            todo=_spelling(name, frame),
        )
    series = frame[name]
    if isinstance(series, pd.DataFrame):
        raise DataError(
            f"The column name {name!r} occurs {series.shape[1]} times.",
            where=role,
            expected="names that occur once, at one level",
            todo="rename or drop columns before making the Survey",
        )
    return series


def numbers_of(frame: pd.DataFrame, name: str, role: str) -> Floats:
    """(n,) the numbers of a column, nan where missing."""
    return column(frame, name, role).to_numpy(dtype=np.float64, na_value=np.nan)


def _spelling(name: object, frame: pd.DataFrame) -> str:
    """What to do about a name that is not there."""
    if any(not isinstance(c, str) and str(c) == str(name) for c in frame.columns):
        return "give columns names that are text: frame.columns = frame.columns.astype(str), before making the Survey"
    if KEPT in frame.attrs:
        return f"these are collapsed rows, which hold the columns that were named: svy.collapse([..., {name!r}])"
    return "check the spelling; svy.frame.columns lists what is there"


@dataclass(frozen=True, repr=False)
class Variable:
    """A column as the estimators see it.

    kind : "number", "boolean" or "category".
    values : (n,) numbers (booleans as 0/1), nan where missing; empty for a category.
    codes : (n,) position of the level, -1 where missing; for numbers found on first use.
    levels : the levels in declared order (categories), or sorted (everything else).
    declared : whether somebody declared the order.
    labels : level as text -> {"nl": text, "en": text} or text, where the survey's labels tell.
    """

    name: str
    kind: str
    series: pd.Series
    declared: bool
    labels: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"column {self.name!r} ({self.kind})"

    @cached_property
    def missing(self) -> np.ndarray:
        """(n,) mask of missing values."""
        if self.kind == "category" and self.declared:
            return self.series.cat.codes.to_numpy() < 0
        return self.series.isna().to_numpy()

    @cached_property
    def any_missing(self) -> bool:
        """Whether there is a missing value at all."""
        return bool(self.missing.any())

    @cached_property
    def values(self) -> Floats:
        """(n,) the numbers."""
        values = self.series.to_numpy(dtype=np.float64, na_value=np.nan)
        infinite = np.isinf(values)
        if infinite.any():
            raise DataError(
                f"{int(infinite.sum())} values are infinite.",
                where=f"column {self.name!r}, first at row {int(infinite.argmax())}",
                todo="make them missing, or mend the computation that gave them",
            )
        return values

    @cached_property
    def _factorized(self) -> tuple[Codes, list[object]]:
        """Codes and levels."""
        if self.declared:
            codes = self.series.cat.codes.to_numpy().astype(np.intp)
            return codes, list(self.series.cat.categories)
        if self.kind == "boolean":
            values = self.values
            return np.where(np.isnan(values), -1, np.nan_to_num(values)).astype(np.intp), [False, True]
        codes, levels = pd.factorize(self.series, sort=True)
        return codes.astype(np.intp, copy=False), [plain(level) for level in levels]

    @property
    def codes(self) -> Codes:
        """(n,) position of each row's level, -1 where missing."""
        return self._factorized[0]

    @property
    def levels(self) -> list[object]:
        """All levels, in order."""
        if self.kind == "number":
            check_codes(self.series, f"column {self.name!r}")
        return self._factorized[1]

    def level_number(self, level: object, role: str) -> int:
        """Position of a level that a user named, by value or label; a wrong one gets the list of what is there."""
        number = self.find_level(level)
        if number is not None:
            return number
        several = self._labelled.get(level, []) if isinstance(level, str) else []
        meant = ", ".join(repr(self.levels[place]) for place in several)
        near = f", the label of {meant}" if several else nearest(level, [*self.levels, *self._labelled])
        raise DataError(
            f"{self.name!r} has no level {level!r}.",
            where=role,
            found=f"{level!r}{near}",
            expected=", ".join(repr(there) for there in self.levels[:20]),
            todo="write the level as in the data: text in quotes, numbers and True or False without; or its label",
        )

    def find_level(self, level: object) -> int | None:
        """Position of a level: as value first, else as the label of exactly one level; None where there is none."""
        if not np.isscalar(level) and not isinstance(level, Decimal | pd.Timestamp):
            return None
        for number, known in enumerate(self.levels):
            if known == level and isinstance(known, bool | np.bool_) == isinstance(level, bool | np.bool_):
                return number
        for number, known in enumerate(self.levels):
            if known == level:
                return number
        if not isinstance(level, str):
            return None
        meant = self._labelled.get(level, ())
        if not meant and not level.isascii():
            meant = [n for n, k in enumerate(self.levels) if same_spelling(str(k), level)]
        return meant[0] if len(meant) == 1 else None

    @cached_property
    def _labelled(self) -> dict[str, list[int]]:
        """The positions of the levels that a label names."""
        positions: dict[str, list[int]] = {}
        for number, known in enumerate(self.levels):
            label = self.labels.get(str(known))
            called = list(label.values()) if isinstance(label, Mapping) else [label]
            texts = [text for one in called for text in (one if isinstance(one, list | tuple) else [one])]
            for text in dict.fromkeys(str(text) for text in texts if text is not None):
                positions.setdefault(text, []).append(number)
        return positions


def level_labels(labels: Mapping[str, Any] | None, name: str) -> dict[str, Any]:
    """The labels of a variable's levels, by level as text; empty where the survey's labels tell none."""
    entry = (labels or {}).get(name)
    values = entry.get("values") if isinstance(entry, Mapping) else None
    return {str(level): text for level, text in values.items()} if isinstance(values, Mapping) else {}


def variable(frame: pd.DataFrame, name: str, role: str, labels: Mapping[str, Any] | None = None) -> Variable:
    """A column with its kind worked out; dates and objects that are neither text nor number are refused.

    labels : those of the survey, by which levels may be named.
    """
    typed = _variable(column(frame, name, role), name, role)
    labelled = level_labels(labels, typed.name)
    return replace(typed, labels=labelled) if labelled else typed


def _variable(series: pd.Series, name: str, role: str) -> Variable:
    """A column with its kind."""
    name, dtype = str(series.name), series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return Variable(name, "category", series, True)
    if pd.api.types.is_bool_dtype(dtype):
        return Variable(name, "boolean", series, False)
    decimals = isinstance(dtype, pd.ArrowDtype) and dtype.kind == "O" and "decimal" in str(dtype)
    if decimals:
        return Variable(name, "number", exact_column(series), False)
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype):
        return Variable(name, "number", series, False)
    inferred = pd.api.types.infer_dtype(series, skipna=True)
    if inferred == "boolean":
        return Variable(name, "boolean", series.astype("boolean"), False)
    if inferred in ("integer", "floating", "mixed-integer-float", "decimal"):
        return Variable(name, "number", exact_column(series), False)
    if inferred in ("string", "empty"):
        return Variable(name, "category", series, False)
    raise DataError(
        f"The column {name!r} holds neither numbers nor categories.",
        where=role,
        found=inferred,
        expected="numbers, booleans, text or a pandas categorical",
        todo="convert it first, for example with svy.assign(...)",
    )
