"""A rule that a row breaks, in numbers and in one sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass

RULES = (
    *("unknown", "few", "complement", "one_category", "dominance", "degrees_of_freedom", "extreme", "saturated"),
    *("difference", "secondary"),
)
WHY = {
    "unknown": "nobody knows how many persons stand behind this number",
    "few": "{found:g} persons stand behind this number; at least {limit:g} must",
    "complement": "{found:g} persons gave one of the answers; at least {limit:g} must have given either",
    "one_category": "{found:.0%} of a group are in one category; {limit:.0%} may be at most",
    "dominance": "one person makes up {found:.0%} of the total; {limit:.0%} may be at most",
    "degrees_of_freedom": "{found:g} persons are left when the coefficients are taken off; at least {limit:g} must be",
    "extreme": "this is nearly the value of one of the {found:g} persons at an end; at least {limit:g} must be there",
    "saturated": "as a table does, the model tells the mean of {found:g} persons, or of a group that nearly agrees",
    "difference": "beside another number that leaves, this one tells something of {found:g} persons; "
    "at least {limit:g} must be told of together",
    "secondary": "this number and others that leave would together tell one that may not leave",
}
OF_SUMS = "of sums over people, who makes up how much of the total is not known; {limit:.0%} may be at most"


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
        words = OF_SUMS if self.rule == "dominance" and math.isnan(self.found) else WHY[self.rule]
        return words.format(found=self.found, limit=self.limit)
