"""What is asked of the reader, and one file as it comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from llo_research.data.layout import Layout
from llo_research.data.mapping import Mapped
from llo_research.data.readers import Table
from llo_research.errors import DataError


@dataclass(frozen=True)
class Request:
    """What was asked: columns to read, the year, country and cycle the files must be of, mapping, encoding."""

    year: int | None = None
    columns: Sequence[str] | None = None
    country: str | None = None
    cycle: int | None = None
    mapping: Mapped = field(default_factory=Mapped)
    encoding: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.columns, str):
            object.__setattr__(self, "columns", [self.columns])


@dataclass(frozen=True)
class Part:
    """One file, cleaned and harmonised, with what does not fit in it.

    ``not_carried`` gives the reason for each harmonised variable that is absent; ``kept_own`` maps a column of the
    file that had the name of a harmonised variable to the name under which it is kept. ``synthetic``: the file says so.
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
