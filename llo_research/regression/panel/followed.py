"""Who is there how often in a panel, and who is there the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from llo_research.regression.panel.effects import panel_of

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def followed(svy: Survey) -> Survey:
    """The survey with two more columns: in how many waves a unit is there, and whether it is there in the next.

    Use it to keep who answered always (``svy.where("waves == 4")``), and for the response of
    :func:`attrition_weights` (``"stays ~ age"``).

    Parameters
    ----------
    svy : Survey
        With `unit` and `time`.

    Returns
    -------
    Survey
        With ``waves``, a count, and ``stays``, true or false; false in the last wave.

    Raises
    ------
    DesignError
        A survey without `unit` or `time`.
    DataError
        A unit with several rows at one time.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"who": [1, 1, 2, 3, 3], "year": [1, 2, 1, 1, 3], "w": 1.0})
    >>> found = llo.panel.followed(llo.Survey(frame, weights="w", unit="who", time="year")).frame
    >>> found["waves"].tolist(), found["stays"].tolist()
    ([2, 2, 1, 2, 2], [True, False, False, False, False])
    """
    panel = panel_of(svy, np.arange(len(svy)), np.ones(len(svy)), needs_time=True)
    unit, time = panel.unit.codes, panel.time.codes if panel.time is not None else panel.unit.codes
    there = unit * np.intp(time.max() + 2) + time
    return svy.assign(waves=np.bincount(unit)[unit], stays=np.isin(there + 1, there))
