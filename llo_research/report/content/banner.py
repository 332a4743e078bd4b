"""A table book as content: breakdowns and levels in words, and a title that names its breakdowns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from llo_research.report.content.captions import joined
from llo_research.report.content.content import Content
from llo_research.report.content.labels import capital, lowered, value_label, variable_label, word

_BESIDE = ("of", "minus", "difference", "difference_low", "difference_high", "p_value", "p_adjusted", "effect")


def banner_rows(frame: pd.DataFrame, labels: Mapping[str, Any], language: str) -> pd.DataFrame:
    """The rows with breakdowns and levels in words, without the differences, which arrows tell."""
    pairs = list(zip(frame["group"], frame["level"], strict=True))
    return frame.drop(columns=[name for name in _BESIDE if name in frame]).assign(
        group=[variable_label(str(group), labels, language) for group, _ in pairs],
        level=[value_label(str(group), level, labels, language) for group, level in pairs],
    )


def with_breakdowns(content: Content) -> Content:
    """The content under the title of a table book: its breakdowns by their names."""
    return replace(content, what=_title(content))


def _title(content: Content) -> str:
    """What is shown, by which breakdowns."""
    call, labels, language = content.meta["call"], content.meta.get("labels", {}), content.language
    variables = [variable_label(name, labels, language) for name in call["variables"]]
    by = [lowered(variable_label(name, labels, language)) for name in call["by"]]
    return capital(f"{', '.join(variables)} {word('by', language)} {joined(by, language)}")
