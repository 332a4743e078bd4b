"""Decompositions against R's withReplicates, given functions written by hand on the same replicate weights.

The sample, the functions and R's numbers lie in tests/reference (decomposition_change*).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

REFERENCE = Path(__file__).parents[1] / "reference"
# Both programs solve the same equations in double precision: well below the nine digits that are asked for.
AGREE = 1e-9
FORMULA = "y ~ autonomy + C(job)"
GROUPS: dict[str, Any] = {"group": "g", "of": "a", "minus": "b"}
TIMES: dict[str, Any] = {"time": "year", "base": 1}


def _survey() -> llo.Survey:
    data = pd.read_csv(REFERENCE / "decomposition_change.csv")
    number = sum(name[0] == "r" and name[1:].isdigit() for name in data.columns)
    return llo.Survey(
        data.assign(focal=(data["g"] == "a").astype(float)),
        weights="w",
        replicate_weights=f"r[1-{number}]",
        replicate_method="bootstrap",
        replicate_scale=1 / number,
        time="year",
    )


def _expected(case: str) -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(REFERENCE / "decomposition_change_expected.csv", comment="#")
    own = table[table["case"] == case]
    value = own.loc[own["stat"] == "est", "value"].to_numpy()
    covariance = np.zeros((len(value), len(value)))
    for row in own[own["stat"] == "vcov"].itertuples():
        covariance[row.i - 1, row.j - 1] = covariance[row.j - 1, row.i - 1] = row.value
    return value, covariance


def _level(reference: str) -> Callable[[llo.Survey], Any]:
    def call(svy: llo.Survey) -> Any:
        return llo.decomposition.oaxaca_blinder(FORMULA, svy.where("year == 1"), **GROUPS, reference=reference)

    return call


def _change(**options: Any) -> Callable[[llo.Survey], Any]:
    return lambda svy: llo.decomposition.oaxaca_change(FORMULA, svy, **GROUPS, **TIMES, **options)


def _gelbach(svy: llo.Survey) -> Any:
    groups = {"person": ["autonomy"], "job": ["C(job)"]}
    return llo.decomposition.gelbach("y ~ focal + autonomy + C(job)", svy, focal="focal", groups=groups)


def _standardise(svy: llo.Survey) -> Any:
    return llo.decomposition.standardise("y", svy, cells="job", over="year", base=1)


CASES = {
    "level": _level("minus"),
    "pooled": _level("pooled"),
    "difference": _change(),
    "difference_pooled": _change(reference="pooled"),
    "difference_logit": _change(family="logit"),
    "smith_welch": _change(method="smith-welch"),
    "gelbach": _gelbach,
    "standardise": _standardise,
}


@pytest.mark.parametrize("case", CASES)
def test_against_r_with_replicates(case: str) -> None:
    result = CASES[case](_survey())
    rows = np.array([component not in ("mean_of", "mean_minus") for component in result.rows["component"]])
    value, covariance = _expected(case)
    assert result.estimate[rows] == pytest.approx(value, abs=AGREE)
    assert result.covariance[np.ix_(rows, rows)] == pytest.approx(covariance, abs=AGREE)


def test_the_sample_is_the_one_that_the_script_makes() -> None:
    from tests.reference.decomposition_change_data import made

    kept = pd.read_csv(REFERENCE / "decomposition_change.csv")
    pd.testing.assert_frame_equal(made().astype(kept.dtypes.to_dict()), kept)
