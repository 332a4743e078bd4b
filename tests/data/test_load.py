"""Proves where files are looked for, and what the error says when there is none."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo


def test_llo_data_comes_before_the_project(piaac: Any, write: Any, away: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(piaac(rows=8), "elsewhere/data_raw/piaac/prgnldp1.csv")
    assert len(llo.load("piaac", country="nld")) == 8
    inner = away / "deep" / "er"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert len(llo.load("piaac", country="nld")) == 8
    write(piaac(rows=12), "data/piaac/NLD.csv")
    monkeypatch.setenv("LLO_DATA", str(away.parent / "data"))
    svy = llo.load("piaac", country="NLD")
    assert len(svy) == 12


def test_the_source_names_the_file_without_a_path_of_this_computer(piaac: Any, write: Any, away: Path) -> None:
    path = write(piaac(), "elsewhere/data_raw/piaac/prgnldp1.csv")
    svy = llo.load("piaac", country="nld")
    source = svy.source
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert source["files"] == [{"path": "piaac/prgnldp1.csv", "sha256": digest, "rows": 12}]
    assert (source["instrument"], source["country"], source["years"]) == ("piaac", "nld", [2012])
    assert source["kind"] == "public" and source["synthetic"] is False and "OECD" in source["credit"]
    assert source["reference_period"]["training"] == {"nl": "afgelopen twaalf maanden", "en": "past twelve months"}
    assert source["population"]["en"] == "residents aged 16 to 65"
    assert source["proxies"] == []  # this small file carries none
    assert str(path.parent) not in str(source)
    assert llo.mean("training", svy).meta["source"]["files"][0]["sha256"] == digest


def test_nothing_found_says_where_and_how_to_get_it(away: Path) -> None:
    with pytest.raises(llo.DataError) as caught:
        llo.load("piaac", country="bel", cycle=2)
    message = str(caught.value)
    for words in ("for bel, cycle 2", "$LLO_DATA is not set", "no folder data_raw", "prgbelp2.csv", "bel.sav"):
        assert words in message
    assert "llo data fetch piaac --country bel --cycle 2" in message
    with pytest.raises(llo.DataError, match="General Social Survey") as caught:
        llo.load("gss")
    assert "gss_qwl_2010_2014_2018" in str(caught.value)


def test_a_cycle_1_file_is_no_answer_to_cycle_2(piaac: Any, write: Any, away: Path) -> None:
    write(piaac(), "elsewhere/data_raw/piaac/nld.csv")
    with pytest.raises(llo.DataError, match="cycle 2, was found"):
        llo.load("piaac", country="nld", cycle=2)


def test_a_cycle_2_file_under_a_cycle_1_name(piaac: Any, write: Any, away: Path) -> None:
    raw = piaac().rename(columns={"EDCAT6": "EDCAT6_TC1"})
    write(raw, "elsewhere/data_raw/piaac/prgnldp1.csv", separator=";")
    with pytest.raises(llo.DataError, match="is a file of cycle 2, not of cycle 1"):
        llo.load("piaac", country="nld")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "say which"),
        ({"country": "xyz"}, "say which"),
        ({"country": ["nld", "xyz"]}, "say which"),
        ({"country": []}, "say which"),
        ({"country": ["nld", "NLD"]}, "asked for twice"),
        ({"country": "nld", "cycle": 3}, "no cycle 3"),
        ({"country": "nld", "source": "fake"}, "no option 'fake'"),
        ({"country": "nld", "source": "synthetic"}, "no synthetic version"),
    ],
)
def test_options_are_checked_first(options: dict[str, Any], words: str, away: Path) -> None:
    with pytest.raises(llo.DataError, match=words):
        llo.load("piaac", **options)


def test_years_are_kept_or_refused(gss: Any, write: Any, away: Path) -> None:
    write(gss(), "elsewhere/data_raw/gss/gss_qwl_2010_2014_2018.csv")
    svy = llo.load("gss", years=[2018])
    assert svy.frame["year"].eq(2018).all() and len(svy) == 12 and svy.source["years"] == [2018]
    with pytest.raises(llo.DataError, match="no data of 2010, 2011"):
        llo.load("gss", years=range(2010, 2012))
    with pytest.raises(llo.DataError, match="takes whole numbers"):
        llo.load("gss", years="2018")
    with pytest.raises(llo.DataError, match="no files per country"):
        llo.load("gss", country="nld")


def test_two_files_that_fit_are_refused(piaac: Any, write: Any, away: Path) -> None:
    for year in (2012, 2017):
        write(piaac(country=840), f"elsewhere/data_raw/piaac/prgusap1_{year}.csv")
    with pytest.raises(llo.DataError, match="Several files fit"):
        llo.load("piaac", country="usa")
