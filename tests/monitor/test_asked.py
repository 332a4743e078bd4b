"""The questions behind a chapter, in both languages."""

import pytest

import llo_research as llo
from llo_research.data.instrument import instrument_of
from llo_research.monitor.asked import _OF_NL


def test_a_question_says_of_whom_about_when_and_whether_its_wording_is_known() -> None:
    names = ["training_purpose", "need_training", "autonomy"]
    told = [line.split(" | ") for line in str(llo.monitor.asked(names, language="nl")).splitlines()[2:]]
    assert told[0][1:3] == ["wie in de afgelopen twee jaar een opleiding of cursus volgde", "afgelopen twee jaar"]
    assert told[1][1] == "iedereen, helft 1" and told[0][4] == "niet nagegaan |" and told[2][4] == "nagegaan |"


def test_an_unknown_variable_is_named() -> None:
    with pytest.raises(llo.DataError, match="tasks_of_today"):
        llo.monitor.asked(["tasks_of_today"])


@pytest.mark.parametrize("instrument", ["nea", "zea", "wea"])
def test_who_was_asked_has_words_in_both_languages(instrument: str) -> None:
    asked = {one["asked_of"] for one in instrument_of(instrument).harmonised.values() if "asked_of" in one}
    assert asked <= set(_OF_NL)
