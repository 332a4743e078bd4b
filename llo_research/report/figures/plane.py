"""Two numbers of each name against each other, such as a level and a gap: a point with both intervals and its name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from llo_research.report.content.content import Content
from llo_research.report.content.labels import word
from llo_research.report.content.paired import paired
from llo_research.report.figures.axis import Axis, value_axis
from llo_research.report.figures.label_places import Box, Label, label_places
from llo_research.report.figures.page import Page, tick_fonts, write
from llo_research.report.figures.style import BODY, COLOURS, GREY, INK, LEADING, NARROW, PAPER, WIDTH, width_of, wrap
from llo_research.report.figures.wording import Wording

_HEIGHT, _TALL = 330.0, 350.0
_ABOVE = 20.0
_KEPT_FREE = 5  # how many times as much it costs to cover a line of the first name
_LEAST = 8.0  # a name further from its point than this is led to it by dots, which are no interval
_DOTS = (0, (1, 1.6))


def draw_plane(content: Content, wording: Wording, limits: tuple[float, float] | None, *, narrow: bool = False) -> Any:
    """Points with their names beside them; the first one stands out. `limits` are those of the second number."""
    pairs = paired(content)
    up = value_axis(pairs.up, limits or _ends(pairs.up))
    page = Page(
        title=wording.title,
        subtitle=wording.subtitle,
        foot=wording.foot,
        left=max(width_of(text, BODY) for text in up.texts) + 8,
        right=6.0,
        height=_TALL if narrow else _HEIGHT,
        above=_ABOVE,
        watermark=word("synthetic", content.language) if content.synthetic else "",
        least=NARROW if narrow else WIDTH,
    )
    head = wrap(pairs.heads[1], page.left + page.drawing_width, BODY)
    page = _with_room(page, len(head))
    figure, axes = page.open()
    across = value_axis(pairs.across, _ends(pairs.across, 0.18), page.drawing_width)
    _open(axes, across, up)
    for j, line in enumerate(head):
        lower = 1 + (page.above - 10 - j * BODY * LEADING) / page.height
        write(axes, -page.left / page.drawing_width, lower, line, BODY, "normal", GREY, transform=axes.transAxes)
    lower = -19 / page.height
    write(axes, 0.5, lower, pairs.heads[0], BODY, "normal", GREY, transform=axes.transAxes).set(ha="center", va="top")
    size = page.drawing_width, page.height
    shown = [i for i in range(len(pairs.names)) if pairs.across.defined[i] and pairs.up.defined[i]]
    spots = {i: _spot(pairs.across.estimate[i], pairs.up.estimate[i], across, up, size) for i in shown}
    crosses = {i: _cross(pairs.across, pairs.up, i, across, up, size) for i in shown}
    widths = [(width_of(pairs.names[i], BODY, _weight(i)), BODY) for i in shown]
    lines = [line for i, own in crosses.items() for line in own * (1 if i else _KEPT_FREE)]
    places = label_places(list(spots.values()), widths, size, lines)
    for i, label in zip(shown, places, strict=True):
        _point(axes, pairs.names[i], spots[i], crosses[i], label, size, first=i == 0)
    return figure


def _with_room(page: Page, lines: int) -> Page:
    """The page with room above for so many lines of the head of the second number."""
    return replace(page, above=_ABOVE + (lines - 1) * BODY * LEADING)


def _open(axes: Any, across: Axis, up: Axis) -> None:
    """Both axes with their numbers."""
    axes.set_xlim(across.low, across.high)
    axes.set_ylim(up.low, up.high)
    axes.set_xticks(across.ticks, across.texts)
    axes.set_yticks(up.ticks, up.texts)
    axes.grid(axis="both")
    tick_fonts(axes)


def _ends(content: Content, part: float = 0.06) -> tuple[float, float]:
    """Ends around the numbers and their intervals: a plane shows places, not lengths from zero; room for names."""
    known = np.concatenate([content.estimate, content.low, content.high])
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    room = part * (high - low) or 0.5
    return low - room / 2, high + room


def _spot(x: float, y: float, across: Axis, up: Axis, size: tuple[float, float]) -> tuple[float, float]:
    """A place in points from the lower left."""
    return (
        (x - across.low) / (across.high - across.low) * size[0],
        (y - up.low) / (up.high - up.low) * size[1],
    )


def _cross(flat: Content, tall: Content, i: int, across: Axis, up: Axis, size: tuple[float, float]) -> tuple[Box, Box]:
    """The two intervals of a point as lines without width, within the drawing; a point where there is none."""
    x, y = flat.estimate[i], tall.estimate[i]
    ends = []
    for part, axis, own in ((flat, across, x), (tall, up, y)):
        pair = [part.low[i], part.high[i]] if np.isfinite([part.low[i], part.high[i]]).all() else [own, own]
        ends.append(np.clip(pair, axis.low, axis.high))
    left, right = (_spot(end, y, across, up, size) for end in ends[0])
    low, high = (_spot(x, end, across, up, size) for end in ends[1])
    return Box(*left, *right), Box(*low, *high)


def _weight(i: int) -> str:
    """The first name is bold."""
    return "normal" if i else "bold"


def _point(
    axes: Any,
    name: str,
    spot: tuple[float, float],
    cross: tuple[Box, Box],
    label: Label,
    size: tuple[float, float],
    *,
    first: bool,
) -> None:
    """A point, its lines, its name, and a line between these where they lie apart."""
    colour, wide, tall = (COLOURS[0], *size) if first else (GREY, *size)
    on = {"transform": axes.transAxes, "color": colour}
    for line in cross:
        ends = [line.left / wide, line.right / wide], [line.low / tall, line.high / tall]
        axes.plot(*ends, **on, linewidth=1.8 if first else 0.8, zorder=3 if first else 2)
    box = label.box
    if label.away > _LEAST:
        near = np.clip(spot[0], box.left, box.right), np.clip(spot[1], box.low, box.high)
        ends = [spot[0] / wide, near[0] / wide], [spot[1] / tall, near[1] / tall]
        axes.plot(*ends, **on, linewidth=1.0, linestyle=_DOTS, zorder=2)
    dot = {"marker": "o", "markersize": 7.5 if first else 5.5, "markeredgewidth": 0.8, "markeredgecolor": PAPER}
    axes.plot([spot[0] / wide], [spot[1] / tall], **on, **dot, zorder=5)
    paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}
    middle = (box.low + box.high) / 2 / tall
    write(
        axes,
        box.left / wide,
        middle,
        name,
        BODY,
        "bold" if first else "normal",
        COLOURS[0] if first else INK,
        transform=axes.transAxes,
        va="center_baseline",
        bbox=paper,
        zorder=4,
    )
