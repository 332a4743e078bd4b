"""A drawing as SVG: few bytes, text as text, the same on every machine, and colours that a page can change.

Colours stand as attributes, so that every program that reads SVG shows the figure on white. Each also has a class
(``f`` fills and ``s`` strokes, with the letter of :data:`PALETTE`); a style that holds only where the SVG is a document
of its own turns these to the dark colours for readers who prefer those, and a page that holds the SVG may do the same.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from html import escape
from typing import Any

from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_hex
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from llo_research.report.figures.style import BODY, PALETTE, house_style
from llo_research.report.files import without_control

FONTS = "system-ui,'Segoe UI','Helvetica Neue','Noto Sans',Arial,sans-serif"
_LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
_CIRCLE = len(Path.unit_circle())
_ANCHORS = {"left": ("", 0.0), "center": ("middle", 0.5), "right": ("end", 1.0)}
_IDENTITY = "llo-0"  # in place of the identifier until all is drawn, of which it is made
_SIDE = 12  # points left and right of a drawing that hold none of it
_OUTSIDE = 0.05  # points: what is drawn further outside its frame than this is cut off


def short(value: float) -> str:
    """A coordinate to a hundredth of a point: what is smaller is noise of the machine, and no eye sees it."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class Vector(RendererBase):
    """Draws a matplotlib figure as SVG elements, in points from the upper left corner.

    Attributes
    ----------
    parts : list of str
        The elements so far.
    written : list of float
        Where lines of text of the drawing itself stand (baselines), not those above and below it.
    """

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.parts: list[str] = []
        self.written: list[float] = []
        self.colours: dict[str, None] = {}
        self._clips: dict[str, str] = {}

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Width and height in points."""
        return self.width, self.height

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        """A line or an area."""
        d = "".join(self._segments(path, transform))
        if d:
            self.parts.append(f'<path d="{d}"{self._look(gc, rgbFace)}{self._clip(gc, path, transform)}/>')

    def draw_markers(
        self, gc: Any, marker_path: Any, marker_trans: Any, path: Any, trans: Any, rgbFace: Any = None
    ) -> None:
        """The same sign at each vertex; a circle as such."""
        look = self._look(gc, rgbFace)
        for x, y in trans.transform(path.vertices):
            if len(marker_path.vertices) == _CIRCLE:
                radius = short(marker_trans.transform((1.0, 0.0))[0])
                self.parts.append(f'<circle cx="{short(x)}" cy="{short(self.height - y)}" r="{radius}"{look}/>')
            else:
                d = "".join(self._segments(marker_path, marker_trans + Affine2D().translate(x, y)))
                self.parts.append(f'<path d="{d}"{look}/>')

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:
        """A line of text, held where it was aligned: letters of another font than was measured stay in their place."""
        place = mtext.get_gid() if mtext is not None else None
        if place not in ("head", "foot") and not angle:
            self.written.append(y)
        anchor, part = _ANCHORS[mtext.get_horizontalalignment() if mtext is not None else "left"]
        along = part * self.get_text_width_height_descent(s, prop, ismath)[0]
        turn = math.radians(angle)
        x, y = x + along * math.cos(turn), y - along * math.sin(turn)
        size = prop.get_size_in_points()
        told = {
            "class": " ".join(filter(None, (self._class("f", gc.get_rgb()), place))),
            "x": short(x),
            "y": short(y),
            "fill": to_hex(gc.get_rgb()),
            "font-size": "" if size == BODY else short(size),
            "font-weight": "bold" if "Bold" in str(prop.get_file()) else "",
            "font-style": "italic" if prop.get_style() == "italic" else "",
            "text-anchor": anchor,
            "opacity": "" if gc.get_alpha() == 1 else short(gc.get_alpha()),
            "transform": f"rotate({short(-angle)} {short(x)} {short(y)})" if angle else "",
        }
        self.parts.append(f"<text{_attributes(told)}>{escape(without_control(s), quote=False)}</text>")

    def _segments(self, path: Any, transform: Any) -> Iterator[str]:
        """The path as SVG writes it."""
        for points, code in path.iter_segments(transform, simplify=False):
            if code == Path.CLOSEPOLY:
                yield "Z"
                continue
            pairs = [(short(x), short(self.height - y)) for x, y in points.reshape(-1, 2)]
            yield _LETTERS[code] + " ".join(f"{x} {y}" for x, y in pairs)

    def _look(self, gc: Any, face: Any) -> str:
        """Fill and stroke, with their classes."""
        filled = face is not None and (len(face) < 4 or face[3] > 0)
        stroked = gc.get_linewidth() > 0 and gc.get_rgb()[3] > 0
        dashes = gc.get_dashes()[1]
        classes = [self._class("f", face) if filled else "", self._class("s", gc.get_rgb()) if stroked else ""]
        opacity = face[3] if filled and len(face) == 4 else gc.get_alpha()
        told = {
            "class": " ".join(filter(None, classes)),
            "fill": to_hex(face) if filled else "none",
            "stroke": to_hex(gc.get_rgb()) if stroked else "",
            "stroke-width": short(gc.get_linewidth()) if stroked and gc.get_linewidth() != 1 else "",
            "stroke-linecap": "round" if stroked and gc.get_capstyle() == "round" else "",
            "stroke-dasharray": " ".join(map(short, dashes)) if stroked and dashes is not None else "",
            "opacity": short(opacity) if opacity != 1 else "",
        }
        return _attributes(told)

    def _class(self, kind: str, colour: Any) -> str:
        """The class of a colour of the house; none for another."""
        name = to_hex(colour)
        if name not in PALETTE:
            return ""
        self.colours[name] = None
        return f"{kind}{PALETTE[name].letter}"

    def _clip(self, gc: Any, path: Any, transform: Any) -> str:
        """The frame that cuts off what lies outside it, where something does."""
        frame = gc.get_clip_rectangle()
        if frame is None:
            return ""
        box = path.get_extents(transform)
        beyond = (frame.x0 - box.x0, box.x1 - frame.x1, frame.y0 - box.y0, box.y1 - frame.y1)
        if max(beyond) <= _OUTSIDE:
            return ""
        at = {"x": frame.x0, "y": self.height - frame.y1, "width": frame.width, "height": frame.height}
        rectangle = f"<rect{_attributes({name: short(value) for name, value in at.items()})}/>"
        if rectangle not in self._clips:
            self._clips[rectangle] = f"{_IDENTITY}-c{len(self._clips)}"
            self.parts.append(f'<clipPath id="{self._clips[rectangle]}">{rectangle}</clipPath>')
        return f' clip-path="url(#{self._clips[rectangle]})"'


def _attributes(told: dict[str, str]) -> str:
    """Attributes that have a value."""
    return "".join(f' {name}="{escape(value)}"' for name, value in told.items() if value)


def vector(drawing: Any, title: str, text: str, language: str) -> str:
    """A matplotlib figure as an SVG document with a title and a text for those who cannot see it.

    Parameters
    ----------
    drawing : matplotlib.figure.Figure
    title, text : str
        What screen readers say of it.
    language : str
        Language of both.

    Returns
    -------
    str
        The same for the same figure. Its identifiers begin with one made of all it holds, so that two figures on a page
        do not meet; ``data-drawing`` is the ``viewBox`` of the drawing alone, without the texts above and below it.
    """
    drawing.dpi = 72.0
    width, height = (72.0 * inches for inches in drawing.get_size_inches())
    canvas = Vector(width, height)
    with house_style():
        drawing.draw(canvas)
    top, foot = min(canvas.written, default=9.0) - 9.0, max(canvas.written, default=height - 4.0) + 4.0
    body = "\n".join(
        [
            f'<title id="{_IDENTITY}-t">{escape(without_control(title), quote=False)}</title>',
            f'<desc id="{_IDENTITY}-d">{escape(without_control(text), quote=False)}</desc>',
            _style(canvas.colours),
            *canvas.parts,
        ]
    )
    told = {
        "xmlns": "http://www.w3.org/2000/svg",
        "width": f"{short(width)}pt",
        "height": f"{short(height)}pt",
        "viewBox": f"0 0 {short(width)} {short(height)}",
        "data-drawing": f"{_SIDE} {short(top)} {short(width - 2 * _SIDE)} {short(foot - top)}",
        "role": "img",
        "aria-labelledby": f"{_IDENTITY}-t {_IDENTITY}-d",
        "lang": language,
        "font-family": FONTS,
        "font-size": short(BODY),
    }
    drawn = f"<svg{_attributes(told)}>\n{body}\n</svg>\n"
    identity = f"llo-{hashlib.sha256(drawn.encode()).hexdigest()[:8]}"
    return drawn.replace(_IDENTITY, identity)


def _style(colours: dict[str, None]) -> str:
    """The dark colours, for a document of its own."""
    rules = [
        f"svg:root .f{PALETTE[name].letter}{{fill:{PALETTE[name].dark}}}"
        f"svg:root .s{PALETTE[name].letter}{{stroke:{PALETTE[name].dark}}}"
        for name in sorted(colours)
    ]
    return f"<style>@media(prefers-color-scheme:dark){{{''.join(rules)}}}</style>"
