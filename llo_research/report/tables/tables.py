"""A result as a table to read or print: Dutch or English, rounded, with its interval, source and notes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from llo_research.errors import DataError
from llo_research.estimation.banner import Banner
from llo_research.estimation.break_robustness import BreakRobustness
from llo_research.estimation.pooling import MetaAnalysis
from llo_research.estimation.ranking import Ranks
from llo_research.report.content.content import Content
from llo_research.report.content.labels import check_language, unmarked
from llo_research.report.content.reading import check_digits, content_of, part_of
from llo_research.report.content.support import SUPPORT
from llo_research.report.tables.banners import banner_table
from llo_research.report.tables.book import Book, total_withheld
from llo_research.report.tables.claims import claims_of, with_claims
from llo_research.report.tables.comparisons import comparison_table
from llo_research.report.tables.decompositions import decomposition_table
from llo_research.report.tables.grid import Table, table_of_content
from llo_research.report.tables.hypotheses import hypothesis_table
from llo_research.report.tables.naive import naive_table
from llo_research.report.tables.populations import pooled_table, rank_table
from llo_research.report.tables.robustness import robustness_table
from llo_research.report.tables.sensitivity import sensitivity_table
from llo_research.report.tables.support import support_table
from llo_research.report.tables.weights import weight_table
from llo_research.results.decomposition import Decomposition
from llo_research.results.floors import Withheld, withheld
from llo_research.results.hypothesis import HypothesisTest
from llo_research.results.naive import Naive
from llo_research.results.result import Result
from llo_research.results.rules import AUTO, check_disclosure_option
from llo_research.results.seen import frame_to_show
from llo_research.results.sensitivity import Sensitivity
from llo_research.results.side_by_side import SideBySide

if TYPE_CHECKING:
    from llo_research.regression.compare import Comparison


def table(
    result: Any, *, digits: int = 1, language: str = "nl", disclosure: str = AUTO, title: str | None = None
) -> Table:
    """A table of a result, for a notebook, a report or a spreadsheet.

    Shares are percentages and differences of shares percentage points; of a bare frame only where it says that it holds
    shares. Every row of the result is a row of the table, also one without data.

    Parameters
    ----------
    result : Result, Comparison, HypothesisTest, BreakRobustness, WeightReport or DataFrame
        What an estimator returns, or a frame of estimates (a column `estimate`) or of published figures (a column
        `value`, as from ``llo.published()``). Of ``llo.weight_report(...)`` the steps, or one of its parts:
        ``report.margins``, ``report.outcomes``, ``report.largest``; the `support` of a decomposition. Also
        ``llo.break_robustness(...)``, the test of a crosstab or of coefficients,
        ``llo.panel.omitted_variable_bias(...)``, ``llo.ranks(...)``, ``llo.meta_analysis(...)``, and
        ``result.naive()``: what SPSS would have printed, beside ours.
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

    "No difference" is shown with its bound:

    >>> two = llo.mean("w", llo.Survey(frame, weights="w"), by="contract")
    >>> told = two.contrast("fixed - flex").equivalence(3.0)
    >>> llo.report.table(told, language="en").to_frame()[["Bound", "P, equivalence"]].values.tolist()
    [['3.00', '< 0.001']]
    """
    if title is not None and not isinstance(title, str):
        raise DataError("A title is text.", where="title", found=repr(title)[:60], expected="text, or None")
    made = shown(result, digits, language, check_disclosure_option(disclosure))
    if title is None:
        return made
    return replace(made, title=unmarked(title, language) if made.content.synthetic else title)


def shown(result: Any, digits: int, language: str, disclosure: str, hidden: Withheld | None = None) -> Table:
    """The table of whatever was handed over, under the title that it makes itself; `hidden` where that is known."""
    check_digits(digits)
    part = part_of(result)
    if part == SUPPORT:
        return support_table(result, digits, check_language(language), disclosure)
    if part is not None:
        return weight_table(result, part, digits, language, disclosure)
    if isinstance(result, HypothesisTest):
        return hypothesis_table(result, check_language(language), disclosure, digits)
    if isinstance(result, Sensitivity):
        return sensitivity_table(result, digits, check_language(language), disclosure)
    if isinstance(result, SideBySide):
        return comparison_table(cast("Comparison", result), digits, check_language(language), disclosure)
    if isinstance(result, Ranks):
        return rank_table(result, digits, check_language(language), disclosure)
    if isinstance(result, MetaAnalysis):
        return pooled_table(result, digits, check_language(language), disclosure)
    if isinstance(result, Naive):
        return naive_table(result, content_of(result.result, digits, language, disclosure, hidden))
    content = content_of(result, digits, language, disclosure, hidden)
    if isinstance(result, BreakRobustness):
        return robustness_table(result, content, disclosure)
    if isinstance(result, Banner):
        return _banner(result, content, digits, disclosure, hidden)
    if isinstance(result, Decomposition):
        return decomposition_table(result, content, digits)
    made = table_of_content(content)
    return with_claims(made, claims_of(result, disclosure, hidden)) if isinstance(result, Result) else made


def _banner(result: Banner, content: Content, digits: int, disclosure: str, hidden: Withheld | None) -> Table:
    """The table of a table book, with the totals of everybody."""
    hidden = withheld(result, disclosure) if hidden is None else hidden
    book = Book(result.rows.reset_index(drop=True), content, frame_to_show(result, hidden), None, None)
    if result.total is not None:
        gone = total_withheld(result, disclosure, hidden)
        total = content_of(result.total, digits, content.language, disclosure, gone)
        book = replace(book, total=total, of_total=frame_to_show(result.total, gone))
    return banner_table(book, hidden)
