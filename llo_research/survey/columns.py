"""New columns for a survey: assigned or joined, without changing the number or the order of its rows."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.options import check_option
from llo_research.survey.exact import LIMIT, check_codes, exact
from llo_research.survey.origins import made_by, made_by_condition, of_series
from llo_research.survey.variables import column, spelled


@dataclass(frozen=True)
class Assigned:
    """A frame with new columns, and what is known of these.

    sources : the columns that each new one was made of, and those that these were made of.
    lost : by new column, the rows in which a missing value of a column became a value.
    """

    frame: pd.DataFrame
    sources: dict[str, tuple[str, ...]]
    lost: dict[str, dict[str, np.ndarray]]


def assigned(
    frame: pd.DataFrame,
    columns: Mapping[str, Any],
    known: Mapping[str, tuple[str, ...]],
    labels: Mapping[str, Any],
    waves: np.ndarray,
) -> Assigned:
    """The frame with these columns, one after the other; nothing is aligned or recycled in silence.

    known : the sources of columns that were assigned before.
    waves : (n,) number of the wave of each row.
    """
    out, sources = frame.copy(deep=False), dict(known)
    lost: dict[str, dict[str, np.ndarray]] = {}
    for name, given in columns.items():
        value, names, lost[name] = _made(given, name, out, labels, waves)
        _check_rows(value, name, frame)
        origins = dict.fromkeys(source for read in names for source in (read, *sources.get(read, ())))
        sources.pop(name, None)
        if origins or not (isinstance(given, str) or callable(given) or _length(given) is None):
            # nothing is known of values that were computed elsewhere: ()
            sources[name] = tuple(source for source in origins if source != name)
        out = out.assign(**{name: value})
    return Assigned(out, sources, {name: rows for name, rows in lost.items() if rows})


def _made(
    given: Any, name: str, frame: pd.DataFrame, labels: Mapping[str, Any], waves: np.ndarray
) -> tuple[Any, tuple[str, ...], dict[str, np.ndarray]]:
    """The values of a new column, the columns they come from, and by column the rows whose missing value was lost."""
    if isinstance(given, str):
        made = made_by_condition(given, name, frame, labels, waves)
        if made is None and _computes(given, frame):
            raise DataError(
                f"The text of {name!r} is no condition, and a column of that text would be the same in every row.",
                where=f"svy.assign({name}=...)",
                found=repr(given)[:100],
                expected='a condition, as "age >= 55"; or a word for every row',
                todo='to compute, give a function: lambda d: d["a"] + d["b"]',
            )
        value, names = made or (given, ())
        return value, names, {}
    if not callable(given):
        return given, of_series(given, name, frame), {}
    try:
        return made_by(given, frame)
    except KeyError as error:
        wanted = error.args[0] if error.args else name
        raise DataError(
            f"The function of {name!r} asks for a column that is not there.",
            where=f"svy.assign({name}=...)",
            found=repr(wanted),
            todo="svy.frame.columns lists what is there",
        ) from error


def _computes(text: str, frame: pd.DataFrame) -> bool:
    """Whether a text that is no condition computes with columns: no word to be put into every row."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):  # a sentence
        return False
    read = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return not isinstance(tree, ast.Name) and any(spelled(frame, name) in frame.columns for name in read)


def _check_rows(value: Any, name: str, frame: pd.DataFrame) -> None:
    """One value for each row of the frame, in its order."""
    if isinstance(value, pd.Series) and not value.index.equals(frame.index):
        raise DataError(
            "The index of the new column is not that of the data, so that rows might be mixed up.",
            where=f"svy.assign({name}=...)",
            found=f"a Series of {len(value)} values",
            expected=f"the index of svy.frame, {len(frame)} rows",
            todo="compute it from svy.frame, give it as an array in row order, or use svy.join with a key",
        )
    many = isinstance(value, pd.DataFrame) or callable(value)
    if many or (not isinstance(value, str) and _length(value) not in (None, len(frame))):
        raise DataError(
            "The new column does not have one value for each row.",
            where=f"svy.assign({name}=...)",
            found=f"a {type(value).__name__}" + (f" of {_length(value)}" if _length(value) is not None else ""),
            expected=f"{len(frame)} values, or a single one",
        )


def _length(value: object) -> int | None:
    """The number of values, None for a single one."""
    return len(value) if isinstance(value, Sized) and not (isinstance(value, np.ndarray) and value.ndim == 0) else None


def joined(frame: pd.DataFrame, other: pd.DataFrame, keys: list[str], validate: str | None) -> tuple[pd.DataFrame, int]:
    """The frame with the columns of another by key, and the number of rows without a partner."""
    _check_join(frame, other, keys, validate)
    ours, theirs = _positions(frame, other, keys)
    row = np.full(max(int(ours.max(initial=-1)), int(theirs.max(initial=-1))) + 2, -1, dtype=np.intp)
    row[theirs] = np.arange(len(other))
    partner = row[ours]
    new = other.drop(columns=[spelled(other, key) for key in keys]).reset_index(drop=True)
    if (partner < 0).any():
        new = new.astype({name: _with_missing(new[name]) for name in new.columns})
    return pd.concat([frame, new.reindex(partner).set_axis(frame.index)], axis=1), int((partner < 0).sum())


