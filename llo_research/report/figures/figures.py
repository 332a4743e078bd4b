"""A result as a figure for print and screen, with the numbers behind it and the same in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.errors import DataError
from llo_research.report.content import steps
from llo_research.report.content.content import Content
from llo_research.report.content.numbers import unit_text
from llo_research.report.content.reading import content_of, part_of
from llo_research.report.content.times import time_column
from llo_research.report.figures import dots as rows
from llo_research.report.figures import lines
from llo_research.report.figures.axis import checked_limits
from llo_research.report.figures.style import house_style
from llo_research.report.figures.wording import Wording, wording
from llo_research.results.rules import AUTO

KINDS = ("dots", "lines", "waterfall", "coefficients")


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
) -> Figure:
    """A figure of a result in the house style, with its intervals, source and the numbers behind it.

    Parameters
    ----------
    result : Result, WeightReport or DataFrame
        What an estimator returns, or a frame of estimates (a column `estimate`) or of published figures (a column
        `value`). Of ``llo.weight_report(...)``, `kind` is ``margins`` (before and now), ``outcomes`` (after each step)
        or ``g`` (the distribution of weight over base weight).
    kind : {"dots", "lines", "waterfall", "coefficients"}, optional
        ``dots``: a row for each estimate. ``lines``: over time. ``waterfall``: the aggregate parts of one decomposition
        and their total. ``coefficients``: dots with a line at no difference. Chosen from the result when absent:
        parts give a waterfall, terms and contrasts coefficients, two or more times lines, everything else dots.
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
        Ends of the axis of the estimates, in the units shown (percentages for shares). By default shares start at 0,
        and comparisons have the line of no difference in sight.

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
    >>> shown = llo.report.figure(llo.share("contract", llo.Survey(frame, weights="w")), language="en")
    >>> shown.kind, shown.frame["estimate"].tolist()
    ('dots', [75.0, 25.0])
    """
    if limits is not None:
        checked_limits(limits)
    if part_of(result) == "report":
        from llo_research.report.tables.weights import weight_figure

        _refuse_time(time, "a weight report")
        return weight_figure(result, kind, digits, language, title, subtitle, disclosure, limits)
    content = content_of(result, digits, language, disclosure)
    if kind is not None and kind not in KINDS:
        raise DataError(f"kind has no option {kind!r}.", where="kind", found=repr(kind), expected=", ".join(KINDS))
    column = time_column(content, time)
    chosen = kind or _kind(content, column)
    if chosen != "lines":
        _refuse_time(time, f"kind={chosen!r}" + ("" if kind else ", which fits this result"))
    over_time = _time(content, chosen, column)
    shown = steps.steps_of(content).content if chosen == "waterfall" else content
    if len(shown.units) > 1:
        raise DataError(
            "Rows in different units cannot share an axis.",
            found=", ".join(unit_text(unit, "en") or unit for unit in shown.units),
            todo="draw one figure for each unit; llo.report.table shows them together",
        )
    return Figure(shown, content, chosen, wording(shown, chosen, over_time, title, subtitle), column, limits)


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


def _kind(content: Content, column: str | None) -> str:
    """The kind that fits a result."""
    if "component" in content.raw:
        return "waterfall"
    if "term" in content.raw:
        return "coefficients"
    if column is not None and content.raw[column].nunique() > 1:
        return "lines"
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


@dataclass(frozen=True, repr=False)
class Figure:
    """A figure of a result; made by :func:`figure`.

    Attributes
    ----------
    content : Content
        The rows drawn.
    kind : str
        ``dots``, ``lines``, ``waterfall`` or ``coefficients``.
    wording : Wording
        Its texts.
    """

    content: Content
    whole: Content
    kind: str
    wording: Wording
    time: str | None = None
    limits: tuple[float, float] | None = None

    @property
    def title(self) -> str:
        """The finding."""
        return self.wording.title

    @property
    def alt_text(self) -> str:
        """The figure in words: what it shows, the finding, the numbers or their range, n and interval."""
        return self.wording.alt

    @property
    def frame(self) -> pd.DataFrame:
        """The numbers drawn, in the units drawn: identifiers as shown, estimate, interval, n, unit, flags."""
        content = self.content
        out = content.names.rename(columns=content.heads) if _distinct(content) else content.names.copy()
        out["estimate"], out["conf_low"], out["conf_high"] = content.estimate, content.low, content.high
        if content.n is not None:
            out["n"] = content.n
        out["unit"] = [unit_text(scale.unit, content.language) for scale in content.scales]
        gone = content.withheld or ("",) * len(out)
        out["flag"] = ["withheld" if mark else " ".join(w) for w, mark in zip(content.flags, gone, strict=True)]
        return out

    def plot(self) -> Any:
        """A new matplotlib Figure; nothing is shown, and no global state is touched."""
        with house_style():
            if self.kind == "lines":
                assert self.time is not None
                return lines.draw_lines(self.content, self.wording, self.time, self.limits)
            if self.kind == "waterfall":
                return rows.draw_waterfall(self.whole, self.wording, self.limits)
            return rows.draw_dots(self.content, self.wording, self.limits)

    def save(self, directory: str | Path, name: str | None = None, *, overwrite: bool = False) -> dict[str, Path]:
        """Save as SVG and PNG, with the numbers as CSV and the alternative text as TXT; the same bytes every time.

        No other figure is lost: under its own name a figure of other contents gets a number (``-2``), under a name that
        you give it is refused.

        Parameters
        ----------
        directory : str or Path
            Folder; made when it is not there.
        name : str, optional
            File name without ending; by default made from the variables, the estimator, the groups and the cells.
        overwrite : bool
            Replace the files of that name, whatever they hold.

        Returns
        -------
        dict
            Path of each file by its ending: ``svg``, ``png``, ``csv``, ``txt``.

        Raises
        ------
        DataError
            A file where a folder is expected; a name with signs that file names do not hold, or of another figure; a
            place that cannot be written.
        """
        from llo_research.report.figures.saving import save

        return save(self, Path(directory), name, overwrite)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """The picture with its words, for notebooks."""
        from llo_research.report.figures.saving import screen_png

        return {"image/png": screen_png(self), "text/plain": self.alt_text}, {"image/png": {"alt": self.alt_text}}

    def __str__(self) -> str:
        return self.alt_text

    def __repr__(self) -> str:
        return self.alt_text


def _distinct(content: Content) -> bool:
    """Whether heads can be column names: all different, and none that of a number."""
    heads = list(content.heads.values())
    return len(set(heads)) == len(heads) and not set(heads) & {"estimate", "conf_low", "conf_high", "n", "unit", "flag"}
