"""The page of all figures of the edition: what each shows, and the published number beside ours."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError
from llo_research.monitor.beside import beside
from llo_research.monitor.editions import tally
from llo_research.monitor.figures import figures
from llo_research.monitor.site.registry import Frame, Pages
from llo_research.monitor.site.rendered import chapter_link
from llo_research.monitor.surveys import surveys

if TYPE_CHECKING:
    from llo_research.monitor.beside import Beside

_TEXT = {
    "nl": {
        "title": "Alle figuren van de editie",
        "lead": "Editie {edition} van de Monitor Leercultuur: {tally}. *Gezien*: de figuur van de monitor lag hiernaast. "
        "*Gereconstrueerd*: uit de tekst van de monitor afgeleid, en dus zonder aanspraak op een getal ervan.",
        "heads": "| nr. | figuur | hoe bekend | enquêtes en jaren | hoofdstukken | hier |",
        "seen": "gezien",
        "reconstructed": "gereconstrueerd",
        "rebuilt": "herbouwd",
        "published only": "alleen gepubliceerd",
        "not available": "niet beschikbaar",
        "beside": "Het gepubliceerde getal naast het onze",
        "synthetic": "**Het onze komt uit gemaakte gegevens en zegt niets over Nederland.** De vergelijking toont of dezelfde "
        "opdrachten op de echte bestanden het gepubliceerde getal zouden geven.",
        "none": "Van deze editie is geen getal gepubliceerd dat hiernaast kan staan.",
    },
    "en": {
        "title": "All figures of the edition",
        "lead": "Edition {edition} of the Monitor Leercultuur: {tally}. *Seen*: the monitor's figure lay beside ours. "
        "*Reconstructed*: derived from the monitor's text, and so without a claim to any number of it.",
        "heads": "| no. | figure | how known | surveys and years | chapters | here |",
        "seen": "seen",
        "reconstructed": "reconstructed",
        "rebuilt": "rebuilt",
        "published only": "published only",
        "not available": "not available",
        "beside": "The published number beside ours",
        "synthetic": "**Ours come from synthetic data and say nothing about the Netherlands.** The comparison shows whether the "
        "same calls, on the real files, would give the published number.",
        "none": "Of this edition no number was published that can stand beside ours.",
    },
}


def pages(frame: Frame) -> Pages:
    """The page of all figures."""
    text, edition = _TEXT[frame.language], frame.edition
    rows = [f"# {text['title']}", "", text["lead"].format(edition=edition, tally=tally(edition, frame.language)), ""]
    rows += [text["heads"], "|---|---|---|---|---|---|"]
    rows += [_row(row, frame.language) for row in figures(edition).to_dict("records")]
    rows += ["", f"## {text['beside']}", ""]
    found = compared(edition)
    if found is None:
        return {"figures.md": "\n".join([*rows, text["none"], ""])}
    rows += ["::::{container} llo-banner synthetic", text["synthetic"], "::::", ""]
    return {"figures.md": "\n".join([*rows, "```{raw} html", found.table(frame.language).to_html(), "```", ""])}


@cache
def compared(edition: str) -> Beside | None:
    """Published numbers beside ours on synthetic data, or None where none were published."""
    data = surveys(edition, source="synthetic")
    try:
        return beside(edition=edition, surveys=data)
    except DataError:
        return None


def _row(row: dict[str, Any], language: str) -> str:
    """One figure of the list."""
    text = _TEXT[language]
    linked = [chapter_link(name, language) for name in str(row["chapters"]).split(", ") if name]
    why = str(row[f"why_{language}"])
    here = text[row["available"]] + (f": {why}" if why else "")
    cells = [row["number"], row[f"title_{language}"], text[row["status"]], row["years"].upper().replace(", ", "; ")]
    return "| " + " | ".join([*map(str, cells), "; ".join(linked), here]) + " |"
