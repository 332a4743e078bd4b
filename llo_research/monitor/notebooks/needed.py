"""Cells that hold for some editions only: tagged with what they need, and left out where an edition lacks it.

``needs wea``: a survey; ``needs zea 2021``: a survey up to that year; ``needs published 6``: a published number beside
figure 6.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from llo_research.errors import DataError
from llo_research.monitor.editions import edition_of
from llo_research.monitor.entries import Edition

NEEDS = "needs "


def that_hold(notebook: Mapping[str, Any], edition: str) -> dict[str, Any]:
    """A copy of a notebook without the cells that need what an edition does not have."""
    chosen, result = edition_of(edition), copy.deepcopy(dict(notebook))
    result["cells"] = [cell for cell in result["cells"] if all(_has(chosen, need) for need in needs_of(cell))]
    return result


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
