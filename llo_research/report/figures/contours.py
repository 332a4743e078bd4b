"""The strength of an omitted variable as contours: what would be left of the estimate, and where benchmarks stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from llo_research.numerics.groups import Floats
from llo_research.report.content.content import Content
from llo_research.report.content.labels import word
from llo_research.report.content.numbers import number
from llo_research.report.figures.page import Page, tick_fonts, write
from llo_research.report.figures.style import (
    BODY,
    COLOURS,
    GREY,
    INK,
    LEADING,
    LIGHT,
    MARKERS,
    NARROW,
    PAPER,
    WIDTH,
    wrap,
)
from llo_research.report.figures.wording import Wording

_HEIGHT, _TALL, _LEFT = 300.0, 320.0, 36.0
# The plane reaches this much beyond the furthest benchmark and the robustness value, and to so much at least.
_BEYOND, _LEAST = 1.35, 0.05
_POINTS = 200
_ROW = BODY * LEADING
_POINTS_IN_INCH, _APART = 72.0, 1.35  # labels of contours are so many of their own heights apart
_KEPT = (0.8, 0.6, 0.4, 0.2, 0.0, -0.5, -1.0)  # shares of the estimate that have a line


def value_text(content: Content, value: float) -> str:
    """An estimate."""
    return number(value, content.decimals[0], content.language)


def contour(share: float, x: Floats, f: float) -> Floats:
    """The R2 with the outcome at which this share of the estimate is left, at R2 x with the treatment.

    An omitted variable moves the estimate by |b| / f sqrt(y x / (1 - x)) (Cinelli, C. and Hazlett, C. (2020). Making
    sense of sensitivity: extending omitted variable bias. Journal of the Royal Statistical Society B, 82, 39-67).
    """
    return np.asarray((f * (1 - share)) ** 2 * (1 - x) / x)


def draw_contours(content: Content, texts: Wording, *, narrow: bool = False) -> Any:
    """Lines of what is left of the estimate, the one of 0 in ink, and the benchmarks, which a key below names."""
    least = NARROW if narrow else WIDTH
    head, under = (wrap(content.heads[name], least - 28, BODY) for name in ("y", "x"))
    key = [(series, wrap(series.text, least - 46, BODY)) for series in _series(content)]
    rows = sum(len(lines) for _, lines in key)
    page = Page(
        title=texts.title,
        subtitle=texts.subtitle,
        foot=texts.foot,
        left=_LEFT,
        right=34.0,
        height=_TALL if narrow else _HEIGHT,
        above=6.0 + len(head) * _ROW,
        below=30.0 + (len(under) + rows) * _ROW,
        watermark=word("synthetic", content.language) if content.synthetic else "",
        least=least,
    )
    figure, axes = page.open()
    ends = _ends(content)
    _axes(axes, ends, content.language)
    place = _Place(axes, page)
    for j, line in enumerate(head):
        place.write(0.0, page.height + page.above - 12 - j * _ROW, line, GREY)
    for j, line in enumerate(under):
        place.write(0.0, -28 - j * _ROW, line, GREY)
    _lines(axes, content, ends)
    low = -34 - len(under) * _ROW
    for series, lines in key:
        axes.plot(series.x, series.y, color=series.colour, linewidth=0.8, clip_on=False, zorder=3)
        axes.plot(series.x, series.y, series.marker, **_look(series))
        place.mark(4.0, low + 3, series)
        for line in lines:
            place.write(14.0, low, line, INK)
            low -= _ROW
    return figure


@dataclass(frozen=True, eq=False)
class Series:
    """The points of a benchmark, or the estimate as it is.

    x, y : (k,) shares of variance. text : its words in the key.
    """

    x: Floats
    y: Floats
    text: str
    colour: str
    marker: str


@dataclass(frozen=True)
class _Place:
    """Places in points from the page's left edge and the lower end of the drawing."""

    axes: Any
    page: Page

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.page.left) / self.page.drawing_width, y / self.page.height

    def write(self, x: float, y: float, text: str, colour: str) -> None:
        """A line of text."""
        write(self.axes, *self._at(x, y), text, BODY, "normal", colour, transform=self.axes.transAxes)

    def mark(self, x: float, y: float, series: Series) -> None:
        """The marker of a series in the key."""
        at = self._at(x, y)
        self.axes.plot([at[0]], [at[1]], series.marker, transform=self.axes.transAxes, **_look(series))


def _look(series: Series) -> dict[str, Any]:
    """How its points are drawn."""
    return {"color": series.colour, "markeredgecolor": PAPER, "clip_on": False, "zorder": 4}


def _series(content: Content) -> list[Series]:
    """The estimate as it is, then each benchmark, one time as strong and more."""
    names, of = content.names, content.raw["benchmark"].to_numpy()
    out = []
    for k, name in enumerate(dict.fromkeys(of)):
        rows = np.flatnonzero(of == name)
        told = ", ".join(
            f"{content.raw['times'].iloc[i]}{value_text(content, float(content.estimate[i]))}" for i in rows
        )
        x, y = (names[axis].to_numpy(dtype=np.float64)[rows] for axis in ("x", "y"))
        colour, marker = COLOURS[k % len(COLOURS)], MARKERS[k % len(MARKERS)]
        out.append(Series(x, y, f"{name}: {told}", colour, marker))
    return out


def _ends(content: Content) -> tuple[float, float]:
    """The upper ends of both axes."""
    rv = float(content.meta["contours"]["rv"])
    return tuple(  # type: ignore[return-value]  # two of them
        min(1.0, _BEYOND * max(rv, float(content.names[name].max()), _LEAST)) for name in ("x", "y")
    )


def _axes(axes: Any, ends: tuple[float, float], language: str) -> None:
    """Both axes in percentages."""
    for axis, end, limit in ((axes.xaxis, ends[0], axes.set_xlim), (axes.yaxis, ends[1], axes.set_ylim)):
        limit(0.0, end)
        step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if end / s <= 6)
        ticks = np.arange(0.0, end + 1e-9, step)
        axis.set_ticks(ticks, [f"{number(100 * float(t), 0, language)}%" for t in ticks])
    axes.grid(visible=False)
    tick_fonts(axes)


def _lines(axes: Any, content: Content, ends: tuple[float, float]) -> None:
    """The contours, each with its estimate where it leaves the plane."""
    known, labels = content.meta["contours"], list[tuple[float, str, bool]]()
    for share in _KEPT:
        x = np.geomspace(1e-4 * ends[0], ends[0], _POINTS)
        y = contour(share, x, known["f"])
        inside = y <= ends[1]
        if not inside.any():
            continue
        zero = share == 0
        axes.plot(x[inside], y[inside], color=INK if zero else LIGHT, linewidth=1.6 if zero else 1.1, zorder=2)
        labels.append((float(y[-1]), f" {value_text(content, share * known['beta'])}", zero))
    height = axes.get_position().height * axes.figure.get_figheight() * _POINTS_IN_INCH
    gap, lowest = _APART * BODY / height * ends[1], -np.inf
    for at, text, zero in sorted(labels):
        lowest = max(at, lowest + gap)
        write(axes, ends[0], lowest, text, BODY, "bold" if zero else "normal", INK if zero else GREY).set(
            ha="left", va="center"
        )