def _positions(frame: pd.DataFrame, other: pd.DataFrame, keys: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Codes of the keys of both frames, the same for the same key; -1 for a key of ours that is missing."""
    codes = np.zeros(len(frame) + len(other), dtype=np.intp)
    gone = np.zeros(len(codes), dtype=bool)
    for key in keys:
        sides = _in_one_form([_key(column(side, key, "svy.join")) for side in (frame, other)])
        both = (
            np.concatenate([side.astype(object) for side in sides])
            if len({s.dtype for s in sides}) > 1
            else (np.concatenate(sides))
        )
        own, levels = pd.factorize(both)
        gone |= own < 0
        codes = pd.factorize(codes * (len(levels) + 1) + own)[0].astype(np.intp)
    codes[gone] = -1
    return codes[: len(frame)], codes[len(frame) :]


def _key(series: pd.Series) -> np.ndarray:
    """Values of a key that match exactly: numbers as they are, text and dates as objects; missing as None or nan."""
    if _kind(series) not in ("number", "boolean"):
        return series.astype(object).where(series.notna(), None).to_numpy(dtype=object)
    numbers = exact(series)
    if not numbers.missing.any() or numbers.values.dtype.kind == "f":
        return numbers.values
    values = numbers.values.astype(object)
    values[numbers.missing] = None
    return values


def _in_one_form(sides: list[np.ndarray]) -> list[np.ndarray]:
    """Keys of text in one Unicode form, where that keeps different keys of either side apart."""
    if all(not isinstance(key, str) or key.isascii() for side in sides if side.dtype == object for key in side):
        return sides
    same = [np.array([_normal(key) for key in side], dtype=object) for side in sides]
    apart = all(len(pd.unique(one)) == len(pd.unique(side)) for one, side in zip(same, sides, strict=True))
    return same if apart else sides


def _normal(key: Any) -> Any:
    """A key of text in one Unicode form."""
    return unicodedata.normalize("NFC", key) if isinstance(key, str) else key


def _with_missing(series: pd.Series) -> Any:
    """The type of a column that gets missing values: whole numbers that floats do not hold stay whole."""
    if pd.api.types.is_integer_dtype(series.dtype) and not pd.api.types.is_extension_array_dtype(series.dtype):
        unsigned = pd.api.types.is_unsigned_integer_dtype(series.dtype)
        return ("UInt64" if unsigned else "Int64") if exact(series).largest >= LIMIT else series.dtype
    return series.dtype


def _check_join(frame: pd.DataFrame, other: pd.DataFrame, keys: list[str], validate: str | None) -> None:
    """Keys on both sides, of one type, unique where they must be; no column twice."""
    where = f"svy.join on {keys}"
    if not isinstance(other, pd.DataFrame):
        raise DataError("svy.join takes a pandas DataFrame.", where=where, found=f"a {type(other).__name__}")
    if not keys:
        raise DataError("svy.join needs a key.", where="on", found="none", expected="a column of both, as on='person'")
    if validate is not None:
        why = "a join that multiplies rows (1:m, m:m) would change the sample"
        check_option(validate, "validate", ("1:1", "m:1"), also="None", todo=why)
    for key in keys:
        ours, theirs = column(frame, key, "svy.join, the survey"), column(other, key, "svy.join, the frame")
        for side in (ours, theirs):
            check_codes(side, where)
        if _kind(ours) != _kind(theirs):
            raise DataError(
                f"The key {key!r} is of another type on each side.",
                where=where,
                found=f"{ours.dtype} in the survey, {theirs.dtype} in the frame",
                todo="convert one of the two, for example frame[key].astype(str) on both sides",
            )
    as_keys = [spelled(other, key) for key in keys]
    double = [name for name in other.columns if spelled(frame, str(name)) in frame.columns and name not in as_keys]
    if double:
        raise DataError(
            f"{double[0]!r} is in both.",
            where=where,
            expected="new columns only",
            todo="rename it in one of the two, or drop it from the frame",
        )
    _check_unique(frame, other, keys, validate, where)


def _check_unique(frame: pd.DataFrame, other: pd.DataFrame, keys: list[str], validate: str | None, where: str) -> None:
    """One row of the other frame for each key, none of them missing."""
    names = [spelled(other, key) for key in keys]
    empty = other[names].isna().any(axis=1)
    if empty.any():
        raise DataError(
            f"{int(empty.sum())} keys of the frame are missing.",
            where=where,
            expected="a key in every row",
            todo="leave these rows out; a missing key belongs to nobody",
        )
    for side, data in (("frame", other), ("survey", frame)):
        names = [spelled(data, key) for key in keys]
        repeated = data.duplicated(names).to_numpy()
        if repeated.any() and (side == "frame" or validate == "1:1"):
            raise DataError(
                f"{int(repeated.sum())} keys of the {side} are repeated.",
                where=where,
                found=f"for example {data.loc[repeated, names].iloc[0].tolist()}",
                expected="one row for each key",
                todo="drop repeated rows, or add the column that tells them apart (the year, say) to the key",
            )


def _kind(series: pd.Series) -> str:
    """Numbers, dates or text: what may be matched with what."""
    inner = series.cat.categories.to_series() if isinstance(series.dtype, pd.CategoricalDtype) else series
    if pd.api.types.is_bool_dtype(inner):
        return "boolean"
    if pd.api.types.is_numeric_dtype(inner):
        return "number"
    inferred = pd.api.types.infer_dtype(inner, skipna=True)
    words = {"string": "text", "empty": "text", "boolean": "boolean"}
    words |= dict.fromkeys(("integer", "floating", "mixed-integer-float", "decimal"), "number")
    return words.get(inferred, str(inner.dtype))
