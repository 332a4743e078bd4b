"""Waterfalls: from one group to the other by the parts of the gap, each bar where the one before it ended."""

from __future__ import annotations

from typing import Any

import numpy as np

from llo_research.report.content.content import Content
from llo_research.report.content.steps import LEVEL, PART, Steps, steps_of
from llo_research.report.figures.axis import value_axis
from llo_research.report.figures.row_layout import layout
from llo_research.report.figures.row_page import open_rows, write_axis, write_rows
from llo_research.report.figures.style import COLOURS, GREY, INK
from llo_research.report.figures.wording import Wording, values_head

_BAR = 11.0


def draw_waterfall(
    content: Content, wording: Wording, limits: tuple[float, float] | None, *, narrow: bool = False
) -> Any:
    """Parts one after another, between the two numbers that they lead from and to; a total is a bar from zero."""
    steps = steps_of(content)
    shown = layout(steps.content, values_head=values_head(steps.content), narrow=narrow)
    figure, axes, width = open_rows(content, wording, shown)
    scale = value_axis(steps.reach, limits, width)
    write_axis(axes, scale, shown, steps.content.heading)
    if scale.low <= 0 <= scale.high:
        axes.axvline(0, color=GREY, linewidth=1.0, zorder=1.5)
    places = shown.places
    for i, y in places.items():
        _step(axes, steps, i, y)
        if i + 1 in places:
            axes.plot([steps.end[i]] * 2, [y, places[i + 1]], color=GREY, linewidth=0.7, zorder=1.8)
    write_rows(axes, shown, width)
    return figure


def _step(axes: Any, steps: Steps, i: int, y: float) -> None:
    """A part or a total as a bar, a level as a diamond; each with its interval."""
    kind, down = steps.kinds[i], steps.end[i] < steps.start[i]
    if kind == LEVEL:
        axes.plot([steps.end[i]], [y], marker="D", color=INK, markersize=7.5, zorder=4)
    else:
        low, high = sorted((steps.start[i], steps.end[i]))
        colour = INK if kind != PART else COLOURS[1] if down else COLOURS[0]
        axes.barh(y, high - low, left=low, height=_BAR, color=colour, alpha=0.75, linewidth=0, zorder=2)
    half = (steps.content.low[i] - steps.content.estimate[i], steps.content.high[i] - steps.content.estimate[i])
    if np.isfinite(half).all():
        axes.plot([steps.end[i] + h for h in half], [y, y], color=INK, linewidth=1.2, zorder=3)
