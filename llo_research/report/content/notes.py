"""The sentences under a table or figure: population, weight, source, interval, what was left out, breaks, flags."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.content.assumed import assumed_text
from llo_research.report.content.conditions import condition_text, row_head
from llo_research.report.content.content import is_synthetic
from llo_research.report.content.footers import Times, population_shown, straddled, times_shown
from llo_research.report.content.labels import (
    capital,
    interval_text,
    is_missing,
    lowered,
    plain,
    spoken,
    variable_label,
    without_period,
    word,
)
from llo_research.report.content.model_notes import covariance_text, of_model, small_sample_text
from llo_research.report.content.numbers import level_text, number
from llo_research.report.content.surveys import definitions_note, reference_periods
from llo_research.results.dated import number as time_number
from llo_research.results.exported import is_exported
from llo_research.results.floors import Withheld
from llo_research.results.receipts.wording import exported_in_words

_NAME = re.compile(r"[A-Za-z_]\w*")
_REPLICATES = {"jk1": "JK1", "jk2": "JK2", "jkn": "JKn", "brr": "BRR", "fay": "Fay", "sdr": "SDR"}


def of_result(
    frame: pd.DataFrame,
    meta: Mapping[str, Any],
    n: np.ndarray | None,
    level: float,
    language: str,
    *,
    has_interval: bool,
    hidden: Withheld | None = None,
) -> dict[str, str]:
    """Notes of a result by topic, in the order in which they are shown; small counts as a bound where asked."""
    source = meta.get("source") or {}
    times = times_shown(frame, meta, source)
    told = {
        "synthetic": word("synthetic_note", language) if is_synthetic(meta) else "",
        "disclosure": " ".join(filter(None, [hidden.note(language) if hidden else "", _exported(meta, language)])),
        "assumes": assumed_text(meta, language),
        "population": _population(meta, source, language, times, hidden),
        "n": _counts(n, language),
        "weight": _weight(meta, language),
        "interval": _interval(meta, level, language, hidden) if has_interval else _none(language),
        **of_model(meta, language, hidden),
        "left_out": _left_out(meta, language, hidden),
        "reference_period": _reference_period(frame, meta, language),
        "definitions": definitions_note(meta, language),
        "proxies": _proxies(frame, meta, source, language),
        "breaks": _breaks(frame, meta, source, language),
        "source": _source(source, variable_names(frame, meta), language),
    }
    return {topic: text for topic, text in told.items() if text}


def _exported(meta: Mapping[str, Any], language: str) -> str:
    """That the numbers left a secure environment, and by which rules; nothing of others."""
    return "" if not is_exported(meta) else f"{capital(exported_in_words(meta, language))}."


def _count(value: Any, language: str, hidden: Withheld | None) -> str:
    """A count of people in a note."""
    small = hidden is not None and 0 < float(value) < hidden.rules.units
    return hidden.count(float(value)) if hidden is not None and small else number(float(value), 0, language)


def _population(
    meta: Mapping[str, Any],
    source: Mapping[str, Any],
    language: str,
    times: Times | None = None,
    hidden: Withheld | None = None,
) -> str:
    """Who is spoken of: the population of the source and the conditions of `where`; weights are told apart."""
    notes = [note for note in meta.get("domain", []) if "condition" in note]
    labels = {**(meta.get("spoken") or {}), **meta.get("labels", {})}
    told: dict[str, list[str]] = {}
    for note in notes:
        rows = f" ({_rows(note, language, hidden)})" if "rows" in note else ""  # not of what left a secure environment
        text = f"{condition_text(note['condition'], labels, language)}{rows}"
        told.setdefault(text, []).extend([str(note["result"])] if "result" in note else [])
    conditions = [f"{', '.join(names)}: {text}" if names else text for text, names in told.items()]
    whole = population_shown(spoken(source.get("population"), language), times)
    head, selection = ("Populatie", "Selectie") if language == "nl" else ("Population", "Selection")
    parts = ([f"{head}: {whole}."] if whole else []) + (
        [f"{selection}: {'; '.join(conditions)}."] if conditions else []
    )
    return " ".join(parts)


def _rows(note: Mapping[str, Any], language: str, hidden: Withheld | None = None) -> str:
    """How many rows a condition keeps, and for how many it is unknown."""
    rows, unknown = (_count(note.get(name, 0), language, hidden) for name in ("rows", "unknown"))
    kept, not_known = ("waarnemingen", "onbekend") if language == "nl" else ("observations", "unknown")
    return f"{rows} {kept}" + (f", {unknown} {not_known}" if note.get("unknown") else "")


def _counts(n: np.ndarray | None, language: str) -> str:
    """The unweighted counts behind the rows."""
    if n is None or not np.isfinite(n).any():
        return ""
    low, high = (number(float(end), 0, language) for end in (np.nanmin(n), np.nanmax(n)))
    if low == high:
        return f"Ongewogen aantal: n = {low}." if language == "nl" else f"Unweighted count: n = {low}."
    span = f"{low} {word('to', language)} {high}"
    return f"Ongewogen aantal per rij: n = {span}." if language == "nl" else f"Unweighted count per row: n = {span}."


def _weight(meta: Mapping[str, Any], language: str) -> str:
    """The weight used."""
    if "weight" not in meta:
        return ""
    if not meta["weight"]:
        return "Niet gewogen." if language == "nl" else "Not weighted."
    name = str(meta["weight"])
    labels = {**(meta.get("spoken") or {}), **meta.get("labels", {})}

    def spoken_of(name: str) -> str:
        label = variable_label(name, labels, language)
        return name if label == name else lowered(label)

    # of joint results with several weights: each weight, and in brackets whose it is
    text = re.sub(r"(?:^|(?<=\), ))\w+(?= \()", lambda at: spoken_of(at[0]), name) if " (" in name else spoken_of(name)
    return f"Weging: {text}." if language == "nl" else f"Weight: {text}."


def _interval(meta: Mapping[str, Any], level: float, language: str, hidden: Withheld | None) -> str:
    """How the intervals were made."""
    nl = language == "nl"
    size = level_text(level, language)
    joint = ("gelijktijdig " if nl else "simultaneous ") if meta.get("simultaneous") else ""
    kind = "betrouwbaarheidsinterval" if nl else "confidence interval"
    text = f"BI: {joint}{size}%-{kind}" if nl else f"CI: {joint}{size}% {kind}"
    if joint and hidden:
        text += " van de getoonde rijen" if nl else " of the rows shown"
    method = "" if "contrast" in meta else _methods(meta, language)
    replicates = (meta.get("design") or {}).get("replicates")
    if (meta.get("vcov_facts") or {}).get("vcov", "design") != "design":
        factor = small_sample_text(meta, language)
        name = "kleine-steekproeffactor" if nl else "small-sample factor"
        how = ", ".join([covariance_text(meta, language), *([f"{name} {factor}"] if factor else [])])
    elif replicates:
        name = _REPLICATES.get(str(replicates["method"]), str(replicates["method"]))
        noun = "replicatiegewichten" if nl else "replicate weights"
        how = f"{replicates.get('n_replicates', '')} {noun} ({name})".strip()
    elif "n_psu" in (meta.get("design") or {}) or is_exported(meta):
        how = "linearisatie volgens het steekproefontwerp" if nl else "linearisation under the sampling design"
    else:
        how = ""
    imputed = ""
    if "imputations" in meta:
        values = "plausibele waarden" if nl else "plausible values"
        values = values if "plausible_values" in meta else ("imputaties" if nl else "imputations")
        rules = "regels van Rubin" if nl else "Rubin's rules"
        imputed = f"{meta['imputations']} {values} ({rules})"
    parts = [part for part in (method, how, imputed) if part]
    return f"{text}; {'; '.join(parts)}." if parts else f"{text}."


def _methods(meta: Mapping[str, Any], language: str) -> str:
    """The methods of the intervals, each once; one that others gave way to at 0 and 100 % is told as such."""
    made = list(meta.get("intervals") or [])
    asked = list(meta.get("methods") or made)
    names = list(dict.fromkeys(interval_text(a, language) for a, b in zip(asked, made, strict=True) if a == b))
    instead = list(dict.fromkeys(interval_text(b, language) for a, b in zip(asked, made, strict=True) if a != b))
    at = "bij 0 en 100%" if language == "nl" else "at 0 and 100%"
    names += [f"{at} {name}" for name in instead]
    return (" of " if language == "nl" else " or ").join(names)


def _none(language: str) -> str:
    """No interval at all."""
    return "Zonder betrouwbaarheidsinterval." if language == "nl" else "Without confidence interval."


def rounding(
    names: pd.DataFrame, low: np.ndarray, high: np.ndarray, decimals: Sequence[int], language: str
) -> dict[str, str]:
    """What rounding of the published figures leaves open of each row, with a decimal more than the row shows."""
    told = []
    for row, *ends, places in zip(names.to_numpy(), low, high, decimals, strict=True):
        span = f" {word('to', language)} ".join(number(float(end), places + 1, language) for end in ends)
        told.append(f"{lowered(', '.join(row))} {span}")
    head = "Door afronding kan gelden" if language == "nl" else "Rounding leaves open"
    return {"rounding": f"{head}: {'; '.join(told)}."}


def _left_out(meta: Mapping[str, Any], language: str, hidden: Withheld | None = None) -> str:
    """Rows left out for a missing value."""
    labels = meta.get("labels", {})
    counts: dict[str, list[str]] = {}
    for name, count in meta.get("left_out", {}).items():
        if count:
            label = _short_text(str(name).rpartition(": ")[2], labels, language)
            counts.setdefault(label, []).append(_count(count, language, hidden))
    parts = [f"{label} ({_joined(told, language)})" for label, told in counts.items()]
    if not parts:
        return ""
    head = "Weggelaten wegens ontbrekende waarden" if language == "nl" else "Left out for missing values"
    return f"{head}: {'; '.join(parts)}."


def _short_text(name: str, labels: Mapping[str, Any], language: str) -> str:
    """A variable by its short label; the sides of a comparison, which stand with `` / ``, as conditions."""
    sides = [condition_text(side, labels, language) for side in name.split(" / ")]
    if name in labels or sides == name.split(" / "):
        return row_head(name, labels, language)
    return capital(" / ".join(sides))


def _joined(counts: Sequence[str], language: str) -> str:
    """Counts of one variable, each once: those of several results differ."""
    return f" {word('and', language)} ".join(dict.fromkeys(counts))


def variable_names(frame: pd.DataFrame, meta: Mapping[str, Any]) -> list[str]:
    """Every column that a call speaks of."""
    names = [str(name) for name in frame["variable"].dropna().unique()] if "variable" in frame else []
    names += [str(meta["response"])] if meta.get("response") else []
    calls = [meta.get("call", {}), *(meta.get("call", {}).get("results") or {}).values()]
    for call in calls:
        for role in ("variables", "variable", "numerator", "denominator", "row", "column", "group", "by"):
            value = (call or {}).get(role)
            names += [value] if isinstance(value, str) else [str(v) for v in value or []]
    return list(dict.fromkeys(names))


def _reference_period(frame: pd.DataFrame, meta: Mapping[str, Any], language: str) -> str:
    """The period that the questions speak of."""
    periods = reference_periods(meta)
    head = "Referentieperiode" if language == "nl" else "Reference period"
    if isinstance(periods, str):
        return f"{head}: {periods}."
    if not isinstance(periods, Mapping):
        return ""
    labels = meta.get("labels", {})
    found = {}
    for name in variable_names(frame, meta):
        behind = [name] if name in periods else _asked_for(name, meta)
        if behind and all(one in periods for one in behind):
            found[name] = ", ".join(dict.fromkeys(spoken(periods[one], language) for one in behind))
    texts = list(dict.fromkeys(found.values()))
    if len(texts) == 1:
        return f"{head}: {texts[0]}."
    parts = [f"{without_period(variable_label(name, labels, language), text)}: {text}" for name, text in found.items()]
    return f"{head}: {'; '.join(parts)}." if parts else ""


def _asked_for(name: str, meta: Mapping[str, Any]) -> Sequence[str]:
    """The columns that an outcome was made from; none of groups, which were not asked for their own sake."""
    calls = [meta.get("call", {}), *(meta.get("call", {}).get("results") or {}).values()]
    groups = [(call or {}).get(role) for call in calls for role in ("group", "by")]
    is_group = any(name == one or (isinstance(one, list | tuple) and name in one) for one in groups)
    made_from: Sequence[str] = (meta.get("derived_from") or {}).get(name, ())
    return made_from if name.isidentifier() and not is_group else ()


def _proxies(frame: pd.DataFrame, meta: Mapping[str, Any], source: Mapping[str, Any], language: str) -> str:
    """Variables that stand in for something that was not asked, and those whose codes nobody has checked."""
    nl, shown = language == "nl", variable_names(frame, meta)
    labels = {name: variable_label(name, meta.get("labels", {}), language) for name in [*shown, *_behind(meta)]}
    proxies = ", ".join(labels[name] for name in shown if name in (source.get("proxies") or []))
    assumed = ", ".join(label for name, label in labels.items() if name in (source.get("assumed_codes") or []))
    heads = (
        "Maat bij benadering (niet zo gevraagd)" if nl else "Proxy (not asked as such)",
        "Codes niet nagegaan, opgevat als 1 (het minst) tot 5 (het meest)"
        if nl
        else "Codes not verified, taken to run from 1 (least) to 5 (most)",
    )
    return " ".join(f"{head}: {text}." for head, text in zip(heads, (proxies, assumed), strict=True) if text)


def _behind(meta: Mapping[str, Any]) -> list[str]:
    """Names in the texts of a call, such as regressors in a formula, and the columns that they were made from."""
    calls = [meta.get("call", {}), *(meta.get("call", {}).get("results") or {}).values()]
    texts = [str(value) for call in calls for value in (call or {}).values()] + [str(meta.get("formula", ""))]
    named = list(dict.fromkeys(_NAME.findall(" ".join(texts))))
    made_from = meta.get("derived_from") or {}
    return [*named, *(one for name in named for one in made_from.get(name, ()))]


def breaks_of(frame: pd.DataFrame, meta: Mapping[str, Any], source: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The series breaks that concern the variables and the times shown."""
    times = times_shown(frame, meta, source)
    made_from = meta.get("derived_from") or {}
    names = [one for name in variable_names(frame, meta) for one in (name, *made_from.get(name, ()))]
    found = []
    for item in source.get("breaks") or []:
        series = item.get("series") or []
        if (not series or set(series) & set(names)) and straddled(item.get("time"), times):
            found.append(item)
    return found


