"""Proves that titles say of what and what was found, word for word, and claim only what the estimates support."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

import llo_research as llo
from llo_research.report import figure
from llo_research.report.content.reading import content_of
from llo_research.report.figures.title_parts import separated
from llo_research.results.quantities import Quantity
from tests.report.figures.title_calls import CALLS, GROUPS, TITLES
from tests.report.figures.title_survey import survey

NBSP = "\u00a0"
META = {"labels": {"y": "Leert"}}
SHARE = Quantity("share", "percent")
POINTS = Quantity("difference", "points", 0.0)


@pytest.fixture(scope="module")
def surveys() -> tuple[llo.Survey, llo.Survey]:
    """One year, and four with a break between them."""
    return survey(years=(2024,)), survey()


def title(result: Any, language: str = "nl", **options: Any) -> str:
    """A title as it is read: whatever stands between a number and its sign."""
    return figure(result, language=language, **options).title.replace(NBSP, " ").replace(" %", "%")


@pytest.mark.parametrize("name", CALLS)
def test_the_title_says_of_what_and_what_was_found(name: str, surveys: tuple[llo.Survey, llo.Survey]) -> None:
    result = CALLS[name](*surveys)
    for language, expected in zip(("nl", "en"), TITLES[name], strict=True):
        assert title(result, language) == expected


@pytest.mark.parametrize("name", CALLS)
def test_no_title_dumps_intervals_or_names_a_change_over_the_break(
    name: str, surveys: tuple[llo.Survey, llo.Survey]
) -> None:
    told = title(CALLS[name](*surveys))
    assert " tot " not in told.replace("tot en met", "").replace("van 2014 tot 2018", "")
    assert not any(change in told for change in ("in 2024 dan in 2014", "in 2024 dan in 2018", "van 2014 tot 2024"))


def test_no_claim_without_support(make_result: Callable[..., Any]) -> None:
    rows = {"g": ["a", "b"], "variable": ["y"] * 2}
    close = make_result(rows, [0.5, 0.53], [0.02, 0.02], [100, 100], META, SHARE)
    assert title(close) == "Leert: geen aantoonbaar verschil tussen b en a"
    far = make_result(rows, [0.5, 0.63], [0.02, 0.02], [100, 100], META, SHARE)
    assert title(far, "en") == "Leert: 13.0 points more for b than for a"


def test_picking_the_extremes_of_many_is_paid_for(make_result: Callable[..., Any]) -> None:
    """A difference that would do for two groups does not for the extremes of twelve."""
    estimates = [0.40, *np.linspace(0.44, 0.45, 10), 0.4845]
    z = 0.0845 / (0.02 * np.sqrt(2))
    assert stats.t.isf(0.025, 60) < z < stats.t.isf(0.025 / 66, 60)
    rows = {"g": [f"g{i}" for i in range(12)], "variable": ["y"] * 12}
    many = make_result(rows, estimates, [0.02] * 12, [100] * 12, META, SHARE)
    assert title(many) == "Leert: geen aantoonbare verschillen naar g"
    two = make_result({"g": ["a", "b"], "variable": ["y"] * 2}, [0.40, 0.4845], [0.02] * 2, [100] * 2, META, SHARE)
    assert title(two) in ("Leert: 8,5 punten meer bij b dan bij a", "Leert: 8,4 punten meer bij b dan bij a")


def test_covariance_counts(by_education: Any) -> None:
    content = content_of(by_education, 1, "nl")
    assert separated(content, 0, 1) is True
    assert separated(content, 0, 1, pairs=10**60) is False
    assert separated(content, 0, 0) is None


def test_levels_that_cannot_be_told_apart_have_no_first(make_result: Callable[..., Any]) -> None:
    rows = {"variable": ["y"] * 3, "level": ["a", "b", "c"]}
    assert title(make_result(rows, [0.2, 0.3, 0.5], [0.01] * 3, [90] * 3, META, SHARE)) == "Leert: c het vaakst (50,0%)"
    assert title(make_result(rows, [0.3, 0.34, 0.36], [0.01] * 3, [90] * 3, META, SHARE)) == "Leert: aandeel"


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (0.02, "of dit van nul verschilt, is niet aan te tonen"),
        (0.2, "20,0 punten meer dan nul"),
        (-0.2, "20,0 punten minder dan nul"),
    ],
)
def test_a_comparison_that_does_not_name_its_sides(make_result: Callable[..., Any], estimate: float, said: str) -> None:
    rows = {"variable": ["y"], "measure": ["difference"], "of": ["a"], "minus": ["b"]}
    assert title(make_result(rows, [estimate], [0.02], [50], META, POINTS, tested=True)) == f"Leert: {said}"


def test_several_comparisons_are_paid_for_and_never_of_both_signs(make_result: Callable[..., Any]) -> None:
    meta = {**META, "call": {"function": "gap", "variable": ["y"], "group": "h", "of": "a", "minus": "b"}}
    rows = {"g": ["p", "q", "r"], "variable": ["y"] * 3, "measure": ["difference"] * 3}
    told = [
        title(make_result(rows, numbers, [0.02] * 3, [50] * 3, meta, POINTS, tested=True))
        for numbers in ([0.042, 0.0, 0.0], [0.06, 0.01, 0.08], [0.06, -0.06, 0.0])
    ]
    assert told[0] == "Leert: verschil tussen a en b in geen van de groepen aantoonbaar"
    assert told[1] == "Leert: verschil tussen a en b aantoonbaar bij p en r"
    assert "aantoonbaar" not in told[2]


def test_over_time(over_time: Any, make_result: Callable[..., Any]) -> None:
    assert title(over_time) == "SYNTHETISCH: Opleiding of cursus gevolgd: aandeel naar jaar en opleidingsniveau"
    rows = {"year": [2014, 2016], "variable": ["y"] * 2}
    still = make_result(rows, [0.50, 0.51], [0.02, 0.02], [100] * 2, META, SHARE)
    assert title(still) == "Leert: geen aantoonbare verandering van 2014 tot 2016"
    other = {**META, "source": {"breaks": [{"time": 2015, "what": "x", "series": ["z"]}]}}
    assert title(make_result(rows, [0.5, 0.61], [0.02] * 2, [9] * 2, other, SHARE)).endswith(
        "11,0 punten meer in 2016 dan in 2014"
    )


def test_the_highest_is_not_told_where_a_group_may_not_be_seen(surveys: tuple[llo.Survey, llo.Survey]) -> None:
    one, _ = surveys
    frame = one.frame[(one.frame["education"] != "high") | one.frame["i"].isin([0, 1, 398, 399])]
    for restricted in (True, False):
        svy = llo.Survey(frame, weights="w", labels=one.labels, source={"title": "x", "restricted": restricted})
        told = title(llo.mean("training", svy, by="education"), "en")
        assert ("highest" in told) != restricted


def test_own_words_win(by_education: Any) -> None:
    drawn = figure(by_education, title="Wie leert?", subtitle="")
    assert drawn.title == "Wie leert?"
    assert drawn.wording.subtitle == ""


def test_no_data_at_all(make_result: Callable[..., Any]) -> None:
    rows = {"g": ["a", "b"], "variable": ["y"] * 2}
    assert title(make_result(rows, [np.nan] * 2, [np.nan] * 2, [0, 0], META, SHARE)).endswith(": geen gegevens")


def test_one_of_two_levels_is_drawn_and_named(surveys: tuple[llo.Survey, llo.Survey]) -> None:
    one, waves = surveys
    shown = figure(llo.share("course", waves, by="year"), language="en")
    both = llo.share("course", waves, by="year").to_frame()
    assert shown.frame["estimate"].tolist() == pytest.approx((100 * both[both["level"] == "ja"]["estimate"]).tolist())
    assert shown.wording.subtitle == "Course (yes): share by year"
    for level in ("nee", "no"):
        other = figure(llo.share("course", one), level=level, language="en")
        assert other.frame["estimate"].tolist() == pytest.approx([100 * (1 - 0.52667)], abs=0.01)
        assert other.title.startswith("Course (no), 2024:")
    with pytest.raises(llo.DataError, match="no level 'maybe'"):
        figure(llo.share("course", one), level="maybe")
    with pytest.raises(llo.DataError, match="no level"):
        figure(llo.mean("training", one), level="ja")
    assert len(figure(llo.gap("course", one, **GROUPS)).frame) == 1


def test_groups_that_nobody_is_in_are_not_drawn_and_named_below(surveys: tuple[llo.Survey, llo.Survey]) -> None:
    one, waves = surveys
    shares = figure(llo.share("contract", one), language="nl")
    assert shares.frame["Contract"].tolist() == ["vast", "flexibel"]
    assert any("Niet getekend, want zonder waarnemingen: zzp." in line for line in shares.wording.foot)
    crossed = figure(llo.crosstab("contract", "course", one), language="en")
    assert "own" not in crossed.frame.to_string()
    assert any("Not drawn, as nobody is in it: own." in line for line in crossed.wording.foot)
    # nobody answers yes: a finding, and drawn
    none = figure(llo.share("course", one.assign(course=lambda d: d["course"].where(d["course"] == "no", "nee"))))
    assert len(none.frame) == 1
    # a moment without data is told, not left out
    gone = waves.assign(training=lambda d: d["training"].where(d["year"] != 2018))
    assert figure(llo.mean("training", gone, by="year")).frame["estimate"].isna().sum() <= 1
