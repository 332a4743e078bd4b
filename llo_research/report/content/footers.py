"""The two lines under a table or figure: whose answers these are, and what the reader must know of the rows shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.content.captions import joined
from llo_research.report.content.labels import capital, lowered, plain, spoken, word
from llo_research.results.dated import number as time_number

# What the two lines tell in full; what they tell in short (source, weight, breaks) stands in full in the rest.
_TOLD = ("synthetic", "disclosure", "population", "n", "reference_period")
_UNTIL = re.compile(r" \((?:tot en met|to) (\d{4}): [^()]*\)")
Times = tuple[float, float]


def times_shown(frame: pd.DataFrame, meta: Mapping[str, Any], source: Mapping[str, Any]) -> Times | None:
    """The first and last time that the rows shown speak of; None where that is not known."""
    call, design = meta.get("call") or {}, meta.get("design") or {}
    time = call.get("time") or call.get("over") or design.get("time") or "year"
    found = [_number(value) for name in (time, "year") if name in frame for value in _with_numbers(frame, name)]
    if "base" in call and time in frame:
        base = call["base"]
        found.append(_number(meta.get("base") if base is None else base))
    known = [value for value in found if value is not None]
    if not known:
        notes = [note for note in meta.get("domain") or [] if note.get("times")]
        narrowest = [] if any("result" in note for note in notes) else notes[-1:]  # of several domains: all years
        known = [end for note in narrowest for end in note["times"]]
        known = known or [float(year) for year in source.get("years") or [] if _number(year)]
    return (min(known), max(known)) if known else None


def _with_numbers(frame: pd.DataFrame, name: str) -> list[Any]:
    """The values of a column where the row has a number; all of them where no row has one."""
    there = pd.to_numeric(frame["estimate"], errors="coerce").notna() if "estimate" in frame else frame[name].notna()
    return list(frame.loc[there if there.any() else slice(None), name].dropna().unique())


def _number(value: Any) -> float | None:
    """A time as a number."""
    try:
        return time_number(value)
    except (TypeError, ValueError):
        return None


def straddled(time: Any, times: Times | None) -> bool:
    """Whether the rows shown lie on both sides of a break; where their times are not known they may."""
    at = _number(time)
    return times is None or at is None or times[0] < at <= times[1]


def population_shown(text: str, times: Times | None) -> str:
    """A population without what held before the times shown."""
    if times is None:
        return text
    return _UNTIL.sub(lambda found: found[0] if times[0] <= float(found[1]) else "", text)


def footer(
    told: Mapping[str, str],
    meta: Mapping[str, Any],
    n: np.ndarray | None,
    times: Times | None,
    breaks: Sequence[float],
    language: str,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two lines, and the notes that they make superfluous.

    told : all notes by topic. breaks : the times of the breaks that the rows shown straddle.
    """
    nl, source = language == "nl", meta.get("source") or {}
    first = [_source(source, times, language), *_sentences(told.get("population", ""))]
    if "n" in told:
        first.append(lowered(told["n"].partition(": ")[2]) if n is not None and np.nanmin(n) == np.nanmax(n) else "")
        first.append("" if first[-1] else _spread(told["n"], nl))
    if meta.get("weight"):
        first.append("gewogen" if nl else "weighted")
    second = [
        told.get(topic, "") for topic in ("synthetic", "disclosure", "reference_period", "definitions", "proxies")
    ]
    second.append(break_warning(breaks, language))
    lines = (capital("; ".join(part.rstrip(".") for part in first if part)) + ".", " ".join(filter(None, second)))
    return tuple(line for line in lines if line.strip(".")), tuple(
        told[t] for t in (*_TOLD, "definitions", "proxies") if t in told
    )


def published_footer(
    told: Mapping[str, str], breaks: Sequence[float], language: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two lines under published figures, and the notes that they make superfluous."""
    population = told.get("population", "").partition(": ")[2]
    first = "; ".join(part.rstrip(".") for part in (told["source"], population) if part) + "."
    second = [told.get("synthetic", ""), told.get("reference_period", ""), break_warning(breaks, language)]
    second.append(told.get("interval", ""))
    topics = ("source", "population", "synthetic", "reference_period", "interval")
    return (first, " ".join(filter(None, second))), tuple(told[topic] for topic in topics if topic in told)


def break_warning(breaks: Sequence[float], language: str) -> str:
    """That the rows shown lie on both sides of a break."""
    if not breaks:
        return ""
    years = joined([plain(year) for year in dict.fromkeys(breaks)], language)
    if language == "nl":
        return f"Methodebreuk in {years}: vergelijk niet zonder meer over de breuk heen."
    return f"Method break in {years}: do not simply compare across it."


def _sentences(population: str) -> list[str]:
    """Population and selection as parts of one line."""
    whole, _, chosen = population.replace("Selection:", "Selectie:").partition("Selectie: ")
    text = whole.partition(": ")[2].strip().rstrip(".")
    word = "selection" if "Selection:" in population else "selectie"
    return [text, f"{word}: {chosen.rstrip('.')}" if chosen else ""]


def _spread(text: str, nl: bool) -> str:
    """``n = 120 tot 480 per rij``."""
    ends = text.partition(": ")[2].rstrip(".")
    return f"{ends} {'per rij' if nl else 'per row'}"


def _title(source: Mapping[str, Any], language: str) -> str:
    """What a source is called; that it is synthetic stands in the second line."""
    title = spoken(source.get("title"), language) or str(source.get("instrument") or source.get("file") or "")
    return title.removeprefix(f"{word('synthetic', language)}: ")


def _source(source: Mapping[str, Any], times: Times | None, language: str) -> str:
    """The source in short: its name, and the years shown."""
    stacked = [_title(each, language) for each in (source.get("surveys") or {}).values()]
    title = "; ".join(dict.fromkeys(stacked)) if all(stacked) and stacked else _title(source, language)
    head = "Bron" if language == "nl" else "Source"
    if not title:
        return f"{head}: niet opgegeven" if language == "nl" else f"{head}: not stated"
    country = str(source.get("country") or "").upper()
    return ", ".join(part for part in (f"{head}: {title}", country, when_of(source, times, language, "-")) if part)


def when_of(source: Mapping[str, Any], times: Times | None, language: str, dash: str) -> str:
    """Of when the rows are: the edition's own span of two years (2011-12), else the first and last year shown."""
    span = re.search(r"\b(\d{4})-(\d{2})\b", spoken(source.get("edition"), language))
    ends = span.groups() if span else () if times is None else tuple(dict.fromkeys(plain(end) for end in times))
    return dash.join(ends)
