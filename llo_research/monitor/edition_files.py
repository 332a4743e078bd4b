"""The TOML file of an edition, read with checks; what editions share is taken from another one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llo_research.errors import DataError
from llo_research.monitor.declared import check_keys, read_toml, span_of, text_of, word_of
from llo_research.monitor.entries import Edition, Entry, Target, Years
from llo_research.monitor.indicators import INSTRUMENTS, indicator_of, indicators

AVAILABLE = ("rebuilt", "published only", "not available")
FOLDER = Path(__file__).parent / "editions"
_EDITION = ("id", "appeared", "data", "seen")
_FIGURE = ("number", "indicator", "surveys", "title", "by", "years", "available", "why", "published")
_ENTRY = ("category", "population", "year", "years", "survey", "where", "formula", "nl", "en")


def edition_of_table(table: Any, where: str) -> Edition:
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
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        there = ", ".join(sorted(one.stem for one in FOLDER.glob("*.toml")))
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
