"""Estimates of one year without it in their labels, so that a sentence holds for every edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from llo_research.errors import DataError
from llo_research.monitor.estimates import named_rows

if TYPE_CHECKING:
    from llo_research.results.result import Result


def undated(result: Result) -> Result:
    """Estimates without the year in their labels: ``{m[high]}`` in place of ``{m[high:2022]}``.

    Use it for sentences and contrasts of the latest year, which is another one in each edition; the year itself is
    said by the text.

    Parameters
    ----------
    result : Result
        As :func:`estimates` gives for one year; of several surveys each may have a year of its own.

    Returns
    -------
    Result
        The same numbers.

    Raises
    ------
    DataError
        Rows that only their year tells apart.

    Examples
    --------
    >>> import llo_research as llo
    >>> nea = llo.synthetic("nea", years=2022)
    >>> llo.monitor.undated(llo.monitor.estimates("1", surveys={"nea": nea}, by="education")).labels
    ('low', 'middle', 'high')
    """
    rows = result.rows.drop(columns="year", errors="ignore")
    if rows.duplicated().any():
        raise DataError(
            "Only their year tells these rows apart.",
            where="undated",
            found=", ".join(map(str, result.labels)),
            todo="llo.monitor.estimates(..., years=2022) gives those of one year",
        )
    return taken_off(result, ["year"], named_rows(rows, [name for name in result.meta["by"] if name != "year"]))


def taken_off(result: Result, columns: Sequence[str], labels: Sequence[str]) -> Result:
    """A result without some of the columns of its rows; `meta` keeps their values by label, for scripts need them."""
    there = [name for name in columns if name in result.rows]
    by = [name for name in result.meta["by"] if name not in columns]
    values = {name: [own[label] for label in result.labels] for name, own in result.meta.get("untold", {}).items()}
    values |= {name: result.rows[name].tolist() for name in there}
    untold = {name: dict(zip(labels, own, strict=True)) for name, own in values.items()}
    meta = {**result.meta, "by": by, "untold": untold}
    return replace(result, rows=result.rows.drop(columns=there), labels=tuple(labels), meta=meta)
