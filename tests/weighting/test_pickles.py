"""Proves that surveys and results after every kind of weighting step can be pickled and copied, also after use."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

TOTALS = {"sex": {"m": 70.0, "v": 80.0}}


def survey() -> llo.Survey:
    """Forty people in clusters."""
    draw = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "sex": draw.choice(["m", "v"], 40),
            "age": draw.choice([1, 2], 40),
            "y": draw.normal(size=40),
            "w": draw.uniform(2, 5, 40),
            "psu": np.arange(40) // 4,
            "came": draw.random(40) < 0.8,
        }
    )
    return llo.Survey(frame, weights="w", psu="psu")


def stacked() -> llo.Survey:
    """Two surveys, one of them calibrated."""
    other = survey().frame.assign(y=lambda d: d["y"] + 1)
    return llo.stack({"a": llo.calibrate(survey(), TOTALS), "b": llo.Survey(other, weights="w", psu="psu")})


MADE = {
    "linear": lambda: llo.calibrate(survey(), TOTALS),
    "raking": lambda: llo.calibrate(survey(), TOTALS, method="raking"),
    "logit": lambda: llo.calibrate(survey(), TOTALS, method="logit", bounds=(0.2, 5)),
    "truncated": lambda: llo.calibrate(survey(), TOTALS, method="truncated", bounds=(0.2, 5)),
    "estimated": lambda: llo.calibrate(survey(), llo.EstimatedTotals(TOTALS, np.diag([4.0, 9.0])), method="raking"),
    "poststratified": lambda: llo.poststratify(survey(), TOTALS),
    "trimmed": lambda: llo.trim(survey(), upper=4.5, preserve="total"),
    "trimmed on margins": lambda: llo.trim(survey(), upper=4.5, preserve=["sex"]),
    "classes": lambda: llo.adjust_nonresponse(survey(), "came", classes="sex"),
    "propensity": lambda: llo.adjust_nonresponse(survey(), "came", formula="sex + age"),
    "stacked": stacked,
}


@pytest.mark.parametrize("name", MADE)
def test_a_pickle_and_a_copy_estimate_the_same(name: str) -> None:
    svy = MADE[name]()
    first = pickle.loads(pickle.dumps(svy))
    result = llo.mean("y", svy, by="age")
    assert (result.std_error > 0).all()
    for made in (first, pickle.loads(pickle.dumps(svy)), copy.deepcopy(svy)):
        again = llo.mean("y", made, by="age")
        assert again.estimate.tolist() == result.estimate.tolist()
        assert again.covariance.tolist() == result.covariance.tolist()
        assert llo.replicate(made, "jkn").weights.tolist() == svy.weights.tolist()
    kept = pickle.loads(pickle.dumps(result)).contrast("`1` - `2`")
    assert kept.std_error.tolist() == result.contrast("`1` - `2`").std_error.tolist()
    assert kept.influence.tolist() == result.contrast("`1` - `2`").influence.tolist()
