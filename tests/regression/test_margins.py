"""Margins: weighted means of slopes by hand, exact influence in all weights, replicates refitted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import llo_research as llo
from llo_research import DataError, DesignError
from tests.regression import models

DIFFERENCES = 2e-7  # central differences with steps of 1e-5
CALLS: dict[str, dict[str, Any]] = {
    "slope": {"variables": "hours"},
    "levels": {"variables": ["education", "older"]},
    "predictions": {"at": {"education": ["low", "high"]}},
    "at": {"variables": ["hours", "older"], "at": {"education": "high", "hours": [2, 8]}},
    "by": {"variables": ["hours", "education"], "by": "region"},
}


def formula(family: str) -> str:
    return f"{family} ~ hours * older + np.log(hours + 1) + I(hours**2) + education"


def fitted(family: str, svy: llo.Survey) -> Any:
    return llo.glm(formula(family), svy, family=family)


def test_slopes_by_hand() -> None:
    frame = models.people()
    fit = fitted("logit", models.survey(frame))
    b = dict(zip(fit.labels, fit.estimate, strict=True))
    along = b["hours"] + b["hours:older"] * frame["older"] + b["np.log(hours + 1)"] / (frame["hours"] + 1)
    along += 2 * b["I(hours ** 2)"] * frame["hours"]
    slopes = fit.fitted * (1 - fit.fitted) * along
    found = fit.margins("hours")
    assert found.estimate[0] == pytest.approx(np.average(slopes, weights=frame["w"]), rel=1e-10)
    assert found.rows["term"].tolist() == ["hours"]


def test_differences_of_levels_by_hand() -> None:
    frame = models.people()
    svy = models.survey(frame)
    fit = fitted("probit", svy)
    found = fit.margins(["education", "older"]).to_frame()
    assert found[["term", "of", "minus"]].values.tolist() == [
        ["education", "middle", "low"],
        ["education", "high", "low"],
        ["older", True, False],
    ]

    def mean(**held: Any) -> float:
        other = frame.assign(**held)
        return float(np.average(fit.predict(other)["estimate"], weights=frame["w"]))

    kind = frame["education"].dtype
    at = {e: mean(education=pd.Categorical([e] * len(frame), dtype=kind)) for e in ("low", "middle", "high")}
    wanted = [at["middle"] - at["low"], at["high"] - at["low"], mean(older=True) - mean(older=False)]
    np.testing.assert_allclose(found["estimate"], wanted, rtol=1e-11)


def test_averages_over_cells_and_held_values() -> None:
    frame = models.people()
    fit = fitted("logit", models.survey(frame))
    by = fit.margins(by="region")
    for row, region in enumerate(by.rows["region"]):
        here = (frame["region"] == region).to_numpy()
        assert by.estimate[row] == pytest.approx(np.average(fit.fitted[here], weights=frame["w"][here]), rel=1e-12)
        assert by.n[row] == here.sum()
    held = fit.margins(at={"hours": [1, 4]})
    assert held.rows["hours"].tolist() == [1.0, 4.0] and (held.rows["term"] == "prediction").all()
    wanted = np.average(fit.predict(frame.assign(hours=4.0))["estimate"], weights=frame["w"])
    assert held.estimate[1] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("family", models.CANONICAL)
def test_influence_is_the_derivative_in_all_weights(family: str, call: str) -> None:
    """Weights move the coefficients and the people averaged over."""
    frame = models.people(1)
    found = fitted(family, models.survey(frame)).margins(**CALLS[call])
    for row in (5, 99):
        wanted = models.derivative(
            lambda svy: fitted(family, svy).margins(**CALLS[call]).estimate, frame, row, models.survey
        )
        size = max(np.abs(found.estimate).max(), 1.0)
        np.testing.assert_allclose(found.influence[row], wanted, atol=DIFFERENCES * size)


@pytest.mark.parametrize("call", CALLS)
def test_fixed_is_the_delta_method(call: str) -> None:
    """With the people as given only the coefficients move: J V J' with J by central differences."""
    svy = models.survey(models.people(2))
    fit = fitted("logit", svy)
    found, jacobian = fit.margins(**CALLS[call], fixed=True), []
    for j in range(len(fit.estimate)):
        step = 1e-6 * max(abs(fit.estimate[j]), 1e-3)
        moved = []
        for sign in (1, -1):
            beta = fit.estimate.copy()
            beta[j] += sign * step
            model = type(fit.models[0])(fit.models[0].data, fit.models[0].family, beta, fit.models[0].inverse, None)
            parts = {name: getattr(fit, name) for name in fit.__dataclass_fields__}
            moved.append(type(fit)(**{**parts, "models": (model,)}).margins(**CALLS[call], fixed=True).estimate)
        jacobian.append((moved[0] - moved[1]) / (2 * step))
    j = np.array(jacobian).T
    np.testing.assert_allclose(found.covariance, j @ fit.covariance @ j.T, rtol=1e-5, atol=1e-14)
    assert (found.df == svy.design.degrees_of_freedom()).all()


