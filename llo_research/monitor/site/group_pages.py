"""A page for each group that takes part less: what is known, how it is defined, and what cannot be said."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import llo_research as llo
from llo_research.errors import DataError
from llo_research.monitor.site.approximated import folded, printed_number
from llo_research.monitor.site.group_numbers import code_of, gaps, means
from llo_research.monitor.site.pictures import figure_html, outputs_of
from llo_research.monitor.site.registry import Frame, Pages
from llo_research.monitor.site.tables import with_scrolling
from llo_research.monitor.site.words import texts
from llo_research.report.figures.bundle import MIME

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.results.result import Result

Group = dict[str, Any]
_PARTS = {"any": "participants", "formal": "participants_formal"}


def groups() -> dict[str, Group]:
    """The groups that have a page, by the name of the page."""
    return tomllib.loads(Path(__file__).with_name("groups.toml").read_text(encoding="utf-8"))


def pages(frame: Frame) -> Pages:
    """A page for each group, their list, and the list for the front page."""
    text, found = texts("groups", frame.language), groups()
    made: Pages = {}
    for name, group in found.items():
        made |= _page(frame, name, group)
    rows = ["::::::{container} llo-cards"]
    for name, group in found.items():
        link = f"**[{frame.say(group['title'])}](/groups/{name}.md)**"
        rows += [":::::{container} llo-card", link, "", _card(frame, group), ":::::"]
    made["_generated/group_list.md"] = "\n".join([*rows, "::::::", ""])
    menu = ["```{toctree}", ":hidden:", "", *(f"groups/{name}" for name in found), "```", ""]
    listed = "```{include} _generated/group_list.md\n```"
    made["groups.md"] = "\n".join([f"# {text['title']}", "", text["lead"], "", listed, "", *menu])
    return made


def _card(frame: Frame, group: Group) -> str:
    """Who they are, and how many of them do not learn, where that can be computed."""
    first = frame.say(group["definition"]).partition(". ")[0].rstrip(".")
    found = means(*group["piaac"])
    if not found:
        return f"{first}."
    told = texts("group_sentences", frame.language)["card"].format(**_people(frame, group))
    return f"{first}. {llo.report.sentences(told, s=llo.joint(found), language=frame.language)}"


def _page(frame: Frame, name: str, group: Group) -> Pages:
    """The page of one group, with its pictures."""
    text, files = texts("groups", frame.language), Pages()
    found = means(*group["piaac"])
    drawn = []
    for number, one in enumerate(shown_of(frame, name), start=1):
        figure, pictures = _drawn(one, f"{name}-{number}", frame, frame.say(group["title"]))
        drawn.append(figure)
        files |= pictures
    searched = f"---\nmyst:\n  html_meta:\n    keywords: {json.dumps(frame.say(group['searched']))}\n---"
    parts = [searched, f"# {frame.say(group['title'])}", text["what"], frame.say(group["definition"]), text["piaac"]]
    parts += (
        [_said(frame, group, found), drawn.pop(0)]
        if found
        else [text["absent"].format(chapter=frame.link("06_participation_gaps"))]
    )
    parts += [text["published"], *drawn, text["cannot"]]
    parts += ["\n".join(f"- {frame.say(one)}" for one in group["cannot"]), text["further"]]
    parts += ["\n".join(f"- {frame.link(one)}" for one in group["chapters"]), ""]
    return {f"groups/{name}.md": "\n\n".join(parts), **files}


def _drawn(one: Shown, stem: str, frame: Frame, title: str) -> tuple[str, Pages]:
    """A figure and its table, and the pictures that it refers to."""
    language = frame.language
    figure = llo.report.figure(one.rows, language=language, title=one.title, subtitle=one.subtitle)
    outputs = outputs_of(figure)
    outputs[0]["data"][MIME]["tabled"] = True  # the table below says more
    markup, pictures = figure_html(outputs, stem, frame.origin(title), up="../", source=one.code)
    table = with_scrolling(llo.report.table(one.rows, language=language, title=one.title).to_html(), language)
    as_table = (
        f'<details class="llo-table-of"><summary>{texts("groups", language)["table"]}</summary>\n{table}\n</details>'
    )
    sure = folded(one.rows, language) if one.is_published else ""
    return f"```{{raw}} html\n{markup}\n{sure}\n{as_table}\n```", dict(pictures)


@dataclass(frozen=True)
class Shown:
    """Numbers with the words over them: rows that llo.report draws and tabulates; `code` gives these rows.

    source : the name of the series, or of the survey.
    """

    rows: Any
    title: str
    subtitle: str
    code: str
    source: str

    @property
    def is_published(self) -> bool:
        """Whether they are rows of ``llo.published()``."""
        return "series" in getattr(self.rows, "columns", ())


@cache
def shown_of(frame: Frame, name: str) -> list[Shown]:
    """All numbers of a group's page: those of the microdata first, where the file is there; then the published ones."""
    group = groups()[name]
    found = means(*group["piaac"])
    return [*([_piaac(frame, group, found)] if found else []), *_published(frame, group)]


