"""Weights for those who left: what they mend, their derivative, replicates, what is refused, and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit

import llo_research as llo
from llo_research.design.residuals import Residuals
from llo_research.errors import CalibrationError, DataError, DesignError, LloWarning

STEP = 1e-5
DERIVATIVE = 1e-6  # of central differences with this step; the largest seen is 1e-9


def stayers(persons: int = 150, waves: int = 4, *, seed: int = 3, strength: float = 0.8) -> Any:
    """People who leave for good, the sooner the lower their x."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(persons):
        lasting, weight = rng.normal(), rng.gamma(4, 1)
        for wave in range(waves):
            x = lasting + rng.normal()
            rows.append((person, wave, x, 2 * x + lasting + rng.normal(), weight, person % 3))
            if rng.random() > expit(1 + strength * x):
                break
    data = pd.DataFrame(rows, columns=["who", "year", "x", "y", "w", "stratum"])
    data["stays"] = data.groupby("who")["year"].shift(-1).notna()
    return data


def survey(data: Any) -> llo.Survey:
    return llo.Survey(data, weights="w", strata="stratum", unit="who", time="year")


def test_weights_are_products_over_earlier_waves() -> None:
    data = stayers()
    svy = llo.panel.attrition_weights("stays ~ x", survey(data))
    asked = (data["year"] < 3).to_numpy()
    x = sm.add_constant(data.loc[asked, "x"])
    family = sm.families.Binomial()
    known = sm.GLM(data.loc[asked, "stays"].astype(float), x, family=family, freq_weights=data.loc[asked, "w"]).fit(
        tol=1e-14
    )
    p = pd.Series(expit(sm.add_constant(data["x"]) @ known.params), index=data.index)
    wanted = data["w"] / p.groupby(data["who"]).transform(lambda own: own.cumprod().shift(1, fill_value=1.0))
    assert svy.weights.to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-8)
    first = (data["year"] == 0).to_numpy()
    assert (svy.weights[first] == data["w"][first]).all()
    told = svy.design.steps[0].describe()
    assert told["n"] == asked.sum() and told["n_stayed"] == data["stays"][asked].sum()


def test_they_mend_what_attrition_does_to_a_mean() -> None:
    rng = np.random.default_rng(1)
    full = pd.DataFrame({"who": np.repeat(np.arange(4000), 3), "year": np.tile(np.arange(3), 4000)})
    full["x"] = rng.normal(size=4000)[full["who"]] + rng.normal(size=12000)
    keeps = (rng.random(12000) < expit(1 + full["x"].to_numpy())).reshape(4000, 3)
    there = np.hstack([np.ones((4000, 1), bool), np.cumprod(keeps[:, :2], axis=1).astype(bool)]).ravel()
    data = full[there].reset_index(drop=True).assign(w=1.0, stratum=0)
    data["stays"] = data.groupby("who")["year"].shift(-1).notna()
    svy = survey(data)
    last = llo.mean("x", svy, by="year")
    mended = llo.mean("x", llo.panel.attrition_weights("stays ~ x", svy), by="year")
    truth = full.groupby("year")["x"].mean().to_numpy()
    assert abs(last.estimate[2] - truth[2]) > 10 * last.std_error[2]
    assert (np.abs(mended.estimate - truth) < 4 * mended.std_error + 1e-12).all()


def test_influence_before_the_step_is_the_derivative() -> None:
    data = stayers(60)

    def both(moved: Any) -> llo.Survey:
        return llo.panel.attrition_weights("stays ~ x + C(year)", survey(moved))

    svy = both(data)
    for make in (lambda s: llo.mean("y", s), lambda s: llo.panel.mundlak("y ~ x", s)):
        before = Residuals(make(svy).scores, svy.design.steps).rows(slice(None))
        for row in (0, 31, 77):
            sides = []
            for sign in (1, -1):
                moved = data.copy()
                moved.loc[row, "w"] *= 1 + sign * STEP
                sides.append(make(both(moved)).estimate)
            assert before[row] == pytest.approx((sides[0] - sides[1]) / (2 * STEP), rel=DERIVATIVE, abs=1e-9)


