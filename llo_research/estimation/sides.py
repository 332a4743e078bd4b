"""The two groups of a gap, as changes of gaps use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llo_research.estimation.gaps import columns_of_groups, named_levels, two_groups
from llo_research.numerics.groups import Codes

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


@dataclass(frozen=True)
class Sides:
    """Two levels of a column, or two conditions.

    group : the column, or None for conditions.
    of, minus : the levels or conditions.
    """

    group: str | None
    of: Any
    minus: Any

    def named(self, svy: Survey) -> Sides:
        """The same groups, with levels as the data have them where labels were given."""
        return Sides(self.group, *named_levels(svy, self.group, self.of, self.minus))

    @property
    def columns(self) -> Sequence[str]:
        """The columns that the groups speak of."""
        return columns_of_groups(self.group, self.of, self.minus)

    def of_rows(self, svy: Survey, missing: str) -> tuple[Codes, dict[str, int]]:
        """Side of each row (0 of, 1 minus, 2 neither), and the rows of the domain for which it is unknown."""
        return two_groups(svy, self.group, self.of, self.minus, missing)

    def keys(self, side: int) -> dict[str, Any]:
        """What identifies one of the two groups."""
        return {self.group or "condition": (self.of, self.minus)[side]}
