"""What careless calls get: which error, and a message that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import llo_research as llo
from llo_research.errors import DataError, DesignError, IdentificationError, LloWarning
from tests.regression.panel.panels import frame, survey

P = llo.panel


def panel(**options: Any) -> llo.Survey:
    return survey(frame(**options))


def doubled() -> llo.Survey:
    data = frame()
    return llo.Survey(data.assign(year=data["year"].replace(2015, 2014)), weights="w", unit="who", time="year")


CASES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "absorbed": (lambda: P.fixed_effects("y ~ x + fixed", panel()), IdentificationError, "'fixed' does not vary"),
    "absorbed by time": (
        lambda: P.fixed_effects("y ~ x + C(year)", panel(), effects=("unit", "time")),
        IdentificationError,
        "does not vary within unit and time",
    ),
    "collinear": (
        lambda: P.fixed_effects("y ~ x + x2", panel().assign(x2=lambda d: 2 * d["x"] + 1)),
        IdentificationError,
        "'x2' is a combination",
    ),
    "collinear over time": (
        lambda: P.fixed_effects("y ~ x + year + C(year)", panel()),
        IdentificationError,
        "is a combination",
    ),
    "never changes": (lambda: P.first_difference("y ~ x + fixed", panel()), IdentificationError, "'fixed'"),
    "nothing between": (
        lambda: P.between("y ~ x + x2", panel().assign(x2=lambda d: 2 * d["x"])),
        IdentificationError,
        "'x2'",
    ),
    "one unit": (
        lambda: P.fixed_effects("y ~ x", panel(complete=True).where("who == 100")),
        IdentificationError,
        "one unit",
    ),
    "one wave": (
        lambda: P.fixed_effects("y ~ x", panel().where("year == 2014")),
        IdentificationError,
        "observed more than once",
    ),
    "one wave, differences": (
        lambda: P.first_difference("y ~ x", panel().where("year == 2014")),
        IdentificationError,
        "observed more than once",
    ),
    "no adjoining waves": (
        lambda: P.first_difference("y ~ x", llo.Survey(_gaps(), weights="w", unit="who", time="year")),
        IdentificationError,
        "adjoining",
    ),
    "twice in a wave": (lambda: P.fixed_effects("y ~ x", doubled()), DataError, "several rows at one time"),
    "weights vary, random effects": (
        lambda: P.random_effects("y ~ x", panel(constant=False)),
        DesignError,
        "one weight for each unit",
    ),
    "weights vary, differences": (
        lambda: P.first_difference("y ~ x", panel(constant=False)),
        DesignError,
        "unit_weights",
    ),
    "no unit": (
        lambda: P.fixed_effects("y ~ x", llo.Survey(frame(), weights="w")),
        DesignError,
        "which column is the unit",
    ),
    "no time": (
        lambda: P.first_difference("y ~ x", llo.Survey(frame(), weights="w", unit="who")),
        DesignError,
        "which column is the time",
    ),
    "typo": (lambda: P.fixed_effects("y ~ xx", panel()), DataError, "xx"),
    "typo in effects": (lambda: P.fixed_effects("y ~ x", panel(), effects=("unit", "yeer")), DataError, "yeer"),
    "effect twice": (lambda: P.fixed_effects("y ~ x", panel(), effects=("unit", "who")), DataError, "named twice"),
    "no response": (lambda: P.fixed_effects("x", panel()), DataError, "response"),
    "only a constant": (lambda: P.fixed_effects("y ~ 1", panel()), IdentificationError, "no regressors"),
    "not a survey": (lambda: P.fixed_effects("y ~ x", frame()), DataError, "Survey"),
    "vcov": (lambda: P.fixed_effects("y ~ x", panel(), vcov="robust"), DataError, "vcov"),
    "family": (lambda: P.correlated_random_effects("yes ~ x", panel(), family="poisson"), DataError, "family"),
    "separated": (
        lambda: P.correlated_random_effects("yes ~ x + z", panel().assign(z=lambda d: d["yes"] * 2.0)),
        IdentificationError,
        "separation",
    ),
    "unit weights and steps": (
        lambda: P.fixed_effects("y ~ x", _with_both()),
        DesignError,
        "unit weights stand beside",
    ),
    "negative weights": (
        lambda: P.fixed_effects("y ~ x", _negative()),
        DesignError,
        "negative",
    ),
    "correction": (
        lambda: P.pseudo_panel("y ~ x", panel(), cohort="group", correction="full"),
        DataError,
        "correction",
    ),
    "one time, cohorts": (
        lambda: P.pseudo_panel("y ~ x", panel().where("year == 2014"), cohort="group"),
        IdentificationError,
        "one time",
    ),
    "cohorts of one person": (
        lambda: P.pseudo_panel("y ~ x", panel(), cohort="who"),
        IdentificationError,
        "do not tell how much their means err",
    ),
    "cohorts that only err": (
        lambda: P.pseudo_panel("y ~ n0 + n1 + n2 + n3", _noise(), cohort="group"),
        IdentificationError,
        "no more than they err",
    ),
    "no event": (
        lambda: P.event_time("y ~ 1", panel().assign(when=lambda d: d["year"] * 0 + 2030.0), event="when"),
        IdentificationError,
        "after the event",
    ),
    "window": (lambda: P.event_time("y ~ 1", panel(), event="yes", window=(1, 3)), DataError, "window"),
    "treatment": (
        lambda: P.omitted_variable_bias(P.fixed_effects("y ~ x", panel()), treatment="z"),
        DataError,
        "no term 'z'",
    ),
    "not linear": (
        lambda: P.omitted_variable_bias(P.correlated_random_effects("yes ~ x", panel()), treatment="x"),
        DataError,
        "linear model",
    ),
    "hausman": (lambda: P.hausman("y ~ fixed", panel()), IdentificationError, "No regressor varies"),
}


def _gaps() -> Any:
    data = frame(complete=True, waves=3)
    odd = data["who"] % 2 == 1
    return data[(odd & (data["year"] != 2015)) | (~odd & (data["year"] == 2015))]


def _negative() -> llo.Survey:
    # more of one level than the sample has: linear calibration takes weight away from others
    return llo.calibrate(panel(complete=True), {"level": {"low": 5000.0, "middle": 10.0, "high": 10.0}, "x": -9000.0})


def _with_both() -> llo.Survey:
    svy = survey(frame().assign(long=1.0), unit_weights="long")
    return llo.poststratify(svy, {"level": {"low": 70.0, "middle": 65.0, "high": 72.0}})


def _noise() -> llo.Survey:
    data = frame(complete=True)
    rng = np.random.default_rng(2)
    return survey(data.assign(**{f"n{j}": rng.normal(size=len(data)) for j in range(4)}))


@pytest.mark.parametrize("case", CASES)
def test_refused(case: str) -> None:
    call, error, words = CASES[case]
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_a_negative_component_is_told() -> None:
    # errors that alternate make unit means vary less than independent errors would
    data = frame(40, 4, complete=True)
    data["y"] = data["x"] + np.where(data["year"] % 2 == 0, 1.0, -1.0) * (1 + 0.1 * data["group"])
    with pytest.warns(LloWarning, match="below zero"):
        fit = llo.panel.random_effects("y ~ x", survey(data))
    assert fit.meta["components"]["set_to_zero"]
    assert fit.estimate == pytest.approx(llo.glm("y ~ x", survey(data)).estimate, rel=1e-9)


@pytest.mark.parametrize("value", [3.0, 1234567.1])
@pytest.mark.parametrize("vcov", ["design", "iid", "cluster"])
@pytest.mark.parametrize(
    "name", ["fixed_effects", "first_difference", "between", "random_effects", "hybrid", "mundlak"]
)
def test_a_response_that_never_varies_has_no_errors_and_says_so(name: str, vcov: str, value: float) -> None:
    # rounding is no standard error: a t of 1.9 out of it would be a finding
    data = frame(constant=True).assign(y=value)
    fit = getattr(llo.panel, name)("y ~ x + u", survey(data), vcov=vcov)
    told = fit.to_frame()
    assert (told["flag"] == "zero_se").all() and told["p_value"].isna().all()
    slopes = told["term"] != "Intercept"
    assert np.abs(told.loc[slopes, "estimate"]).max() < 1e-9 * value
    assert llo.panel.hausman("y ~ x + u", survey(data)).to_frame()["flag"][0] == "no_test"


def test_a_group_of_five_is_told_as_such() -> None:
    data = frame(complete=True).assign(stratum=0)
    five = survey(data).where("who < 102 and year < 2017 and not (who == 101 and year == 2016)")
    fit = P.fixed_effects("y ~ x", five)
    assert fit.nobs == 5 and fit.df[0] == 1.0 and fit.to_frame()["flag"][0] == "low_df"
    for vcov in ("design", "iid", "cluster"):
        with pytest.raises(IdentificationError, match="as many coefficients as rows"):
            P.fixed_effects("y ~ x + u + np.square(x)", five, vcov=vcov)
    none_left = P.fixed_effects("y ~ x + u", five).to_frame()
    assert (none_left["df"] <= 0).all() and none_left[["p_value", "conf_low"]].isna().all().all()
