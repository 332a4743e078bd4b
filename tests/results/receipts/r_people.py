"""Surveys on which scripts in R are proved: one set of people, drawn and weighted in several ways."""

from __future__ import annotations

import numpy as np
import pandas as pd

import llo_research as llo

LEVELS = ["low", "middle", "high"]
REPLICATES = 20
TOTALS = {"sex": {"m": 31000.0, "v": 29500.0}, "education": {"low": 20000.0, "middle": 21000.0, "high": 19500.0}}


def people(seed: int = 3, n: int = 600) -> pd.DataFrame:
    """Clusters in strata, with gaps in the answers, plausible values and replicate weights."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"h": np.repeat(["A", "B", "C"], n // 3), "psu": np.arange(n) // 10, "w": rng.gamma(4, 25, n)})
    frame["education"] = pd.Categorical(rng.choice(LEVELS, n), LEVELS, ordered=True)
    frame["sex"], frame["year"] = rng.choice(["m", "v"], n), rng.choice([2014, 2016, 2018], n)
    frame["training"] = np.where(rng.random(n) < 0.05, np.nan, rng.random(n) < 0.4).astype(float)
    frame["hours"] = np.where(rng.random(n) < 0.03, np.nan, rng.gamma(2, 5, n))
    frame["worked"], frame["age"] = rng.gamma(9, 4, n), rng.integers(18, 75, n)
    for m in range(1, 4):
        frame[f"PV{m}"] = 250 + 20 * (frame["education"] == "high") + rng.normal(0, 40, n)
    frame["person"], frame["clusters"], frame["persons"] = np.arange(n), frame["h"].map({"A": 60, "B": 40, "C": 80}), 40
    group = np.arange(n) // 15 % REPLICATES
    for r in range(REPLICATES):
        away, more = group == r, group == (r + 1) % REPLICATES
        frame[f"rw{r + 1}"] = frame["w"] * np.where(away, 0.0, np.where(more, 1.9, 1.0))
    return frame


def designs() -> dict[str, llo.Survey]:
    """The same people as clusters in strata, in two stages, with replicate weights, calibrated, ..."""
    frame = people()
    clusters = llo.Survey(frame, weights="w", strata="h", psu="psu")
    stages = {"psu": ["psu", "person"], "fpc": ["clusters", "persons"]}
    replicated = llo.Survey(frame, weights="w", replicate_weights=f"rw[1-{REPLICATES}]", replicate_method="jk2")
    return {
        "clusters": clusters,
        "two stages": llo.Survey(frame, weights="w", strata="h", **stages),
        "replicates": replicated,
        "raked": llo.calibrate(clusters, TOTALS, method="raking"),
        "calibrated replicates": llo.calibrate(replicated, TOTALS),
        "bootstrap": llo.replicate(clusters, "bootstrap", replicates=30, seed=1),
    }
