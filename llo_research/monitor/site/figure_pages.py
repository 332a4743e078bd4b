"""The page of all figures of the edition: what each shows, and the published number beside ours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from llo_research.data.published import published
from llo_research.errors import DataError
from llo_research.monitor.beside import beside
from llo_research.monitor.editions import edition_of, tally
from llo_research.monitor.figures import figures
from llo_research.monitor.notebooks.withheld import figures_here
from llo_research.monitor.published_rows import published_of
from llo_research.monitor.site.approximated import folded
from llo_research.monitor.site.registry import NOT_HERE, Frame, Pages
from llo_research.monitor.site.tables import with_scrolling
from llo_research.monitor.site.words import texts
from llo_research.monitor.surveys import surveys

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.monitor.beside import Beside


def pages(frame: Frame) -> Pages:
    """The page of all figures."""
    text, edition = texts("figures", frame.language), frame.edition
    rows = [f"# {text['title']}", "", text["lead"].format(edition=edition, tally=tally(edition, frame.language)), ""]
    rows += [text["heads"], "|---|---|---|---|---|---|"]
    rows += [_row(row, frame) for row in figures(edition).to_dict("records")]
    rows += ["", f"## {text['beside']}", ""]
    found = compared(edition)
    if found is None:
        none = text["none"] if figures_here() else frame.say(NOT_HERE)
        return {"figures.md": "\n".join([*rows, none, ""])}
    rows += ["::::{container} llo-banner synthetic", text["synthetic"], "::::", ""]
    table = with_scrolling(found.table(frame.language).to_html(), frame.language)
    table += "\n" + folded(_theirs(edition), frame.language, named=True)
    return {"figures.md": "\n".join([*rows, "```{raw} html", table, "```", ""])}


@cache
def compared(edition: str) -> Beside | None:
    """Published numbers beside ours on synthetic data, or None where none were published."""
    data = surveys(edition, source="synthetic")
    try:
        return beside(edition=edition, surveys=data)
    except DataError:
        return None


def _theirs(edition: str) -> pd.DataFrame:
    """The published numbers of an edition, as ``llo.published()`` gives them."""
    book = published()
    targets = [target for entry in edition_of(edition).figures.values() for target in entry.published]
    rows = book.loc[list(dict.fromkeys(published_of(target, book).name for target in targets))]
    rows.attrs = book.attrs
    return rows


def _row(row: Mapping[Any, Any], frame: Frame) -> str:
    """One figure of the list."""
    language = frame.language
    text = texts("figures", language)
    place = "" if row["available"] == "not available" else f"figure-{row['number']}"  # what is not there has no place
    linked = [frame.link(name, place) for name in str(row["chapters"]).split(", ") if name]
    why = str(row[f"why_{language}"])
    here = text[row["available"]] + (f": {why}" if why else "")
    cells = [row["number"], row[f"title_{language}"], text[row["status"]], row["years"].upper().replace(", ", "; ")]
    return "| " + " | ".join([*map(str, cells), "; ".join(linked), here]) + " |"
