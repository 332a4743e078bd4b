"""What is asked of a figure: its indicator, surveys, groups, domain and years, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llo_research.errors import DataError
from llo_research.monitor.absent import Absent, absent_of, no_files
from llo_research.monitor.editions import edition_of
from llo_research.monitor.entries import Edition, Entry, Years
from llo_research.monitor.groups import Group, groups
from llo_research.monitor.indicators import Indicator, indicator_of, indicators
from llo_research.monitor.surveys import PEOPLE, check_unmixed, load_of
from llo_research.options import nearest

if TYPE_CHECKING:
    from llo_research.survey import Survey


@dataclass(frozen=True, eq=False)
class Plan:
    """What is asked: the indicator, its surveys, by which groups, where, in which years, and of which figure.

    years : those asked for; None for the edition's, `spans`.
    asked : the years as they were asked for.
    absent : surveys of the figure that were handed on, of which there are no files, and that had a wave in these years.
    """

    indicator: Indicator
    surveys: Mapping[str, Survey]
    by: tuple[Group | str, ...]
    where: str | None
    years: tuple[int, ...] | None
    spans: Years
    entry: Entry | None
    absent: tuple[str, ...] = ()
    asked: object = None

    @property
    def is_as_published(self) -> bool:
        """Whether it is the figure itself: its own surveys and breakdown, everybody, all years."""
        by = tuple(group.name if isinstance(group, Group) else group for group in self.by)
        whole = self.entry is not None and (tuple(self.surveys), by) == (self.entry.surveys, self.entry.by)
        return whole and self.where is None and self.years is None


def plan_of(
    what: str | Indicator,
    edition: str,
    surveys: Mapping[str, Survey] | None,
    by: str | Sequence[str] | None,
    where: str | None,
    years: int | Iterable[int] | None,
) -> Plan:
    """What is asked, checked.

    Raises
    ------
    DataError
        A figure or indicator that does not exist or cannot be rebuilt, surveys that it is not made of, real surveys
        beside synthetic ones.
    """
    from llo_research.data.asked import years_asked

    chosen = edition_of(edition)
    entry = None if isinstance(what, Indicator) else chosen.figures.get(str(what))
    indicator = what if isinstance(what, Indicator) else _indicator(chosen, entry, str(what))
    names = entry.surveys if entry else indicator.instruments
    kept, used = years_asked(years), _surveys(chosen, names, surveys)
    check_unmixed(used)
    spans = entry.years if entry else chosen.years
    return Plan(
        indicator,
        used,
        tuple(_group(name) for name in _names(by, entry)),
        where,
        None if kept is None else tuple(kept),
        spans,
        entry,
        tuple(name for name in absent_of(names, surveys) if _held_in(name, kept, spans)),
        years,
    )


def _indicator(edition: Edition, entry: Entry | None, what: str) -> Indicator:
    """The indicator of a figure, or that of this name."""
    if entry is None:
        if what not in indicators():
            known = (*edition.figures, *indicators())
            raise DataError(
                f"Edition {edition.id} has no such figure, and there is no such indicator.",
                where="figure",
                found=f"{what!r}{nearest(what, known)}",
                expected=f"a number ({', '.join(edition.figures)}) or an indicator ({', '.join(indicators())})",
            )
        return indicator_of(what)
    if entry.available != "rebuilt":
        raise DataError(
            f"Figure {entry.number} of edition {edition.id} cannot be rebuilt ({entry.available}).",
            where="figure",
            found=entry.why["en"],
            todo="llo.monitor.figures() tells which can be",
        )
    return indicator_of(entry.indicator)


def _surveys(edition: Edition, names: tuple[str, ...], given: Mapping[str, Survey] | None) -> dict[str, Survey]:
    """The surveys to estimate from, in the order of the figure."""
    if given is None:
        return {name: load_of(edition, name) for name in names or ("nea",)}
    if not isinstance(given, Mapping):
        raise DataError(
            "Surveys are given by name.", where="surveys=", found=type(given).__name__, expected='such as {"nea": svy}'
        )
    there = {name: svy for name, svy in given.items() if not isinstance(svy, Absent)}
    chosen = {name: there[name] for name in names or there if name in there}
    _check_names(chosen)
    strange = [name for name in given if names and name not in PEOPLE]
    without = absent_of(names, given)
    if without and not chosen and not strange:
        raise no_files(*without)
    if strange or not chosen:
        raise DataError(
            "These are not the surveys of this figure.",
            where="surveys=",
            found=", ".join(map(str, strange or given)) or "none",
            expected=f"one or more of {', '.join(names)}" if names else "at least one survey by name",
        )
    return chosen


def _held_in(name: str, years: list[int] | None, spans: Years) -> bool:
    """Whether a survey had a wave in the years asked for, or in those of the edition."""
    from llo_research.data.synthetic import years_of

    first, last = spans.get(name, (0, 9999))
    return any(first <= year <= last if years is None else year in years for year in years_of(name))


def _check_names(chosen: Mapping[str, Survey]) -> None:
    """Refuse a survey under the name of another: its people would be drawn as those of the other."""
    for name, svy in chosen.items():
        instrument = svy.source.get("instrument") or name
        if name in PEOPLE and instrument != name:
            raise DataError(
                "A survey stands under the name of another.",
                where=f"surveys= {name!r}",
                found=f"a survey of {instrument}",
                expected=f"one of {name}",
            )


def _names(by: str | Sequence[str] | None, entry: Entry | None) -> tuple[str, ...]:
    """The names of the groups: those asked for, else those of the figure."""
    if by is None:
        return entry.by if entry else ()
    return (by,) if isinstance(by, str) else tuple(by)


def _group(name: str) -> Group | str:
    """A declared group, or the name of a variable."""
    return groups().get(name, name)
