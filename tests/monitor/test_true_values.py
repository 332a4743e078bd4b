"""Proves that true values are those of the whole population, and that practice draws what it says."""

from __future__ import annotations

import numpy as np
import pytest

import llo_research as llo
from llo_research.errors import DataError

MEANS = {"quantity": "mean", "variable": "training", "group": ""}
# The population is as large as the survey's: a share of it is exact but for the sum's rounding.
EXACT = 1e-9


def test_true_values_are_those_of_the_population() -> None:
    found = llo.monitor.true_values("nea", index="year", label="y{}", **MEANS)
    everybody = llo.monitor.population("nea", years=[2019, 2020], columns=["training"])
    by_year = llo.mean("training", everybody, by="year").estimate
    np.testing.assert_allclose(by_year, [found["y2019"], found["y2020"]], atol=EXACT)


def test_real_files_have_none() -> None:
    assert llo.monitor.true_values("nea", index="year", source="real", **MEANS).empty


@pytest.mark.parametrize(
    ("which", "index", "told"),
    [
        ({"quantity": "mean", "nothing": 1}, "year", "no such column"),
        ({"quantity": "absent"}, "year", "no such rows"),
        ({"quantity": "mean"}, "year", "do not tell"),
    ],
)
def test_rows_that_are_not_there_or_not_one_are_refused(which: dict[str, object], index: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        llo.monitor.true_values("nea", index=index, **which)


def test_practice_is_a_population_and_a_sample_of_it() -> None:
    wave = llo.monitor.practice(size=20_000)
    frame = wave.survey.frame
    assert wave.count("education").sum() == len(wave.people) == 20_000
    assert frame.loc[~frame["responded"], "training"].isna().all()
    assert frame["w"].unique() == pytest.approx([1 / 0.06, 1 / 0.12])
    known = {"sex": wave.count("sex")}
    calibrated = llo.calibrate(wave.survey, wave.estimated(known, "education", 1_000))
    np.testing.assert_allclose(calibrated.weights.groupby(frame["sex"], observed=True).sum(), known["sex"])
