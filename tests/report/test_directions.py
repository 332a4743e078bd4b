"""Proves that directions are those that sentences say, row by row."""

from __future__ import annotations

import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError

ANSWERS = [1, 1, 1, 0] * 20 + [0, 0, 0, 1] * 20 + [0, 0, 1, 0] * 20
FRAME = pd.DataFrame({"y": ANSWERS, "g": ["a"] * 80 + ["b"] * 80 + ["c"] * 80, "w": 1.0})


def test_more_less_and_unclear() -> None:
    means = llo.mean("y", llo.Survey(FRAME, weights="w"), by="g")
    shown = means.contrast({"up": "a - b", "down": "b - a", "none": "b - c"})
    assert llo.report.directions(shown) == {"up": "more", "down": "less", "none": "unclear"}
    told = llo.report.sentences("{x[up]:direction} {x[down]:direction} {x[none]:direction}", x=shown, language="en")
    assert told == "more less cannot be told"


def test_what_compares_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="comparison"):
        llo.report.directions(llo.mean("y", llo.Survey(FRAME, weights="w"), by="g"))


def test_a_hausman_test_is_told_in_dutch() -> None:
    cohort = llo.synthetic("nea", n="cohort")
    shown = llo.report.table(llo.panel.hausman("informal_scale ~ autonomy", cohort), language="nl").to_markdown()
    assert "F (Hausman)" in shown
    assert "de coëfficiënten van de gemiddelden van eenheden zijn 0" in shown
