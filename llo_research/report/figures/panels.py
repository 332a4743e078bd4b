"""Small multiples over time: where lines are many, a panel for each group of one kind, on one axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from llo_research.report.content.beside import BESIDE
from llo_research.report.content.content import Content
from llo_research.report.content.labels import word
from llo_research.report.content.times import series_of, times_of
from llo_research.report.figures.axis import value_axis
from llo_research.report.figures.lines import (
    GAP,
    KEY_GAP,
    KEY_LINE,
    check_lines,
    concerned,
    draw_breaks,
    draw_groups,
    drawn_breaks,
    end_lines,
    key_of,
    open_axes,
    places_of,
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


def draw_panels(
    content: Content, wording: Wording, column: str, limits: tuple[float, float] | None, *, narrow: bool = False
) -> Any:
    """A panel below the other for each group, with the same years, values and colours."""
    times, panels = times_of(content, column), panels_of(content, column)
    check_lines(content, times, series_of(content, column), column)
    scale, years = value_axis(content, limits), np.unique(times)
    order = list(dict.fromkeys(name for groups in panels.values() for name in groups))
    labels = {
        head: {name: end_lines(content, "" if narrow else name, rows, times) for name, rows in groups.items()}
        for head, groups in panels.items()
    }
    key = key_of({name: [] for name in order}, NARROW if narrow else WIDTH) if narrow else {}
    key_height = sum(len(lines) for lines in key.values()) * KEY_LINE + (KEY_GAP if key else 0.0)
    tall = [_tall(one) for one in labels.values()]
    breaks = [_breaks_of(content, groups, years) for groups in panels.values()]
    every = [line for one in labels.values() for lines in one.values() for line in lines]
    page = Page(
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
    places = [places_of(one, years, page.drawing_width) for one in breaks]
    heads = [_HEAD + _BREAK * (1 + max((level for _, level in one), default=-1)) for one in places]
    page = replace(page, height=sum(tall) + sum(heads) + _BETWEEN * (len(tall) - 1))
    figure, whole = page.open()
    room = whole.get_position()
    whole.set_axis_off()
    write_key(whole, key, page)
    write_unit(whole, content, page, key_height)
    down = 0.0
    for k, (head, groups) in enumerate(panels.items()):
        down += heads[k]
        part = replace(page, height=tall[k])
        foot = room.y1 - (down + tall[k]) / page.height * room.height
        axes = figure.add_axes((room.x0, foot, room.width, tall[k] / page.height * room.height))
        axes.patch.set_visible(False)
        open_axes(axes, scale, years, part)
        if k < len(panels) - 1:
            axes.tick_params(labelbottom=False)
        up = 1 + (heads[k] - 14.0) / tall[k]
        write(axes, -page.left / page.drawing_width, up, head, BODY, "bold", transform=axes.transAxes)
        draw_breaks(axes, breaks[k], places[k], part)
        draw_groups(axes, content, groups, labels[head], order, times, scale, part)
        down += tall[k] + _BETWEEN
    return figure


def _tall(labels: Mapping[str, tuple[str, ...]]) -> float:
    """Height of a panel: room for the labels of its lines."""
    return max(_HEIGHT, sum(len(lines) * BODY * LEADING + 4 for lines in labels.values()))


def _breaks_of(content: Content, groups: Mapping[str, list[int]], years: np.ndarray) -> list[tuple[float, str]]:
    """The breaks that concern a panel."""
    rows = [i for own in groups.values() for i in own]
    kept = tuple(one for one in content.breaks if any(concerned(content, one[0], i) for i in rows))
    return drawn_breaks(replace(content, breaks=kept), years)
