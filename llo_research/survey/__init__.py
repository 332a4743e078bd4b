"""Survey, its design, the variance kernel and replicate weights."""

from llo_research.design.design import Design
from llo_research.survey.saved import read_survey
from llo_research.survey.stacking import stack
from llo_research.survey.survey import Survey

__all__ = ["Design", "Survey", "read_survey", "stack"]
