"""Checks of persons and waves: what a panel may not contradict."""

from __future__ import annotations

import numpy as np
import pandas as pd

from llo_research.errors import DesignError
from llo_research.survey.construct import crossed_codes
from llo_research.survey.kernel import Stage


def check_units_in_psus(frame: pd.DataFrame, unit: str, stage: Stage, psu: str) -> None:
    """Every person lies in one primary sampling unit."""
    codes, labels = crossed_codes(frame, [unit], "unit")
    assert stage.unit is not None
    psu_of = np.empty(len(labels), dtype=np.intp)
    psu_of[codes] = stage.unit
    moved = psu_of[codes] != stage.unit
    if moved.any():
        raise DesignError(
            f"{len(np.unique(codes[moved]))} units lie in more than one psu.",
            where=f"unit {unit!r}, psu {psu!r}, for example unit {labels[codes[moved.argmax()]]}",
            expected="a psu that is coarser than the unit",
            todo="give each person the psu of the first wave",
        )


def check_times(frame: pd.DataFrame, time: str, stage: Stage, *, free: bool, strata: list[str]) -> None:
    """Without persons or PSUs, the waves are independent samples, and a stratum lies in one of them."""
    codes, labels = crossed_codes(frame, [time], "time")
    if not free or len(labels) < 2:
        return
    first = np.empty(len(stage.units_per_stratum), dtype=np.intp)
    first[stage.stratum] = codes
    spans = first[stage.stratum] != codes
    if spans.any():
        wanted = [time, *strata]
        raise DesignError(
            "Strata span several times, and neither unit nor psu says which rows belong together.",
            where=f"time {time!r}, for example stratum {stage.names[stage.stratum[spans.argmax()]] or '(all rows)'}",
            expected="independent samples have their own strata at each time",
            todo=f"strata={wanted!r} for independent samples; unit=... when persons are followed",
        )
