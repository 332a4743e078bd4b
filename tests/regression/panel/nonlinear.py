"""The invented panel of `tests/reference/nonlinear_panels_data.csv`, and what R made of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo

FOLDER = Path(__file__).resolve().parents[2] / "reference"


@cache
def data() -> Any:
    """Persons, waves, outcomes; `w` is whole and a person's, `wv` varies within persons."""
    return pd.read_csv(FOLDER / "nonlinear_panels_data.csv").assign(one=1.0)


@cache
def known() -> pd.Series:
    """R's numbers by case, stat and term."""
    path = FOLDER / "nonlinear_panels.csv"
    return pd.read_csv(path, comment="#").set_index(["case", "stat", "term"])["value"].sort_index()


def theirs(case: str, terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and covariance of a case."""
    values = known()
    covariance = [[values[(case, "vcov", f"{a}|{b}")] for b in terms] for a in terms]
    return np.array([values[(case, "coef", term)] for term in terms]), np.array(covariance)


def panel(weights: str = "one", **options: Any) -> llo.Survey:
    """The panel as a survey of persons."""
    return llo.Survey(data(), weights=weights, unit="who", time="year", **options)
