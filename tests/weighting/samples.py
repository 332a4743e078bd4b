"""Seeded samples with nonresponse, totals of their population, and numerical derivatives of whole chains of steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

import llo_research as llo
from llo_research.design.residuals import Residuals
from llo_research.design.scores import Block, Scores

Chain = Callable[[llo.Survey], llo.Survey]
STEP = 1e-5


def people(seed: int = 0, n: int = 90) -> pd.DataFrame:
    """A sample of people in strata and places; `came` says who answered."""
    rng = np.random.default_rng(seed)
    education = rng.choice(["low", "middle", "high"], n, p=[0.3, 0.4, 0.3])
    age = rng.normal(45, 12, n).round()
    y = 5 + 2.0 * (education == "high") + 0.05 * age + rng.normal(0, 2, n)
    propensity = 1 / (1 + np.exp(-(0.2 + 0.8 * (education == "high") + 0.02 * (age - 45))))
    w = rng.gamma(4, 25, n) + 20
    return pd.DataFrame(
        {
            "stratum": np.sort(rng.choice(["a", "b", "c"], n)),
            "place": np.arange(n) // 3,
            "w": w,
            "drawn": w,
            "education": pd.Categorical(education, categories=["low", "middle", "high"], ordered=True),
            "sex": rng.choice(["m", "v"], n),
            "age": age,
            "half": rng.choice([1, 2], n),
            "y": y,
            "x": rng.gamma(3, 2, n),
            "trained": rng.random(n) < 0.5,
            "came": rng.random(n) < propensity,
        }
    )


def survey(seed: int = 0, n: int = 90, design: str = "strata") -> llo.Survey:
    """The sample with a design."""
    roles = {"elements": {}, "strata": {"strata": "stratum"}, "places": {"psu": "place"}}[design]
    return llo.Survey(people(seed, n), weights="w", **roles)


def margin(svy: llo.Survey, *names: str, factor: float = 1.0) -> pd.Series:
    """Known totals of a margin: those of the sample as it was drawn, moved a little."""
    frame = svy.frame
    sums = frame["drawn"].groupby([frame[name] for name in names], observed=True).sum()
    moved = sums * (1 + 0.06 * np.cos(np.arange(len(sums))))
    return moved * (factor * sums.sum() / moved.sum())


def mean_and_total(weights: np.ndarray, frame: pd.DataFrame) -> np.ndarray:
    """Two smooth statistics (weights n x R): a mean, and the total of another variable."""
    top = (weights * frame["y"].to_numpy()[:, None]).sum(axis=0)
    return np.vstack([top / weights.sum(axis=0), (weights * frame["x"].to_numpy()[:, None]).sum(axis=0)])


def influence_before(svy: llo.Survey) -> np.ndarray:
    """Influence values (n x 2) of the two statistics at the base weights, as the library's residuals have them."""
    frame, w = svy.frame, svy.weights.to_numpy()
    mean = w @ frame["y"] / w.sum()
    z = np.column_stack([w * (frame["y"] - mean) / w.sum(), w * frame["x"]])
    scores = Scores((Block(np.zeros(len(svy), dtype=np.intp), z, 1),), np.ones(len(svy)))
    return Residuals(scores, svy.design.steps).rows(slice(None))


def derivative(svy: llo.Survey, chain: Chain, weight: str = "w") -> np.ndarray:
    """w_i d theta / d w_i (n x 2) in the base weights through a whole chain, each step called anew on changed data."""
    frame, n = svy.frame, len(svy)
    sides = []
    for change in (STEP, -STEP):
        weights = np.empty((n, n))
        for i in range(n):
            moved = frame[weight].to_numpy().copy()
            moved[i] *= 1 + change
            fresh = llo.Survey(frame.assign(**{weight: moved}), **_roles(svy))
            weights[:, i] = chain(fresh).weights.to_numpy()
        sides.append(mean_and_total(weights, frame))
    return ((sides[0] - sides[1]) / (2 * STEP)).T


def derivative_of_redone_steps(svy: llo.Survey) -> np.ndarray:
    """The same through the steps' own answer for replicate weights, in which a row counts a little more often."""
    base = svy.frame["w"].to_numpy()
    n = len(base)
    times = np.hstack([1 + STEP * np.eye(n), 1 - STEP * np.eye(n)])
    weights = base[:, None] * times
    for step in svy.design.steps:
        weights = step.redo(weights)
    theta = mean_and_total(weights, svy.frame)
    return ((theta[:, :n] - theta[:, n:]) / (2 * STEP)).T


def _roles(svy: llo.Survey) -> dict[str, str]:
    """The roles of the columns."""
    roles = svy.design.roles
    return {"weights": "w", **{role: roles[role] for role in ("strata", "psu") if roles.get(role)}}
