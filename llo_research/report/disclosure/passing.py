"""What of a result may leave, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from llo_research.results.floors import Withheld
from llo_research.results.profiles.profile import Profile, Rules
from llo_research.results.storage import plain


@dataclass(frozen=True)
class Passing:
    """What of a result may leave.

    gone : (k,) rows that may not. ends : (k,) rows that leave without their error and interval.
    apart : (k, k) pairs of rows whose covariance does not leave.
    coarse : (k,) rows that leave without weighted sums, and with the digits that a reader needs.
    profile, rules : by which. inner : the same of the results that stand in it (differences and total of a table book,
    shares within rows and columns of a crosstab), by name.
    """

    gone: np.ndarray
    ends: np.ndarray
    apart: np.ndarray
    coarse: np.ndarray
    profile: Profile
    rules: Rules
    inner: Mapping[str, Passing] = field(default_factory=dict)

    @property
    def rounding(self) -> int:
        """The base that counts are rounded to; 1 when they are not."""
        return self.rules.rounding

    @property
    def lost(self) -> np.ndarray:
        """(k,) rows without an error."""
        return np.asarray(self.gone | self.ends)

    def covariance(self, covariance: np.ndarray, kept: np.ndarray) -> np.ndarray:
        """(kept, kept) the covariances that leave, nan for others."""
        return np.asarray(np.where(self.apart, np.nan, covariance)[np.ix_(kept, kept)])

    def as_withheld(self) -> Withheld:
        """The same in the words of what shows results."""
        none = np.zeros(len(self.gone), dtype=bool)
        return Withheld(self.gone, ("",) * len(self.gone), self.profile, self.rules, self.ends, none)

    def of_rows(self, kept: np.ndarray) -> dict[str, Any]:
        """What a safe file says of its export."""
        return {
            "profile": self.profile.name,
            "title": dict(self.profile.title),
            "confirmed": str(self.profile.confirmed),
            "rules": asdict(self.rules),
            "withheld": plain(self.gone[kept]),
            "ends": plain(self.ends[kept]),
            "others": len(kept) < len(self.gone),
        }
