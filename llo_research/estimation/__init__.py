"""Means, shares, totals, ratios, quantiles, crosstabs, gaps and changes, and what can be done with their results."""

from llo_research.estimation.banner import banner
from llo_research.estimation.break_robustness import break_robustness
from llo_research.estimation.changes import change, gap_change
from llo_research.estimation.correlations import correlation, covariance
from llo_research.estimation.crosstabs import crosstab
from llo_research.estimation.gaps import gap
from llo_research.estimation.means import mean, share
from llo_research.estimation.narrowed import narrowing
from llo_research.estimation.pooling import meta_analysis
from llo_research.estimation.quantiles import quantile
from llo_research.estimation.ranking import ranks
from llo_research.estimation.totals import ratio, total
from llo_research.estimation.trends import trend
from llo_research.estimation.variances import variance
from llo_research.estimation.weight_report import weight_report
from llo_research.results.imputations import combine_imputations
from llo_research.results.joint import joint
from llo_research.results.result import Result
from llo_research.results.saved import read_result

__all__ = [
    "Result",
    "banner",
    "break_robustness",
    "change",
    "combine_imputations",
    "correlation",
    "covariance",
    "crosstab",
    "gap",
    "gap_change",
    "joint",
    "mean",
    "meta_analysis",
    "narrowing",
    "quantile",
    "ranks",
    "ratio",
    "read_result",
    "share",
    "total",
    "trend",
    "variance",
    "weight_report",
]
