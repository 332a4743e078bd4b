"""Dots with intervals, and coefficients with a zero line: one row for each estimate."""

from __future__ import annotations

from typing import Any

import numpy as np

from llo_research.report.content.content import Content
from llo_research.report.figures.axis import Axis, value_axis
from llo_research.report.figures.known import draw_ring, size_of
from llo_research.report.figures.page import write
from llo_research.report.figures.row_layout import finite, is_open, is_theirs, layout
from llo_research.report.figures.row_page import open_rows, write_axis, write_rows
from llo_research.report.figures.style import BODY, COLOURS, GREY, INK, PAPER
from llo_research.report.figures.wording import Wording, values_head


def draw_dots(content: Content, wording: Wording, limits: tuple[float, float] | None, *, narrow: bool = False) -> Any:
    """Points with intervals, from top to bottom in the order of the result; a line at no difference."""
    shown = layout(content, values_head=values_head(content), narrow=narrow)
    figure, axes, width = open_rows(content, wording, shown)
    scale = value_axis(content, limits, width)
    write_axis(axes, scale, shown, content.heading)
    null = _null(content)
    if null is not None and scale.low <= null <= scale.high:
        axes.axvline(null, color=GREY, linewidth=1.0, zorder=1.5)
    for i, y in shown.places.items():
        _dot(axes, content, i, y, scale)
    write_rows(axes, shown, width)
    return figure


def _null(content: Content) -> float | None:
    """The value of no difference, when all rows are comparisons of one kind."""
    nulls = {quantity.null for quantity in content.quantities}
    return nulls.pop() if len(nulls) == 1 else None


def _dot(axes: Any, content: Content, i: int, y: float, scale: Axis) -> None:
    """One point with its interval, or the word that there are no data."""
    colour = COLOURS[0]
    if not finite(content.estimate, i):
        write(axes, 0.01, y, content.absent(i), BODY, "normal", GREY, transform=axes.get_yaxis_transform()).set(
            va="center_baseline", style="italic"
        )
        return
    if finite(content.low, i) and finite(content.high, i):
        ends = np.clip([content.low[i], content.high[i]], scale.low, scale.high)
        axes.plot(ends, [y, y], color=colour, linewidth=2.2, solid_capstyle="round", zorder=2)
        for end, true in zip(ends, (content.low[i], content.high[i]), strict=True):
            if end != true:
                axes.plot([end], [y], marker="<" if true < end else ">", color=colour, clip_on=False, markersize=5)
    if scale.low <= content.estimate[i] <= scale.high:
        theirs = is_theirs(content, i)
        face = PAPER if theirs or is_open(content, i) else colour
        size = 5.5 if theirs else size_of(content, i, 6.5)
        draw_ring(axes, content, i, (content.estimate[i], y), size, colour)
        axes.plot(
            [content.estimate[i]],
            [y],
            marker="D" if theirs else "o",
            color=INK if theirs else colour,
            markerfacecolor=face,
            markeredgewidth=1.3,
            markersize=size,
            clip_on=False,
            zorder=3,
        )
