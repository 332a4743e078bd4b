"""Weights: calibration, post-stratification, trimming, nonresponse, split halves, replicate weights, diagnostics."""

from llo_research.numerics.calibration import Distance
from llo_research.weighting.calibration import calibrate, poststratify
from llo_research.weighting.margins import EstimatedTotals
from llo_research.weighting.replication import replicate

__all__ = ["Distance", "EstimatedTotals", "calibrate", "poststratify", "replicate"]
