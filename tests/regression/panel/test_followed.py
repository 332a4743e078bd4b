"""Proves that a panel says who is there in how many waves, and in the next one."""

from __future__ import annotations

import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DesignError

FRAME = pd.DataFrame({"who": [3, 1, 1, 2, 3], "year": [2004, 2002, 2001, 2001, 2001], "w": 1.0})


def test_waves_and_who_stays_whatever_the_order_of_rows() -> None:
    found = llo.panel.followed(llo.Survey(FRAME, weights="w", unit="who", time="year")).frame
    assert found["waves"].tolist() == [2, 2, 2, 1, 2]
    assert found["stays"].tolist() == [False, False, True, False, False]


def test_a_survey_without_unit_is_refused() -> None:
    with pytest.raises(DesignError, match="unit"):
        llo.panel.followed(llo.Survey(FRAME, weights="w", time="year"))
