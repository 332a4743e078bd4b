"""Proves that columns of several files stand below each other without loss, or are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.stacking import below_each_other
from tests.data import yearly

BIG = 2**53


def test_whole_numbers_beyond_2_53_do_not_pass_floats() -> None:
    one = pd.DataFrame({"firm": [BIG + 1, BIG + 2]})
    for two in (pd.DataFrame({"other": [1.0]}), pd.DataFrame({"firm": [np.nan]}), pd.DataFrame({"firm": [3.0]})):
        made = below_each_other({"a": one, "b": two})["firm"]
        assert made.dropna().tolist()[:2] == [BIG + 1, BIG + 2] and made[0] != made[1]
    with pytest.raises(llo.DataError, match="firm has decimals in one file"):
        below_each_other({"a": one, "b": pd.DataFrame({"firm": [0.5]})})
    unsigned = pd.DataFrame({"firm": np.array([2**63 + 1, 2**63 + 3], dtype=np.uint64)})
    assert below_each_other({"a": one, "b": unsigned})["firm"].tolist() == [BIG + 1, BIG + 2, 2**63 + 1, 2**63 + 3]


def test_small_whole_numbers_stay_as_they_were() -> None:
    made = below_each_other({"a": pd.DataFrame({"x": [1, 2]}), "b": pd.DataFrame({"y": [1.5]})})
    assert (
        made["x"].dtype == float and made["x"].isna().tolist() == [False, False, True] and made["y"].isna().sum() == 2
    )


def test_text_and_numbers_become_text_with_a_word() -> None:
    one, two = pd.DataFrame({"firm": [12.0, 7.0]}), pd.DataFrame({"firm": ["12", "A1", None]})
    with pytest.warns(llo.LloWarning, match="firm is text in one file and numbers in another"):
        made = below_each_other({"a": one, "b": two})["firm"]
    assert made.tolist()[:4] == ["12", "7", "12", "A1"] and made.isna().sum() == 1
    with pytest.raises(llo.DataError, match="firm is of different kinds in these files"):
        below_each_other({"a": one, "b": two}, identifiers=["firm"])
    with pytest.raises(llo.DataError, match="different kinds"):
        below_each_other({"a": one, "b": pd.DataFrame({"firm": pd.to_datetime(["2019-01-01"])})})


def test_yes_or_no_beside_numbers_and_beside_nothing() -> None:
    flags = pd.DataFrame({"x": [True, False]})
    assert below_each_other({"a": flags, "b": pd.DataFrame({"x": [1, 0]})})["x"].tolist() == [1, 0, 1, 0]
    alone = below_each_other({"a": flags, "b": pd.DataFrame({"y": [1]})})["x"]
    assert alone[:2].tolist() == [1, 0] and pd.isna(alone[2])


def test_an_empty_column_takes_any_kind() -> None:
    empty = pd.DataFrame({"x": [np.nan, np.nan]})
    assert below_each_other({"a": empty, "b": pd.DataFrame({"x": ["a"]})})["x"].tolist()[2] == "a"
    ordered = pd.Series(pd.Categorical(["low"], categories=["low", "high"], ordered=True))
    made = below_each_other({"a": pd.DataFrame({"x": ordered}), "b": pd.DataFrame({"y": [1]})})["x"]
    assert list(made.cat.categories) == ["low", "high"] and made.isna().tolist() == [False, True]


def test_employers_of_two_years_stay_apart(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    paths = []
    for year in (2018, 2019):
        frame = yearly.small_nea(year, rows=60)
        if year == 2018:
            frame["employer"] = [BIG + k // 2 for k in range(60)]
        paths.append(tmp_path / f"nea{year}.parquet")
        frame.to_parquet(paths[-1])
    made = llo.read_microdata(paths, "nea").frame
    assert made["employer"].nunique() == 30 and made["employer"].isna().sum() == 60
