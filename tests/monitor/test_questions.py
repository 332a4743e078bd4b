"""Proves that a figure tells the questions behind it, in their own words only where these were verified."""

from __future__ import annotations

import pytest

import llo_research as llo
from llo_research.monitor.indicators import indicators
from llo_research.monitor.questions import questions_note


def test_verified_words_are_quoted_and_others_are_said_to_be_ours() -> None:
    room = questions_note(["high_autonomy"], ["nea"], "nl")
    assert room.startswith("Vragen (NEA; tekst nagegaan: CBS (2023)") and "“Kunt u zelf beslissen hoe u uw werk" in room
    assert room.count("“") == 5 and room.endswith("(1 nee; 2 ja, soms; 3 ja, regelmatig).")
    same = questions_note(["high_autonomy"], ["zea"], "nl")
    assert "niet nagegaan" in same and "“" not in same, "of the ZEA nobody laid them beside the questionnaire"


def test_surveys_that_ask_the_same_are_told_once() -> None:
    said = questions_note(["training"], ["nea", "zea"], "en")
    assert said.startswith("Question (NEA and ZEA; wording not verified") and said.endswith("(1 yes; 2 no).")
    assert questions_note(["training"], ["someone"], "en") == ""


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_indicator_has_its_questions(language: str) -> None:
    for name, one in indicators().items():
        for survey in one.instruments:  # those of a student's own name none
            assert questions_note(one.formulas.values(), [survey], language), (name, survey)


def test_a_figure_of_the_monitor_tells_them_and_says_what_the_codebook_says() -> None:
    nea = llo.synthetic("nea", years=[2020, 2022])
    shown = llo.monitor.figure("8", surveys={"nea": nea}, language="en")
    (told,) = [line for line in shown.more if line.startswith("Question")]
    book = llo.codebook("nea").set_index("variable")
    verified = "Dutch wording verified" in told
    named = [
        name
        for name in book.index[book["kind"] == "own"]
        if str(book.loc[name, "label_en"]).replace(" (code)", "") in told
    ]
    assert named and all((book.loc[name, "wording_status"] == "verified") == verified for name in named)
