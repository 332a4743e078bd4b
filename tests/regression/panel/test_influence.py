"""Influence values are numerical derivatives in the weights, also through the steps of weighting before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import llo_research as llo
from llo_research.design.residuals import Residuals
from tests.regression.panel.panels import frame, survey

STEP = 1e-5
# slopes are differences themselves, to about 1e-12 of their size: with a longer step that is 1e-8 of a derivative
STEP_OF_MARGINS, ROUNDING_OF_MARGINS = 1e-4, 1e-8
DERIVATIVE = 1e-6  # of central differences with this step; the largest seen is 2e-8

ROWS: dict[str, Callable[[llo.Survey], Any]] = {
    "fixed_effects": lambda svy: llo.panel.fixed_effects("y ~ x + u", svy),
    "two_way": lambda svy: llo.panel.fixed_effects("y ~ x + u", svy, effects=("unit", "time")),
    "poisson": lambda svy: llo.panel.fixed_effects_poisson("count ~ x + u", svy),
    "poisson_two": lambda svy: llo.panel.fixed_effects_poisson("count ~ x + u", svy, effects=("unit", "time")),
    "instruments": lambda svy: llo.panel.fixed_effects_iv("y ~ u + [x ~ push + pull]", svy),
    "instruments_two": lambda svy: llo.panel.fixed_effects_iv("y ~ u + [x ~ push]", svy, effects=("unit", "time")),
    "between": lambda svy: llo.panel.between("y ~ x + u", svy),
    "mundlak": lambda svy: llo.panel.mundlak("y ~ x + u + fixed", svy),
    "hybrid": lambda svy: llo.panel.hybrid("y ~ x + u + fixed", svy),
    "correlated_logit": lambda svy: llo.panel.correlated_random_effects("yes ~ x + u", svy, family="logit"),
    "correlated_ordered": lambda svy: llo.panel.correlated_random_effects("scale ~ x + u", svy, family="ordered"),
    "pseudo_panel": lambda svy: llo.panel.pseudo_panel("y ~ x + u", svy, cohort="group", correction=None),
    "event_time": lambda svy: llo.panel.event_time("y ~ x", svy, event="when", window=(-1, 1)),
}
UNITS: dict[str, Callable[[llo.Survey], Any]] = {
    "first_difference": lambda svy: llo.panel.first_difference("y ~ x + u", svy),
    "conditional_logit": lambda svy: llo.panel.conditional_logit("yes ~ x + u", svy),
    "fixed_effects_ordered": lambda svy: llo.panel.fixed_effects_ordered("scale ~ x + u", svy),
}
TOTALS = {"low": 700.0, "middle": 650.0, "high": 720.0}
MARGINS: dict[str, Callable[[Any], Any]] = {
    "slopes": lambda fit: fit.margins(["x", "fixed"]),
    "mean": lambda fit: fit.margins(["mean(x)"]),
    "predictions": lambda fit: fit.margins(by="year"),
    "levels": lambda fit: fit.margins(["level"], by="stratum"),
    "held": lambda fit: fit.margins(["x"], at={"mean(x)": [0.0, 1.0], "u": 0.5}),
}
MODELS: dict[str, Callable[[llo.Survey], Any]] = {
    "mundlak": lambda svy: llo.panel.mundlak("y ~ x + u + fixed + level", svy),
    "ordered": lambda svy: llo.panel.correlated_random_effects(
        "scale ~ x + u + fixed + level", svy, family="ordered_logit"
    ),
    "probit": lambda svy: llo.panel.correlated_random_effects("yes ~ x + u + fixed + level", svy, family="logit"),
}


def data_of(constant: bool) -> Any:
    data = frame(40, 4, constant=constant)
    data["when"] = np.where(data["who"] % 2 == 0, 2015.0 + data["who"] % 3, np.nan)
    return data


def calibrated(data: Any) -> llo.Survey:
    return llo.calibrate(survey(data), {"level": TOTALS}, method="raking")


def numerical(make: Callable[[Any], np.ndarray], data: Any, rows: np.ndarray, step: float = STEP) -> np.ndarray:
    """w times the derivative in a common factor of the weights of these rows."""
    sides = []
    for sign in (1, -1):
        moved = data.copy()
        moved.loc[rows, "w"] *= 1 + sign * step
        sides.append(make(moved))
    return np.asarray((sides[0] - sides[1]) / (2 * step))


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("constant", [True, False])
def test_of_rows(name: str, constant: bool) -> None:
    data, make = data_of(constant), ROWS[name]
    influence = make(survey(data)).influence
    for row in (0, 17, 60, len(data) - 1):
        found = numerical(lambda moved: make(survey(moved)).estimate, data, data.index == row)
        assert influence[row] == pytest.approx(found, rel=DERIVATIVE, abs=1e-9)


@pytest.mark.parametrize("name", ROWS)
def test_before_calibration(name: str) -> None:
    data, make = data_of(True), ROWS[name]
    svy = calibrated(data)
    before = Residuals(make(svy).scores, svy.design.steps).rows(slice(None))
    for row in (3, 44):
        found = numerical(lambda moved: make(calibrated(moved)).estimate, data, data.index == row)
        assert before[row] == pytest.approx(found, rel=DERIVATIVE, abs=1e-9)


@pytest.mark.parametrize("margins", MARGINS)
@pytest.mark.parametrize("model", MODELS)
def test_of_margins(margins: str, model: str) -> None:
    # the means of units move with the weights, and with them what is predicted
    data = data_of(False)

    def make(svy: llo.Survey) -> Any:
        return MARGINS[margins](MODELS[model](svy))

    influence, svy = make(survey(data)).influence, calibrated(data)
    before = Residuals(make(svy).scores, svy.design.steps).rows(slice(None))
    for row in (3, 44, len(data) - 1):
        mine = data.index == row
        found = numerical(lambda moved: make(survey(moved)).estimate, data, mine, STEP_OF_MARGINS)
        assert influence[row] == pytest.approx(found, rel=DERIVATIVE, abs=ROUNDING_OF_MARGINS)
        found = numerical(lambda moved: make(calibrated(moved)).estimate, data, mine, STEP_OF_MARGINS)
        assert before[row] == pytest.approx(found, rel=DERIVATIVE, abs=ROUNDING_OF_MARGINS)


def test_means_of_units_matter_once_weights_are_calibrated() -> None:
    # without the derivative of the means the residuals of calibration would be others
    svy = calibrated(data_of(True))
    fit = llo.panel.mundlak("y ~ x", svy)
    plain = llo.glm("y ~ x + m", svy.assign(m=fit.models[0].data.x[:, 2]))
    assert fit.estimate == pytest.approx(plain.estimate, rel=1e-10)
    assert np.abs(fit.influence - plain.influence).max() > 1e-4
    sums = [
        np.add.reduceat(z, np.flatnonzero(np.diff(svy.frame["who"], prepend=-1)))
        for z in (fit.influence, plain.influence)
    ]
    assert sums[0] == pytest.approx(sums[1], abs=1e-12)


@pytest.mark.parametrize("name", UNITS)
def test_of_units(name: str) -> None:
    data, make = data_of(True), UNITS[name]
    influence = make(survey(data)).influence
    for who in (100, 117, 139):
        mine = (data["who"] == who).to_numpy()
        found = numerical(lambda moved: make(survey(moved)).estimate, data, mine)
        assert influence[mine].sum(axis=0) == pytest.approx(found, rel=DERIVATIVE, abs=1e-9)


def test_of_random_effects_with_components_held(monkeypatch: pytest.MonkeyPatch) -> None:
    from llo_research.regression.panel import random_fit

    data = data_of(True)
    fit = llo.panel.random_effects("y ~ x + u", survey(data))
    parts = fit.meta["components"]
    held = random_fit.Components(parts["variance_error"], parts["variance_unit"], False)
    monkeypatch.setattr(random_fit, "components", lambda moments: held)
    for who in (100, 117, 139):
        mine = (data["who"] == who).to_numpy()
        found = numerical(lambda moved: llo.panel.random_effects("y ~ x + u", survey(moved)).estimate, data, mine)
        assert fit.influence[mine].sum(axis=0) == pytest.approx(found, rel=DERIVATIVE, abs=1e-9)


def test_predictions_of_the_sample_need_no_part_of_the_means() -> None:
    # each prediction's derivative in all weights, means of units among what moves, through strata and persons
    data = frame(14, 3, constant=False)
    svy = survey(data)
    fit = llo.panel.mundlak("y ~ x", svy)

    def predicted(moved: Any) -> np.ndarray:
        return np.asarray(llo.panel.mundlak("y ~ x", survey(moved)).predict()["estimate"])

    z = np.array([numerical(predicted, data, data.index == i) for i in range(len(data))])
    held = fit.influence @ fit.models[0].data.x.T
    assert np.abs(z - held).max() > 1e-3
    covariance = np.zeros(len(data))
    for _, rows in data.groupby("stratum"):
        sums = np.array([z[own.index].sum(axis=0) for _, own in rows.groupby("who")])
        covariance += len(sums) / (len(sums) - 1) * ((sums - sums.mean(axis=0)) ** 2).sum(axis=0)
    assert fit.predict()["std_error"].to_numpy() == pytest.approx(np.sqrt(covariance), rel=DERIVATIVE)


def test_predictions_for_others_take_means_as_given() -> None:
    fit = llo.panel.mundlak("y ~ x", survey(frame()))
    others = fit.predict(frame().assign(**{"mean(x)": 1.0}).iloc[:3][["x", "mean(x)"]])
    x = np.column_stack([np.ones(3), frame()["x"][:3], np.ones(3)])
    assert others["estimate"].to_numpy() == pytest.approx(x @ fit.estimate, rel=1e-12)
    assert others["std_error"].to_numpy() == pytest.approx(np.sqrt(np.diag(x @ fit.covariance @ x.T)), rel=1e-10)
