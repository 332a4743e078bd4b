"""Coverage in samples from a population whose model is known: coefficients, and margins with the people sampled too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

SAMPLES = 600
# 95 % in 600 samples has a Monte-Carlo error of 0.9 points; Taylor intervals of 30 PSUs lose about a point more.
LOW, HIGH = 0.92, 0.975


def population(seed: int = 1) -> pd.DataFrame:
    """600 places of 40 people: answers, a regressor and sizes go together within a place."""
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(600), 40)
    level = rng.normal(size=600)
    x = 1.2 * level[place] + rng.normal(size=len(place))
    shared = 0.5 * rng.normal(size=600)[place]
    yes = rng.random(len(place)) < 1 / (1 + np.exp(0.5 - 0.8 * x - shared))
    return pd.DataFrame({"place": place, "x": x, "y": yes.astype(float), "size": np.exp(0.3 * level)[place], "w": 1.0})


@pytest.mark.slow
def test_coefficients_and_margins_are_covered() -> None:
    """Places drawn in proportion to a size that goes with the regressor; the truth is the whole population's fit."""
    everybody = population()
    whole = llo.glm("y ~ x", llo.Survey(everybody, weights="w", psu="place"), family="logit")
    margin = whole.margins("x").estimate[0]
    sizes = everybody.groupby("place")["size"].first().to_numpy()
    chance = sizes / sizes.sum()
    rows = np.arange(len(everybody)).reshape(600, 40)
    hits = np.zeros(3)
    for seed in range(SAMPLES):
        rng = np.random.default_rng(seed)
        drawn = rng.choice(600, 30, p=chance)  # with replacement, as the variance formula has it
        sample = everybody.iloc[rows[drawn].ravel()].copy()
        sample["draw"] = np.repeat(np.arange(30), 40)
        sample["w"] = np.repeat(1 / (30 * chance[drawn]), 40)
        fit = llo.glm("y ~ x", llo.Survey(sample, weights="w", psu="draw"), family="logit")
        fits = [(fit, 1, whole.estimate[1]), (fit.margins("x"), 0, margin), (fit.margins("x", fixed=True), 0, margin)]
        hits += [result.ends[0][row] <= truth <= result.ends[1][row] for result, row, truth in fits]
    coefficient, sampled, fixed = hits / SAMPLES
    assert LOW < coefficient < HIGH and LOW < sampled < HIGH, hits / SAMPLES
    assert fixed < sampled, "who takes the sampled people as given leaves out what they add"
