"""Ordered logit and probit: points of statsmodels, exact influence, refits at replicates, margins, predictions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.miscmodels.ordinal_model import OrderedModel

import llo_research as llo
from llo_research import DataError, IdentificationError
from tests.regression import models

CALL = "scale ~ hours + C(education) + older"
DIFFERENCES = 1e-7


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_points_and_model_based_errors_are_those_of_statsmodels(link: str) -> None:
    frame = models.people().assign(w=1.0)
    fit = llo.ordered(CALL, models.survey(frame), link=link, vcov="iid")
    x = pd.DataFrame(models.dummies(frame)[:, 1:5], columns=list("abcd"))
    other = OrderedModel(frame["scale"], x, distr=link).fit(method="newton", disp=0, maxiter=200)
    params = other.params.to_numpy()
    thresholds = other.model.transform_threshold_params(params)[1:-1]
    np.testing.assert_allclose(fit.estimate, [*params[:4], *thresholds], rtol=1e-6)
    np.testing.assert_allclose(fit.std_error[:4], other.bse[:4], rtol=1e-4)  # its Hessian is numerical
    assert fit.labels == (
        *("hours", "C(education)[T.middle]", "C(education)[T.high]", "older"),
        *("never|monthly", "monthly|weekly", "weekly|daily"),
    )
    assert fit.pseudo_r2 == pytest.approx(other.prsquared, rel=1e-6)


def test_weights_count_as_people() -> None:
    frame = models.people(1)
    frame["w"] = frame["w"].round()
    twice = frame.loc[frame.index.repeat(frame["w"].astype(int))].reset_index(drop=True).assign(w=1.0)
    one = llo.ordered(CALL, llo.Survey(frame, weights="w"))
    other = llo.ordered(CALL, llo.Survey(twice, weights="w"))
    np.testing.assert_allclose(one.estimate, other.estimate, rtol=1e-9)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_influence_is_the_derivative_in_the_weights(link: str) -> None:
    frame = models.people(2)
    fit = llo.ordered(CALL, models.survey(frame), link=link)
    for row in (1, 70):
        wanted = models.derivative(lambda svy: llo.ordered(CALL, svy, link=link).estimate, frame, row, models.survey)
        np.testing.assert_allclose(fit.influence[row], wanted, atol=DIFFERENCES)
    np.testing.assert_allclose(fit.covariance, models.survey(frame).design.covariance(fit.influence), rtol=1e-10)


def test_replicates_are_refits() -> None:
    svy = models.replicated()
    fit = llo.ordered(CALL, svy)
    refits = []
    for r in range(12):
        frame = svy.frame.assign(w=svy.frame[f"r{r + 1}"])
        refits.append(llo.ordered(CALL, llo.Survey(frame, weights="w")).estimate)
    np.testing.assert_allclose(fit.replicates, refits, rtol=1e-8, atol=1e-10)


def test_two_levels_are_a_binary_model() -> None:
    frame = models.people(3)
    two = frame.assign(two=pd.Categorical.from_codes(frame["logit"].astype(int), ["no", "yes"], ordered=True))
    for link in ("logit", "probit"):
        fit = llo.ordered("two ~ hours + older", models.survey(two), link=link)
        binary = llo.glm("logit ~ hours + older", models.survey(frame), family=link)
        np.testing.assert_allclose(fit.estimate[:2], binary.estimate[1:], rtol=1e-8)
        assert fit.estimate[2] == pytest.approx(-binary.estimate[0], rel=1e-8)
        assert fit.models[0].deviance == pytest.approx(binary.models[0].deviance, rel=1e-10)


def test_probabilities_by_hand() -> None:
    frame = models.people(4)
    fit = llo.ordered(CALL, models.survey(frame))
    eta = models.dummies(frame)[:, 1:5] @ fit.estimate[:4]
    below = np.column_stack([1 / (1 + np.exp(-(tau - eta))) for tau in fit.estimate[4:]])
    wanted = np.diff(np.column_stack([np.zeros(len(frame)), below, np.ones(len(frame))]), axis=1)
    np.testing.assert_allclose(fit.fitted, wanted, rtol=1e-10)
    told = fit.predict(frame.head(3))
    assert told["level"].tolist() == ["never", "monthly", "weekly", "daily"] * 3
    np.testing.assert_allclose(told["estimate"].to_numpy().reshape(3, 4), wanted[:3], rtol=1e-10)
    assert ((told["conf_low"] > 0) & (told["conf_high"] < 1)).all()


def test_margins_add_up_to_nothing_and_have_exact_influence() -> None:
    frame = models.people(5)
    fit = llo.ordered(CALL, models.survey(frame))
    found = fit.margins(["hours", "education"])
    by_term = found.to_frame().fillna({"of": ""}).groupby(["term", "of"])["estimate"].sum()
    np.testing.assert_allclose(by_term, 0, atol=1e-13)
    wanted = models.derivative(
        lambda svy: llo.ordered(CALL, svy).margins(["hours", "education"]).estimate, frame, 9, models.survey
    )
    np.testing.assert_allclose(found.influence[9], wanted, atol=DIFFERENCES)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_ratio_test_is_that_of_two_fits(link: str) -> None:
    svy = models.survey(models.people(6))
    fit, small = llo.ordered(CALL, svy, link=link), llo.ordered("scale ~ hours + older", svy, link=link)
    found = fit.test("C(education)", method="lr")
    assert found.statistic == pytest.approx(small.models[0].deviance - fit.models[0].deviance, rel=1e-8)
    assert fit.aic > small.aic - 20 and np.isfinite(fit.aic)


def test_what_has_no_order_is_refused() -> None:
    frame = models.people()
    with pytest.raises(DataError, match="have no order"):
        llo.ordered("region ~ hours", models.survey(frame))
    with pytest.raises(DataError, match="has 1 level"):
        llo.ordered("scale ~ hours", models.survey(frame).where("scale == 'daily'"))
    with pytest.raises(IdentificationError, match="separation"):
        llo.ordered("step ~ hours", models.survey(frame.assign(step=(frame["hours"] > 5).astype(int))))
    with pytest.raises(IdentificationError, match="term 'twice'"):
        llo.ordered("scale ~ hours + twice", models.survey(frame.assign(twice=2 * frame["hours"] + 1)))
    with pytest.raises(DataError, match="wild bootstrap"):
        llo.ordered("scale ~ hours", models.survey(frame), vcov="wild")


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("answers", [[2] * 8, [1, 0] + [2] * 6])
def test_a_group_that_all_answers_alike_is_refused_in_the_sample_and_flagged_in_a_replicate(
    link: str, answers: list[int]
) -> None:
    rng = np.random.default_rng(3)
    y = rng.integers(0, 3, 80)
    y[:8] = answers
    frame = pd.DataFrame({"y": y, "g": (np.arange(80) < 8) * 1.0, "x": rng.normal(size=80), "w": 1.0, "psu": range(80)})
    svy = llo.replicate(llo.Survey(frame, weights="w", psu="psu"), method="bootstrap", replicates=60, seed=1)
    if len(set(answers)) == 1:
        with pytest.raises(IdentificationError, match="separation"):
            llo.ordered("y ~ g + x", svy, link=link)
        return
    found = llo.ordered("y ~ g + x", svy, link=link).to_frame()
    assert found["std_error"].isna().all()
    assert found["flag"].str.contains("replicate_undefined").all()
