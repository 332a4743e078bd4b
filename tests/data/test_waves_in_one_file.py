"""Proves that a variable renamed in one wave is read by the row's year, and that a column that took over is named."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.check import check_file
from tests.data import yearly

YEARS = (2018, 2020, 2021)
LABEL = "Heeft u een opleiding of cursus gevolgd?"
RENAMED = '[columns]\n"V_21A" = "training_code"\n[years.2021]\n"V_23A" = "training_code"\n'


def waves() -> pd.DataFrame:
    """Three waves in one frame; training is V_21A to 2020, V_23A in 2021; rows of the waves mixed."""
    frames = []
    for year in YEARS:
        frame = yearly.small_nea(year, rows=120)
        answer = frame.pop("training_code").astype(float)
        frames.append(frame.assign(V_21A=answer if year < 2021 else np.nan, V_23A=answer if year == 2021 else np.nan))
    return pd.concat(frames).sort_values(["id", "year"]).reset_index(drop=True)


def write(folder: Path, frame: pd.DataFrame, name: str = "nea_all.sav", **options: Any) -> Path:
    """The frame as a file of this kind, with labels where it has them."""
    path, labels = folder / name, {"V_21A": LABEL, "V_23A": LABEL}
    values = {column: {1: "Ja", 2: "Nee", 9: "Weet niet"} for column in labels}
    if name.endswith(".sav"):
        told = {"column_labels": labels, "variable_value_labels": values, **options}
        pytest.importorskip("pyreadstat").write_sav(frame, str(path), **told)
    elif name.endswith(".dta"):
        coded = {column: {1: "Ja", 2: "Nee"} for column in labels}
        frame.to_stata(path, write_index=False, version=118, variable_labels=labels, value_labels=coded)
    elif name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False)
    return path


def mapped(folder: Path, text: str) -> Path:
    """A mapping file."""
    (folder / "m.toml").write_text(text, encoding="utf-8", newline="\n")
    return folder / "m.toml"


@pytest.mark.parametrize("name", ["nea_all.sav", "nea_all.dta", "nea_all.csv", "nea_all.parquet"])
def test_each_row_by_the_mapping_of_its_year(name: str, tmp_path: Path) -> None:
    frame = waves()
    path = write(tmp_path, frame, name)
    svy = llo.read_microdata(path, "nea", mapping=mapped(tmp_path, RENAMED))
    right = frame["V_21A"].fillna(frame["V_23A"])
    assert svy.frame["training_code"].tolist() == right.tolist()
    assert svy.frame["training"].tolist() == (right == 1).astype(float).tolist()
    assert "V_21A" not in svy.frame and "V_23A" not in svy.frame
    few = llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml", columns=["training"])
    assert few.frame["training"].tolist() == svy.frame["training"].tolist() and "age" not in few.frame
    assert check_file(path, mapping=tmp_path / "m.toml").problems == []


def test_one_file_of_all_waves_says_what_yearly_files_say(tmp_path: Path) -> None:
    frame = waves()
    apart = []
    for year in YEARS:
        apart.append(tmp_path / f"nea{year}.csv")
        frame[frame["year"] == year].dropna(axis=1, how="all").to_csv(apart[-1], index=False)
    mapping = mapped(tmp_path, RENAMED)
    one = llo.read_microdata(write(tmp_path, frame), "nea", mapping=mapping).frame
    many = llo.read_microdata(apart, "nea", mapping=mapping).frame
    order = ["year", "id"]
    one, many = (each.sort_values(order).reset_index(drop=True) for each in (one, many))
    pd.testing.assert_frame_equal(one[many.columns], many, check_dtype=False)


def test_a_column_under_our_own_name_gives_way_in_the_year_of_another(tmp_path: Path) -> None:
    frame = waves().rename(columns={"V_21A": "training_code"})
    path = write(tmp_path, frame, "nea_all.csv")
    text = '[years.2021]\n"V_23A" = "training_code"\n'
    made = llo.read_microdata(path, "nea", mapping=mapped(tmp_path, text)).frame["training_code"]
    assert made.tolist() == frame["training_code"].fillna(frame["V_23A"]).tolist()
    path = write(tmp_path, frame.assign(training_code=1), "nea_all.csv")
    with pytest.raises(llo.DataError, match="training_code has answers in 2021, in which the mapping takes another"):
        llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml")


def test_years_told_by_the_mapping_and_columns_that_are_not_there(tmp_path: Path) -> None:
    frame = waves().assign(year=lambda d: d["year"] - 2000)
    path = write(tmp_path, frame, "nea_all.csv")
    text = RENAMED + '[values.year]\n"18" = "2018"\n"20" = "2020"\n"21" = "2021"\n'
    made = llo.read_microdata(path, "nea", mapping=mapped(tmp_path, text)).frame
    assert made["training_code"].notna().all() and set(made["year"]) == set(YEARS)
    path = write(tmp_path, waves(), "nea_all.csv")
    with pytest.raises(llo.DataError, match="has no column 'V_32A'"):
        llo.read_microdata(path, "nea", mapping=mapped(tmp_path, RENAMED.replace("V_23A", "V_32A")))
    with pytest.warns(llo.LloWarning, match=r"\[years.2031\] of m.toml is not used: nea_all.csv has no rows of 2031"):
        llo.read_microdata(path, "nea", mapping=mapped(tmp_path, RENAMED.replace("2021", "2031")))
    with pytest.raises(llo.DataError, match=r"two columns of nea_all.csv the name 'training_code'") as caught:
        both = '[columns]\n"V_21A" = "training_code"\n"V_23A" = "training_code"\n'
        llo.read_microdata(path, "nea", mapping=mapped(tmp_path, both))
    assert "[years.2023]" in str(caught.value)


@pytest.mark.parametrize("name", ["nea_all.sav", "nea_all.dta"])
def test_the_column_that_took_over_is_named(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, waves(), name)
    mapping = mapped(tmp_path, '[columns]\n"V_21A" = "training_code"\n')
    with pytest.warns(llo.LloWarning, match=r"V_23A has the same label and answers in 2021: add \[years.2021\]"):
        llo.read_microdata(path, "nea", mapping=mapping)
    check = check_file(path, mapping=mapping)
    assert len(check.problems) == 1 and "no problems" not in str(check)
    assert "V_23A has the same label and answers in 2021: add to the mapping" in str(check)
    assert "to know: training_code has no answers in 2021" not in str(check)
    added = "\n".join(line.strip() for line in str(check.problems[0].todo).splitlines()[1:])
    assert check_file(path, mapping=mapped(tmp_path, mapping.read_text("utf-8") + added)).problems == []


def test_without_labels_a_like_name_with_the_same_answers_is_a_word_only(tmp_path: Path) -> None:
    path = write(tmp_path, waves(), "nea_all.csv")
    mapping = mapped(tmp_path, '[columns]\n"V_21A" = "training_code"\n')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        llo.read_microdata(path, "nea", mapping=mapping)
    check = check_file(path, mapping=mapping)
    assert check.problems == [] and "V_23A, a name like its own, has the same answers in 2021" in str(check)


def test_a_column_with_answers_in_other_years_or_another_label_did_not_take_over(tmp_path: Path) -> None:
    mapping = mapped(tmp_path, '[columns]\n"V_21A" = "training_code"\n')
    for frame, labels in (
        (waves().assign(V_23A=1.0), {"V_21A": LABEL, "V_23A": LABEL}),
        (waves().rename(columns={"V_23A": "Z9"}), {"V_21A": LABEL, "Z9": "Heeft u een leidinggevende?"}),
    ):
        path = write(tmp_path, frame, column_labels=labels, variable_value_labels={})
        check = check_file(path, mapping=mapping)
        assert check.problems == [] and "training_code has no answers in 2021" in str(check)


def test_between_yearly_files_too(tmp_path: Path) -> None:
    frame, paths = waves(), []
    for year in YEARS:
        column = "V_23A" if year == 2021 else "V_21A"
        part = frame[frame["year"] == year].dropna(axis=1, how="all")
        paths.append(tmp_path / f"nea{year}.sav")
        pytest.importorskip("pyreadstat").write_sav(part, str(paths[-1]), column_labels={column: LABEL})
    with pytest.warns(llo.LloWarning, match="V_23A has the same label and answers in 2021"):
        llo.read_microdata(paths, "nea", mapping={"V_21A": "training_code"})


def test_what_was_mapped_stands_in_the_source(tmp_path: Path) -> None:
    text = RENAMED + "[missing]\nage = [16]\n[values.sex_code]\n1 = 2\n2 = 1\n"
    svy = llo.read_microdata(write(tmp_path, waves(), "nea_all.csv"), "nea", mapping=mapped(tmp_path, text))
    assert svy.source["mapping"]["V_21A"] == "training_code"
    assert svy.source["mapping_by_year"] == {"2021": {"V_23A": "training_code"}}
    assert svy.source["mapping_codes"] == {"values": {"sex_code": {"1": "2", "2": "1"}}, "missing": {"age": ["16"]}}
