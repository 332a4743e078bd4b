"""The row of ``llo.published()`` that a figure of an edition stands beside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from llo_research.errors import DataError
from llo_research.monitor.entries import Entry, Target
from llo_research.options import nearest

if TYPE_CHECKING:
    import pandas as pd


def published_of(target: Target, book: pd.DataFrame, where: str = "") -> pd.Series:
    """The row of ``llo.published()`` that a target means.

    Raises
    ------
    DataError
        When there is none, or more than one.
    """
    known = book[book["series"] == target.series]
    rows = known[(known["category"] == target.category) & (known["year"] == target.years[1]) & ~known["repeated"]]
    if target.population:
        rows = rows[rows["population"] == target.population]
    if len(rows) != 1:
        raise DataError(
            "This is not one published figure.",
            where=where or f"series {target.series}",
            found=f"{len(rows)} of {target.category!r} in {target.years[1]}",
            expected="; ".join(f"{row['category']} {row['year']}" for _, row in known.iterrows()),
        )
    return rows.iloc[0]


def check_published(entries: Iterable[Entry], where: str) -> None:
    """Refuse a published figure that is no row, or several, of what was published.

    Raises
    ------
    DataError
        The message names the figure and the series, and what that series has.
    """
    from llo_research.data.published import published

    book = published(breaks="flag")
    for entry in entries:
        for target in entry.published:
            if target.series not in set(book["series"]):
                raise DataError(
                    "There is no such published series.",
                    where=f"{where}, figure {entry.number}",
                    found=f"{target.series!r}{nearest(target.series, sorted(set(book['series'])))}",
                    todo="llo.monitor.published_index() lists them",
                )
            published_of(target, book, f"{where}, figure {entry.number}, series {target.series}")
