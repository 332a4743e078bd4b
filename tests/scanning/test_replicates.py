"""Proves that replicates of a scan, made of sums by sampling unit, give the numbers of a Survey in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.scanning.test_passes import DESIGN, FRAME, SURVEY, same

METHODS: dict[str, dict[str, Any]] = {
    "jackknife": {"method": "jkn"},
    "around the mean": {"method": "jkn", "mse": False},
    "bootstrap": {"method": "bootstrap", "replicates": 40, "seed": 3},
}
TOTALS = {"sex": {"m": 2500.0, "f": 3000.0}, "education": {"high": 2000.0, "low": 1500.0, "middle": 2000.0}}
CALLS: dict[str, Callable[[Any], Any]] = {
    "mean": lambda svy: llo.mean("hours", svy, by="sex"),
    "share": lambda svy: llo.share("education", svy, by="year"),
    "gap": lambda svy: llo.gap("training", svy, group="education", of="high", minus="low", by="year"),
    "ratio": lambda svy: llo.ratio("hours", "courses", svy),
    "trend": lambda svy: llo.trend("training", svy, time="year"),
    "patterns": lambda svy: llo.glm("training ~ C(education) + C(sex)", svy, family="logit"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows as a file."""
    folder = tmp_path_factory.mktemp("rows")
    FRAME.to_parquet(folder / "rows.parquet")
    return folder


def scanned(folder: Path, **design: Any) -> Any:
    """The file as a scan."""
    return llo.scan(folder / "rows.parquet", source={"restricted": False}, **(design or DESIGN))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("method", METHODS)
def test_replicates_of_a_scan_are_those_of_its_rows(folder: Path, method: str, call: str) -> None:
    one, other = (llo.replicate(svy, **METHODS[method]) for svy in (scanned(folder), SURVEY))
    found, expected = (CALLS[call](svy.where("year >= 2019")) for svy in (one, other))
    same(found, expected)
    np.testing.assert_allclose(found.replicates, expected.replicates, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("first", [True, False], ids=["replicates first", "calibrated first"])
def test_a_calibration_is_made_again_on_each_replicate(folder: Path, first: bool) -> None:
    def made(svy: Any) -> Any:
        svy = llo.replicate(svy, "jkn") if first else svy
        svy = llo.calibrate(svy, TOTALS, method="raking")
        return llo.mean("hours", svy if first else llo.replicate(svy, "jkn"), by="year")

    same(made(scanned(folder)), made(SURVEY))


def test_balanced_halves_and_one_stratum(tmp_path: Path) -> None:
    halves = {"weights": "w", "strata": "half", "psu": "psu"}
    frame = FRAME.assign(half=FRAME["psu"] // 2)
    frame.to_parquet(tmp_path / "rows.parquet")
    for design, method in (
        (halves, {"method": "fay", "fay": 0.3}),
        ({"weights": "w", "psu": "psu"}, {"method": "jk1"}),
    ):
        one, other = scanned(tmp_path, **design), llo.Survey(frame, **design)
        found, expected = (llo.mean("hours", llo.replicate(svy, **method), by="sex") for svy in (one, other))
        same(found, expected)


def test_collapsed_rows_in_memory_have_replicates_too() -> None:
    few = SURVEY.collapse(["training", "sex"], numbers="hours")
    same(
        llo.mean("hours", llo.replicate(few, "jkn"), by="sex"),
        llo.mean("hours", llo.replicate(SURVEY, "jkn"), by="sex"),
    )


def test_people_as_sampling_units_are_refused(folder: Path) -> None:
    for design in ({"weights": "w"}, {"weights": "w", "strata": "stratum", "unit": "person"}):
        with pytest.raises(llo.DesignError, match="factors of sampling units"):
            llo.replicate(scanned(folder, **design), "bootstrap", seed=1)
        with pytest.raises(llo.DesignError, match="factors of sampling units"):
            llo.replicate(llo.Survey(FRAME, **design).collapse("sex"), "bootstrap", seed=1)


@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")
def test_fits_by_passes_at_replicates_are_those_of_r(folder: Path) -> None:
    """withReplicates solves each again from the rows (tests/reference/scan_replicates.R), printed with 15 digits."""
    expected = pd.read_csv(Path(__file__).parents[1] / "reference" / "scan_replicates.csv")
    big = llo.replicate(scanned(folder), "jkn")
    fits = [
        llo.glm("training ~ autonomy + hours", big, family="logit"),
        llo.panel.fixed_effects("hours ~ autonomy", big, effects=("unit", "time")),
    ]
    found = pd.concat([fit.to_frame() for fit in fits])
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(found[column].astype(float), expected[column], rtol=1e-10)
