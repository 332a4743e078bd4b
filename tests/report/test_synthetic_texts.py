"""Proves that a text of synthetic numbers says so, once, wherever it is put."""

from __future__ import annotations

import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.sentences import Sentences, sentences

MARK = {"nl": "SYNTHETISCH:", "en": "SYNTHETIC:"}
FRAME = pd.DataFrame({"y": [1, 1, 0, 1, 0, 0, 1, 0], "g": ["a"] * 4 + ["b"] * 4, "w": 1.0})


def mean(*, synthetic: bool) -> llo.Result:
    return llo.mean("y", llo.Survey(FRAME, weights="w", source={"title": "Made up", "synthetic": synthetic}), by="g")


@pytest.mark.parametrize("language", MARK)
def test_a_text_says_it_first(language: str) -> None:
    made, real = mean(synthetic=True), mean(synthetic=False)
    assert sentences("Of a {m[a]:n}.", m=made, language=language) == f"{MARK[language]} Of a 4."
    assert sentences("Of a {m[a]:n}.", m=real, language=language) == "Of a 4."
    assert sentences("{r[a]:n}, {m[a]:n}", m=made, r=real, language=language) == f"{MARK[language]} 4, 4"
    assert sentences("{r[a]:n}", m=made, r=real, language=language) == "4", "what the text does not name is not in it"
    assert sentences("{k} of {year}", k=3, year="2022", language=language) == "3 of 2022"


@pytest.mark.parametrize("start", ["- ", "\n- ", "1. ", "| ", "## ", "> "])
def test_a_list_or_a_table_stays_one(start: str) -> None:
    text = str(sentences(start + "{m[a]:n}", m=mean(synthetic=True), language="en"))
    before = start[: len(start) - len(start.lstrip())]
    assert text == f"{before}SYNTHETIC:\n\n{start.lstrip()}4"


def test_bold_begins_behind_it() -> None:
    assert sentences("\n**{m[a]:n} are.**", m=mean(synthetic=True), language="en") == "\nSYNTHETIC: **4 are.**"


def test_once_where_texts_go_into_texts() -> None:
    made = mean(synthetic=True)
    inner = sentences("{m[a]:n} of a", m=made, language="en")
    assert isinstance(inner, Sentences)
    assert sentences("There are {one}.", one=inner, language="en") == "SYNTHETIC: There are 4 of a."


def test_once_in_titles() -> None:
    made = mean(synthetic=True)
    title = sentences("Of a {m[a]:n}", m=made, language="en")
    figure = llo.report.figure(made, title=title, subtitle=title, language="en")
    assert (figure.title, figure.wording.subtitle) == ("SYNTHETIC: Of a 4", "Of a 4")
    assert llo.report.table(made, title=title, language="en").caption == "SYNTHETIC: Of a 4"
    real = llo.report.table(mean(synthetic=False), title=title, language="en")
    assert real.caption == "SYNTHETIC: Of a 4", "a number of made-up data over others"
