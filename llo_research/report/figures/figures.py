"""A result as a figure for print and screen, with the numbers behind it and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llo_research.errors import DataError
from llo_research.options import check_option
from llo_research.packages import need
from llo_research.report.content.beside import BESIDE
from llo_research.report.content.coefficients import without_constants
from llo_research.report.content.comparison import shown_comparison
from llo_research.report.content.content import Content
from llo_research.report.content.counterfactual import FINDING, counterfactual
from llo_research.report.content.drawn import drawn_rows
from llo_research.report.content.labels import check_language, lowered
from llo_research.report.content.numbers import unit_text
from llo_research.report.content.paired import plane_content
from llo_research.report.content.parts_over_time import BLOCK, over_time
from llo_research.report.content.reading import content_of, part_of
from llo_research.report.content.steps import steps_of
from llo_research.report.content.times import series_of, time_column
from llo_research.report.figures.axis import checked_limits
from llo_research.report.figures.decomposition_titles import decomposition_title
from llo_research.report.figures.figure import Figure
from llo_research.report.figures.lines import MOST_LINES
from llo_research.report.figures.sensitivity import sensitivity_figure
from llo_research.report.figures.title_parts import subject, when
from llo_research.report.figures.weights import weight_figure
from llo_research.report.figures.wording import wording
from llo_research.results.rules import AUTO
from llo_research.results.sensitivity import Sensitivity
from llo_research.results.side_by_side import SideBySide

if TYPE_CHECKING:
    from llo_research.regression.compare import Comparison

KINDS = ("dots", "lines", "waterfall", "coefficients", "counterfactual", "plane")


def figure(
    result: Any,
    *,
    kind: str | None = None,
    language: str = "nl",
    disclosure: str = AUTO,
    title: str | None = None,
    subtitle: str | None = None,
    digits: int = 1,
    time: str | None = None,
    limits: tuple[float, float] | None = None,
    level: Any = None,
) -> Figure:
    """A figure of a result in the house style, with its intervals, source and the numbers behind it.

    Parameters
    ----------
    result : Result, Comparison, WeightReport, DataFrame or list
        What an estimator returns, or a frame of estimates (a column `estimate`) or of published figures (a column
        `value`); or a list of own and published ones, which are shown side by side, each by its source and reference
        period, or of ``sequential`` and ``gelbach``. Of ``llo.panel.omitted_variable_bias(...)``: contours of what is
        left of the estimate. Of ``llo.weight_report(...)``, `kind` is ``margins`` (before and now), ``outcomes`` (after
        each step) or ``g`` (the distribution of weight over base weight).
    kind : {"dots", "lines", "waterfall", "coefficients", "counterfactual", "plane"}, optional
        ``dots``: a row for each estimate. ``lines``: over time. ``waterfall``: from one group to the other by the parts
        of one decomposition, or from zero to a change. ``coefficients``: dots with a line at no difference, the
        models of a comparison together under each term; without the constant, which the foot says.
        ``counterfactual``: both means of a decomposition, and what that of one would be with the characteristics of the
        other: of `minus` at the coefficients of `minus`, of `of` at those of `of`; refused at any others.
        ``plane``: two numbers of each name against each other, such as the level and the gap of each country, of
        ``llo.joint({"level": ..., "gap": ...})``; the first name stands out. Chosen from the result when absent: parts
        give a waterfall (lines at several times), terms and contrasts coefficients, two or more times lines, everything
        else dots.
    language : {"nl", "en"}
        Language of texts and numbers.
    disclosure : str
        Which rows are withheld, as in :func:`table`; they have no point, and no number in any file of the figure.
    title, subtitle : str, optional
        The finding, and what is shown. Without a title the figure makes one from the numbers, which names a difference
        only where the covariance of the estimates supports it. ``""`` leaves it out.
    digits : int
        Decimals, as in :func:`table`.
    time : str, optional
        The column that holds the time; default the survey's own, `year`, or the column that holds years. Refused
        where the figure is not over time.
    limits : (float, float), optional
        Ends of the axis of the estimates (of a plane: of the second number), in the units shown (percentages for
        shares). By default shares start at 0, and comparisons have the line of no difference in sight; a plane shows
        places, and starts near the lowest.
    level : optional
        Of a variable with levels, the one to draw, as stored or by its label. Of two levels one is drawn, since the
        other is the rest: "yes", or else the last; the title says which.

    Returns
    -------
    Figure
        With ``.frame`` (the numbers drawn), ``.plot()``, ``.alt_text`` and ``.save(directory)``.

    Raises
    ------
    DataError
        A kind that the result cannot be drawn as, rows in different units, an empty result, unknown options.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"contract": ["fixed", "flex", "fixed", "flex"], "w": [3.0, 1.0, 3.0, 1.0]})
    >>> shares = llo.share("contract", llo.Survey(frame, weights="w"))
    >>> shown = llo.report.figure(shares, level="fixed", language="en")
    >>> shown.kind, shown.frame["estimate"].tolist(), shown.title
    ('dots', [75.0], 'Contract (fixed): 75.0%')
    """
    need("matplotlib")
    if limits is not None:
        checked_limits(limits)
    if part_of(result) == "report":
        _refuse_time(time, "a weight report")
        return weight_figure(result, kind, digits, language, title, subtitle, disclosure, limits)
    if isinstance(result, Sensitivity):
        return sensitivity_figure(result, kind, digits, language, (title, subtitle), disclosure, (time, limits, level))
    if isinstance(result, SideBySide):
        check_option(kind or "coefficients", "kind", ("coefficients",))
        content = shown_comparison(
            cast("Comparison", result), digits, check_language(language), disclosure, constants=False
        ).content
        title = content.what if title is None else title
    else:
        content = content_of(result, digits, language, disclosure)
    if kind is not None:
        check_option(kind, "kind", KINDS)
    column = time_column(content, time)
    content = drawn_rows(content, level, column)
    chosen = kind or _kind(content, column)
    if chosen != "lines":
        _refuse_time(time, f"kind={chosen!r}" + ("" if kind else ", which fits this result"))
    if chosen == "coefficients":
        content = without_constants(content)
    at = _time(content, chosen, column)
    shown = _shown(content, chosen)
    _check_units(shown, chosen)
    if title is None and chosen == "counterfactual":
        title = f"{subject(content)}{when(content)}: {lowered(shown.notes[FINDING])}"
    elif title is None and "component" in content.raw:
        title = decomposition_title(content, at)
    elif title is None and (chosen == "plane" or BLOCK in content.raw or BESIDE in content.meta):
        title = content.what
    whole = content if chosen == "waterfall" else shown
    return Figure(shown, whole, chosen, wording(shown, chosen, at, title, subtitle), column, limits)


def _check_units(shown: Content, kind: str) -> None:
    """Rows that share an axis have one unit."""
    fits = kind == "plane" or (kind == "waterfall" and set(shown.units) == {"percent", "points"})
    if len(shown.units) > 1 and not fits:
        raise DataError(
            "Rows in different units cannot share an axis.",
            found=", ".join(unit_text(unit, "en") or unit for unit in shown.units),
            todo="draw one figure for each unit; llo.report.table shows them together",
        )


def _refuse_time(time: str | None, where: str) -> None:
    """A column of times means nothing to a figure that is not over time."""
    if time is not None:
        raise DataError(
            "time has no effect on a figure that is not over time.",
            where=where,
            found=f"time={time!r}",
            expected="kind='lines', and a result with two or more times",
            todo="leave time out, or estimate with by='year'",
        )


def _shown(content: Content, kind: str) -> Content:
    """What is drawn: the steps of a waterfall, the aggregate parts of decompositions over time, else all."""
    if kind == "waterfall":
        return steps_of(content).content
    if kind == "counterfactual":
        return counterfactual(content)
    if kind == "plane":
        return plane_content(content)
    return over_time(content) if kind == "lines" and "component" in content.raw else content


def _kind(content: Content, column: str | None) -> str:
    """The kind that fits a result."""
    if "component" in content.raw:
        if len(content.raw) == 1 or ("measure" in content.raw and content.raw["measure"].nunique() > 1):
            return "dots"
        several = column not in (None, "component", "term") and content.raw[column].nunique() > 1
        return "lines" if several else "waterfall"
    if "term" in content.raw:
        return "coefficients"
    if column is not None and content.raw[column].nunique() > 1:
        groups = series_of(content, column)
        several = len(groups) <= MOST_LINES and max(map(len, groups.values())) > 1
        return "lines" if several or BESIDE not in content.meta else "dots"
    return "dots"


def _time(content: Content, kind: str, column: str | None) -> str | None:
    """The column of times of a figure over time."""
    if kind != "lines":
        return None
    if column is None:
        raise DataError(
            "Lines need a column with times.",
            where="kind='lines'",
            found=f"columns {list(content.raw.columns)}",
            expected="a column `year`, or the column named by time=",
            todo="estimate with by='year', or use kind='dots'",
        )
    return column
