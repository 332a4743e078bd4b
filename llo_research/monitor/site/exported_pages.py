"""Pages of results that left a secure environment: finding, figure, table, computation, and what is withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import llo_research as llo
from llo_research.data.spill import spill
from llo_research.errors import DataError
from llo_research.monitor.figures import said_once
from llo_research.monitor.notebooks.receipts import told_of
from llo_research.monitor.site.figure_markup import Origin, dated
from llo_research.monitor.site.pictures import figure_html, outputs_of
from llo_research.monitor.site.receipt_folds import receipts_markup
from llo_research.monitor.site.registry import Pages, released
from llo_research.monitor.site.tables import caption, with_scrolling
from llo_research.monitor.site.words import texts
from llo_research.report.figures.bundle import MIME
from llo_research.report.figures.figure import Figure
from llo_research.results.floors import withheld
from llo_research.results.result import Result

# pages of docs that the frame of every page refers to
WRITTEN = ("how_to/cite.md",)
FOLDER = "results"
# how several decompositions beside each other are drawn
_ELSE = "dots"


@dataclass(frozen=True)
class Page:
    """A result in words: its finding, what it is of, what is withheld, of how many rows, and its page."""

    name: str
    finding: str
    about: str
    withheld: str
    gone: int
    rows: int
    synthetic: bool
    text: str


def pages(root: Path, results: Mapping[str, Result], language: str) -> Pages:
    """All pages of an export in one language, and what they refer to.

    Parameters
    ----------
    root : Path
        Folder of the project.
    results : mapping of str to Result
        As they were exported, by name.
    language : {"nl", "en"}

    Returns
    -------
    dict
        Contents by path below the sources of the site.
    """
    made, found = Pages(), []
    for name, result in results.items():
        page, files = _page(root, name, result, language)
        found.append(page)
        made |= files | {f"{FOLDER}/{name}.md": page.text}
    made |= _tables(root, results, language)
    return {**made, "index.md": _index(found, results, language), f"{FOLDER}.md": _list(found, results, language)}


def _index(found: Sequence[Page], results: Mapping[str, Result], language: str) -> str:
    """The first page: what left, under which profile, and the findings."""
    text = texts("exported", language)
    rows = [f"# {text['title']}", "", "::::{container} llo-lead"]
    rows += [text["one"] if len(found) == 1 else text["lead"].format(count=len(found)), "::::", ""]
    rows += list(dict.fromkeys(_profile(one, language) for one in results.values()))
    others = any(_others(one) for one in results.values())
    rows += ["", _withheld(sum(one.gone for one in found), sum(one.rows for one in found), others, language), ""]
    if any(one.synthetic for one in found):
        rows += ["::::{container} llo-banner synthetic", text["synthetic"], "::::", ""]
    rows += ["::::::{container} llo-cards"]
    for one in found:
        link = f"**[{_plain(one.finding)}]({FOLDER}/{one.name}.md)**"
        rows += [":::::{container} llo-card", link, "", f"{_plain(one.about)}. {one.withheld}", ":::::"]
    return "\n".join([*rows, "::::::", "", *_menu([FOLDER, "tables", "how_to/cite"])])


def _list(found: Sequence[Page], results: Mapping[str, Result], language: str) -> str:
    """The page of all results, by file."""
    text = texts("exported", language)
    rows = [f"# {text['short']}", "", text["listed"], "", text["heads"], "|---|---|---|---|---|"]
    for one in found:
        link = f"[{one.name}]({FOLDER}/{one.name}.md)"
        cells = [link, _plain(one.about), str(one.rows), str(one.gone), results[one.name].meta["exported"]["profile"]]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*rows, "", *_menu([f"{_plain(one.about)} <{FOLDER}/{one.name}>" for one in found])])


def _menu(pages: Sequence[str]) -> list[str]:
    """The pages below one, for the menu."""
    return ["```{toctree}", ":hidden:", "", *pages, "```", ""]


def _page(root: Path, name: str, result: Result, language: str) -> tuple[Page, Pages]:
    """The page of one result, with its files."""
    text, (figure, about) = texts("exported", language), _figure(result, language)
    table = llo.report.table(result, language=language).to_html()
    hidden = withheld(result)
    gone = 0 if hidden is None else int(hidden.rows.sum())
    finding, about = (figure.title, about) if figure else (caption(table), caption(table))
    told, files = _told(result), Pages()
    parts = [f"# {_plain(finding)}", _profile(result, language)]
    if synthetic := bool((result.meta.get("source") or {}).get("synthetic")):
        parts.append(f"::::{{container}} llo-banner synthetic\n{text['synthetic']}\n::::")
    parts.append(f"## {text['figure']}")
    if figure is None:
        parts.append(text["undrawn"])
    else:
        origin = Origin(text["title"], released(root), "", llo.__version__, "")
        drawn, files = _drawn(figure, name, origin)
        parts.append(_raw(drawn))
    parts += [f"## {text['table']}", _raw(with_scrolling(table, language))]
    said = _withheld(gone, len(result.rows), _others(result), language)
    parts += [f"## {text['left']}", said, *([hidden.note(language)] if hidden else [])]
    parts.append(f"## {text['how']}")
    if told is None:
        parts.append(text["unreceipted"])
    else:
        inside, own = receipts_markup([told], name, "../", language)
        files |= own
        parts.append(_raw(inside))
    parts += [f"## {text['file']}", text["read"], f'```python\nllo.read_result("{name}")\n```', ""]
    return Page(name, finding, about, said, gone, len(result.rows), synthetic, "\n\n".join(parts)), files


def _drawn(figure: Figure, name: str, origin: Origin) -> tuple[str, Pages]:
    """A figure as HTML, and its files; its picture goes along with a link to the page."""
    outputs = outputs_of(figure)
    outputs[0]["data"][MIME] |= {"tabled": True, "call": ""}  # the table and the receipt below say more
    drawn, files = figure_html(outputs, name, origin, up="../")
    picture = next(content for place, content in files.items() if place.endswith(".png"))
    return drawn, {**files, f"_static/previews/{FOLDER}-{name}.png": picture}


def _figure(result: Result, language: str) -> tuple[Figure | None, str]:
    """The figure of a result, or None where it has none, and what it is of; a year that all rows have is said once."""
    drawn, year = said_once(result) if isinstance(result.meta.get("by"), list) else (result, "")
    for kind in (_ELSE,) if year else (None, _ELSE):
        try:
            figure = llo.report.figure(drawn, kind=kind, language=language)
        except DataError:
            continue
        about = ", ".join(filter(None, [figure.content.what, year]))
        if year:
            figure = llo.report.figure(drawn, kind=kind, language=language, subtitle=about)
        return figure, about
    return None, ""


def _told(result: Result) -> dict[str, Any] | None:
    """Its receipt and scripts, or None where it has none."""
    try:
        return told_of(result)
    except (DataError, LookupError):
        return None


def _profile(result: Result, language: str) -> str:
    """The profile under which it left, and its date."""
    text, told = texts("exported", language), result.meta["exported"]
    sure = told.get("confirmed")
    date = text["dated"].format(date=dated(str(sure), language)) if sure else text["undated"]
    return text["profile"].format(profile=told["profile"], date=date)


def _withheld(gone: int, rows: int, others: bool, language: str) -> str:
    """How many rows are withheld; of others, whose names are not known outside, that there are some."""
    text = texts("exported", language)
    if not gone and not others:
        return text["none"]
    return " ".join([text["withheld"].format(gone=gone, rows=rows)] * bool(gone) + [text["others"]] * others)


def _others(result: Result) -> bool:
    """Whether rows were left out whose names are not known outside."""
    return bool(result.meta["exported"].get("others"))


def _tables(root: Path, results: Mapping[str, Result], language: str) -> Pages:
    """All tables in one file, and its page."""
    text = texts("exported", language)
    with spill(root, "tables") as folder:
        content = llo.report.workbook(results, folder / "tables.xlsx", language=language).read_bytes()
    name = f"_static/llo_{'tabellen' if language == 'nl' else 'tables'}.xlsx"
    link = f'<p><a class="llo-download" href="{name}" download>{text["get"]} ({len(content) / 1000:.0f} kB)</a></p>'
    return {name: content, "tables.md": "\n".join([f"# {text['tables']}", "", text["whole"], "", _raw(link), ""])}


def _raw(html: str) -> str:
    """HTML in a page."""
    return f"```{{raw}} html\n{html}\n```"


def _plain(text: str) -> str:
    """A text of a label in a heading or link, where signs of Markdown are themselves."""
    return escape(" ".join(text.split()), quote=False).replace("[", "\\[").replace("]", "\\]").replace("*", "\\*")
