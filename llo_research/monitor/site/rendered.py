"""A notebook as the site shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llo_research.monitor.chapters import chapter_of
from llo_research.monitor.notebooks.about import About
from llo_research.monitor.site.words import source_words, word

TUTORIALS = "tutorials"
_EDITION = re.compile(r"^edition\b.*?=\s*[\"'](\S+?)[\"']", re.M)


@dataclass(frozen=True)
class Rendered:
    """A notebook as the site shows it.

    not_verified : why its outputs are the committed ones and not recomputed here; empty when they were recomputed.
    language : of its text, where that is another than the language of the site that it stands in; else empty.
    receipts : of its figures and tables, by what they are found by (:mod:`llo_research.monitor.notebooks.receipts`).
    """

    about: About
    notebook: dict[str, Any]
    not_verified: str
    language: str = ""
    receipts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """Where it stands in the site, without suffix: chapters together, a tutorial among the tutorials."""
        folder = self.about.path.parent.name
        return f"{folder if folder == TUTORIALS else 'notebooks'}/{self.about.name}"

    @property
    def is_chapter(self) -> bool:
        """Whether it is a chapter, not a tutorial."""
        return not self.page.startswith(TUTORIALS)

    @property
    def edition(self) -> str:
        """The edition that it was told to show, or else that of its committed outputs."""
        for cell in self.notebook["cells"]:
            if "parameters" in cell.get("metadata", {}).get("tags", []):
                told = _EDITION.search("".join(cell["source"]))
                if told:
                    return told[1]
        return self.about.edition


def title_of(rendered: Rendered, language: str = "en") -> str:
    """The heading of a notebook, or else the title of its chapter."""
    for cell in rendered.notebook["cells"]:
        if cell["cell_type"] == "markdown":
            for line in "".join(cell["source"]).splitlines():
                if line.startswith("# "):
                    return line.removeprefix("# ").strip()
    chapter = chapter_of(rendered.about.name)
    if chapter is None:
        return rendered.about.name
    return chapter.title_nl if language == "nl" else chapter.title_en


def with_banner(one: Rendered, language: str = "en", address: str = "") -> dict[str, Any]:
    """The notebook with lines under its title: what it is computed from, whether that was done here, and its file."""
    cells = [_with_alt(cell) for cell in one.notebook["cells"]]
    if not cells or cells[0]["cell_type"] != "markdown" or not "".join(cells[0]["source"]).startswith("# "):
        heading = f"# {title_of(one, language)}\n"
        cells.insert(0, {"cell_type": "markdown", "id": "title", "metadata": {}, "source": [heading]})
    first, _, rest = "".join(cells[0]["source"]).partition("\n")
    text = f"{first}\n\n{_banner(one, language, address)}\n{rest}"
    cells[0] = {**cells[0], "source": text.splitlines(keepends=True)}
    return {**one.notebook, "cells": cells}


def _with_alt(cell: dict[str, Any]) -> dict[str, Any]:
    """A cell whose pictures carry, on the page, the alternative text that they have in the notebook."""
    texts = [
        str(about["alt"])
        for output in cell.get("outputs", [])
        for about in output.get("metadata", {}).values()
        if isinstance(about, dict) and about.get("alt")
    ]
    alt = " ".join(texts) or cell.get("metadata", {}).get("alt")
    return {**cell, "metadata": {**cell["metadata"], "mystnb": {"image": {"alt": alt}}}} if alt else dict(cell)


def _banner(one: Rendered, language: str, address: str) -> str:
    """The line under a chapter's title."""
    kind, said = source_words(one.about.source_class, language)
    lines = [f"::::{{container}} llo-banner {one.about.source_class}"]
    lines += [f"**{kind}**: {word('computed', language)} {said}."]
    if one.not_verified:
        reason = one.not_verified if language == "en" else "[Gegevens ophalen](/how_to/get_data.md)."
        lines += ["", f"{word('not_verified', language)} {reason}"]
    if address:
        lines += ["", f'<a href="{address}" download>{word("notebook", language)} (.ipynb)</a>']
    return "\n".join([*lines, "::::", ""])