def test_replicates_fit_the_model_anew() -> None:
    data = stayers()
    svy = llo.panel.attrition_weights("stays ~ x", llo.replicate(survey(data), "jkn"))
    weights = svy.design.replicates.weights
    for r in (0, 40):
        own = llo.replicate(survey(data), "jkn").design.replicates.weights[:, r]
        again = llo.panel.attrition_weights("stays ~ x", survey(data.assign(w=own)[own > 0]))
        assert weights[own > 0, r] == pytest.approx(again.weights.to_numpy(), rel=1e-8)
    linear = llo.mean("y", llo.panel.attrition_weights("stays ~ x", survey(data)))
    assert llo.mean("y", svy).std_error == pytest.approx(linear.std_error, rel=0.1)


def test_who_comes_back_has_no_weight() -> None:
    data = stayers()
    lost = data["who"].map(data.groupby("who").size()) == 4
    data = data[~(lost & (data["year"] == 1) & (data["who"] % 2 == 0))].reset_index(drop=True)
    gone = data.groupby("who")["year"].shift(-1) == data["year"] + 1
    data["stays"] = gone
    with pytest.warns(LloWarning, match="came back"):
        svy = llo.panel.attrition_weights("stays ~ x", survey(data))
    back = data.groupby("who")["year"].diff() > 1
    after = back.groupby(data["who"]).cumsum() > 0
    assert (svy.weights[after] == 0).all() and (svy.weights[~after] > 0).all()
    assert after.sum() == svy.design.steps[0].describe()["n_returned"] > 0


def test_order_of_rows_does_not_matter() -> None:
    data = stayers()
    order = np.random.default_rng(2).permutation(len(data))
    weights = llo.panel.attrition_weights("stays ~ x", survey(data)).weights.to_numpy()
    moved = llo.panel.attrition_weights("stays ~ x", survey(data.iloc[order])).weights.to_numpy()
    assert moved == pytest.approx(weights[order], rel=1e-12)


def test_saved_and_read_again(tmp_path: Path) -> None:
    svy = llo.panel.attrition_weights("stays ~ x", survey(stayers()))
    again = llo.read_survey(svy.save(tmp_path / "stayers.npz"))
    one, other = (llo.mean("y", s) for s in (svy, again))
    assert (one.estimate, one.std_error) == (other.estimate, other.std_error)


def test_refusals() -> None:
    data = stayers()
    for changed, error, words in (
        (data.assign(stays=True), DataError, "contradicts"),
        (data.assign(stays=data["stays"].where(data.index != 0, np.nan)), DataError, "not known"),
        (data.assign(stays="yes"), DataError, "yes or no"),
        (data.assign(x=data["x"].where(data["year"] != 0, np.nan)), DataError, "missing for people"),
        (data.assign(x=data["stays"] * 2.0), CalibrationError, "separation"),
    ):
        with pytest.raises(error, match=words):
            llo.panel.attrition_weights("stays ~ x", survey(changed))
    everybody = data[data["who"].map(data.groupby("who").size()) == 4]
    with pytest.raises(CalibrationError, match="Everybody stayed"):
        llo.panel.attrition_weights("stays ~ x", survey(everybody))
    with pytest.raises(DesignError, match="domain"):
        llo.panel.attrition_weights("stays ~ x", survey(data).where("x > 0"))
    with pytest.raises(DesignError, match="unit_weights"):
        own = llo.Survey(data, weights="w", unit="who", time="year", unit_weights="w")
        llo.panel.attrition_weights("stays ~ x", own)
    with pytest.raises(DataError, match="names who responds"):
        llo.panel.attrition_weights("x + y", survey(data))
