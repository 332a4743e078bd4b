"""Unbalanced panels against linearmodels, which needs no files: fixed, between and random effects, Driscoll-Kraay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from linearmodels.panel import BetweenOLS, FirstDifferenceOLS, PanelOLS, RandomEffects

import llo_research as llo
from tests.regression.panel.panels import frame, survey

CLOSE = 1e-9
RAW = {"auto_df": False, "count_effects": False}  # linearmodels charges effects in other covariances than ours


def panel_of(data: Any) -> tuple[Any, Any, Any]:
    moved = data.set_index(["who", "year"])
    return moved["y"], moved[["x", "u"]], moved["w"]


@pytest.mark.parametrize("seed", [1, 2])
def test_random_effects_without_weights(seed: int) -> None:
    data = frame(seed=seed).assign(w=1.0)
    y, x, _ = panel_of(data)
    known = RandomEffects(y, x.assign(Intercept=1.0)[["Intercept", "x", "u"]]).fit(small_sample=True)
    fit = llo.panel.random_effects("y ~ x + u", survey(data), vcov="iid")
    parts = fit.meta["components"]
    assert parts["variance_error"] == pytest.approx(known.variance_decomposition["Residual"], rel=CLOSE)
    if data.groupby("who").size().nunique() == 1:
        assert fit.estimate == pytest.approx(known.params.to_numpy(), rel=CLOSE)
    # on unbalanced panels both have the moments of Baltagi and Chang
    assert parts["variance_unit"] == pytest.approx(known.variance_decomposition["Effects"], rel=CLOSE)
    assert fit.estimate == pytest.approx(known.params.to_numpy(), rel=CLOSE)
    assert fit.std_error == pytest.approx(known.std_errors.to_numpy(), rel=CLOSE)


@pytest.mark.parametrize("effects", [("unit",), ("unit", "time")])
def test_fixed_effects(effects: tuple[str, ...]) -> None:
    data = frame(constant=False)
    y, x, w = panel_of(data)
    options = {"entity_effects": True, "time_effects": "time" in effects}
    model = PanelOLS(y, x, weights=w, **options)
    clustered = model.fit(cov_type="clustered", cluster_entity=True, debiased=False, **RAW)
    fit = llo.panel.fixed_effects("y ~ x + u", survey(data), effects=effects, vcov="cluster", small_sample="none")
    assert fit.estimate == pytest.approx(clustered.params.to_numpy(), rel=CLOSE)
    assert fit.std_error == pytest.approx(clustered.std_errors.to_numpy(), rel=CLOSE)
    kernel = model.fit(cov_type="kernel", kernel="bartlett", bandwidth=2, debiased=False, **RAW)
    fit = llo.panel.fixed_effects("y ~ x + u", survey(data), effects=effects, vcov="driscoll-kraay", lags=2)
    assert fit.std_error == pytest.approx(kernel.std_errors.to_numpy(), rel=CLOSE)


def test_between_and_differences_without_weights() -> None:
    data = frame(complete=True).assign(w=1.0)
    y, x, _ = panel_of(data)
    known = BetweenOLS(y, x.assign(Intercept=1.0)[["Intercept", "x", "u"]]).fit()
    fit = llo.panel.between("y ~ x + u", survey(data), vcov="iid")
    assert fit.estimate == pytest.approx(known.params.to_numpy(), rel=CLOSE)
    assert fit.std_error == pytest.approx(known.std_errors.to_numpy(), rel=CLOSE)
    known = FirstDifferenceOLS(y, x).fit(cov_type="clustered", cluster_entity=True, debiased=False)
    fit = llo.panel.first_difference("y ~ x + u", survey(data), vcov="cluster", small_sample="none")
    assert fit.estimate == pytest.approx(known.params.to_numpy(), rel=CLOSE)
    assert fit.std_error == pytest.approx(known.std_errors.to_numpy(), rel=CLOSE)


def test_two_way_clusters() -> None:
    data = frame(complete=True)
    y, x, w = panel_of(data)
    model = PanelOLS(y, x, weights=w, entity_effects=True)
    groups = data.set_index(["who", "year"])[["group"]]
    parts = {}
    for name, codes in {
        "group": groups,
        "both": groups.assign(group=groups["group"] * 10000 + data["year"].to_numpy()),
    }.items():
        parts[name] = model.fit(cov_type="clustered", clusters=codes, debiased=False, **RAW).cov.to_numpy()
    parts["time"] = model.fit(cov_type="clustered", cluster_time=True, debiased=False, **RAW).cov.to_numpy()
    fit = llo.panel.fixed_effects(
        "y ~ x + u", survey(data), vcov="two-way", cluster=["group", "year"], small_sample="none"
    )
    assert fit.inference.sampling == pytest.approx(parts["group"] + parts["time"] - parts["both"], rel=CLOSE)
    # one of these variances is below zero: no standard error, and a flag that says so
    assert "negative_variance" in fit.flags[0] and np.isnan(fit.std_error[0])
    assert fit.df[0] == 3


def test_weights_of_differences_are_not_those_of_linearmodels() -> None:
    # linearmodels scales rows by the root of their weight before it subtracts: other equations where weights vary
    data = frame(complete=True)
    y, x, w = panel_of(data)
    fit = llo.panel.first_difference("y ~ x + u", survey(data))
    step = data.groupby("who")[["y", "x", "u"]].diff().dropna()
    root = np.sqrt(data.loc[step.index, "w"].to_numpy())
    known = np.linalg.lstsq(step[["x", "u"]].to_numpy() * root[:, None], step["y"].to_numpy() * root, rcond=None)[0]
    assert fit.estimate == pytest.approx(known, rel=CLOSE)
    assert FirstDifferenceOLS(y, x, weights=w).fit().params.to_numpy() == pytest.approx(known, rel=0.2)