def test_a_linear_model_has_its_coefficients_as_margins() -> None:
    svy = models.survey(models.people(3))
    fit = llo.glm("y ~ hours + education + older", svy)
    found = fit.margins(["hours", "education", "older"])
    order = [fit.labels.index(name) for name in ("hours", "education[T.middle]", "education[T.high]", "older")]
    np.testing.assert_allclose(found.estimate, fit.estimate[order], rtol=1e-10)
    np.testing.assert_allclose(found.covariance, fit.covariance[np.ix_(order, order)], rtol=1e-8)


def test_marginal_effects_are_those_of_statsmodels() -> None:
    frame = models.people(4).assign(w=1.0)
    fit = llo.glm("logit ~ hours + y", models.survey(frame), family="logit", vcov="iid")
    other = sm.Logit(frame["logit"], sm.add_constant(frame[["hours", "y"]])).fit(disp=0, tol=1e-13)
    effects = other.get_margeff()
    found = fit.margins(["hours", "y"], fixed=True)
    np.testing.assert_allclose(found.estimate, effects.margeff, rtol=1e-8)
    np.testing.assert_allclose(found.std_error, effects.margeff_se, rtol=1e-7)
    with pytest.raises(DesignError, match="fixed=True"):
        fit.margins("hours")


@pytest.mark.parametrize("fixed", [False, True])
def test_replicates_are_refits(fixed: bool) -> None:
    svy = models.replicated()
    found = fitted("logit", svy).margins(["hours", "education"], by="region", fixed=fixed)
    for r in (0, 11):
        frame = svy.frame.assign(w=svy.frame[f"r{r + 1}"])
        refit = fitted("logit", llo.Survey(frame, weights="w"))
        if fixed:
            continue
        wanted = refit.margins(["hours", "education"], by="region").estimate
        np.testing.assert_allclose(found.replicates[r], wanted, rtol=1e-8)
    spread = found.replicates - found.estimate
    np.testing.assert_allclose(found.covariance, spread.T @ spread / 11, rtol=1e-9)


def test_calibration_enters_margins() -> None:
    """Everybody calibrated to regions: the margin's influence before the step goes through residuals."""
    totals = {"region": {"north": 420.0, "south": 400.0}}
    frame = models.people(5)

    def estimate(svy: llo.Survey) -> np.ndarray:
        return np.asarray(fitted("logit", svy).margins("hours").estimate)

    svy = llo.calibrate(models.survey(frame), totals)
    found = fitted("logit", svy).margins("hours")
    x = np.column_stack([frame["region"] == "north", frame["region"] == "south"]).astype(float)
    w, base = svy.weights.to_numpy(), frame["w"].to_numpy()
    u = found.influence[:, 0] / w
    residual = w * (u - x @ np.linalg.solve((x * base[:, None]).T @ x, x.T @ (base * u)))
    variance = models.survey(frame).design.covariance(residual[:, None])[0, 0]
    assert found.covariance[0, 0] == pytest.approx(variance, rel=1e-9)
    wanted = models.derivative(estimate, frame, 8, lambda d: llo.calibrate(models.survey(d), totals))
    assert residual[8] == pytest.approx(wanted[0], abs=1e-8)


