"""95 % intervals of panel estimators hold the truth in 95 % of samples, with and without attrition that is mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import llo_research as llo

SAMPLES = 400
# Monte-Carlo error of a coverage of 95 %, three and a half times; and of a bias in standard errors
COVERAGE, BIAS = 3.5 * np.sqrt(0.05 * 0.95 / SAMPLES), 3.5 / np.sqrt(SAMPLES)


def sample(rng: np.random.Generator, *, leaving: bool = False) -> Any:
    """150 persons in 50 firms (units of sampling) and 4 waves; x goes with what is unseen; b = 1."""
    persons, waves = 150, 4
    who = np.repeat(np.arange(persons), waves)
    firm = who // 3
    lasting = (rng.normal(size=50)[firm[::waves]] + rng.normal(size=persons))[who]
    x = lasting + rng.normal(size=len(who))
    data = pd.DataFrame({"who": who, "year": np.tile(np.arange(waves), persons), "firm": firm, "x": x})
    data["y"] = x + 2 * lasting + rng.normal(size=50)[firm] * x * 0.2 + rng.normal(size=len(who))
    data["w"] = rng.gamma(4, 1, persons)[who]
    if not leaving:
        return data
    keeps = (rng.random(len(who)) < expit(1.5 + 0.5 * x)).reshape(persons, waves)
    there = np.hstack([np.ones((persons, 1), bool), np.cumprod(keeps[:, :-1], axis=1).astype(bool)]).ravel()
    data = data[there].reset_index(drop=True)
    data["stays"] = data.groupby("who")["year"].shift(-1).notna()
    return data


def survey(data: Any) -> llo.Survey:
    return llo.Survey(data, weights="w", psu="firm", unit="who", time="year")


ESTIMATORS: dict[str, Callable[[llo.Survey], Any]] = {
    "fixed_effects": lambda svy: llo.panel.fixed_effects("y ~ x", svy),
    "first_difference": lambda svy: llo.panel.first_difference("y ~ x", svy),
    "hybrid": lambda svy: llo.panel.hybrid("y ~ x", svy),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ESTIMATORS)
def test_coverage_and_bias(name: str) -> None:
    rng, held, moved = np.random.default_rng(11), 0, []
    for _ in range(SAMPLES):
        fit = ESTIMATORS[name](survey(sample(rng)))
        row = fit.to_frame().set_index("term").loc["x"]
        held += row["conf_low"] <= 1 <= row["conf_high"]
        moved.append((row["estimate"] - 1) / row["std_error"])
    assert abs(held / SAMPLES - 0.95) < COVERAGE + 0.01  # 50 units: intervals are a little short
    assert abs(np.mean(moved)) < BIAS


@pytest.mark.slow
def test_pooled_means_after_attrition() -> None:
    # the mean of x over all waves is 0; those who stay have more of it
    rng, held, plain = np.random.default_rng(12), 0, 0
    for _ in range(SAMPLES):
        svy = survey(sample(rng, leaving=True))
        for mended in (False, True):
            own = llo.panel.attrition_weights("stays ~ x", svy) if mended else svy
            row = llo.mean("x", own).to_frame().iloc[0]
            inside = row["conf_low"] <= 0 <= row["conf_high"]
            held, plain = held + (mended and inside), plain + (not mended and inside)
    assert abs(held / SAMPLES - 0.95) < COVERAGE + 0.015
    assert plain / SAMPLES < 0.9
