"""Listens to llo.report: which results stand behind each table, figure and sentence, and of which survey they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from llo_research import report
from llo_research.estimation.placing import derived
from llo_research.results.receipts.imputed import by_files
from llo_research.results.receipts.told import told_of
from llo_research.results.result import Result
from llo_research.results.retold import RetoldAround
from llo_research.survey.survey import Survey

# what shows numbers: tables and figures, and sentences that say them
SHOWING = ("figure", "table", "sentences", "sentence")


@dataclass(frozen=True, eq=False)
class Shown:
    """What one call of llo.report shows.

    cell : identifier of the cell. kind : the function. value : what it gave, None where it stopped. results : what it
    was given of results, by a number. other : kinds of what else it was given (published figures, tables of counts).
    whole : whether it was what the cell shows, not a text inside something else.
    """

    cell: str
    kind: str
    value: Any
    results: Mapping[str, Result]
    other: tuple[str, ...] = ()
    whole: bool = False


@dataclass
class Heard:
    """What was listened to: what was shown, and the survey behind each result."""

    shown: list[Shown] = field(default_factory=list)
    surveys: dict[int, Survey] = field(default_factory=dict)

    def survey_of(self, result: Result) -> Survey | None:
        """The survey of which a result was computed: of its design, with the columns that it names.

        Conditions are columns within their call only. Of several such surveys the one whose columns were made as the
        result says, then the one with most columns.
        """
        inner = result if result.design is not None or not result.draws else result.draws[0]
        named, made = set(told_of(inner).columns), inner.meta.get("derived_from") or {}
        of_design = (svy for svy in self.surveys.values() if svy._design is inner.design)
        found = [svy for svy in of_design if named - set(made) <= set(svy._frame)]

        def fits(svy: Survey) -> tuple[int, int]:
            own = derived(svy, [name for name in made if name in svy._frame])
            return sum(own.get(name) == sources for name, sources in made.items()), svy._frame.shape[1]

        return max(found, key=fits, default=None)

    def surveys_of(self, result: Result) -> tuple[Survey | None, ...]:
        """That survey; where each imputation is a survey of its own, all of them in their order."""
        if told_of(result).draws and by_files(told_of(result)):
            return tuple(self.survey_of(draw) for draw in result.draws)
        return (self.survey_of(result),)


def listen(heard: Heard, at: Callable[[], str]) -> Callable[[], None]:
    """Note every call of llo.report, and every survey that tells a result of itself; what is given back ends it.

    at : says in which cell it happens.
    """
    before = {name: getattr(report, name) for name in SHOWING}
    tell = Survey._meta

    def meta(svy: Survey) -> dict[str, Any]:
        told = tell(svy)
        heard.surveys.setdefault(id(svy), svy)
        return told

    def noted(name: str, show: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            results, other = _results((*args, *kwargs.values()))
            place = len(heard.shown)
            heard.shown.append(Shown(at(), name, None, results, other))  # what may not be seen was shown as well
            heard.shown[place] = replace(heard.shown[place], value=show(*args, **kwargs))
            return heard.shown[place].value

        return called

    def stop() -> None:
        Survey._meta = tell  # type: ignore[method-assign]  # as it was
        for name, show in before.items():
            setattr(report, name, show)

    for name, show in before.items():
        setattr(report, name, noted(name, show))
    Survey._meta = meta  # type: ignore[method-assign, assignment]  # until stopped
    return stop


def _results(given: Sequence[Any]) -> tuple[dict[str, Result], tuple[str, ...]]:
    """Results in arguments, alone, in lists, or behind ranks and the like; and kinds of the rest."""
    found: dict[str, Result] = {}
    other: list[str] = []
    for one in given:
        for result in _within(one):
            if isinstance(result, Result):
                found.setdefault(f"{len(found) + 1}", result)
            elif not isinstance(result, str | int | float | bool | type(None)):
                other.append(type(result).__name__)
    return found, tuple(dict.fromkeys(other))


def _within(one: Any) -> Iterator[Any]:
    """What stands inside of an argument."""
    if isinstance(one, Result | pd.DataFrame):
        yield one
    elif isinstance(one, Mapping):
        for item in one.values():
            yield from _within(item)
    elif isinstance(one, list | tuple):
        for item in one:
            yield from _within(item)
    elif isinstance(one, RetoldAround):
        result = one._made_of().result
        yield one if result is None else result
    elif hasattr(one, "models"):
        yield from one.models
    else:
        yield one
