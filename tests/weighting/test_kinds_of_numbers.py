"""Numbers of other kinds (numpy's, Decimal) in options, and Series that stand beside other rows."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.weighting.samples import margin, survey


def test_decimals_mean_what_floats_mean() -> None:
    svy = survey(n=200)
    sexes = {"sex": margin(svy, "sex")}
    for made in (
        lambda number: llo.calibrate(svy, sexes, method="truncated", bounds=(number("0.5"), number("2"))),
        lambda number: llo.trim(svy, lower=number("50"), upper=number("250"), preserve=["sex"]),
        lambda number: llo.combine_parts(
            llo.calibrate(svy, {1: sexes, 2: sexes}, by="half"),
            "half",
            proportional_to={1: number("0.25"), 2: number("0.75")},
        ),
        lambda number: llo.calibrate(
            svy, llo.EstimatedTotals(sexes, [[number("9"), number("-9")], [number("-9"), number("9")]])
        ),
    ):
        wanted, *others = (llo.mean("y", made(number), by="education") for number in (float, Decimal, np.float64))
        for other in others:
            assert np.array_equal(other.covariance, wanted.covariance)


def test_scale_of_other_rows_is_refused() -> None:
    svy = survey(n=60)
    q = pd.Series(np.linspace(1, 2, 60), index=svy.frame.index)
    totals = {"sex": margin(svy, "sex"), "age": float((svy.weights * svy.frame["age"]).sum())}
    beside = llo.calibrate(svy, totals, scale=q).weights
    assert beside.tolist() == llo.calibrate(svy, totals, scale=q.to_numpy()).weights.tolist()
    with pytest.raises(llo.CalibrationError, match="rows might be mixed up"):
        llo.calibrate(svy, totals, scale=q.sort_values(ascending=False))


def test_steps_without_end_are_refused() -> None:
    svy = survey(n=60)
    with pytest.raises(llo.CalibrationError, match="a whole number of steps"):
        llo.calibrate(svy, {"sex": margin(svy, "sex")}, max_iter=float("inf"))


def test_a_margin_may_have_any_name() -> None:
    svy = llo.Survey(survey(n=200).frame.rename(columns={"sex": "_weight"}), weights="w")
    trimmed = llo.trim(svy, upper=250.0, preserve=["_weight"])
    before, after = (s.weights.groupby(svy.frame["_weight"]).sum() for s in (svy, trimmed))
    assert after.tolist() == pytest.approx(before.tolist(), rel=1e-9)


def test_labels_that_read_alike_are_told_apart_in_the_message() -> None:
    frame = pd.DataFrame({"b": ["p:q", "p", "p:q", "p"], "c": ["r", "q:r", "q:r", "r"], "w": 1.0})
    totals = frame.groupby(["b", "c"])["w"].sum() * 2
    texts = [":".join(key) for key in totals.index]
    cov = pd.DataFrame(np.eye(4), index=texts, columns=texts)
    with pytest.raises(llo.CalibrationError) as caught:
        llo.calibrate(llo.Survey(frame, weights="w"), llo.EstimatedTotals({("b", "c"): totals}, cov))
    assert "('p', 'q:r')" in str(caught.value) and "('p:q', 'r')" in str(caught.value)


def test_wider_bounds_are_not_advised_where_none_would_do() -> None:
    frame = pd.DataFrame({"a": ["x", "x", "y"], "b": ["p", "p", "q"], "w": 10.0})
    frame = pd.concat([frame, pd.DataFrame({"a": ["x"], "b": ["q"], "w": [10.0]})], ignore_index=True)
    with pytest.raises(llo.CalibrationError) as caught:
        llo.calibrate(
            llo.Survey(frame, weights="w"),
            {"a": {"x": 5.0, "y": 25.0}, "b": {"p": 20.0, "q": 10.0}},
            method="truncated",
            bounds=(0.9, 1.1),
        )
    assert "no weights that are not negative reach these" in str(caught.value)
    assert "make the margins consistent" in str(caught.value) and "widen the bounds" not in str(caught.value)
