"""The surveys that an edition is computed from: real files where they are, else synthetic ones, which say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from llo_research.errors import DataError
from llo_research.monitor.absent import Held
from llo_research.monitor.editions import edition_of, entries_of
from llo_research.monitor.entries import Edition
from llo_research.options import check_option

if TYPE_CHECKING:
    from llo_research.survey import Survey

# What people of each survey are called, where several stand in one figure.
PEOPLE = {
    "nea": {"nl": "werknemers (NEA)", "en": "employees (NEA)"},
    "zea": {"nl": "zelfstandigen (ZEA)", "en": "self-employed (ZEA)"},
    "wea": {"nl": "werkgevers (WEA)", "en": "employers (WEA)"},
}


def surveys(edition: str = "2023", *, source: str = "auto", chapter: str | None = None) -> Mapping[str, Survey]:
    """The surveys that the figures of an edition are computed from, each loaded once.

    Use it at the head of a chapter, and hand the result to ``surveys=`` of :func:`figure`.

    Parameters
    ----------
    edition : str
        One of :func:`editions`.
    source : {"auto", "real", "synthetic"}
        As in ``llo.load``: ``auto`` takes synthetic data only where no real file is found, and warns. ``real`` leaves
        out surveys without files, as long as there are files of one; :func:`opening` and figures name them.

    Returns
    -------
    mapping of str to Survey
        By instrument: ``nea``, ``zea``, ``wea``, with the years that the edition covers.

    Raises
    ------
    DataError
        No such edition, source or chapter; no real files at all where these are asked for.

    Examples
    --------
    >>> import llo_research as llo
    >>> list(llo.monitor.surveys("2022-1", source="synthetic"))
    ['nea', 'zea']
    """
    from llo_research.data.load import SOURCES

    check_option(source, "source", SOURCES)
    chosen = edition_of(edition)
    used = set(chosen.years) if chapter is None else _used_in(chosen, chapter)
    names = [name for name in chosen.years if name in used]
    there = names if source != "real" else list(_years_of_files(chosen, names))
    found = Held((name, load_of(chosen, name, source)) for name in there)
    found.absent = tuple(name for name in names if name not in there)
    return found


def years_of_files(edition: str) -> dict[str, set[int]]:
    """The years of each survey of an edition of which there are real files.

    Raises
    ------
    DataError
        No such edition, or no files of any of its surveys and years.
    """
    chosen = edition_of(edition)
    return _years_of_files(chosen, list(chosen.years))


def _years_of_files(edition: Edition, names: Sequence[str]) -> dict[str, set[int]]:
    """The years that the edition covers, by survey, of those that have files of these."""
    files = {name: set(_years_here(name, marks_of_files(name))) for name in names if has_files(name)}
    if not files:
        load_of(edition, next(iter(names)), "real")  # refuses, and says where was looked
    found = {name: {year for year in years if covers(edition, name, year)} for name, years in files.items()}
    if not any(found.values()):
        raise DataError(
            f"There are no files here of the years of edition {edition.id}.",
            where="source='real'",
            found="; ".join(f"{name}: {', '.join(map(str, sorted(years)))}" for name, years in files.items()),
            expected="; ".join(
                f"{name}: {first} to {last}" for name in names for first, last in [_span(edition, name)]
            ),
            todo="Take an edition that covers them, or make one of your own: docs/how_to/add_an_edition.md",
        )
    return {name: years for name, years in found.items() if years}


@cache
def _years_here(name: str, marks: str) -> tuple[int, ...]:
    """The years that the real files of a survey hold, by what these files are."""
    from llo_research.data.load import load

    return tuple(int(year) for year in load(name, source="real", columns=["year"]).frame["year"].unique())


def has_files(name: str) -> bool:
    """Whether there are real files of a survey."""
    from llo_research.data.instrument import instrument_of
    from llo_research.data.load import find_files

    return bool(find_files(instrument_of(name), None, None))


def marks_of_files(*names: str) -> str:
    """The real files of these surveys (all), with their mappings: name, size and time, by which a change is seen."""
    from llo_research.data.instrument import instrument_of
    from llo_research.data.load import find_files

    folders = {path.parent: None for name in names or PEOPLE for path in find_files(instrument_of(name), None, None)}
    files = (path for folder in folders for path in sorted(folder.iterdir()) if path.is_file())
    told = ((path.as_posix(), path.stat()) for path in files)
    return "; ".join(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in told)


def _used_in(edition: Edition, chapter: str) -> set[str]:
    """The surveys that the figures of a chapter are rebuilt from."""
    entries = entries_of(edition, chapter)
    return {name for entry in entries if entry.available == "rebuilt" for name in entry.surveys}


def load_of(edition: Edition, name: str, source: str = "auto") -> Survey:
    """One survey of an edition."""
    return _loaded(name, source, *_span(edition, name), "" if source == "synthetic" else marks_of_files(name))


def _span(edition: Edition, name: str) -> tuple[int, int]:
    """The first and the last year of a survey in an edition."""
    spans = [edition.years[name], *(figure.years[name] for figure in edition.figures.values() if name in figure.years)]
    return min(first for first, _ in spans), max(last for _, last in spans)


def covers(edition: Edition, name: str, year: int) -> bool:
    """Whether an edition covers a year of a survey."""
    first, last = _span(edition, name)
    return first <= year <= last


def check_unmixed(used: Mapping[str, Survey]) -> None:
    """Refuse real surveys beside synthetic ones: one picture would show both, and carry one of the two names."""
    made = [name for name, svy in used.items() if svy.source.get("synthetic")]
    real = [name for name in used if name not in made]
    if made and real:
        raise DataError(
            "Real and synthetic surveys are not shown together.",
            where="surveys=",
            found=f"{', '.join(real)} real, {', '.join(made)} synthetic",
            todo="Give those of one kind, or load all with llo.monitor.surveys(edition, source='synthetic').",
        )


@cache
def _loaded(name: str, source: str, first: int, last: int, marks: str) -> Survey:
    """A survey of the years from first to last that there are."""
    from llo_research.data.load import load
    from llo_research.data.synthetic import years_of

    if source == "real" or (source == "auto" and has_files(name)):
        return load(name, years=[year for year in _years_here(name, marks) if first <= year <= last], source="real")
    return load(name, years=[year for year in years_of(name) if first <= year <= last], source=source)
