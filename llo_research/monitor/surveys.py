"""The surveys that an edition is computed from: real files where they are, else synthetic ones, which say so."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from llo_research.monitor.editions import Edition, edition_of

if TYPE_CHECKING:
    from llo_research.survey import Survey

# What people of each survey are called, where several stand in one figure.
PEOPLE = {
    "nea": {"nl": "werknemers (NEA)", "en": "employees (NEA)"},
    "zea": {"nl": "zelfstandigen (ZEA)", "en": "self-employed (ZEA)"},
    "wea": {"nl": "werkgevers (WEA)", "en": "employers (WEA)"},
}


def surveys(edition: str = "2023") -> Mapping[str, Survey]:
    """The surveys that the figures of an edition are computed from, each loaded once.

    Use it at the head of a chapter, and hand the result to ``surveys=`` of :func:`figure`.

    Parameters
    ----------
    edition : str
        One of :func:`editions`.

    Returns
    -------
    mapping of str to Survey
        By instrument: ``nea``, ``zea``, ``wea``, with the years that the edition covers; real files as ``llo.load``
        finds them, else synthetic data, with a warning.

    Raises
    ------
    DataError
        No such edition.
    """
    chosen = edition_of(edition)
    return {name: load_of(chosen, name) for name in chosen.years}


def load_of(edition: Edition, name: str) -> Survey:
    """One survey of an edition."""
    spans = [edition.years[name], *(figure.years[name] for figure in edition.figures.values() if name in figure.years)]
    return _loaded(name, min(first for first, _ in spans), max(last for _, last in spans))


@cache
def _loaded(name: str, first: int, last: int) -> Survey:
    """A survey of the years from first to last that there are."""
    from llo_research.data.instrument import instrument_of
    from llo_research.data.load import find_files, load
    from llo_research.data.synthetic import years_of

    if find_files(instrument_of(name), None, None):
        return load(name, source="real").where(f"year >= {first} & year <= {last}")
    return load(name, years=[year for year in years_of(name) if first <= year <= last])
