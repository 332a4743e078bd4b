"""The editions of the monitor: a TOML file each, read with checks; what they share is taken from another edition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError
from llo_research.monitor.declared import Text, check_keys, read_toml, span_of, text_of, word_of
from llo_research.monitor.indicators import INSTRUMENTS, indicator_of, indicators
from llo_research.options import check_option

if TYPE_CHECKING:
    import pandas as pd

AVAILABLE = ("rebuilt", "published only", "not available")
_FOLDER = Path(__file__).parent / "editions"
_EDITION = ("id", "appeared", "data", "seen")
_FIGURE = ("number", "indicator", "surveys", "title", "by", "years", "available", "why", "published")
_ENTRY = ("category", "population", "year", "years", "survey", "where", "formula", "nl", "en")

_TALLY = {
    "nl": "{figures} figuren: {seen} gezien, {reconstructed} gereconstrueerd; "
    "{rebuilt} herbouwd, {published_only} alleen gepubliceerd, {not_available} niet beschikbaar",
    "en": "{figures} figures: {seen} seen, {reconstructed} reconstructed; "
    "{rebuilt} rebuilt, {published_only} published only, {not_available} not available",
}

Years = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Target:
    """A published figure, and how this library would estimate it.

    series, category, population : as ``llo.published()`` names it; population where that is needed to tell it apart.
    years : first and last year it speaks of; survey : which survey; where : its group; formula : where it is not that
    of the figure's indicator; label : what its group is called, where it has one.
    """

    series: str
    years: tuple[int, int]
    survey: str
    category: str = "total"
    population: str = ""
    where: str = ""
    formula: str = ""
    label: Text | None = None


@dataclass(frozen=True)
class Entry:
    """A figure of an edition: what it shows, of whom, since when, whether it was seen, whether it can be rebuilt."""

    number: str
    title: Text
    indicator: str
    surveys: tuple[str, ...]
    by: tuple[str, ...]
    years: Years
    seen: bool
    available: str
    why: Text
    published: tuple[Target, ...]

    @property
    def status(self) -> str:
        """``seen`` or ``reconstructed``: only a figure that was seen has a number of the monitor."""
        return "seen" if self.seen else "reconstructed"


@dataclass(frozen=True)
class Edition:
    """An edition: what it is computed from, its definitions, its chapters, its figures by number.

    chapters : numbers of the figures by notebook; lacking : what a reader will not find there.
    """

    id: str
    appeared: Text
    data: Text
    years: Years
    definitions: Mapping[str, Text]
    chapters: Mapping[str, tuple[str, ...]]
    lacking: Mapping[str, Text]
    figures: Mapping[str, Entry]


_OWN: dict[str, Edition] = {}


def read_edition(path: str | Path) -> Edition:
    """Read an edition from a file of one's own; it is known by its id for this session.

    Use it to try an edition before its file is put among those of the monitor.

    Parameters
    ----------
    path : str or Path
        A TOML file as those in ``llo_research/monitor/editions``.

    Returns
    -------
    Edition

    Raises
    ------
    DataError
        What is wrong, and in which table: a key that does not exist, a figure that stands twice, an indicator that is
        not known, an id that an edition of the monitor has.
    """
    made = _edition(read_toml(Path(path)), Path(path).name)
    if made.id in _monitors():
        raise DataError(
            f"{made.id!r} is an edition of the monitor.", where=Path(path).name, todo="Give yours another id."
        )
    _OWN[made.id] = made
    return made


def edition_of(name: str) -> Edition:
    """The edition of this id.

    Raises
    ------
    DataError
        When there is none.
    """
    known = {**_monitors(), **_OWN}
    check_option(name, "edition", tuple(known))
    return known[name]


def editions() -> pd.DataFrame:
    """The editions of the monitor that its chapters can be rebuilt for.

    Returns
    -------
    DataFrame
        ``edition``, ``appeared`` and ``data`` (in English), ``figures`` and how many of them are ``seen``,
        ``reconstructed``, ``rebuilt``, ``published_only`` and ``not_available``.

    Examples
    --------
    >>> from llo_research.monitor import editions
    >>> list(editions()["edition"])
    ['2022-1', '2022-2', '2023', '2025']
    """
    import pandas as pd

    rows = [
        {
            "edition": one.id,
            "appeared": one.appeared["en"],
            "data": one.data["en"],
            **counts(tuple(one.figures.values())),
        }
        for one in {**_monitors(), **_OWN}.values()
    ]
    return pd.DataFrame(rows)


def counts(entries: tuple[Entry, ...]) -> dict[str, int]:
    """How many figures there are: in all, by whether they were seen, by whether they can be rebuilt."""
    seen = sum(entry.seen for entry in entries)
    made = {word.replace(" ", "_"): sum(entry.available == word for entry in entries) for word in AVAILABLE}
    return {"figures": len(entries), "seen": seen, "reconstructed": len(entries) - seen, **made}


def tally(edition: str = "2023", language: str = "nl") -> str:
    """How many figures of an edition were seen, are reconstructed, and are not there: a line for a page.

    Parameters
    ----------
    edition : str
        One of :func:`editions`.
    language : {"nl", "en"}

    Returns
    -------
    str

    Raises
    ------
    DataError
        No such edition or language.

    Examples
    --------
    >>> import llo_research as llo
    >>> llo.monitor.tally("2023", "en")
    '21 figures: 8 seen, 13 reconstructed; 20 rebuilt, 0 published only, 1 not available'
    """
    check_option(language, "language", tuple(_TALLY))
    return _TALLY[language].format(**counts(tuple(edition_of(edition).figures.values())))


@cache
def _monitors() -> dict[str, Edition]:
    """The editions of the monitor, in the order of their ids; a file for each."""
    found = {path.stem: _edition(read_toml(path), path.name) for path in sorted(_FOLDER.glob("*.toml"))}
    for stem, edition in found.items():
        if stem != edition.id:
            raise DataError("The id of an edition is the name of its file.", where=f"{stem}.toml", found=edition.id)
    return found


def _edition(table: Any, where: str) -> Edition:
    """An edition as its file tells it, over what it takes from another."""
    raw = check_keys(table, where, needed=("edition", "years"), allowed=("definitions", "chapters", "figures"))
    about = check_keys(raw["edition"], f"{where} [edition]", needed=_EDITION, allowed=("based_on",))
    base = _base(about.get("based_on"), where)
    spans = check_keys(raw["years"], f"{where} [years]", needed=(), allowed=INSTRUMENTS)
    years = {survey: span_of(span, f"{where} [years] {survey}") for survey, span in spans.items()}
    tables = _merged(base, _by_number(raw.get("figures", []), where))
    unknown = [number for number in about["seen"] if number not in tables]
    if unknown:
        raise DataError(
            "A figure that was seen is not among the figures.", where=f"{where} [edition] seen", found=unknown[0]
        )
    figures = {
        number: _figure(figure, f"{where}, figure {number}", number in about["seen"], years)
        for number, figure in tables.items()
    }
    chapters = raw.get("chapters", base.get("chapters", []))
    return Edition(
        id=about["id"],
        appeared=text_of(about["appeared"], f"{where} [edition] appeared"),
        data=text_of(about["data"], f"{where} [edition] data"),
        years=years,
        definitions={k: text_of(v, f"{where} [definitions] {k}") for k, v in raw.get("definitions", {}).items()},
        chapters=_chapters(chapters, figures, where),
        lacking={one["name"]: text_of(one["lacking"], where) for one in chapters if "lacking" in one},
        figures=figures,
    )


def _base(name: str | None, where: str) -> dict[str, Any]:
    """The file of the edition that this one is based on; nothing without one."""
    if name is None:
        return {}
    path = _FOLDER / f"{name}.toml"
    if not path.is_file():
        there = ", ".join(sorted(one.stem for one in _FOLDER.glob("*.toml")))
        raise DataError("The edition that this one is based on is not there.", where=where, found=name, expected=there)
    found = read_toml(path)
    if "based_on" in found.get("edition", {}):
        raise DataError("An edition is based on one that stands by itself.", where=where, found=name)
    return found


def _by_number(tables: list[Any], where: str) -> dict[str, dict[str, Any]]:
    """The tables of figures by number; one that stands twice is refused."""
    found: dict[str, dict[str, Any]] = {}
    for table in tables:
        figure = check_keys(table, f"{where} [[figures]]", needed=("number",), allowed=_FIGURE[1:])
        number = figure["number"]
        if not isinstance(number, str):
            raise DataError("The number of a figure is a text.", where=f"{where} [[figures]]", found=repr(number))
        if number in found:
            raise DataError("A figure stands twice in this edition.", where=where, found=f"figure {number}")
        found[number] = figure
    return found


def _merged(base: Mapping[str, Any], own: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The figures of the edition it is based on, with what is its own; published figures and years are never taken."""
    taken = {
        figure["number"]: {key: value for key, value in figure.items() if key not in ("published", "years")}
        for figure in base.get("figures", [])
    }
    return {
        number: {**taken.get(number, {}), **own.get(number, {})}
        for number in [*taken, *(n for n in own if n not in taken)]
    }


