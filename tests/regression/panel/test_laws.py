"""Two routes to one answer: dummies, means and differences; order, labels and names of rows do not matter."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import llo_research as llo
from tests.regression.panel.panels import dummies, frame, survey

ROOT = Path(__file__).resolve().parents[3]
CLOSE = 1e-9  # least squares of dummies by another route
ORDER = 1e-12  # sums in another order
FORMULA = "y ~ x + u + C(level)"


def design(data: Any) -> np.ndarray:
    columns = [data["x"], data["u"], data["level"] == "low", data["level"] == "middle"]
    return np.column_stack(columns).astype(float)


def by_dummies(data: Any, *effects: str, weights: Any = None) -> Any:
    x = np.hstack([design(data), dummies(*(data[name] for name in effects))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rank, which is meant
        return sm.WLS(data["y"], x, weights=data["w"] if weights is None else weights).fit(method="pinv")


@pytest.mark.parametrize("effects", [("who",), ("who", "year"), ("group", "year"), ("who", "year", "group")])
@pytest.mark.parametrize("constant", [True, False])
def test_within_is_the_weighted_regression_on_dummies(effects: tuple[str, ...], constant: bool) -> None:
    data = frame(constant=constant)
    roles = {"who": "unit", "year": "time"}
    fit = llo.panel.fixed_effects(FORMULA, survey(data), effects=[roles.get(name, name) for name in effects])
    known = by_dummies(data, *effects)
    assert fit.labels == ("x", "u", "C(level)[T.low]", "C(level)[T.middle]")
    assert fit.estimate == pytest.approx(known.params[:4].to_numpy(), rel=CLOSE)
    assert np.asarray(fit.fitted) == pytest.approx(known.fittedvalues.to_numpy(), rel=CLOSE)
    classical = llo.panel.fixed_effects(FORMULA, survey(data), effects=list(effects), vcov="iid")
    assert classical.std_error == pytest.approx(known.bse[:4].to_numpy(), rel=1e-7)
    assert classical.df[0] == known.df_resid


def test_factor_of_clusters_leaves_out_nested_effects() -> None:
    data = frame(complete=True)
    n, groups, waves = len(data), 60, 4
    raw = {"vcov": "cluster", "small_sample": "none", "effects": ("unit", "time")}
    base = llo.panel.fixed_effects("y ~ x", survey(data), **raw).covariance[0, 0]
    for cluster, k in (("who", 1 + waves), ("group", 1 + waves), ("year", 1 + groups)):
        own = llo.panel.fixed_effects("y ~ x", survey(data), **{**raw, "cluster": cluster}).covariance[0, 0]
        fit = llo.panel.fixed_effects("y ~ x", survey(data), vcov="cluster", cluster=cluster, effects=("unit", "time"))
        g = data[cluster].nunique()
        assert fit.covariance[0, 0] == pytest.approx(own * g / (g - 1) * (n - 1) / (n - k), rel=CLOSE)
    one_way = llo.panel.fixed_effects("y ~ x", survey(data), vcov="cluster")
    alone = llo.panel.fixed_effects("y ~ x", survey(data), vcov="cluster", small_sample="none")
    ratio = one_way.covariance[0, 0] / alone.covariance[0, 0]
    assert ratio == pytest.approx(60 / 59 * (n - 1) / (n - 2), rel=CLOSE)
    assert base > 0


@pytest.mark.parametrize("constant", [True, False])
def test_slopes_of_mundlak_and_hybrid_are_those_of_fixed_effects(constant: bool) -> None:
    svy = survey(frame(constant=constant))
    within = llo.panel.fixed_effects(FORMULA, svy)
    for other in (llo.panel.mundlak, llo.panel.hybrid):
        fit = other(f"{FORMULA} + fixed", svy)
        place = [fit.labels.index(name) for name in within.labels]
        assert fit.estimate[place] == pytest.approx(within.estimate, rel=CLOSE)
        assert fit.std_error[place] == pytest.approx(within.std_error, rel=CLOSE)
        assert fit.meta["means_of"] == ["x", "u", "C(level)[T.low]", "C(level)[T.middle]"] or constant is None


def test_hybrid_adds_up_to_the_effect_between() -> None:
    svy = survey(frame())
    pooled, both = llo.panel.mundlak("y ~ x + fixed", svy), llo.panel.hybrid("y ~ x + fixed", svy)
    added = pooled.contrast("x + `mean(x)`")
    place = both.labels.index("mean(x)")
    assert both.estimate[place] == pytest.approx(added.estimate[0], rel=CLOSE)
    assert both.std_error[place] == pytest.approx(added.std_error[0], rel=CLOSE)
    assert both.influence == pytest.approx(pooled.influence @ _turn(pooled.labels).T, abs=1e-12)


def _turn(labels: tuple[str, ...]) -> np.ndarray:
    turn = np.eye(len(labels))
    turn[labels.index("mean(x)"), labels.index("x")] = 1
    return turn


def test_two_waves_differences_are_fixed_effects() -> None:
    svy = survey(frame(waves=2))
    within = llo.panel.fixed_effects("y ~ x + u", svy, effects=("unit", "time"))
    moved = llo.panel.first_difference("y ~ x + u + C(year)", svy)
    assert moved.estimate[:2] == pytest.approx(within.estimate, rel=CLOSE)
    assert moved.meta["singletons"] == within.meta["singletons"] > 0


def test_differences_take_adjoining_waves_only() -> None:
    data = frame(waves=5)
    moved = data.sort_values(["who", "year"])
    step = moved.groupby("who")[["y", "x", "year"]].diff()
    kept = (step["year"] == 1).to_numpy()
    known = sm.WLS(step["y"][kept], step[["x"]][kept], weights=moved["w"][kept]).fit()
    fit = llo.panel.first_difference("y ~ x", survey(data))
    assert fit.estimate == pytest.approx(known.params.to_numpy(), rel=CLOSE)
    assert fit.nobs == kept.sum()
    assert fit.meta["gaps"] == int((step["year"] > 1).sum()) > 0


def test_between_is_the_regression_of_means() -> None:
    data = frame(constant=False)
    weights = data.groupby("who")["w"].mean()
    means = data[["y", "x", "fixed"]].mul(data["w"], axis=0).groupby(data["who"]).sum()
    means = means.div(data.groupby("who")["w"].sum(), axis=0)
    known = sm.WLS(means["y"], sm.add_constant(means[["x", "fixed"]]), weights=weights).fit()
    fit = llo.panel.between("y ~ x + fixed", survey(data), vcov="iid")
    assert fit.estimate == pytest.approx(known.params.to_numpy(), rel=CLOSE)
    assert fit.std_error == pytest.approx(known.bse.to_numpy(), rel=CLOSE)
    assert fit.nobs == data["who"].nunique()


ESTIMATORS = {
    "fixed_effects": lambda svy: llo.panel.fixed_effects("y ~ x + u", svy, effects=("unit", "time")),
    "first_difference": lambda svy: llo.panel.first_difference("y ~ x + u", svy),
    "between": lambda svy: llo.panel.between("y ~ x + u", svy),
    "random_effects": lambda svy: llo.panel.random_effects("y ~ x + u", svy),
    "mundlak": lambda svy: llo.panel.mundlak("y ~ x + u", svy),
    "hybrid": lambda svy: llo.panel.hybrid("y ~ x + u", svy),
    "correlated": lambda svy: llo.panel.correlated_random_effects("yes ~ x + u", svy),
    "pseudo": lambda svy: llo.panel.pseudo_panel("y ~ x + u", svy, cohort="group", correction=None),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_order_labels_and_index_of_rows_do_not_matter(name: str) -> None:
    data = frame()
    first = ESTIMATORS[name](survey(data))
    order = np.random.default_rng(3).permutation(len(data))
    for other in (
        data.iloc[order],
        data.set_index(pd.Index([7] * len(data))),
        data.assign(who="p" + data["who"].astype(str)),
        data.assign(year=pd.Categorical(data["year"].astype(str), ordered=True)),
    ):
        if name in ("pseudo",) and other["year"].dtype == "category":
            continue
        again = ESTIMATORS[name](survey(other))
        assert again.estimate == pytest.approx(first.estimate, rel=1e-10)
        assert again.covariance == pytest.approx(first.covariance, rel=1e-9)
    moved = ESTIMATORS[name](survey(data.iloc[order]))
    assert moved.influence == pytest.approx(first.influence[order], rel=1e-8, abs=1e-12)


def test_a_domain_is_a_smaller_panel_in_the_same_design() -> None:
    data = frame()
    inside = survey(data).where("year > 2014")
    fit = llo.panel.fixed_effects("y ~ x", inside)
    own = llo.panel.fixed_effects("y ~ x", survey(data[data["year"] > 2014]))
    assert fit.estimate == pytest.approx(own.estimate, rel=CLOSE)
    assert (fit.influence[(data["year"] == 2014).to_numpy()] == 0).all()
    assert len(fit.influence) == len(data)


def test_missing_values_and_zero_weights_leave_rows_out() -> None:
    data = frame()
    holes = data.assign(x=data["x"].where(data.index % 7 != 0))
    fit, own = (llo.panel.fixed_effects("y ~ x", survey(d)) for d in (holes, data[data.index % 7 != 0]))
    assert fit.estimate == pytest.approx(own.estimate, rel=CLOSE)
    assert fit.meta["left_out"] == {"x": int(holes["x"].isna().sum())}
    light = data.assign(w=data["w"].where(data.index % 7 != 0, 0.0))
    again = llo.panel.fixed_effects("y ~ x", survey(light))
    assert again.estimate == pytest.approx(own.estimate, rel=CLOSE)
    assert again.nobs == own.nobs


def test_singletons_stay_in_the_count() -> None:
    data = frame(waves=2)
    fit = llo.panel.fixed_effects("y ~ x", survey(data))
    alone = data.groupby("who")["x"].transform("size") == 1
    assert fit.meta["singletons"] == alone.sum() > 0
    assert fit.nobs == len(data)
    assert fit.meta["units_with_changes"] == data["who"].nunique() - alone.sum()
    known = llo.panel.fixed_effects("y ~ x", survey(data[~alone]))
    assert fit.estimate == pytest.approx(known.estimate, rel=CLOSE)


def test_the_estimand_is_named_when_weights_vary() -> None:
    assert "vary" not in llo.panel.fixed_effects("y ~ x", survey(frame())).meta["estimand"]
    assert (
        "weights vary within units" in llo.panel.fixed_effects("y ~ x", survey(frame(constant=False))).meta["estimand"]
    )


def test_unit_weights_are_used() -> None:
    data = frame(constant=False)
    data["long"] = data.groupby("who")["w"].transform("first")
    both = survey(data, unit_weights="long")
    for make in (llo.panel.fixed_effects, llo.panel.first_difference, llo.panel.random_effects, llo.panel.mundlak):
        fit, own = make("y ~ x", both), make("y ~ x", survey(data, weights="long"))
        assert fit.estimate == pytest.approx(own.estimate, rel=ORDER)
        assert fit.covariance == pytest.approx(own.covariance, rel=ORDER)
        assert fit.meta["weight"] == "long"


def test_effects_need_no_unit() -> None:
    data = frame()
    cross = llo.Survey(data, weights="w", strata="year")
    fit = llo.panel.fixed_effects(FORMULA, cross, effects=("group", "year"))
    assert fit.estimate == pytest.approx(by_dummies(data, "group", "year").params[:4].to_numpy(), rel=CLOSE)


def test_fixed_effects_are_the_same_model_as_glm_with_dummies() -> None:
    svy = survey(frame())
    within = llo.panel.fixed_effects("y ~ x", svy, effects=("group", "year"))
    known = llo.glm("y ~ x + C(group) + C(year)", svy)
    place = known.labels.index("x")
    assert within.influence[:, 0] == pytest.approx(known.influence[:, place], abs=1e-12)
    assert within.std_error[0] == pytest.approx(known.std_error[place], rel=CLOSE)


SEEDED = """
import numpy as np
import llo_research as llo
from tests.regression.panel.panels import frame, survey

