"""A histogram: how many rows fall into each bin of a number."""

from __future__ import annotations

from typing import Any

from llo_research.report.content.content import Content
from llo_research.report.content.labels import word
from llo_research.report.content.numbers import number
from llo_research.report.figures.page import Page, tick_fonts, write
from llo_research.report.figures.style import BODY, COLOURS, GREY, NARROW, PAPER, WIDTH
from llo_research.report.figures.wording import Wording

_HEIGHT = 190.0


def draw_histogram(content: Content, wording: Wording, *, narrow: bool = False) -> Any:
    """Bars over the bins ``low`` to ``high`` of the content's rows."""
    page = Page(
        title=wording.title,
        subtitle=wording.subtitle,
        foot=wording.foot,
        left=44.0,
        right=10.0,
        height=_HEIGHT,
        watermark=word("synthetic", content.language) if content.synthetic else "",
        least=NARROW if narrow else WIDTH,
    )
    figure, axes = page.open()
    low, high = content.raw["low"].to_numpy(), content.raw["high"].to_numpy()
    axes.bar(low, content.estimate, width=high - low, align="edge", color=COLOURS[0], edgecolor=PAPER)
    axes.axvline(1.0, color=GREY, linewidth=1.0)
    axes.grid(axis="y")
    for axis, ticks in ((axes.xaxis, axes.get_xticks()), (axes.yaxis, axes.get_yticks())):
        ends = axes.get_xlim() if axis is axes.xaxis else axes.get_ylim()
        inside = [tick for tick in ticks if ends[0] <= tick <= ends[1]]
        places = next((p for p in range(4) if all(abs(round(t, p) - t) < 1e-9 for t in inside)), 4)
        axis.set_ticks(inside, [number(float(tick), places, content.language) for tick in inside])
    tick_fonts(axes)
    head = content.heads["g"]
    write(axes, 0.5, -30 / _HEIGHT, head, BODY, "normal", GREY, transform=axes.transAxes, ha="center")
    write(axes, 0.0, 1.01, "n", BODY, "normal", GREY, transform=axes.transAxes, ha="right")
    return figure
