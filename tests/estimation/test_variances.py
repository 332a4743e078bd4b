"""Proves the variance of a number: its definition, its influence values, its replicates, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.survey import samples

STEP = 1e-5  # relative; a central difference errs by its square, rounding by 1e-16 / STEP


def test_equal_weights_give_the_sample_variance() -> None:
    frame = samples.people(1).assign(w=0.7)
    result = llo.variance(["y", "hours"], llo.Survey(frame, weights="w"), by="region").to_frame()
    for (region, name), row in result.set_index(["region", "variable"]).iterrows():
        wanted = np.var(frame.loc[frame["region"] == region, name], ddof=1)
        assert row["estimate"] == pytest.approx(wanted, rel=1e-12)


def test_a_shift_changes_nothing_and_a_scale_its_square() -> None:
    frame = samples.people(2)
    svy = llo.Survey(frame.assign(far=frame["y"] + 1e6, wide=frame["y"] * 1000), weights="w", strata="stratum")
    near, far, wide = (llo.variance(name, svy) for name in ("y", "far", "wide"))
    assert far.estimate[0] == pytest.approx(near.estimate[0], rel=1e-8)
    assert far.std_error[0] == pytest.approx(near.std_error[0], rel=1e-8)
    assert wide.estimate[0] == pytest.approx(1e6 * near.estimate[0], rel=1e-12)


@pytest.mark.parametrize("missing", ["omit", "available"])
def test_influence_is_the_numerical_derivative(missing: str) -> None:
    frame = samples.people(3, strata=2, places=3, size=4)

    def call(weights: np.ndarray) -> llo.estimation.Result:
        svy = llo.Survey(frame.assign(w=weights), weights="w")
        return llo.variance(["gappy", "hours"], svy, by="region", missing=missing)

    w = frame["w"].to_numpy()
    result = call(w)
    numerical = np.array(
        [
            (
                call(w * (1 + STEP * (np.arange(len(w)) == i))).estimate
                - call(w * (1 - STEP * (np.arange(len(w)) == i))).estimate
            )
            / (2 * STEP)
            for i in range(len(w))
        ]
    )
    assert np.abs(result.influence - numerical).max() <= 2e-8 * np.abs(numerical).max()


def test_replicates_are_the_variances_at_each_set_of_weights() -> None:
    svy = samples.replicate_survey()
    result, frame = llo.variance("hours", svy, by="region"), svy.frame
    plain = frame.drop(columns=[f"r{r + 1}" for r in range(12)])
    for r in range(12):
        again = llo.variance("hours", llo.Survey(plain.assign(w=frame[f"r{r + 1}"]), weights="w"), by="region")
        assert result.replicates[r] == pytest.approx(again.estimate, rel=1e-12)


def test_standard_deviation_by_contrast_and_cells_of_one_person() -> None:
    svy = samples.survey("clusters", 4)
    result = llo.variance("hours", svy)
    deviation = result.contrast("sqrt(hours)")
    assert deviation.estimate[0] == pytest.approx(np.sqrt(result.estimate[0]), rel=1e-14)
    alone = llo.variance("hours", svy.assign(me=lambda d: d["person"] == 0), by="me").to_frame()
    assert alone["estimate"].isna().tolist() == [False, True]


def test_text_is_refused() -> None:
    with pytest.raises(llo.DataError, match="not a number"):
        llo.variance("region", samples.survey())
    with pytest.raises(llo.DataError, match="are a Survey"):
        llo.variance("y", pd.DataFrame())
