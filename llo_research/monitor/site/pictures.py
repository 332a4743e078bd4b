"""Figures on pages that are made: the HTML of what a cell or a figure shows, and the files that it refers to.

All pages that are made get their figures here; a form with downloads and a layout for telephones has its place here.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from llo_research.errors import LloError

FOLDER = "_static/findings"
_SVG = re.compile(r"<svg\b.*?</svg>", re.S)

Outputs = Iterable[Mapping[str, Any]]


def figure_html(
    outputs: Outputs, stem: str, *, where: str, up: str = "", alt: str = ""
) -> tuple[str, dict[str, bytes]]:
    """Figures as HTML, and the pictures that it refers to, by their path below the sources.

    Parameters
    ----------
    outputs : iterable of mapping
        Outputs of a cell: ``data`` and ``metadata`` by mime type.
    stem : str
        Beginning of the pictures' names.
    where : str
        What the figures belong to, for the message.
    up : str
        The way from the page to the root of the site: ``../`` for a page one folder down.
    alt : str
        Alternative text of those that bring none.

    Raises
    ------
    LloError
        When a picture has no alternative text.
    """
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for markup, suffix, content, words in _shown(outputs):
        if markup:
            parts.append(markup)
            continue
        if not (words or alt):
            raise LloError(
                "A figure of the site has no alternative text.",
                where=where,
                todo="Show a figure of llo.report, or give the cell's metadata a text under 'alt'.",
            )
        file = f"{FOLDER}/{stem}{f'-{len(pictures) + 1}' if pictures else ''}{suffix}"
        pictures[file] = content
        parts.append(f'<img src="{up}{file}" alt="{html.escape(words or alt)}">')
    return "\n".join(part if "<figure" in part else f"<figure>{part}</figure>" for part in parts), pictures


def outputs_of(figure: Any) -> list[dict[str, Any]]:
    """What a figure of llo.report would show in a notebook."""
    data, about = figure._repr_mimebundle_()
    data = {kind: base64.b64encode(one).decode() if isinstance(one, bytes) else one for kind, one in data.items()}
    return [{"data": data, "metadata": about}]


def first_picture(notebook: Mapping[str, Any]) -> tuple[str, bytes] | None:
    """The first figure of a notebook as (suffix, content), or None."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            drawn = _SVG.search("".join(data.get("image/svg+xml", "")) or "".join(data.get("text/html", "")))
            if drawn:
                return ".svg", _alone(drawn[0]).encode()
            if "image/png" in data:
                return ".png", base64.b64decode("".join(data["image/png"]))
    return None


def _alone(drawing: str) -> str:
    """A drawing that stands in a page, as a file of its own."""
    if "xmlns=" in drawing.partition(">")[0]:
        return drawing
    return drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)


def _shown(outputs: Outputs) -> Iterator[tuple[str, str, bytes, str]]:
    """Each picture as (HTML, suffix, bytes, alternative text): either HTML, or bytes with their suffix."""
    for output in outputs:
        data, about = output.get("data", {}), output.get("metadata", {})
        markup = "".join(data.get("text/html", ""))
        if "<svg" in markup or "<img" in markup:
            yield markup, "", b"", ""
            continue
        alt = next((str(one["alt"]) for one in (about, *about.values()) if _has_alt(one)), "")
        if "image/svg+xml" in data:
            yield "", ".svg", "".join(data["image/svg+xml"]).encode(), alt
        elif "image/png" in data:
            yield "", ".png", base64.b64decode("".join(data["image/png"])), alt


def _has_alt(value: Any) -> bool:
    """Whether metadata carry an alternative text."""
    return isinstance(value, dict) and bool(value.get("alt"))
