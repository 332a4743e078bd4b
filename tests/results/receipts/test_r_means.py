"""Proves that R prints the same means and shares from the scripts that results write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import llo_research as llo
from tests.results.receipts.r_runs import answers, differences, r_with

# R's svymean sums in another order
DIGITS = 1e-10


def survey(seed: int = 3) -> llo.Survey:
    """Clusters in strata, with gaps in the answers."""
    rng = np.random.default_rng(seed)
    n = 600
    frame = pd.DataFrame({"h": np.repeat(["A", "B", "C"], n // 3), "psu": np.arange(n) // 10, "w": rng.gamma(4, 25, n)})
    levels = ["low", "middle", "high"]
    frame["education"] = pd.Categorical(rng.choice(levels, n), levels, ordered=True)
    frame["training"] = np.where(rng.random(n) < 0.05, np.nan, rng.random(n) < 0.4).astype(float)
    frame["hours"] = rng.gamma(2, 5, n)
    return llo.Survey(frame, weights="w", strata="h", psu="psu")


@r_with()
def test_means_and_shares(tmp_path: Path) -> None:
    svy = survey()
    results = {
        "all": llo.mean("hours", svy),
        "cells": llo.mean(["training", "hours"], svy, by=["h", "education"]),
        "share": llo.share("education", svy, by="h"),
    }
    found = answers(results, svy, tmp_path)
    for name, result in results.items():
        assert max(differences(result, found[name]).values()) < DIGITS, name
