"""Proves that several countries in one call are the stack of each, and what is said of those that are not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import llo_research as llo

FOLDER = "elsewhere/data_raw/piaac"


@pytest.fixture
def three(piaac: Any, write: Any, away: Path) -> dict[str, Any]:
    """Files of three countries: JK2 with 4 replicates, JK1 with 3, JK2 with 4."""
    frames = {
        "nld": piaac(rows=12),
        "deu": piaac(rows=16, country=276, replicates=3, method=1),
        "swe": piaac(rows=8, country=752),
    }
    for code, frame in frames.items():
        write(frame, f"{FOLDER}/prg{code}p1.csv")
    return frames


def test_countries_are_stacked_in_the_order_asked_for(three: dict[str, Any]) -> None:
    svy = llo.load("piaac", country=["swe", "NLD"])
    assert svy.frame["country"].tolist() == ["swe"] * 8 + ["nld"] * 12
    assert list(svy.frame["country"].cat.categories) == ["swe", "nld"] == list(svy.frame["survey"].cat.categories)
    assert svy.source["countries"] == ["swe", "nld"] and set(svy.source["surveys"]) == {"swe", "nld"}
    assert svy.source["surveys"]["swe"]["files"][0]["path"] == "piaac/prgswep1.csv"
    assert svy.labels["country"]["values"]["swe"] == {"nl": "Zweden", "en": "Sweden"}
    assert "Zweden" in str(llo.report.table(llo.mean("training", svy, by="country"), language="nl"))
    assert "Sweden" in str(llo.report.table(llo.mean("training", svy, by="survey"), language="en"))


def test_each_country_keeps_its_numbers_and_its_standard_error(three: dict[str, Any]) -> None:
    codes = ["nld", "deu", "swe"]
    together = llo.mean("PVLIT1", llo.load("piaac", country=codes), by="country")
    alone = [llo.mean("PVLIT1", llo.load("piaac", country=code)) for code in codes]
    np.testing.assert_allclose(together.estimate, [one.estimate[0] for one in alone], rtol=1e-14)
    np.testing.assert_allclose(together.std_error, [one.std_error[0] for one in alone], rtol=1e-12)
    assert not np.any(together.covariance - np.diag(np.diag(together.covariance)))  # independent samples


def test_only_the_columns_asked_for_come_with_the_design(three: dict[str, Any]) -> None:
    svy = llo.load("piaac", country=["nld", "deu"], columns=["training"])
    names = set(svy.frame.columns)
    assert {"training", "country", "cycle", "SPFWT0", "SPFWT4", "survey"} <= names
    assert not names & {"PVLIT1", "education", "AGE_R", "informal_learning"}


def test_one_country_in_a_list_is_that_country(three: dict[str, Any]) -> None:
    svy = llo.load("piaac", country=["deu"])
    assert len(svy) == 16 and svy.source["country"] == "deu" and "survey" not in svy.frame


def test_what_is_absent_is_said_for_all_at_once_before_a_file_is_read(three: dict[str, Any], away: Path) -> None:
    (away / "data_raw/piaac/prgnldp1.csv").write_text("not read", encoding="utf-8")
    with pytest.raises(llo.DataError) as caught:
        llo.load("piaac", country=["nld", "fra", "kor"])
    message = str(caught.value)
    assert "for fra and kor, cycle 1, was found" in message
    assert "llo data fetch piaac --country fra kor --cycle 1" in message
    assert "There are files of country=['deu', 'nld', 'swe'], cycle=1." in message


def test_a_country_without_a_code_of_its_own_is_told_by_name(three: dict[str, Any]) -> None:
    with pytest.raises(llo.DataError, match=r"'zweden' \(its code is 'swe'\), 'xyz'") as caught:
        llo.load("piaac", country=["Zweden", "xyz", "nld"])
    assert "There are files of country=['deu', 'nld', 'swe'], cycle=1." in str(caught.value)
    with pytest.raises(llo.DataError, match="There are files of country="):
        llo.load("piaac")


@pytest.mark.parametrize(
    ("country", "words"),
    [
        ({"nld": 1}, r"found: {'nld': 1}"),
        ([["nld"]], r"found: \['nld'\]"),
        (["nld", None, 528], "found: None, 528"),
        ({"nld"}, r"found: {'nld'} \(a set has no order: give a list\)"),
        (frozenset(["nld"]), "a set has no order"),
        ({"nld": 1, "swe": 2}.keys(), "a set has no order"),
        (["nl", " SE", "xx"], r"'nl' \(its code is 'nld'\), 'se' \(its code is 'swe'\), 'xx'\n"),
    ],
)
def test_what_is_no_list_of_codes_is_refused_in_words(three: dict[str, Any], country: Any, words: str) -> None:
    with pytest.raises(llo.DataError, match=words):
        llo.load("piaac", country=country)


@pytest.mark.parametrize(("asked", "meant"), [("TRAINING", "training"), ("trainng", "training"), ("gendr", "GENDER_R")])
def test_harmonised_names_are_among_those_suggested(three: dict[str, Any], asked: str, meant: str) -> None:
    with pytest.raises(llo.DataError, match=f"no column '{asked}'") as caught:
        llo.load("piaac", country="nld", columns=[asked])
    assert meant in str(caught.value.found).removeprefix("nearest names: ").split(", ")


def test_the_dutch_cycle_2_and_those_that_can_be_fetched(three: dict[str, Any]) -> None:
    with pytest.raises(llo.DataError, match="pending national authorisation") as caught:
        llo.load("piaac", country=["nld", "fra"], cycle=2)
    message = str(caught.value)
    assert "llo data fetch piaac --country fra --cycle 2" in message and "country='bel'" in message


def test_years_are_not_told_of_several_countries(three: dict[str, Any]) -> None:
    with pytest.raises(llo.DataError, match="several countries at once"):
        llo.load("piaac", country=["nld", "deu"], years=2012)


def test_every_country_has_a_name_in_both_languages() -> None:
    from llo_research.data.countries import country_names
    from llo_research.data.instrument import instrument_of

    item = instrument_of("piaac")
    names = country_names(item)
    assert set(names) == set(item.identify["countries"])
    assert all(set(told) == {"nl", "en"} and all(told.values()) for told in names.values())
    assert len({told["nl"] for told in names.values()}) == len(names)
    two = item.identify["two_letters"]
    assert sorted(two.values()) == sorted(names) and all(len(code) == 2 for code in two)
