"""A small survey in which both groups differ in what goes with the outcome, and in what it brings them."""

from __future__ import annotations

import numpy as np
import pandas as pd

import llo_research as llo

GROUPS = {"group": "g", "of": "a", "minus": "b"}


def frame(family: str = "gaussian", n: int = 160, seed: int = 5) -> pd.DataFrame:
    """Groups a and b, a number x, a category c, weights, strata and sampling units."""
    rng = np.random.default_rng(seed)
    out = pd.DataFrame({"g": rng.choice(["a", "b", "z"], n, p=[0.45, 0.45, 0.1]), "w": rng.uniform(0.5, 2, n)})
    out["x"] = rng.normal(size=n) + 0.5 * (out["g"] == "a")
    out["c"] = pd.Categorical(rng.choice(["p", "q", "r"], n, p=[0.5, 0.3, 0.2]), ["p", "q", "r"])
    eta = 0.3 + 0.5 * out["x"] + 0.4 * (out["c"] == "q") - 0.5 * (out["g"] == "b") + 0.2 * out["x"] * (out["g"] == "b")
    if family == "gaussian":
        out["y"] = eta + rng.normal(size=n)
    elif family == "poisson":
        out["y"] = rng.poisson(np.exp(0.4 * eta)).astype(float)
    else:
        out["y"] = (rng.uniform(size=n) < 1 / (1 + np.exp(-eta))).astype(float)
    out["stratum"], out["unit"] = np.arange(n) % 4, np.arange(n) % 40
    return out


def survey(data: pd.DataFrame) -> llo.Survey:
    """Strata and units; a unit has people of both groups."""
    return llo.Survey(data, weights="w", strata="stratum", psu="unit", nest=True)


def replicated(data: pd.DataFrame, number: int = 12, seed: int = 1) -> tuple[llo.Survey, np.ndarray]:
    """The same people with bootstrap weights in columns, and these (n, R)."""
    rng = np.random.default_rng(seed)
    weights = data["w"].to_numpy()[:, None] * rng.gamma(2.0, 0.5, (len(data), number))
    wide = data.assign(**{f"r{i + 1}": weights[:, i] for i in range(number)})
    made = llo.Survey(
        wide, weights="w", replicate_weights=f"r[1-{number}]", replicate_method="bootstrap", replicate_scale=1 / number
    )
    return made, weights
