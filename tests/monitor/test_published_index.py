"""Proves that the index of published figures lists every series once, in either language, and can be searched."""

from __future__ import annotations

import pytest

import llo_research as llo


def lines(text: object) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in str(text).splitlines()[2:]]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_series_stands_once_with_the_number_of_its_figures(language: str) -> None:
    counts = llo.published()["series"].value_counts().to_dict()
    assert {row[-1]: int(row[5]) for row in lines(llo.monitor.published_index(language=language))} == counts


def test_it_tells_breaks_and_margins() -> None:
    rows = {row[-1]: row for row in lines(llo.monitor.published_index(language="nl"))}
    assert rows["CI_85572"][7] == "gepubliceerd" and rows["SER25_train"][7] == "niet gepubliceerd"
    assert rows["LFS4w_edu"][6] == "2010, 2013" and rows["LFS4w_edu"][4] == "2007-2017"
    assert rows["WEA_75"][2] == "afgelopen jaar"


def test_it_can_be_searched() -> None:
    found = lines(llo.monitor.published_index("eurostat", language="en"))
    assert found and len(found) < 10
    asked = {word: {row[-1] for row in lines(llo.monitor.published_index(word))} for word in ("ZZP", "self-employed")}
    assert "CBS21_flex61" in asked["ZZP"], "by its people, and by the word that people use"
    assert {"AGO15", "LFS_pos_2023Q4", "CBS21_flex61"} <= asked["self-employed"], "by a category, in either language"
    with pytest.raises(llo.DataError, match="published_index"):
        llo.monitor.published_index("zeppelin")
