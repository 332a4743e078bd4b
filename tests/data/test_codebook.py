"""Proves that the instruments' TOML files are complete, and that their codes are those of the official codebooks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.codebook_page import codebook_page
from llo_research.data.instrument import instrument_of

MICRODATA = ["gss", "piaac"]


def test_instruments_have_all_that_a_reader_needs() -> None:
    frame = llo.instruments().set_index("instrument")
    assert {"gss", "piaac"} <= set(frame.index)
    assert (frame.loc[MICRODATA] != "").all(axis=None)


@pytest.mark.parametrize("name", MICRODATA)
def test_every_variable_has_labels_in_both_languages_and_a_status(name: str) -> None:
    book = llo.codebook(name)
    asked = book[book["wording_status"] != "not asked"]
    assert list(book.columns[:7]) == [
        "variable",
        "label_nl",
        "label_en",
        "values",
        "years_asked",
        "weight",
        "wording_status",
    ]
    assert book["variable"].is_unique
    assert (asked[["label_nl", "label_en", "weight", "years_asked"]] != "").all(axis=None)
    for values in asked["values"]:
        assert all(set(label) == {"nl", "en"} and label["nl"] and label["en"] for label in values.values())


@pytest.mark.parametrize("name", MICRODATA)
def test_rules_name_known_columns_and_declared_categories(name: str) -> None:
    item = instrument_of(name)
    known = set(item.raw["variables"])
    for variable, entry in item.harmonised.items():
        categories = set(item.categories(variable))
        for rule in entry["rules"]:
            if "recode" in rule:
                assert rule["recode"] in known
                assert set(rule) - {"recode"} == categories
                source = item.variable(rule["recode"])
                allowed = set(source.values) if source else set()
                used = [code for key, codes in rule.items() if key != "recode" for code in codes]
                assert sorted(used) == sorted(allowed), f"{variable}: every code once"
            for case in rule.get("cases", ()):
                assert set(case["when"]) <= known
                assert not categories or case["value"] in categories
        assert set(entry.get("universe", {})) <= known


def test_what_cannot_be_carried_is_said_with_the_reason() -> None:
    book = llo.codebook("piaac").set_index("variable")
    assert book.loc["contract10", "wording_status"] == "not asked"
    assert "six classes" in str(book.loc["contract10", "definition"])
    assert book.loc["supervisor_support", "wording_status"] == "unverified"
    assert book.loc["supervisor_support", "comparable"] == "cycle 2 only"
    assert book.loc["variety", "wording_status"] == "proxy" and "proxy" in str(book.loc["variety", "label_en"])


def test_numeric_missing_codes_do_not_swallow_valid_ones() -> None:
    item = instrument_of("piaac")
    expected = {"GENDER_R": (6, 7, 8, 9), "D_Q09": (96, 97, 98, 99), "EDCAT6": (96, 97, 98, 99)}
    expected |= {"AGEG5LFS": (93, 94, 96, 97, 98, 99), "D_Q13b": (6, 7, 8, 9), "NFEHRS": ()}
    everywhere = (9995, 9996, 9997, 9998, 9999)
    expected = {name: (*codes, *everywhere) for name, codes in expected.items()} | {"SPFWT0": (), "PVLIT1": ()}
    for name, codes in expected.items():
        variable = item.variable(name)
        assert variable is not None and variable.missing == codes
        assert not set(variable.missing) & set(variable.values)


def test_piaac_codes_and_labels_are_those_of_the_international_codebook(data_dir: Path) -> None:
    folder = data_dir / "piaac"
    if not (folder / "sys_variables.csv").is_file():
        pytest.skip("the international codebook is not in LLO_DATA")
    values = pd.read_csv(folder / "sys_values_codes.csv", dtype=str, keep_default_na=False)
    sets = pd.read_csv(folder / "sys_values_variable_code.csv", dtype=str).groupby("Name")["ID"].apply(list)
    names = set(pd.read_csv(folder / "sys_variables.csv", dtype=str)["Name"])
    item = instrument_of("piaac")
    compared = 0
    for name in item.raw["variables"]:
        variable = item.variable(name, 1)
        if "*" in name or variable is None or name == "VEMETHOD":
            continue
        assert name in names, name
        if variable.values:
            official = set(values[values["ID"].isin(sets[name])]["Value"])
            assert {str(code) for code in variable.values} == official, name
            compared += 1
    assert compared > 55


@pytest.mark.parametrize("name", MICRODATA)
def test_a_restricted_universe_is_said_in_words(name: str) -> None:
    book = llo.codebook(name).set_index("variable")
    for variable, entry in instrument_of(name).harmonised.items():
        assert ("universe" in entry) <= (book.loc[variable, "universe"] != "everyone" or variable == "employed"), (
            variable
        )


@pytest.mark.parametrize("name", ["nea", "zea"])
def test_the_page_of_the_codebook_is_the_codebook(name: str) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "reference" / f"codebook_{name}.md"
    assert page.read_text(encoding="utf-8") == codebook_page(name), (
        f"write llo_research.data.codebook_page.codebook_page({name!r}) to {page.name}"
    )
    assert "Source: CBS (2023), Taakeisen en autonomie" in codebook_page("nea")


def test_years_asked_are_read_as_people_write_them() -> None:
    variable = instrument_of("nea").variable("obsolescence")
    assert variable is not None and variable.years == "2014-2018, 2020, 2022-"
    years = [year for year in range(2010, 2027) if variable.asked_in(year)]
    assert years == [2014, 2015, 2016, 2017, 2018, 2020, 2022, 2023, 2024, 2025, 2026]
    age = instrument_of("piaac").variable("AGE_R")
    assert age is not None and age.asked_in(1999)
