"""Proves that nonresponse adjustments are the published formulas; slow: that their intervals hold what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

import llo_research as llo
from tests.weighting import samples

few = settings(max_examples=25, deadline=None, derandomize=True)


@few
@given(seed=st.integers(0, 10_000))
def test_classes_carry_their_non_respondents(seed: int) -> None:
    svy = samples.survey(seed, 150)
    frame = svy.frame
    out = llo.adjust_nonresponse(svy, "came", classes=["education", "sex"])
    assert len(out) == len(svy)
    assert (out.weights[~frame["came"]] == 0).all()
    cells = [frame["education"], frame["sex"]]
    kept, wanted = (w.groupby(cells, observed=True).sum() for w in (out.weights, svy.weights))
    assert (kept / wanted - 1).abs().max() < 1e-12
    factor = (out.weights / svy.weights)[frame["came"]].groupby([c[frame["came"]] for c in cells], observed=True)
    assert (factor.max() - factor.min()).max() < 1e-12


@few
@given(seed=st.integers(0, 10_000))
def test_propensities_are_those_of_a_weighted_logistic_regression(seed: int) -> None:
    """statsmodels' binomial model with the weights as frequencies has the same estimating equations."""
    svy = samples.survey(seed, 150)
    frame, came = svy.frame, svy.frame["came"]
    out = llo.adjust_nonresponse(svy, "came", formula="age + C(education)")
    x = np.column_stack(
        [np.ones(len(frame)), frame["education"] == "middle", frame["education"] == "high", frame["age"]]
    )
    fit = sm.GLM(came.astype(float), x.astype(float), family=sm.families.Binomial(), freq_weights=frame["w"])
    p = fit.fit(tol=1e-14, maxiter=200).predict()
    assert out.weights[came].to_numpy() == pytest.approx((svy.weights / p)[came].to_numpy(), rel=1e-8)
    assert (out.weights[~came] == 0).all()
    # the scores of the model: respondents' weights times 1 / p reproduce what the model holds fixed
    assert x.T @ (frame["w"] * (came - p)) == pytest.approx(np.zeros(4), abs=1e-6)


def test_a_saturated_model_is_adjustment_by_class() -> None:
    svy = samples.survey(8, 200)
    by_class = llo.adjust_nonresponse(svy, "came", classes=["education", "sex"])
    by_model = llo.adjust_nonresponse(svy, "came", formula="education * sex")
    assert by_model.weights.to_numpy() == pytest.approx(by_class.weights.to_numpy(), rel=1e-9)
    one, two = llo.mean(["y", "x"], by_class), llo.mean(["y", "x"], by_model)
    assert two.std_error == pytest.approx(one.std_error, rel=1e-7)


def test_what_non_respondents_did_not_answer_may_be_missing() -> None:
    svy = samples.survey(3, 150)
    frame = svy.frame.assign(
        y=svy.frame["y"].where(svy.frame["came"]), sex=svy.frame["sex"].astype(object).where(svy.frame["came"])
    )
    out = llo.adjust_nonresponse(llo.Survey(frame, weights="w", strata="stratum"), "came", classes="education")
    whole = llo.adjust_nonresponse(svy, "came", classes="education")
    totals = {"sex": pd.Series({"m": 7e3, "v": 8e3})}
    one, two = (llo.mean("y", llo.calibrate(s, totals)) for s in (out, whole))
    assert one.estimate[0] == two.estimate[0] and one.std_error[0] == two.std_error[0]
    assert one.to_frame()["n"].iloc[0] == int(svy.frame["came"].sum())


@pytest.mark.parametrize("kind", ["bool", "boolean", "int64", "float64", "Int64"])
def test_kinds_of_columns(kind: str) -> None:
    svy = samples.survey(3, 100)
    same = svy.assign(came2=svy.frame["came"].astype(kind))
    one, two = llo.adjust_nonresponse(svy, "came"), llo.adjust_nonresponse(same, "came2")
    assert (one.weights == two.weights).all()


def test_everybody_responded() -> None:
    svy = samples.survey(3, 100).assign(all=True)
    assert llo.adjust_nonresponse(svy, "all", classes="sex").weights.to_numpy() == pytest.approx(svy.weights.to_numpy())


def test_rows_without_a_weight_do_not_count() -> None:
    svy = samples.survey(3, 120)
    frame = svy.frame.assign(w=np.where(svy.frame.index < 20, 0.0, svy.frame["w"]))
    part = llo.Survey(frame[20:], weights="w")
    for options in ({"classes": "education"}, {"formula": "age"}):
        zeros = llo.adjust_nonresponse(llo.Survey(frame, weights="w"), "came", **options).weights[20:]
        assert zeros.to_numpy() == pytest.approx(llo.adjust_nonresponse(part, "came", **options).weights.to_numpy())


SAMPLES = 2000
TRUE_MEAN_WITHIN = 3  # Monte-Carlo standard errors


@pytest.mark.slow
@pytest.mark.parametrize("how", ["classes", "propensity", "propensity, calibrated"])
def test_intervals_hold_what_they_say(how: str) -> None:
    """2,000 samples of 600 from 60,000 people, response from 35 to 80 % by education and age (seed 2023)."""
    rng = np.random.default_rng(2023)
    size, n = 60_000, 600
    education = rng.choice(["low", "middle", "high"], size, p=[0.3, 0.4, 0.3])
    age = rng.integers(20, 70, size).astype(float)
    y = 3 + 2.0 * (education == "high") + 0.05 * age + rng.normal(0, 2, size)
    linear = -0.6 + 0.9 * (education == "high") + (0.0 if how == "classes" else 0.03) * (age - 30)
    people = pd.DataFrame({"education": education, "age": age, "y": y, "p": 1 / (1 + np.exp(-linear)), "w": size / n})
    totals = {"education": people["education"].value_counts()}
    truth, held, naive, errors, estimates = y.mean(), 0, 0, [], []
    for _ in range(SAMPLES):
        drawn = people.iloc[rng.choice(size, n, replace=False)].reset_index(drop=True)
        svy = llo.Survey(drawn.assign(came=rng.random(n) < drawn["p"]), weights="w")
        if how == "classes":
            out = llo.adjust_nonresponse(svy, "came", classes="education")
        else:
            out = llo.adjust_nonresponse(svy, "came", formula="C(education) + age")
        out = llo.calibrate(out, totals) if how.endswith("calibrated") else out
        row = llo.mean("y", out).to_frame().iloc[0]
        held += row["conf_low"] <= truth <= row["conf_high"]
        plain = llo.Survey(drawn.assign(v=out.weights), weights="v")
        row_plain = llo.mean("y", plain).to_frame().iloc[0]
        naive += row_plain["conf_low"] <= truth <= row_plain["conf_high"]
        errors.append(row["std_error"])
        estimates.append(row["estimate"])
    coverage = held / SAMPLES
    margin = TRUE_MEAN_WITHIN * np.sqrt(0.95 * 0.05 / SAMPLES)
    print(
        f"\n{how}: coverage {coverage:.4f} (weights taken as given: {naive / SAMPLES:.4f}), "
        f"mean standard error over spread {np.mean(errors) / np.std(estimates):.3f}"
    )
    assert abs(coverage - 0.95) < margin
