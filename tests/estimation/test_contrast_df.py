"""Proves that df, counts and disclosure of a contrast rest on the rows it speaks of, and on what their df is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.estimation import Result
from tests.survey import samples


def _cells(seed: int = 0) -> tuple[pd.DataFrame, llo.Survey]:
    """Three groups that lie in 5, 7 and 9 places of their own, and 1 place of all."""
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(22), 4)
    group = np.repeat(["a"] * 5 + ["b"] * 7 + ["c"] * 10, 4)
    group[-4:] = ["a", "b", "c", "c"]
    frame = pd.DataFrame({"place": place, "g": group, "y": rng.normal(size=88), "w": rng.uniform(1, 3, 88)})
    return frame, llo.Survey(frame, weights="w", psu="place")


# (contrast, groups that it speaks of)
USES: list[tuple[Any, str]] = [
    ("a - b", "ab"),
    ("a - a", "a"),
    ("a * b - b * a", "ab"),
    ("0 * a + b", "b"),
    ("b - 0 * (a + c)", "b"),
    ("exp(a - a) * c", "ac"),
    ({"a": 1, "b": -1, "c": 0}, "ab"),
    ("(a - b) * (a - b)", "ab"),
    ("log(exp(a)) - a", "a"),
]


@pytest.mark.parametrize(("what", "groups"), USES, ids=[str(case[0]) for case in USES])
@pytest.mark.parametrize("zero", [False, True])
def test_a_contrast_rests_on_the_cells_it_speaks_of(what: Any, groups: str, zero: bool) -> None:
    frame, svy = _cells()
    if zero:  # the means are exactly 0, so that the slopes of products vanish
        frame = pd.concat([frame, frame.assign(y=-frame["y"])], ignore_index=True)
        svy = llo.Survey(frame, weights="w", psu="place")
    made = llo.mean("y", svy, by="g").contrast(what)
    inside = frame[frame["g"].isin(list(groups))]
    assert made.n is not None and made.n[0] == len(inside)
    assert made.df[0] == inside["place"].nunique() - 1
    assert made.cells["n"][0] == inside["g"].value_counts().min()
    assert "empty" not in made.flags[0] and "no_df" not in made.flags[0]


@pytest.mark.parametrize("text", ["a * a", "a ** 2", "a * b", "sqrt(1 + a * a)"])
def test_a_slope_that_is_zero_by_chance_is_no_row_less(text: str) -> None:
    frame, _ = _cells(1)
    frame = frame.assign(y=np.arange(88) % 5.0, w=1.0)  # whole numbers: the means are 0 to the last bit
    both = pd.concat([frame, frame.assign(y=-frame["y"])], ignore_index=True)
    made = llo.mean("y", llo.Survey(both, weights="w", psu="place"), by="g").contrast(text)
    assert made.std_error[0] == 0 and made.flags == ["zero_se low_df" if "b" not in text else "zero_se"]
    assert made.df[0] == both[both["g"].isin(["a", "b"] if "b" in text else ["a"])]["place"].nunique() - 1


def test_weights_that_cancel_over_two_contrasts() -> None:
    frame, svy = _cells()
    both = llo.mean("y", svy, by="g").contrast({"there": "a - b", "back": "b - a"})
    made = both.contrast("there + back")
    inside = frame[frame["g"] != "c"]
    assert made.df[0] == inside["place"].nunique() - 1 == both.df[0] and made.n is not None
    assert made.n[0] == len(inside) and "zero_se" in made.flags[0] and np.isnan(made.to_frame()["p_value"][0])


def test_the_middle_wave_of_a_line_counts_though_its_weight_is_zero() -> None:
    frame = pd.concat([_cells(seed)[0].assign(year=2014 + 2 * seed) for seed in range(3)], ignore_index=True)
    frame["place"] += 100 * frame["year"]
    svy = llo.Survey(frame, weights="w", strata="year", psu="place", time="year")
    trend = llo.trend("y", svy, time="year")
    assert trend.contrast({"y": 1}).df == pytest.approx(trend.df) == [3 * 21.0]
    assert trend.contrast({"y": 1}).n == pytest.approx(trend.n)


@pytest.mark.parametrize("design", ["clusters", "replicates", "strata"])
def test_a_contrast_of_one_row_has_its_df(design: str) -> None:
    svy = samples.replicate_survey(1) if design == "replicates" else samples.survey(design, 1)
    results: list[Result] = [
        llo.mean(["y", "gappy"], svy, by="region", missing="available"),
        llo.gap("trained", svy, group="education", of="high", minus="low", by="region", scale="odds"),
        llo.change("y", svy, time="year", base=2014, by="region"),
        llo.joint({"all": llo.mean("y", svy), "old": llo.mean("y", svy.where("older"))}),
    ]
    for result in results:
        for label, df in zip(result.labels, result.df, strict=True):
            assert result.contrast({label: 1}).df.tolist() == [df]


@pytest.mark.parametrize(
    ("own", "weights", "wanted"),
    [
        ([np.inf, np.inf, np.inf], {"a": 1, "b": -1}, np.inf),
        ([np.inf, 4.0, np.inf], {"a": 1, "b": -1}, 4.0),
        ([3.5, None, None], {"a": 1, "b": -1}, 3.5),
        ([np.inf, None, None], {"a": 1, "b": -1}, 7.0),
        ([3.5, None, None], {"b": 1, "c": -1}, 16.0),
        ([np.nan, None, None], {"a": 1, "b": -1}, np.nan),
        ([np.nan, None, None], {"b": 1, "c": -1}, 16.0),
    ],
)
def test_a_df_that_is_not_the_designs_is_kept(own: list[Any], weights: dict[str, float], wanted: float) -> None:
    means = llo.mean("y", _cells()[1], by="g")
    assert means.df.tolist() == [5.0, 7.0, 9.0]
    df = np.array([old if new is None else new for new, old in zip(own, means.df, strict=True)], dtype=float)
    made = replace(means, inference=replace(means.inference, df=df)).contrast(weights)
    assert made.df.tolist() == pytest.approx([wanted], nan_ok=True)


def test_the_rows_of_another_item_weight_do_not_count() -> None:
    """Two halves with a weight each: a joint contrast of one half has that half's df."""
    frame, _ = _cells()
    half = frame["place"] % 2
    frame = frame.assign(
        p=frame["y"].where(half == 0), q=frame["y"].where(half == 1), w1=1.0 * (half == 0), w2=1.0 * (half == 1)
    )
    svy = llo.Survey(frame, weights="w", psu="place", item_weights={"p": "w1", "q": "w2"})
    both = llo.joint({"p": llo.mean("p", svy), "q": llo.mean("q", svy)})
    assert both.contrast({"p": 1}).df.tolist() == [10.0] and both.contrast("p - q").df.tolist() == [21.0]
    assert [int(n) for text in ("p", "p - q") for n in both.contrast(text).to_frame()["n"]] == [44, 88]


def test_a_contrast_does_not_speak_of_the_intervals_of_its_rows() -> None:
    svy = samples.survey()
    for rows in (
        llo.quantile("y", svy, q=[0.25, 0.75], simultaneous=True),
        llo.share("education", svy, interval="beta", simultaneous=True, level=0.8),
    ):
        a, b, *_ = rows.labels
        made = rows.contrast({a: 1, b: -1}, level=0.9)
        assert (made.interval, made.own_ends, made.simultaneous, made.level) == ("wald", None, False, 0.9)
        assert made.meta.get("interval", "wald") == "wald" and not made.meta.get("simultaneous")
        text = llo.report.table(made, language="en").to_markdown() + made.summary()
        assert "Woodruff" not in text and "simultaneous confidence" not in text and "90" in text
