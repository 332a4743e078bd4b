"""Every covariance of ``vcov=`` against statsmodels, linearmodels or a plain loop, with its factor and its df."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import llo_research as llo
from llo_research import DataError, DesignError
from tests.regression import models

SAME = 1e-9  # two programs that add up the same products in another order
CALL = f"y ~ {models.REGRESSORS}"


def panel(seed: int = 0) -> pd.DataFrame:
    """People with a year and a firm, with which errors go together."""
    frame = models.people(seed)
    rng = np.random.default_rng(seed + 50)
    frame["wave"], frame["firm"] = rng.integers(2010, 2018, len(frame)), rng.integers(0, 15, len(frame))
    frame["y"] += rng.normal(size=8)[frame["wave"] - 2010] + rng.normal(size=15)[frame["firm"]]
    return frame


def survey(frame: pd.DataFrame) -> llo.Survey:
    return llo.Survey(frame, weights="w", psu="firm", time="wave")


def weighted(frame: pd.DataFrame) -> sm.WLS:
    return sm.WLS(frame["y"], models.dummies(frame), weights=frame["w"])


def sandwich(frame: pd.DataFrame, groups: np.ndarray) -> np.ndarray:
    """A^-1 sum_g s_g s_g' A^-1 by a loop, no factor."""
    x, w, y = models.dummies(frame), frame["w"].to_numpy(), frame["y"].to_numpy()
    inverse = np.linalg.inv((x * w[:, None]).T @ x)
    scores = x * (w * (y - x @ (inverse @ (x.T @ (w * y)))))[:, None]
    middle = np.zeros((x.shape[1],) * 2)
    for group in np.unique(groups):
        total = scores[groups == group].sum(axis=0)
        middle += np.outer(total, total)
    return np.asarray(inverse @ middle @ inverse)


def fit_with(frame: pd.DataFrame, **options: Any) -> Any:
    return llo.glm(CALL, survey(frame), **options)


def test_hc1_and_iid_are_those_of_statsmodels() -> None:
    frame = panel()
    robust, classical = fit_with(frame, vcov="hc1"), fit_with(frame, vcov="iid")
    np.testing.assert_allclose(robust.covariance, weighted(frame).fit(cov_type="HC1").cov_params(), rtol=SAME)
    np.testing.assert_allclose(classical.covariance, weighted(frame).fit().cov_params(), rtol=SAME)
    assert (robust.df == len(frame) - 7).all() and (classical.df == len(frame) - 7).all()
    np.testing.assert_allclose(classical.to_frame()["p_value"], weighted(frame).fit().pvalues, rtol=1e-7)


@pytest.mark.parametrize("family", ["logit", "poisson"])
def test_iid_of_likelihood_models_without_weights(family: str) -> None:
    frame = panel().assign(w=1.0)
    fit = llo.glm(f"{family} ~ {models.REGRESSORS}", survey(frame), family=family, vcov="iid")
    kind = sm.families.Binomial() if family == "logit" else sm.families.Poisson()
    other = sm.GLM(frame[family], models.dummies(frame), family=kind).fit(tol=1e-14)
    np.testing.assert_allclose(fit.std_error, other.bse, rtol=1e-7)


def test_cluster_is_that_of_statsmodels() -> None:
    """Its factor is G/(G-1) (n-1)/(n-k), as Stata's, reghdfe's and fixest's."""
    frame = panel()
    for name in ("firm", "wave"):
        fit = fit_with(frame, vcov="cluster", cluster=name)
        other = weighted(frame).fit(cov_type="cluster", cov_kwds={"groups": frame[name]})
        np.testing.assert_allclose(fit.covariance, other.cov_params(), rtol=SAME)
        assert (fit.df == frame[name].nunique() - 1).all()
    assert fit_with(frame, vcov="cluster").meta["vcov"]["small_sample"].startswith("G/(G-1) (n-1)/(n-k), G=15")
    bare = fit_with(frame, vcov="cluster", small_sample="none")
    np.testing.assert_allclose(bare.covariance, sandwich(frame, frame["firm"].to_numpy()), rtol=SAME)


