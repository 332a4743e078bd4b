"""Data that stay where they are: what an estimator asks of a scan, which it does not know otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


@runtime_checkable
class Lazy(Protocol):
    """What can be collapsed to a Survey, in the engine that holds the rows."""

    def collapse(
        self, columns: Sequence[str], numbers: Sequence[str] = (), together: Sequence[tuple[str, str]] = ()
    ) -> Survey:
        """A Survey with a row for each stratum, sampling unit and pattern of these columns."""

    def for_call(self, linear: Sequence[str], columns: Sequence[str] = ()) -> Survey:
        """The same for a call: `linear` may be kept as sums where they have too many values for patterns."""

    def by_passes(self, name: str, call: Mapping[str, Any]) -> Any:
        """The result of an estimator that needs passes over the rows."""

    def then(self, columns: Sequence[str], take: Callable[[Survey], Survey], what: str) -> Any:
        """The same data, with a weighting step that each collapsed survey takes."""


def is_lazy(svy: object) -> bool:
    """Whether the data of a call are a scan."""
    from llo_research.survey.survey import Survey

    return not isinstance(svy, Survey) and isinstance(svy, Lazy)


def survey_for(svy: Any, linear: Sequence[str], columns: Sequence[str | None] = ()) -> Any:
    """The survey of a call: a Survey as it is; of a scan what these columns need. What is neither is handed back.

    linear : columns (or conditions) in which the estimator is linear.
    columns : columns that make groups; None is left out.
    """
    if not is_lazy(svy):
        return svy
    return svy.for_call(list(linear), [name for name in columns if name is not None])
