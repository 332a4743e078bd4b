"""Small multiples over time: where lines are many, a panel for each group of one kind, on one axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llo_research.report.content.beside import BESIDE
from llo_research.report.content.content import Content
from llo_research.report.content.labels import word
from llo_research.report.content.times import series_of, times_of
from llo_research.report.figures.axis import Axis, value_axis
from llo_research.report.figures.lines import (
    GAP,
    KEY_GAP,
    KEY_LINE,
    Break,
    check_lines,
    concerned,
    draw_breaks,
    draw_groups,
    drawn_breaks,
    end_lines,
    key_of,
    open_axes,
    places_of,
    reach_of,
    write_key,
    write_unit,
)
from llo_research.report.figures.page import Page, write
from llo_research.report.figures.style import BODY, LEADING, NARROW, WIDTH, width_of
from llo_research.report.figures.wording import Wording

_MOST_TOGETHER = 4
_MOST_PANELS = 3
_HEIGHT = 118.0
_HEAD = 24.0  # above a panel, for its name
_BREAK = 12.0  # for the name of a break
_BETWEEN = 10.0
Panels = dict[str, dict[str, list[int]]]


def panels_of(content: Content, column: str) -> Panels:
    """The rows by panel and line; nothing where the lines can stand together, or no identifier divides them well.

    The identifier with the fewest groups makes the panels, when each of these holds two to four lines.
    """
    series = series_of(content, column)
    used = [name for name in content.names if name != column and content.names[name].nunique() > 1]
    if len(series) <= _MOST_TOGETHER or len(used) < 2 or BESIDE in content.meta:
        return {}
    by = min(used, key=lambda name: content.names[name].nunique())
    others = [name for name in used if name != by]
    out: Panels = {}
    for i, (head, row) in enumerate(
        zip(content.names[by].astype(str), content.names[others].astype(str).to_numpy().tolist(), strict=True)
    ):
        out.setdefault(head, {}).setdefault(", ".join(text for text in row if text), []).append(i)
    fits = 2 <= len(out) <= _MOST_PANELS and all(2 <= len(groups) <= _MOST_TOGETHER for groups in out.values())
    names = dict.fromkeys(name for groups in out.values() for name in groups)
    return out if fits and len(names) <= _MOST_TOGETHER else {}


@dataclass(frozen=True)
class Panel:
    """One panel: its lines and their labels, its breaks and where their names stand, its height and room above it."""

    groups: dict[str, list[int]]
    labels: dict[str, tuple[str, ...]]
    breaks: list[Break]
    places: list[tuple[float, int]]

    @property
    def tall(self) -> float:
        """Height in points: room for the labels of its lines."""
        return max(_HEIGHT, sum(len(lines) * BODY * LEADING + 4 for lines in self.labels.values()))

    @property
    def head(self) -> float:
        """Room above it, for its name and those of its breaks."""
        return _HEAD + _BREAK * (1 + max((level for _, level in self.places), default=-1))


def draw_panels(
    content: Content, wording: Wording, column: str, limits: tuple[float, float] | None, *, narrow: bool = False
) -> Any:
    """A panel below the other for each group, with the same years, values and colours."""
    times, rows = times_of(content, column), panels_of(content, column)
    check_lines(content, times, series_of(content, column), column)
    scale, years = value_axis(content, limits), np.unique(times)
    order = list(dict.fromkeys(name for groups in rows.values() for name in groups))
    key = key_of({name: [] for name in order}, NARROW) if narrow else {}
    key_height = sum(len(lines) for lines in key.values()) * KEY_LINE + (KEY_GAP if key else 0.0)
    panels = {
        head: Panel(
            groups,
            {name: end_lines(content, "" if narrow else name, own, times) for name, own in groups.items()},
            _breaks_of(content, groups, years),
            [],
        )
        for head, groups in rows.items()
    }
    page = _page(content, wording, scale, panels, key_height, narrow)
    panels = {
        head: replace(panel, places=places_of(panel.breaks, years, page.drawing_width))
        for head, panel in panels.items()
    }
    height = sum(panel.tall + panel.head for panel in panels.values()) + _BETWEEN * (len(panels) - 1)
    page = replace(page, height=height)
    figure, whole = page.open()
    whole.set_axis_off()
    write_key(whole, key, page)
    write_unit(whole, content, page, key_height)
    down = 0.0
    for head, panel in panels.items():
        down += panel.head + panel.tall
        axes = _opened(figure, whole, panel, page, down)
        part = replace(page, height=panel.tall)
        open_axes(axes, scale, years, part)
        axes.tick_params(labelbottom=head == list(panels)[-1])
        up = 1 + (panel.head - 14.0) / panel.tall
        write(axes, -page.left / page.drawing_width, up, head, BODY, "bold", transform=axes.transAxes)
        reaches = [reach_of(one, content, panel.groups, times, scale, panel.tall) for one in panel.breaks]
        draw_breaks(axes, panel.breaks, panel.places, reaches, part)
        draw_groups(axes, content, panel.groups, panel.labels, order, times, scale, part)
        down += _BETWEEN
    return figure


def _page(
    content: Content, wording: Wording, scale: Axis, panels: Mapping[str, Panel], key_height: float, narrow: bool
) -> Page:
    """The page, its height to be filled in."""
    every = [line for panel in panels.values() for lines in panel.labels.values() for line in lines]
    return Page(
        title=wording.title,
        subtitle=wording.subtitle,
        foot=wording.foot,
        left=max(width_of(text, BODY) for text in scale.texts) + 8,
        right=GAP + 6 + max((width_of(line, BODY) for line in every), default=0.0),
        height=0.0,
        above=14.0 + key_height,
        below=20.0,
        watermark=word("synthetic", content.language) if content.synthetic else "",
        least=NARROW if narrow else WIDTH,
    )


def _opened(figure: Any, whole: Any, panel: Panel, page: Page, down: float) -> Any:
    """The axes of a panel whose foot is `down` points below the top of the drawing."""
    room = whole.get_position()
    one = room.height / page.height
    axes = figure.add_axes((room.x0, room.y1 - down * one, room.width, panel.tall * one))
    axes.patch.set_visible(False)
    return axes


def _breaks_of(content: Content, groups: Mapping[str, list[int]], years: np.ndarray) -> list[Break]:
    """The breaks that concern a panel."""
    rows = [i for own in groups.values() for i in own]
    kept = tuple(one for one in content.breaks if concerned(content, one[0], rows))
    return drawn_breaks(replace(content, breaks=kept), years)
