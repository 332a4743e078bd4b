"""Survey, its design, the variance kernel and replicate weights."""

from llo_research.design.design import Design
from llo_research.survey.items import item_mean
from llo_research.survey.saved import read_survey
from llo_research.survey.stacking import stack
from llo_research.survey.supposed_break import suppose_break
from llo_research.survey.survey import Survey

__all__ = ["Design", "Survey", "item_mean", "read_survey", "stack", "suppose_break"]