def test_the_sampled_people_add_to_the_error() -> None:
    """The covariance of coefficients and covariates counts: it is not a sum of two variances."""
    svy = models.survey(models.people(6))
    fit = llo.glm("y ~ hours + education", svy)
    whole, fixed = (fit.margins(at={"education": "low"}, fixed=f).std_error[0] for f in (False, True))
    hours = dict(zip(fit.labels, fit.estimate, strict=True))["hours"]
    people = abs(hours) * llo.mean("hours", svy).std_error[0]
    assert whole != pytest.approx(np.hypot(fixed, people), rel=1e-6)
    assert whole == pytest.approx(np.hypot(fixed, people), rel=0.3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"variables": "hour"}, "did you mean 'hours'"),
        ({"variables": "gappy"}, "no regressor 'gappy'"),
        ({"variables": "logit"}, "no regressor 'logit'"),
        ({"at": {"education": "hihg"}}, "no level 'hihg'"),
        ({"at": {"hours": "many"}}, "'hours' is a number"),
        ({"variables": "hours", "by": "wat"}, "no column 'wat'"),
        ({"variables": "hours", "fixed": "yes"}, "fixed is True or False"),
        ({"variables": "hours", "by": "y"}, "cells need groups"),
    ],
)
def test_wrong_calls_are_refused(call: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        fitted("logit", models.survey()).margins(**call)


@pytest.mark.parametrize(
    "term", ["I(hours > 3)", "np.where(hours > 3, hours, 0)", "np.abs(hours - 3)", "np.floor(hours)"]
)
def test_what_has_no_slope_is_refused(term: str) -> None:
    """A step has a slope of zero, but for the people on it: an average of those would say nothing."""
    frame = models.people()
    frame.loc[frame.index[:3], "hours"] = 3.0
    fit = llo.glm(f"y ~ {term} + older", models.survey(frame))
    with pytest.raises(DataError, match=r"cuts 'hours'|no slope for some people"):
        fit.margins("hours")
    assert len(fit.margins("older").estimate) == 1


def test_splines_have_slopes() -> None:
    frame = models.people()
    fit = llo.glm("y ~ bs(hours, df=5, extrapolation='extend')", models.survey(frame))
    step = 1e-5
    moved = [fit.predict(frame.assign(hours=frame["hours"] + side * step))["estimate"] for side in (1, -1)]
    wanted = np.average((moved[0] - moved[1]) / (2 * step), weights=frame["w"])
    assert fit.margins("hours").estimate[0] == pytest.approx(wanted, rel=1e-6)


def test_splines_that_end_where_the_data_end_have_slopes_there() -> None:
    # beyond the data a spline is not defined: the ends' slopes come from one side, and are those of the longer spline
    frame = models.people()
    frame.loc[frame.index[:3], "hours"] = frame["hours"].max()
    told = [
        llo.glm(f"y ~ bs(hours, df=5{more}) + older", models.survey(frame)).margins("hours", by="older")
        for more in ("", ", extrapolation='extend'")
    ]
    np.testing.assert_allclose(told[0].estimate, told[1].estimate, rtol=1e-9)
    np.testing.assert_allclose(told[0].std_error, told[1].std_error, rtol=1e-7)


@pytest.mark.parametrize("term", ["np.abs(whole - 3)", "np.maximum(whole, 3)", "np.minimum(whole, 3)"])
def test_a_kink_where_people_stand_is_refused(term: str) -> None:
    # around the kink both sides are alike: a difference over it would call its slope 0, or a half
    frame = models.people().assign(whole=lambda d: np.arange(len(d)) % 8 + 0.0)
    with pytest.raises(DataError, match="no slope for some people"):
        llo.glm(f"y ~ {term}", models.survey(frame)).margins("whole")
    beside = frame.assign(whole=frame["whole"] + 1e-3)
    fit = llo.glm(f"y ~ {term}", models.survey(beside))
    kinks = {"abs": np.sign(beside["whole"] - 3), "max": beside["whole"] > 3, "min": beside["whole"] < 3}
    slope = fit.estimate[1] * np.average(kinks[term[3:6]], weights=frame["w"])
    assert fit.margins("whole").estimate[0] == pytest.approx(slope, rel=1e-8)


def test_predictions_of_others() -> None:
    frame = models.people(7)
    fit = llo.glm("logit ~ hours + education", models.survey(frame), family="logit", offset="log_time")
    own, again = fit.predict(), fit.predict(frame)
    np.testing.assert_allclose(own["estimate"], fit.fitted, rtol=1e-13)
    pd.testing.assert_frame_equal(own, again, check_exact=False, rtol=1e-12)
    x = np.array([1.0, 3.0, 0.0, 1.0])
    one = pd.DataFrame({"hours": [3.0], "education": ["high"], "log_time": [0.2]}, index=["me"])
    eta = x @ fit.estimate + 0.2
    p = 1 / (1 + np.exp(-eta))
    found = fit.predict(one, level=0.9)
    assert found.index.tolist() == ["me"] and found["estimate"].iloc[0] == pytest.approx(p, rel=1e-12)
    assert found["std_error"].iloc[0] == pytest.approx(p * (1 - p) * np.sqrt(x @ fit.covariance @ x), rel=1e-12)
    assert 0 < found["conf_low"].iloc[0] < p < found["conf_high"].iloc[0] < 1
    with pytest.raises(DataError, match="has not seen"):
        fit.predict(one.assign(education="doctor"))
    with pytest.raises(DataError, match="no column 'hours'"):
        fit.predict(one.drop(columns="hours"))
    with pytest.raises(DataError, match="missing"):
        fit.predict(one.assign(hours=np.nan))
