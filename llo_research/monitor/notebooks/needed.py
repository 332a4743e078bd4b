"""Cells that hold for some editions, or some files, only: tagged with what they need, and left out where it lacks.

In their place stands a line that says so: a reader who knows the chapter of another edition would miss them.
``needs wea``: a survey; ``needs zea 2021``: a survey in that year; ``needs nea 2014 2020``: of real files, these
years; ``needs published 6``: a published number beside figure 6.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Mapping
from typing import Any

from llo_research.errors import DataError
from llo_research.monitor.editions import edition_of
from llo_research.monitor.entries import Edition
from llo_research.monitor.notebooks.withheld import made_and_used
from llo_research.monitor.surveys import covers

NEEDS = "needs "
_WORDS = {
    "nl": {
        "edition": "*Niet in editie {edition}: {what}.*",
        "files": "*Geen bestanden hier van: {what}.*",
        "published": "een gepubliceerd cijfer bij figuur {of}",
    },
    "en": {
        "edition": "*Not in edition {edition}: {what}.*",
        "files": "*No files here of: {what}.*",
        "published": "a published number beside figure {of}",
    },
}

# What a cell lacks: "edition" or "files", and the need.
Lack = tuple[str, str]


def that_hold(
    notebook: Mapping[str, Any],
    edition: str,
    language: str = "en",
    held: Mapping[str, set[int]] | None = None,
) -> dict[str, Any]:
    """A copy of a notebook with a line in place of the cells that need what an edition, or one's files, do not have.

    held : the years of each survey of which there are files, for a chapter on real files.

    What is computed from a cell that is left out is left out with it.
    """
    chosen, result = edition_of(edition), copy.deepcopy(dict(notebook))
    cells: list[dict[str, Any]] = []
    absent: list[Lack] = []
    gone: dict[str, list[Lack]] = {}
    for cell in [*result["cells"], None]:
        lacks = [] if cell is None else _lacks(cell, chosen, held)
        lacks = lacks if cell is None else _with_origin(cell, lacks, gone)
        absent += lacks
        if lacks:
            continue
        if absent:
            cells.append(_line(edition, language, dict.fromkeys(absent), f"not-here-{len(cells)}"))
            absent = []
        cells += [] if cell is None else [cell]
    result["cells"] = cells
    return result


def _lacks(cell: Mapping[str, Any], edition: Edition, held: Mapping[str, set[int]] | None) -> list[Lack]:
    """What a cell needs that the edition does not have, else what the files do not hold."""
    needs = needs_of(cell)
    lacks = [("edition", need) for need in needs if not _has(edition, need)]
    if lacks or held is None:
        return lacks
    return [("files", lack) for need in needs for lack in _not_held(edition, held, need)]


def _with_origin(cell: Mapping[str, Any], lacks: list[Lack], gone: dict[str, list[Lack]]) -> list[Lack]:
    """What a cell lacks, or the cells that made its names; `gone` follows which names are not made."""
    if cell.get("cell_type") != "code":
        return lacks
    made: set[str] = set()
    used: dict[str, None] = {}
    for part in ast.parse("".join(cell["source"])).body:
        makes, uses = made_and_used(part)
        used |= dict.fromkeys(sorted(uses - made))
        made |= makes
    lacks = lacks or [lack for name in used for lack in gone.get(name, [])]
    for name in made:
        gone.pop(name, None)
    gone |= dict.fromkeys(made, lacks) if lacks else {}
    return lacks


def _line(edition: str, language: str, absent: Iterable[Lack], name: str) -> dict[str, Any]:
    """The cell that says what is not in this edition, or not in the files here."""
    words, told = _WORDS[language], list(absent)
    lines = []
    for kind in dict.fromkeys(kind for kind, _ in told):
        what = ", ".join(_told(need, words) for of, need in told if of == kind)
        lines.append(words[kind].format(edition=edition, what=what))
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": "\n\n".join(lines)}


def _told(need: str, words: Mapping[str, str]) -> str:
    """What is lacking, in words."""
    what, _, of = need.partition(" ")
    return words["published"].format(of=of) if what == "published" else " ".join(filter(None, [what.upper(), of]))


def needs_of(cell: Mapping[str, Any]) -> list[str]:
    """What a cell needs, by its tags."""
    tags = cell.get("metadata", {}).get("tags", [])
    return [tag.removeprefix(NEEDS) for tag in tags if tag.startswith(NEEDS)]


def _has(edition: Edition, need: str) -> bool:
    """Whether an edition has a survey, a survey in some years, or a published number beside a figure."""
    what, _, of = need.partition(" ")
    if what == "published":
        return of in edition.figures and bool(edition.figures[of].published)
    if what not in ("nea", "zea", "wea") or not all(year.isdigit() for year in of.split()):
        raise DataError(
            "A cell has a tag that is not understood.",
            where="tags",
            found=repr(NEEDS + need),
            expected="needs wea, needs zea 2021, needs nea 2014 2020, needs published 6",
        )
    return what in edition.years and all(covers(edition, what, int(year)) for year in of.split())


def _not_held(edition: Edition, held: Mapping[str, set[int]], need: str) -> list[str]:
    """Which survey and years there are no files of; for published numbers, the surveys of that figure."""
    what, _, of = need.partition(" ")
    if what == "published":
        surveys_of = edition.figures[of].surveys
        return [] if any(name in held for name in surveys_of) else list(surveys_of)
    if what not in held:
        return [what]
    lacks = [year for year in of.split() if int(year) not in held[what]]
    return [" ".join([what, *lacks])] if lacks else []
