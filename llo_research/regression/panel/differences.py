"""First differences of a panel as arrays: each row less the unit's row one wave before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Codes, Floats
from llo_research.regression.panel.effects import Panel


@dataclass(frozen=True, eq=False)
class Differences:
    """Pairs of rows of one unit in adjoining waves.

    later, earlier : (d,) numbers of the rows. gaps : pairs of a unit's rows with waves between them, which give none.
    """

    later: Codes
    earlier: Codes
    gaps: int

    def of(self, values: Floats) -> Floats:
        """(d, ...) later less earlier."""
        return np.asarray(values[self.later] - values[self.earlier])


def differences(panel: Panel) -> Differences:
    """The pairs, in the order of the later rows."""
    assert panel.time is not None
    order = np.lexsort((panel.time.codes, panel.unit.codes))
    unit, time = panel.unit.codes[order], panel.time.codes[order]
    same = unit[1:] == unit[:-1]
    next_wave = same & (time[1:] == time[:-1] + 1)
    later, earlier = order[1:][next_wave], order[:-1][next_wave]
    by_row = np.argsort(later)
    return Differences(later[by_row], earlier[by_row], int((same & ~next_wave).sum()))
