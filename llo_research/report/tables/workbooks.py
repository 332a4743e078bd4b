"""Several results in one Excel file, a sheet each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.banner import Banner
from llo_research.estimation.trends import Trend
from llo_research.report.content.labels import check_language
from llo_research.report.tables.grid import Table
from llo_research.report.tables.pages import write_all
from llo_research.report.tables.spreadsheet import check_place
from llo_research.report.tables.tables import shown
from llo_research.results.floors import Withheld, also_withheld, withheld
from llo_research.results.result import Result
from llo_research.results.rules import AUTO, check_disclosure_option
from llo_research.results.together import withheld_together


def workbook(
    results: Mapping[str, Any], path: str | Path, *, language: str = "nl", digits: int = 1, disclosure: str = AUTO
) -> Path:
    """Write several results to one Excel file: a sheet each with its title, numbers, standard errors and notes.

    The first sheet lists them, with links. Numbers stand there in full, shown rounded by their number format (shares as
    percentages); years are numbers; no text runs as a formula; each sheet prints one page wide. A table book
    (:func:`llo.banner`) has further sheets in the same rows and columns: standard errors, unweighted and effective n,
    differences from the rest, and their p-values. Two runs give the same bytes.
    Of restricted files a part that would be the only one missing beside its total on another sheet is withheld too.

    Parameters
    ----------
    results : mapping of str to Result
        What :func:`table` takes, or tables of it, by the names of their sheets. Signs that Excel does not take in a
        name become a hyphen; longer names are cut to 31 signs; names that are then the same are numbered.
    path : str or Path
        A file name that ends in ``.xlsx``, in a folder that is there. A file of that name is replaced.
    language, digits, disclosure
        As in :func:`table`; tables that are made already keep their own.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DataError
        No results, something that cannot be shown, another ending, a place that cannot be written, no openpyxl.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"contract": ["fixed", "flex", "fixed", "flex"], "w": [3.0, 1.0, 3.0, 1.0]})
    >>> svy = llo.Survey(frame, weights="w")
    >>> llo.report.workbook({"contract": llo.share("contract", svy)}, "contract.xlsx")    # doctest: +SKIP
    """
    if not isinstance(results, Mapping) or not results:
        raise DataError(
            "A workbook has a sheet for each of several results.",
            where="results",
            found=f"a {type(results).__name__}" if not isinstance(results, Mapping) else "nothing",
            expected="a mapping of names to results",
            todo="llo.report.workbook({'training': result}, 'tables.xlsx')",
        )
    named = {str(name): result for name, result in results.items()}
    if len(named) < len(results):
        raise DataError(
            "Two results have the same name as text.",
            where="results",
            found=", ".join(map(repr, results)),
            expected="names that differ as text; 1 and '1' are the same",
            todo="give each result a name of its own",
        )
    plain = {name: result for name, result in named.items() if type(result) in (Result, Trend)}
    hidden = _together(named, plain, check_disclosure_option(disclosure))
    check_language(language)
    place = check_place(path)
    made: dict[str, Table] = {}
    for name, result in named.items():
        try:
            made[name] = (
                result if isinstance(result, Table) else shown(result, digits, language, disclosure, hidden.get(name))
            )
        except DataError as error:
            where = f"results[{name!r}]" + (f", {error.where}" if error.where else "")
            raise DataError(
                error.what, where=where, found=error.found, expected=error.expected, todo=error.todo
            ) from None
    return write_all(made, place, "; ".join(made), language)


def _together(named: Mapping[str, Any], plain: Mapping[str, Result], disclosure: str) -> dict[str, Withheld]:
    """The rows that may not be seen of each result when all are seen together; table books count as means."""
    books = {name: result for name, result in named.items() if isinstance(result, Banner)}
    means = {name: _as_means(book) for name, book in books.items()}
    totals = {f"{name}, total": _as_mean(book.total, {}) for name, book in books.items() if book.total is not None}
    hidden = withheld_together({**plain, **means, **totals}, disclosure)
    for name, book in books.items():
        alone = withheld(book, disclosure)
        if alone is not None:
            hidden[name] = also_withheld(book, alone, hidden[name].rows)
    return hidden


def _as_means(book: Banner) -> Result:
    """The cells of a table book as means by each of its breakdowns."""
    rows = book.rows.reset_index(drop=True)
    by = {group: rows["level"].where(rows["group"] == group) for group in rows["group"].unique()}
    return _as_mean(
        book, {"variable": rows["variable"], **({"level": rows["answer"]} if "answer" in rows else {}), **by}
    )


def _as_mean(result: Result, columns: Mapping[str, Any]) -> Result:
    """A result as a mean, which is what its rows are; of totals without the names that joined them."""
    rows = pd.DataFrame(columns) if columns else result.rows.drop(columns="result").reset_index(drop=True)
    meta = {**result.meta, "call": {"function": "mean"}}
    return Result(**{**Result.as_fields(result), "rows": rows, "meta": meta})
