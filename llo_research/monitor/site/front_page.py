"""What the front page shows: the cells that chapters mark as a finding, from published or public data only.

A notebook marks a finding by the tag ``finding`` on the cell of its sentence (prose, or code that shows it as Markdown)
and on the code cell of its figure. So the front page cannot say anything that its chapter does not. Why a finding
matters is said here, in ``findings.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from llo_research.errors import LloError
from llo_research.monitor.chapters import LANGUAGES
from llo_research.monitor.notebooks.about import About
from llo_research.monitor.notebooks.code_of_figure import code_of
from llo_research.monitor.site.figure_markup import Origin
from llo_research.monitor.site.pictures import figure_html, preview
from llo_research.monitor.site.registry import Frame, Pages
from llo_research.monitor.site.rendered import title_of
from llo_research.monitor.site.words import in_its_language, word

TAG, ORDER = "finding", "finding_order"
SHOWN = 5
LAST = 1e9
_WHY = re.compile(r"\*(?:Why it matters|Waarom)\b")
PREVIEW = "_static/previews/site.png"


@dataclass(frozen=True)
class Finding:
    """A sentence (Markdown), its figure as HTML or empty, and pictures by their path below the sources.

    order : where it comes on the front page, as the chapter's cell or else ``findings.toml`` says.
    why : why it matters, by language; empty where nothing is said. head : its subject; page : where to read on.
    """

    chapter: str
    text: str
    figure: str = ""
    pictures: Mapping[str, str | bytes] = field(default_factory=dict)
    order: float = LAST
    why: Mapping[str, str] = field(default_factory=dict)
    head: Mapping[str, str] = field(default_factory=dict)
    page: str = ""


def findings(notebook: Mapping[str, Any], item: About, origin: Origin | None = None) -> list[Finding]:
    """The findings that a notebook marks, in order: each a tagged sentence, with the tagged figure that follows it.

    Parameters
    ----------
    notebook : mapping
        As JSON.
    item : About
        What it says of itself.
    origin : Origin, optional
        What citations of its figures say; default its name.

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
        text = _sentence(cell)
        if text:
            collected.append(_begun(item.name, len(collected), text, cell))
        if collected and cell["cell_type"] == "code":
            last, number = collected[-1], len(collected)
            alt = str(cell.get("metadata", {}).get("alt", ""))
            figure, pictures = figure_html(
                cell["outputs"],
                f"finding-{item.name}-{number}",
                origin or Origin(item.name, ""),
                alt=alt,
                source=code_of(notebook, cell),
            )
            collected[-1] = replace(last, figure=last.figure + figure, pictures={**last.pictures, **pictures})
    return collected


def _sentence(cell: Mapping[str, Any]) -> str:
    """The sentence of a cell: its prose, or the Markdown that it shows; empty when it shows a figure alone."""
    if cell["cell_type"] == "markdown":
        return _demoted("".join(cell["source"]))
    shown = ("".join(output.get("data", {}).get("text/markdown", "")) for output in cell.get("outputs", []))
    return _demoted("\n\n".join(filter(None, shown)))


def _begun(chapter: str, number: int, text: str, cell: Mapping[str, Any]) -> Finding:
    """A finding without its figure."""
    told = _told().get(chapter, [])
    said = told[number] if number < len(told) else {}
    order = cell.get("metadata", {}).get(ORDER, said.get("order", LAST))
    why = {} if _WHY.search(text) else {name: said[name] for name in LANGUAGES if name in said}
    head = {name: said[f"head_{name}"] for name in LANGUAGES if f"head_{name}" in said}
    return Finding(chapter, text, order=float(order), why=why, head=head, page=said.get("page", ""))


@cache
def _told() -> dict[str, list[dict[str, Any]]]:
    """Why the findings of each chapter matter."""
    return tomllib.loads((Path(__file__).with_name("findings.toml")).read_text(encoding="utf-8"))


def _demoted(text: str) -> str:
    """Headings of a chapter's cell become bold lines: the front page has its own outline."""
    return re.sub(r"^#{1,6}[ \t]+(.*?)[ \t]*$", r"**\1**", text.strip(), flags=re.M)


def pages(frame: Frame) -> Pages:
    """The findings of the front page, with their pictures: the first five, in their order."""
    titles = {one.about.name: title_of(one, frame.language) for one in frame.rendered}
    others = {one.about.name: one.language for one in frame.rendered if one.language}
    collected = [
        found
        for one in frame.rendered
        for found in findings(one.notebook, one.about, frame.origin(titles[one.about.name], one.about.name))
    ]
    chosen = sorted(collected, key=lambda one: one.order)[:SHOWN]
    made: Pages = {"_generated/findings.md": findings_text(chosen, titles, frame.language, others)}
    for one in chosen:
        made |= one.pictures
    pictures = [(name[-4:], content) for one in chosen for name, content in one.pictures.items()]
    drawn = [(suffix, content) for suffix, content in pictures if suffix in (".png", ".svg")]
    if drawn:
        suffix, content = drawn[0]
        made[PREVIEW] = preview((suffix, content.encode() if isinstance(content, str) else content))
    return made


def findings_text(
    found: list[Finding], titles: Mapping[str, str], language: str, others: Mapping[str, str] | None = None
) -> str:
    """The findings as Markdown, each with why it matters, its figure, and the chapter that it comes from.

    others : the language of chapters that are in another than that of the page.
    """
    blocks = []
    for one in found:
        link = f"[{titles[one.chapter]}](notebooks/{one.chapter}.ipynb)"
        why = f"\n\n**{word('why', language)}** {one.why[language]}" if one.why else ""
        figure = f"\n\n```{{raw}} html\n{one.figure}\n```" if one.figure else ""
        source = f"{word('from_chapter', language)} {link}."
        if one.page:
            source += f" {word('read_on', language)} [{one.head[language]}]({one.page})."
        head = f"### {one.head[language]}\n\n" if one.head else ""
        said = in_its_language(one.text, (others or {}).get(one.chapter, ""))
        blocks.append(f"{head}::::{{container}} llo-finding\n{said}{why}{figure}\n\n{source}\n::::\n")
    return "\n".join(blocks)
