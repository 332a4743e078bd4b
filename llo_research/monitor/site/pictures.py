"""Figures on pages that are made: the HTML of what a cell or a figure shows, and the files that it refers to.

All pages that are made get their figures here.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from llo_research.errors import LloError
from llo_research.monitor.site.figure_markup import Origin
from llo_research.monitor.site.figures import FOLDER, figure_page
from llo_research.report.figures.bundle import MIME
from llo_research.report.figures.fingerprint import mark_in
from llo_research.report.figures.raster import raster

_SVG = re.compile(r"<svg\b.*?</svg>", re.S)
Files = dict[str, str | bytes]
Outputs = Iterable[Mapping[str, Any]]


def figure_html(
    outputs: Outputs, stem: str, origin: Origin, *, up: str = "", alt: str = "", source: str = ""
) -> tuple[str, Files]:
    """Figures as HTML, and the files that it refers to, by their path below the sources.

    Figures of llo.report become figures of the site, with downloads, citation and a drawing for telephones; other
    pictures stand as they are.

    Parameters
    ----------
    outputs : iterable of mapping
        Outputs of a cell: ``data`` and ``metadata`` by mime type.
    stem : str
        Beginning of the names of the files.
    origin : Origin
        What a citation says.
    up : str
        The way from the page to the root of the site: ``../`` for a page one folder down.
    alt : str
        Alternative text of those that bring none.
    source : str
        Code that gives them.

    Raises
    ------
    LloError
        When a picture has no alternative text.
    """
    parts: list[str] = []
    files: Files = {}
    for output in outputs:
        data, about = output.get("data", {}), output.get("metadata", {})
        name = f"{stem}-{len(parts) + 1}"
        markup = "".join(data.get("text/html", ""))
        if MIME in data:
            shown, own = figure_page(data, name, origin, up=up, source=source)
        elif "<svg" in markup or "<img" in markup:
            shown, own = markup, {}
        elif (picture := _picture(data)) is not None:
            words = next((str(one["alt"]) for one in (about, *about.values()) if _has_alt(one)), alt)
            if not words:
                raise LloError(
                    "A figure of the site has no alternative text.",
                    where=origin.chapter,
                    todo="Show a figure of llo.report, or give the cell's metadata a text under 'alt'.",
                )
            suffix, content = picture
            own = {f"{FOLDER}/{name}{suffix}": content}
            shown = f'<img src="{up}{FOLDER}/{name}{suffix}" alt="{html.escape(words)}">'
        else:
            continue
        files |= own
        parts.append(shown if "<figure" in shown else f"<figure>{shown}</figure>")
    return "\n".join(parts), files


def outputs_of(figure: Any) -> list[dict[str, Any]]:
    """What a figure of llo.report would show in a notebook."""
    data, about = figure._repr_mimebundle_()
    data = {kind: base64.b64encode(one).decode() if isinstance(one, bytes) else one for kind, one in data.items()}
    return [{"data": data, "metadata": about}]


def first_picture(notebook: Mapping[str, Any], besides: Collection[str | bytes] = ()) -> tuple[str, bytes] | None:
    """The first figure of a notebook as (suffix, content), or None; where there are others, not one of `besides`."""
    shown = (output.get("data", {}) for cell in notebook["cells"] for output in cell.get("outputs", []))
    pictures = [found for data in shown if (found := _picture(data)) is not None]
    return next((one for one in pictures if identity(one) not in besides), pictures[0] if pictures else None)


def identity(picture: tuple[str, bytes]) -> str | bytes:
    """What two pictures of the same numbers have in common: their fingerprint; without one all that they are."""
    return mark_in(picture[1]) or picture[1]


def preview(picture: tuple[str, bytes]) -> bytes:
    """A picture as PNG, which those ask for to whom a link is sent."""
    suffix, content = picture
    return content if suffix == ".png" else raster(content.decode())


def _picture(data: Mapping[str, Any]) -> tuple[str, bytes] | None:
    """The picture among what an output shows, as (suffix, content), or None."""
    drawn = _SVG.search("".join(data.get("image/svg+xml", "")) or "".join(data.get("text/html", "")))
    if drawn:
        return ".svg", _alone(drawn[0]).encode()
    return (".png", base64.b64decode("".join(data["image/png"]))) if "image/png" in data else None


def _alone(drawing: str) -> str:
    """A drawing that stands in a page, as a file of its own."""
    if "xmlns=" in drawing.partition(">")[0]:
        return drawing
    return drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)


def _has_alt(value: Any) -> bool:
    """Whether metadata carry an alternative text."""
    return isinstance(value, dict) and bool(value.get("alt"))
