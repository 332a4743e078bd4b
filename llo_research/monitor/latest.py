"""The latest year in which questions were answered, so that a chapter holds for every edition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llo_research.errors import DataError

if TYPE_CHECKING:
    from llo_research.survey import Survey


NO_YEAR = "There is no year in which all were answered."


def latest(svy: Survey, *variables: str) -> int:
    """The latest survey year in which all these variables have answers.

    Use it where a chapter shows one year: topics come and go, and editions end in other years. Questions of the
    codebook that somebody's files do not have are left aside: what is made of them says so itself.

    Parameters
    ----------
    svy : Survey
        With a column ``year``; years outside its domain do not count.
    *variables : str
        Columns; without any, the latest year of the survey.

    Returns
    -------
    int

    Raises
    ------
    DataError
        A column that is not there, or no year in which all (that there are) were answered.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"year": [2020, 2020, 2021], "tasks": [1.0, 2.0, None], "w": 1.0})
    >>> llo.monitor.latest(llo.Survey(frame, weights="w"), "tasks")
    2020
    """
    frame = svy.frame.loc[svy.domain]
    known = _of_codebook(svy)
    absent = [name for name in ("year", *variables) if name not in frame and name not in known]
    if absent:
        raise DataError("The survey has no such column.", where="latest", found=absent[0])
    there = [name for name in variables if name in frame]
    if variables and not there:
        raise DataError("The survey has no such column.", where="latest", found=variables[0])
    answered = frame.loc[frame[there].notna().all(axis=1), "year"]
    if answered.empty:
        raise DataError(NO_YEAR, where="latest", found=", ".join(variables))
    return int(answered.max())


def _of_codebook(svy: Survey) -> frozenset[str]:
    """Columns that the instrument of a survey of real files can have."""
    from llo_research.data.instrument import instrument_of

    if not svy.source.get("restricted"):
        return frozenset()
    item = instrument_of(svy.source["instrument"])
    return frozenset([*item.raw["variables"], *item.harmonised]) - {"year"}
