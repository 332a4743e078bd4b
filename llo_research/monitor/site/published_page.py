"""The page of all that was published: a line a series, with where it is shown, its call, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

import llo_research as llo
from llo_research.monitor.approximate import ENDS
from llo_research.monitor.editions import edition_of
from llo_research.monitor.published_index import WORDS, index_rows
from llo_research.monitor.site.approximated import assumptions, cells, table, told_of
from llo_research.monitor.site.group_pages import groups
from llo_research.monitor.site.registry import Frame, Pages
from llo_research.monitor.site.rendered import title_of
from llo_research.monitor.site.risen import series_shown
from llo_research.monitor.site.tables import with_scrolling
from llo_research.monitor.site.words import texts

if TYPE_CHECKING:
    import pandas as pd


def pages(frame: Frame) -> Pages:
    """The index of what was published."""
    text, figures = texts("published", frame.language), llo.published()
    rows, shown = index_rows(figures, language=frame.language), dict(_shown(frame))
    margins = sum(row["margin"] == WORDS[frame.language]["yes"] for row in rows)
    lead = text["lead"].format(series=len(rows), figures=len(figures), margins=margins)
    entries = [_entry(row, _of(figures, str(row["series"])), shown, frame) for row in rows]
    find = (
        f'<div class="llo-find" hidden><label for="llo-find">{text["find"]}</label> '
        f'<input id="llo-find" type="search" autocomplete="off"> <output for="llo-find">'
        f"{text['count'].format(series=len(rows))}</output></div>"
    )
    listed = f'<ul class="llo-index" data-count="{escape(text["count"])}">\n' + "\n".join(entries) + "\n</ul>"
    script = '<script src="_static/find.js" defer></script>'
    about = f"<details><summary>{text['how']}</summary>\n{assumptions(frame.language)}\n</details>"
    parts = [f"# {text['title']}", lead, text["call"], "```{raw} html", about, find, listed, script, "```", ""]
    first = texts("front", frame.language)["lead"].format(series=len(rows), margins=margins)
    page = "\n\n".join(parts[:3]) + "\n\n" + "\n".join(parts[3:])
    return {"published.md": page, "_generated/lead.md": f"{first}\n"}


def _entry(row: dict[str, Any], figures: pd.DataFrame, shown: dict[str, list[str]], frame: Frame) -> str:
    """One series: what it is, where it is shown, the call, and its figures behind a click."""
    text, language, name = texts("published", frame.language), frame.language, str(row["series"])
    facts = [row["survey"], row["period"], row["who"], row["years"]]
    facts += [] if row["breaks"] == WORDS[language]["none"] else [f"{text['break']} {row['breaks']}"]
    facts += [text["has_margin"]] if row["margin"] == WORDS[language]["yes"] else []
    where = "; ".join(shown.get(name, [])) or text["nowhere"]
    call = f"llo.published(&quot;{escape(name)}&quot;)"
    return "\n".join(
        [
            f'<li id="{escape(name)}"><p class="llo-index-what"><strong>{escape(str(row["what"]))}</strong></p>',
            f"<p>{escape(' · '.join(map(str, facts)))}</p>",
            f"<p>{text['shown']} {where}. <code>{call}</code></p>",
            f"<details><summary>{text['numbers'].format(count=row['figures'])}</summary>",
            with_scrolling(_numbers(figures, str(row["what"]), language), language),
            f"<p>{text['source']} {escape('; '.join(dict.fromkeys(figures['source_title'])))}.</p>",
            "</details></li>",
        ]
    )


def _numbers(figures: pd.DataFrame, caption: str, language: str) -> str:
    """The figures of a series, each with what is known of its uncertainty."""
    text, told = texts("approximate", language), cells(figures, language)
    words, lines = figures.attrs["words"], []
    several = figures.loc[~figures["measure"].isin(ENDS), "measure"].nunique() > 1
    for at, row in figures[~figures["measure"].isin(ENDS)].iterrows():
        what, *rest = told_of(row, figures, language)
        measured = words[row["measure"]][language]
        lines.append([f"{what}, {measured}" if several else what, *rest, told.get(at, "")])
    return table([text["what"], text["year"], text["value"], text["interval"]], lines, caption)


def _of(figures: pd.DataFrame, name: str) -> pd.DataFrame:
    """The figures of a series, with the words of all."""
    rows = figures[figures["series"] == name]
    rows.attrs = figures.attrs
    return rows


def _shown(frame: Frame) -> Iterator[tuple[str, list[str]]]:
    """Where each series is shown on the site, as links in HTML: chapters that name it, and pages that are made."""
    names = sorted(set(llo.published()["series"]))
    text, links = texts("published", frame.language), {name: list[str]() for name in names}
    for one in frame.rendered:
        code = "".join("".join(cell["source"]) for cell in one.notebook["cells"] if cell["cell_type"] == "code")
        for name in names:
            if f'"{name}"' in code:
                links[name].append(_link(f"{one.page}.html", title_of(one, frame.language)))
    for page, group in groups().items():
        own = [*(one["series"] for one in group["published"]), group.get("rates", {}).get("series", "")]
        for name in set(own) & set(names):
            links[name].append(_link(f"groups/{page}.html", frame.say(group["title"])))
    for name in series_shown():
        links[name].append(_link("is_het_echt_gestegen.html", text["risen"]))
    for entry in edition_of(frame.edition).figures.values():
        for name in dict.fromkeys(target.series for target in entry.published):
            links[name].append(_link("figures.html", text["figure"].format(number=entry.number)))
    yield from ((name, found) for name, found in links.items() if found)


def _link(path: str, words: str) -> str:
    """A link from a page at the root of the site."""
    return f'<a href="{escape(path)}">{escape(words)}</a>'
