"""R's withReplicates of functions written by hand there: distributions, inequality, causal readings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

HERE = Path(__file__).resolve().parents[1] / "reference"
DIGITS = 1e-9  # Newton's steps to convergence in both, sums in another order
GROUPS: dict[str, Any] = {"group": "g", "of": "a", "minus": "b"}
MODEL = "amount ~ autonomy + C(job)"
D = llo.decomposition


def by_rif(measure: str) -> Callable[[llo.Survey], llo.Result]:
    return lambda s: D.rif(MODEL, s, **GROUPS, measure=measure, detail=False)


def within(measure: str) -> Callable[[llo.Survey], llo.Result]:
    return lambda s: D.inequality("amount", s, by="job", measure=measure)


CASES: dict[str, tuple[Callable[[llo.Survey], llo.Result], slice]] = {
    **{f"rif_{name}": (by_rif(name), slice(None)) for name in ("q50", "gini", "variance")},
    "reweight_mean": (lambda s: D.reweight(MODEL, s, **GROUPS), slice(None)),
    "reweight_gini": (lambda s: D.reweight(MODEL, s, **GROUPS, measures="gini"), slice(None)),
    "robust": (lambda s: D.reweight(MODEL, s, **GROUPS, method="doubly-robust"), slice(None)),
    **{name: (within(name), slice(None)) for name in ("theil", "mld", "gini", "atkinson")},
    "concentration": (
        lambda s: D.inequality("amount ~ C(job)", s, measure="concentration", rank="autonomy"),
        slice(None),
    ),
    "erreygers": (lambda s: D.inequality("y", s, measure="erreygers", rank="autonomy"), slice(None)),
    "wagstaff": (lambda s: D.inequality("y", s, measure="wagstaff", rank="autonomy"), slice(None)),
    "four_parts": (
        lambda s: D.four_parts("amount ~ autonomy", s, **GROUPS, treatment="job == 'q'"),
        slice(2, None),
    ),
    "gap_closing": (
        lambda s: D.gap_closing("amount ~ autonomy", s, **GROUPS, intervene="job == 'q'", folds=1),
        slice(2, None),
    ),
}


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    return pd.read_csv(HERE / "decomposition_distributions_expected.csv", comment="#")


@pytest.fixture(scope="module")
def replicated() -> llo.Survey:
    data = pd.read_csv(HERE / "decomposition_change.csv")
    data["amount"] = np.exp(data["autonomy"] / 2) * (1 + data["y"])
    return llo.Survey(
        data[data["g"] != "c"],
        weights="w",
        replicate_weights="r[1-16]",
        replicate_method="bootstrap",
        replicate_scale=1 / 16,
    )


@pytest.mark.parametrize("case", CASES)
def test_estimates_and_errors(case: str, expected: pd.DataFrame, replicated: llo.Survey) -> None:
    call, kept = CASES[case]
    made, wanted = call(replicated), expected[expected["case"] == case]
    assert made.estimate[kept] == pytest.approx(wanted["estimate"].to_numpy(), rel=DIGITS, abs=1e-11)
    assert made.std_error[kept] == pytest.approx(wanted["std_error"].to_numpy(), rel=1e-7)
