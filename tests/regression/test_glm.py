"""Generalised linear models: points of statsmodels, exact influence, brute-force replicates, covariances by loops."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import llo_research as llo
from llo_research import DataError, DesignError
from tests.regression import models

POINTS = 1e-8  # statsmodels iterates to 1e-8 in the deviance; its coefficients then agree to this, relative
DIFFERENCES = 1e-7  # central differences with steps of 1e-5: rounding over the step
ROUNDING = 1e-12
SM = {
    "gaussian": sm.families.Gaussian(),
    "logit": sm.families.Binomial(),
    "probit": sm.families.Binomial(sm.families.links.Probit()),
    "cloglog": sm.families.Binomial(sm.families.links.CLogLog()),
    "poisson": sm.families.Poisson(),
    "gamma": sm.families.Gamma(sm.families.links.Log()),
}


def formula(family: str) -> str:
    return f"{family} ~ {models.REGRESSORS}"


def by_statsmodels(frame: pd.DataFrame, family: str, offset: np.ndarray | None = None) -> sm.GLM:
    w = frame["w"] / frame["w"].mean()
    return sm.GLM(frame[family], models.dummies(frame), family=SM[family], freq_weights=w, offset=offset)


@pytest.mark.parametrize("family", models.FAMILIES)
def test_points_are_those_of_statsmodels(family: str) -> None:
    frame = models.people()
    fit = llo.glm(formula(family), models.survey(frame), family=family)
    other = by_statsmodels(frame, family).fit(tol=1e-14, maxiter=200)
    np.testing.assert_allclose(fit.estimate, other.params, rtol=POINTS, atol=1e-9)
    np.testing.assert_allclose(fit.fitted, other.fittedvalues, rtol=1e-8)
    np.testing.assert_allclose(fit.residuals, frame[family] - other.fittedvalues, atol=1e-8)
    assert fit.labels[-1] == "C(education)[T.high]:older" and fit.nobs == len(frame)
    assert fit.meta["base_levels"] == {"C(education)": "low"}


@pytest.mark.parametrize("family", ["logit", "poisson", "gamma"])
def test_offset(family: str) -> None:
    frame = models.people()
    fit = llo.glm(formula(family), models.survey(frame), family=family, offset="log_time")
    same = llo.glm(formula(family), models.survey(frame), family=family, offset="log(exp(log_time))")
    other = by_statsmodels(frame, family, frame["log_time"].to_numpy()).fit(tol=1e-14, maxiter=200)
    np.testing.assert_allclose(fit.estimate, other.params, rtol=POINTS, atol=1e-9)
    np.testing.assert_allclose(fit.estimate, same.estimate, rtol=1e-9)


@pytest.mark.parametrize("family", models.CANONICAL)
def test_influence_is_the_derivative_in_the_weights(family: str) -> None:
    frame = models.people(1)
    fit = llo.glm(formula(family), models.survey(frame), family=family)
    for row in (0, 17, 150):
        found = models.derivative(
            lambda svy: llo.glm(formula(family), svy, family=family).estimate, frame, row, models.survey
        )
        np.testing.assert_allclose(fit.influence[row], found, atol=DIFFERENCES * np.abs(fit.estimate).max())


@pytest.mark.parametrize("family", ["probit", "cloglog", "gamma"])
def test_influence_has_the_expected_information_as_svyglm(family: str) -> None:
    """Where link and family do not belong together, the observed information is another matrix."""
    frame = models.people(1)
    fit = llo.glm(formula(family), models.survey(frame), family=family)
    x, eta, link = models.dummies(frame), fit.models[0].eta, SM[family].link
    mean = link.inverse(eta)
    variance, slope = SM[family].variance(mean), link.inverse_deriv(eta)
    information = (x * (frame["w"].to_numpy() * slope**2 / variance)[:, None]).T @ x
    scores = x * (frame["w"].to_numpy() * (frame[family].to_numpy() - mean) * slope / variance)[:, None]
    np.testing.assert_allclose(fit.influence, scores @ np.linalg.inv(information), atol=1e-10)


@pytest.mark.parametrize("family", models.CANONICAL)
def test_calibration_enters_the_standard_errors(family: str) -> None:
    """Influence before the step is that at the weights; the covariance takes residuals of it on the margins."""
    totals = {"region": {"north": 420.0, "south": 400.0}}

    def calibrated(frame: pd.DataFrame) -> llo.Survey:
        return llo.calibrate(models.survey(frame), totals)

    frame = models.people(2)
    svy = calibrated(frame)
    fit = llo.glm(formula(family), svy, family=family)
    x = np.column_stack([frame["region"] == "north", frame["region"] == "south"]).astype(float)
    w = frame["w"].to_numpy()
    u = fit.influence / svy.weights.to_numpy()[:, None]
    fitted = x @ np.linalg.solve((x * w[:, None]).T @ x, (x * w[:, None]).T @ u)
    residuals = svy.weights.to_numpy()[:, None] * (u - fitted)
    np.testing.assert_allclose(fit.covariance, models.survey(frame).design.covariance(residuals), rtol=1e-9)
    # the derivative of all steps together, in a base weight
    for row in (3, 60):
        found = models.derivative(lambda s: llo.glm(formula(family), s, family=family).estimate, frame, row, calibrated)
        np.testing.assert_allclose(residuals[row], found, atol=DIFFERENCES * np.abs(fit.estimate).max())


@pytest.mark.parametrize("family", models.FAMILIES)
def test_replicates_are_brute_force_refits(family: str) -> None:
    svy = models.replicated()
    fit = llo.glm(formula(family), svy, family=family)
    refits = []
    for r in range(12):
        frame = svy.frame.assign(w=svy.frame[f"r{r + 1}"])
        refits.append(llo.glm(formula(family), llo.Survey(frame, weights="w"), family=family).estimate)
    np.testing.assert_allclose(fit.replicates, refits, rtol=1e-9, atol=1e-11)
    spread = np.array(refits) - fit.estimate
    np.testing.assert_allclose(fit.covariance, spread.T @ spread / 11, rtol=1e-8)


def test_replicates_made_by_us_are_refits_too() -> None:
    svy = llo.replicate(models.survey(), "jkn")
    fit = llo.glm(formula("logit"), svy, family="logit")
    weights = svy.design.replicates.weights
    for r in (0, 7):
        frame = svy.frame.assign(w=weights[:, r])
        refit = llo.glm(formula("logit"), llo.Survey(frame[frame["w"] > 0], weights="w"), family="logit")
        np.testing.assert_allclose(fit.replicates[r], refit.estimate, rtol=1e-9)
    linear = llo.glm(formula("logit"), models.survey(), family="logit")
    np.testing.assert_allclose(fit.std_error, linear.std_error, rtol=0.25)
    assert fit.df[0] == linear.df[0]


@pytest.mark.parametrize("family", ["gaussian", "logit"])
def test_row_order_index_and_labels_of_units_do_not_matter(family: str) -> None:
    frame = models.people(3)
    first = llo.glm(formula(family), models.survey(frame), family=family)
    mixed = frame.sample(frac=1, random_state=5)
    mixed["place"] = "p" + mixed["place"].astype(str)
    mixed.index = np.zeros(len(mixed), dtype=int)
    second = llo.glm(formula(family), models.survey(mixed), family=family)
    np.testing.assert_allclose(second.estimate, first.estimate, rtol=ROUNDING, atol=ROUNDING)
    np.testing.assert_allclose(second.covariance, first.covariance, rtol=1e-10, atol=1e-14)
    assert second.labels == first.labels and (second.df == first.df).all()


def test_the_scale_of_weights_does_not_matter() -> None:
    frame = models.people(3)
    first = llo.glm(formula("logit"), models.survey(frame), family="logit")
    second = llo.glm(formula("logit"), models.survey(frame.assign(w=frame["w"] * 1e6)), family="logit")
    np.testing.assert_allclose(second.covariance, first.covariance, rtol=1e-9)
    assert second.aic == pytest.approx(first.aic, rel=1e-10)
    assert second.pseudo_r2 == pytest.approx(first.pseudo_r2, rel=1e-10)


def test_a_domain_is_a_weight_of_zero_outside() -> None:
    frame = models.people(4)
    domain = llo.glm("y ~ hours", models.survey(frame).where("region == 'north'"))
    inside = frame["region"] == "north"
    zero = llo.glm("y ~ hours", models.survey(frame.assign(w=np.where(inside, frame["w"], 0.0))))
    np.testing.assert_allclose(domain.estimate, zero.estimate, rtol=ROUNDING)
    np.testing.assert_allclose(domain.covariance, zero.covariance, rtol=1e-10)
    assert (domain.influence[~inside] == 0).all() and domain.influence.shape == (len(frame), 2)
    assert domain.nobs == inside.sum() == zero.nobs and np.isnan(domain.fitted[~inside]).all()
    units = frame.loc[inside, ["stratum", "place"]].drop_duplicates()
    assert (domain.df == len(units) - units["stratum"].nunique() + 1 - 2).all()


def test_missing_values_are_left_out_as_a_domain_and_counted() -> None:
    frame = models.people(4)
    fit = llo.glm(
        "hours ~ gappy + log_time", models.survey(frame.assign(log_time=frame["log_time"].mask(frame.index < 5)))
    )
    gone = frame["gappy"].isna() | (frame.index < 5)
    assert fit.meta["left_out"] == {"gappy": int(frame["gappy"].isna().sum()), "log_time": 5}
    assert fit.nobs == int((~gone).sum())
    same = llo.glm("hours ~ gappy + log_time", models.survey(frame).where(pd.Series(~gone)))
    np.testing.assert_allclose(fit.covariance, same.covariance, rtol=1e-10)


def test_a_missing_offset_is_left_out_too() -> None:
    frame = models.people(4)
    frame["log_time"] = frame["log_time"].mask(frame.index % 7 == 0)
    fit = llo.glm("poisson ~ hours", models.survey(frame), family="poisson", offset="log_time")
    assert fit.meta["left_out"] == {"log_time": int(frame["log_time"].isna().sum())}
    assert fit.nobs == int(frame["log_time"].notna().sum())


def test_an_ill_conditioned_model_keeps_its_digits() -> None:
    """Years and their squares: the Gram matrix has a condition of 1e19, yet the fit is that of centred years."""
    frame = models.people(5)
    rng = np.random.default_rng(1)
    frame["t"] = rng.choice([2014, 2016, 2018, 2020, 2022], len(frame)).astype(float)
    frame["c"] = frame["t"] - 2018
    raw = llo.glm("y ~ t + I(t**2)", models.survey(frame))
    centred = llo.glm("y ~ c + I(c**2)", models.survey(frame))
    np.testing.assert_allclose(raw.fitted, centred.fitted, rtol=1e-9)
    assert raw.estimate[2] == pytest.approx(centred.estimate[2], rel=1e-6)
    assert raw.std_error[2] == pytest.approx(centred.std_error[2], rel=1e-6)


def test_item_weights_are_taken() -> None:
    frame = models.people(6)
    frame["w_half"] = np.where(frame["region"] == "north", frame["w"] * 2, np.nan)
    svy = models.survey(frame, item_weights={"y": "w_half"})
    fit = llo.glm("y ~ hours", svy)
    north = llo.glm("y ~ hours", models.survey(frame).where("region == 'north'"))
    assert fit.meta["weight"] == "w_half"
    np.testing.assert_allclose(fit.estimate, north.estimate, rtol=1e-12)


def test_a_response_may_be_a_condition() -> None:
    frame = models.people(6)
    text = llo.glm("education == 'high' ~ hours", models.survey(frame), family="logit")
    number = llo.glm("high ~ hours", models.survey(frame.assign(high=frame["education"] == "high")), family="logit")
    np.testing.assert_allclose(text.estimate, number.estimate, rtol=1e-13)
    assert text.meta["response"] == "education == 'high'"


def test_a_response_may_be_a_function() -> None:
    frame = models.people(6)
    logs = llo.glm("np.log(hours + 1) ~ older", models.survey(frame))
    column = llo.glm("made ~ older", models.survey(frame.assign(made=np.log(frame["hours"] + 1))))
    np.testing.assert_allclose(logs.estimate, column.estimate, rtol=1e-13)
    one_of = llo.glm("education in ['low', 'middle'] ~ hours", models.survey(frame), family="logit")
    other = llo.glm("education == 'high' ~ hours", models.survey(frame), family="logit")
    np.testing.assert_allclose(one_of.estimate, -other.estimate, rtol=1e-10)


def test_contrasts_and_joint_results_have_the_models_covariance() -> None:
    svy = models.survey(models.people(7))
    fit = llo.glm("y ~ hours + C(education)", svy)
    apart = fit.contrast("`C(education)[T.high]` - `C(education)[T.middle]`")
    v = fit.cov
    high, middle = "C(education)[T.high]", "C(education)[T.middle]"
    assert apart.std_error[0] ** 2 == pytest.approx(
        v.loc[high, high] + v.loc[middle, middle] - 2 * v.loc[high, middle], rel=1e-10
    )
    both = llo.joint({"model": fit, "mean": llo.mean("y", svy)})
    z = np.column_stack([fit.influence, llo.mean("y", svy).influence])
    np.testing.assert_allclose(both.covariance, svy.design.covariance(z), rtol=1e-10)


def test_a_fit_can_be_pickled_and_told() -> None:
    fit = llo.glm(formula("logit"), models.survey(), family="logit")
    again = pickle.loads(pickle.dumps(fit))
    np.testing.assert_array_equal(again.covariance, fit.covariance)
    np.testing.assert_array_equal(again.margins("hours").estimate, fit.margins("hours").estimate)
    text = fit.summary()
    assert "family='binomial'" in text and "C(education)[T.high]" in text and fit.summary() == text


@pytest.mark.parametrize("vcov", ["design", "cluster", "iid", "wild"])
def test_a_fit_can_be_saved_and_read(vcov: str, tmp_path: Path) -> None:
    svy = models.survey(models.people(), design="strata", psu="home")
    fit = llo.glm("y ~ hours + older", svy, vcov=vcov, seed=1, draws=199)
    again = llo.read_result(fit.save(tmp_path / "fit"))
    assert type(again) is type(fit) and again.nobs == fit.nobs
    pd.testing.assert_frame_equal(again.to_frame(), fit.to_frame(), rtol=1e-12)
    if vcov != "wild":
        ours, theirs = (one.contrast("hours - older") for one in (fit, again))
        np.testing.assert_allclose(theirs.covariance, ours.covariance, rtol=1e-12)
        assert ours.df[0] == fit.df[0]
        assert again.test("hours, older").statistic == pytest.approx(fit.test("hours, older").statistic, rel=1e-12)
    with pytest.raises((DataError, DesignError)):
        again.margins("hours")


def test_negative_weights_are_refused() -> None:
    svy = llo.calibrate(models.survey(), {"hours": 100.0})
    assert (svy.weights < 0).any()
    with pytest.raises(DesignError, match="Some weights are negative"):
        llo.glm("y ~ hours", svy)


def test_aic_of_a_random_sample_is_near_the_ordinary_one() -> None:
    """Generalised design effects are near one where weights are equal and the model is right; R's AIC of a linear
    model counts its constant as well, which ours has in the null model."""
    rng = np.random.default_rng(8)
    n = 4000
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n), "w": 1.0})
    frame["y"] = (rng.random(n) < 1 / (1 + np.exp(-frame["x"]))).astype(float)
    frame["u"] = frame["x"] + rng.normal(size=n)
    svy = llo.Survey(frame, weights="w")
    logit, linear = llo.glm("y ~ x + z", svy, family="logit"), llo.glm("u ~ x + z", svy)
    x = sm.add_constant(frame[["x", "z"]])
    assert logit.aic == pytest.approx(sm.Logit(frame["y"], x).fit(disp=0).aic - 2, abs=0.3)
    assert linear.aic == pytest.approx(sm.OLS(frame["u"], x).fit().aic, abs=0.3)
    assert linear.pseudo_r2 == pytest.approx(sm.OLS(frame["u"], x).fit().rsquared, rel=1e-12)
    assert logit.pseudo_r2 == pytest.approx(sm.Logit(frame["y"], x).fit(disp=0).prsquared, rel=1e-8)


def test_a_perfect_fit_is_a_fit_without_error() -> None:
    frame = models.people(4)
    fit = llo.glm("twice ~ y", models.survey(frame.assign(twice=2 * frame["y"] + 1)))
    np.testing.assert_allclose(fit.estimate, [1, 2], rtol=1e-12)
    assert all("zero_se" in flag for flag in fit.flags)
