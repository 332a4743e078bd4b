"""What an edition of the monitor holds: its figures, and the published figures that stand beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from llo_research.monitor.declared import Text

Years = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Target:
    """A published figure, and how this library would estimate it.

    series, category, population : as ``llo.published()`` names it; population where that is needed to tell it apart.
    years : first and last year it speaks of; survey : which survey; where : its group; formula : where it is not that
    of the figure's indicator; label : what its group is called, where it has one.
    """

    series: str
    years: tuple[int, int]
    survey: str
    category: str = "total"
    population: str = ""
    where: str = ""
    formula: str = ""
    label: Text | None = None


@dataclass(frozen=True)
class Entry:
    """A figure of an edition: what it shows, of whom, since when, whether it was seen, whether it can be rebuilt."""

    number: str
    title: Text
    indicator: str
    surveys: tuple[str, ...]
    by: tuple[str, ...]
    years: Years
    seen: bool
    available: str
    why: Text
    published: tuple[Target, ...]

    @property
    def status(self) -> str:
        """``seen`` or ``reconstructed``: only a figure that was seen has a number of the monitor."""
        return "seen" if self.seen else "reconstructed"


@dataclass(frozen=True)
class Edition:
    """An edition: what it is computed from, its definitions, its chapters, its figures by number.

    chapters : numbers of the figures by notebook; lacking : what a reader will not find there.
    """

    id: str
    appeared: Text
    data: Text
    years: Years
    definitions: Mapping[str, Text]
    chapters: Mapping[str, tuple[str, ...]]
    lacking: Mapping[str, Text]
    figures: Mapping[str, Entry]