def _figure(table: Mapping[str, Any], where: str, seen: bool, years: Years) -> Entry:
    """A figure as its tables tell it."""
    available = word_of(table.get("available", "rebuilt"), AVAILABLE, f"{where}, available")
    name = table.get("indicator", "")
    if name or available == "rebuilt":
        _check_indicator(name, where)
    given = check_keys(table, where, needed=("number", "surveys"), allowed=_FIGURE)
    surveys = tuple(word_of(one, INSTRUMENTS, f"{where}, surveys") for one in given["surveys"])
    title = text_of(given["title"], f"{where}, title") if "title" in given else indicator_of(name).label
    own = {survey: span_of(span, f"{where}, years") for survey, span in given.get("years", {}).items()}
    without = [survey for survey in surveys if survey not in {**years, **own}]
    if available == "rebuilt" and without:
        raise DataError("The edition has no years of a survey of this figure.", where=where, found=without[0])
    if available != "rebuilt" and "why" not in given:
        raise DataError("A figure that is not rebuilt says why.", where=where, expected="why = { nl = ..., en = ... }")
    why = text_of(given["why"], f"{where}, why") if available != "rebuilt" else {"nl": "", "en": ""}
    spans = {survey: {**years, **own}[survey] for survey in surveys if survey not in without}
    published = tuple(_target(one, f"{where}, published", surveys) for one in given.get("published", []))
    return Entry(
        given["number"], title, name, surveys, tuple(given.get("by", ())), spans, seen, available, why, published
    )


