"""Rows of a file that are nobody: totals, means and notes below a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from llo_research.data.text_form import FormError, TextForm
from llo_research.data.wording import bare
from llo_research.errors import DataError

_LEAST_ROWS = 10  # in fewer rows a sum of the others is no wonder
_LEAST_VALUES = 4  # other than zero, of which a number may be the sum
_CLOSE = 1e-6  # of a sum: totals are written with few decimals
_HALF = (0.45, 0.55)  # of all weight in one row
_BELOW = 5  # rows at the end that may be totals or notes
_WORDS = re.compile(
    r"(?:(?:sub|eind|grand )?tota(?:a)?l(?:en|s)?|som|sum|gemiddeld(?:en?)?|mean|average|avg|totaal generaal)(?: .*)?"
)
_NOTE = re.compile(r"(?:bron|noot|source|note|toelichting|opmerking)\b|[*¹]", re.IGNORECASE)
_WEIGHTS = re.compile(r"weight|weeg|weging|ophoog|wgt|gewicht|(?:^|_)wt?(?:\d*$|_)", re.IGNORECASE)


def check_extra_rows(frame: pd.DataFrame, path: Path, *, text: bool) -> None:
    """No row of the file is a total, a mean or a note.

    Raises
    ------
    DataError
        With the row, and what shows it.
    """
    found = _told_by_words(frame) or _told_by_numbers(frame)
    if found is None:
        return
    row, why = found
    last = row == len(frame) - 1
    place = "its last row" if last else f"data row {row + 1:,}"
    line = (
        "skip=[-1] (read_file), or [file] skip = [-1] in the mapping" if last else "skip= with the number of the line"
    )
    way = f"Leave the line out: {line}; " if text else "Take it out of the file; "
    kind = FormError if text and last else DataError
    error = kind(
        f"{path.name} has a row that is nobody: {place} looks like a total, a mean or a note.",
        where=f"{path.name}, data row {row + 1:,} of {len(frame):,}",
        found=why,
        expected="one person in each row",
        todo=f"{way}a total would count as a respondent with all weight.",
    )
    raise error.with_remedy(TextForm(skip=(-1,)), sure=True) if isinstance(error, FormError) else error


def _told_by_words(frame: pd.DataFrame) -> tuple[int, str] | None:
    """A row at the end with "Totaal" or a note in it, when no other row has that."""
    end = frame.tail(_BELOW)
    for name in frame.columns:
        column = frame[name]
        if column.dtype.kind in "biufcmM":
            continue
        for place, value in zip(range(len(frame) - len(end), len(frame)), end[name], strict=True):
            if not isinstance(value, str) or not (_WORDS.fullmatch(bare(value)) or _NOTE.match(value)):
                continue
            rest = end.drop(columns=name).iloc[place - len(frame)]
            alone = frame.shape[1] > 1 and bool(rest.isna().all())
            if (alone or _WORDS.fullmatch(bare(value))) and int(column.eq(value).sum()) == 1 and len(frame) > _BELOW:
                return place, f"{value[:60]!r} in column {name}" + (", and nothing else" if alone else "")
    return None


def _told_by_numbers(frame: pd.DataFrame) -> tuple[int, str] | None:
    """A row whose number is the sum of the others, that has half of all weight, or that has the means of the others."""
    if len(frame) < _LEAST_ROWS:
        return None
    means = []
    for name in frame.columns:
        if frame[name].dtype.kind not in "iuf":
            continue
        values = frame[name].to_numpy(dtype=float)
        found = _sum_row(values, weights=_WEIGHTS.search(str(name)) is not None)
        if found is not None:
            row, share = found
            said = "the sum of all other rows" if share is None else f"{share:.1%} of the sum of all rows"
            return row, f"{values[row]:.10g} in column {name}, {said}"
        rest = values[:-1][~np.isnan(values[:-1])]
        mean = float(rest.mean()) if len(rest) >= _LEAST_ROWS else np.nan
        if abs(values[-1] - mean) <= _CLOSE * abs(mean) and values[-1] not in rest:
            means.append(str(name))
    if len(means) > 1:
        return len(frame) - 1, f"the means of the other rows, in columns {_listed(means)}"
    return None


def _sum_row(values: np.ndarray, *, weights: bool) -> tuple[int, float | None] | None:
    """The row that is the sum of the others in a column without negative numbers, or nearly half of all weight."""
    known = values[~np.isnan(values)]
    if len(known) < _LEAST_ROWS or known.min() < 0 or np.count_nonzero(known) <= _LEAST_VALUES:
        return None
    total, most = float(known.sum()), float(known.max())
    row = int(np.nanargmax(values))
    rest = total - most
    if not np.isfinite(total) or rest <= 0:
        return None
    if abs(most - rest) <= _CLOSE * rest:
        return row, None
    share = most / total
    return (row, share) if weights and _HALF[0] <= share <= _HALF[1] else None


def _listed(names: Sequence[str]) -> str:
    """A few names."""
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
