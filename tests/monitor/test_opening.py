"""Proves that a chapter's first lines tell the values apart, not the file or the types that they came in."""

from __future__ import annotations

import pandas as pd
import pytest

import llo_research as llo
from llo_research.monitor.opening import checksum_of_values, opening

FRAME = pd.DataFrame({"a": [1.0, 2.5, None], "b": ["x", None, "z"], "w": [1.0, 2.0, 3.0]})


def test_the_checksum_is_that_of_the_values() -> None:
    whole = pd.DataFrame({"a": [1, 2]})
    assert checksum_of_values(whole, ["a"]) == checksum_of_values(whole.astype("float64"), ["a"])
    assert checksum_of_values(whole, ["a"]) == checksum_of_values(whole.astype("Int64"), ["a"])
    assert checksum_of_values(FRAME, ["a", "b"]) == checksum_of_values(
        FRAME.assign(b=FRAME["b"].astype("category")), ["a", "b"]
    )


@pytest.mark.parametrize("column", ["a", "b"])
def test_one_other_value_is_another_checksum(column: str) -> None:
    other = FRAME.copy()
    other.loc[0, column] = None
    assert checksum_of_values(other, ["a", "b"]) != checksum_of_values(FRAME, ["a", "b"])


def test_a_survey_is_opened_by_its_columns() -> None:
    source = {"kind": "public", "title": {"nl": "Een enquête", "en": "A survey"}, "edition": "2012"}
    svy = llo.Survey(FRAME, weights="w", source=source)
    text = repr(opening(svy, edition="2023", columns=["a", "w"], language="en"))
    assert "Edition of the monitor: 2023" in text
    assert f"llo_research {llo.__version__}" in text
    assert "A survey, 2012, 3 rows" in text
    assert checksum_of_values(svy.frame, ["a", "w"])[:16] in text
    assert "Een enquête" in repr(opening(svy, edition="2023", columns=["a"]))


def test_a_stack_tells_its_countries_by_edition_and_no_later_break() -> None:
    def survey(country: str, year: int) -> llo.Survey:
        later = [{"time": 2023, "series": ["a"], "what": {"nl": "anders gevraagd", "en": "asked otherwise"}}]
        about = {"kind": "public", "title": {"nl": "T", "en": "T"}, "edition": str(year), "country": country}
        return llo.Survey(FRAME, weights="w", source={**about, "years": [year], "breaks": later})

    three = {"nld": survey("nld", 2012), "swe": survey("swe", 2012), "ltu": survey("ltu", 2015)}
    stacked = llo.stack(three)
    assert "2012, NLD SWE, 2015, LTU, 9 rows" in repr(opening(stacked, edition="2023", columns=["a"], language="en"))
    assert stacked.source["years"] == [2012, 2015]
    assert "asked otherwise" not in str(llo.report.table(llo.mean("a", stacked, by="survey"), language="en"))
    undated = {**three, "est": llo.Survey(FRAME, weights="w", source={"kind": "public"})}
    assert "years" not in llo.stack(undated).source


def test_an_edition_in_two_languages_is_told_in_one() -> None:
    svy = llo.synthetic("nea", years=2024, n=2000, columns=["training"])
    text = repr(opening(svy, edition="2023", columns=["training"], language="en"))
    assert "yearly since 2005; synthetic, " in text
    assert "NONE" not in text
    assert "jaarlijks" in repr(opening(svy, edition="2023", columns=["training"]))


def test_what_cannot_be_opened_is_refused() -> None:
    svy = llo.Survey(FRAME, weights="w")
    with pytest.raises(llo.DataError, match="edition"):
        opening(svy, edition="2024", columns=["a"])
    with pytest.raises(llo.DataError, match="columns"):
        opening(svy, edition="2023")
    with pytest.raises(llo.DataError, match="columns"):
        opening(svy, edition="2023", columns=["c"])


def test_published_figures_open_with_the_checksum_of_their_files() -> None:
    text = repr(opening(llo.published(), edition="2023", language="en"))
    assert "published figures" in text
    assert "576 rows" in text


def test_several_surveys_are_told_one_after_another() -> None:
    surveys = {name: llo.synthetic(name, years=2021, n=2000) for name in ("nea", "wea")}
    lines = llo.monitor.opening(surveys, edition="2023", columns=["training", "trained_over_75"], language="en").lines
    assert [line.partition(":")[0] for line in lines[2:]] == ["Data", "Checksum (SHA-256)"] * 2
    assert checksum_of_values(surveys["wea"].frame, ["trained_over_75"])[:16] in lines[5]
    assert "Working Conditions" in lines[2] and "Employers" in lines[4]
    with pytest.raises(llo.DataError, match="columns"):
        llo.monitor.opening(surveys, edition="2023", columns=["training"])  # no column of the WEA: nothing to sum
