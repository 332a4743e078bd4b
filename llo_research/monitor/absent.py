"""Surveys without files: a holder of the files of one survey reads its chapters, and is told what is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError

if TYPE_CHECKING:
    from llo_research.survey import Survey

NO_FILES = "There are no files of the {} here."


def no_files(*names: str) -> DataError:
    """The error of whoever uses surveys without files."""
    return DataError(
        NO_FILES.format(", ".join(name.upper() for name in names)),
        where=", ".join(f'surveys(...)["{name}"]' for name in names),
        todo=f"Put them in {', '.join(f'data_raw/{name}' for name in names)}, or leave this out.",
    )


class Absent:
    """Stands for a survey without files: it can be named and handed on, and refuses every use."""

    def __init__(self, instrument: str) -> None:
        self.instrument = instrument

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise no_files(self.instrument)


class Held(dict[str, "Survey"]):
    """The surveys that there are, by instrument; those without files are named in `absent`, and are no keys."""

    absent: tuple[str, ...] = ()

    def __missing__(self, name: str) -> Any:
        if name in self.absent:
            return Absent(name)
        raise KeyError(name)


def absent_of(names: Sequence[str], given: Mapping[str, Survey] | None) -> tuple[str, ...]:
    """Those of these surveys that were handed on without there being files of them; of no names: all of them."""
    absent = given.absent if isinstance(given, Held) else ()
    absent += tuple(name for name, svy in (given or {}).items() if isinstance(svy, Absent))
    return tuple(name for name in names or absent if name in absent)
