"""The wild cluster bootstrap of panel estimators against a loop over all draws, with the dummies in the regression."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import llo_research as llo
from llo_research.errors import DataError
from tests.regression.panel.panels import dummies, frame, survey

CLOSE = 1e-9


def loop(x: np.ndarray, y: np.ndarray, weights: np.ndarray, codes: np.ndarray, j: int) -> float:
    """p-value of coefficient j by refits of all sign patterns, full rank by construction."""
    inverse = np.linalg.inv((x * weights[:, None]).T @ x)

    def t_of(values: np.ndarray) -> float:
        beta = inverse @ (x.T @ (weights * values))
        scores = x * (weights * (values - x @ beta))[:, None]
        sums = np.array([scores[codes == g].sum(axis=0) for g in np.unique(codes)]) @ inverse
        return abs(float(beta[j])) / np.sqrt(float((sums[:, j] ** 2).sum()))

    others = np.delete(np.arange(x.shape[1]), j)
    rest = x[:, others]
    fitted = rest @ np.linalg.solve((rest * weights[:, None]).T @ rest, rest.T @ (weights * y))
    observed, groups = t_of(y), np.unique(codes)
    drawn = [
        t_of(fitted + (y - fitted) * np.array(signs)[np.searchsorted(groups, codes)])
        for signs in product((1.0, -1.0), repeat=len(groups))
    ]
    return float(np.mean(np.array(drawn) >= observed * (1 - 1e-9)))


def data() -> Any:
    made = frame(24, 4)
    made["sector"] = made["who"] % 6
    made["y"] = (
        0.2 * made["x"] + np.random.default_rng(5).normal(size=len(made)) + 0.3 * made["sector"] * made["year"] % 3
    )
    return made


@pytest.mark.parametrize("effects", [("unit",), ("unit", "time")])
def test_fixed_effects(effects: tuple[str, ...]) -> None:
    made = data()
    fit = llo.panel.fixed_effects("y ~ x + u", survey(made), effects=effects, vcov="wild", cluster="sector")
    parts = [dummies(made["who"])] + ([dummies(made["year"])[:, 1:]] if "time" in effects else [])
    x = np.hstack([made[["x", "u"]].to_numpy(), *parts])
    known = [loop(x, made["y"].to_numpy(), made["w"].to_numpy(), made["sector"].to_numpy(), j) for j in (0, 1)]
    assert fit.to_frame()["p_value"].to_numpy() == pytest.approx(known, abs=1e-12)
    clustered = llo.panel.fixed_effects("y ~ x + u", survey(made), effects=effects, vcov="cluster", cluster="sector")
    assert fit.std_error == pytest.approx(clustered.std_error, rel=CLOSE)


@pytest.mark.parametrize("name", ["first_difference", "between", "random_effects", "mundlak", "hybrid"])
def test_others_have_one(name: str) -> None:
    svy = survey(data())
    fit = getattr(llo.panel, name)("y ~ x + u", svy, vcov="wild", cluster="sector")
    clustered = getattr(llo.panel, name)("y ~ x + u", svy, vcov="cluster", cluster="sector")
    assert fit.std_error == pytest.approx(clustered.std_error, rel=CLOSE)
    p_value = fit.to_frame()["p_value"]
    # 32 pairs of sign patterns: the smallest p is 1 / 32
    assert ((p_value >= 1 / 32) & (p_value <= 1)).all()


def test_not_of_likelihoods() -> None:
    with pytest.raises(DataError, match="linear models"):
        llo.panel.correlated_random_effects("yes ~ x", survey(data()), vcov="wild", cluster="sector")
