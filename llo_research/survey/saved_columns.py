"""Columns as numpy arrays and JSON, and back; what would not come back as it was is refused when it is saved."""

from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError

Arrays = dict[str, np.ndarray]
_SCALARS = (str, bool, int, float, np.bool_, np.integer, np.floating)
_GONE = {"none": None, "nan": np.nan, "NA": pd.NA, "NaT": pd.NaT}


def pack_column(series: pd.Series, key: str, arrays: Arrays) -> dict[str, Any]:
    """Store one column under `key`; returns what is needed to rebuild it.

    Raises
    ------
    DataError
        When it would not come back as it is.
    """
    mine: Arrays = {}
    series = series.reset_index(drop=True)
    try:
        told = _packed(series, key, mine)
        if not (series.dtype.kind in "biuf" and isinstance(series.dtype, np.dtype)):
            pd.testing.assert_series_equal(unpack_column(told, mine), series, check_names=False)
    except (AssertionError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        raise _refused(series, str(series.dtype)) from error
    arrays.update(mine)
    return {**told, "name": pack_name(series.name)}


def _refused(series: pd.Series, found: str) -> DataError:
    """The error for a column that cannot be saved."""
    return DataError(
        f"The column {series.name!r} cannot be saved.",
        where="svy.save",
        found=found,
        expected="numbers, booleans, text, dates, times, periods, intervals, and categories of these",
        todo="convert it or drop it before making the Survey",
    )


def _packed(series: pd.Series, key: str, arrays: Arrays) -> dict[str, Any]:
    """What tells of one column; its arrays are set aside."""
    kind = series.dtype
    told: dict[str, Any] = {"key": key, "dtype": str(kind)}
    if isinstance(kind, pd.CategoricalDtype):
        arrays[key] = series.cat.codes.to_numpy()
        inner = _packed(pd.Series(kind.categories), key + "_levels", arrays)
        return {**told, "dtype": "category", "ordered": bool(kind.ordered), "levels": inner}
    if isinstance(kind, pd.SparseDtype):
        arrays[key], arrays[key + "_fill"] = np.asarray(series), np.asarray(kind.fill_value)
        return {**told, "kind": "sparse"}
    if isinstance(kind, pd.IntervalDtype):
        sides = pd.arrays.IntervalArray(series)
        parts = [_packed(pd.Series(side), key + end, arrays) for side, end in ((sides.left, "_l"), (sides.right, "_r"))]
        return {**told, "kind": "interval", "sides": parts, "closed": sides.closed}
    if isinstance(kind, pd.PeriodDtype):
        arrays[key] = np.asarray(pd.PeriodIndex(series).asi8)
        return {**told, "kind": "period", "freq": str(kind)[len("period[") : -1]}
    if isinstance(kind, pd.DatetimeTZDtype):
        arrays[key] = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().view("i8")
        return {**told, "kind": "zoned", "unit": kind.unit, "zone": str(kind.tz)}
    values = series.to_numpy()
    if values.dtype.kind in "biufmM" and str(values.dtype) == str(kind):
        arrays[key] = values.view("i8") if values.dtype.kind in "mM" else values
        return told
    plain = _numpy_kind(series)
    if plain is not None:
        arrays[key] = series.to_numpy(dtype=plain, na_value=False if plain == "bool" else 0)
        arrays[key + "_missing"] = series.isna().to_numpy()
        return told
    return told | _as_json(series, values, key, arrays)


def _numpy_kind(series: pd.Series) -> str | None:
    """The numpy type that holds the values of a nullable or Arrow column of numbers or booleans."""
    if not pd.api.types.is_extension_array_dtype(series) or "decimal" in str(series.dtype):
        return None
    if pd.api.types.is_bool_dtype(series):
        return "bool"
    if pd.api.types.is_integer_dtype(series):
        return "uint64" if pd.api.types.is_unsigned_integer_dtype(series) else "int64"
    return "float64" if pd.api.types.is_float_dtype(series) else None


def _as_json(series: pd.Series, values: np.ndarray, key: str, arrays: Arrays) -> dict[str, Any]:
    """A column of text, or of objects that JSON knows, or of days."""
    missing = series.isna().to_numpy()
    kept = values[~missing]
    days = len(kept) > 0 and all(type(value) is datetime.date for value in kept)
    if not days and not all(isinstance(value, _SCALARS) for value in kept):
        names = sorted({type(value).__name__ for value in kept})
        raise _refused(series, ", ".join(names))
    texts = [
        None if gone else value.isoformat() if days else plain(value)
        for value, gone in zip(values, missing, strict=True)
    ]
    arrays[key] = np.frombuffer(json.dumps(texts, ensure_ascii=False).encode("utf-8"), dtype=np.uint8)
    told: dict[str, Any] = {"json": True, **({"kind": "days"} if days else {})}
    if series.dtype == object:
        gone = [_gone(value) for value in values[missing]]
        if any(word != "none" for word in gone):
            told["gone"] = gone[0] if len(set(gone)) == 1 else gone
    return told


def _gone(value: Any) -> str:
    """The kind of a missing value."""
    return "none" if value is None else "NA" if value is pd.NA else "NaT" if value is pd.NaT else "nan"


def unpack_column(told: dict[str, Any], arrays: Arrays) -> pd.Series:
    """Rebuild one column."""
    key, kind = told["key"], told.get("kind")
    name = unpack_name(told["name"]) if "name" in told else None
    if told["dtype"] == "category":
        levels = pd.Index(unpack_column(told["levels"], arrays))
        made: Any = pd.Categorical.from_codes(arrays[key], categories=levels, ordered=told["ordered"])
    elif kind == "sparse":
        fill = arrays[key + "_fill"].item()
        made = pd.arrays.SparseArray(arrays[key], dtype=pd.SparseDtype(arrays[key].dtype, fill))
    elif kind == "interval":
        left, right = (pd.Index(unpack_column(side, arrays)) for side in told["sides"])
        made = pd.arrays.IntervalArray.from_arrays(left, right, closed=told["closed"])
    elif kind == "period":
        ordinals: Any = pd.PeriodIndex
        made = ordinals.from_ordinals(arrays[key], freq=told["freq"])
    elif kind == "zoned":
        made = pd.Series(arrays[key].view(f"M8[{told['unit']}]")).dt.tz_localize("UTC").dt.tz_convert(told["zone"])
    elif told.get("json"):
        return _from_json(told, arrays, name)
    elif key + "_missing" in arrays:
        made = pd.array(arrays[key], dtype=told["dtype"])
        made[arrays[key + "_missing"]] = pd.NA
    elif told["dtype"].startswith(("datetime64", "timedelta64")):
        made = arrays[key].view(told["dtype"])
    else:
        made = arrays[key]
    return pd.Series(made, name=name)


def _from_json(told: dict[str, Any], arrays: Arrays, name: Any) -> pd.Series:
    """A column of text, or of objects."""
    values = json.loads(arrays[told["key"]].tobytes().decode("utf-8"))
    if told.get("kind") == "days":
        values = [None if value is None else datetime.date.fromisoformat(value) for value in values]
    if "gone" in told:
        places = [place for place, value in enumerate(values) if value is None]
        words = [told["gone"]] * len(places) if isinstance(told["gone"], str) else told["gone"]
        for place, word in zip(places, words, strict=True):
            values[place] = _GONE[word]
    own_text_type = told["dtype"] != "str" or int(pd.__version__.split(".")[0]) >= 3
    return pd.Series(values, name=name, dtype=told["dtype"] if own_text_type else object)


def pack_name(name: Any) -> Any:
    """The name of a column or an index as what JSON knows; a tuple as {"tuple": [...]}.

    Raises
    ------
    DataError
        When it is neither text nor a number nor a tuple of these.
    """
    if isinstance(name, tuple):
        return {"tuple": [pack_name(part) for part in name]}
    if isinstance(name, (pd.Timestamp, datetime.date)) and not pd.isna(name):
        return {"timestamp" if isinstance(name, datetime.datetime) else "day": name.isoformat()}
    if name is not None and not isinstance(name, _SCALARS):
        raise DataError(
            f"A column with the name {name!r} cannot be saved.",
            where="svy.save",
            found=f"a {type(name).__name__} as a name",
            expected="text, numbers, dates, or tuples of these",
            todo="give the columns names of text before making the Survey: frame.columns.map(str)",
        )
    return plain(name)


def unpack_name(told: Any) -> Any:
    """The name back."""
    if isinstance(told, dict):
        if "tuple" in told:
            return tuple(unpack_name(part) for part in told["tuple"])
        if "day" in told:
            return datetime.date.fromisoformat(told["day"])
        return pd.Timestamp(told["timestamp"])
    return told


def plain(value: Any) -> Any:
    """A numpy scalar as what JSON knows."""
    if isinstance(value, np.generic):
        return value.item()
    return str(value) if isinstance(value, str) else value
