"""Proves that a check lists everything that does not fit, and what is missing, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.check import check_file
from tests.data import yearly


def test_a_good_file(piaac: Any, write: Any) -> None:
    check = check_file(write(piaac()))
    report = str(check)
    assert check.problems == []
    for words in (
        "Survey of Adult Skills",
        "rows        12",
        "separated by commas",
        "cycle       1",
        "country     nld",
    ):
        assert words in report
    assert "4 replicate weights, jk2" in report and "harmonised: year, person, cycle, country, education" in report
    assert "not carried: supervisor_support (PIAAC asks nothing" in report
    assert "missing: " in report and "TASKDISC" in report
    assert report.endswith("no problems: the file can be used")


def test_all_problems_are_listed(piaac: Any, write: Any) -> None:
    raw = piaac().assign(EDCAT6=8, GENDER_R=3)
    raw.loc[3, "SEQID"] = 1
    check = check_file(write(raw))
    assert len(check.problems) == 3
    for words in ("3 problems:", "1. GENDER_R holds", "2. EDCAT6 holds", "8 in 12 rows", "3. 1 person occurs"):
        assert words in str(check)


def test_problems_of_the_design_are_listed_too(piaac: Any, write: Any) -> None:
    check = check_file(write(piaac().drop(columns="SPFWT4")))
    assert len(check.problems) == 1 and "lacks replicate weights" in str(check)
    raw = piaac()
    raw.loc[0, "SPFWT2"] = -1.0
    assert "negative weight" in str(check_file(write(raw)))


def test_what_is_in_doubt_is_told_in_the_report(piaac: Any, write: Any) -> None:
    raw = piaac().rename(columns={"EDCAT6": "EDCAT6_TC1"})
    raw["EDCAT6_TC1"] = [12, *[1] * 11]
    check = check_file(write(raw, "prgnldp2.csv", separator=";"))
    assert check.problems == [] and "to know: EDCAT6_TC1 holds a value" in str(check)
    assert "not carried: education (unknown codes in EDCAT6)" in str(check)


def test_the_instrument_is_told_from_the_columns(gss: Any, write: Any) -> None:
    report = str(check_file(write(gss(), "anything.csv")))
    assert "General Social Survey" in report and "strata ['year', 'vstrat'], sampling units vpsu" in report
    with pytest.raises(llo.DataError, match="not a file of an instrument that is known"):
        check_file(write("a,b\n1,2\n", "other.csv"))


def test_the_whole_report_whatever_is_wrong(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019).drop(columns="year").rename(columns={"weight": "WEEGFAC_OPH"})
    frame.loc[4, "autonomy2"] = 7.5
    frame.loc[1, "id"] = 1
    path = tmp_path / "nea2019.csv"
    frame.to_csv(path, index=False)
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\n"V_1" = "tenure"\n[missing]\nscoer = [1]\n[cuts]\nx = 1\n', encoding="utf-8")
    check = check_file(path, mapping=mapping)
    report = str(check)
    for words in (
        "nea2019.csv has no weight",
        "columns that may be it: WEEGFAC_OPH",
        "no column 'V_1'",
        "autonomy2 holds a value",
        "1 person occurs more than once",
        "codes of 'scoer'",
        "[cuts]",
        "rows        240",
        "years       2019",
        "columns are in the codebook",
        "instrument  nea, told from the file's name",
        "6 problems:",
    ):
        assert words in report, words
    assert len(check.problems) == 6
    with pytest.raises(llo.DataError, match="mapping file cannot be followed"):
        llo.read_microdata(path, "nea", mapping=mapping)


def test_a_check_without_persons_year_or_a_readable_mapping_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "NEA_file.csv"
    yearly.small_nea(2019).drop(columns=["year", "id"]).to_csv(path, index=False)
    (tmp_path / "m.toml").write_text("columns = 3\n", encoding="utf-8")
    report = str(check_file(path, mapping=tmp_path / "m.toml"))
    for words in (
        "3 problems:",
        "tables that are not understood",
        "no id",
        "does not say of which year",
        "rows        240",
    ):
        assert words in report, words
    (tmp_path / "mapping.toml").write_text("[[columns]]\n", encoding="utf-8")
    assert "tables that are not understood" in str(check_file(path))


def test_problems_of_piaac_are_all_listed(piaac: Any, write: Any) -> None:
    raw = piaac(country=999).assign(EDCAT6=8).drop(columns="SPFWT0")
    check = check_file(write(raw))
    assert len(check.problems) == 2 and "SPFWT0" in str(check) and "EDCAT6 holds" in str(check)
    assert "EDCAT6 holds" in str(check_file(write(piaac().assign(EDCAT6=8), "prgnldp2.csv"), instrument="piaac"))


def test_the_instrument_is_told_from_the_name_or_asked(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019)
    for name in ("DANS_NEA_2019.csv", "nea2019_beveiligd.csv"):
        other = frame[["id", "age", "weight"]].rename(columns={"age": "LFT"})
        other.to_csv(tmp_path / name, index=False)
        assert "instrument  nea, told from the file's name" in str(check_file(tmp_path / name))
    frame.to_csv(tmp_path / "file2019.csv", index=False)
    with pytest.raises(llo.DataError, match="may be a file of nea or zea: say which"):
        check_file(tmp_path / "file2019.csv")
    frame.assign(tenure=1, commitment=1).to_csv(tmp_path / "file2019.csv", index=False)
    assert "instrument  nea, told from its columns" in str(check_file(tmp_path / "file2019.csv"))
    frame.to_csv(tmp_path / "gss2019.csv", index=False)
    with pytest.raises(llo.DataError, match="may be a file of gss or nea or zea: say which") as caught:
        check_file(tmp_path / "gss2019.csv")
    assert "--instrument" in str(caught.value)
    assert "instrument  " not in str(check_file(tmp_path / "gss2019.csv", instrument="nea"))
    (tmp_path / "nearest.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(llo.DataError, match="not a file of an instrument that is known"):
        check_file(tmp_path / "nearest.csv")


@pytest.mark.parametrize(
    "values",
    [
        ["a"] * 40,
        [f"0{k}" for k in range(40)],
        [None] * 40,
        [k % 2 == 0 for k in range(40)],
        list(pd.date_range("2019-01-01", periods=40)),
        [np.inf] * 40,
        [-1.5] * 40,
        [float(2**60 + k) for k in range(40)],
        [1e300] * 40,
        ["1", "inf"] * 20,
    ],
)
def test_whatever_a_column_holds_the_report_goes_on(values: list[Any], tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    for column in ("year", "id", "weight", "age", "stratum", "training_code", "autonomy1"):
        frame = yearly.small_nea(2019, rows=40)
        frame[column] = values
        frame.to_parquet(tmp_path / "nea.parquet")
        assert "rows        40" in str(check_file(tmp_path / "nea.parquet")), column
