"""A rule that a row breaks, in numbers and in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from llo_research.report.disclosure.words import why_in_words


@dataclass(frozen=True)
class Finding:
    """A rule that a row of a result breaks.

    found, limit : the number that was found, and the least or most that it may be; nan where there is none.
    """

    name: str
    row: int
    rule: str
    found: float = float("nan")
    limit: float = float("nan")

    @property
    def why(self) -> str:
        """One sentence."""
        return why_in_words(self.rule, self.found, self.limit, "en")