def break_times(frame: pd.DataFrame, meta: Mapping[str, Any], language: str) -> tuple[tuple[float, str], ...]:
    """Time and words of each series break whose time is a number."""
    found = breaks_of(frame, meta, meta.get("source") or {})
    told = [(time_number(item["time"]), spoken(item.get("what"), language)) for item in found]
    return tuple((time, what) for time, what in told if time is not None)


def _breaks(frame: pd.DataFrame, meta: Mapping[str, Any], source: Mapping[str, Any], language: str) -> str:
    """Breaks, in words."""
    parts = []
    for item in breaks_of(frame, meta, source):
        what = spoken(item.get("what"), language)
        of = f" ({item['survey']})" if "survey" in item else ""
        parts.append(f"{word('break', language)} {plain(item.get('time'))}{of}" + (f": {what}" if what else ""))
    return f"{capital('; '.join(parts))}." if parts else ""


def _source(source: Mapping[str, Any], names: Sequence[str], language: str) -> str:
    """Where the data come from, with the credit that the owner asks."""
    title = spoken(source.get("title"), language) or str(source.get("instrument") or source.get("file") or "")
    parts = [title, _edition(source, names, language), str(source.get("country") or "").upper()]
    years = [plain(year) for year in source.get("years") or []]
    if years and not re.search(r"\d{4}", parts[1]):
        parts.append(years[0] if len(years) == 1 else f"{years[0]}-{years[-1]}")
    text = ", ".join(part for part in parts if part)
    credit = _owner(spoken(source.get("credit"), language), title)
    head = "Bron" if language == "nl" else "Source"
    if not text and not credit:
        return "Bron: niet opgegeven." if language == "nl" else "Source: not stated."
    return f"{head}: {'; '.join(part for part in (text, credit) if part)}."


def _owner(credit: str, title: str) -> str:
    """The credit without the name of the survey, where the line begins with that name already."""
    owner, comma, named = credit.rpartition(", ")
    return owner if comma and title.startswith(named) else credit


def _edition(source: Mapping[str, Any], names: Sequence[str], language: str) -> str:
    """The edition, with what its files lack; of the halves of a split sample only where an item of a half is shown."""
    edition = spoken(source.get("edition"), language)
    if set(names) & set(source.get("halves") or ()):
        return edition
    for lack, text in ((source.get("design") or {}).get("lacks") or {}).items():
        if "half" in lack:
            edition = edition.replace(f"; {spoken(text, language)}", "")
    return edition


def flag_rows(flags: tuple[tuple[str, ...], ...]) -> list[str]:
    """The flags that occur, each once, in order of appearance."""
    return list(dict.fromkeys(flag for words in flags for flag in words if not is_missing(flag)))
