"""Changes between two waves agree with R survey 4.5: overlapping, independent, and calibrated wave by wave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.reference import expected

EXACT = 1e-9  # relative; both programs add up 867 rows, in another order
TOTALS = {1: {"edu": {1: 3300, 2: 3100, 3: 2900}}, 2: {"edu": {1: 3600, 2: 3900, 3: 4300}}}
DESIGNS = {"overlap": {"strata": "stratum", "psu": "pid"}, "indep": {"strata": ["wave", "stratum"]}}


@pytest.fixture(scope="module")
def frame(reference_dir: Path) -> pd.DataFrame:
    return pd.read_csv(reference_dir / "survey" / "data" / "rotating_panel_synth.csv")


@pytest.fixture(scope="module")
def numbers(reference_dir: Path) -> dict[tuple[str, str, str], float]:
    files = ("05_change_panel.csv", "06_change_calibrated.csv")
    values = [value for name in files for value in expected.read_values(reference_dir / "survey" / name)]
    return {(v.case, v.stat, v.term): v.value for v in values}


def _survey(frame: pd.DataFrame, design: str) -> llo.Survey:
    return llo.Survey(frame, weights="w", **DESIGNS[design])


@pytest.mark.parametrize("variable", ["y", "x"])
@pytest.mark.parametrize("design", DESIGNS)
def test_change(frame: pd.DataFrame, numbers: dict, design: str, variable: str) -> None:
    changed = llo.change(variable, _survey(frame, design), time="wave", base=1)
    case = f"panel:{design}:{variable}"
    assert changed.estimate[0] == pytest.approx(numbers[case, "change", "w2-w1"], rel=EXACT)
    assert changed.std_error[0] == pytest.approx(numbers[case, "change_se", "w2-w1"], rel=EXACT)


@pytest.mark.parametrize("variable", ["y", "x"])
@pytest.mark.parametrize("design", DESIGNS)
def test_means_of_both_waves_and_their_covariance(
    frame: pd.DataFrame, numbers: dict, design: str, variable: str
) -> None:
    means = llo.mean(variable, _survey(frame, design), by="wave")
    case = f"panel:{design}:{variable}"
    assert means.estimate.tolist() == pytest.approx([numbers[case, "est", term] for term in "12"], rel=EXACT)
    for (i, j), term in {(0, 0): "1|1", (1, 0): "2|1", (1, 1): "2|2"}.items():
        assert means.covariance[i, j] == pytest.approx(numbers[case, "vcov", term], rel=EXACT, abs=1e-18)


@pytest.mark.parametrize("design", DESIGNS)
def test_change_of_the_gap(frame: pd.DataFrame, numbers: dict, design: str) -> None:
    found = llo.gap_change("y", _survey(frame, design), group="edu", of=3, minus=1, time="wave", base=1)
    case = f"panel:{design}:gap"
    weights = {"3.2": 1, "1.2": -1, "3.1": -1, "1.1": 1}
    wanted = sum(weight * numbers[case, "est", term] for term, weight in weights.items())
    variance = 0.0
    for a, first in weights.items():
        for b, second in weights.items():
            key = (case, "vcov", f"{a}|{b}")
            variance += first * second * numbers[key if key in numbers else (case, "vcov", f"{b}|{a}")]
    assert found.estimate[0] == pytest.approx(wanted, rel=EXACT)
    assert found.std_error[0] == pytest.approx(np.sqrt(variance), rel=EXACT)
    if design == "indep":
        assert found.estimate[0] == pytest.approx(numbers["panel:indep:gapchange", "est", "d"], rel=EXACT)
        assert found.std_error[0] == pytest.approx(numbers["panel:indep:gapchange", "se", "d"], rel=EXACT)


@pytest.mark.parametrize("design", DESIGNS)
def test_cells_of_both_waves_and_their_covariance(frame: pd.DataFrame, numbers: dict, design: str) -> None:
    means = llo.mean("y", _survey(frame, design), by=["edu", "wave"])
    case = f"panel:{design}:gap"
    keys = [f"{edu}.{wave}" for edu, wave in zip(means.rows["edu"], means.rows["wave"], strict=True)]
    checked = 0
    for i, a in enumerate(keys):
        assert means.estimate[i] == pytest.approx(numbers[case, "est", a], rel=EXACT)
        for j, b in enumerate(keys):
            if (case, "vcov", f"{a}|{b}") in numbers:
                wanted = numbers[case, "vcov", f"{a}|{b}"]
                assert means.covariance[i, j] == pytest.approx(wanted, rel=EXACT, abs=1e-18)
                checked += 1
    assert checked == 21


def test_relative_change_of_a_total(frame: pd.DataFrame, numbers: dict) -> None:
    totals = llo.total("y", _survey(frame, "indep"), by="wave")
    found = totals.contrast("`2` / `1` - 1")
    assert found.estimate[0] == pytest.approx(numbers["panel:indep:relchange_total", "est", "d"], rel=EXACT)
    assert found.std_error[0] == pytest.approx(numbers["panel:indep:relchange_total", "se", "d"], rel=EXACT)


def test_change_after_calibration_by_wave(frame: pd.DataFrame, numbers: dict) -> None:
    svy = llo.calibrate(_survey(frame, "overlap"), TOTALS, by="wave")
    changed, means = llo.change("x", svy, time="wave", base=1), llo.mean("x", svy, by="wave")
    assert changed.estimate[0] == pytest.approx(numbers["panelcal:x", "change", "w2-w1"], rel=EXACT)
    assert changed.std_error[0] == pytest.approx(numbers["panelcal:x", "change_se", "w2-w1"], rel=EXACT)
    assert means.estimate.tolist() == pytest.approx([numbers["panelcal:x", "est", term] for term in "12"], rel=EXACT)
    for (i, j), term in {(0, 0): "1|1", (1, 0): "2|1", (1, 1): "2|2"}.items():
        assert means.covariance[i, j] == pytest.approx(numbers["panelcal:x", "vcov", term], rel=EXACT)
