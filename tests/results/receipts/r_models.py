"""Surveys on which models are fitted here and in R, and a run of all their scripts in one session."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo
from tests.results.receipts.r_runs import differences, in_r


def people(seed: int = 3, n: int = 480) -> pd.DataFrame:
    """Clusters in strata: numbers, ordered and unordered categories, text, yes and no, gaps in the answers."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"h": np.repeat(["A", "B", "C"], n // 3), "psu": np.arange(n) // 8, "w": rng.gamma(4, 25, n)})
    levels = ["low", "middle", "high"]
    frame["education"] = pd.Categorical(rng.choice(levels, n), levels, ordered=True)
    frame["sex"] = pd.Categorical(rng.choice(["woman", "man"], n), ["woman", "man"])
    frame["year"] = rng.choice([2014, 2016, 2020], n)
    frame["flag"] = rng.random(n) < 0.4
    frame["region"] = rng.choice(["north", "south", "west"], n)
    frame["age"] = np.where(rng.random(n) < 0.05, np.nan, rng.integers(20, 65, n))
    rank = frame["education"].cat.codes
    frame["hours"] = rng.gamma(2, 5, n) + rank
    frame["trained"] = np.where(rng.random(n) < 0.05, np.nan, rng.random(n) < 0.3 + 0.1 * rank).astype(float)
    frame["courses"] = rng.poisson(1 + rank)
    steps = ["never", "monthly", "weekly", "daily"]
    frame["learns"] = pd.cut(frame["hours"], [-1, 5, 10, 15, 100], labels=steps, ordered=True)
    for i in range(1, 6):
        frame[f"pv{i}"] = frame["hours"] + 3 * rng.normal(size=n)
    frame.loc[3:20, "pv2"] = np.nan
    frame["N"], frame["n2"], frame["one"] = frame["h"].map({"A": 60, "B": 50, "C": 40}), 30, np.arange(n)
    return frame


def waves(seed: int = 5, units: int = 60, *, vary: bool = False) -> pd.DataFrame:
    """People in up to four waves, one of which was skipped; weights of the person, or of the row."""
    rng = np.random.default_rng(seed)
    rows = [(who, year) for who in range(units) for year in (2014, 2015, 2016, 2018) if rng.random() < 0.8]
    frame = pd.DataFrame(rows, columns=["who", "year"])
    n, person = len(frame), rng.normal(size=units)
    frame["h"], frame["psu"] = np.where(frame["who"] % 2, "B", "A"), frame["who"] // 4
    levels = ["low", "middle", "high"]
    frame["education"] = pd.Categorical(rng.choice(levels, n), levels, ordered=True)
    frame["x"] = person[frame["who"]] + rng.normal(size=n)
    frame["z"] = rng.normal(size=units)[frame["who"]]
    frame["y"] = frame["x"] + person[frame["who"]] + 0.3 * frame["education"].cat.codes + rng.normal(size=n)
    frame["yes"], frame["sector"] = frame["y"] + 2 * rng.normal(size=n) > 0, rng.choice(list("pqrs"), n)
    frame["w"] = rng.gamma(4, 25, n) if vary else rng.gamma(4, 25, units)[frame["who"]]
    frame["when"] = np.where(frame["who"] % 3 == 0, np.nan, 2015 + frame["who"] % 2)
    frame["done"] = frame["year"] >= frame["when"]
    frame.loc[rng.random(n) < 0.04, "x"] = np.nan
    return frame.sample(frac=1, random_state=1).reset_index(drop=True)


def panel(**options: Any) -> llo.Survey:
    """The waves as a survey."""
    return llo.Survey(waves(**options), weights="w", strata="h", psu="psu", unit="who", time="year")


def worst(groups: Mapping[str, tuple[llo.Survey, Mapping[str, Any]]], folder: Path) -> dict[str, float]:
    """Largest difference between our numbers and R's, by result; scripts of all groups in one session of R."""
    scripts, results = {}, {}
    for name, (svy, own) in groups.items():
        path = folder / f"{name}.csv"
        svy.to_file(path)
        for key, result in own.items():
            results[f"{name}: {key}"] = result
            scripts[f"{name}: {key}"] = result.to_r(str(path))
    found = in_r(scripts, folder)
    return {key: max(differences(result, found[key]).values()) for key, result in results.items()}
