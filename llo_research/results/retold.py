"""A result told again: its receipt, and the scripts of other programs that print the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from llo_research.results.result import Result


class Retold:
    """What every result can do with what its ``meta`` holds."""

    def to_r(self, path: str = "data.csv") -> str:
        """A complete script in R that gives the same numbers from the file of ``svy.to_file(path)``."""
        from llo_research.results.receipts.r.write import to_r
        from llo_research.results.receipts.told import told_of

        return to_r(told_of(cast("Result", self)), path)
