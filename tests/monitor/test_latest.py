"""The year that a chapter shows, and what it says it lacks."""

import pandas as pd
import pytest

import llo_research as llo


@pytest.fixture(scope="module")
def survey() -> llo.Survey:
    frame = pd.DataFrame({"year": [2019, 2020, 2021, 2021], "a": [1.0, 1.0, 1.0, None], "b": [1.0, 0.0, None, 1.0]})
    return llo.Survey(frame.assign(w=1.0), weights="w")


@pytest.mark.parametrize(("names", "year"), [((), 2021), (("a",), 2021), (("b",), 2021), (("a", "b"), 2020)])
def test_the_year_has_people_who_answered_all(survey: llo.Survey, names: tuple[str, ...], year: int) -> None:
    assert llo.monitor.latest(survey, *names) == year


def test_years_outside_the_domain_do_not_count(survey: llo.Survey) -> None:
    assert llo.monitor.latest(survey.where("year < 2020"), "a", "b") == 2019
    with pytest.raises(llo.DataError, match="no year in which all"):
        llo.monitor.latest(survey.where("year == 2021"), "a", "b")


def test_an_absent_column_is_named(survey: llo.Survey) -> None:
    with pytest.raises(llo.DataError, match="learning"):
        llo.monitor.latest(survey, "learning")


def test_what_is_lacking_is_told_in_both_languages() -> None:
    dutch, english = (llo.monitor.lacking("02_learning_behaviour", language=one) for one in ("nl", "en"))
    assert "2018" in dutch and "2018" in english and dutch != english
    assert "not" in llo.monitor.lacking("08_netherlands_in_piaac", language="en"), "a chapter of which nothing is said"
    with pytest.raises(llo.DataError, match="no such chapter"):
        llo.monitor.lacking("02")
