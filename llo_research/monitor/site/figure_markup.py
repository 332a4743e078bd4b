"""A figure as a page of the site holds it: two drawings that follow the page, its words as text, and what it offers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from textwrap import shorten
from typing import Any

from llo_research.monitor.site.tables import with_scrolling
from llo_research.report.content.numbers import number
from llo_research.report.figures.known import KNOWN, SHORT
from llo_research.report.figures.saving import slug
from llo_research.report.figures.style import PALETTE

_HEAD = re.compile(r"<svg[^>]*>")
_STYLE = re.compile(r"<style>.*?</style>\n?", re.S)
_WORDS = re.compile(r'<text class="[^"]*\b(?:head|foot)"[^>]*>.*?</text>\n?')
_PAPER = re.compile(r'<path d="[^"]*" class="fp"[^>]*/>\n?')
_EMPTY = re.compile(r'<path d="M[-\d. ]*"[^>]*/>\n?')  # begins and goes nowhere: nothing is drawn
_COLOUR = re.compile(rf' (?:fill|stroke)="(?:{"|".join(PALETTE)})"')
_IDENTITY = re.compile(r"llo-[0-9a-f]{8}")

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTHS = {
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "en": "January February March April May June July August September October November December",
}
WORDS = {
    "authors": {"nl": "Makers van llo_research", "en": "The llo_research contributors"},
    "table": {"nl": "De getallen als tabel", "en": "The numbers as a table"},
    "download": {"nl": "Downloaden", "en": "Download"},
    "cite": {"nl": "Citeren", "en": "Cite this"},
    "copy": {"nl": "Kopiëren", "en": "Copy"},
    "copied": {"nl": "Gekopieerd.", "en": "Copied."},
    "not copied": {"nl": "Niet gelukt: selecteer de tekst.", "en": "That failed: select the text."},
    "how": {"nl": "Hoe is dit berekend?", "en": "How was this computed?"},
    "more": {"nl": "Over deze cijfers", "en": "About these figures"},
    "updated": {"nl": "Bijgewerkt: {when}", "en": "Last updated: {when}"},
    "estimator": {"nl": "De opdracht:", "en": "The call:"},
    "code": {
        "nl": "Deze code geeft de figuur, in een leeg Python met llo_research:",
        "en": "This code gives the figure, in an empty Python with llo_research:",
    },
    "whole": {"nl": "De hele notebook van dit hoofdstuk", "en": "The whole notebook of this chapter"},
    "place": {"nl": "Link naar deze figuur", "en": "Link to this figure"},
    "numbers": {"nl": "kenmerk van de getallen", "en": "fingerprint of the numbers"},
    "csv": {"nl": "getallen (CSV)", "en": "numbers (CSV)"},
    "xlsx": {"nl": "getallen (Excel)", "en": "numbers (Excel)"},
    "svg": {"nl": "figuur (SVG)", "en": "figure (SVG)"},
    "png": {"nl": "figuur (PNG)", "en": "figure (PNG)"},
}
_HEADS = {
    "estimate": {"nl": "Getal", "en": "Number"},
    "conf_low": {"nl": "Interval van", "en": "Interval from"},
    "conf_high": {"nl": "tot", "en": "to"},
    "unit": {"nl": "Eenheid", "en": "Unit"},
    KNOWN: {"nl": "Herkomst van het niveau", "en": "Where the level comes from"},
}
_HEARD = 60
FORMS = ("svg", "png", "csv", "xlsx")
SOURCE = {"nl": "bron", "en": "source"}  # the column of the rows that says whose data they are


@dataclass(frozen=True)
class Origin:
    """Where a figure comes from, for its citation.

    chapter : title of the page. updated : of when its data and texts are, in words. edition : of the monitor, or empty.
    notebook : path of the chapter's notebook below the root of the site, or empty.
    """

    chapter: str
    updated: str
    edition: str = ""
    version: str = ""
    notebook: str = ""


def markup(
    told: Mapping[str, Any],
    svg: str,
    files: str,
    origin: Origin,
    source: str = "",
    place: str = "",
    receipts: str = "",
) -> str:
    """A figure as HTML.

    Both drawings are in the page; a stylesheet shows the one that fits (``docs/_static/figures.css``), so that a screen
    reader meets one. The title, subtitle and notes are text.

    Parameters
    ----------
    told : mapping
        What the figure gives under ``application/vnd.llo.figure+json``.
    svg : str
        The wide drawing, with its words.
    files : str
        Address of its files without ending: ``../_static/figures/01-1``.
    origin : Origin
        What is cited.
    source : str
        Code that gives it.
    place : str
        Identifier of the figure in the page; none when empty.
    receipts : str
        HTML of the receipts of its numbers.
    """
    language = told["language"]
    name = f' id="{escape(place)}"' if place else ""
    return "\n".join(
        [
            f'<figure class="llo-figure{" synthetic" if told["synthetic"] else ""}" lang="{language}"{name}>',
            _told("llo-figure-title", told["title"]),
            _told("llo-figure-subtitle", told["subtitle"]),
            '<div class="llo-drawings">',
            inline(svg, "llo-wide", place),
            inline(told["narrow"], "llo-narrow", place),
            "</div>",
            "<figcaption>",
            *(f"<p>{escape(note)}</p>" for note in told["notes"]),
            "</figcaption>",
            _offers(told, files, origin, source, place, receipts),
            "</figure>",
        ]
    )


def _told(role: str, text: str) -> str:
    """A line of text, where there is one."""
    return f'<p class="{role}">{escape(text)}</p>' if text else ""


def inline(svg: str, role: str, place: str = "") -> str:
    """A drawing inside a page: without the words that the page says as text, without paper and colours of its own.

    Its classes have the colours of the page's stylesheet.

    Parameters
    ----------
    svg : str
        As a figure of llo.report writes it.
    role : str
        Class of the drawing.
    place : str
        Put into its identifiers, so that one figure may stand twice in a page.
    """
    head = _HEAD.search(svg)
    if head is None:
        return svg
    kept = dict(re.findall(r'([\w-]+)="([^"]*)"', head[0]))
    told = {"class": role, "viewBox": kept["data-drawing"]}
    told |= {name: kept[name] for name in ("role", "aria-labelledby", "lang", "font-size") if name in kept}
    body = _STYLE.sub("", _WORDS.sub("", svg[head.end() :]))
    body = _COLOUR.sub("", _PAPER.sub("", _EMPTY.sub("", body), count=1)).replace(' fill="none"', "")
    opened = "".join(f' {name}="{value}"' for name, value in told.items())
    drawn = f"<svg{opened}>{body}".strip()
    return _IDENTITY.sub(lambda found: f"{place}-{found[0]}", drawn) if place else drawn


def citation(told: Mapping[str, Any], origin: Origin) -> str:
    """The figure as a reference: who, what, where, from whose data, which version, and the fingerprint of its numbers.

    The edition is that of the monitor: it is named where the figure is one of the monitor's, on synthetic data.
    """
    language = told["language"]
    of = {"nl": f"editie {origin.edition}", "en": f"edition {origin.edition}"}[language]
    edition = of if origin.edition and told["synthetic"] else ""
    kept = ", ".join(filter(None, [origin.chapter, edition, f"llo_research {origin.version}".strip()]))
    title, who = (
        ". ".join(filter(None, (told[part].rstrip(".") for part in ("title", "subtitle")))),
        WORDS["authors"][language],
    )
    numbers = f"{WORDS['numbers'][language].capitalize()}: {told['numbers']}."
    when = dated(origin.updated, language)
    return " ".join(filter(None, [f"{who}. “{title}”. In: {kept}. {when}.", producer(told), numbers]))


def producer(told: Mapping[str, Any]) -> str:
    """The line that says whose data they are, in full where that is told."""
    lines = [line for line in (*told["more"], *told["notes"]) if line.startswith(("Bron: ", "Source: "))]
    return f"{lines[0].rstrip('.')}." if lines else ""


def dated(text: str, language: str) -> str:
    """A date in words; anything else as it stands."""
    found = _DATE.fullmatch(text)
    return f"{int(found[3])} {_MONTHS[language].split()[int(found[2]) - 1]} {found[1]}" if found else text


def _offers(told: Mapping[str, Any], files: str, origin: Origin, source: str, place: str, receipts: str) -> str:
    """What stands below a figure: its files, how to cite it, how it was computed, and of when it is."""
    language, title = told["language"], told["title"]
    links = " ".join(_link(form, told, files) for form in FORMS)
    parts = [] if told.get("tabled") else [_folded(WORDS["table"][language], rows_table(told), title)]
    parts.append(_folded(WORDS["download"][language], f'<p class="llo-links">{links}</p>', title))
    parts.append(_folded(WORDS["cite"][language], _cited(citation(told, origin), language, title), title))
    how = [receipts] if receipts else []
    if source:
        how += [f"<p>{WORDS['code'][language]}</p>", f"<pre><code>{escape(source.strip())}</code></pre>"]
    elif told["call"] and not receipts:
        how += [f"<p>{WORDS['estimator'][language]} <code>{escape(told['call'])}</code></p>"]
    if source and origin.notebook:
        address, name = _beside(files, origin.notebook), origin.notebook.rpartition("/")[2]
        kept = f'<a href="{escape(address)}" download="{escape(name)}">{WORDS["whole"][language]} (.ipynb)</a>'
        how.append(f"<p>{kept}</p>")
    if how:
        parts.append(_folded(WORDS["how"][language], "\n".join(how), title))
    if told["more"]:
        parts.append(
            _folded(WORDS["more"][language], "".join(f"<p>{escape(line)}</p>" for line in told["more"]), title)
        )
    when = WORDS["updated"][language].format(when=dated(origin.updated, language))
    here = (
        f' · <a href="#{escape(place)}"{_said(WORDS["place"][language], title)}>{WORDS["place"][language]}</a>'
        if place
        else ""
    )
    return '<div class="llo-offers">\n' + "\n".join([*parts, f"<p>{escape(when)}{here}</p>"]) + "\n</div>"


def _cited(text: str, language: str, title: str) -> str:
    """A citation, and the button that a script (``docs/_static/copy.js``) shows to copy it."""
    done, failed, copy = (WORDS[name][language] for name in ("copied", "not copied", "copy"))
    button = f'<button type="button"{_said(copy, title)}>{copy}</button> <span role="status"></span>'
    return f'<p>{escape(text)}</p><p class="llo-copy" data-done="{done}" data-failed="{failed}" hidden="">{button}</p>'


def _beside(files: str, name: str) -> str:
    """The address of a file of the site, on the page from which its figures' files have the address `files`."""
    return f"{files.partition('_static/')[0]}{name}"