def test_two_way_adds_both_and_takes_off_the_crossing() -> None:
    frame = panel()
    fit = fit_with(frame, vcov="two-way", cluster=["firm", "wave"], small_sample="none")
    crossed = (frame["firm"] * 10_000 + frame["wave"]).to_numpy()
    parts = [sandwich(frame, codes) for codes in (frame["firm"].to_numpy(), frame["wave"].to_numpy(), crossed)]
    np.testing.assert_allclose(fit.covariance, parts[0] + parts[1] - parts[2], rtol=1e-8, atol=1e-15)
    assert (fit.df == 7).all()
    scaled = fit_with(frame, vcov="two-way", cluster=["firm", "wave"])
    n = len(frame)
    np.testing.assert_allclose(scaled.covariance, fit.covariance * 8 / 7 * (n - 1) / (n - 7), rtol=1e-12)


def test_a_variance_below_zero_is_none() -> None:
    """Crossed clusters of one row each: with errors that go against each other nothing is left."""
    rng = np.random.default_rng(0)
    found = None
    for _ in range(50):
        frame = pd.DataFrame({"a": np.repeat(range(4), 4), "b": np.tile(range(4), 4), "w": 1.0})
        frame["y"], frame["x"] = rng.normal(size=16), rng.normal(size=16)
        fit = llo.glm("y ~ x", llo.Survey(frame, weights="w"), vcov="two-way", cluster=["a", "b"])
        if "negative_variance" in " ".join(fit.flags):
            found = fit.to_frame()[["flag", "std_error", "p_value", "conf_low"]]
            break
    assert found is not None
    below = found["flag"].str.contains("negative_variance")
    assert found.loc[below, ["std_error", "p_value", "conf_low"]].isna().all().all()
    assert found.loc[~below, "std_error"].notna().all()
    for term, gone in zip(fit.to_frame()["term"], below, strict=True):
        told = fit.test(f"`{term}`" if term == "Intercept" else term).to_frame()
        assert (told["flag"][0] == "no_test") == gone and np.isnan(told["p_value"][0]) == gone


def test_driscoll_kraay_is_a_loop_over_lags() -> None:
    frame = panel()
    fit = fit_with(frame, vcov="driscoll-kraay", lags=2)
    x, w, y = models.dummies(frame), frame["w"].to_numpy(), frame["y"].to_numpy()
    inverse = np.linalg.inv((x * w[:, None]).T @ x)
    scores = x * (w * (y - x @ (inverse @ (x.T @ (w * y)))))[:, None]
    sums = [scores[(frame["wave"] == year).to_numpy()].sum(axis=0) for year in range(2010, 2018)]
    middle = sum(np.outer(s, s) for s in sums)
    for lag in (1, 2):
        for t in range(lag, 8):
            both = np.outer(sums[t], sums[t - lag])
            middle = middle + (1 - lag / 3) * (both + both.T)
    np.testing.assert_allclose(fit.covariance, inverse @ middle @ inverse, rtol=SAME)
    assert (fit.df == 7).all() and fit.meta["vcov"]["lags"] == 2


@pytest.mark.parametrize(
    ("years", "step"),
    [
        ((2010, 2012, 2014, 2016, 2018, 2020, 2022, 2024), 2.0),  # every other year: neighbours are one lag apart
        ((2010, 2011, 2012, 2013, 2016, 2017, 2018, 2020), 1.0),  # waves that were skipped
        ((2004, 2007, 2010, 2013, 2017, 2020, 2024, 2027), 3.0),  # steps of three years and of four
        ((1.0, 1.25, 1.5, 1.75, 2.5, 2.75, 3.0, 3.5), 0.25),
    ],
)
@pytest.mark.parametrize("lags", [0, 2, 7])
def test_driscoll_kraay_knows_how_far_times_are_apart(years: tuple[float, ...], step: float, lags: int) -> None:
    # a loop over pairs of times: weight 1 - distance / (lags + 1), distance in smallest steps, and none beyond
    frame = panel()
    frame["wave"] = np.array(years)[frame["wave"] - 2010]
    fit = fit_with(frame, vcov="driscoll-kraay", lags=lags)
    x, w, y = models.dummies(frame), frame["w"].to_numpy(), frame["y"].to_numpy()
    inverse = np.linalg.inv((x * w[:, None]).T @ x)
    scores = x * (w * (y - x @ (inverse @ (x.T @ (w * y)))))[:, None]
    sums = {year: scores[(frame["wave"] == year).to_numpy()].sum(axis=0) for year in years}
    middle = np.zeros((x.shape[1],) * 2)
    for one in years:
        for other in years:
            weight = max(0.0, 1 - abs(one - other) / step / (lags + 1))
            middle += weight * np.outer(sums[one], sums[other])
    known = inverse @ middle @ inverse
    np.testing.assert_allclose(fit.covariance, known, rtol=1e-7, atol=1e-9 * np.diag(known).max())
    assert (fit.df == 7).all() and fit.meta["vcov"]["lags"] == lags
    assert fit.meta["vcov"].get("time_gaps", False) == (step != 2.0)


