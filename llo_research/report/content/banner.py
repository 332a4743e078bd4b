"""A table book as content: breakdowns and levels in words, a title that names them, and who is in no column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.content.captions import joined
from llo_research.report.content.conditions import variable_text
from llo_research.report.content.content import Content
from llo_research.report.content.labels import (
    capital,
    lowered,
    spoken,
    value_label,
    variable_label,
    without_period,
    word,
)
from llo_research.report.content.numbers import number
from llo_research.report.content.surveys import reference_periods
from llo_research.results.floors import Withheld

_BESIDE = ("of", "minus", "difference", "difference_low", "difference_high", "p_value", "p_adjusted", "effect")
_NAMED = 3  # indicators that a title names
_SEVERAL = {"nl": "{k} indicatoren", "en": "{k} indicators"}
_PERIOD = {"nl": "Referentieperiode", "en": "Reference period"}
_ABSENT = {"nl": "Zonder waarnemingen", "en": "Without observations"}
_UNANSWERED = {"nl": "Zonder antwoord (weggelaten)", "en": "Without an answer (left out)"}
_UNPLACED = {
    "nl": "Uitsplitsing onbekend (in het totaal en in andere uitsplitsingen wel meegeteld)",
    "en": "Breakdown unknown (counted in the total and in other breakdowns)",
}


def banner_rows(frame: pd.DataFrame, labels: Mapping[str, Any], language: str) -> pd.DataFrame:
    """The rows with breakdowns and levels in words, without the differences, which arrows tell."""
    pairs = list(zip(frame["group"], frame["level"], strict=True))
    out = frame.drop(columns=[name for name in _BESIDE if name in frame]).assign(
        group=[variable_text(str(group), labels, language) for group, _ in pairs],
        level=[level_text(str(group), level, labels, language) for group, level in pairs],
    )
    if "answer" not in frame:
        return out
    answers = zip(frame["variable"], frame["answer"], strict=True)
    return out.assign(answer=[level_text(str(name), answer, labels, language) for name, answer in answers])


def level_text(name: str, level: Any, labels: Mapping[str, Any], language: str) -> str:
    """A level in words; that of a condition is yes or no."""
    text = value_label(name, level, labels, language)
    truth = isinstance(level, bool | np.bool_) and text == str(bool(level))
    return word("yes" if level else "no", language) if truth else text


def with_breakdowns(content: Content) -> Content:
    """The content under the title of a table book: its breakdowns by their names; a period beside its indicator."""
    asked = _asked(content)
    return replace(content, what=_title(content), notes={**content.notes, **asked})


def _asked(content: Content) -> dict[str, str]:
    """The period that a question looks back on, named where it is not that of all indicators."""
    names, labels, language = content.meta["call"]["variables"], content.meta.get("labels", {}), content.language
    periods = reference_periods(content.meta)
    known = {
        name: spoken(periods[name], language) for name in names if isinstance(periods, Mapping) and name in periods
    }
    if not known or (len(known) == len(names) and len(set(known.values())) == 1):
        return {}
    told = [f"{without_period(variable_label(name, labels, language), text)}: {text}" for name, text in known.items()]
    return {"reference_period": f"{_PERIOD[language]}: {'; '.join(told)}."}


def _title(content: Content) -> str:
    """What is shown, by which breakdowns."""
    call, labels, language = content.meta["call"], content.meta.get("labels", {}), content.language
    variables = [variable_text(name, labels, language) for name in call["variables"]]
    several = _SEVERAL[language].format(k=len(variables))
    told = ", ".join(variables) if len(variables) <= _NAMED else several
    by = [lowered(variable_text(name, labels, language)) for name in call["by"]]
    return capital(f"{told} {word('by', language)} {joined(by, language)}")


def nowhere(content: Content, unanswered: Mapping[str, Any], hidden: Withheld | None) -> list[str]:
    """Who is in no column, and levels in which nobody is.

    unanswered : rows without an answer, by indicator.
    """
    meta, labels, language = content.meta, content.meta.get("labels", {}), content.language
    by = {name.rpartition(": ")[2]: count for name, count in meta.get("left_out", {}).items()}
    unplaced = {name: by[name] for name in meta["call"]["by"] if by.get(name)}
    lines = []
    for head, counts in ((_UNANSWERED, unanswered), (_UNPLACED, unplaced)):
        told = [
            f"{variable_text(name, labels, language)} "
            f"({hidden.count(count) if hidden is not None else number(float(count), 0, language)})"
            for name, count in counts.items()
            if count
        ]
        lines += [f"{head[language]}: {'; '.join(told)}."] if told else []
    absent = [
        f"{variable_label(group, labels, language)}: {', '.join(level_text(group, v, labels, language) for v in some)}"
        for group, some in meta.get("absent_levels", {}).items()
    ]
    return [*lines, *([f"{_ABSENT[language]}: {'; '.join(absent)}."] if absent else [])]
