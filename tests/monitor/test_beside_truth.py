"""Proves that the truth stands beside the right row in its unit, and is blank where it is not known."""

from __future__ import annotations

import pandas as pd

import llo_research as llo
from llo_research.monitor.beside_truth import beside_truth, held


def waves() -> llo.Result:
    frame = pd.DataFrame({"year": [2014] * 40 + [2015] * 40, "trained": [1, 0] * 20 + [1, 1, 1, 0] * 10, "w": 1.0})
    return llo.mean("trained", llo.Survey(frame, weights="w", strata="year", source={"synthetic": True}), by="year")


def test_the_truth_stands_beside_its_row() -> None:
    found = waves()
    made = beside_truth(found, {"2015": 0.30, "2014": 0.51}, language="en", title="Trained")
    assert made.to_frame()["Truth"].tolist() == ["51.0", "30.0"]
    assert made.to_frame()["Interval holds it"].tolist() == ["yes", "no"]
    assert made.caption == "SYNTHETIC: Trained"
    assert "51.0" in made.to_markdown() and len(made.alignment) == made.frame.shape[1]
    assert held(found, {"2015": 0.30, "2014": 0.51}).tolist() == [True, False]


def test_without_a_truth_its_columns_are_blank() -> None:
    made = beside_truth(waves(), {}, language="nl").to_frame()
    assert made["Waarheid"].tolist() == made["In het interval"].tolist() == ["–", "–"]
    assert held(waves(), {}).tolist() == []
    assert held(waves(), {"2015": 0.75}).tolist() == [True]
