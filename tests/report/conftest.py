"""Made-up results and surveys for the tests of tables and figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.results.estimates import Estimates
from llo_research.results.inference import Inference
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result

SHARE = Quantity("share", "percent")

LABELS = {
    "training": {
        "nl": "Opleiding of cursus gevolgd",
        "en": "Followed training",
        "values": {0: {"nl": "nee", "en": "no"}, 1: {"nl": "ja", "en": "yes"}},
    },
    "education": {
        "nl": "Opleidingsniveau",
        "en": "Education",
        "values": {"low": {"nl": "laag", "en": "low"}, "high": {"nl": "hoog", "en": "high"}},
    },
    "hours": {"nl": "Uren", "en": "Hours"},
}
SOURCE = {
    "instrument": "nea",
    "title": {"nl": "Enquête", "en": "Survey"},
    "edition": "2024",
    "years": [2021, 2024],
    "synthetic": False,
    "credit": "CBS & TNO",
    "reference_period": {"training": {"nl": "afgelopen twee jaar", "en": "past two years"}},
    "breaks": [{"time": 2022, "what": {"nl": "andere waarneming", "en": "new collection"}, "series": ["training"]}],
}


def make(
    rows: dict[str, list[Any]],
    estimate: list[float],
    std_error: list[float],
    n: list[float] | None = None,
    meta: dict[str, Any] | None = None,
    quantity: Quantity | tuple[Quantity, ...] = (),
    **fields: Any,
) -> Result:
    """A Result with independent estimates, of one quantity or of one each, as an estimator would return it."""
    k = len(estimate)
    covariance = np.diag(np.square(np.asarray(std_error, dtype=float)))
    return Result(
        rows=pd.DataFrame(rows),
        estimates=Estimates(np.asarray(estimate, dtype=float)),
        inference=Inference(covariance, covariance, np.full(k, 60.0)),
        quantity=quantity if isinstance(quantity, tuple) else (quantity,) * k,
        meta=meta or {},
        labels=tuple(f"row{i}" for i in range(k)),
        n=None if n is None else np.asarray(n, dtype=float),
        **fields,
    )


@pytest.fixture
def make_result() -> Callable[..., Result]:
    """The function that makes a Result."""
    return make


@pytest.fixture
def by_education() -> Result:
    """Shares of two groups, far apart."""
    meta = {
        "call": {"function": "mean", "variables": ["training"], "by": "education"},
        "source": {**SOURCE, "breaks": []},
        "weight": "w",
        "labels": LABELS,
        "interval": "wald",
        "left_out": {"training": 3, "education": 0},
        "domain": [{"condition": "age >= 25", "rows": 2000, "unknown": 4}],
    }
    rows = {"education": ["low", "high"], "variable": ["training"] * 2}
    return make(rows, [0.45, 0.733], [0.016, 0.012], [782, 1300], meta, SHARE)


@pytest.fixture
def over_time() -> Result:
    """Two groups at four unequally spaced years, across a break, one cell empty, synthetic."""
    years = [2016, 2021, 2022, 2024]
    rows = {
        "year": [year for year in years for _ in range(2)],
        "education": ["low", "high"] * 4,
        "variable": ["training"] * 8,
    }
    meta = {
        "call": {"function": "mean", "variables": ["training"], "by": ["year", "education"]},
        "source": {**SOURCE, "synthetic": True},
        "synthetic": True,
        "weight": "w",
        "labels": LABELS,
    }
    estimate = [0.45, 0.73, 0.44, 0.74, 0.40, 0.70, np.nan, 0.71]
    error = [0.02] * 6 + [np.nan, 0.02]
    return make(rows, estimate, error, [500] * 6 + [0, 500], meta, SHARE)


@pytest.fixture
def survey() -> llo.Survey:
    """300 persons with a 0/1 variable, hours, text and a boolean."""
    draw = np.random.default_rng(7)
    n = 300
    frame = pd.DataFrame(
        {
            "training": draw.integers(0, 2, n),
            "flag": draw.integers(0, 2, n).astype(bool),
            "hours": draw.gamma(2.0, 10.0, n),
            "education": pd.Categorical(draw.choice(["low", "high"], n), ["low", "high"], ordered=True),
            "contract": draw.choice(["permanent", "flexible"], n),
            "w": draw.uniform(1.0, 3.0, n),
        }
    )
    return llo.Survey(frame, weights="w", labels=LABELS, source={"title": "Made up", "synthetic": True})
