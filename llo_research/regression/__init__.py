"""Models of survey data: generalised linear, ordered, and of panels, on the design's own covariance."""

from llo_research.regression.compare import Comparison, compare
from llo_research.regression.fit import Fit
from llo_research.regression.glm import glm
from llo_research.regression.ordered import ordered

__all__ = ["Comparison", "Fit", "compare", "glm", "ordered"]
