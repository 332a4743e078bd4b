"""What the front page shows: the cells that chapters mark as a finding, from published or public data only.

A notebook marks a finding by the tag ``finding`` on a markdown cell (the sentence) and on the code cell of its figure.
So the front page cannot say anything that its chapter does not.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llo_research.errors import LloError
from llo_research.monitor.notebooks.about import About

TAG = "finding"


@dataclass(frozen=True)
class Finding:
    """A sentence (Markdown), its figure as HTML or empty, and pictures to write beside the page, by file name."""

    chapter: str
    text: str
    figure: str
    pictures: Mapping[str, bytes]


def findings(notebook: Mapping[str, Any], item: About) -> list[Finding]:
    """The findings that a notebook marks, in order: each a tagged sentence, with the tagged figure that follows it.

    Raises
    ------
    LloError
        When it is computed from synthetic data, or a picture has no alternative text.
    """
    marked = [cell for cell in notebook["cells"] if TAG in cell.get("metadata", {}).get("tags", [])]
    if marked and item.source_class == "synthetic":
        raise LloError(
            f"{item.name} marks a finding, and is computed from synthetic data.",
            expected="findings from published or public data only",
            todo=f"Take the tag {TAG!r} away.",
        )
    collected: list[Finding] = []
    for cell in marked:
        if cell["cell_type"] == "markdown":
            collected.append(Finding(item.name, _demoted("".join(cell["source"])), "", {}))
        elif collected:
            last, number = collected[-1], len(collected)
            figure, pictures = _figure(cell, item.name, f"{item.name}-{number}")
            collected[-1] = Finding(last.chapter, last.text, last.figure + figure, {**last.pictures, **pictures})
    return collected


def _demoted(text: str) -> str:
    """Headings of a chapter's cell become bold lines: the front page has its own outline."""
    return re.sub(r"^#{1,6}[ \t]+(.*?)[ \t]*$", r"**\1**", text.strip(), flags=re.M)


def _figure(cell: Mapping[str, Any], chapter: str, stem: str) -> tuple[str, dict[str, bytes]]:
    """The figures of a code cell as HTML, and the pictures it refers to."""
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for markup, name, content, alt in _shown(cell):
        if markup:
            parts.append(markup)
            continue
        if not alt:
            raise LloError(
                f"A figure that {chapter} marks as a finding has no alternative text.",
                where="".join(cell["source"])[:200],
                todo="Show a figure of llo.report, or give the cell's metadata a text under 'alt'.",
            )
        file = f"{stem}{'' if not pictures else f'-{len(pictures) + 1}'}{name}"
        pictures[file] = content
        parts.append(f'<img src="_static/findings/{file}" alt="{html.escape(alt)}">')
    figures = [part if "<figure" in part else f"<figure>{part}</figure>" for part in parts]
    return "\n".join(figures), pictures


def _shown(cell: Mapping[str, Any]) -> Iterator[tuple[str, str, bytes, str]]:
    """Each picture of a cell as (HTML, suffix, bytes, alternative text): either HTML, or bytes with their suffix."""
    for output in cell.get("outputs", []):
        data, about = output.get("data", {}), output.get("metadata", {})
        markup = "".join(data.get("text/html", ""))
        if "<svg" in markup or "<img" in markup:
            yield markup, "", b"", ""
            continue
        alt = next(
            (str(one["alt"]) for one in (about, *about.values(), cell.get("metadata", {})) if _has_alt(one)),
            "",
        )
        if "image/svg+xml" in data:
            yield "", ".svg", "".join(data["image/svg+xml"]).encode(), alt
        elif "image/png" in data:
            yield "", ".png", base64.b64decode("".join(data["image/png"])), alt


def _has_alt(value: Any) -> bool:
    """Whether metadata carry an alternative text."""
    return isinstance(value, dict) and bool(value.get("alt"))


def write_findings(found: list[Finding], titles: Mapping[str, str], folder: Path) -> str:
    """Write the pictures below the folder of the site's sources; give the Markdown of the front page's findings."""
    blocks = []
    for one in found:
        for name, content in one.pictures.items():
            path = folder / "_static" / "findings" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        link = f"[{titles[one.chapter]}](notebooks/{one.chapter}.ipynb)"
        figure = f"\n\n```{{raw}} html\n{one.figure}\n```" if one.figure else ""
        blocks.append(f"::::{{container}} llo-finding\n{one.text}{figure}\n\nFrom the chapter {link}.\n::::\n")
    return "\n".join(blocks)
