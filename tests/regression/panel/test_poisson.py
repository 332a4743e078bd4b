"""Poisson regression with fixed effects: the regression on all dummies, laws, separation."""

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
SAME = 1e-9
FORMULA = "count ~ x + u"
RAW: dict[str, Any] = {"vcov": "cluster", "small_sample": "none"}


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


def test_an_offset_is_that_of_the_regression_on_dummies() -> None:
    data = frame(30, 4, constant=False).assign(months=lambda d: 1.0 + np.arange(len(d)) % 11)
    for effects, dummies in ((("unit",), "C(who)"), (("unit", "time"), "C(who) + C(year)")):
        fit = P.fixed_effects_poisson(FORMULA, survey(data), effects=effects, offset="log(months)")
        counted = survey(data.assign(total=data.groupby("who")["count"].transform("sum"))).where("total > 0")
        whole = llo.glm(f"count ~ x + u + {dummies}", counted, family="poisson", offset="log(months)")
        at = [list(whole.labels).index(term) for term in fit.labels]
        assert fit.estimate == pytest.approx(whole.estimate[at], rel=SAME)
        assert fit.covariance == pytest.approx(whole.covariance[np.ix_(at, at)], rel=SAME)
        assert fit.influence == pytest.approx(whole.influence[:, at], abs=1e-10)
        assert fit.fitted[whole.fitted > 0] == pytest.approx(whole.fitted[whole.fitted > 0], rel=1e-8)


def test_an_offset_that_stays_the_same_of_a_unit_says_nothing() -> None:
    svy = llo.replicate(survey(frame(30, 4).assign(size=lambda d: d["who"] / 7)), "jkn")
    fit, own = (P.fixed_effects_poisson(FORMULA, svy, offset=offset) for offset in (None, "size"))
    assert own.estimate == pytest.approx(fit.estimate, rel=SAME)
    assert own.covariance == pytest.approx(fit.covariance, rel=1e-7)
    with pytest.raises(DataError, match="no column 'sise'"):
        P.fixed_effects_poisson(FORMULA, svy, offset="sise")


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
