"""A figure's page: title, subtitle, drawing and foot, measured so that no text is cut or overlaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llo_research.report.figures.style import BODY, GREY, INK, LEADING, SMALL, SUBTITLE, TITLE, WIDTH, font, wrap

_MARGIN = 14.0
_BETWEEN = 7.0
_LEAST_DRAWING = 140.0


@dataclass(frozen=True)
class Page:
    """Texts of a figure and the room that its drawing needs, in points.

    left, right : room beside the drawing, for labels.
    height : height of the drawing; above, below : room over it (column heads) and under it (axis).
    watermark : a word across the figure; empty for none. least : its width, where that leaves room to draw.
    """

    title: str
    subtitle: str
    foot: tuple[str, ...]
    left: float
    right: float
    height: float
    above: float = 4.0
    below: float = 34.0
    watermark: str = ""
    least: float = WIDTH

    @property
    def width(self) -> float:
        """Width of the page: that of a printed text, or more where labels and numbers leave no room to draw."""
        return max(self.least, 2 * _MARGIN + self.left + self.right + _LEAST_DRAWING)

    @property
    def drawing_width(self) -> float:
        """Width of the drawing."""
        return self.width - 2 * _MARGIN - self.left - self.right

    def open(self) -> tuple[Any, Any]:
        """A matplotlib figure with everything but the drawing, and its axes."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        room = self.width - 2 * _MARGIN
        blocks = [
            (wrap(self.title, room, TITLE, "bold") if self.title else [], TITLE, "bold", INK),
            (wrap(self.subtitle, room, SUBTITLE) if self.subtitle else [], SUBTITLE, "normal", GREY),
        ]
        foot = [line for note in self.foot for line in wrap(note, room, SMALL)]
        top = sum(len(lines) * size * LEADING for lines, size, _, _ in blocks) + _BETWEEN
        bottom = len(foot) * SMALL * LEADING + _BETWEEN
        total = 2 * _MARGIN + top + self.above + self.height + self.below + bottom
        figure = Figure(figsize=(self.width / 72, total / 72))
        FigureCanvasAgg(figure)
        y = total - _MARGIN
        for lines, size, weight, colour in blocks:
            y = _lines(figure, lines, y, size, weight, colour, "head")
        _lines(figure, foot, _MARGIN + len(foot) * SMALL * LEADING, SMALL, "normal", GREY, "foot")
        base = _MARGIN + bottom + self.below
        place = ((_MARGIN + self.left) / self.width, base / total, self.drawing_width / self.width, self.height / total)
        axes = figure.add_axes(place)
        axes.patch.set_visible(False)
        if self.watermark:
            centre = (base + self.height / 2) / total
            size = min(46.0, 46.0 * self.width / WIDTH)
            write(figure, 0.5, centre, self.watermark, size, "bold", INK, ha="center", va="center").set(
                rotation=20, alpha=0.11, zorder=50
            )
        return figure, axes


def _lines(figure: Any, lines: list[str], y: float, size: float, weight: str, colour: str, place: str) -> float:
    """Write lines downwards from y (points); returns where the next line would start."""
    width, height = (72 * inches for inches in figure.get_size_inches())
    for line in lines:
        write(figure, _MARGIN / width, (y - size) / height, line, size, weight, colour, va="baseline", gid=place)
        y -= size * LEADING
    return y


def write(
    target: Any, x: float, y: float, text: str, size: float, weight: str = "normal", colour: str = INK, **how: Any
) -> Any:
    """Text in the house font, never read as mathematics."""
    return target.text(x, y, text, fontproperties=font(size, weight), color=colour, parse_math=False, **how)


def tick_fonts(axes: Any) -> None:
    """The house font on the axes' own labels."""
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(font(BODY))
        label.set_parse_math(False)
