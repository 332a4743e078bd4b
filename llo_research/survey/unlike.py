"""A call on a stack: whose answers its variables are, and whether these are answers to one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.definitions import DEFINITIONS, OF_SURVEYS, PERIOD, check_same, differing
from llo_research.survey.item_weights import A_SERIES
from llo_research.survey.variables import spelled

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

LABEL = "survey"
_HEAD = {"nl": "Onderzoek", "en": "Survey"}


def alike_or_told(svy: Survey, names: Sequence[str], groups: Sequence[str] = ()) -> Survey:
    """The survey of a call, with what its results say of the surveys behind it; any other survey as it is.

    names : what the call measures. groups : what it is grouped by, or explained with. The conditions of the domain
    count as groups.

    Raises
    ------
    DataError
        When surveys of a stack that has not been flagged ask a measured variable differently, or a group or regressor
        of another reference period, or of another question in another cycle of one instrument. Groups that are only
        classed otherwise (education by ISCED, or by degree) are told.
    """
    if "surveys" not in svy._source or LABEL not in svy._frame.columns:
        return svy
    found: dict[str, Any] = {}
    measured: dict[str, list[str]] = {}
    domain = _conditions(svy)
    for name in dict.fromkeys([*names, *groups, *domain]):
        who = [survey for survey in _whose(svy, name) if name not in domain or survey in domain[name]]
        for root in svy._sources_of(name):
            measured |= {root: who} if name in names else {}
            entry = differing(svy._source, root, who) if len(who) > 1 else None
            if entry is not None and name not in names and not _grave(svy, entry) and not _shared_levels(svy, root):
                continue
            if entry is not None and (root not in found or name in names):
                found[root] = entry if name in names else {**entry, "groups": True}
    grave = {name: entry for name, entry in found.items() if not entry.get("groups") or _grave(svy, entry)}
    check_same(grave, svy._source, f"{', '.join(map(str, names))}, a stack of {', '.join(svy._source['surveys'])}")
    for name in grave:
        found[name] = {key: value for key, value in found[name].items() if key != "groups"}
    told = {OF_SURVEYS: measured, **({DEFINITIONS: found} if found else {})}
    return svy._with(beside=told, labels=_with_periods(svy._labels, list(svy._source["surveys"]), grave))


def _grave(svy: Survey, entry: Mapping[str, Any]) -> bool:
    """Whether a group or regressor is another question, not another classing: an instrument knows its own cycles."""
    surveys = svy._source["surveys"]
    instruments = [(surveys.get(survey) or {}).get("instrument") for survey in entry["surveys"]]
    return bool(entry["kind"] == PERIOD or (instruments[0] and len(set(instruments)) == 1))


def _conditions(svy: Survey) -> dict[str, list[str]]:
    """The conditions of ``svy.where``, and the surveys for which each was made: all, or those it was made in before."""
    out: dict[str, list[str]] = {}
    for note in svy._notes:
        if isinstance(text := note.get("condition"), str) and text != A_SERIES:
            own = [note["survey"]] if "survey" in note else list(svy._source["surveys"])
            out[text] = list(dict.fromkeys([*out.get(text, []), *own]))
    return out


def _whose(svy: Survey, name: str) -> list[str]:
    """The surveys with an answer in the domain, in the order of the stack."""
    own = spelled(svy._frame, name)
    rows = svy.domain & (svy._weights != 0)
    if own in svy._frame.columns:
        rows = rows & svy._frame[own].notna().to_numpy()
    codes, levels = pd.factorize(svy._frame[LABEL])
    there = np.bincount(codes[rows & (codes >= 0)], minlength=len(levels)) > 0
    present = {str(level) for level, here in zip(levels, there, strict=True) if here}
    return [survey for survey in svy._source["surveys"] if survey in present]


def _shared_levels(svy: Survey, name: str) -> bool:
    """Whether some class of a group is found in two surveys: others stand beside no class of the same name."""
    if name not in svy._frame.columns:
        return True
    frame = svy._frame.loc[svy.domain & (svy._weights != 0), [name, LABEL]].drop_duplicates().dropna()
    return bool(frame[name].duplicated().any())


def _with_periods(
    labels: Mapping[str, Any], surveys: Sequence[str], found: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Labels with the reference period behind the name of each survey, where those of all measured variables agree."""
    periods = [
        {s: own["reference_period"] for s, own in entry["surveys"].items() if "reference_period" in own}
        for entry in found.values()
        if entry["kind"] == PERIOD
    ]
    if not periods or any(other != periods[0] for other in periods):
        return dict(labels)
    entry = dict(labels.get(LABEL) or _HEAD)
    values = dict(entry.get("values") or {})
    for survey in surveys:
        if survey in periods[0]:
            values[survey] = {
                language: f"{_spoken(values.get(survey, survey), language)} ({_spoken(periods[0][survey], language)})"
                for language in ("nl", "en")
            }
    return {**labels, LABEL: {**entry, "values": {s: values.get(s, {"nl": s, "en": s}) for s in surveys}}}


def _spoken(text: Any, language: str) -> str:
    return str(text.get(language, next(iter(text.values()), ""))) if isinstance(text, Mapping) else str(text)


def labels_beside(parts: Mapping[str, Mapping[str, Any]], source: Mapping[str, Any]) -> dict[str, Any]:
    """The labels of all surveys: the first one's, and where surveys ask something else each with its own words.

    parts : labels of each survey, under its name. source : that of the stack.
    """
    merged = {key: text for labels in reversed(list(parts.values())) for key, text in labels.items()}
    out = {}
    for name, first in merged.items():
        own = {survey: labels[name] for survey, labels in parts.items() if name in labels}
        entry = differing(source, name, list(own)) if len(own) > 1 else None
        periods = {} if entry is None else {s: told.get("reference_period", "") for s, told in entry["surveys"].items()}
        out[name] = first if entry is None else _both(first, own, periods)
    return out


def _both(first: Any, own: Mapping[str, Any], periods: Mapping[str, Any]) -> Any:
    """One label of several, each with its survey, for the variable and for its values, where they are not the same.

    A reference period that a label ends with is left out: it stands behind the name of the survey and in a note.
    """
    if not all(isinstance(label, Mapping) for label in own.values()):
        return first
    both = dict(first)
    for language in (language for language in ("nl", "en") if language in first):
        texts = {
            s: _spoken(text, language).removesuffix(f", {_spoken(periods[s], language)}") for s, text in own.items()
        }
        both[language] = _joined(texts, language)
    both.pop("short", None)
    values = {}
    for value in first.get("values") or {}:
        texts = {
            survey: label["values"][value] for survey, label in own.items() if value in (label.get("values") or {})
        }
        values[value] = {
            **(first["values"][value] if isinstance(first["values"][value], Mapping) else {}),
            **{language: _joined(texts, language) for language in ("nl", "en")},
        }
    others = {v: t for label in own.values() for v, t in (label.get("values") or {}).items() if v not in values}
    return {**both, "values": {**values, **others}} if values or others else both


def _joined(own: Mapping[str, Any], language: str) -> str:
    """Texts with their survey behind them; one where all are the same."""
    texts = {survey: _spoken(text, language) for survey, text in own.items()}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return " / ".join(f"{text} ({survey})" for survey, text in texts.items())
