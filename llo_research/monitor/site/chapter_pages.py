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
from llo_research.monitor.site.pictures import first_picture, preview
from llo_research.monitor.site.registry import Frame, Pages
from llo_research.monitor.site.rendered import Rendered, title_of, with_banner
from llo_research.monitor.site.words import in_its_language, source_words, texts, word

_SENTENCE = re.compile(r"(?<=[.!?])\s")
_ABOUT_LENGTH = 220


def pages(frame: Frame) -> Pages:
    """The chapters with their figures, their thumbnails, and their list."""
    made: Pages = {}
    thumbnails = {}
    for one in frame.rendered:
        origin = frame.origin(title_of(one, frame.language))
        notebook, files = with_figures(one.notebook, one.about.name, origin, language=frame.language)
        made |= files
        made[f"{one.page}.ipynb"] = to_text(with_banner(replace(one, notebook=notebook), frame.language))
        picture = first_picture(one.notebook)
        if picture:
            suffix, content = picture
            thumbnails[one.about.name] = f"_static/thumbnails/{one.about.name}{suffix}"
            made[thumbnails[one.about.name]] = content
            made[f"_static/previews/{one.page.replace('/', '-')}.png"] = preview(picture)
    return {**made, "chapters.md": _list(frame, thumbnails)}


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
        rows += [text["figures"].format(**counted), ""]
        lacking = counted[f"lacking_{frame.language}"]
        rows += [f"{text['lacking']} {lacking}", ""] if lacking else []
    else:
        rows += [text["own"], ""]
    return [*rows, "::::", ":::::", ""]


def _says(one: Rendered) -> str:
    """The finding of a chapter; without one, what its first lines say that it is about."""
    found = findings(one.notebook, one.about)
    if found:
        return found[0].text.partition("\n")[0]
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
