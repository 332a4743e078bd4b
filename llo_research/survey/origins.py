"""Where new columns come from: what they were made of, so that weights, breaks and missing values follow them."""

from __future__ import annotations

import ast
import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, LloWarning
from llo_research.survey import condition as conditions
from llo_research.survey.reading import Reading, reading_frame
from llo_research.survey.variables import spelled

_SEEN_TO = {"isna", "notna", "isnull", "notnull", "isnan", "isfinite", "fillna", "dropna", "nan_to_num"}
_MOST_FUNCTIONS = 50


def made_by(
    function: Callable[[pd.DataFrame], Any], frame: pd.DataFrame
) -> tuple[Any, tuple[str, ...], dict[str, np.ndarray]]:
    """What a function makes of the frame, the columns it read, and by column the rows whose missing value it lost."""
    reading = Reading()
    # pandas before 3 does not copy on write: a function that writes must not reach the survey's data
    own = frame.copy(deep=int(pd.__version__.split(".")[0]) < 3)
    value = function(reading_frame(own, reading))
    names = tuple(name for name in reading.names if name in frame.columns)
    lost = _lost(value, frame, reading, names, function)
    return _plain_value(value), names, lost


def _plain_value(value: Any) -> Any:
    """A recorded column or comparison as pandas has it."""
    return pd.Series(value.array, index=value.index, name=value.name) if isinstance(value, pd.Series) else value


def _lost(
    value: Any, frame: pd.DataFrame, reading: Reading, names: Sequence[str], function: Callable[..., Any]
) -> dict[str, np.ndarray]:
    """By column with missing values, the rows in which these were turned into a value."""
    if np.ndim(value) != 1 or len(value) != len(frame):
        return {}
    unknown = getattr(value, "_unknown", None)
    plain = pd.Series(_plain_value(value)).reset_index(drop=True)
    there = plain.notna().to_numpy()
    gaps = {name: frame[name].isna().to_numpy() for name in names if name not in reading.asked}
    gaps = {name: gap for name, gap in gaps.items() if gap.any()}
    if not gaps or (not reading.asked and _sees_to_missing(function)):
        return {}
    if unknown is None:
        unknown = reading.lost
    if unknown is None:
        yes_or_no = plain.dtype == bool or (plain.dtype.kind in "iu" and plain.isin([0, 1]).all())
        unknown = np.logical_and.reduce(list(gaps.values())) if yes_or_no else np.zeros(len(frame), dtype=bool)
    lost = {name: gap & unknown & there for name, gap in gaps.items()}
    return {name: rows for name, rows in lost.items() if rows.any()}


def _sees_to_missing(function: Callable[..., Any]) -> bool:
    """Whether a function names one of the ways to see to missing values, itself or in a function that it calls."""
    todo: list[Any] = [function]
    seen: list[Any] = []
    while todo and len(seen) < _MOST_FUNCTIONS:
        found = todo.pop()
        found = found.func if isinstance(found, functools.partial) else found
        found = getattr(found, "__func__", found)
        code = found if isinstance(found, CodeType) else getattr(found, "__code__", None)
        if code is None or any(code is known for known in seen):
            continue
        seen.append(code)
        if _SEEN_TO & {*code.co_names, *code.co_freevars}:
            return True
        todo += [const for const in code.co_consts if isinstance(const, CodeType)]
        known = getattr(found, "__globals__", {})
        todo += [known[name] for name in code.co_names if name in known]
        todo += [cell.cell_contents for cell in getattr(found, "__closure__", None) or () if _filled(cell)]
    return False


def _filled(cell: Any) -> bool:
    """Whether a variable of an enclosing function has a value."""
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def made_by_condition(
    text: str, name: str, frame: pd.DataFrame, labels: Mapping[str, Any], waves: np.ndarray
) -> tuple[Any, tuple[str, ...]] | None:
    """The column of a condition given as text, missing where it is unknown, and its columns; None for plain text.

    waves : (n,) number of the wave of each row; of a question that a wave did not ask nothing is known there.
    """
    expression = conditions.as_condition(text, frame)
    if expression is None:
        if any(sign in text for sign in ("==", ">", "<", "!=")):
            raise DataError(
                "The text looks like a condition, but cannot be read as one.",
                where=f"svy.assign({name}={text[:60]!r})",
                found=text[:200],
                expected='a condition as in svy.where: "age >= 55"',
                todo=f"mend it; for the same text in every row: svy.assign({name}=lambda d: {text[:20]!r})",
            )
        return None
    compares = any(isinstance(node, ast.Compare | ast.Call) for node in ast.walk(expression.tree))
    if not compares and not any(spelled(frame, found) in frame.columns for found in expression.names()):
        return None  # text such as "R&D"
    truth, names = conditions.evaluate(text, frame, labels), tuple(spelled(frame, own) for own in expression.names())
    unasked = _unasked(truth.unknown, [frame[own].isna().to_numpy() for own in names if own in frame.columns], waves)
    return boolean_column(conditions.Truth(truth.true, truth.unknown | unasked), frame), names


def _unasked(unknown: np.ndarray, missing: Sequence[np.ndarray], waves: np.ndarray) -> np.ndarray:
    """Rows of waves in which a column has no answer at all and the condition is unknown for somebody.

    One "no" is enough to know "a and b". Where nobody was asked b, only the "no" would be known: a share of 0 %.
    """
    size = int(waves.max(initial=-1)) + 1
    doubtful = np.bincount(waves, weights=unknown, minlength=size) > 0
    silent = np.zeros(size, dtype=bool)
    for rows in missing:
        silent |= np.bincount(waves, weights=~rows, minlength=size) == 0
    return np.asarray((silent & doubtful)[waves])


def boolean_column(truth: conditions.Truth, frame: pd.DataFrame) -> pd.Series:
    """True, false, and missing where unknown."""
    return pd.Series(pd.arrays.BooleanArray(truth.true & ~truth.unknown, truth.unknown.copy()), index=frame.index)


def of_series(value: Any, name: str, frame: pd.DataFrame) -> tuple[str, ...]:
    """The column that a Series was computed from, as its name tells (pandas keeps it in ``frame["x"] == 1``)."""
    known = isinstance(value, pd.Series) and isinstance(value.name, str) and value.name in frame.columns
    return (value.name,) if known and value.name != name else ()


def warn_of_lost(name: str, lost: Mapping[str, np.ndarray], concerned: np.ndarray) -> None:
    """Warn when a new column has a value for people of the domain whose answer is missing."""
    counts = {column: int((rows & concerned).sum()) for column, rows in lost.items()}
    counts = {column: count for column, count in counts.items() if count}
    if counts:
        lacking = ", ".join(f"{count} rows without {column!r}" for column, count in counts.items())
        first = next(iter(counts))
        warnings.warn(
            LloWarning(
                f"The new column {name!r} has a value where what it is made of is missing: {lacking}. In pandas a "
                "comparison with a missing value is False, so that these people count as if they had answered no. A "
                f'condition as text keeps missing as missing: svy.assign({name}="{first} == ...").'
            ),
            stacklevel=3,
        )
