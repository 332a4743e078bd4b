"""Proves that titles tell the numbers, and claim a difference only where the estimates support it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from llo_research.report import figure
from llo_research.report.content.reading import content_of
from llo_research.report.figures.titles import separated
from llo_research.results.quantities import Quantity

NBSP = "\u00a0"
META = {"labels": {"y": "Leert"}}
SHARE = Quantity("share", "percent")


def title(result: Any, language: str = "nl", **options: Any) -> str:
    return figure(result, language=language, **options).title.replace(NBSP, " ")


def test_two_groups_that_differ(by_education: Any) -> None:
    assert title(by_education) == "Hoog 73,3%, laag 45,0%: verschil 28,3 procentpunt"
    assert title(by_education, "en") == "High 73.3%, low 45.0%: difference 28.3 percentage points"


def test_no_claim_without_support(make_result: Callable[..., Any]) -> None:
    rows = {"g": ["a", "b"], "variable": ["y"] * 2}
    close = make_result(rows, [0.5, 0.53], [0.02, 0.02], [100, 100], META, SHARE)
    assert title(close) == "B 53,0%, a 50,0%: geen aantoonbaar verschil"
    assert title(close, "en") == "B 53.0%, a 50.0%: no distinguishable difference"


def test_picking_the_extremes_of_many_is_paid_for(make_result: Callable[..., Any]) -> None:
    """A difference that would do for two groups does not for the extremes of twelve."""
    estimates = [0.40, *np.linspace(0.44, 0.45, 10), 0.4845]
    z = 0.0845 / (0.02 * np.sqrt(2))
    assert stats.t.isf(0.025, 60) < z < stats.t.isf(0.025 / 66, 60)
    rows = {"g": [f"g{i}" for i in range(12)], "variable": ["y"] * 12}
    many = make_result(rows, estimates, [0.02] * 12, [100] * 12, META, SHARE)
    assert title(many).endswith("geen aantoonbaar verschil")
    two = make_result({"g": ["a", "b"], "variable": ["y"] * 2}, [0.40, 0.4845], [0.02] * 2, [100] * 2, META, SHARE)
    assert "verschil 8,5" in title(two) or "verschil 8,4" in title(two)


def test_covariance_counts(by_education: Any) -> None:
    content = content_of(by_education, 1, "nl")
    assert separated(content, 0, 1) is True
    assert separated(content, 0, 1, pairs=10**60) is False
    assert separated(content, 0, 0) is None


def test_levels_of_one_variable_are_listed_not_compared(make_result: Callable[..., Any]) -> None:
    rows = {"variable": ["y"] * 3, "level": ["a", "b", "c"]}
    assert title(make_result(rows, [0.2, 0.3, 0.5], [0.01] * 3, [90] * 3, META, SHARE)) == "C 50,0%, b 30,0%, a 20,0%"


@pytest.mark.parametrize(("estimate", "said"), [(0.02, ", niet aantoonbaar"), (0.2, "")])
def test_a_single_gap(make_result: Callable[..., Any], estimate: float, said: str) -> None:
    rows = {"variable": ["y"], "measure": ["difference"], "of": ["a"], "minus": ["b"]}
    points = Quantity("difference", "points", 0.0)
    told = title(make_result(rows, [estimate], [0.02], [50], META, points, tested=True))
    assert told.startswith("Leert: verschil, a tegenover b: ")
    assert told.endswith(")" + said)


def test_over_time(over_time: Any, make_result: Callable[..., Any]) -> None:
    assert title(over_time) == "SYNTHETISCH: Van 40,0% (2022, laag) tot 74,0% (2021, hoog)"
    rows = {"year": [2014, 2016], "variable": ["y"] * 2}
    still = make_result(rows, [0.50, 0.51], [0.02, 0.02], [100] * 2, META, SHARE)
    assert title(still) == "Van 50,0% in 2014 naar 51,0% in 2016: geen aantoonbare verandering"
    moved = make_result(rows, [0.50, 0.61], [0.02, 0.02], [100] * 2, META, SHARE)
    assert title(moved) == "Van 50,0% in 2014 naar 61,0% in 2016"
    broken = {**META, "source": {"breaks": [{"time": 2015, "what": "x", "series": ["y"]}]}}
    assert title(make_result(rows, [0.5, 0.61], [0.02] * 2, [9] * 2, broken, SHARE)).endswith(
        "over een methodebreuk heen"
    )
    other = {**META, "source": {"breaks": [{"time": 2015, "what": "x", "series": ["z"]}]}}
    assert title(make_result(rows, [0.5, 0.61], [0.02] * 2, [9] * 2, other, SHARE)).endswith("in 2016")


def test_several_lines_are_told_at_the_last_time(make_result: Callable[..., Any]) -> None:
    rows = {"year": [2014, 2014, 2016, 2016], "g": ["a", "b"] * 2, "variable": ["y"] * 4}
    result = make_result(rows, [0.1, 0.2, 0.3, 0.5], [0.01] * 4, [100] * 4, META, SHARE)
    assert title(result) == "2016: b 50,0%, a 30,0%: verschil 20,0 procentpunt"


def test_own_words_win(by_education: Any) -> None:
    drawn = figure(by_education, title="Wie leert?", subtitle="")
    assert drawn.title == "Wie leert?"
    assert drawn.wording.subtitle == ""


def test_no_data_at_all(make_result: Callable[..., Any]) -> None:
    rows = {"g": ["a", "b"], "variable": ["y"] * 2}
    assert title(make_result(rows, [np.nan] * 2, [np.nan] * 2, [0, 0], META, SHARE)).endswith(": geen gegevens")
