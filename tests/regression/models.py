"""Seeded samples and plain loops for tests of models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo
from tests.survey import samples

FAMILIES = ("gaussian", "logit", "probit", "cloglog", "poisson", "gamma")
CANONICAL = ("gaussian", "logit", "poisson")
REGRESSORS = "hours + C(education) * older"


def people(seed: int = 0, **sizes: int) -> pd.DataFrame:
    """People with an outcome for each family."""
    sizes = {"strata": 4, "places": 5, "size": 8, **sizes}
    frame = samples.people(seed, **sizes)
    rng = np.random.default_rng(seed + 100)
    eta = 0.3 * (frame["y"] - 5) - 0.05 * frame["hours"] + 0.4 * frame["older"]
    frame["education"] = frame["education"].cat.remove_unused_categories()
    frame["gaussian"] = frame["y"]
    yes = (rng.random(len(frame)) < 1 / (1 + np.exp(-eta))).astype(float)
    frame["logit"] = frame["probit"] = frame["cloglog"] = yes
    frame["poisson"] = rng.poisson(np.exp(0.5 + eta)).astype(float)
    frame["gamma"] = rng.gamma(3.0, np.exp(eta) / 3)
    scale = np.digitize(eta + rng.logistic(size=len(frame)), [-1.0, 0.5, 1.5])
    frame["scale"] = pd.Categorical.from_codes(scale, ["never", "monthly", "weekly", "daily"], ordered=True)
    frame["log_time"] = np.log(rng.uniform(1, 4, len(frame)))
    return frame


def survey(frame: pd.DataFrame | None = None, design: str = "clusters", **roles: Any) -> llo.Survey:
    """The people under one of the designs of the samples."""
    return llo.Survey(people() if frame is None else frame, weights="w", **{**samples.DESIGNS[design], **roles})


def replicated(seed: int = 0, count: int = 12) -> llo.Survey:
    """The people with bootstrap weights."""
    frame = samples.with_replicates(people(seed), count)
    return llo.Survey(frame, weights="w", replicate_weights=f"r[1-{count}]", replicate_method="bootstrap")


def derivative(estimate: Callable[[llo.Survey], np.ndarray], frame: pd.DataFrame, row: int, make: Any) -> np.ndarray:
    """w_i times the derivative of estimates in the weight of a row, by central differences.

    make : frame -> Survey.
    """
    step, out = 1e-5, []
    for sign in (1, -1):
        moved = frame.copy()
        moved.loc[moved.index[row], "w"] *= 1 + sign * step
        out.append(estimate(make(moved)))
    return np.asarray((out[0] - out[1]) / (2 * step))


def dummies(frame: pd.DataFrame) -> np.ndarray:
    """The columns of ``REGRESSORS``, by hand."""
    middle, high = (frame["education"] == level for level in ("middle", "high"))
    older = frame["older"].astype(float)
    columns = [np.ones(len(frame)), frame["hours"], middle, high, older, middle * older, high * older]
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])
