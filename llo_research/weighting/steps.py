"""What weighting steps share: checks of the survey, and the simplest answers to the questions of the recipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from llo_research.design.recipe import KeepsFields, Regression, WeightingStep
from llo_research.errors import CalibrationError, DataError, DesignError
from llo_research.numerics.groups import Floats
from llo_research.survey.collapsed import check_admitted
from llo_research.survey.lazy import refuse_lazy

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


@runtime_checkable
class KeptStep(WeightingStep, Protocol):
    """A weighting step that keeps the weights before and after it."""

    before: Floats
    after: Floats


class GivenFactors(KeepsFields):
    """A step of which the factors are taken as given: influence values pass through, nothing is added."""

    @property
    def regression(self) -> Regression | None:
        """There is none."""
        return None


def check_is_survey(svy: Survey, where: str) -> None:
    """The data are a Survey, not a frame."""
    from llo_research.survey.survey import Survey as Known

    refuse_lazy(svy, where)
    if not isinstance(svy, Known):
        raise DataError(
            "The first argument is a Survey.",
            where=where,
            found=f"a {type(svy).__name__}",
            todo="make one with llo.Survey(frame, weights=..., strata=...)",
        )
    check_admitted(svy)


def check_whole_survey(svy: Survey, where: str) -> None:
    """Weights belong to a whole survey, not to a domain of it that leaves out people with a weight."""
    check_is_survey(svy, where)
    if svy._domain is not None and (svy._weights[~svy._domain] != 0).any():
        raise DesignError(
            "A domain cannot be weighted by itself; weights belong to the whole survey.",
            where=where,
            todo="weight first, then restrict with where; totals of a part go with calibrate(..., by=...)",
        )
    if not (svy._weights != 0).any():
        raise DesignError("No row has a weight.", where=where)


@contextmanager
def in_group(level: Any) -> Iterator[None]:
    """Refusals of a group's totals name the group; there is one group without a name where `by` is not given."""
    try:
        yield
    except CalibrationError as error:
        if level is None:
            raise
        where = f"group {level!r}" + ("" if error.where is None else f": {error.where}")
        told = {"found": error.found, "expected": error.expected, "todo": error.todo}
        named = CalibrationError(error.what, where=where, **told)  # type: ignore[arg-type]  # as it was composed
        named.covariance = error.covariance
        raise named from None


def ratio(after: Floats, before: Floats) -> Floats:
    """New over old weight, 1 where both are zero."""
    return np.divide(after, before, out=np.ones_like(after), where=before != 0)


def nth_row(mask: np.ndarray) -> str:
    """For messages: the first row of a mask and how many there are."""
    return f"{int(mask.sum())} rows, first at row {int(mask.argmax())}"


def names_of_columns(what: Any, role: str) -> list[str]:
    """One column name or several."""
    names = [what] if isinstance(what, str) else list(what) if isinstance(what, list | tuple) else []
    if not names or not all(isinstance(name, str) for name in names):
        raise DataError(
            f"{role} is a column name or a list of names.",
            where=role,
            found=repr(what)[:80],
            expected="'education', or ['education', 'age_group']",
        )
    return names
