"""Proves that numbers are percentages only where the result says that they are shares."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.content.reading import content_of
from llo_research.results.quantities import Quantity


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
        ({"high": 100, "low": -100}, "number"),
        ("0.5 * high - low / 2", "points"),
        ("(high + low) / 2", "percent"),
        ("-(low - high)", "points"),
        ("`high` - 0.54", "points"),
        ("0.54 - low", "points"),
        ("high - low - 0.05", "points"),
        ("1 - high", "percent"),
        ("high - 54", "number"),
        ("high + low - 0.54", "number"),
        ("high - 0.5 * low", "number"),
        ("high / low", "number"),
        ("high * low - low * low", "number"),
        ("high - exp(log(low))", "number"),
        ("high ** 2 - low", "number"),
    ],
)
def test_contrasts_of_shares(survey: llo.Survey, what: Any, expected: str) -> None:
    assert unit(llo.mean("training", survey, by="education").contrast(what)) == (expected,)


def test_a_constant_taken_off_a_share_is_shown_in_points(survey: llo.Survey) -> None:
    shares = llo.mean("training", survey, by="education")
    found = shares.contrast("`high` - 0.25")
    shown = llo.report.table(found, language="en").to_frame()
    assert shown["Difference (percentage points)"].tolist() == [f"{100 * (float(shares.estimate[1]) - 0.25):.1f}"]
    assert content_of(found, 1, "en").quantities[0].null == 0.0


def test_contrasts_of_changes_and_of_joint_results(survey: llo.Survey) -> None:
    timed = llo.Survey(survey.frame.assign(year=[2014, 2016, 2018] * 100), weights="w", strata="year", time="year")
    for name, expected in (("training", "points"), ("hours", "number")):
        change = llo.change(name, timed, time="year", base=2014)
        assert unit(change.contrast("`2018` - `2016`")) == (expected,)
        assert unit(change.contrast({"2018": 0.5, "2016": 0.5})) == (expected,)
        assert unit(llo.change(name, timed, time="year", base=2014, scale="ratio").contrast("log(`2018`)")) == (
            "number",
        )
    gaps = llo.gap("training", survey, group="education", of="high", minus="low")
    both = llo.joint({"a": gaps, "b": gaps})
    assert unit(both.contrast({"a": 0.5, "b": 0.5})) == ("points",)
    mixed = llo.joint({"a": gaps, "b": llo.mean("training", survey)})
    assert unit(mixed.contrast("b - a")) == ("number",)


def test_a_contrast_is_judged_by_the_rows_it_speaks_of(survey: llo.Survey) -> None:
    shares = llo.mean("training", survey, by="education")
    beside = llo.joint({"share": shares, "hours": llo.mean("hours", survey)})
    assert unit(beside.contrast("`share:high` - `share:low`")) == ("points",)
    assert unit(beside.contrast({"share:high": 0.5, "share:low": 0.5})) == ("percent",)
    assert unit(beside.contrast("hours - `share:low`")) == ("number",)
    again = shares.contrast({"gap": "high - low"})
    assert unit(again.contrast("2 * gap")) == ("points",), "a multiple of a difference is one"


def test_a_quantile_goes_by_its_probability(survey: llo.Survey) -> None:
    def kinds(result: llo.Result) -> list[str]:
        return [quantity.kind for quantity in content_of(result, 1, "en").quantities]

    assert kinds(llo.quantile("hours", survey, q=0.125, by="education")) == ["quantile 0.125"] * 2
    assert kinds(llo.quantile("hours", survey, q=[0.25, 0.5])) == ["quantiles"] * 2
    both = llo.joint({"mean": llo.mean("hours", survey), "median": llo.quantile("hours", survey, q=0.5)})
    assert kinds(both) == ["mean", "quantile 0.5"]


def test_results_read_back_keep_their_units_without_labels(survey: llo.Survey, tmp_path: Path) -> None:
    svy = llo.Survey(survey.frame.rename(columns={"training": "y"}).assign(year=[2014, 2016] * 150), weights="w")
    shares, how = llo.mean("y", svy, by="education"), {"group": "education", "of": "high", "minus": "low"}
    made = {
        "percent": (shares, llo.mean("contract", svy), llo.share("y", svy), llo.crosstab("y", "contract", svy)),
        "points": (llo.gap("y", svy, **how), shares.contrast("high - low"), shares.contrast("high - 0.5")),
        "number": (
            llo.total("y", svy),
            llo.quantile("hours", svy, q=0.5),
            llo.variance("y", svy),
            llo.mean("hours", svy),
        ),
    }
    for expected, results in made.items():
        for number, result in enumerate(results):
            result.save(tmp_path / f"{expected}{number}")
            back = llo.read_result(tmp_path / f"{expected}{number}")
            assert back.scores is None
            assert unit(back) == (expected,), result.meta["call"]
            assert str(llo.report.table(back)) == str(llo.report.table(result))


def test_contrasts_of_other_numbers_stay_numbers(survey: llo.Survey) -> None:
    assert unit(llo.mean("hours", survey, by="education").contrast({"high": 1, "low": -1})) == ("number",)


def test_contrast_of_gaps_is_in_points(survey: llo.Survey) -> None:
    gaps = llo.gap("training", survey, group="education", of="high", minus="low", by="contract")
    assert unit(gaps.contrast({gaps.labels[0]: 0.5, gaps.labels[1]: 0.5})) == ("points",)


def test_joint_results_each_have_their_own_unit(survey: llo.Survey) -> None:
    both = llo.joint({"a": llo.mean("training", survey), "b": llo.mean("hours", survey)})
    assert unit(both) == ("percent", "number")


def bare(y: float = 0.5, **attrs: Any) -> pd.DataFrame:
    """A frame of one estimate of y, which holds no quantity."""
    frame = pd.DataFrame({"variable": ["y"], "estimate": [y], "std_error": [0.1]})
    frame.attrs.update(attrs)
    return frame


def test_of_a_bare_frame_its_own_unit_wins() -> None:
    labels = {"y": {"nl": "y", "values": {"0": "no", "1": "yes"}}}
    assert unit(bare()) == ("number",)
    assert unit(bare(unit={"y": "share"})) == unit(bare(unit="share")) == unit(bare(labels=labels)) == ("percent",)
    assert unit(bare(labels=labels, unit={"y": "number"})) == ("number",)


def test_of_a_bare_frame_levels_are_shares_and_differences_of_shares_points() -> None:
    assert unit(bare().assign(level="yes")) == ("percent",)
    assert unit(bare(unit="share").assign(measure="difference")) == ("points",)
    assert unit(bare(unit="share").assign(measure="odds")) == ("number",)
    assert unit(bare(unit="share").assign(quantile=0.5)) == ("number",)
    assert unit(bare(unit="share").assign(component="explained")) == ("points",)
    assert unit(bare(unit="share").assign(component="mean_of")) == ("percent",)


def test_one_and_two_are_not_zero_and_one() -> None:
    assert unit(bare(1.5, labels={"y": {"nl": "y", "values": {1: "yes", 2: "no"}}})) == ("number",)


def test_coefficients_show_their_own_precision(make_result: Callable[..., Any]) -> None:
    result = make_result({"term": ["a", "b"]}, [1.2, 0.0021], [0.1, 0.0004], quantity=Quantity("coefficient"))
    assert content_of(result, 1, "en").decimals == (2, 5)


@pytest.mark.parametrize("error", [1e-6, 1e-9, 0.0, float("nan")])
def test_a_standard_error_of_rounding_size_sets_no_decimals(make_result: Callable[..., Any], error: float) -> None:
    def shown(kind: str, estimate: float) -> str:
        result = make_result({"variable": ["y"]}, [estimate], [error], quantity=Quantity(kind))
        return llo.report.table(result).to_frame().iloc[0, 1]

    assert shown("total", 2_550_000.0) == "2.550.000"
    assert shown("mean", 2_550_000.0) == "2.550.000,0"


def test_a_small_total_keeps_its_digits(make_result: Callable[..., Any]) -> None:
    for error, expected in ((0.0, "3,50"), (0.02, "3,50"), (1.0, "4")):
        frame = llo.report.table(
            make_result({"variable": ["y"]}, [3.5], [error], quantity=Quantity("total"))
        ).to_frame()
        assert frame["Totaal"].tolist() == [expected]


def test_totals_are_whole(survey: llo.Survey) -> None:
    assert content_of(llo.total("training", survey), 1, "nl").decimals == (0,)
