"""Seeded samples for tests of surveys and estimators: clustered, stratified, unequal weights, with gaps in the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo

EDUCATION = ["low", "middle", "high"]
DESIGNS: dict[str, dict[str, Any]] = {
    "elements": {},
    "strata": {"strata": "stratum"},
    "psu": {"psu": "place"},
    "clusters": {"strata": "stratum", "psu": "place"},
    "with fpc": {"strata": "stratum", "psu": "place", "fpc": "places"},
    "two stages": {"strata": "stratum", "psu": ["place", "home"], "fpc": ["places", "homes"]},
}


def people(seed: int = 0, *, strata: int = 3, places: int = 4, size: int = 6) -> pd.DataFrame:
    """Rows of `strata` x `places` x `size` people; labels of places start anew in each stratum."""
    rng = np.random.default_rng(seed)
    n = strata * places * size
    stratum = np.repeat(np.arange(strata), places * size)
    place = np.tile(np.repeat(np.arange(places), size), strata)
    shift = rng.normal(size=(strata, places))[stratum, place]
    education = rng.choice(EDUCATION, n, p=[0.3, 0.4, 0.3])
    logit = shift + (education == "high") - 0.5 * (education == "low")
    frame = pd.DataFrame(
        {
            "stratum": np.array([f"s{h}" for h in stratum], dtype=object),
            "place": place,
            "home": np.arange(n) % size // 2,
            "places": places + 2.0 + stratum,
            "homes": size // 2 + 1.0 + place % 2,
            "person": np.arange(n),
            "w": rng.uniform(1, 9, n),
            "y": rng.normal(5 + shift, 2),
            "hours": rng.gamma(2, 3, n),
            "trained": (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int),
            "older": rng.random(n) < 0.4,
            "education": pd.Categorical(education, categories=[*EDUCATION, "unknown"], ordered=True),
            "region": rng.choice(["north", "south"], n),
            "year": np.where(np.arange(n) % 2, 2014, 2018),
        }
    )
    for m in range(1, 4):
        frame[f"PV{m}"] = frame["y"] + rng.normal(0, 1, n)
    frame["gappy"] = frame["y"].where(rng.random(n) < 0.8)
    return frame


def survey(design: str = "clusters", seed: int = 0, **sizes: int) -> llo.Survey:
    """A sample under one of ``DESIGNS``."""
    return llo.Survey(people(seed, **sizes), weights="w", **DESIGNS[design])


def with_replicates(frame: pd.DataFrame, count: int = 12, seed: int = 1) -> pd.DataFrame:
    """The frame with columns ``r1``, ``r2``, ...: the weights times factors that are alike within a place."""
    rng = np.random.default_rng(seed)
    group = frame.groupby(["stratum", "place"], sort=True).ngroup().to_numpy()
    factors = rng.gamma(2, 0.5, (group.max() + 1, count))[group]
    columns = {f"r{r + 1}": frame["w"] * factors[:, r] for r in range(count)}
    return pd.concat([frame, pd.DataFrame(columns)], axis=1)


def replicate_survey(seed: int = 0, **changes: Any) -> llo.Survey:
    """A sample with twelve replicate weights; bootstrap unless `changes` says otherwise."""
    options = {"replicate_weights": "r[1-12]", "replicate_method": "bootstrap", **changes}
    return llo.Survey(with_replicates(people(seed)), weights="w", **options)
