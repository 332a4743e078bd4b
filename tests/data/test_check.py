"""Proves that a check lists everything that does not fit, and what is missing, in words."""

from __future__ import annotations

from typing import Any

import pytest

import llo_research as llo
from llo_research.data.check import check_file


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
    assert "4 replicate weights, jk2" in report and "harmonised: year, person, education" in report
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