def _check_indicator(name: str, where: str) -> None:
    """An indicator that is known; the error says where it was asked for."""
    if name not in indicators():
        try:
            indicator_of(name)
        except DataError as error:
            raise DataError("The indicator of this figure is not known.", where=where, found=repr(name)) from error


def _target(table: Any, where: str, surveys: tuple[str, ...]) -> Target:
    """A published figure as its table tells it."""
    given = check_keys(table, where, needed=("series",), allowed=_ENTRY)
    if ("year" in given) == ("years" in given):
        raise DataError("A published figure has a year, or its first and last.", where=where, found=given["series"])
    years = span_of(given["years"], where) if "years" in given else (int(given["year"]), int(given["year"]))
    survey = word_of(given.get("survey", surveys[0]), surveys, f"{where}, survey")
    texts = {key: str(given[key]) for key in ("category", "population", "where", "formula") if key in given}
    words = {key: given[key] for key in ("nl", "en") if key in given}
    return Target(given["series"], years, survey, **texts, label=text_of(words, where) if words else None)


def _chapters(tables: list[Any], figures: Mapping[str, Entry], where: str) -> dict[str, tuple[str, ...]]:
    """Chapters with the numbers of their figures, which must be there; each figure is in a chapter."""
    found: dict[str, tuple[str, ...]] = {}
    for table in tables:
        given = check_keys(table, f"{where} [[chapters]]", needed=("name", "figures"), allowed=("lacking",))
        absent = [number for number in given["figures"] if number not in figures]
        if absent:
            raise DataError(
                "A chapter shows a figure that is not there.", where=f"{where}, {given['name']}", found=absent[0]
            )
        found[given["name"]] = tuple(given["figures"])
    left = [number for number in figures if not any(number in numbers for numbers in found.values())]
    if left:
        raise DataError(
            "A figure is in no chapter.", where=where, found=f"figure {left[0]}", expected="[[chapters]] figures"
        )
    return found
