"""Models of survey data: generalised linear, ordered, and of panels, on the design's own covariance."""

from llo_research.regression.fit import Fit
from llo_research.regression.glm import glm

__all__ = ["Fit", "glm"]
