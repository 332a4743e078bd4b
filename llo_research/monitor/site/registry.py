"""Pages that are made and not written: each module contributes its own, for one language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import llo_research
from llo_research.data.published_files import ABSENT
from llo_research.errors import DataError
from llo_research.monitor.chapters import EDITION, chapter_of
from llo_research.monitor.site.figure_markup import Origin

if TYPE_CHECKING:
    from llo_research.monitor.site.rendered import Rendered

Pages = dict[str, str | bytes]
NOTEBOOKS = "_static/notebooks"  # as they were executed, to download
_RELEASED = re.compile(r"^date-released: *[\"']?([0-9-]+)", re.M)
# Modules of this package with a function ``pages(frame) -> Pages``: texts (or bytes, for pictures and files) by their
# path below the sources. A page that stands in the menu is named in docs/index.md and docs/nl/index.md.
MODULES = (
    "front_page",
    "chapter_pages",
    "figure_pages",
    "group_pages",
    "table_pages",
    "published_page",
    "reviewer_pages",
    "api_pages",
    "risen_page",
    "retold_pages",
)
# What stands in place of pages that are made of published figures where there are none, as in a sealed bundle: pages
# by module, each with its title.
_WITHOUT_FIGURES: dict[str, dict[str, dict[str, str]]] = {
    "group_pages": {"groups.md": {"nl": "Groepen", "en": "Groups"}, "_generated/group_list.md": {}},
    "table_pages": {"tables.md": {"nl": "Tabellen", "en": "Tables"}},
    "published_page": {"published.md": {"nl": "Gepubliceerd", "en": "Published"}, "_generated/lead.md": {}},
    "risen_page": {"is_het_echt_gestegen.md": {"nl": "Is het echt gestegen?", "en": "Did it really rise?"}},
}
NOT_HERE = {
    "nl": "*Hier niet: de gepubliceerde cijfers, die in een zip apart staan (`llo_research-...-figures.zip`).*",
    "en": "*Not here: the published figures, which come in a zip of their own (`llo_research-...-figures.zip`).*",
}


@dataclass(frozen=True, eq=False)
class Frame:
    """What a page is made for.

    root : folder of the project.
    language : of the pages; each of ``languages`` has a site of its own, the first at the root.
    rendered : the chapters in this language, in order.
    """

    root: Path
    language: str
    languages: tuple[str, ...]
    rendered: tuple[Rendered, ...]

    @property
    def chapters(self) -> tuple[Rendered, ...]:
        """The chapters, without the tutorials."""
        return tuple(one for one in self.rendered if one.is_chapter)

    @property
    def edition(self) -> str:
        """The edition of the monitor that the chapters show."""
        return next((one.edition for one in self.chapters if one.edition), EDITION)

    def link(self, name: str, place: str = "") -> str:
        """A link to a chapter by its title; its title alone where it is not in the site.

        With a place, a link to that place of it from a page at the root; the first of the chapter where it has none.
        """
        chapter = chapter_of(name)
        title = name if chapter is None else self.say({"nl": chapter.title_nl, "en": chapter.title_en})
        if name not in {one.about.name for one in self.rendered}:
            return title
        return (
            f"[{title}](/notebooks/{name}.ipynb)"
            if not place
            else f'<a href="notebooks/{name}.html#{place}">{title}</a>'
        )

    def origin(self, title: str, notebook: str = "") -> Origin:
        """What is said of a figure on the page of this title, or from this notebook."""
        kept = f"{NOTEBOOKS}/{notebook}.ipynb" if notebook else ""
        return Origin(title, released(self.root), self.edition, llo_research.__version__, kept)

    def say(self, words: Mapping[str, str]) -> str:
        """The text in this language."""
        return words[self.language]


def released(root: Path) -> str:
    """When this version was released, as its citation file says; empty where that says nothing."""
    path = root / "CITATION.cff"
    found = _RELEASED.search(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found[1] if found else ""


def generated(frame: Frame) -> Pages:
    """All pages that are made, by their path below the sources."""
    collected: Pages = {}
    for name in MODULES:
        try:
            collected |= import_module(f"llo_research.monitor.site.{name}").pages(frame)
        except DataError as error:
            if error.what != ABSENT or name not in _WITHOUT_FIGURES:
                raise
            for page, title in _WITHOUT_FIGURES[name].items():
                head = f"# {frame.say(title)}\n\n" if title else ""
                collected[page] = f"{head}{frame.say(NOT_HERE)}\n"
    return collected
