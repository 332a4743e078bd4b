"""The survey of a call: a Survey as it is, and of data that are somewhere else what the call speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llo_research.errors import DataError
from llo_research.options import names_of
from llo_research.survey.collapsed import admitted
from llo_research.survey.sums import Lazy


def is_lazy(svy: object) -> bool:
    """Whether the data of a call are somewhere else, as those of a scan."""
    return not hasattr(type(svy), "frame") and isinstance(svy, Lazy)


def refuse_lazy(svy: object, where: str) -> None:
    """Refuse a scan where the rows themselves are needed."""
    if is_lazy(svy):
        raise DataError(
            "A scan is not taken here.",
            where=where,
            found=repr(svy)[:120],
            expected="a Survey",
            todo="svy = scan.collapse([...]) gives a Survey of some columns; a part of the rows that fits in memory is "
            "read with llo.read_file, or made with llo.Survey(frame, ...)",
        )


def survey_for(svy: Any, linear: Sequence[str], columns: Sequence[str] = ()) -> Any:
    """The survey of a call that is known to give of collapsed rows what it gives of all, with what the call needs.

    linear : columns (or conditions) of which sums may be kept, as of :func:`admitted`.
    columns : columns that make groups.
    """
    return admitted(svy.for_call(list(linear), list(columns)) if is_lazy(svy) else svy, linear=linear)


def survey_of_formula(svy: Any, formula: str, columns: Sequence[str] = (), linear: bool = False) -> Any:
    """The survey of a model; `columns` are those of the call beside the formula.

    linear : whether of the response sums may be kept.
    """
    return svy.for_formula(formula, list(columns), linear) if is_lazy(svy) else svy


def cells_of(by: str | Sequence[str] | None) -> list[str]:
    """The columns of `by`."""
    return [] if by is None else names_of(by, "by")
