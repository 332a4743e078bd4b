"""Proves that years, columns and paths are taken in every form of numpy and pandas, and refused in words otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.asked import columns_asked, paths_asked, whole_asked, years_asked
from tests.data import yearly

BOTH = [2019, 2020]


@pytest.mark.parametrize(
    "years",
    [
        BOTH,
        (2019, 2020),
        range(2019, 2021),
        {2020, 2019},
        np.array(BOTH),
        np.array(BOTH, dtype=np.int16),
        pd.Series(BOTH),
        pd.Index(BOTH),
        pd.Series(BOTH, dtype="Int64"),
        iter(BOTH),
        [np.int64(2019), np.int32(2020)],
        [2019, 2020, 2019],
        dict.fromkeys(BOTH).keys(),
    ],
)
def test_years_in_every_form(years: Any) -> None:
    assert years_asked(years) == BOTH


@pytest.mark.parametrize("year", [2019, np.int64(2019), np.uint16(2019), np.array(2019)])
def test_one_year(year: Any) -> None:
    assert years_asked(year) == [2019] and years_asked(None) is None
    assert type(whole_asked(year, "year", "2019")) is int


WRONG = [
    2019.0,
    [2019.0],
    "2019",
    ["2019"],
    True,
    [True],
    [],
    {},
    {2019: 1},
    object(),
    b"2019",
    np.array([2019.5]),
    [None],
    pd.Series([2019, None]),
    pd.Series([2019, None], dtype="Int64"),
    np.array(["2019"]),
    [[2019]],
    np.datetime64("2019"),
]


@pytest.mark.parametrize("years", WRONG)
def test_years_of_the_wrong_kind(years: Any) -> None:
    for read in (
        lambda: llo.load("nea", years=years, source="synthetic", n=2000),
        lambda: llo.synthetic("nea", years=years, n=2000),
    ):
        with pytest.raises(llo.DataError, match="years= takes whole numbers"):
            read()


@pytest.mark.parametrize("year", [2019.0, "2019", True, [2019], object()])
def test_a_year_of_the_wrong_kind(year: Any, tmp_path: Path) -> None:
    yearly.small_nea(2019, rows=40).to_csv(tmp_path / "nea2019.csv", index=False)
    with pytest.raises(llo.DataError, match="year= takes a whole number"):
        llo.read_microdata(tmp_path / "nea2019.csv", "nea", year=year)
    svy = llo.read_microdata(np.array([str(tmp_path / "nea2019.csv")]), "nea", year=np.int64(2019))
    assert svy.source["years"] == [2019]


def test_columns_and_paths_of_every_kind() -> None:
    assert (
        columns_asked("a") == ["a"]
        and columns_asked(None) is None
        and columns_asked(pd.Index(["a", "b"])) == ["a", "b"]
    )
    assert columns_asked(np.array(["a"])) == ["a"] and columns_asked({"b", "a"}) == ["a", "b"]
    assert paths_asked(Path("a")) == [Path("a")] and paths_asked(pd.Series(["a", "b"])) == [Path("a"), Path("b")]
    for wrong in (3, ["a", 3], {"a": 1}, b"a", [None]):
        with pytest.raises(llo.DataError, match="columns= takes names"):
            columns_asked(wrong)
    for wrong in (3, None, ["a", 3], {"a": 1}, b"a", [b"a"]):
        with pytest.raises(llo.DataError):
            paths_asked(wrong)
    for options in ({"cycle": "1"}, {"cycle": 1.0}, {"country": [3]}, {"source": None}, {"source": ["real"]}):
        with pytest.raises(llo.DataError):
            llo.load("piaac", **{"country": "nld", **options})  # type: ignore[arg-type]  # wrong on purpose
    for name in (3, None, ["nea"], {"nea"}):
        with pytest.raises(llo.DataError, match="There is no instrument named"):
            llo.load(name)  # type: ignore[arg-type]  # wrong on purpose
