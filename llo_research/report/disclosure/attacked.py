"""An export attacked before it leaves: what follows from its files, and from those that left before."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from llo_research.errors import LloError, LloWarning
from llo_research.report.disclosure.attack import attack

_SECONDS = 1.0  # for each of many integer programmes


def attacked(place: Path, before: Sequence[Path]) -> pd.DataFrame | str:
    """The brackets of what is withheld, or in words why there are none; a warning where one is narrow."""
    try:
        found = attack(place, also=before, seconds=_SECONDS)
    except LloError as error:
        return " ".join(str(error).split())
    if told := int(is_told(found).sum()):
        warnings.warn(
            f"{told} withheld numbers follow from what leaves: see control/control.html, and do not let it go.",
            LloWarning,
            stacklevel=2,
        )
    return found


def is_told(found: pd.DataFrame) -> np.ndarray:
    """Which withheld numbers are known; that nobody gave an answer is no person's answer."""
    return np.asarray(found["known"].to_numpy(dtype=bool) & (found["high"].to_numpy(dtype=np.float64) > 0))
