"""Hausman's test: robust as the test of unit means, classical as the comparison of both fits, and its size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from linearmodels.panel import PanelOLS, RandomEffects

import llo_research as llo
from tests.regression.panel.panels import frame, survey

CLOSE = 1e-8


def test_robust_is_the_joint_test_of_the_means() -> None:
    svy = survey(frame())
    test = llo.panel.hausman("y ~ x + u + fixed", svy)
    fit = llo.panel.mundlak("y ~ x + u + fixed", svy)
    known = fit.test("`mean(x)` = 0, `mean(u)` = 0")
    assert test.statistic / 2 == pytest.approx(known.statistic, rel=CLOSE)
    assert test.p_value == pytest.approx(known.p_value, rel=CLOSE)
    assert (test.df, test.df_denominator) == (known.df, known.df_denominator)
    assert list(test.to_frame().columns)[:4] == ["statistic", "df", "df_denominator", "p_value"]


def test_classical_by_linearmodels() -> None:
    data = frame(complete=True).assign(w=1.0)
    rng = np.random.default_rng(3)
    data["x"], data["u"] = rng.normal(size=len(data)), rng.normal(size=len(data))
    data["y"] = data["x"] + rng.normal(size=60)[data["who"] - 100] + rng.normal(size=len(data))
    y = data.set_index(["who", "year"])["y"]
    x = data.set_index(["who", "year"])[["x", "u"]]
    within = PanelOLS(y, x, entity_effects=True).fit()
    random = RandomEffects(y, x.assign(one=1.0)).fit(small_sample=True)
    names = ["x", "u"]
    difference = (within.params - random.params[names]).to_numpy()
    spread = (within.cov - random.cov.loc[names, names]).to_numpy()
    test = llo.panel.hausman("y ~ x + u", survey(data), robust=False)
    assert test.statistic == pytest.approx(difference @ np.linalg.solve(spread, difference), rel=1e-6)
    assert test.df == 2
    first = test.to_r().split("library")[0]
    assert "Nearest come phtest" in first.replace("\n# ", " "), first


@pytest.mark.slow
def test_size() -> None:
    # nothing unseen goes with x: 5 % of the tests reject, judged by the Monte-Carlo error of 600 samples
    rng, rejected = np.random.default_rng(5), 0
    for _ in range(600):
        data = frame(60, 3, seed=int(rng.integers(1 << 30)))
        data["x"] = rng.normal(size=len(data))
        data["y"] = data["x"] + rng.normal(size=200)[data["who"] - 100] + rng.normal(size=len(data))
        rejected += llo.panel.hausman("y ~ x", survey(data)).p_value < 0.05
    assert abs(rejected / 600 - 0.05) < 3.5 * np.sqrt(0.05 * 0.95 / 600)


def test_plausible_values_are_tested_as_the_combined_means() -> None:
    data = frame()
    rng = np.random.default_rng(8)
    for number in (1, 2, 3):
        data[f"PVX{number}"] = data["x"] + 0.2 * rng.normal(size=len(data))
    svy = survey(data)
    test = llo.panel.hausman("y ~ PVX* + u", svy, plausible=True)
    known = llo.panel.mundlak("y ~ PVX* + u", svy, plausible=True).test("`mean(PVX)` = 0, `mean(u)` = 0")
    assert test.statistic / 2 == pytest.approx(known.statistic, rel=CLOSE)
    assert test.p_value == pytest.approx(known.p_value, rel=CLOSE)


def test_lags_of_driscoll_kraay() -> None:
    svy = survey(frame())
    options = {"vcov": "driscoll-kraay", "lags": 1, "level": 0.9, "seed": 1, "draws": 99}
    test = llo.panel.hausman("y ~ x", svy, **options)
    fit = llo.panel.mundlak("y ~ x", svy, vcov="driscoll-kraay", lags=1)
    assert test.statistic == pytest.approx(fit.test("`mean(x)` = 0").statistic, rel=CLOSE)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"vcov": "wild"}, "one coefficient at a time"),
        ({"robust": False, "vcov": "cluster", "cluster": "who"}, "classical covariances"),
        ({"robust": False, "plausible": True}, "classical covariances"),
        ({"level": 95}, "level"),
        ({"lags": 2}, "lags has no meaning"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], word: str) -> None:
    with pytest.raises(llo.LloError, match=word):
        llo.panel.hausman("y ~ x", survey(frame()), **options)
