"""Proves that true values are those of the truth, by the column asked for, and what is refused."""

from __future__ import annotations

import pytest

import llo_research as llo


def test_the_values_are_those_of_the_truth() -> None:
    found = llo.monitor.true_values("nea", quantity="mean", variable="training", group="education", level="high")
    truth = llo.truth("nea").query("quantity == 'mean' & variable == 'training' & level == 'high'")
    assert found == {str(year): value for year, value in zip(truth["year"], truth["value"], strict=True)}
    assert len(found) > 5


def test_by_another_column_than_the_year() -> None:
    found = llo.monitor.true_values("wea", by="population", variable="hr1_yes", year=2021)
    assert sorted(found) == ["employees", "establishments"]
    assert found["employees"] > found["establishments"], "large establishments have it more often"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"variable": "hr1_yes"}, "several for a key"),
        ({"variable": "nothing"}, "none, or several"),
        ({"colour": "red"}, "no such column"),
    ],
)
def test_what_is_not_one_value_a_key_is_refused(asked: dict[str, str], message: str) -> None:
    with pytest.raises(llo.DataError, match=message):
        llo.monitor.true_values("wea", **asked)
