"""The survey of a call: a Survey as it is, and of data that are somewhere else what the call speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llo_research.survey.sums import Lazy


def is_lazy(svy: object) -> bool:
    """Whether the data of a call are somewhere else, as those of a scan."""
    return not hasattr(type(svy), "frame") and isinstance(svy, Lazy)


def survey_for(svy: Any, linear: Sequence[str], columns: Sequence[str] = ()) -> Any:
    """The survey of a call; what is neither a Survey nor a scan is handed back.

    linear : columns (or conditions) in which the estimator is linear.
    columns : columns that make groups.
    """
    return svy.for_call(list(linear), list(columns)) if is_lazy(svy) else svy


def survey_of_formula(svy: Any, formula: str, columns: Sequence[str] = ()) -> Any:
    """The survey of a model; `columns` are those of the call beside the formula."""
    return svy.for_formula(formula, list(columns)) if is_lazy(svy) else svy
