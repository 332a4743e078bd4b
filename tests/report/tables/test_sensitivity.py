"""Proves that the strength of an omitted variable reads as a table: its numbers, labels, and nothing withheld."""

from __future__ import annotations

import numpy as np

import llo_research as llo
from llo_research.report import table
from tests.regression import models
from tests.report.test_withheld import SOURCE, people


def test_numbers_and_labels() -> None:
    labels = {"hours": {"nl": "Uren", "en": "Hours"}, "y": {"nl": "Loon", "en": "Wage"}}
    fit = llo.glm("y ~ hours + C(education)", models.survey(labels=labels))
    found = llo.panel.omitted_variable_bias(fit, treatment="hours", benchmark="education")
    shown = table(found, language="en")
    frame = shown.to_frame()
    assert frame["Value"].tolist() == [f"{v + 0.0:.3f}".replace("-0.000", "0.000") for v in found.frame["estimate"]]
    assert shown.title.startswith("Hours and wage") and frame["Measure"].iloc[0].startswith("Partial R² of hours")
    assert frame["As strong"].tolist()[-1] == "3×" and table(found).title.startswith("Uren en loon")
    assert "SYNTHETIC" not in found.summary()


def test_a_model_with_few_people_somewhere_tells_nothing() -> None:
    made = []
    for variant in (0, 1):
        svy = llo.Survey(people(variant), weights="w", source=SOURCE)
        fit = llo.glm("hours ~ late + C(group)", svy)
        made.append(llo.panel.omitted_variable_bias(fit, treatment="late"))
    one, other = made
    assert not np.allclose(one.frame["estimate"], other.frame["estimate"], equal_nan=True), "the surveys differ"
    assert one.summary() == other.summary() and one._repr_html_() == other._repr_html_()
    assert str(table(one, language="en")) == str(table(other, language="en"))
    assert set(table(one, language="en").to_frame()["Value"]) == {"withheld"}
    assert "withheld" not in set(table(one, language="en", disclosure="off").to_frame()["Value"])
