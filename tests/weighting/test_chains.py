"""Proves that variances know the whole chain: numerical derivatives through every step, and jackknife replicates."""

from __future__ import annotations

import numpy as np
import pytest

import llo_research as llo
from tests.weighting import samples
from tests.weighting.samples import Chain, margin

DERIVATIVE = (
    1e-6  # central differences with a step of 1e-5 through calibrations to 1e-10, relative to the largest value
)


def _calibrated(svy: llo.Survey, *names: str, **options: object) -> llo.Survey:
    return llo.calibrate(svy, {name: margin(svy, name) for name in names}, **options)


def _classes(svy: llo.Survey) -> llo.Survey:
    return llo.adjust_nonresponse(svy, "came", classes=["education", "sex"])


def _propensity(svy: llo.Survey) -> llo.Survey:
    return llo.adjust_nonresponse(svy, "came", formula="age + C(education)")


def _parts(svy: llo.Survey) -> llo.Survey:
    whole = {half: {"sex": margin(svy, "sex")} for half in (1, 2)}
    return llo.combine_parts(llo.calibrate(svy, whole, by="half"), "half")


EXACT: dict[str, Chain] = {
    "classes": _classes,
    "one class": lambda s: llo.adjust_nonresponse(s, "came"),
    "propensity": _propensity,
    "linear": lambda s: _calibrated(s, "education", "sex"),
    "linear, numeric": lambda s: llo.calibrate(
        s, {"education": margin(s, "education"), "age": 46 * s.frame["drawn"].sum()}
    ),
    "linear twice": lambda s: _calibrated(_calibrated(s, "education"), "sex"),
    "post-stratified": lambda s: llo.poststratify(s, {("education", "sex"): margin(s, "education", "sex")}),
    "classes, linear": lambda s: _calibrated(_classes(s), "education", "sex"),
    "propensity, linear": lambda s: _calibrated(_propensity(s), "education", "sex"),
    "parts": _parts,
    "nonresponse, parts": lambda s: _parts(_classes(s)),
}
TRIMMED: dict[str, Chain] = {
    "clipped": lambda s: llo.trim(_calibrated(_classes(s), "sex"), lower=60, upper=300),
    "kept": lambda s: llo.trim(_calibrated(_propensity(s), "sex"), lower=60, upper=400, preserve=["education", "sex"]),
    "kept, crossed": lambda s: llo.trim(_classes(s), lower=50, upper=450, preserve=[("education", "sex")]),
    "kept, numeric": lambda s: llo.trim(_classes(s), lower=60, upper=300, preserve=["x"]),
    "four steps": lambda s: _calibrated(
        llo.trim(_calibrated(_propensity(s), "education", "sex"), lower=60, upper=300), "education", "sex"
    ),
}
RAKED: dict[str, Chain] = {
    "raked": lambda s: _calibrated(s, "education", "sex", method="raking"),
    "propensity, raked": lambda s: _calibrated(_propensity(s), "education", "sex", method="raking"),
    "logit": lambda s: _calibrated(_classes(s), "education", "sex", method="logit", bounds=(0.3, 3)),
}


def _deviation(one: np.ndarray, other: np.ndarray) -> float:
    """Largest difference, each statistic relative to its largest value."""
    return float((np.abs(one - other).max(axis=0) / np.abs(other).max(axis=0)).max())


@pytest.mark.parametrize("name", EXACT)
def test_derivative_in_the_base_weights(name: str) -> None:
    """Influence before all steps is w times the derivative through the chain, called anew on changed weights."""
    svy = samples.survey(3, 72)
    assert _deviation(samples.influence_before(EXACT[name](svy)), samples.derivative(svy, EXACT[name])) < DERIVATIVE


@pytest.mark.parametrize("name", [*EXACT, *TRIMMED])
def test_derivative_in_how_often_a_row_counts(name: str) -> None:
    """The same through replicates; trimming has bounds for rows, however often they count."""
    svy = {**EXACT, **TRIMMED}[name](samples.survey(3, 90))
    assert _deviation(samples.influence_before(svy), samples.derivative_of_redone_steps(svy)) < DERIVATIVE


@pytest.mark.parametrize("name", RAKED)
def test_other_distances_agree_asymptotically(name: str) -> None:
    """Deville and Sarndal's residuals have the weights before the step; for raking they are not the exact derivative.

    They differ by the order of |g - 1|, which vanishes as samples grow; the standard errors are close already here.
    """
    svy = samples.survey(3, 90)
    chained = RAKED[name](svy)
    ours, exact = samples.influence_before(chained), samples.derivative(svy, RAKED[name])
    assert DERIVATIVE < _deviation(ours, exact) < 0.1
    error, true = (np.sqrt(np.diag(svy.design.covariance(z))) for z in (ours, exact))
    assert np.abs(error / true - 1).max() < 0.02


@pytest.mark.parametrize("name", [*EXACT, *TRIMMED, *RAKED])
def test_steps_redone_on_the_weights_themselves_change_nothing(name: str) -> None:
    svy = {**EXACT, **TRIMMED, **RAKED}[name](samples.survey(5, 90))
    weights = svy.frame["w"].to_numpy()[:, None] * np.ones(2)
    for step in svy.design.steps:
        assert np.abs(weights[:, 0] - step.before).max() < 1e-8
        weights = step.redo(weights)
    assert np.abs(weights - svy.weights.to_numpy()[:, None]).max() < 1e-8 * svy.weights.max()


def test_rows_that_count_twice_are_rows_that_stand_there_twice() -> None:
    """What a replicate with factors 0, 1 and 2 makes of trimming is what trimming makes of the data so repeated."""
    svy = samples.survey(7, 60)
    rng = np.random.default_rng(1)
    times = rng.choice([0, 1, 2], len(svy))
    again = svy.frame.loc[np.repeat(svy.frame.index, times)].reset_index(drop=True)
    for preserve in (None, "total", ["education", "sex"]):
        step = llo.trim(svy, lower=60, upper=180, preserve=preserve).design.steps[0]
        repeated = llo.trim(llo.Survey(again, weights="w"), lower=60, upper=180, preserve=preserve).weights
        redone = step.redo((svy.frame["w"].to_numpy() * times)[:, None])[:, 0]
        once = np.repeat(np.divide(redone, times, out=np.zeros(len(svy)), where=times > 0), times)
        assert np.abs(once - repeated.to_numpy()).max() < 1e-7


@pytest.mark.parametrize("name", [*EXACT, *TRIMMED, *RAKED])
@pytest.mark.parametrize("design", ["strata", "places"])
def test_jackknife_that_redoes_every_step(name: str, design: str) -> None:
    """Linearised standard errors of a chain against the delete-one jackknife."""
    svy = {**EXACT, **TRIMMED, **RAKED}[name](samples.survey(11, 600, design))
    redone = llo.replicate(svy, "jkn" if design == "strata" else "jk1")
    for estimate in (lambda s: llo.mean("y", s), lambda s: llo.total("x", s)):
        linear, jackknife = estimate(svy).std_error[0], estimate(redone).std_error[0]
        assert jackknife == pytest.approx(linear, rel=0.05)
