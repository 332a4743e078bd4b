"""Surveys without files: a holder of the files of one survey reads its chapters, and is told what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError

if TYPE_CHECKING:
    from llo_research.survey import Survey

NO_FILES = "There are no files of the {} here."


class Absent:
    """Stands for a survey without files: it can be named and handed on, and refuses every use."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise DataError(
            NO_FILES.format(self._name.upper()),
            where=f'surveys(...)["{self._name}"]',
            todo=f"Put them in data_raw/{self._name}, or leave this survey out.",
        )


class Held(dict[str, "Survey"]):
    """The surveys that there are, by instrument; those without files are named in `absent`, and are no keys."""

    absent: tuple[str, ...] = ()

    def __missing__(self, name: str) -> Any:
        if name in self.absent:
            return Absent(name)
        raise KeyError(name)
