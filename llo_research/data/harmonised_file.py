"""What is asked of the reader, and one file as it comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from llo_research.data.layout import Layout
from llo_research.data.mapping import Mapped, Rule
from llo_research.data.readers import Table
from llo_research.errors import DataError


@dataclass(frozen=True)
class Request:
    """What was asked: columns to read, the year, country and cycle the files must be of, years to keep, mapping."""

    year: int | None = None
    columns: Sequence[str] | None = None
    country: str | None = None
    cycle: int | None = None
    mapping: Mapped = field(default_factory=Mapped)
    encoding: str | None = None
    years: Sequence[int] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.columns, str):
            object.__setattr__(self, "columns", [self.columns])


@dataclass(frozen=True)
class HarmonisedFile:
    """One file, cleaned and harmonised, with what does not fit in it.

    ``not_carried`` gives the reason for each harmonised variable that is absent; ``kept_own`` maps a column of the
    file that had the name of a harmonised variable to the name under which it is kept. ``synthetic``: the file says so.
    ``mapping`` is what held for this file, ``given`` the mapping as it was written, ``hit`` the rules about codes that
    found a value, ``read`` the columns read, under our names, ``names`` our names of each column of the file.
    ``sound``: persons, years and weights fit, so that a design can be made. ``left_out``: rows that the mapping leaves
    out for their weight: missing, negative, zero.
    """

    table: Table
    layout: Layout
    frame: pd.DataFrame
    country: str | None
    problems: list[DataError]
    not_carried: dict[str, str]
    kept_own: dict[str, str]
    synthetic: bool = False
    mapping: Mapped = field(default_factory=Mapped)
    given: Mapped = field(default_factory=Mapped)
    hit: frozenset[Rule] = frozenset()
    read: Sequence[str] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sound: bool = True
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Named:
    """Columns of a file under our names, codes translated.

    ``header``: all names of the file as ours, ``names``: column in the file -> our names (several where years differ),
    ``mapped``: the mapping that held, ``given``: as it was written, ``hit``: rules about codes that found a value.
    """

    frame: pd.DataFrame
    header: list[str]
    names: Mapping[str, tuple[str, ...]]
    mapped: Mapped = field(default_factory=Mapped)
    given: Mapped = field(default_factory=Mapped)
    hit: frozenset[Rule] = frozenset()
    problems: Sequence[DataError] = ()


def attempt(problems: list[DataError], function: Any, *arguments: Any) -> Any:
    """What a step gives, or None with its error on the list."""
    try:
        return function(*arguments)
    except DataError as error:
        problems.append(error)
        return None
