"""The numbers behind a figure of the monitor: an indicator by survey, group and year, through the public estimators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError
from llo_research.monitor.groups import Group
from llo_research.monitor.indicators import Indicator
from llo_research.monitor.plans import Plan
from llo_research.monitor.surveys import PEOPLE
from llo_research.options import nearest
from llo_research.survey.condition import as_condition
from llo_research.survey.variables import spelled

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.results.result import Result
    from llo_research.survey import Survey

_YEARS = "year in "
NO_ANSWERS = "There are no answers to {!r} in these years."
MOST_LINES = 7  # of a figure over time; more are shown for the latest year only


@dataclass(frozen=True, eq=False)
class Estimated:
    """The result of a plan, and whether it was cut to the latest year of each survey."""

    plan: Plan
    result: Result
    latest: bool


def estimate(plan: Plan) -> Estimated:
    """The estimates of a plan: one call of ``llo.mean``."""
    from llo_research.estimation import mean

    asked = {name: _asked(plan, name, svy) for name, svy in plan.surveys.items()}
    parts = {name: svy for name, svy in asked.items() if svy is not None}
    without = tuple(name for name in asked if name not in parts)
    if not parts or _beyond(plan):
        raise _no_answers(plan)
    latest = plan.years is None and _lines(plan, parts) > MOST_LINES
    if latest:
        parts = {name: svy.where(_in([_years(plan.indicator, svy)[-1]])) for name, svy in parts.items()}
    svy = _together(plan, parts)
    by = [
        *(["survey"] if _by_survey(plan, parts) else []),
        *(group.column if isinstance(group, Group) else group for group in plan.by),
        *(["year"] if "year" in svy.frame else []),
    ]
    variables = list(columns_of(plan.indicator, svy))
    result = mean(variables if len(variables) > 1 else variables[0], svy, by=by or None, missing="available")
    labels = named_rows(result.rows, by)
    return Estimated(plan, replace(result, labels=labels, meta=_told(plan, result, without)), latest)


def named_rows(rows: pd.DataFrame, by: Sequence[str]) -> tuple[str, ...]:
    """The labels of rows; of a single one its survey, level and year too, so that one wave is called as several are."""
    from llo_research.results.columns import row_labels

    levels = [str(rows[name].iloc[0]) for name in by if name in rows]
    return (":".join(levels),) if len(rows) == 1 and levels else row_labels(rows, by)


def with_formulas(indicator: Indicator, svy: Survey) -> Survey:
    """The survey with a column for each condition of the indicator, and its weight."""
    made = {part: text for part, text in indicator.formulas.items() if text not in svy.frame}
    taken = [part for part in made if part in svy.frame]
    if taken:
        raise DataError(
            f"The survey has a column {taken[0]!r} of its own.",
            where=f"indicator {indicator.name!r}",
            todo="Give the indicator another name.",
        )
    columns = list(svy.frame.columns)
    svy = svy.assign(**made) if made else svy
    plain = [part for part in made if isinstance(svy.frame[part].iloc[0], str)]  # the same text in every row
    if plain:
        raise DataError(
            "The formula is no variable of the survey and no condition.",
            where=f"indicator {indicator.name!r}",
            found=f"{made[plain[0]]!r}{nearest(made[plain[0]], columns)}",
            expected="a column such as 'training', or a condition such as \"training == 1\"",
        )
    svy = svy if indicator.weight is None else svy.use_weights(indicator.weight)
    return svy if indicator.universe is None else svy.where(indicator.universe)


def columns_of(indicator: Indicator, svy: Survey) -> tuple[str, ...]:
    """The columns that hold the indicator: the variable itself, or the name of each condition."""
    return tuple(part if part in svy.frame else text for part, text in indicator.formulas.items())


def _asked(plan: Plan, name: str, svy: Survey) -> Survey | None:
    """A survey with the indicator, in the years asked for that have answers; None where there are no such years."""
    svy = with_formulas(plan.indicator, svy)
    if "year" not in svy.frame:
        return svy
    first, last = plan.spans.get(name, (0, 9999))
    there = _years(plan.indicator, svy)
    kept = [year for year in there if (first <= year <= last if plan.years is None else year in plan.years)]
    if not kept:
        return None
    everything = svy.frame.loc[svy.domain, "year"].unique()
    return svy if set(kept) == set(everything) else svy.where(_in(kept))


def _beyond(plan: Plan) -> list[int]:
    """Years named one by one that lie before or after all data of each survey: a slip, which nobody would see.

    A range says from when to when, and may be wider than the data.
    """
    if isinstance(plan.asked, range):
        return []
    spans = [svy.frame.loc[svy.domain, "year"] for svy in plan.surveys.values() if "year" in svy.frame]
    return [year for year in plan.years or () if spans and not any(s.min() <= year <= s.max() for s in spans)]


def _no_answers(plan: Plan) -> DataError:
    """The error that says which years each survey has."""
    there = {name: _years(plan.indicator, with_formulas(plan.indicator, svy)) for name, svy in plan.surveys.items()}
    return DataError(
        NO_ANSWERS.format(plan.indicator.name),
        where="the years of the edition" if plan.years is None else "years=",
        found="" if plan.years is None else ", ".join(map(str, _beyond(plan) or plan.years)),
        expected="; ".join(f"{name}: {', '.join(map(str, years)) or 'none'}" for name, years in there.items()),
    )


def _in(years: Sequence[int]) -> str:
    """The condition of some years."""
    return f"{_YEARS}[{', '.join(map(str, years))}]"


def _years(indicator: Indicator, svy: Survey) -> list[int]:
    """The years of the survey, in its domain, in which every question of the indicator has answers.

    "Needs training and is not satisfied" is false of whoever is satisfied, also in a year that did not ask for the
    need: its share would be nought.
    """
    frame = svy.frame[svy.domain]
    parts = zip(columns_of(indicator, svy), indicator.formulas.values(), strict=True)
    asked = [_asked_in(frame, [column, *_questions(text, svy)]) for column, text in parts]
    return sorted(set().union(*asked))


def _asked_in(frame: pd.DataFrame, names: Sequence[str]) -> set[int]:
    """The years in which each of these columns has answers."""
    return set.intersection(
        *({int(year) for year in frame.loc[frame[name].notna(), "year"].unique()} for name in names)
    )


def _questions(text: str, svy: Survey) -> list[str]:
    """The columns of a condition; none where it says itself what is missing, as ``isna(training)``."""
    condition = None if text in svy.frame or "isna(" in text or "notna(" in text else as_condition(text, svy.frame)
    return [] if condition is None else [name for name in condition.names() if name in svy.frame]


def _lines(plan: Plan, parts: Mapping[str, Survey]) -> int:
    """How many lines a figure over time would have; 0 where there is one year only."""
    one = next(iter(parts.values()))
    if "year" not in one.frame or all(len(_years(plan.indicator, svy)) < 2 for svy in parts.values()):
        return 0
    count = (len(parts) + len(plan.absent)) * len(plan.indicator.formulas)
    sizes = (
        [_levels(one, column) for column in columns_of(plan.indicator, one)]
        if len(plan.indicator.formulas) == 1
        else []
    )
    sizes += [len(g.words) if isinstance(g, Group) else max(1, _levels(one, g)) for g in plan.by]
    for size in sizes:
        count *= max(1, size)
    return count


def _levels(svy: Survey, column: str) -> int:
    """The levels of a categorical column, 1 of any other."""
    return len(getattr(svy.frame[column].dtype, "categories", [0])) if column in svy.frame else 1


def _together(plan: Plan, parts: Mapping[str, Survey]) -> Survey:
    """One survey, or the stack of several, with the groups and the domain asked for."""
    import pandas as pd

    from llo_research.survey.stacking import stack

    svy = (
        stack({name: _few_columns(plan, part) for name, part in parts.items()})
        if len(parts) > 1
        else next(iter(parts.values()))
    )
    if len(parts) == 1 and _by_survey(plan, parts):
        svy = svy.assign(survey=lambda frame: pd.Categorical([*parts] * len(frame)))
    for group in plan.by:
        svy = group.applied(svy) if isinstance(group, Group) else svy
    return svy if plan.where is None else svy.where(plan.where)


def _by_survey(plan: Plan, parts: Mapping[str, Survey]) -> bool:
    """Whether rows are named by their survey: of several, also of one whose other has no files here.

    The same call then gives the same labels, whichever files there are.
    """
    return len(parts) + len(plan.absent) > 1


def _few_columns(plan: Plan, svy: Survey) -> Survey:
    """The survey with the columns that the plan speaks of alone: stacking all of them takes longer than estimating."""
    conditions = [plan.where, *plan.indicator.formulas.values()]
    conditions += [text for group in plan.by if isinstance(group, Group) for text in group.conditions.values()]
    read = [as_condition(text, svy.frame) for text in conditions if text and text not in svy.frame]
    names = [name for condition in read if condition is not None for name in condition.names()]
    names += [*columns_of(plan.indicator, svy), "year", "survey"]
    names += [group.column if isinstance(group, Group) else group for group in plan.by]
    kept = {*svy._design_columns(), *(source for name in names for source in svy._sources_of(spelled(svy.frame, name)))}
    return svy._with(frame=svy._frame[[name for name in svy._frame.columns if name in kept]])


def _told(plan: Plan, result: Result, without: tuple[str, ...]) -> dict[str, Any]:
    """What the result says of itself: the words of the monitor, and the breaks that its own rows straddle, each with
    whether the producer judged the answers to this question to have moved.

    The years are named by each row, so that the condition that chose them is not said again.
    """
    meta = dict(result.meta)
    source = dict(meta.get("source") or {})
    source["breaks"] = [
        {**item, "judged": plan.indicator.breaks.get(item["time"], "not read")}
        for item in source.get("breaks") or []
        if _straddled(item, result.rows)
    ]
    if "surveys" in source:
        source["population"] = _populations(source["surveys"])
    if "year" in result.rows:  # what is made of these rows, as a contrast, speaks of their years
        source["years"] = sorted(int(year) for year in result.rows["year"].unique())
    meta["domain"] = [note for note in meta.get("domain", []) if not str(note.get("condition")).startswith(_YEARS)]
    return {**meta, "source": source, "labels": _labels(plan, result), "without": without, "absent": plan.absent}


def _populations(sources: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Who each survey of a figure speaks of, under its name as pages write it: NEA, ZEA."""
    told = {name: source["population"] for name, source in sources.items() if source.get("population")}
    return {
        language: "; ".join(f"{name.upper()}: {words[language]}" for name, words in told.items())
        for language in ("nl", "en")
    }


def _straddled(item: Mapping[str, Any], rows: pd.DataFrame) -> bool:
    """Whether the rows of the survey of a break lie on both sides of it."""
    if "year" not in rows:
        return True
    of = rows if "survey" not in rows or "survey" not in item else rows[rows["survey"] == item.get("survey")]
    return bool((of["year"] < item["time"]).any() and (of["year"] >= item["time"]).any())


def _labels(plan: Plan, result: Result) -> dict[str, Any]:
    """The labels of the result, with the words of the monitor for its indicator, groups and surveys."""
    labels: dict[str, Any] = dict(result.meta.get("labels", {}))
    for part, formula in plan.indicator.formulas.items():
        column = formula if formula in labels or part not in result.meta["call"]["variables"] else part
        known = labels.get(column)
        label = plan.indicator.labels[part] if len(plan.indicator.formulas) > 1 else plan.indicator.label
        labels[column] = {**(known if isinstance(known, Mapping) else {}), **label}
    for group in plan.by:
        if isinstance(group, Group):
            labels[group.column] = group.labels
    labels["survey"] = {"nl": "Onderzoek", "en": "Survey", "values": PEOPLE}
    return labels
