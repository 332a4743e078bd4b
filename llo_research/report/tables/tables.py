"""A result as a table to read or print: Dutch or English, rounded, with its interval, source and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.banner import Banner
from llo_research.estimation.break_robustness import BreakRobustness
from llo_research.report.content.content import Content
from llo_research.report.content.labels import capital, check_language, flag_text, word
from llo_research.report.content.notes import flag_rows
from llo_research.report.content.numbers import interval, level_text, number, unit_text
from llo_research.report.content.reading import check_digits, content_of, part_of
from llo_research.report.tables import markup
from llo_research.results.floors import Withheld
from llo_research.results.hypothesis import HypothesisTest
from llo_research.results.rules import AUTO, check_disclosure_option

EMPTY = "–"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def table(
    result: Any, *, digits: int = 1, language: str = "nl", disclosure: str = AUTO, title: str | None = None
) -> Table:
    """A table of a result, for a notebook, a report or a spreadsheet.

    Shares are percentages and differences of shares percentage points, wherever the result says that it is a share (see
    ``llo_research.report.content.units``); every row of the result is a row of the table, also one without data.

    Parameters
    ----------
    result : Result, HypothesisTest, BreakRobustness, WeightReport or DataFrame
        What an estimator returns, or a frame of estimates (a column `estimate`) or of published figures (a column
        `value`, as from ``llo.published()``). Of ``llo.weight_report(...)`` the steps, or one of its parts:
        ``report.margins``, ``report.outcomes``, ``report.largest``. Also ``llo.break_robustness(...)`` and the test of
        a crosstab.
    digits : int
        Decimals of percentages. Other numbers get more where their standard error is smaller than that; totals get
        none; published figures are shown as printed.
    language : {"nl", "en"}
        Language of heads, labels, notes and numbers.
    disclosure : str
        Which rows are withheld, with a note under the table. ``auto``: of restricted or registered files those under
        the profile ``cbs`` (fewer than 10 people, and what would give these away); of other data none. ``off``: none.
        Or a profile by its name (``cbs``, ``strict``, ``publication``), which then holds for any data.
    title : str, optional
        What the table shows, in your words; by default made from the result. ``""`` leaves it out. Synthetic data are
        named before any title.

    Returns
    -------
    Table
        With ``.to_html()``, ``.to_markdown()``, ``.to_latex()``, ``.to_excel(path)`` and ``.to_frame()``; in a
        notebook it shows itself.

    Raises
    ------
    DataError
        Something that is not one result, a result without rows, an unknown language or disclosure, digits
        outside 0 to 6, a title that is not text.
    DisclosureError
        The largest weights, or the distribution of g, of restricted files.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"contract": ["fixed", "flex", "fixed", "flex"], "w": [3.0, 1.0, 3.0, 1.0]})
    >>> shown = llo.report.table(llo.share("contract", llo.Survey(frame, weights="w")), language="en")
    >>> shown.to_frame()["Share (%)"].tolist()
    ['75.0', '25.0']
    """
    if title is not None and not isinstance(title, str):
        raise DataError("A title is text.", where="title", found=repr(title)[:60], expected="text, or None")
    made = shown(result, digits, language, check_disclosure_option(disclosure))
    return made if title is None else replace(made, title=title)


def shown(result: Any, digits: int, language: str, disclosure: str, hidden: Withheld | None = None) -> Table:
    """The table of whatever was handed over, under the title that it makes itself; `hidden` where that is known."""
    check_digits(digits)
    part = part_of(result)
    if part is not None:
        from llo_research.report.tables.weights import weight_table

        return weight_table(result, part, digits, language, disclosure)
    if isinstance(result, HypothesisTest):
        from llo_research.report.tables.hypotheses import hypothesis_table

        return hypothesis_table(result, check_language(language), disclosure, digits)
    content = content_of(result, digits, language, disclosure, hidden)
    if isinstance(result, BreakRobustness):
        from llo_research.report.tables.robustness import robustness_table

        return robustness_table(result, content, disclosure)
    if isinstance(result, Banner):
        from llo_research.report.tables.banners import banner_table

        return banner_table(content, result)
    return table_of_content(content)


@dataclass(frozen=True, repr=False)
class Table:
    """A table as it is shown; made by :func:`table`.

    Attributes
    ----------
    content : Content
        The numbers behind it, in the units shown.
    frame : DataFrame
        Display texts, one row for each estimate.
    alignment : str
        ``l`` or ``r`` for each column.
    row_heads : int
        How many columns at the left name the row.
    title : str
        What the table shows.
    notes : tuple of str
        Sentences under the table.
    numbers : dict
        Values and decimals behind further columns of numbers, by head.
    """

    content: Content
    frame: pd.DataFrame
    alignment: str
    row_heads: int
    title: str
    notes: tuple[str, ...]
    numbers: Mapping[str, tuple[np.ndarray, tuple[int, ...]]] = field(default_factory=dict)

    @property
    def caption(self) -> str:
        """The title, with the word that says so when the data are synthetic."""
        if not self.content.synthetic:
            return self.title
        mark = word("synthetic", self.content.language)
        return f"{mark}: {self.title}" if self.title else mark

    def to_frame(self) -> pd.DataFrame:
        """The display texts as a DataFrame; for unrounded numbers use ``result.to_frame()``."""
        return self.frame.copy()

    def to_html(self) -> str:
        """An HTML table with a caption, scopes for screen readers, and the notes in its foot."""
        return markup.html(self)

    def to_markdown(self) -> str:
        """A pipe table with its caption above and the notes below."""
        return markup.markdown(self)

    def to_latex(self) -> str:
        """A ``table`` environment; needs the package booktabs."""
        return markup.latex(self)

    def to_excel(self, path: str | Path) -> Path:
        """An Excel file: numbers as numbers on one sheet, the caption and notes on another.

        Parameters
        ----------
        path : str or Path
            A file name that ends in ``.xlsx``, in a folder that is there.

        Raises
        ------
        DataError
            Another ending, a folder that does not exist, a place that cannot be written, or openpyxl is not installed.
        """
        from llo_research.report.tables.spreadsheet import write

        return write(self, Path(path))

    def __str__(self) -> str:
        return markup.text(self)

    def __repr__(self) -> str:
        return markup.text(self)

    def _repr_html_(self) -> str:
        return self.to_html()

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def table_of_content(content: Content) -> Table:
    """The display texts of a content."""
    language = content.language
    flags = flag_rows(content.flags)
    marks = {flag: _mark(i) for i, flag in enumerate(flags)}
    columns: list[tuple[str, list[str], str]] = []
    columns += [
        (content.heads[name], [str(text) for text in content.names[name]], "l") for name in map(str, content.names)
    ]
    row_heads = len(columns)
    columns.append((content.heading, [_estimate(content, i) for i in range(len(content.names))], "r"))
    if len(content.units) > 1:
        columns.append((capital(word("unit", language)), [unit_text(s.unit, language) for s in content.scales], "l"))
    if content.has_interval:
        columns.append((interval_head(content), [_interval(content, i) for i in range(len(content.names))], "r"))
    if content.n is not None:
        columns.append(("n", [content.count(i) or EMPTY for i in range(len(content.n))], "r"))
    if flags:
        texts = [" ".join(marks[flag] for flag in words) for words in content.flags]
        columns.append((capital(word("note", language)), texts, "l"))
    explained = [f"{marks[flag]}: {flag_text(flag, language)}." for flag in flags]
    return Table(
        content=content,
        frame=_frame(columns),
        alignment="".join(side for _, _, side in columns),
        row_heads=row_heads,
        title=content.what,
        notes=(*explained, *content.notes.values()),
    )


def interval_head(content: Content) -> str:
    """``95%-BI`` or ``95% CI``; published intervals carry no level of their own."""
    if content.meta.get("bounds") == "rounding":
        return word("rounding", content.language)
    if content.published:
        return "BI" if content.language == "nl" else "CI"
    return word("interval", content.language).format(level=level_text(content.level, content.language))


def _frame(columns: list[tuple[str, list[str], str]]) -> pd.DataFrame:
    """A frame of texts; heads that are the same are numbered."""
    heads: list[str] = []
    for head, _, _ in columns:
        count = sum(known == head or (known.startswith(f"{head} (") and known.endswith(f"{head})")) for known in heads)
        heads.append(head if not count else f"{head} ({count + 1})")
    return pd.DataFrame({head: texts for head, (_, texts, _) in zip(heads, columns, strict=True)}, dtype=object)


def _mark(i: int) -> str:
    """a, b, ..., z, aa, bb, ..."""
    return _LETTERS[i % len(_LETTERS)] * (i // len(_LETTERS) + 1)


def _estimate(content: Content, i: int) -> str:
    """The text of an estimate."""
    text = number(content.estimate[i], content.decimals[i], content.language)
    if not text:
        return content.absent(i)
    return f"{content.before[i]} {text}" if content.before[i] else text


def _interval(content: Content, i: int) -> str:
    """The text of an interval."""
    if not np.isfinite(content.estimate[i]):
        return EMPTY
    ends = interval(content.low[i], content.high[i], content.decimals[i], content.language)
    if ends:
        return ends
    return EMPTY if content.published else word("no_interval", content.language)
