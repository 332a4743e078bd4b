"""Cells that hold for some editions only: tagged with what they need, and left out where an edition lacks it.

In their place stands a line that says so: a reader who knows the chapter of another edition would miss them.
``needs wea``: a survey; ``needs zea 2021``: a survey up to that year; ``needs published 6``: a published number beside
figure 6.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from llo_research.errors import DataError
from llo_research.monitor.editions import edition_of
from llo_research.monitor.entries import Edition

NEEDS = "needs "
_WORDS = {
    "nl": {
        "line": "*Niet in editie {edition}: {what}.*",
        "published": "een gepubliceerd cijfer bij figuur {of}",
    },
    "en": {"line": "*Not in edition {edition}: {what}.*", "published": "a published number beside figure {of}"},
}


def that_hold(notebook: Mapping[str, Any], edition: str, language: str = "en") -> dict[str, Any]:
    """A copy of a notebook with a line in place of the cells that need what an edition does not have."""
    chosen, result = edition_of(edition), copy.deepcopy(dict(notebook))
    cells: list[dict[str, Any]] = []
    absent: list[str] = []
    for cell in [*result["cells"], None]:
        lacks = [] if cell is None else [need for need in needs_of(cell) if not _has(chosen, need)]
        absent += lacks
        if lacks:
            continue
        if absent:
            cells.append(_line(edition, language, dict.fromkeys(absent), f"not-here-{len(cells)}"))
            absent = []
        cells += [] if cell is None else [cell]
    result["cells"] = cells
    return result


def _line(edition: str, language: str, absent: Iterable[str], name: str) -> dict[str, Any]:
    """The cell that says what is not in this edition."""
    words = _WORDS[language]
    told = ", ".join(_told(need, words) for need in absent)
    source = words["line"].format(edition=edition, what=told)
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def _told(need: str, words: Mapping[str, str]) -> str:
    """What is lacking, in words."""
    what, _, of = need.partition(" ")
    return words["published"].format(of=of) if what == "published" else " ".join(filter(None, [what.upper(), of]))


def needs_of(cell: Mapping[str, Any]) -> list[str]:
    """What a cell needs, by its tags."""
    tags = cell.get("metadata", {}).get("tags", [])
    return [tag.removeprefix(NEEDS) for tag in tags if tag.startswith(NEEDS)]


def _has(edition: Edition, need: str) -> bool:
    """Whether an edition has a survey, a survey up to a year, or a published number beside a figure."""
    what, _, of = need.partition(" ")
    if what == "published":
        return of in edition.figures and bool(edition.figures[of].published)
    if what not in ("nea", "zea", "wea") or (of and not of.isdigit()):
        raise DataError(
            "A cell has a tag that is not understood.",
            where="tags",
            found=repr(NEEDS + need),
            expected="needs wea, needs zea 2021, needs published 6",
        )
    return what in edition.years and (not of or edition.years[what][1] >= int(of))
