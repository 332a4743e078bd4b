"""Estimates of one year without it in their labels, so that a sentence holds for every edition."""

from __future__ import annotations

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
    by = [name for name in result.meta["by"] if name != "year"]
    labels, meta = named_rows(rows, by), {**result.meta, "by": by}
    if "year" in result.rows:  # scripts find the cells by it
        meta["untold"] = {"year": dict(zip(labels, result.rows["year"].tolist(), strict=True))}
    return replace(result, rows=rows, labels=labels, meta=meta)
