"""The figures of the monitor: drawn from surveys, and listed with what is known of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llo_research.monitor.editions import edition_of
from llo_research.monitor.estimates import estimate
from llo_research.monitor.how_known import how_known
from llo_research.monitor.indicators import Indicator
from llo_research.monitor.plans import Plan, plan_of
from llo_research.monitor.questions import questions_note
from llo_research.monitor.replicated import PUBLICATION
from llo_research.monitor.surveys import PEOPLE
from llo_research.monitor.titles import title_of
from llo_research.monitor.undated import taken_off

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.report.figures.figure import Figure
    from llo_research.results.result import Result
    from llo_research.survey import Survey

_HEADS = {
    "seen": {"nl": "Figuur {number} van de Monitor Leercultuur", "en": "Figure {number} of the Monitor Leercultuur"},
    "made up": {  # a figure that was seen, drawn from data that nobody gave
        "nl": "Naar figuur {number} van de Monitor Leercultuur",
        "en": "After figure {number} of the Monitor Leercultuur",
    },
    "variation": {
        "nl": "Variant op figuur {number} van de Monitor Leercultuur",
        "en": "Variation on figure {number} of the Monitor Leercultuur",
    },
    "reconstructed": {"nl": "Gereconstrueerde figuur", "en": "Reconstructed figure"},
}
_EDITION = {"nl": "editie", "en": "edition"}
_WITHOUT = {
    "without": {
        "nl": "Zonder {names}: geen antwoorden in deze jaren.",
        "en": "Without {names}: no answers in these years.",
    },
    "absent": {"nl": "Zonder {names}: hier geen bestanden van.", "en": "Without {names}: no files of these here."},
}


def figure(
    number: str | Indicator,
    edition: str = "2023",
    surveys: Mapping[str, Survey] | None = None,
    by: str | Sequence[str] | None = None,
    where: str | None = None,
    years: int | Iterable[int] | None = None,
    language: str = "nl",
) -> Figure:
    """A figure of the monitor, or of an indicator of one's own.

    Employees and the self-employed stand side by side as independent surveys. Over time, where that gives at most seven
    lines; of more the latest year of each survey is shown, unless `years` are named. Years in which a question was not
    asked are left out; lines are never joined over a method break. The title says what was found, of each survey: how
    far the last year of one method is from its first, or the highest of groups from the lowest, where that is beyond
    chance. Another breakdown, domain, years or surveys make it a variation on the figure of the monitor, and it says
    so.

    Parameters
    ----------
    number : str or Indicator
        The number of a figure of the edition (:func:`figures` lists them), or an indicator: its name, or what
        :func:`indicator` returned.
    edition : str
        One of :func:`editions`.
    surveys : mapping of str to Survey, optional
        ``{"nea": ..., "zea": ...}``; surveys that the figure is not made of are left aside, so that one mapping serves
        all figures. Default: as :func:`surveys` loads them.
    by : str or list of str, optional
        Groups (:func:`group`, or those of the monitor) or variables; default those of the figure.
    where : str, optional
        A condition as in ``svy.where``.
    years : int or iterable of int, optional
        Survey years; default those that the edition covers. A survey without answers in these years is left out, which
        the figure says. A year named by itself that lies beyond all data is refused; a range may be wider than they.
    language : {"nl", "en"}

    Returns
    -------
    Figure
        As ``llo.report.figure``: ``.frame`` (the numbers), ``.plot()``, ``.alt_text``, ``.save(dir)``. Files that are
        restricted are shown under the profile ``publication`` (200 respondents).

    Raises
    ------
    DataError
        A figure that does not exist or cannot be rebuilt, a condition or group that does not fit, years without
        answers.

    See Also
    --------
    estimates : The same numbers as a Result.

    Examples
    --------
    >>> import llo_research as llo
    >>> nea = llo.synthetic("nea", years=[2020, 2022])
    >>> shown = llo.monitor.figure("8", surveys={"nea": nea}, language="en")
    >>> shown.frame["Survey year"].tolist()
    ['2020', '2022']
    """
    from llo_research import report
    from llo_research.report.content.labels import check_language
    from llo_research.report.figures.known import KNOWN

    check_language(language)
    found = estimate(plan_of(number, edition, surveys, by, where, years))
    known = how_known(found.plan, found.result)
    result, year = said_once(found.result)
    result = replace(result, meta={**result.meta, KNOWN: known}) if known else result
    options: dict[str, Any] = {"language": language, "disclosure": _disclosure(result)}
    if found.latest or year:
        options["kind"] = "dots"
    name = (found.plan.entry.title if found.plan.entry else found.plan.indicator.label)[language]
    content = report.figure(result, **options, title=name).content
    title = title_of(name, found.plan, found.result, content)
    subtitle = _subtitle(found.plan, edition, content.what.rpartition(": ")[2], year, language)
    for why, words in _WITHOUT.items():
        names = ", ".join(PEOPLE.get(name, {}).get(language, name) for name in result.meta[why])
        subtitle = f"{subtitle}. {words[language].format(names=names)}" if names else subtitle
    return _with_questions(report.figure(result, **options, title=title, subtitle=subtitle), found.plan)


def _with_questions(shown: Figure, plan: Plan) -> Figure:
    """The figure with the wording of its questions among what is told to who asks."""
    note = questions_note(plan.indicator.formulas.values(), plan.surveys, shown.content.language)
    content = shown.content
    return replace(shown, content=replace(content, notes={**content.notes, "questions": note})) if note else shown


def estimates(
    number: str | Indicator,
    edition: str = "2023",
    surveys: Mapping[str, Survey] | None = None,
    by: str | Sequence[str] | None = None,
    where: str | None = None,
    years: int | Iterable[int] | None = None,
) -> Result:
    """The numbers of :func:`figure` as a Result, for tables, sentences and contrasts.

    Parameters
    ----------
    number, edition, surveys, by, where, years
        As :func:`figure`.

    Returns
    -------
    Result
        What ``llo.mean`` gives by survey (where there are several), group and year, with the words of the monitor;
        ``.meta["without"]`` names surveys that have no answers in these years.

    Raises
    ------
    DataError
        As :func:`figure`.

    Examples
    --------
    >>> import llo_research as llo
    >>> nea = llo.synthetic("nea", years=2022)
    >>> llo.monitor.estimates("1", surveys={"nea": nea}, by="education").labels
    ('low:2022', 'middle:2022', 'high:2022')
    """
    return estimate(plan_of(number, edition, surveys, by, where, years)).result


def _disclosure(result: Result) -> str:
    """Which rows are withheld: the profile of the monitor's pages for restricted files."""
    return PUBLICATION if result.meta.get("source", {}).get("restricted") else "auto"


