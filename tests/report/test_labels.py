"""Proves that every word exists in Dutch and English, and that labels of the data are found however they are given."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.errors import DataError
from llo_research.estimation import quantile_intervals
from llo_research.report.content import labels
from llo_research.results import intervals
from llo_research.results.columns import FLAGS


def test_every_word_has_two_texts() -> None:
    for texts in (labels.WORDS, labels.COMPONENTS, labels.FLAGS, labels.INTERVALS):
        for key, pair in texts.items():
            assert len(pair) == 2, key
            assert all(pair), key


def test_every_flag_and_interval_of_the_estimators_has_words() -> None:
    assert set(FLAGS) <= set(labels.FLAGS)
    names = {*intervals.ALL, *intervals.PROPORTION, *quantile_intervals.METHODS, "mean"}
    assert names == set(labels.INTERVALS)


@pytest.mark.parametrize("values", [{1: {"nl": "ja", "en": "yes"}}, {"1": {"nl": "ja", "en": "yes"}}, {1: "ja"}])
@pytest.mark.parametrize("value", [1, 1.0, "1", np.int64(1), np.float64(1)])
def test_value_labels_by_number_or_text(values: dict, value: object) -> None:
    assert labels.value_label("x", value, {"x": {"nl": "X", "values": values}}, "nl") == "ja"


@pytest.mark.parametrize(
    ("probability", "dutch", "english"),
    [
        (0.5, "mediaan", "median"),
        (0.25, "25e percentiel", "25th percentile"),
        (0.01, "1e percentiel", "1st percentile"),
        (0.11, "11e percentiel", "11th percentile"),
        (0.93, "93e percentiel", "93rd percentile"),
        (0.125, "12,5e percentiel", "12.5th percentile"),
    ],
)
def test_quantiles_have_names(probability: float, dutch: str, english: str) -> None:
    assert labels.quantile_text(probability, "nl") == labels.word(f"quantile {probability}", "nl") == dutch
    assert labels.value_label("quantile", probability, {}, "en") == english


def test_labels_fall_back_to_what_there_is() -> None:
    assert labels.variable_label("x", {}, "nl") == "x"
    assert labels.variable_label("x", {"x": "Naam"}, "en") == "Naam"
    assert labels.variable_label("x", {"x": {"nl": "Naam"}}, "en") == "Naam"
    assert labels.value_label("x", "low", {"x": "Naam"}, "nl") == "low"
    assert labels.value_label("year", 2014.0, {}, "nl") == "2014"
    assert labels.value_label("x", None, {}, "nl") == labels.value_label("x", float("nan"), {}, "nl") == ""


def test_unknown_language_is_refused() -> None:
    with pytest.raises(DataError, match="language has no option 'de'") as told:
        labels.check_language("de")
    assert "nl, en" in str(told.value)


def test_a_break_flag_is_told_with_its_year() -> None:
    assert labels.flag_text("break 2022", "nl") == "na de methodebreuk van 2022"
    assert labels.flag_text("never heard of", "en") == "never heard of"
