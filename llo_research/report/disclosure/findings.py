"""A rule that a row breaks, in numbers and in one sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llo_research.report.disclosure.words import why_in_words
from llo_research.results.floors import is_missing
from llo_research.results.result import Result


@dataclass(frozen=True)
class Finding:
    """A rule that a row of a result breaks.

    found, limit : the number that was found, and the least or most that it may be; nan where there is none.
    where : the smallest group, or the other numbers by which it is told, where that is known.
    """

    name: str
    row: int
    rule: str
    found: float = float("nan")
    limit: float = float("nan")
    where: str = ""

    @property
    def why(self) -> str:
        """One sentence, and another where it is known which group or numbers it is about."""
        return why_in_words(self.rule, self.found, self.limit, "en", self.where)

    def told_by(self, where: str) -> Finding:
        """The same, of this group or beside these numbers."""
        return replace(self, where=where)


def row_in_words(name: str, result: Result, row: int) -> str:
    """A row of a result: the name, and what identifies the row."""
    told = [str(value) for value in result.rows.iloc[row] if not is_missing(value)]
    return f"{name} ({', '.join(told)})" if told else name
