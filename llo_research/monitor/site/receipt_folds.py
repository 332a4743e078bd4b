"""The receipts of a figure or table on a page of the site, with the scripts of other programs to download."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from html import escape
from typing import Any

FOLDER = "_static/scripts"
ENDINGS = {"R": "R", "Stata": "do", "SPSS": "sps"}
_WORDS = {
    "how": {"nl": "Hoe is dit berekend?", "en": "How was this computed?"},
    "same": {
        "nl": "Dezelfde getallen in een ander programma, uit het bestand dat svy.to_file schrijft:",
        "en": "The same numbers in another program, from the file that svy.to_file writes:",
    },
    "above": {"nl": "Als hierboven.", "en": "As above."},
    "not_run": {"nl": "niet uitgevoerd", "en": "not run"},
    "absent": {
        "nl": "Geen script voor {program}; de reden, in het Engels:",
        "en": "No script for {program}:",
    },
    "whole": {"nl": "alles over deze berekening (tekst)", "en": "all about this computation (text)"},
}
# where no such program is to be had, its scripts follow the manual and were never run
_NOT_RUN = ("Stata", "SPSS")


def receipts_markup(
    receipts: Sequence[Mapping[str, Any]],
    name: str,
    up: str,
    language: str,
    above: MutableMapping[str, str] | None = None,
) -> tuple[str, dict[str, str | bytes]]:
    """Receipts as HTML, and the files that it links to.

    Parameters
    ----------
    receipts : sequence of mapping
        Of each result behind the figure or table: ``brief`` and ``whole`` texts by language, ``scripts`` by program,
        and ``absent``, why a program has none.
    name : str
        Begins the names of the files.
    up : str
        The way from the page to the root of the site.
    language : {"nl", "en"}
        Of the page.
    above : mapping, optional
        Receipts that the page has already, with the names of their files: a table often follows its figure. Added to.
    """
    rows, files = [], dict[str, str | bytes]()
    known = {} if above is None else above
    for place, one in enumerate(receipts, start=1):
        stem = f"{FOLDER}/{name}" + (f"-{place}" if len(receipts) > 1 else "")
        whole = one["whole"][language]
        if whole in known:
            rows.append(f"<p>{_WORDS['above'][language]}</p>{_links(one, known[whole], up, language)}")
            continue
        known[whole] = stem
        rows.append(f'<pre class="llo-receipt"><code>{escape(one["brief"][language], quote=False)}</code></pre>')
        files[f"{stem}.txt"] = f"{whole}\n"
        files |= {f"{stem}.{ENDINGS[program]}": script for program, script in one["scripts"].items()}
        rows.append(_links(one, stem, up, language))
    return "\n".join(rows), files


def _links(one: Mapping[str, Any], stem: str, up: str, language: str) -> str:
    """The whole receipt and the scripts, to keep; of a program that has none why."""
    links = []
    for program in one["scripts"]:
        said = f" ({_WORDS['not_run'][language]})" if program in _NOT_RUN else ""
        links.append(_link(f"{up}{stem}.{ENDINGS[program]}", f"{program}{said}"))
    scripts = f'<p class="llo-links">{_WORDS["same"][language]} {" ".join(links)}</p>' if links else ""
    none = "".join(
        f'<p>{_WORDS["absent"][language].format(program=program)} <span lang="en">{escape(why, quote=False)}</span></p>'
        for program, why in one.get("absent", {}).items()
    )
    return f"{scripts}{none}<p>{_link(f'{up}{stem}.txt', _WORDS['whole'][language])}</p>"


def below_a_table(inside: str, title: str, language: str) -> str:
    """The fold below a table."""
    of = f'<span class="visually-hidden">: {escape(title)}</span>' if title else ""
    head = f"<summary>{_WORDS['how'][language]}{of}</summary>"
    return f'<div class="llo-offers"><details>{head}\n{inside}\n</details></div>'


def _link(address: str, text: str) -> str:
    """A file to keep."""
    return f'<a href="{escape(address)}" download>{escape(text)}</a>'
