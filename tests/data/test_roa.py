"""Proves that members of the panels stay themselves over the waves, and that the change of host is a break."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo


def small_roa(year: int, rows: int = 60) -> pd.DataFrame:
    """Members of a panel; numbers start anew in LISS."""
    i = np.arange(rows)
    return pd.DataFrame(
        {
            "host": 1 if year < 2017 else 2,
            "id": i + 1 + 10 * (year % 3),
            "contract_code": 1 + i % 3,
            "age": 20 + i % 40,
            "education_code": 1 + i % 8,
            "training_code": 1 + i % 2,
            "learning_time_share": 5.0 * (i % 20),
        }
    )


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"roa{year}.csv" for year in (2013, 2017, 2020)]
    for path in paths:
        small_roa(int(path.stem[3:])).to_csv(path, index=False)
    return paths


def test_without_weights_everyone_counts_the_same_and_it_is_said(files: list[Path]) -> None:
    with pytest.warns(llo.LloWarning, match="no weights"):
        svy = llo.read_microdata(files[1:], instrument="roa")
    assert svy.source["design"]["level"] == "without weights"
    table = llo.report.table(llo.mean("training", svy, by="contract"), language="nl").to_markdown()
    assert "zonder gewichten" in table
    made = llo.mean("learning_time", svy, by="year").to_frame()["estimate"]
    assert made.tolist() == pytest.approx([np.mean(5.0 * (np.arange(60) % 20))] * 2)


def test_a_member_is_one_person_in_a_panel_and_another_in_the_next(files: list[Path]) -> None:
    with pytest.warns(llo.LloWarning):
        svy = llo.read_microdata(files, instrument="roa")
    ids = {year: set(small_roa(year)["id"]) for year in (2013, 2017, 2020)}
    assert svy.frame["person"].nunique() == len(ids[2013]) + len(ids[2017] | ids[2020])
    with pytest.raises(llo.DataError, match="2017"):
        llo.change("training", svy, time="year", base=2013)


def test_weights_are_taken_when_there(tmp_path: Path) -> None:
    frame = small_roa(2020).assign(weight=np.linspace(0.5, 1.5, 60))
    frame.to_csv(tmp_path / "roa2020.csv", index=False)
    svy = llo.read_microdata(tmp_path / "roa2020.csv", instrument="roa")
    expected = np.average(frame["training_code"] == 1, weights=frame["weight"])
    assert llo.mean("training", svy).to_frame()["estimate"][0] == pytest.approx(expected)
    assert svy.weight_kind == "proportional" and svy.source["design"]["level"] == "complete"
