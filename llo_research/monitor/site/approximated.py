"""How sure a published figure is, behind a click: an interval as printed, or as approximated here, or why none."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from llo_research.monitor.approximate import ENDS, EXACT, approximate_intervals, effect, sample_of, worth
from llo_research.monitor.site.tables import with_scrolling
from llo_research.monitor.site.words import texts
from llo_research.report.content.labels import word
from llo_research.report.content.numbers import number

if TYPE_CHECKING:
    import pandas as pd

APPROXIMATE = "approximate"
_WAVE = 2022  # whose number of respondents the design effect is told by


def folded(rows: pd.DataFrame, language: str, *, named: bool = False) -> str:
    """Published shares with what is known of their uncertainty, folded; empty where there is no share among them.

    Parameters
    ----------
    rows : DataFrame
        Of ``llo.published()``, with the interval of those that were printed with one.
    language : {"nl", "en"}
    named : bool
        Whether the rows are of several series, so that each line needs the name of its own.
    """
    found = approximate_intervals(rows)
    if found.empty or found["why"].eq("published").all():
        return ""
    text = texts("approximate", language)
    some = found["why"].eq(APPROXIMATE).any()
    summary, lead = (text["some"], assumptions(language)) if some else (text["none"], f"<p>{text['lacking']}</p>")
    lines = [[*told_of(rows.loc[at], rows, language, named=named), cell] for at, cell in cells(rows, language).items()]
    heads = [text["what"], text["year"], text["value"], text["interval"]]
    body = with_scrolling(table(heads, lines, text["caption"]), language) if some else ""
    return f'<details class="llo-approximate"><summary>{summary}</summary>\n{lead}\n{body}\n</details>'


def cells(rows: pd.DataFrame, language: str) -> dict[Any, str]:
    """What is known of the uncertainty of each share, in words, by its place in the rows."""
    text, found = texts("approximate", language), approximate_intervals(rows)
    made = {}
    for at, one in found.iterrows():
        why = str(one["why"])
        if why == APPROXIMATE:
            made[at] = text["about"].format(**{end: number(one[end], 1, language) for end in ("low", "high")})
        elif why == "published":
            made[at] = text["printed"].format(**_printed(one, rows, language))
        else:
            made[at] = text[why]
    return made


def assumptions(language: str) -> str:
    """What an approximation rests on, with the sources of the numbers of respondents."""
    text, wave = texts("approximate", language), sample_of("NEA", _WAVE)
    numbers = {"effect": number(effect(), 1, language), "worth": number(worth(), 0, language)}
    respondents = number(float(wave.n or 0), 0, language) if wave is not None else ""
    lead = text["lead"].format(**numbers, respondents=respondents, wave=_WAVE)
    known = {year: sample_of("NEA", year) for year in range(2000, 2100)}
    links = [
        f'<a href="{escape(one.url)}">{escape(one.source[language])}</a> ({year})' for year, one in known.items() if one
    ]
    return f"<p>{lead}</p>\n<p>{text['sources']} {'; '.join(links)}.</p>"


def told_of(row: pd.Series, rows: pd.DataFrame, language: str, *, named: bool = False) -> list[str]:
    """A published figure as the first cells of a line: of whom or what, when, and the number as it was printed."""
    words = rows.attrs.get("words", {})
    what = words.get(row["category"], {}).get(language, str(row["category"]))
    if named:
        what = f"{row[f'label_{language}']}: {what}"
    return [what, words.get(row["period"], {}).get(language, str(row["period"])), printed_number(row, words, language)]


def printed_number(row: pd.Series, words: dict[str, dict[str, str]], language: str) -> str:
    """A number with the decimals that were printed, its qualifier and its unit."""
    step, value = row["rounding"], float(row["value"])
    decimals = 1 if step < 1 or (step != step and value % 1) else 0
    unit = "%" if row["unit"] == "%" else f" {_say(row['unit'], words, language)}"
    before = "" if row["qualifier"] == EXACT else f"{_say(row['qualifier'], words, language)} "
    return f"{before}{number(value, decimals, language)}{unit}"


def table(heads: list[str], lines: list[list[str]], caption: str) -> str:
    """A table whose first column heads its rows."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "\n".join(
        f'<tr><th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in rest) + "</tr>"
        for first, *rest in lines
    )
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"


def _printed(one: pd.Series, rows: pd.DataFrame, language: str) -> dict[str, str]:
    """The ends of an interval as they were printed."""
    own = rows[rows["category"].eq(one["category"]) & rows["year"].eq(one["year"]) & rows["series"].eq(one["series"])]
    ends = own.set_index("measure")["value"]
    return {end.removeprefix("conf_"): number(float(ends[end]), 1, language) for end in ENDS}


def _say(text: str, words: dict[str, dict[str, str]], language: str) -> str:
    """A word of the published files in a language, or else one of llo.report."""
    return words[text][language] if text in words else word(text, language)
