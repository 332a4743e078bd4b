"""Replicates from Gram matrices against the estimator run anew at each set of replicate weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import llo_research as llo
from tests.regression.panel.panels import frame, survey

BRUTE = 1e-8  # systems of replicates are solved in another order; the largest seen is 1e-11

ESTIMATORS: dict[str, Callable[[llo.Survey], Any]] = {
    "fixed_effects": lambda svy: llo.panel.fixed_effects("y ~ x + u", svy),
    "two_way": lambda svy: llo.panel.fixed_effects("y ~ x + u", svy, effects=("unit", "time")),
    "groups": lambda svy: llo.panel.fixed_effects("y ~ x + u", svy, effects=("group", "time")),
    "first_difference": lambda svy: llo.panel.first_difference("y ~ x + u", svy),
    "conditional_logit": lambda svy: llo.panel.conditional_logit("yes ~ x + u", svy),
    "fixed_effects_ordered": lambda svy: llo.panel.fixed_effects_ordered("scale ~ x + u", svy),
    "poisson": lambda svy: llo.panel.fixed_effects_poisson("count ~ x + u", svy),
    "poisson_two": lambda svy: llo.panel.fixed_effects_poisson("count ~ x + u", svy, effects=("unit", "time")),
    "instruments": lambda svy: llo.panel.fixed_effects_iv("y ~ u + [x ~ push + pull]", svy),
    "instruments_two": lambda svy: llo.panel.fixed_effects_iv("y ~ u + [x ~ push]", svy, effects=("unit", "time")),
    "between": lambda svy: llo.panel.between("y ~ x + u", svy),
    "random_effects": lambda svy: llo.panel.random_effects("y ~ x + u", svy),
    "mundlak": lambda svy: llo.panel.mundlak("y ~ x + u", svy),
    "hybrid": lambda svy: llo.panel.hybrid("y ~ x + u", svy),
    "correlated": lambda svy: llo.panel.correlated_random_effects("yes ~ x + u", svy),
    "correlated_ordered": lambda svy: llo.panel.correlated_random_effects("scale ~ x + u", svy, family="ordered"),
    "pseudo_panel": lambda svy: llo.panel.pseudo_panel("y ~ x + u", svy, cohort="group", correction=None),
}
ONE_WEIGHT = ("first_difference", "random_effects", "conditional_logit", "fixed_effects_ordered")
TOTALS = {"low": 700.0, "middle": 650.0, "high": 720.0}


def brute(make: Callable[[llo.Survey], Any], svy: llo.Survey, data: Any, count: int) -> np.ndarray:
    """The estimates at the first replicates, each as a survey of its own."""
    weights = svy.design.replicates.weights
    found = []
    for r in range(count):
        own = data.assign(w=weights[:, r])
        found.append(make(survey(own[own["w"] > 0])).estimate)
    return np.array(found)


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("method", ["jkn", "bootstrap"])
def test_by_factors_of_units(name: str, method: str) -> None:
    data, make = frame(45, 4), ESTIMATORS[name]
    options = {"replicates": 30, "seed": 1} if method == "bootstrap" else {}
    svy = llo.replicate(survey(data), method, **options)
    fit = make(svy)
    assert fit.replicates[:12] == pytest.approx(brute(make, svy, data, 12), rel=BRUTE)
    known = svy.design.replicates.covariance(fit.replicates, fit.estimate)
    assert fit.covariance == pytest.approx(known, rel=1e-12)


@pytest.mark.parametrize("name", [name for name in ESTIMATORS if name not in ONE_WEIGHT])
def test_by_weights_that_move_within_units(name: str) -> None:
    data, make = frame(45, 4), ESTIMATORS[name]
    svy = llo.calibrate(llo.replicate(survey(data), "jkn"), {"level": TOTALS}, method="raking")
    fit = make(svy)
    assert fit.replicates[:8] == pytest.approx(brute(make, svy, data, 8), rel=BRUTE)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_calibrated_to_what_persons_keep(name: str) -> None:
    data, make = frame(45, 4), ESTIMATORS[name]
    data["kind"] = (data["who"] % 4).astype(str)
    totals = (data.groupby("kind")["w"].sum() * [1.1, 0.95, 1.02, 0.9]).to_dict()
    svy = llo.calibrate(llo.replicate(survey(data), "jkn"), {"kind": totals})
    assert make(svy).replicates[:8] == pytest.approx(brute(make, svy, data, 8), rel=BRUTE)


@pytest.mark.parametrize("name", ONE_WEIGHT)
def test_refuses_replicates_that_move_within_units_of_one_weight(name: str) -> None:
    data, rng = frame(45, 4), np.random.default_rng(5)
    own = data.assign(**{f"r{j}": data["w"] * rng.uniform(0.5, 1.5, len(data)) for j in range(1, 9)})
    options = {"replicate_weights": "r[1-8]", "replicate_method": "bootstrap"}
    with pytest.raises(llo.DesignError, match="one weight for each unit"):
        ESTIMATORS[name](llo.Survey(own, weights="w", unit="who", time="year", **options))


def test_linearised_and_replicated_errors_agree() -> None:
    # random effects in data in which they hold: their components stay as they are in the linearised errors
    data = frame(300, 4)
    rng = np.random.default_rng(8)
    data["y"] = data["x"] - data["u"] + rng.normal(size=500)[data["who"]] + rng.normal(size=len(data))
    for name, make in ESTIMATORS.items():
        linear, replicated = make(survey(data)), make(llo.replicate(survey(data), "jkn"))
        ratio = replicated.std_error / linear.std_error
        # the jackknife of 300 persons; components and probit information are held in the linearised one
        assert (np.abs(ratio - 1) < 0.08).all(), name


def test_df_and_meta_of_replicates() -> None:
    svy = llo.replicate(survey(frame(45, 4)), "jkn")
    fit = llo.panel.fixed_effects("y ~ x + u", svy)
    assert (fit.df == 45 - 3 + 1 - 2).all()