svy = survey(frame())
fits = [
    llo.panel.fixed_effects("y ~ x + C(level)", svy, effects=("unit", "time"), vcov="cluster"),
    llo.panel.mundlak("y ~ x + C(level)", svy),
    llo.panel.random_effects("y ~ x + C(level)", svy),
]
print([[value.hex() for value in np.concatenate([fit.estimate, fit.std_error])] for fit in fits])
"""


def test_hash_seeds_do_not_matter() -> None:
    told = set()
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SEEDED]
        made = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
        told.add(made.stdout)
    assert len(told) == 1


@pytest.mark.parametrize("name", ["hybrid", "mundlak"])
def test_means_that_everybody_shares_have_no_term(name: str) -> None:
    # who is there in every year has the same shares of years: the constant stands for these, the slopes stay
    data = frame(complete=True)
    fit = getattr(llo.panel, name)("y ~ x + C(year)", survey(data))
    years = [f"C(year)[T.{year}]" for year in (2015, 2016, 2017)]
    assert list(fit.labels) == ["Intercept", "x", *years, "mean(x)"] and fit.meta["means_equal"] == years
    within = llo.panel.fixed_effects("y ~ x + C(year)", survey(data))
    assert fit.estimate[1:5] == pytest.approx(within.estimate, rel=CLOSE)
    gaps = getattr(llo.panel, name)("y ~ x + C(year)", survey(frame()))
    assert gaps.meta["means_equal"] == [] and f"mean({years[0]})" in gaps.labels


def test_a_regressor_that_never_changes_leaves_the_variance_within_units_alone() -> None:
    data = frame()
    data["level"] = np.random.default_rng(8).normal(size=data["who"].max() + 1)[data["who"]]  # no round numbers
    with_it = llo.panel.random_effects("y ~ x + level", survey(data)).meta["components"]["variance_error"]
    without = llo.panel.random_effects("y ~ x", survey(data)).meta["components"]["variance_error"]
    assert with_it == pytest.approx(without, rel=ORDER)  # what rounding leaves of its means is no regressor
