"""Reweighting one group to another: loops, post-stratification, derivatives, replicates, trimming, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.decomposition import oracle
from tests.decomposition.people import GROUPS, frame, replicated, survey
from tests.decomposition.test_rif import quantile

EXACT = 1e-9  # sums in another order, and Newton's steps to 1e-14
DERIVATIVE = 2e-8  # central differences with steps of 1e-5
FORMULA = "y ~ x + C(c)"
reweight = llo.decomposition.reweight


def people(n: int = 160) -> pd.DataFrame:
    """A skewed outcome that is never negative."""
    out = frame(n=n)
    return out.assign(y=np.exp(out["y"]))


def statistic(y: np.ndarray, w: np.ndarray, measure: str) -> float:
    """A measure of weighted values by its definition."""
    mean = w @ y / w.sum()
    if measure == "mean":
        return float(mean)
    if measure == "variance":
        return float(w @ (y - mean) ** 2 / w.sum())
    if measure == "gini":
        return float(sum(wi * (w @ np.abs(y - yi)) for wi, yi in zip(w, y, strict=True)) / w.sum() ** 2 / (2 * mean))
    if measure == "iqr":
        return quantile(y, w, 0.75) - quantile(y, w, 0.25)
    return quantile(y, w, float(measure[1:]) / 100)


def by_loops(data: pd.DataFrame, weights: np.ndarray, measure: str) -> list[float]:
    """The rows of one measure."""
    inside = data["g"].isin(["a", "b"]).to_numpy() & (weights > 0)
    x, w = oracle.matrix(data[inside]), weights[inside]
    of, y = (data["g"][inside] == "a").to_numpy(), data["y"].to_numpy(float)[inside]
    gamma = oracle.fitted(x, of.astype(float), w, "logit")
    omega = np.array([wi * np.exp(float(row @ gamma)) for wi, row in zip(w, x, strict=True)])
    a, b = statistic(y[of], w[of], measure), statistic(y[~of], w[~of], measure)
    c = statistic(y[~of], omega[~of], measure)
    return [a, b, c, a - b, c - b, a - c]


def test_plain_loops_give_every_row() -> None:
    data, measures = people(), ["mean", "q50", "variance", "gini", "iqr"]
    made = reweight(FORMULA, survey(data), **GROUPS, measures=measures)
    assert made.rows["component"].tolist()[:6] == [
        *("mean_of", "mean_minus", "counterfactual", "gap", "explained", "unexplained")
    ]
    for measure in measures:
        own = (made.rows["measure"] == measure).to_numpy()
        assert made.estimate[own] == pytest.approx(by_loops(data, data["w"].to_numpy(), measure), abs=EXACT)


def test_of_categories_alone_it_is_standardisation() -> None:
    """A saturated logit gives each cell the share that it has in the other group."""
    data = people(400)
    made = reweight("y ~ C(c)", survey(data), **GROUPS)
    shares = data[data["g"] == "a"].groupby("c", observed=True)["w"].sum()
    own = data[data["g"] == "b"]
    means = (own["y"] * own["w"]).groupby(own["c"], observed=True).sum() / own.groupby("c", observed=True)["w"].sum()
    assert made.estimate[2] == pytest.approx(float((shares / shares.sum() * means).sum()), abs=EXACT)
    # and Oaxaca and Blinder's explained part with the coefficients of minus, as its model is saturated too
    parts = llo.decomposition.oaxaca_blinder("y ~ C(c)", survey(data), **GROUPS, reference="minus")
    for name in ("gap", "explained", "unexplained"):
        one, other = made.labels.index(name), parts.labels.index(name)
        assert made.estimate[one] == pytest.approx(parts.estimate[other], abs=EXACT)
        assert made.std_error[one] == pytest.approx(parts.std_error[other], rel=1e-7)


def test_after_reweighting_the_means_of_the_columns_are_those_of_the_other_group_nearly() -> None:
    balance = reweight(FORMULA, survey(people(2000)), **GROUPS).meta["balance"]
    apart, left = (np.abs(np.subtract(balance["of"], balance[name])) for name in ("minus", "reweighted"))
    assert left.max() < 0.1 * apart.max()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"method": "doubly-robust"},
        {"trim": 0.2},
        {"trim": 0.2, "method": "doubly-robust"},
        {"measures": "variance"},
    ],
)
def test_influence_is_the_derivative_in_the_weights(options: dict[str, Any]) -> None:
    data = people()
    first = reweight(FORMULA, survey(data), **GROUPS, **options)
    for row in (0, 33, 101):
        ends = []
        for sign in (1, -1):
            moved = data.copy()
            moved.loc[row, "w"] *= 1 + sign * 1e-5
            ends.append(reweight(FORMULA, survey(moved), **GROUPS, **options).estimate)
        off = np.abs((ends[0] - ends[1]) / 2e-5 - first.influence[row]).max()
        assert off < DERIVATIVE * max(1, np.abs(first.influence).max())


@pytest.mark.parametrize("measure", ["mean", "q50", "gini"])
def test_replicates_are_refits(measure: str) -> None:
    data = people()
    svy, weights = replicated(data, 5)
    made = reweight(FORMULA, svy, **GROUPS, measures=measure)
    for r in range(5):
        assert made.replicates[r] == pytest.approx(by_loops(data, weights[:, r], measure), abs=1e-8)


def test_errors_agree_with_a_bootstrap_that_fits_anew() -> None:
    """But for quantiles, of which a bootstrap goes in steps and a kernel smooths."""
    svy = survey(people(800))
    measures = ["mean", "variance", "gini"]
    one, other = (
        reweight(FORMULA, s, **GROUPS, measures=measures)
        for s in (svy, llo.replicate(svy, "bootstrap", replicates=400, seed=1))
    )
    assert one.std_error == pytest.approx(other.std_error, rel=0.12)


def test_doubly_robust_is_right_where_the_outcome_is_linear_and_the_weights_are_wrong() -> None:
    """Its counterfactual is the regression's where no residual is left."""
    data = people(400)
    data["y"] = 1 + 2 * data["x"] + (data["c"] == "q") * 0.5 + (data["g"] == "a")
    made = reweight("y ~ x + C(c)", survey(data), **GROUPS, method="doubly-robust")
    own = data[data["g"] == "a"]
    expected = np.average(1 + 2 * own["x"] + (own["c"] == "q") * 0.5, weights=own["w"])
    assert made.estimate[2] == pytest.approx(float(expected), abs=1e-10)


