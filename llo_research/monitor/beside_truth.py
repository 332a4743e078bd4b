"""Estimates of synthetic data beside the truth that they should find; of real files the truth is blank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from llo_research.report.tables.grid import Table
    from llo_research.results.result import Result

_WORDS = {
    "nl": {"truth": "Waarheid", "holds": "In het interval", True: "ja", False: "nee"},
    "en": {"truth": "Truth", "holds": "Interval holds it", True: "yes", False: "no"},
}


def beside_truth(
    result: Result, truth: Mapping[str, float], *, language: str = "nl", title: str | None = None, digits: int = 1
) -> Table:
    """A table of a result with two more columns: the truth, and whether the interval holds it.

    Use it in chapters that show method on synthetic data.

    Parameters
    ----------
    result : Result
        Estimates with intervals.
    truth : mapping of str to float
        True values by label of the row (``result.labels``), in the unit of the estimates. Rows without one are blank.
    language, title, digits
        As ``llo.report.table``.

    Returns
    -------
    Table

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> from llo_research.monitor.beside_truth import beside_truth
    >>> frame = pd.DataFrame({"year": [2014] * 4, "trained": [1, 0, 1, 0], "w": 1.0})
    >>> found = llo.mean("trained", llo.Survey(frame, weights="w"), by="year")
    >>> beside_truth(found, {"trained": 0.55}, language="en").to_frame()["Truth"].tolist()
    ['55.0']
    """
    from llo_research.report import table
    from llo_research.report.content.units import factors
    from llo_research.report.tables.columns import Column, number_column, with_columns
    from llo_research.report.tables.grid import EMPTY

    made = table(result, language=language, title=title, digits=digits)
    words, content = _WORDS[language], made.content
    known = _known(result, truth)
    values = known * factors(content.quantities)
    inside = _inside(result, known)
    texts = tuple(EMPTY if np.isnan(value) else words[bool(held)] for value, held in zip(known, inside, strict=True))
    columns = [number_column(words["truth"], values, content.decimals, language), Column(words["holds"], texts)]
    return with_columns(made, columns, after=made.row_heads + 1 + content.has_interval + (len(content.units) > 1))


def held(result: Result, truth: Mapping[str, float]) -> np.ndarray:
    """Whether each interval holds its truth, of the rows whose truth is known: (k,) booleans.

    Parameters
    ----------
    result, truth
        As :func:`beside_truth`.

    Returns
    -------
    ndarray
        Empty where no truth is known.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> from llo_research.monitor.beside_truth import held
    >>> found = llo.mean("x", llo.Survey(pd.DataFrame({"x": [1.0, 2.0, 3.0], "w": 1.0}), weights="w"))
    >>> held(found, {"x": 2.5}).tolist()
    [True]
    """
    known = _known(result, truth)
    return np.asarray(_inside(result, known)[~np.isnan(known)])


def _known(result: Result, truth: Mapping[str, float]) -> np.ndarray:
    """(k,) the truth of each row, NaN where it is not known."""
    told: Mapping[str, Any] = {str(label): value for label, value in truth.items()}
    return np.array([float(told.get(str(label), np.nan)) for label in result.labels])


def _inside(result: Result, known: np.ndarray) -> np.ndarray:
    """(k,) whether the interval holds the truth."""
    frame = result.to_frame()
    return (frame["conf_low"].to_numpy() <= known) & (known <= frame["conf_high"].to_numpy())
