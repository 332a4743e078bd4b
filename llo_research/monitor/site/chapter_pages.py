"""The chapters of the site: each notebook with its banner, and the page that lists them as cards."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from llo_research.monitor.chapters import chapters
from llo_research.monitor.editions import tally
from llo_research.monitor.notebooks.normalise import to_text
from llo_research.monitor.site.front_page import findings
from llo_research.monitor.site.pictures import first_picture
from llo_research.monitor.site.registry import Frame, Pages
from llo_research.monitor.site.rendered import Rendered, title_of, with_banner
from llo_research.monitor.site.words import source_words, word

_SENTENCE = re.compile(r"(?<=[.!?])\s")
_ABOUT_LENGTH = 220
_TEXT = {
    "nl": {
        "title": "Hoofdstukken",
        "lead": "Elk hoofdstuk is een notebook dat van boven naar beneden is uitgevoerd. De tests vergelijken elke uitkomst "
        "met wat hier staat.",
        "tally": "Editie {edition}: {tally}. [Alle figuren van de editie](figures.md), met het gepubliceerde getal en het onze.",
        "figures": "Figuren van de monitor: {figures}, waarvan {seen} gezien en {reconstructed} gereconstrueerd; "
        "{rebuilt} herbouwd, {published_only} alleen gepubliceerd, {not_available} niet beschikbaar.",
        "lacking": "Wat hier niet te vinden is:",
        "own": "Eigen hoofdstuk: geen figuren van de monitor.",
    },
    "en": {
        "title": "Chapters",
        "lead": "Each chapter is a notebook that was executed from top to bottom. The tests compare every output with what is "
        "shown here.",
        "tally": "Edition {edition}: {tally}. [All figures of the edition](figures.md), with the published number and ours.",
        "figures": "Figures of the monitor: {figures}, of which {seen} seen and {reconstructed} reconstructed; "
        "{rebuilt} rebuilt, {published_only} published only, {not_available} not available.",
        "lacking": "What you will not find here:",
        "own": "A chapter of our own: no figures of the monitor.",
    },
}


def pages(frame: Frame) -> Pages:
    """The chapters, their thumbnails, and their list."""
    made: Pages = {f"{one.page}.ipynb": to_text(with_banner(one, frame.language)) for one in frame.rendered}
    shown = {}
    for one in frame.rendered:
        thumbnail = first_picture(one.notebook)
        if thumbnail:
            suffix, content = thumbnail
            shown[one.about.name] = f"_static/thumbnails/{one.about.name}{suffix}"
            made[shown[one.about.name]] = content
            if suffix == ".png":
                made[f"_static/previews/notebooks-{one.about.name}.png"] = content
    return {**made, "chapters.md": _list(frame, shown)}


def _list(frame: Frame, thumbnails: Mapping[str, str]) -> str:
    """The page that lists the chapters."""
    text = _TEXT[frame.language]
    counts = {row["name"]: row for row in chapters(frame.edition).to_dict("records")}
    said = text["tally"].format(edition=frame.edition, tally=tally(frame.edition, frame.language))
    rows = [f"# {text['title']}", "", text["lead"], "", said, "", "::::::{container} llo-chapters"]
    for one in frame.chapters:
        rows += _card(frame, one, thumbnails.get(one.about.name, ""), counts.get(one.about.name))
    rows += ["::::::", "", "```{toctree}", ":hidden:", ""]
    return "\n".join([*rows, *(one.page for one in frame.chapters), "```", ""])


def _card(frame: Frame, one: Rendered, thumbnail: str, counted: Mapping[str, Any] | None) -> list[str]:
    """A chapter: picture, title, what it finds or is about, what it is computed from, and which figures it holds."""
    text, title = _TEXT[frame.language], title_of(one, frame.language)
    kind, _ = source_words(one.about.source_class, frame.language)
    state = word("not_recomputed" if one.not_verified else "recomputed", frame.language)
    picture = f'<img src="{thumbnail}" alt="" loading="lazy">' if thumbnail else ""
    rows = [":::::{container} llo-chapter", "```{raw} html", f'<div class="llo-thumb">{picture}</div>', "```"]
    rows += [f"::::{{container}} llo-chapter-text\n**[{title}]({one.page}.ipynb)**", "", _says(one), ""]
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
