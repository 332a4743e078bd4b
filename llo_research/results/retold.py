"""A result told again: its receipt, and the scripts of other programs that print the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
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


def told_after(result: Result, path: str, lines: Sequence[str]) -> str:
    """The script in R of a result, and of what is made of it."""
    from llo_research.results.receipts.r.write import to_r
    from llo_research.results.receipts.told import told_of

    return to_r(told_of(result), path, lines)
