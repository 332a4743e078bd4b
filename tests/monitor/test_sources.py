"""The surveys behind the monitor, in both languages."""

import pytest

import llo_research as llo

NAMES = ["nea", "zea", "wea", "roa", "piaac", "gss"]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_survey_has_a_row_whose_words_are_those_of_its_file(language: str) -> None:
    rows = [
        line.strip("| ").split(" | ") for line in str(llo.monitor.sources(NAMES, language=language)).splitlines()[2:]
    ]
    about = llo.instruments().set_index("instrument").loc[NAMES]
    assert [row[0] for row in rows] == about[f"title_{language}"].tolist()
    assert [row[1] for row in rows] == about[f"population_{language}"].tolist()
    public = {"nl": "openbaar", "en": "public"}[language]
    assert [row[3] == public for row in rows] == (about["kind"] == "public").tolist()
    assert "2014" in rows[0][5] and "2022" in rows[0][5] and not any(char.isdigit() for char in rows[2][5])


def test_an_unknown_survey_is_refused() -> None:
    with pytest.raises(llo.DataError):
        llo.monitor.sources(["cv"])