def rows_table(told: Mapping[str, Any]) -> str:
    """The rows of a figure as a table, rounded to a tenth as a reader reads them; for who cannot see the drawing."""
    language = told["language"]
    head, *rows = csv.reader(io.StringIO(told["rows"]))
    kept = [j for j, name in enumerate(head) if name not in ("flag", *SOURCE.values()) and any(row[j] for row in rows)]
    heads = "".join(_head(head[j], language) for j in kept)
    body = "".join(f"<tr>{''.join(_cell(row[j], head[j], language) for j in kept)}</tr>\n" for row in rows)
    caption = f"<caption>{escape(told['title'])}</caption>"
    table = f"<table>{caption}<thead><tr>{heads}</tr></thead>\n<tbody>{body}</tbody></table>"
    return with_scrolling(table, language)


def _head(name: str, language: str) -> str:
    """The head of a column; that of numbers stands above them."""
    side = ' class="r"' if name in ("estimate", "conf_low", "conf_high", "n") else ""
    return f'<th scope="col"{side}>{escape(_HEADS.get(name, {}).get(language, name))}</th>'


def _cell(text: str, head: str, language: str) -> str:
    """A cell; numbers of estimates are rounded."""
    if head in ("estimate", "conf_low", "conf_high") and text:
        value = float(text)
        return f'<td class="r">{number(value, 3 if abs(value) < 1 else 1, language)}</td>'
    if head == KNOWN and text in SHORT:
        return f"<td>{SHORT[text][language == 'en']}</td>"
    if head == "n" and text:
        return f'<td class="r">{number(float(text), 0, language)}</td>'
    return f"<td>{escape(text)}</td>"


def _link(form: str, told: Mapping[str, Any], files: str) -> str:
    """A file to keep, under a name that says of which figure it is among one's downloads."""
    text, name = WORDS[form][told["language"]], f"{slug(told['title'])}.{form}"
    return f'<a href="{escape(files)}.{form}" download="{name}"{_said(text, told["title"])}>{text}</a>'


def _said(text: str, title: str) -> str:
    """The name of a link for who hears it: a page holds many figures."""
    return f' aria-label="{escape(f"{text}: {_short(title)}")}"'


def _short(title: str) -> str:
    """The beginning of a title: a name is heard often."""
    return shorten(title, _HEARD, placeholder="…")


def _folded(head: str, inside: str, title: str) -> str:
    """A part that opens; who hears the page hears of which figure."""
    of = f'<span class="visually-hidden">: {escape(_short(title))}</span>'
    return f"<details><summary>{head}{of}</summary>\n{inside}\n</details>"
