"""Panel estimators: within, between and in differences, with the covariance of the survey's design."""

from llo_research.regression.panel.age_period_cohort import age_period_cohort
from llo_research.regression.panel.attrition_weights import attrition_weights
from llo_research.regression.panel.between import between
from llo_research.regression.panel.conditional_logit import conditional_logit
from llo_research.regression.panel.correlated_random_effects import correlated_random_effects
from llo_research.regression.panel.event_time import event_time
from llo_research.regression.panel.first_difference import first_difference
from llo_research.regression.panel.fixed_effects import fixed_effects
from llo_research.regression.panel.fixed_effects_iv import fixed_effects_iv
from llo_research.regression.panel.fixed_effects_ordered import fixed_effects_ordered
from llo_research.regression.panel.fixed_effects_poisson import fixed_effects_poisson
from llo_research.regression.panel.followed import followed
from llo_research.regression.panel.hausman import hausman
from llo_research.regression.panel.mundlak import hybrid, mundlak
from llo_research.regression.panel.omitted_variable_bias import omitted_variable_bias
from llo_research.regression.panel.pseudo_panel import pseudo_panel
from llo_research.regression.panel.random_effects import random_effects

__all__ = [
    "age_period_cohort",
    "attrition_weights",
    "between",
    "conditional_logit",
    "correlated_random_effects",
    "event_time",
    "first_difference",
    "fixed_effects",
    "fixed_effects_iv",
    "fixed_effects_ordered",
    "fixed_effects_poisson",
    "followed",
    "hausman",
    "hybrid",
    "mundlak",
    "omitted_variable_bias",
    "pseudo_panel",
    "random_effects",
]