def _piaac(frame: Frame, group: Group, found: dict[str, Result]) -> Shown:
    """The shares of a group and of the others in the microdata."""
    language, people = frame.language, _people(frame, group)
    named = means(group["piaac"][0], group["piaac"][1], (people["group"], people["other"])) or {}
    words = texts("group_measures", language)
    title = texts("group_sentences", language)["head"].format(**people)
    said = llo.report.sentences(title, s=llo.joint(found), language=language)
    rows = llo.joint({words[word]: result for word, result in named.items()})
    code = code_of(group["piaac"][0], group["piaac"][1], (people["group"], people["other"]), words)
    return Shown(rows, str(said).strip(), texts("groups", language)["population"], code, "PIAAC")


def _said(frame: Frame, group: Group, found: dict[str, Result]) -> str:
    """The same in sentences."""
    lines, people = texts("group_sentences", frame.language), _people(frame, group)
    told = "\n".join(f"- {lines[word].format(**people)}" for word in found)
    return str(llo.report.sentences(told, s=llo.joint(found), g=gaps(found), language=frame.language))


def _people(frame: Frame, group: Group) -> dict[str, str]:
    """What a group and the others are called."""
    return {side: frame.say(group[side]) for side in ("group", "other")}


def _published(frame: Frame, group: Group) -> list[Shown]:
    """The published figures of a group."""
    language = frame.language
    told = [(one["series"], _series(one), _series_code(one)) for one in group["published"]]
    shown = [Shown(rows, _title(rows, language), _population(rows, language), code, name) for name, rows, code in told]
    if "rates" in group:
        rates = group["rates"]
        rows, code = _rates(rates, language), _rates_code(rates, language)
        shown.append(Shown(rows, frame.say(rates["title"]), frame.say(rates["about"]), code, rates["series"]))
    return shown


def _series(asked: Mapping[str, Any]) -> pd.DataFrame:
    """Shares of a published series, of the categories asked for."""
    rows: pd.DataFrame = llo.published(asked["series"], breaks="flag")
    rows = rows[rows["measure"].eq("share") & ~rows["repeated"]]
    wanted = asked.get("categories", list(rows["category"]))
    if lost := sorted(set(wanted) - set(rows["category"])):
        raise DataError(
            "A group's page asks for a category that was not published.",
            where=f"groups.toml, {asked['series']}",
            found="; ".join(lost),
            expected="; ".join(dict.fromkeys(rows["category"])),
        )
    return rows[rows["category"].isin(wanted)]


def _series_code(asked: Mapping[str, Any]) -> str:
    """What gives the same rows."""
    chosen = f'rows[rows["category"].isin({asked["categories"]!r})]' if "categories" in asked else "rows"
    return "\n".join(
        [
            "import llo_research as llo",
            f'rows = llo.published({asked["series"]!r}, breaks="flag")',
            'rows = rows[rows["measure"].eq("share") & ~rows["repeated"]]',
            chosen,
        ]
    )


def _title(rows: pd.DataFrame, language: str) -> str:
    """What was printed: the highest and the lowest, or from when to when; no more can be told without intervals."""
    label, words = str(rows[f"label_{language}"].iloc[0]), rows.attrs["words"]
    if rows["category"].duplicated().any():
        return label
    ends = [rows.iloc[int(rows["value"].to_numpy().argmax())], rows.iloc[int(rows["value"].to_numpy().argmin())]]
    told = [
        f"{printed_number(end, words, language)} ({words.get(end['category'], {}).get(language, end['category'])})"
        for end in ends
    ]
    return f"{label}: {texts('groups', language)['ends'].format(*told)}"


def _population(rows: pd.DataFrame, language: str) -> str:
    """The surveys and years of a published series; a year that the text does not name is inferred."""
    years = sorted(set(rows["year"]))
    span = str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"
    if rows["period"].str.contains("inferred").any():
        span = texts("groups", language)["inferred"].format(span)
    return f"{' / '.join(dict.fromkeys(rows['instrument']))}, {span}"


def _rates(asked: Mapping[str, Any], language: str) -> pd.DataFrame:
    """Shares of published counts: any learning, and formal education alone."""
    import pandas as pd

    shown = [
        llo.monitor.printed_rates(_wanted(asked, language), part=part).assign(
            **{f"label_{language}": texts("groups", language)[word]}
        )
        for word, part in _PARTS.items()
    ]
    return pd.concat(shown)


def _wanted(asked: Mapping[str, Any], language: str) -> dict[str, tuple[str, str]]:
    """The categories whose shares are asked for, by their words."""
    return {words[language]: (asked["series"], category) for category, words in asked["categories"].items()}


def _rates_code(asked: Mapping[str, Any], language: str) -> str:
    """What gives the same rows."""
    return "\n".join(
        [
            "import llo_research as llo",
            "import pandas as pd",
            f"wanted = {_wanted(asked, language)!r}",
            f"pd.concat([llo.monitor.printed_rates(wanted, part=part) for part in {[*_PARTS.values()]!r}])",
        ]
    )
