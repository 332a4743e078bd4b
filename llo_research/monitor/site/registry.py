"""Pages that are made and not written: each module contributes its own, for one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from llo_research.monitor.chapters import EDITION

if TYPE_CHECKING:
    from llo_research.monitor.site.rendered import Rendered

Pages = dict[str, str | bytes]
# Modules of this package with a function ``pages(frame) -> Pages``: texts (or bytes, for pictures and files) by their
# path below the sources. A page that stands in the menu is named in docs/index.md and docs/nl/index.md.
MODULES = (
    "front_page",
    "chapter_pages",
    "figure_pages",
    "group_pages",
    "table_pages",
    "reviewer_pages",
    "api_pages",
)


@dataclass(frozen=True)
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

    def say(self, words: Mapping[str, str]) -> str:
        """The text in this language."""
        return words[self.language]


def generated(frame: Frame) -> Pages:
    """All pages that are made, by their path below the sources."""
    collected: Pages = {}
    for name in MODULES:
        collected |= import_module(f"llo_research.monitor.site.{name}").pages(frame)
    return collected
