"""Surveys of several designs for the tests of decompositions in R, and how far R's numbers are from ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo
from tests.results.receipts.r_runs import differences

# of errors of parts that are 1 by definition, as the gap's own share
_ROUNDING = 1e-12
GROUPS: dict[str, Any] = {"group": "sex", "of": "m", "minus": "f"}


def people(seed: int = 3, n: int = 900) -> pd.DataFrame:
    """One wave, with gaps in the answers."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"h": np.repeat(["A", "B", "C"], n // 3), "psu": np.arange(n) // 10})
    frame["w"] = rng.gamma(4, 25, n)
    frame["education"] = pd.Categorical(
        rng.choice(["low", "middle", "high"], n), ["low", "middle", "high"], ordered=True
    )
    frame["sex"] = pd.Categorical(rng.choice(["m", "f"], n), ["m", "f"])
    frame["region"] = rng.choice(["north", "south"], n)
    frame["age"] = rng.integers(20, 65, n).astype(float)
    cluster = np.repeat(rng.normal(size=n // 10), 10)
    frame["hours"] = rng.gamma(2, 5, n) + 2.0 * (frame["sex"] == "m") + 0.1 * frame["age"] + cluster
    chance = 1 / (1 + np.exp(1.2 - 0.02 * frame["age"] - 0.8 * (frame["education"] == "high")))
    frame["training"] = np.where(rng.random(n) < 0.05, np.nan, rng.random(n) < chance).astype(float)
    frame["visits"] = rng.poisson(1 + 0.02 * frame["age"], n)
    return frame


def waves(seed: int = 5, n: int = 400) -> pd.DataFrame:
    """Four waves of the same persons, most of them in several."""
    rng = np.random.default_rng(seed)
    base = pd.DataFrame({"person": np.arange(n), "h": np.arange(n) % 3, "able": rng.normal(size=n)})
    base["sex"] = pd.Categorical(rng.choice(["m", "f"], n), ["m", "f"])
    base["w"] = rng.gamma(4, 25, n)
    parts = []
    for t, year in enumerate([2011, 2014, 2018, 2022]):
        frame = base[rng.random(n) < 0.75].copy()
        m = len(frame)
        frame["year"] = year
        frame["education"] = rng.choice(["low", "middle", "high"], m)
        frame["age"] = rng.integers(20, 65, m).astype(float)
        gap = (frame["sex"] == "m") * (1 - 0.2 * t)
        frame["hours"] = frame["able"] + 0.2 * t + gap + 0.02 * frame["age"] + rng.normal(size=m)
        frame["training"] = (frame["hours"] + rng.normal(size=m) > 2).astype(float)
        parts.append(frame)
    out = pd.concat(parts, ignore_index=True)
    return out.assign(education=pd.Categorical(out["education"], ["low", "middle", "high"]))


def clusters() -> llo.Survey:
    """Clusters in strata."""
    return llo.Survey(people(), weights="w", strata="h", psu="psu")


def two_stages() -> llo.Survey:
    """Clusters and people drawn without replacement from finite numbers."""
    frame = people(7).assign(n_psu=120.0, n_people=40.0)
    frame["person"] = np.arange(len(frame))
    return llo.Survey(frame, weights="w", strata="h", psu=["psu", "person"], fpc=["n_psu", "n_people"])


def replicated() -> llo.Survey:
    """A producer's jackknife weights."""
    frame = people(9)
    rng = np.random.default_rng(2)
    groups = rng.permutation(np.repeat(np.arange(30), 30))
    for r in range(30):
        frame[f"rw{r + 1}"] = np.where(groups == r, 0.0, frame["w"] * 30 / 29)
    return llo.Survey(frame, weights="w", replicate_weights=[f"rw{r}" for r in range(1, 31)], replicate_method="jk1")


def calibrated() -> llo.Survey:
    """Raked to two margins."""
    svy = clusters()
    return llo.calibrate(svy, {"sex": {"m": 50_000, "f": 45_000}, "h": {"A": 30_000, "B": 35_000, "C": 30_000}})


def panel(**further: Any) -> llo.Survey:
    """Waves of the same persons."""
    return llo.Survey(waves(), weights="w", strata="h", psu="person", unit="person", time="year", **further)


DESIGNS = {"clusters": clusters, "two stages": two_stages, "replicates": replicated, "calibrated": calibrated}


def furthest(result: Any, answer: Any) -> float:
    """Largest difference, but of tests; where nothing varies R's error is what rounding leaves."""
    assert isinstance(answer, pd.DataFrame), answer
    certain = result.std_error == 0
    assert (answer["std_error"][certain] < _ROUNDING).all()
    found = differences(result, answer.assign(std_error=answer["std_error"].where(~certain, 0.0)))
    return max(found[name] for name in ("estimate", "std_error", "df", "conf_low", "conf_high"))
