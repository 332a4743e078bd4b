"""Proves that the ZEA has the NEA's definitions where it shares them, and its own people and weights elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.data import yearly


def small_zea(year: int, rows: int = 120) -> pd.DataFrame:
    """Self-employed people under our names, the third of them with staff."""
    shared = ["year", "id", "stratum", "weight", "sex_code", "age", "education_code", "training_code", *yearly.ITEMS]
    frame = yearly.small_nea(min(year, 2021), rows)[shared].assign(year=year)
    i = np.arange(rows)
    frame["staff_code"] = np.where(i % 3 == 2, 2, 1)
    frame["contract_code"] = np.where(i % 3 == 2, np.nan, 9 + i % 3)
    frame["firm_size_code"] = np.where(i % 3 == 2, 2, 1)
    return frame.assign(age=frame["age"] + 20, skills_match_code=1 + i % 3)


def test_contract_and_staff(tmp_path: Path) -> None:
    path = tmp_path / "zea2023.csv"
    small_zea(2023).to_csv(path, index=False)
    svy = llo.read_microdata(path, instrument="zea")
    made = svy.frame
    assert made["contract"].eq("self-employed").all()
    assert made["contract10"].dropna().unique().tolist() == ["zzp own labour", "zzp products"]
    assert made["contract10"].isna().tolist() == (made["staff_code"] == 2).tolist()
    assert made["zzp"].mean() == pytest.approx(2 / 3) and made["age"].max() > 75
    assert "supervisor_support" not in made and "no supervisor" in svy.source["not_carried"]["supervisor_support"]
    assert llo.mean("good_match", svy).meta["weight"] == "weight"  # no halves in the ZEA


def test_the_pilot_of_2012_is_a_break(tmp_path: Path) -> None:
    paths = [tmp_path / f"zea{year}.csv" for year in (2012, 2015)]
    for path, year in zip(paths, (2012, 2015), strict=True):
        small_zea(year).to_csv(path, index=False)
    svy = llo.read_microdata(paths, instrument="zea")
    with pytest.raises(llo.DataError, match="2015"):
        llo.change("training", svy, time="year", base=2012)
    assert llo.change("training", svy, time="year", base=2012, breaks="flag").to_frame()["flag"][0] == "break"


def test_nea_beside_zea_is_one_call(tmp_path: Path) -> None:
    small_zea(2019).to_csv(tmp_path / "zea2019.csv", index=False)
    yearly.small_nea(2019).to_csv(tmp_path / "nea2019.csv", index=False)
    both = llo.stack({n: llo.read_microdata(tmp_path / f"{n}2019.csv", instrument=n) for n in ("nea", "zea")})
    table = llo.mean("training", both, by="contract10").to_frame()
    assert list(table["contract10"])[-2:] == ["zzp own labour", "zzp products"] and len(table) == 10
