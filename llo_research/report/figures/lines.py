"""Lines over time: points at their real years, intervals, labels at the ends of lines, breaks as gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llo_research.errors import DataError
from llo_research.report.content.beside import BESIDE
from llo_research.report.content.content import Content
from llo_research.report.content.labels import plain, word
from llo_research.report.content.numbers import number, unit_after
from llo_research.report.content.times import series_of, times_of
from llo_research.report.figures.axis import Axis, value_axis
from llo_research.report.figures.known import draw_ring, size_of
from llo_research.report.figures.page import Page, tick_fonts, write
from llo_research.report.figures.row_layout import finite, is_open
from llo_research.report.figures.style import (
    BODY,
    COLOURS,
    GREY,
    INK,
    LEADING,
    MARKERS,
    NARROW,
    PAPER,
    TEXTS,
    WIDTH,
    width_of,
    wrap,
)
from llo_research.report.figures.wording import Wording

_HEIGHT = 225.0
_WIDEST_LABEL = 130.0
GAP = 14.0
MOST_LINES = 7
KEY_LINE = 13.0
KEY_GAP = 6.0
_BREAK_LINE = 11.0
_PAST = 14.0  # points that a break is drawn past the lines that it breaks
_KEY_ROOM = 60.0


@dataclass(frozen=True)
class Ending:
    """The label at the end of a line.

    at : height of the last point; y : where the label stands, both in points above the foot of the drawing.
    """

    lines: tuple[str, ...]
    number: int
    last: int
    at: float
    y: float

    @property
    def tall(self) -> float:
        """Height of the label."""
        return len(self.lines) * BODY * LEADING + 2


def draw_lines(
    content: Content, wording: Wording, column: str, limits: tuple[float, float] | None, *, narrow: bool = False
) -> Any:
    """A line for each group; `narrow`, or of several sources, with their names above the drawing."""
    times, groups = times_of(content, column), series_of(content, column)
    check_lines(content, times, groups, column)
    scale = value_axis(content, limits)
    apart = BESIDE in content.meta  # lines of several sources, some of which end early: no leaders across the others
    keyed = narrow or apart
    labels = {name: end_lines(content, "" if keyed else name, rows, times) for name, rows in groups.items()}
    if apart:
        labels = {name: lines if times[groups[name]].max() == times.max() else () for name, lines in labels.items()}
    page_width = NARROW if narrow else WIDTH
    key = key_of(groups, page_width) if keyed else {}
    key_height = sum(len(lines) for lines in key.values()) * KEY_LINE + (KEY_GAP if key else 0.0)
    years = np.unique(times)
    breaks = drawn_breaks(content, years)
    height = max(_HEIGHT, sum(len(lines) * BODY * LEADING + 4 for lines in labels.values()))
    page = Page(
        title=wording.title,
        subtitle=wording.subtitle,
        foot=wording.foot,
        left=max(width_of(text, BODY) for text in scale.texts) + 8,
        right=GAP + 6 + max((width_of(line, BODY) for lines in labels.values() for line in lines), default=0.0),
        height=height,
        above=18.0 + key_height,
        below=20.0,
        watermark=word("synthetic", content.language) if content.synthetic else "",
        least=page_width,
    )
    places = places_of(breaks, years, page.drawing_width)
    reaches = [reach_of(one, content, groups, times, scale, page.height) for one in breaks]
    page = replace(page, above=page.above + 12.0 * (1 + max((level for _, level in places), default=-1)))
    figure, axes = page.open()
    open_axes(axes, scale, years, page)
    write_unit(axes, content, page, key_height)
    write_key(axes, key, page)
    draw_breaks(axes, breaks, places, reaches, page)
    draw_groups(axes, content, groups, labels, list(groups), times, scale, page)
    return figure


def draw_groups(
    axes: Any,
    content: Content,
    groups: Mapping[str, list[int]],
    labels: Mapping[str, tuple[str, ...]],
    order: list[str],
    times: np.ndarray,
    scale: Axis,
    page: Page,
) -> None:
    """The lines with their labels, each in the colour of its place in `order`; a line at no difference."""
    nulls = {row.null for row in content.quantities}
    if len(nulls) == 1 and None not in nulls:
        axes.axhline(nulls.pop(), color=GREY, linewidth=1.0, zorder=1.5)
    for name, rows in groups.items():
        in_time = [rows[j] for j in np.argsort(times[rows], kind="stable")]
        _line(axes, content, in_time, times, order.index(name), scale)
    _endings(axes, content, groups, labels, order, times, scale, page)


def check_lines(content: Content, times: np.ndarray, groups: Mapping[str, list[int]], column: str) -> None:
    """Something that lines can show."""
    if len(np.unique(times)) < 2:
        raise DataError("Lines need at least two times.", where=f"column {column}", found=np.unique(times).tolist())
    if len(groups) > MOST_LINES:
        raise DataError(
            f"{len(groups)} lines cannot be told apart.",
            found=list(groups)[:8],
            expected=f"at most {MOST_LINES}",
            todo="use kind='dots', or restrict the groups",
        )
    for name, rows in groups.items():
        if len(set(times[rows])) < len(rows):
            raise DataError(
                "A line has two numbers for one time.", where=name or "the line", found=times[rows].tolist()
            )


def key_of(groups: Mapping[str, list[int]], width: float) -> dict[str, list[str]]:
    """The names of the lines, broken to the width of the page; nothing for a line without a name."""
    return {name: wrap(name, width - _KEY_ROOM, BODY) for name in groups if name}


def write_key(axes: Any, key: Mapping[str, list[str]], page: Page) -> None:
    """Marker and name of each line, above the drawing."""
    y = page.height + page.above - KEY_LINE / 2
    left = -page.left / page.drawing_width
    for k, lines in enumerate(key.values()):
        at = [left, left + 16 / page.drawing_width]
        how = {"color": COLOURS[k], "marker": MARKERS[k], "markersize": 5.0, "linewidth": 1.8}
        axes.plot(at, [y / page.height] * 2, transform=axes.transAxes, clip_on=False, **how)
        for line in lines:
            x = left + 24 / page.drawing_width
            write(axes, x, y / page.height, line, BODY, transform=axes.transAxes, va="center_baseline")
            y -= KEY_LINE


def open_axes(axes: Any, scale: Axis, years: np.ndarray, page: Page) -> None:
    """Values at the left, years below."""
    span = years[-1] - years[0]
    axes.set_xlim(years[0] - 0.04 * span, years[-1] + 0.02 * span)
    axes.set_ylim(scale.low, scale.high)
    axes.set_yticks(scale.ticks, scale.texts)
    shown = _spaced(years, page.drawing_width / (1.06 * span))
    axes.set_xticks(shown, [plain(float(year)) for year in shown])
    axes.set_xticks(years, minor=True)
    axes.grid(axis="y")
    tick_fonts(axes)


def write_unit(axes: Any, content: Content, page: Page, lower: float) -> None:
    """The unit above the values, `lower` than what stands there."""
    above = 1 + (page.above - lower - 8) / page.height
    write(axes, -page.left / page.drawing_width, above, content.heading, BODY, "normal", GREY, transform=axes.transAxes)


def _spaced(years: np.ndarray, per_year: float) -> list[float]:
    """The years that fit as labels; first and last always."""
    room = width_of("2024", BODY) + 6
    shown = [float(years[-1])]
    for year in years[-2::-1]:
        if (shown[-1] - year) * per_year >= room and ((year - years[0]) * per_year >= room or year == years[0]):
            shown.append(float(year))
    return shown[::-1]


def _segments(rows: list[int], times: np.ndarray, content: Content) -> list[list[int]]:
    """The parts of a line: no line across a break or a time without data."""
    parts: list[list[int]] = [[]]
    breaks = [time for time, _ in content.breaks if concerned(content, time, rows)]
    for before, i in zip([None, *rows], rows, strict=False):
        crossed = before is not None and any(times[before] < time <= times[i] for time in breaks)
        if not finite(content.estimate, i):
            parts.append([])
            continue
        if crossed and parts[-1]:
            parts.append([])
        parts[-1].append(i)
    return [part for part in parts if part]


def concerned(content: Content, time: float, rows: Sequence[int]) -> bool:
    """Whether a break concerns a line: one of a stack of surveys, or of published series, is of some of them."""
    if content.published:
        flag = f"break {plain(time)}"
        return any(flag in content.flags[i] for i in rows) or not any(flag in flags for flags in content.flags)
    source = content.meta.get("source") or {}
    of = {item.get("survey") for item in source.get("breaks") or [] if item.get("time") == time} - {None}
    return not of or "survey" not in content.raw or any(content.raw["survey"].iloc[i] in of for i in rows)


def _line(axes: Any, content: Content, rows: list[int], times: np.ndarray, k: int, scale: Axis) -> None:
    """One line with its intervals and points."""
    colour = COLOURS[k]
    for part in _segments(rows, times, content):
        x, y = times[part], content.estimate[part]
        axes.plot(x, y, color=colour, linewidth=1.8, zorder=3)
        low, high = content.low[part], content.high[part]
        axes.vlines(x, low, high, color=colour, linewidth=1.2, alpha=0.7, zorder=2)
    for i in rows:
        if finite(content.estimate, i):
            face = PAPER if is_open(content, i) else colour
            size = size_of(content, i, 5.5)
            how = {"color": colour, "markerfacecolor": face, "markeredgewidth": 1.2, "markersize": size}
            axes.plot([times[i]], [content.estimate[i]], marker=MARKERS[k], clip_on=False, zorder=4, **how)
            draw_ring(axes, content, i, (times[i], content.estimate[i]), size, colour)
        else:
            axes.plot([times[i]], [scale.low], marker="x", color=colour, markersize=5, clip_on=False, zorder=4)


@dataclass(frozen=True)
class Break:
    """A break between two of the times shown; it is drawn half-way between these."""

    time: float
    middle: float
    text: str


def drawn_breaks(content: Content, years: np.ndarray) -> list[Break]:
    """The breaks between the times shown; of two in one year one is drawn."""
    out = []
    for time in dict.fromkeys(time for time, _ in content.breaks):
        before, after = years[years < time], years[years >= time]
        if len(before) and len(after):
            middle = float(before[-1] + after[0]) / 2
            out.append(Break(time, middle, f"{word('break', content.language)} {plain(time)}"))
    return out


def reach_of(
    one: Break, content: Content, groups: Mapping[str, list[int]], times: np.ndarray, scale: Axis, height: float
) -> tuple[float, float]:
    """From where to where in the drawing a break is drawn, as parts of its height: not through lines that go on."""
    broken = {name for name, rows in groups.items() if concerned(content, one.time, rows)}
    own: list[float] = []
    others: list[float] = []
    for name, rows in groups.items():
        known = sorted((i for i in rows if finite(content.estimate, i)), key=lambda i: times[i])
        before, after = ([i for i in known if (times[i] < one.time) == is_before] for is_before in (True, False))
        if before and after:
            ends = [before[-1], after[0]]
            values = np.concatenate([content.estimate[ends], content.low[ends], content.high[ends]])
            (own if name in broken else others).extend(values[np.isfinite(values)])
    if not own or not others:
        return 0.0, 1.0
    low, high = ((value - scale.low) / (scale.high - scale.low) for value in (min(own), max(own)))
    below, above = min(others) < min(own), max(others) > max(own)
    return max(0.0, low - _PAST / height) if below else 0.0, min(1.0, high + _PAST / height) if above else 1.0


def places_of(breaks: Sequence[Break], years: np.ndarray, width: float) -> list[tuple[float, int]]:
    """The middle of the name of each break inside the drawing, and its line above it: no two names overlap."""
    span = years[-1] - years[0]
    ends: list[float] = []
    out = []
    for one in breaks:
        half = width_of(one.text, BODY) / 2 / width * 1.06 * span
        x = float(np.clip(one.middle, years[0] - 0.04 * span + half, years[-1] + 0.02 * span - half))
        level = next((k for k, end in enumerate(ends) if x - half > end + 0.02 * span), len(ends))
        ends[level : level + 1] = [x + half]
        out.append((x, level))
    return out


def draw_breaks(
    axes: Any,
    breaks: Sequence[Break],
    places: Sequence[tuple[float, int]],
    reaches: Sequence[tuple[float, float]],
    page: Page,
) -> None:
    """A dashed line between the last time before a break and the first after it, with its name above."""
    for one, (x, level), (low, high) in zip(breaks, places, reaches, strict=True):
        axes.axvline(one.middle, low, high, color=GREY, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1.8)
        up = 1 + (3 + level * _BREAK_LINE) / page.height
        how = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom"}
        write(axes, x, up, one.text, BODY, "normal", GREY, **how)


def end_lines(content: Content, name: str, rows: list[int], times: np.ndarray) -> tuple[str, ...]:
    """The label of a line: its name and its last number."""
    known = [i for i in rows if finite(content.estimate, i)]
    if not known:
        return tuple(wrap(f"{name} {content.absent(rows[-1])}".strip(), _WIDEST_LABEL, BODY))
    last = max(known, key=lambda i: times[i])
    value = number(content.estimate[last], content.decimals[last], content.language)
    unit = content.quantities[last].unit
    short = unit_after(unit, content.language) if unit == "percent" else ""
    when = "" if times[last] == times.max() else f"({plain(float(times[last]))})"
    parts = (name, content.before[last], f"{value}{short}", when)
    return tuple(wrap(" ".join(part for part in parts if part), _WIDEST_LABEL, BODY))


def _endings(
    axes: Any,
    content: Content,
    groups: Mapping[str, list[int]],
    labels: Mapping[str, tuple[str, ...]],
    order: list[str],
    times: np.ndarray,
    scale: Axis,
    page: Page,
) -> None:
    """Labels at the right, apart from each other, with a thin leader where one had to move."""
    endings = []
    for name, rows in groups.items():
        if not labels[name]:
            continue
        known = [i for i in rows if finite(content.estimate, i)]
        last = max(known, key=lambda i: times[i]) if known else rows[-1]
        value = content.estimate[last] if known else scale.low
        at = float(np.clip((value - scale.low) / (scale.high - scale.low), 0, 1)) * page.height
        endings.append(Ending(labels[name], order.index(name), last, at, at))
    placed = spread([ending.at for ending in endings], [ending.tall for ending in endings], page.height)
    right = 1 + GAP / page.drawing_width
    for ending, y in zip(endings, placed, strict=True):
        colour = COLOURS[ending.number]
        x = (times[ending.last] - axes.get_xlim()[0]) / (axes.get_xlim()[1] - axes.get_xlim()[0])
        if abs(y - ending.at) > 2 or x < 0.95:
            ends = (
                [x + 4 / page.drawing_width, right - 3 / page.drawing_width],
                [ending.at / page.height, y / page.height],
            )
            how = {"color": colour} if x >= 0.95 else {"color": GREY, "linestyle": (0, (1, 2))}  # no line of data
            axes.plot(*ends, linewidth=0.7, transform=axes.transAxes, clip_on=False, zorder=2, **how)
        for j, line in enumerate(ending.lines):
            height = y + (len(ending.lines) - 1) / 2 * BODY * LEADING - j * BODY * LEADING
            text = write(axes, right, height / page.height, line, BODY, "normal", INK, transform=axes.transAxes)
            text.set(va="center_baseline", color=TEXTS[ending.number])


def spread(wanted: list[float], tall: list[float], height: float) -> list[float]:
    """Heights as near as possible to those wanted at which labels do not overlap, inside the drawing."""
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    placed = list(wanted)
    floor = 0.0
    for i in order:
        placed[i] = max(placed[i], floor + tall[i] / 2)
        floor = placed[i] + tall[i] / 2
    ceiling = max(height, sum(tall))
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling - tall[i] / 2)
        ceiling = placed[i] - tall[i] / 2
    return placed
