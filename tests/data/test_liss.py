"""Proves that waves of LISS are read through mappings of their own, with members as units."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.data import yearly


def small_liss(prefix: str, first: int) -> pd.DataFrame:
    """A wave in which variables are named by wave and number."""
    i = np.arange(50)
    columns = {
        "nomem_encr": 800000 + first + i,
        f"{prefix}005": 1 + i % 2,
        f"{prefix}121": 1 + i % 4,
        "leeftijd": 20 + i % 45,
    }
    return pd.DataFrame(columns)


def test_two_waves_with_a_mapping_each(tmp_path: Path) -> None:
    for year, prefix, first in ((2019, "cw19l", 0), (2020, "cw20m", 20)):
        small_liss(prefix, first).to_csv(tmp_path / f"liss{year}.csv", index=False)
        columns = {f"{prefix}005": "training_code", f"{prefix}121": "position_code", "leeftijd": "age"}
        yearly.write_mapping(tmp_path / f"liss{year}.mapping.toml", columns)
    paths = [tmp_path / f"liss{year}.csv" for year in (2019, 2020)]
    with pytest.warns(llo.LloWarning, match="no weights"):
        svy = llo.read_microdata(paths, instrument="liss")
    assert svy.frame["person"].nunique() == 70 and len(svy) == 100
    assert list(svy.frame["contract"].cat.categories) == ["permanent", "flexible", "self-employed"]
    change = llo.change("training", svy, time="year", base=2019).to_frame().iloc[0]
    assert change["estimate"] == pytest.approx(0)
    # thirty members answered the same in both waves: the change is known better than from two samples
    apart = llo.mean("training", svy, by="year").to_frame()["std_error"]
    assert change["std_error"] < np.hypot(*apart) * 0.8


def test_it_is_registered_and_says_how_to_get_it() -> None:
    row = llo.instruments().set_index("instrument").loc["liss"]
    assert row["kind"] == "registered" and "lissdata.nl" in row["how_to_obtain"]