def test_times_without_distances_stand_in_their_order() -> None:
    frame = panel()
    known = fit_with(frame, vcov="driscoll-kraay", lags=2)
    named = fit_with(frame.assign(wave="wave " + frame["wave"].astype(str)), vcov="driscoll-kraay", lags=2)
    np.testing.assert_allclose(named.covariance, known.covariance, rtol=SAME)


def test_a_domain_counts_only_its_own_clusters() -> None:
    frame = panel()
    inside = frame["region"] == "north"
    fit = llo.glm("y ~ hours", survey(frame).where("region == 'north'"), vcov="cluster")
    alone = llo.glm("y ~ hours", survey(frame[inside].reset_index(drop=True)), vcov="cluster")
    np.testing.assert_allclose(fit.covariance, alone.covariance, rtol=1e-10)


def test_labels_of_units_that_start_anew_are_apart() -> None:
    frame = models.people()
    named = frame.assign(own=frame["stratum"] + frame["place"].astype(str))
    fit = llo.glm("y ~ hours", models.survey(frame), vcov="cluster")
    other = llo.glm("y ~ hours", models.survey(named), vcov="cluster", cluster="own")
    np.testing.assert_allclose(fit.covariance, other.covariance, rtol=1e-12)


def test_other_covariances_take_calibrated_weights_as_given() -> None:
    frame = panel()
    svy = llo.calibrate(survey(frame), {"region": {"north": 420.0, "south": 400.0}})
    fit = llo.glm(CALL, svy, vcov="cluster")
    given = frame.assign(w=svy.weights.to_numpy())
    np.testing.assert_allclose(fit.covariance, fit_with(given, vcov="cluster").covariance, rtol=1e-9)


def test_other_covariances_of_replicate_designs_use_the_scores() -> None:
    svy = models.replicated()
    fit = llo.glm("y ~ hours", svy, vcov="hc1")
    other = llo.glm("y ~ hours", llo.Survey(svy.frame, weights="w"), vcov="hc1")
    np.testing.assert_allclose(fit.covariance, other.covariance, rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"vcov": "robust"}, "vcov has no option 'robust'"),
        ({"cluster": "firm"}, "cluster has no meaning with vcov='design'"),
        ({"vcov": "cluster", "cluster": ["firm", "wave"]}, "One column makes the clusters"),
        ({"small_sample": "none"}, "small_sample has no meaning with vcov='design'"),
        ({"vcov": "two-way", "cluster": "firm"}, "takes two columns"),
        ({"vcov": "cluster", "lags": 2}, "lags has no meaning"),
        ({"vcov": "driscoll-kraay", "lags": 30}, "lags is a whole number of times"),
        ({"vcov": "cluster", "cluster": "frim"}, "did you mean 'firm'"),
        ({"vcov": "cluster", "small_sample": "some"}, "small_sample has no option"),
        ({"vcov": "cluster", "cluster": "gap"}, "in no cluster"),
        ({"vcov": "cluster", "cluster": "one"}, "one cluster"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], words: str) -> None:
    frame = panel().assign(gap=lambda d: d["firm"].where(d["firm"] > 3), one=1)
    with pytest.raises((DataError, DesignError), match=words):
        fit_with(frame, **options)


def test_clusters_need_a_column() -> None:
    with pytest.raises(DesignError, match="no column to cluster by"):
        llo.glm("y ~ hours", llo.Survey(panel(), weights="w"), vcov="cluster")
    with pytest.raises(DesignError, match="need times"):
        llo.glm("y ~ hours", llo.Survey(panel(), weights="w"), vcov="driscoll-kraay")


def test_a_cluster_that_is_no_name_is_refused() -> None:
    with pytest.raises(llo.DataError, match="cluster"):
        llo.glm("gaussian ~ hours", models.survey(), vcov="cluster", cluster=3)  # type: ignore[arg-type]  # a number is no name
