"""What a user asks for, as the data layer takes it: years, a year, columns, paths; wrong kinds are refused in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from llo_research.errors import DataError


def years_asked(years: object) -> list[int] | None:
    """Years as a list: a whole number, a range, a list, an array or a column of them; None for all.

    Raises
    ------
    DataError
        When they are no whole numbers.
    """
    if years is None:
        return None
    listed = _listed(years)
    if not listed or not all(_is_whole(year) for year in listed):
        shown = repr(years) if len(repr(years)) <= 80 else f"{type(years).__name__} of {str(listed)[:60]}"
        raise DataError("years= takes whole numbers.", where="years=", found=shown, expected="2014, or [2014, 2018]")
    return list(dict.fromkeys(int(year) for year in listed))


def whole_asked(value: object, name: str, example: str) -> Any:
    """A whole number, or None.

    Raises
    ------
    DataError
        When it is something else.
    """
    if value is None:
        return None
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if not _is_whole(value):
        raise DataError(f"{name}= takes a whole number.", where=f"{name}=", found=repr(value)[:80], expected=example)
    return int(value)  # type: ignore[call-overload]  # a whole number, as checked


def columns_asked(columns: object) -> list[str] | None:
    """Names or patterns of columns; None for all.

    Raises
    ------
    DataError
        When they are no names.
    """
    if columns is None:
        return None
    listed = [columns] if isinstance(columns, str) else _listed(columns)
    if isinstance(columns, (bytes, Mapping)) or not all(isinstance(name, str) for name in listed):
        raise DataError(
            "columns= takes names of columns.",
            where="columns=",
            found=repr(columns)[:80],
            expected="a name, or a list of names and patterns such as ['training', 'PVLIT*']",
        )
    return [str(name) for name in listed]


def paths_asked(paths: object) -> list[Path]:
    """Paths of files.

    Raises
    ------
    DataError
        When there are none, or they are no paths.
    """
    listed = [paths] if isinstance(paths, (str, PathLike)) else _listed(paths)
    if not listed and isinstance(paths, Iterable):
        raise DataError("No files were given.", where="paths", expected="at least one path")
    if not listed or not all(isinstance(path, (str, PathLike)) and not isinstance(path, bytes) for path in listed):
        raise DataError(
            "paths takes the path of a file, or a list of them.",
            where="paths",
            found=repr(paths)[:80],
            expected="'nea2019.sav', or ['nea2019.sav', 'nea2020.sav']",
        )
    return [Path(path) for path in listed]


def _is_whole(value: object) -> bool:
    """A whole number; yes and no are none."""
    return isinstance(value, Integral) and not isinstance(value, (bool, np.bool_))


def _listed(values: object) -> Sequence[Any]:
    """The members of a list, range, array, column or set (sorted); a single value by itself; nothing for the rest."""
    if isinstance(values, np.ndarray):
        return list(values.ravel().tolist())
    if isinstance(values, (set, frozenset)):
        return sorted(values, key=str)
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        return [] if isinstance(values, (bytes, Mapping)) else [values]
    return list(values)
