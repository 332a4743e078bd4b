"""Weights: calibration, post-stratification, trimming, nonresponse, split halves, replicate weights, diagnostics."""

from llo_research.numerics.calibration import Distance
from llo_research.weighting.calibration import calibrate, poststratify
from llo_research.weighting.diagnostics import WeightReport, weight_report
from llo_research.weighting.margins import EstimatedTotals
from llo_research.weighting.nonresponse import adjust_nonresponse
from llo_research.weighting.parts import combine_parts
from llo_research.weighting.replication import replicate
from llo_research.weighting.trimming import trim

__all__ = [
    "Distance",
    "EstimatedTotals",
    "WeightReport",
    "adjust_nonresponse",
    "calibrate",
    "combine_parts",
    "poststratify",
    "replicate",
    "trim",
    "weight_report",
]
