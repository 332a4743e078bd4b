"""A weighted survey comes back from its file with the same numbers, whatever steps and replicates made its weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo


@pytest.fixture
def base() -> llo.Survey:
    rng = np.random.default_rng(7)
    n = 400
    frame = pd.DataFrame(
        {
            "stratum": rng.integers(0, 4, n),
            "psu": rng.integers(0, 10, n),
            "wave": rng.integers(1, 3, n),
            "sex": pd.Categorical(rng.choice(["m", "v"], n)),
            "age": pd.Categorical(rng.choice(["young", "old"], n)),
            "income": rng.uniform(1, 5, n),
            "y": rng.normal(size=n),
            "w": rng.uniform(1, 4, n),
            "answered": rng.uniform(size=n) < 0.8,
        }
    )
    return llo.Survey(frame, weights="w", strata="stratum", psu="psu")


TOTALS = {"sex": {"m": 480.0, "v": 520.0}, "age": {"young": 450.0, "old": 550.0}}
WAYS: dict[str, Callable[[llo.Survey], llo.Survey]] = {
    "linear": lambda s: llo.calibrate(s, TOTALS),
    "raking by wave": lambda s: llo.calibrate(s, {1: TOTALS, 2: TOTALS}, method="raking", by="wave"),
    "logit with a number": lambda s: llo.calibrate(s, {**TOTALS, "income": 3010.0}, method="logit", bounds=(0.2, 4)),
    "estimated totals": lambda s: llo.calibrate(
        s, llo.EstimatedTotals({"sex": {"m": 480.0, "v": 520.0}}, [[90.0, -90.0], [-90.0, 90.0]])
    ),
    "nonresponse, calibration, trimming": lambda s: llo.trim(
        llo.calibrate(llo.adjust_nonresponse(s, "answered", classes="sex"), TOTALS), upper=6.0, preserve="total"
    ),
    "bootstrap": lambda s: llo.replicate(s, "bootstrap", replicates=30, seed=1),
    "calibrated jackknife": lambda s: llo.replicate(llo.calibrate(s, TOTALS), "jkn"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_numbers_after_reading(way: str, base: llo.Survey, tmp_path: Path) -> None:
    svy = WAYS[way](base)
    back = llo.read_survey(svy.save(tmp_path / "wave"))
    assert back.weights.equals(svy.weights)
    for call in (lambda s: llo.mean("y", s, by="sex"), lambda s: llo.total("income", s.where("age == 'old'"))):
        before, after = call(svy), call(back)
        np.testing.assert_array_equal(after.estimate, before.estimate)
        np.testing.assert_array_equal(after.covariance, before.covariance)
        assert after.meta["design"] == before.meta["design"]


def test_a_step_after_reading_is_the_step_before_saving(base: llo.Survey, tmp_path: Path) -> None:
    one = llo.calibrate(base, {"sex": TOTALS["sex"]})
    back = llo.read_survey(one.save(tmp_path / "one"))
    then, now = (llo.mean("y", llo.calibrate(s, {"age": TOTALS["age"]}, method="raking")) for s in (one, back))
    np.testing.assert_array_equal(now.covariance, then.covariance)


def test_a_distance_of_ones_own_is_refused_by_name(base: llo.Survey, tmp_path: Path) -> None:
    own = llo.weighting.Distance(np.exp, np.exp, "mine")
    with pytest.raises(llo.DataError, match=r"(?s)distance of your own.*mine"):
        llo.calibrate(base, TOTALS, method=own).save(tmp_path / "own")
