"""Waterfalls: parts that add up to a total, each bar where the one before it ended."""

from __future__ import annotations

from typing import Any

import numpy as np

from llo_research.report.content.content import Content
from llo_research.report.content.steps import steps_of
from llo_research.report.figures.axis import value_axis
from llo_research.report.figures.row_layout import layout
from llo_research.report.figures.row_page import open_rows, write_axis, write_rows
from llo_research.report.figures.style import COLOURS, GREY
from llo_research.report.figures.wording import Wording, values_head


def draw_waterfall(content: Content, wording: Wording, limits: tuple[float, float] | None) -> Any:
    """Parts that add up to a total: each bar starts where the one before it ended; the total starts at 0."""
    steps = steps_of(content)
    shown = layout(steps.content, values_head=values_head(steps.content))
    figure, axes, width = open_rows(content, wording, shown)
    scale = value_axis(steps.reach, limits, width)
    write_axis(axes, scale, shown, steps.content.heading)
    axes.axvline(0, color=GREY, linewidth=1.0, zorder=1.5)
    places = shown.places
    for i, y in places.items():
        low, high = sorted((steps.start[i], steps.end[i]))
        colour = COLOURS[6] if steps.is_total[i] else COLOURS[0] if steps.end[i] >= steps.start[i] else COLOURS[1]
        hatch = "" if steps.is_total[i] or steps.end[i] >= steps.start[i] else "////"
        axes.barh(
            y, high - low, left=low, height=11, color=colour, alpha=0.75, hatch=hatch, edgecolor="white", zorder=2
        )
        half = (steps.content.low[i] - steps.content.estimate[i], steps.content.high[i] - steps.content.estimate[i])
        if np.isfinite(half).all():
            axes.plot([steps.end[i] + h for h in half], [y, y], color="#000000", linewidth=1.2, zorder=3)
        if i + 1 in places:
            axes.plot([steps.end[i]] * 2, [y, places[i + 1]], color=GREY, linewidth=0.7, zorder=1.8)
    write_rows(axes, shown, width)
    return figure
