"""Dots with intervals, coefficients with a zero line, and waterfalls: one row for each estimate."""

from __future__ import annotations

from typing import Any

import numpy as np

from llo_research.report.content.content import Content
from llo_research.report.content.labels import word
from llo_research.report.figures.axis import Axis, value_axis
from llo_research.report.figures.page import Page, tick_fonts, write
from llo_research.report.figures.row_layout import Layout, finite, is_open, keys_of, layout, write_rows
from llo_research.report.figures.style import BODY, COLOURS, GREY, MARKERS
from llo_research.report.figures.wording import Wording, values_head

_ABOVE = 20.0


def draw_dots(content: Content, wording: Wording, limits: tuple[float, float] | None) -> Any:
    """Points with intervals, from top to bottom in the order of the result; a line at no difference."""
    shown = layout(content, values_head=values_head(content))
    figure, axes, width = _open(content, wording, shown)
    scale = value_axis(content, limits, width)
    _value_axis(axes, scale, shown, content.heading)
    null = _null(content)
    if null is not None and scale.low <= null <= scale.high:
        axes.axvline(null, color=GREY, linewidth=1.0, zorder=1.5)
    keys = keys_of(content)
    for i, y in shown.places.items():
        _dot(axes, content, i, y, keys[i], scale)
    write_rows(axes, shown, width)
    return figure


def _open(content: Content, wording: Wording, shown: Layout) -> tuple[Any, Any, float]:
    """The page with empty axes, y in points downwards."""
    page = Page(
        title=wording.title,
        subtitle=wording.subtitle,
        foot=wording.foot,
        left=shown.left,
        right=shown.right,
        height=shown.height,
        above=_ABOVE,
        watermark=word("synthetic", content.language) if content.synthetic else "",
    )
    figure, axes = page.open()
    axes.set_ylim(shown.height, 0)
    axes.set_yticks([])
    return figure, axes, page.drawing_width


def _value_axis(axes: Any, scale: Axis, shown: Layout, heading: str) -> None:
    """The axis of the estimates, below."""
    axes.set_xlim(scale.low, scale.high)
    axes.set_xticks(scale.ticks, scale.texts)
    axes.grid(axis="x")
    tick_fonts(axes)
    write(axes, 0.5, shown.height + 19, heading, BODY, "normal", GREY, transform=axes.get_yaxis_transform()).set(
        ha="center", va="top"
    )


def _null(content: Content) -> float | None:
    """The value of no difference, when all rows are comparisons of one kind."""
    nulls = {scale.null for scale in content.scales}
    return nulls.pop() if len(nulls) == 1 else None


def _dot(axes: Any, content: Content, i: int, y: float, key: int, scale: Axis) -> None:
    """One point with its interval, or the word that there are no data."""
    colour = COLOURS[key]
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
        face = "white" if is_open(content, i) else colour
        axes.plot(
            [content.estimate[i]],
            [y],
            marker=MARKERS[key],
            color=colour,
            markerfacecolor=face,
            markeredgewidth=1.3,
            markersize=6.5,
            clip_on=False,
            zorder=3,
        )


def draw_waterfall(content: Content, wording: Wording, limits: tuple[float, float] | None) -> Any:
    """Parts that add up to a total: each bar starts where the one before it ended; the total starts at 0."""
    from llo_research.report.content.steps import steps_of

    steps = steps_of(content)
    shown = layout(steps.content, values_head=values_head(steps.content))
    figure, axes, width = _open(content, wording, shown)
    scale = value_axis(steps.reach, limits, width)
    _value_axis(axes, scale, shown, steps.content.heading)
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
