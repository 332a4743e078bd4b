"""A series break of a size that is supposed: what would be left of a change if the method had added so much?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.survey.survey import Survey
from llo_research.survey.variables import column

_WHAT = {"nl": "verondersteld", "en": "supposed"}


def suppose_break(
    svy: Survey, variable: str, *, time: float, shifts: Mapping[Any, float], by: str, error: float = 0.0
) -> Survey:
    """The survey with one series break, of supposed size, in one variable.

    Use it with ``breaks="adjust"``, to see how a change depends on what the method may have added. The breaks that the
    survey knew are set aside: a decomposition can be adjusted only where the break concerns its outcome alone.

    Parameters
    ----------
    svy : Survey
    variable : str
        The variable whose answers the new method moved.
    time : number
        The first time of the new method.
    shifts : mapping of level to float
        What the method added to the mean of `variable` in each level of `by`: 0.02 for two percentage points.
    by : str
        The groups that were moved by different sizes.
    error : float
        Standard error of each shift; 0 says that the size is known exactly.

    Returns
    -------
    Survey

    Raises
    ------
    DataError
        A column that is not there.

    Examples
    --------
    >>> import llo_research as llo
    >>> nea = llo.synthetic("nea", years=[2021, 2022])
    >>> moved = llo.suppose_break(nea, "training", time=2022, by="education", shifts={"low": 0.02, "high": 0.0})
    >>> found = llo.gap_change(
    ...     "training", moved, group="education", of="high", minus="low", time="year", base=2021, breaks="adjust"
    ... )
    >>> len(found.estimate)
    1
    """
    for name in (variable, by):
        column(svy.frame, name, "suppose_break")
    sizes = [{"variable": variable, by: level, "shift": shift, "shift_se": error} for level, shift in shifts.items()]
    told = {"time": time, "series": [variable], "what": _WHAT, "source": "supposed", "shifts": sizes}
    return svy._with(source={**svy.source, "breaks": [told]})
