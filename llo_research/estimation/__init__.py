"""Means, shares, totals, ratios and gaps, and what can be done with their results."""

from llo_research.estimation.changes import change, gap_change
from llo_research.estimation.gaps import gap
from llo_research.estimation.imputations import combine_imputations
from llo_research.estimation.joint import joint
from llo_research.estimation.means import mean, share
from llo_research.estimation.result import Result
from llo_research.estimation.robustness import break_robustness
from llo_research.estimation.storage import read_result
from llo_research.estimation.totals import ratio, total
from llo_research.estimation.trends import trend

__all__ = [
    "Result",
    "break_robustness",
    "change",
    "combine_imputations",
    "gap",
    "gap_change",
    "joint",
    "mean",
    "ratio",
    "read_result",
    "share",
    "total",
    "trend",
]
