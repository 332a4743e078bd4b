"""Proves that columns mapped onto, or named as, a harmonised variable hold what it means, whatever file they are in."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.data import yearly

HALF = np.arange(48) % 2


def people(**more: Any) -> pd.DataFrame:
    """48 people without the columns of training and contract, and other ones instead."""
    return yearly.small_nea(2019, rows=48).drop(columns=["training_code", "contract_code"]).assign(**more)


def read(path: Path, frame: pd.DataFrame, mapping: str = "", labels: dict[str, dict[int, str]] | None = None) -> Any:
    """The frame that is read from a CSV, or with labels from an SPSS file."""
    if labels is None:
        file = path / "nea2019.csv"
        frame.to_csv(file, index=False)
    else:
        pyreadstat = pytest.importorskip("pyreadstat")
        file = path / "nea2019.sav"
        pyreadstat.write_sav(frame.astype(float), str(file), variable_value_labels=labels)
    if not mapping:
        return llo.read_microdata(file, "nea").frame
    (path / "m.toml").write_text(mapping, encoding="utf-8")
    return llo.read_microdata(file, "nea", mapping=path / "m.toml").frame


def test_a_column_mapped_onto_yes_and_no_has_0_and_1(tmp_path: Path) -> None:
    rule = '[columns]\n"T" = "training"\n'
    with pytest.raises(llo.DataError, match="mapped onto training holds values that training does not have") as caught:
        read(tmp_path, people(T=1 + HALF), rule)  # 1 yes, 2 no: a mean of 1.5, and every gap the wrong way round
    assert "'2' in 24 rows" in str(caught.value)
    assert "0 (no) and 1 (yes)" in str(caught.value)
    with pytest.raises(llo.DataError, match='"nee" = "0"'):
        read(tmp_path, people(T=np.where(HALF == 0, "ja", "nee")), rule)
    assert read(tmp_path, people(T=HALF), rule)["training"].tolist() == HALF.tolist()
    codes = rule + '[values.training]\n"1" = "1"\n"2" = "0"\n'
    assert read(tmp_path, people(T=1 + HALF), codes)["training"].tolist() == (1 - HALF).tolist()


def test_labels_of_codes_mapped_as_they_stand_are_read(tmp_path: Path) -> None:
    rule = '[columns]\n"T" = "training"\n'
    with pytest.raises(llo.DataError, match="mean something else in this file") as caught:
        read(tmp_path, people(T=HALF), rule, {"T": {0: "ja", 1: "nee"}})
    assert '"0" = "1"  # ja' in str(caught.value)
    assert read(tmp_path, people(T=HALF), rule, {"T": {0: "nee", 1: "ja"}})["training"].tolist() == HALF.tolist()


@pytest.mark.parametrize(
    ("column", "ours", "values", "lines"),
    [
        ("T", "training", ("Ja", "Nee"), '"Ja" = "0"\n"Nee" = "1"'),
        ("T", "training_code", ("ja", "nee"), '"ja" = "2"\n"nee" = "1"'),
        ("C", "contract", ("Vast", "Flexibel"), '"Vast" = "flexible"\n"Flexibel" = "permanent"'),
        ("C", "contract_code", ("Vast", "Uitzendkracht"), '"Vast" = "8"\n"Uitzendkracht" = "1"'),
    ],
)
def test_text_translated_against_its_own_words_is_told(
    column: str, ours: str, values: tuple[str, str], lines: str, tmp_path: Path
) -> None:
    mapping = f'[columns]\n"{column}" = "{ours}"\n[values.{ours}]\n'
    frame = people(**{column: np.array(values)[HALF]})
    with pytest.warns(llo.LloWarning, match=f"gives codes of {ours} another meaning") as told:
        read(tmp_path, frame, mapping + lines)
    assert f"{values[0]}, {values[1]}." in str(told[0].message)
    right = "\n".join(
        f"{line.partition(' = ')[0]} = {other.partition(' = ')[2]}"
        for line, other in zip(lines.split("\n"), lines.split("\n")[::-1], strict=True)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(tmp_path, frame, mapping + right)


@pytest.mark.parametrize(("name", "values"), [("training", 1 + HALF), ("contract", 1 + np.arange(48) % 3)])
def test_an_own_column_with_our_name_and_other_values_does_not_pass_for_ours(
    name: str, values: np.ndarray, tmp_path: Path
) -> None:
    with pytest.warns(llo.LloWarning, match=f"kept as '{name}_own'"):
        frame = read(tmp_path, people(**{name: values}))
    assert name not in frame
    assert frame[f"{name}_own"].tolist() == values.tolist()


def test_an_own_column_with_our_name_and_our_values_is_ours(tmp_path: Path) -> None:
    contract = np.where(HALF == 1, "permanent", "flexible")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = read(tmp_path, people(training=HALF, contract=contract))
    assert frame["training"].tolist() == HALF.tolist()
    assert frame["contract"].tolist() == contract.tolist()
    assert frame["contract"].cat.categories.tolist() == ["permanent", "flexible", "self-employed"]
    assert frame["contract"].cat.ordered


def test_a_rule_of_a_year_that_a_file_of_another_year_needs_is_told(tmp_path: Path) -> None:
    mapping = '[years.2020]\n"V_61" = "training_code"\n'
    with pytest.warns(llo.LloWarning, match=r"\[years.2020\] of m.toml is not used for nea2019.csv, a file of 2019"):
        read(tmp_path, people(V_61=1 + HALF), mapping)


@pytest.mark.parametrize("swap", [False, True])
def test_columns_of_two_years_with_codes_turned_round_are_refused(swap: bool, tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = pd.concat([people(year=2018), people(year=2019)], ignore_index=True)
    first = frame["year"] == 2018
    answers = 1 + np.tile(HALF, 2)
    frame["V60"], frame["V61"] = np.where(first, answers, np.nan), np.where(first, np.nan, 3 - answers)
    mapping = '[years.2018]\n"V60" = "training_code"\n[years.2019]\n"V61" = "training_code"\n'
    if swap:  # right for one year, and wrong for the other
        mapping += '[values.training_code]\n"1" = "2"\n"2" = "1"\n'
    (tmp_path / "m.toml").write_text(mapping, encoding="utf-8")
    labels = {"V60": {1: "ja", 2: "nee"}, "V61": {1: "nee", 2: "ja"}}
    path = tmp_path / "nea_all.sav"
    pyreadstat.write_sav(frame.astype(float), str(path), variable_value_labels=labels)
    with pytest.raises(llo.DataError, match="One code of training_code has two meanings in this file") as caught:
        llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml")
    assert "1 = 'ja' in V60; 1 = 'nee' in V61" in str(caught.value)
    labels["V61"] = {1: "Ja", 2: "Nee", 9: "Geen antwoord"}
    if not swap:
        pyreadstat.write_sav(frame.astype(float), str(path), variable_value_labels=labels)
        made = llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml").frame
        assert made["training"].tolist() == (frame["V60"].fillna(frame["V61"]) == 1).astype(float).tolist()


def test_a_code_that_is_missing_and_translated_is_refused(tmp_path: Path) -> None:
    mapping = '[columns]\n"T" = "training_code"\n[missing]\ntraining_code = [2]\n[values.training_code]\n"2.0" = "1"\n'
    with pytest.raises(llo.DataError, match="gives one code of training_code two meanings") as caught:
        read(tmp_path, people(T=1 + HALF), mapping)
    assert "found: 2" in str(caught.value)


def test_a_name_that_is_nearly_ours_is_told(tmp_path: Path) -> None:
    for name, ours in (("trainingg_code", "training_code"), ("Training", "training")):
        with pytest.warns(llo.LloWarning, match=f"the name '{name}', which nea does not have") as told:
            read(tmp_path, people(T=HALF), f'[columns]\n"T" = "{name}"\n')
        assert f"nearest names of ours: {ours}" in str(told[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(tmp_path, people(T=1 + HALF, S=1), '[columns]\n"T" = "training_code"\n"S" = "stratum2"\n')


def test_answers_that_a_file_declares_missing_are_told(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame, path = yearly.small_nea(2019, rows=48).astype(float), tmp_path / "nea2019.sav"
    pyreadstat.write_sav(frame, str(path), missing_ranges={"training_code": [2]})
    with pytest.warns(llo.LloWarning, match=r"declares answers of training_code missing: 2 \(nee\)"):
        made = llo.read_microdata(path, "nea").frame
    assert made["training"].isna().sum() == 24
    frame.loc[:3, "training_code"] = 9
    labels = {"training_code": {1: "ja", 2: "nee", 9: "weet niet"}, "contract_code": {8: "geen antwoord"}}
    ranges: dict[str, list[Any]] = {"training_code": [9], "contract_code": [8]}
    pyreadstat.write_sav(frame, str(path), missing_ranges=ranges, variable_value_labels=labels)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        llo.read_microdata(path, "nea")