def test_who_is_trimmed_is_told() -> None:
    data = people(400)
    whole, made = (reweight(FORMULA, survey(data), **GROUPS, trim=trim) for trim in (None, 0.35))
    gone = made.meta["trimmed"]
    assert "trimmed" not in whole.meta and gone["of"] > 0 and gone["minus"] > 0
    assert made.n[0] == whole.n[0] - gone["of"] and made.n[1] == whole.n[1] - gone["minus"]
    assert made.meta["propensity"]["lowest"] < 0.35


def test_scale_of_the_weights_and_order_of_the_rows_change_nothing() -> None:
    data = people()
    first = reweight(FORMULA, survey(data), **GROUPS, measures=["mean", "gini"])
    for other in (data.assign(w=7 * data["w"]), data.sample(frac=1.0, random_state=1)):
        made = reweight(FORMULA, survey(other), **GROUPS, measures=["mean", "gini"])
        assert made.estimate == pytest.approx(first.estimate, abs=1e-11)
        assert made.std_error == pytest.approx(first.std_error, rel=1e-9)


def test_reading_back_and_receipts(tmp_path: Any) -> None:
    made = reweight(FORMULA, survey(people()), **GROUPS, measures=["mean", "q50"], trim=0.01)
    made.save(tmp_path / "made")
    pd.testing.assert_frame_equal(llo.read_result(tmp_path / "made").to_frame(), made.to_frame())
    assert "reweight" in str(made.receipt())
    assert "odds" in made.to_r() and "odds" in made.to_stata() and "odds" in made.to_spss()


def test_what_is_refused() -> None:
    data = people(400)
    svy = survey(data)
    with pytest.raises(llo.IdentificationError, match=r"(?s)separation.*term x"):
        reweight(FORMULA, survey(data.assign(x=data["x"] + 100 * (data["g"] == "a"))), **GROUPS)
    with pytest.raises(llo.IdentificationError, match=r"(?s)Too many people.*reweighted|Too many people"):
        reweight(FORMULA, survey(data.assign(y=data["y"].round())), **GROUPS, measures="q50")
    with pytest.raises(llo.DataError, match="one of means"):
        reweight(FORMULA, svy, **GROUPS, measures=["mean", "q50"], method="doubly-robust")
    with pytest.raises(llo.DataError, match="no such measure"):
        reweight(FORMULA, svy, **GROUPS, measures="theil")
    for trim in (0, 0.5, True, "much"):
        with pytest.raises(llo.DataError, match="chance below which"):
            reweight(FORMULA, svy, **GROUPS, trim=trim)
    with pytest.raises(llo.IdentificationError, match="neither small nor large"):
        reweight("y ~ x", survey(data.assign(x=data["x"] + 3.0 * (data["g"] == "a"))), **GROUPS, trim=0.499)
    with pytest.raises(llo.LloError, match="method has no option"):
        reweight(FORMULA, svy, **GROUPS, method="matching")
