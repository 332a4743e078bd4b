"""A survey of sums that were added up somewhere else."""

from __future__ import annotations

from typing import Any

from llo_research.survey.arguments import check_names
from llo_research.survey.made_of_sums import made_of
from llo_research.survey.sums import Sums
from llo_research.survey.survey import Survey


def survey_of(sums: Sums, **arguments: Any) -> Survey:
    """The collapsed survey of these sums.

    Parameters
    ----------
    sums : Sums
        What was added up.
    **arguments
        `weights`, `strata`, `psu`, `unit`, `time`, `weight_kind`, `lonely_psu`, `labels`, `source` and so on, as
        :class:`Survey` would take them of the data themselves. The frame of the sums need not hold `unit`.
    """
    check_names(arguments, Survey.__init__, "Survey")
    made: Survey = made_of(Survey, sums, arguments)
    return made
