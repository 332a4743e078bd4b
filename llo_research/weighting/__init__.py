"""Weights: calibration, post-stratification, trimming, nonresponse, split halves, replicate weights."""

from llo_research.numerics.calibration import Distance
from llo_research.weighting.calibration import calibrate, poststratify
from llo_research.weighting.margins import EstimatedTotals
from llo_research.weighting.nonresponse import adjust_nonresponse
from llo_research.weighting.parts import combine_parts
from llo_research.weighting.replication import replicate
from llo_research.weighting.trimming import trim

__all__ = [
    "Distance",
    "EstimatedTotals",
    "adjust_nonresponse",
    "calibrate",
    "combine_parts",
    "poststratify",
    "replicate",
    "trim",
]
