"""The chapters of the site: each notebook with its banner, and the page that lists them as cards."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llo_research.monitor.chapters import chapters
from llo_research.monitor.editions import tally
from llo_research.monitor.notebooks.normalise import to_text
from llo_research.monitor.site.figures import with_figures
from llo_research.monitor.site.front_page import findings
from llo_research.monitor.site.pictures import first_picture, identity, preview
from llo_research.monitor.site.registry import Frame, Pages
from llo_research.monitor.site.rendered import Rendered, title_of, with_banner
from llo_research.monitor.site.words import in_its_language, source_words, texts, word

_SENTENCE = re.compile(r"(?<=[.!?])\s")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_NUMBERED = re.compile(r"""\b\w+\(\s*["'](\d+)["']""")
_ABOUT_LENGTH = 220
_ALL_CODE = '<script defer src="../_static/code.js" data-show="{show}" data-hide="{hide}"></script>'


def pages(frame: Frame) -> Pages:
    """The chapters with their figures, their thumbnails, and their list."""
    made: Pages = {}
    thumbnails: dict[str, str] = {}
    taken: set[str | bytes] = set()  # two chapters begin with the same figure: their cards do not
    for one in frame.rendered:
        origin = frame.origin(title_of(one, frame.language), one.about.name)
        made[origin.notebook] = to_text(one.notebook)
        notebook, files = with_figures(
            one.notebook, one.about.name, origin, language=frame.language, receipts=one.receipts
        )
        made |= files
        if one.is_chapter:
            notebook = _folded(anchored(notebook), frame.language)
        made[f"{one.page}.ipynb"] = to_text(
            with_banner(replace(one, notebook=notebook), frame.language, f"../{origin.notebook}")
        )
        picture = first_picture(one.notebook, taken)
        if picture:
            taken.add(identity(picture))
            suffix, content = picture
            thumbnails[one.about.name] = f"_static/thumbnails/{one.about.name}{suffix}"
            made[thumbnails[one.about.name]] = content
            made[f"_static/previews/{one.page.replace('/', '-')}.png"] = preview(picture)
    return {**made, "chapters.md": _list(frame, thumbnails)}


def anchored(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook with a place to link to, ``figure-3``, before each figure that the monitor numbers: its first."""
    seen: set[str] = set()
    cells = []
    for cell in notebook["cells"]:
        found = _NUMBERED.search("".join(cell["source"])) if cell["cell_type"] == "code" else None
        if found and found[1] not in seen and '<figure class="llo-figure' in str(cell.get("outputs")):
            seen.add(found[1])
            cell = {**cell, "outputs": [_html(f'<span id="figure-{found[1]}"></span>'), *cell["outputs"]]}
        cells.append(cell)
    return {**notebook, "cells": cells}


def _folded(notebook: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The notebook with its code behind a click, and a button that opens all of it."""
    cells = [_hidden(cell) if cell["cell_type"] == "code" else cell for cell in notebook["cells"]]
    words = {name: word(f"{name}_all_code", language) for name in ("show", "hide")}
    script: dict[str, Any] = {"cell_type": "code", "id": "all-code", "source": ["pass"], "execution_count": None}
    # (a cell without a source would be left out, script and all)
    script |= {"metadata": {"tags": ["remove-input"]}, "outputs": [_html(_ALL_CODE.format(**words))]}
    return {**notebook, "cells": [*cells, script]}


def _hidden(cell: dict[str, Any]) -> dict[str, Any]:
    """A cell whose code opens by a click."""
    tags = cell["metadata"].get("tags", [])
    if any(tag.startswith(("hide-", "remove-")) for tag in tags):
        return cell
    return {**cell, "metadata": {**cell["metadata"], "tags": [*tags, "hide-input"]}}


def _html(text: str) -> dict[str, Any]:
    """An output of HTML."""
    return {"output_type": "display_data", "metadata": {}, "data": {"text/html": [text]}}


def _list(frame: Frame, thumbnails: Mapping[str, str]) -> str:
    """The page that lists the chapters."""
    text = texts("chapters", frame.language)
    counts = {row["name"]: row for row in chapters(frame.edition).to_dict("records")}
    said = text["tally"].format(edition=frame.edition, tally=tally(frame.edition, frame.language))
    rows = [f"# {text['title']}", "", text["lead"], "", said, "", "::::::{container} llo-chapters"]
    for one in frame.chapters:
        rows += _card(frame, one, thumbnails.get(one.about.name, ""), counts.get(one.about.name))
    rows += ["::::::", "", "```{toctree}", ":hidden:", ""]
    return "\n".join([*rows, *(one.page for one in frame.chapters), "```", ""])


def _card(frame: Frame, one: Rendered, thumbnail: str, counted: Mapping[Any, Any] | None) -> list[str]:
    """A chapter: picture, title, what it finds or is about, what it is computed from, and which figures it holds."""
    text, title = texts("chapters", frame.language), title_of(one, frame.language)
    kind, _ = source_words(one.about.source_class, frame.language)
    state = word("not_recomputed" if one.not_verified else "recomputed", frame.language)
    picture = f'<img src="{thumbnail}" alt="" loading="lazy">' if thumbnail else ""
    rows = [":::::{container} llo-chapter", "```{raw} html", f'<div class="llo-thumb">{picture}</div>', "```"]
    said = in_its_language(f"**[{title}]({one.page}.ipynb)**\n\n{_says(one)}", one.language)
    rows += ["::::{container} llo-chapter-text", said, ""]
    rows += [f'<p class="llo-kind"><span class="{one.about.source_class}">{html.escape(kind)}</span> {state}</p>', ""]
    if counted is not None and counted["figures"]:
        rows += [_counted(counted, frame.language), ""]
        lacking = counted[f"lacking_{frame.language}"]
        rows += [f"{text['lacking']} {lacking}", ""] if lacking else []
    else:
        rows += [text["own"], ""]
    return [*rows, "::::", ":::::", ""]


def _counted(counted: Mapping[Any, Any], language: str) -> str:
    """How many figures of the monitor a chapter holds, and how; what is nought is not named."""
    words = texts("figures", language)
    kinds = ("seen", "reconstructed", "rebuilt", "published_only", "not_available")
    told = [f"{counted[kind]} {words[kind.replace('_', ' ')]}" for kind in kinds if counted[kind]]
    return f"{texts('chapters', language)['figures']} {counted['figures']} ({', '.join(told)})."


def _says(one: Rendered) -> str:
    """The finding of a chapter, in one sentence; without one, what its first lines say that it is about."""
    found = findings(one.notebook, one.about)
    if found:
        text = " ".join(found[0].text.partition("\n\n")[0].split())
        bold = _BOLD.search(text)
        return bold[1] if bold else _cut(text)
    for cell in one.notebook["cells"]:
        text = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
        for paragraph in text.split("\n\n"):
            line = " ".join(paragraph.split())
            if line and not line.startswith(("#", "|", "```", ":::", "-", "<")):
                return _cut(line)
    return ""


def _cut(line: str) -> str:
    """The first sentences that fit."""
    kept = ""
    for sentence in _SENTENCE.split(line):
        if kept and len(kept) + len(sentence) > _ABOUT_LENGTH:
            break
        kept = f"{kept} {sentence}".strip()
    return kept
