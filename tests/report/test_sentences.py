"""Proves that sentences show a result's own numbers, and refuse what the result does not hold."""

from __future__ import annotations

import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.sentences import sentences


@pytest.fixture(scope="module")
def svy() -> llo.Survey:
    frame = pd.DataFrame(
        {
            "trained": [1, 1, 0, 1, 0, 0, 1, 0],
            "age_group": ["25-34", "25-34", "25-34", "25-34", "55+", "55+", "55+", "55+"],
            "w": [1.0] * 8,
        }
    )
    return llo.Survey(frame, weights="w")


def test_numbers_are_those_of_the_result(svy: llo.Survey) -> None:
    found = llo.mean("trained", svy, by="age_group")
    low, high = (100 * found.to_frame()[name].iloc[0] for name in ("conf_low", "conf_high"))
    text = str(sentences("{a[25-34]} against {a[55+]:estimate}, n = {a[55+]:n}", a=found, language="en"))
    assert text == f"75.0% ({low:.1f} to {high:.1f}) against 25.0%, n = 4"
    assert str(sentences("{a[25-34]:bare}", a=found, language="en")) == f"75.0 ({low:.1f} to {high:.1f})"
    assert str(sentences("{a[25-34]:estimate}", a=found)) == "75,0%"


def test_differences_say_their_direction(svy: llo.Survey) -> None:
    older = llo.gap("trained", svy, group="age_group", of="55+", minus="25-34")
    younger = llo.gap("trained", svy, group="age_group", of="25-34", minus="55+")
    less, more = (str(sentences("{g:more}", g=gap, language="en")) for gap in (older, younger))
    assert less.startswith("50.0\N{NO-BREAK SPACE}percentage points less (")
    assert more.startswith("50.0\N{NO-BREAK SPACE}percentage points more (")
    assert less.partition("(")[2] == more.partition("(")[2]
    often = str(sentences("{g:more often}", g=older))
    assert often.startswith("50,0\N{NO-BREAK SPACE}procentpunt minder vaak (")
    p = older.to_frame()["p_value"].item()
    assert (
        str(sentences("{g:p}; {g:size}", g=older, language="en"))
        == f"p = {p:.3f}; 50.0\N{NO-BREAK SPACE}" + "percentage points"
    )


def test_a_difference_that_says_its_direction_is_told_by_its_size_and_turned_interval() -> None:
    people = [
        {"group": name, "trained": x} for name, ones in (("a", 5), ("b", 90)) for x in [1] * ones + [0] * (95 - ones)
    ]
    svy = llo.Survey(pd.DataFrame(people).assign(w=1.0), weights="w")
    less, more = (llo.gap("trained", svy, group="group", of=of, minus=minus) for of, minus in (("a", "b"), ("b", "a")))
    told = "{g:direction|more|less|unclear}, by {g:by}"
    texts = [str(sentences(told, g=gap, language="en")) for gap in (less, more)]
    assert [text.partition(",")[0] for text in texts] == ["less", "more"]
    assert texts[0].partition(", ")[2] == texts[1].partition(", ")[2] == str(sentences("by {g}", g=more, language="en"))
    unclear = llo.gap("trained", svy.where("trained == 0 | group == 'b'"), group="group", of="a", minus="b")
    few = llo.gap("trained", svy.assign(trained=[0, 1] * 95), group="group", of="a", minus="b")
    assert str(sentences("{g:by}", g=unclear, language="en")).startswith("94.7")  # 0 of 90 against 90 of 95
    assert str(sentences("{g:by}", g=few)) == str(sentences("{g}", g=few)), "what cannot be told keeps its sign"


def test_published_figures_are_read_by_their_index() -> None:
    frame = pd.DataFrame(
        {"value": [90.0, 17.0], "unit": "%", "rounding": [float("nan"), 1.0], "qualifier": ["more than", ""]},
        index=["informal", "2024"],
    )
    assert str(sentences("{f[informal]} and {f[2024]}", f=frame, digits=0, language="en")) == "more than 90% and 17%"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{b[55+]}", "was not given"),
        ("{a[65+]}", "row that is not there"),
        ("{a}", "needs the label"),
        ("{a[55+]:.2f}", "no such style"),
        ("{a[55+]:p}", "p-value that is not there"),
    ],
)
def test_what_the_result_does_not_hold_is_refused(svy: llo.Survey, template: str, message: str) -> None:
    with pytest.raises(llo.DataError, match=message):
        sentences(template, a=llo.mean("trained", svy, by="age_group"))


def test_an_interval_that_nobody_published_is_refused() -> None:
    frame = pd.DataFrame({"value": [17.0], "unit": "%"})
    with pytest.raises(llo.DataError, match="interval that is not there"):
        sentences("{f:interval}", f=frame)


def test_joined_results_are_named_once(svy: llo.Survey) -> None:
    both = llo.joint({"all": llo.mean("trained", svy), "again": llo.mean("w", svy)})
    assert list(llo.report.table(both, language="en").to_frame().iloc[:, 0]) == ["all", "again"]
    assert llo.report.table(both, language="en").row_heads == 1


def test_a_text_stands_as_it_is() -> None:
    assert (
        str(sentences("Since {year}, {n} people.", year="2022", n=2022, language="en")) == "Since 2022, 2,022 people."
    )
