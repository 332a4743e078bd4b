"""A figure's SVG in dots, for programs that take no SVG: drawn again by matplotlib, element by element."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np

from llo_research.report.figures.style import BODY, font, house_style

_DPI, _COLOURS = 160, 64
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_COMMAND = re.compile(r"([MLQCZ])([^MLQCZ]*)")
_ALIGNED = {"middle": "center", "end": "right"}


def raster(svg: str) -> bytes:
    """A PNG of an SVG that :func:`~llo_research.report.figures.vector.vector` wrote; of no other.

    Parameters
    ----------
    svg : str
        With ``path``, ``circle`` and ``text`` elements, in points.

    Returns
    -------
    bytes
        In the colours of light paper, 160 dots an inch.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    root, out = ElementTree.fromstring(svg), io.BytesIO()
    _, _, width, height = map(float, root.get("viewBox", "").split())
    with house_style():
        figure = Figure(figsize=(width / 72, height / 72), dpi=_DPI)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        frames = _frames(root)
        for order, element in enumerate(root.iter()):
            _draw(axes, element, order, frames)
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3])
    few = picture.quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(out, "png", dpi=(_DPI, _DPI))
    return out.getvalue()


def _frames(root: ElementTree.Element) -> dict[str, Any]:
    """The rectangles that cut off, by name."""
    from matplotlib.patches import Rectangle

    out = {}
    for clip in root.iter("{http://www.w3.org/2000/svg}clipPath"):
        x, y, width, height = (float(clip[0].get(name, "")) for name in ("x", "y", "width", "height"))
        out[f"url(#{clip.get('id')})"] = Rectangle((x, y), width, height)
    return out


def _draw(axes: Any, element: ElementTree.Element, order: int, frames: dict[str, Any]) -> None:
    """One element of the drawing; others have no picture."""
    from matplotlib.patches import Circle, PathPatch

    name = element.tag.rpartition("}")[2]
    if name == "text":
        _write(axes, element, order)
        return
    if name not in ("path", "circle"):
        return
    dashes = [float(part) for part in element.get("stroke-dasharray", "").split()]
    look = {
        "facecolor": element.get("fill", "none"),
        "edgecolor": element.get("stroke", "none"),
        "linewidth": float(element.get("stroke-width", 1)) if element.get("stroke") else 0.0,
        "linestyle": (0, _over(dashes, float(element.get("stroke-width", 1)))) if dashes else "-",
        "capstyle": "round" if element.get("stroke-linecap") == "round" else "butt",
        "alpha": float(element.get("opacity", 1)),
        "zorder": order,
    }
    if name == "circle":
        x, y, radius = (float(element.get(role, "")) for role in ("cx", "cy", "r"))
        shape: Any = Circle((x, y), radius, **look)
    else:
        shape = PathPatch(_path(element.get("d", "")), **look)
    axes.add_patch(shape)
    frame = frames.get(element.get("clip-path", ""))
    if frame is None:
        shape.set_clip_on(False)
    else:
        frame.set_transform(axes.transData)
        shape.set_clip_path(frame)


def _over(dashes: list[float], width: float) -> list[float]:
    """Dashes in widths of the line, as matplotlib counts them."""
    return [dash / width for dash in dashes]


def _path(d: str) -> Any:
    """A path from its text."""
    from matplotlib.path import Path

    codes = {"M": Path.MOVETO, "L": Path.LINETO, "Q": Path.CURVE3, "C": Path.CURVE4}
    points: list[tuple[float, float]] = []
    kinds: list[Any] = []
    for letter, text in _COMMAND.findall(d):
        numbers = [float(number) for number in _NUMBER.findall(text)]
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True)) or [(0.0, 0.0)]
        points += pairs
        kinds += [codes.get(letter, Path.CLOSEPOLY)] * len(pairs)
    return Path(points, kinds)


def _write(axes: Any, element: ElementTree.Element, order: int) -> None:
    """A line of text."""
    turned = _NUMBER.search(element.get("transform", ""))
    size, weight = float(element.get("font-size", BODY)), element.get("font-weight", "normal")
    axes.text(
        float(element.get("x", "")),
        float(element.get("y", "")),
        element.text or "",
        fontproperties=font(size, weight),
        style=element.get("font-style", "normal"),
        color=element.get("fill"),
        alpha=float(element.get("opacity", 1)),
        ha=_ALIGNED.get(element.get("text-anchor", ""), "left"),
        va="baseline",
        rotation=-float(turned[0]) if turned else 0.0,
        rotation_mode="anchor",
        parse_math=False,
        zorder=order,
    )
