"""What a scan holds, and what it has learned of its columns so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from llo_research.scanning.columns import Column
from llo_research.scanning.reading import Reading
from llo_research.survey.construct import as_names
from llo_research.survey.survey import Survey

ROLES = ("weights", "strata", "psu", "unit", "time")


@dataclass(frozen=True)
class Domain:
    """A condition that restricts: the boolean column that holds it, and its words."""

    column: str
    words: str


@dataclass(frozen=True)
class Step:
    """A step that each collapsed survey takes, as a calibration: the columns that it needs, what it does, its name."""

    columns: tuple[str, ...]
    take: Callable[[Survey], Survey]
    what: str


@dataclass(frozen=True)
class Profile:
    """Least and largest value of a column of numbers, whether all are whole, and whether some are missing.

    ends : least and largest value among rows that count, in the domain and of a weight above 0.
    """

    low: float
    high: float
    ends: tuple[float, float]
    whole: bool
    missing: bool


class Held:
    """The parts of a scan; a copy shares what is not exchanged."""

    _table: Any
    _columns: dict[str, Column]
    _reading: Reading
    _roles: dict[str, Any]
    _labels: dict[str, Any]
    _source: dict[str, Any]
    _domain: tuple[Domain, ...] = ()
    _steps: tuple[Step, ...] = ()

    def __init__(self, **parts: Any) -> None:
        self._profile: dict[str, Profile] = {}
        self._levels: dict[tuple[str, int], list[Any]] = {}
        self._strata_units: list[pd.DataFrame] = []
        self._origins: dict[str, tuple[str, ...]] = {}
        self.__dict__.update(parts)

    def _names(self, role: str) -> list[str]:
        """The columns of a role."""
        return as_names(self._roles[role])

    @property
    def _role_columns(self) -> set[str]:
        """Columns that make the design."""
        return {name for role in ROLES for name in self._names(role)}

    @property
    def _unit_alone(self) -> bool:
        """Whether persons with several rows are the sampling units."""
        return self._roles["unit"] is not None and not self._names("psu")

    @property
    def _design_keys(self) -> list[str]:
        """Columns of the design that make rows."""
        return list(dict.fromkeys([*self._names("strata"), *self._names("psu"), *self._names("time")]))
