"""Figures with a row for each estimate: the page, its axis, and the labels and numbers beside the drawing."""

from __future__ import annotations

from typing import Any

from llo_research.report.content.content import Content
from llo_research.report.content.labels import word
from llo_research.report.figures.axis import Axis
from llo_research.report.figures.page import Page, tick_fonts, write
from llo_research.report.figures.row_layout import Layout, weight_of
from llo_research.report.figures.style import BODY, GREY, LEADING, NARROW, PAPER, WIDTH
from llo_research.report.figures.wording import Wording

_ABOVE = 20.0


def open_rows(content: Content, wording: Wording, shown: Layout) -> tuple[Any, Any, float]:
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
        least=NARROW if shown.narrow else WIDTH,
    )
    figure, axes = page.open()
    axes.set_ylim(shown.height, 0)
    axes.set_yticks([])
    return figure, axes, page.drawing_width


def write_axis(axes: Any, scale: Axis, shown: Layout, heading: str) -> None:
    """The axis of the estimates, below."""
    axes.set_xlim(scale.low, scale.high)
    axes.set_xticks(scale.ticks, scale.texts)
    axes.grid(axis="x")
    tick_fonts(axes)
    write(axes, 0.5, shown.height + 19, heading, BODY, "normal", GREY, transform=axes.get_yaxis_transform()).set(
        ha="center", va="top"
    )


def write_rows(axes: Any, shown: Layout, width: float) -> None:
    """Labels, numbers and counts beside the drawing; `width` is that of the drawing in points."""
    right = 1 + (shown.right if shown.narrow else 12.0 + shown.values_width) / width
    far = 1 + shown.right / width
    across = axes.get_yaxis_transform()
    on_paper: dict[str, Any] = {"bbox": {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}, "zorder": 5}
    over = on_paper if shown.narrow else {}
    for row in shown.rows:
        step = BODY * LEADING
        first = row.text - step * (len(row.lines) - 1) / 2
        how = on_paper if row.i is None else over
        for j, line in enumerate(row.lines):
            x = (-shown.left + row.indent) / width
            write(axes, x, first + j * step, line, BODY, weight_of(row), transform=across, va="center_baseline", **how)
        if row.i is None:
            continue
        place: dict[str, Any] = {"transform": across, "ha": "right", "va": "center_baseline"}
        write(axes, right, row.text, shown.values[row.i], BODY, **place, **over)
        if shown.counts:
            write(axes, far, row.y, shown.counts[row.i], BODY, "normal", GREY, **place)
    place = {"transform": across, "ha": "right", "va": "center_baseline"}
    write(axes, right, -9.0, shown.values_head, BODY, "normal", GREY, **place)
    if shown.counts:
        write(axes, far, -9.0, "n", BODY, "normal", GREY, **place)