def said_once(result: Result) -> tuple[Result, str]:
    """The result for a figure, and its year where all rows have the same: that is said once, not in each row.

    So is the survey, where it is the one of which there are files.
    """
    same = [name for name in ("survey", "year") if name in result.rows and result.rows[name].nunique() == 1]
    year = str(result.rows["year"].iloc[0]) if "year" in same else ""
    return taken_off(result, same, result.labels), year


def _subtitle(plan: Plan, edition: str, broken_down: str, year: str, language: str) -> str:
    """Whose figure it is and how it is broken down: only one that was seen has a number of the monitor."""
    shown = ", ".join(part for part in (broken_down[:1].upper() + broken_down[1:], year) if part)
    if plan.entry is None:
        return shown
    synthetic = any(svy.source.get("synthetic") for svy in plan.surveys.values())
    seen = "variation" if not plan.is_as_published else "made up" if synthetic else "seen"
    status = seen if plan.entry.seen else plan.entry.status
    head = _HEADS[status][language].format(number=plan.entry.number)
    return f"{head}, {_EDITION[language]} {edition}. {shown}"


def figures(edition: str = "2023") -> pd.DataFrame:
    """The figures of an edition: what each shows, whether it was seen, and whether it can be rebuilt.

    Parameters
    ----------
    edition : str
        One of :func:`editions`.

    Returns
    -------
    DataFrame
        A row for each figure: ``number``, ``title_nl``, ``title_en``, ``indicator``, ``surveys``, ``by``, ``years``
        (of each survey), ``chapters``, ``status`` (``seen`` or ``reconstructed``: only a seen one has a number of the
        monitor), ``available`` (``rebuilt``, ``published only`` or ``not available``), ``why_nl``, ``why_en`` (where
        it is not rebuilt), ``published`` (how many published numbers stand beside it).

    Raises
    ------
    DataError
        No such edition.

    Examples
    --------
    >>> import llo_research as llo
    >>> llo.monitor.figures("2023").set_index("number").loc["2", "status"]
    'seen'
    """
    import pandas as pd

    chosen = edition_of(edition)
    rows = [
        {
            "number": entry.number,
            "title_nl": entry.title["nl"],
            "title_en": entry.title["en"],
            "indicator": entry.indicator,
            "surveys": ", ".join(entry.surveys),
            "by": ", ".join(entry.by),
            "years": ", ".join(f"{name} {first}-{last}" for name, (first, last) in entry.years.items()),
            "chapters": ", ".join(name for name, numbers in chosen.chapters.items() if entry.number in numbers),
            "status": entry.status,
            "available": entry.available,
            "why_nl": entry.why["nl"],
            "why_en": entry.why["en"],
            "published": len(entry.published),
        }
        for entry in chosen.figures.values()
    ]
    return pd.DataFrame(rows)
