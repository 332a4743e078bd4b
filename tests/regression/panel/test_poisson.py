"""Poisson regression with fixed effects: R's glm and svyglm with dummies, laws, separation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, DesignError, IdentificationError
from tests.regression.panel import nonlinear
from tests.regression.panel.panels import frame, survey

P = llo.panel
R_DIGITS = 1e-8  # R's glm stops where the deviance stands still
SAME = 1e-9
FORMULA = "count ~ x + u"
RAW: dict[str, Any] = {"vcov": "cluster", "small_sample": "none"}
CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "poisson": ("one", ("unit",)),
    "poisson_weighted": ("wv", ("unit",)),
    "poisson_two": ("wv", ("unit", "time")),
}


@pytest.mark.parametrize("case", CASES)
def test_dummies_of_r(case: str) -> None:
    weights, effects = CASES[case]
    fit = P.fixed_effects_poisson(FORMULA, nonlinear.panel(weights), effects=effects, **RAW)
    coefficients, covariance = nonlinear.theirs(f"{case}:cluster", fit.labels)
    assert fit.estimate == pytest.approx(coefficients, rel=R_DIGITS)
    assert fit.covariance == pytest.approx(covariance, rel=R_DIGITS)
    classical = P.fixed_effects_poisson(FORMULA, nonlinear.panel(weights), effects=effects, vcov="iid")
    mean = nonlinear.data()[weights][np.isfinite(fit.fitted)].mean()
    assert classical.covariance == pytest.approx(nonlinear.theirs(f"{case}:iid", fit.labels)[1] * mean, rel=R_DIGITS)


def test_svyglm_with_dummies() -> None:
    fit = P.fixed_effects_poisson(FORMULA, nonlinear.panel("w", strata="stratum", psu="who"))
    coefficients, covariance = nonlinear.theirs("poisson:design", fit.labels)
    assert fit.estimate == pytest.approx(coefficients, rel=R_DIGITS)
    assert fit.covariance == pytest.approx(covariance, rel=R_DIGITS)


def test_it_is_the_regression_on_all_dummies() -> None:
    data = frame(30, 4, constant=False)
    fit = P.fixed_effects_poisson(FORMULA, survey(data), effects=("unit", "time"))
    counted = survey(data.assign(total=data.groupby("who")["count"].transform("sum"))).where("total > 0")
    whole = llo.glm("count ~ x + u + C(who) + C(year)", counted, family="poisson")
    at = [list(whole.labels).index(term) for term in fit.labels]
    assert fit.estimate == pytest.approx(whole.estimate[at], rel=SAME)
    assert fit.covariance == pytest.approx(whole.covariance[np.ix_(at, at)], rel=SAME)
    assert fit.influence == pytest.approx(whole.influence[:, at], abs=1e-10)


def test_one_effect_is_the_likelihood_given_totals() -> None:
    # the score of a multinomial of each unit's total over its waves
    data = nonlinear.data()
    fit = P.fixed_effects_poisson(FORMULA, nonlinear.panel("w"))
    x, y, who = data[["x", "u"]].to_numpy(), data["count"].to_numpy(), data["who"]
    size = np.exp(x @ fit.estimate)
    share = size / pd.Series(size).groupby(who.to_numpy()).transform("sum").to_numpy()
    total = data.groupby("who")["count"].transform("sum").to_numpy()
    score = (data["w"].to_numpy() * (y - total * share)) @ x
    assert np.abs(score).max() < 1e-8
    assert fit.fitted[total > 0] == pytest.approx((total * share)[total > 0], rel=1e-10)


def test_a_scale_of_the_count_changes_nothing() -> None:
    data = frame(40, 4)
    fit = P.fixed_effects_poisson(FORMULA, survey(data), **RAW)
    data["count"] = data["count"] * 2.5
    own = P.fixed_effects_poisson(FORMULA, survey(data), **RAW)
    assert own.estimate == pytest.approx(fit.estimate, rel=SAME)
    assert own.covariance == pytest.approx(fit.covariance, rel=SAME)


def test_counts_that_never_change_within_persons_have_no_errors_and_say_so() -> None:
    data = frame(40, 4)
    data["count"] = data["who"] % 7 + 1
    for effects in (("unit",), ("unit", "time")):
        told = P.fixed_effects_poisson(FORMULA, survey(data), effects=effects).to_frame()
        assert np.abs(told["estimate"]).max() < 1e-12
        assert (told["flag"] == "zero_se").all() and told["p_value"].isna().all()


def test_groups_without_a_count_are_told() -> None:
    data = nonlinear.data()
    fit = P.fixed_effects_poisson(FORMULA, nonlinear.panel("w"))
    total = data.groupby("who")["count"].transform("sum")
    nothing = data.loc[total == 0, "who"].nunique()
    assert nothing > 0 and fit.meta["separated"] == {"unit": nothing}
    assert fit.nobs == int((total > 0).sum()) and fit.meta["n_rows"] == len(data)
    assert (fit.influence[(total == 0).to_numpy()] == 0).all()


def test_rows_go_until_every_group_has_a_count() -> None:
    # year 2015 has counts of persons only who, without it, have none: both go
    data = frame(12, 3, complete=True)
    data["count"] = np.where((data["who"] < 106) & (data["year"] != 2015), 1 + data["count"], 0)
    fit = P.fixed_effects_poisson("count ~ x", survey(data), effects=("unit", "time"))
    assert fit.meta["separated"] == {"unit": 6, "time": 1} and fit.nobs == 12


def separated() -> llo.Survey:
    data = frame(40, 4)
    data["some"] = (np.arange(len(data)) % 7 == 0).astype(float)
    data["count"] = np.where(data["some"] == 1, 0, 1 + data["count"])
    return survey(data)


REFUSED = {
    "separated": (lambda: P.fixed_effects_poisson("count ~ x + some", separated()), IdentificationError, "'some'"),
    "below zero": (lambda: P.fixed_effects_poisson("y ~ x", survey(frame())), DataError, "not below 0"),
    "absorbed": (lambda: P.fixed_effects_poisson("count ~ x + fixed", survey(frame())), IdentificationError, "'fixed'"),
    "nothing": (
        lambda: P.fixed_effects_poisson("count ~ x", survey(frame().assign(count=0))),
        IdentificationError,
        "same answer",
    ),
    "no unit": (lambda: P.fixed_effects_poisson("count ~ x", llo.Survey(frame(), weights="w")), DesignError, "unit"),
    "wild": (
        lambda: P.fixed_effects_poisson("count ~ x", survey(frame()), vcov="wild", seed=1),
        DataError,
        "linear models",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        call()
