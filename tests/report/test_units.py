"""Proves that numbers are percentages only where the result says that they are shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import llo_research as llo
from llo_research.report.reading import content_of


def unit(result: Any) -> tuple[str, ...]:
    return content_of(result, 1, "en").units


def test_means_of_zero_one_variables_are_shares(survey: llo.Survey) -> None:
    assert unit(llo.mean("training", survey)) == ("percent",)
    assert unit(llo.mean("flag", survey)) == ("percent",)
    assert unit(llo.mean("contract", survey)) == ("percent",)
    assert unit(llo.share("training", survey)) == ("percent",)
    assert unit(llo.mean("hours", survey)) == ("number",)
    assert unit(llo.mean(["training", "hours"], survey)) == ("percent", "number")


def test_gaps_of_shares_are_percentage_points(survey: llo.Survey) -> None:
    how = {"group": "education", "of": "high", "minus": "low"}
    assert unit(llo.gap("training", survey, **how)) == ("points",)
    assert unit(llo.gap("contract", survey, **how)) == ("points",)
    assert unit(llo.gap("hours", survey, **how)) == ("number",)
    assert unit(llo.gap("training", survey, **how, scale="ratio")) == ("number",)
    assert unit(llo.total("training", survey)) == ("number",)
    assert unit(llo.ratio("training", "hours", survey)) == ("number",)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({"high": 1, "low": -1}, "points"),
        ("high - low", "points"),
        ({"high": 0.5, "low": 0.5}, "percent"),
        ({"high": 1, "low": 1}, "number"),
        ("log(high / low)", "number"),
        ("high * 100 - low * 100", "number"),
    ],
)
def test_contrasts_of_shares(survey: llo.Survey, what: Any, expected: str) -> None:
    assert unit(llo.mean("training", survey, by="education").contrast(what)) == (expected,)


def test_contrasts_of_other_numbers_stay_numbers(survey: llo.Survey) -> None:
    assert unit(llo.mean("hours", survey, by="education").contrast({"high": 1, "low": -1})) == ("number",)


def test_contrast_of_gaps_is_in_points(survey: llo.Survey) -> None:
    gaps = llo.gap("training", survey, group="education", of="high", minus="low", by="contract")
    assert unit(gaps.contrast({gaps.labels[0]: 0.5, gaps.labels[1]: 0.5})) == ("points",)


def test_joint_results_each_have_their_own_unit(survey: llo.Survey) -> None:
    both = llo.joint({"a": llo.mean("training", survey), "b": llo.mean("hours", survey)})
    assert unit(both) == ("percent", "number")


def test_the_unit_in_meta_wins(make_result: Callable[..., Any]) -> None:
    rows = {"variable": ["y"]}
    call = {"function": "mean", "variables": ["y"]}
    assert unit(make_result(rows, [0.5], [0.1], None, {"call": call})) == ("number",)
    assert unit(make_result(rows, [0.5], [0.1], None, {"call": call, "unit": {"y": "share"}})) == ("percent",)
    labels = {"y": {"nl": "y", "values": {"0": "no", "1": "yes"}}}
    assert unit(make_result(rows, [0.5], [0.1], None, {"call": call, "labels": labels})) == ("percent",)
    assert unit(make_result(rows, [0.5], [0.1], None, {"call": call, "labels": labels, "unit": {"y": "number"}})) == (
        "number",
    )


def test_one_and_two_are_not_zero_and_one(make_result: Callable[..., Any]) -> None:
    labels = {"y": {"nl": "y", "values": {1: "yes", 2: "no"}}}
    meta = {"call": {"function": "mean", "variables": ["y"]}, "labels": labels}
    assert unit(make_result({"variable": ["y"]}, [1.5], [0.1], None, meta)) == ("number",)


def test_coefficients_show_their_own_precision(make_result: Callable[..., Any]) -> None:
    result = make_result({"term": ["a", "b"]}, [1.2, 0.0021], [0.1, 0.0004], None, {"call": {"function": "glm"}})
    assert content_of(result, 1, "en").decimals == (2, 5)


@pytest.mark.parametrize("error", [1e-6, 1e-9, 0.0, float("nan")])
def test_a_standard_error_of_rounding_size_sets_no_decimals(make_result: Callable[..., Any], error: float) -> None:
    def shown(function: str, estimate: float) -> str:
        meta = {"call": {"function": function, "variables": ["y"]}}
        return llo.report.table(make_result({"variable": ["y"]}, [estimate], [error], None, meta)).to_frame().iloc[0, 1]

    assert shown("total", 2_550_000.0) == "2.550.000"
    assert shown("mean", 2_550_000.0) == "2.550.000,0"


def test_a_small_total_keeps_its_digits(make_result: Callable[..., Any]) -> None:
    meta = {"call": {"function": "total", "variables": ["y"]}}
    for error, expected in ((0.0, "3,50"), (0.02, "3,50"), (1.0, "4")):
        frame = llo.report.table(make_result({"variable": ["y"]}, [3.5], [error], None, meta)).to_frame()
        assert frame["Totaal"].tolist() == [expected]


def test_totals_are_whole(survey: llo.Survey) -> None:
    assert content_of(llo.total("training", survey), 1, "nl").decimals == (0,)
