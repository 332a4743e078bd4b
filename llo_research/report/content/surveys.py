"""What a number of a stack of surveys is an answer to: the period and the definition of each survey behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.definitions import DEFINITIONS, OF_SURVEYS
from llo_research.report.content.labels import lowered, said, spoken, variable_label

_WORDS: dict[str, tuple[str, str]] = {
    "measured": ("Definitie per onderzoek", "Definition in each survey"),
    "groups": ("Per onderzoek anders ingedeeld", "Classed otherwise in each survey"),
}


def reference_periods(meta: Mapping[str, Any]) -> Any:
    """The reference periods of a source; of a stack those of the surveys whose answers were used."""
    source = meta.get("source") or {}
    shared, surveys = source.get("reference_period"), source.get("surveys")
    if not surveys or OF_SURVEYS not in meta or isinstance(shared, str):
        return shared
    out = dict(shared or {})
    for name, who in meta[OF_SURVEYS].items():
        own = {survey: _period(surveys.get(survey) or {}, name) for survey in who}
        told = {survey: text for survey, text in own.items() if text}
        if told:
            out[name] = {language: _joined(told, language) for language in ("nl", "en")}
    return out


def _period(source: Mapping[str, Any], name: str) -> Any:
    """The reference period of a variable in one survey."""
    periods = source.get("reference_period")
    return periods.get(name) if isinstance(periods, Mapping) else periods


def _joined(told: Mapping[str, Any], language: str) -> str:
    """One text, or each survey's own."""
    texts = {survey: spoken(text, language) for survey, text in told.items()}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return "; ".join(f"{survey}: {text}" for survey, text in texts.items())


def definitions_note(meta: Mapping[str, Any], language: str) -> str:
    """What each survey asks where these differ, in the words of its codebook; and what they class otherwise."""
    out, classed = [], []
    for name, entry in (meta.get(DEFINITIONS) or {}).items():
        own = {s: told["definition"] for s, told in entry["surveys"].items() if "definition" in told}
        if entry.get("groups"):
            label = lowered(variable_label(name, meta.get("labels") or {}, language))
            classed.append(f"{label} ({', '.join(entry['surveys'])})")
        elif len({str(text) for text in own.values()}) > 1:
            texts = "; ".join(f"{survey}: {spoken(text, language).rstrip('.')}" for survey, text in own.items())
            out.append(f"{said(_WORDS, 'measured', language)}: {name} ({texts}).")
    out += [f"{said(_WORDS, 'groups', language)}: {'; '.join(classed)}."] if classed else []
    return " ".join(out)
