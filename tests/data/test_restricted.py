"""Proves that restricted files are refused with the right words when broken, and stay where git does not look."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.check import check_file
from tests.data import yearly

ROOT = Path(__file__).resolve().parents[2]
Frame = pd.DataFrame


def nea(folder: Path, frame: Frame, name: str = "") -> Path:
    """A CSV file of the NEA under our names."""
    path = folder / (name or f"nea{int(frame['year'].iloc[0])}.csv")
    frame.to_csv(path, index=False, lineterminator="\n")
    return path


def cell(frame: Frame, row: int, column: str, value: Any) -> Frame:
    """The frame with one cell replaced."""
    frame = frame.astype({column: object})
    frame.loc[row, column] = value
    return frame


Case = tuple[str, Callable[[Frame], Frame], str, list[str]]
# what is wrong, what is done to a good file of 2022, first words of the message, words in the rest
BROKEN: list[Case] = [
    (
        "no weight, another name",
        lambda f: f.rename(columns={"weight": "WEEGFACTOR"}),
        "nea2022.csv has no weight",
        ["columns that may be it: WEEGFACTOR", "mapping={'column in file': 'weight'}"],
    ),
    ("no respondent number", lambda f: f.drop(columns="id"), "nea2022.csv lacks a column that nea needs", ["no id"]),
    (
        "a code that is none",
        lambda f: cell(f, 4, "autonomy2", 4),
        "autonomy2 holds a value that the codebook does not know",
        ["4 in 1 row", "data row 5", "1, 2, 3; missing: 6, 7, 8, 9"],
    ),
    (
        "codes from 0",
        lambda f: f.assign(training_code=f["training_code"] - 1),
        "training_code holds a value that the codebook does not know",
        ["0 in 120 rows", "mapping="],
    ),
    ("a person twice", lambda f: cell(f, 1, "id", 1), "1 person occurs more than once", ["year 2022, id 1"]),
    ("a negative weight", lambda f: cell(f, 2, "weight", -1.0), "1 row has a negative weight", ["row 3"]),
    ("a row without weight", lambda f: cell(f, 2, "weight", np.nan), "1 row has a missing weight", ["row 3"]),
    ("an age of 150", lambda f: cell(f, 0, "age", 150), "age holds a value that the codebook", ["15 to 75"]),
    (
        "another year than its name",
        lambda f: f.assign(year=2021),
        "nea2022.csv is not a file of 2022",
        ["2021", "year= and the mapping"],
    ),
    (
        "answers in the other half",
        lambda f: f.assign(skills_match_code=1),
        "skills_match_code is answered outside the half",
        ["120 answers without weight_half1", "[halves] skills_match_code = 0"],
    ),
    (
        "people in both halves",
        lambda f: f.assign(weight_half2=f["weight"] * 2),
        "People are in both halves of the sample",
        ["120 rows with a weight in both"],
    ),
    (
        "synthetic rows in a real file",
        lambda f: f.assign(synthetic=(f["id"] < 10).astype(int)),
        "nea2022.csv mixes synthetic with real people",
        ["9 of 240 rows"],
    ),
    (
        "part of the people without a stratum",
        lambda f: cell(f, 7, "stratum", np.nan),
        "Part of the people have no stratum",
        ["first in data row 8", "rows without: 1"],
    ),
    (
        "a cohort among others",
        lambda f: f.assign(cohort_id=np.where(f["id"] < 5, f["id"], np.nan)),
        "The files mix people who were followed over years with others",
        ["cohort file by itself"],
    ),
    (
        "decimal commas",
        lambda f: f.astype({"weight": object}).assign(
            weight=[f"{value:.1f}".replace(".", ",") for value in f["weight"]]
        ),
        "weight has numbers with a decimal comma",
        ["decimal point"],
    ),
]


@pytest.mark.parametrize(("break_it", "first", "rest"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_broken_files_get_the_right_message(
    break_it: Callable[[Frame], Frame], first: str, rest: list[str], tmp_path: Path
) -> None:
    path = nea(tmp_path, break_it(yearly.small_nea(2022)), "nea2022.csv")
    with pytest.raises(llo.DataError) as caught:
        llo.read_microdata(path, instrument="nea")
    assert str(caught.value).startswith(first), str(caught.value)
    for words in rest:
        assert words in str(caught.value)


def test_the_unbroken_file_is_read(tmp_path: Path) -> None:
    svy = llo.read_microdata(nea(tmp_path, yearly.small_nea(2022)), instrument="nea")
    assert len(svy) == 240 and svy.source["design"] == {"level": "complete", "lacks": {}}


def test_codes_that_mean_something_else_are_seen_by_their_labels(tmp_path: Path) -> None:
    reversed_codes = {1: "ja, regelmatig", 2: "ja, soms", 3: "nee"}
    path = yearly.write_dans(tmp_path / "nea2019.sav", yearly.small_nea(), labels={"V_21B": reversed_codes})
    mapping = yearly.write_mapping(tmp_path / "map.toml", yearly.dans_columns())
    with pytest.raises(llo.DataError, match="codes of autonomy2 mean something else in this file") as caught:
        llo.read_microdata(path, instrument="nea", mapping=mapping)
    assert "1 = 'ja, regelmatig'" in str(caught.value) and "[values.autonomy2]" in str(caught.value)
    turned = '[values.autonomy2]\n"1" = "3"\n"3" = "1"\n'
    right = yearly.write_mapping(tmp_path / "map2.toml", yearly.dans_columns(), turned)
    with pytest.warns(llo.LloWarning, match="without strata"):
        frame = llo.read_microdata(path, instrument="nea", mapping=right).frame
    assert frame["autonomy2"].tolist() == (4 - yearly.small_nea()["autonomy2"]).tolist()


def test_a_year_must_be_told(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019)
    path = nea(tmp_path, frame, "data.csv")
    frame.drop(columns="year").to_csv(path, index=False)
    with pytest.raises(llo.DataError, match="does not say of which year"):
        llo.read_microdata(path, instrument="nea")
    assert llo.read_microdata(path, instrument="nea", year=2019).source["years"] == [2019]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[kolommen]\na = 1\n", "tables that are not understood"),
        ('[columns]\n"X" = "weight"\n', "no column 'X'"),
        ("[cuts]\nhigh_varety = 3\n", "expected: low_autonomy, high_autonomy, high_variety"),
        ('[cuts]\nhigh_variety = "3"\n', "a number"),
        ("[minimum]\nautonomy = 6\n", "from 1 to 5"),
        ("[halves]\nskills_match_code = 3\n", "1, 2, or 0"),
        ("[file]\nyear = 20019\n", "a year that is none"),
        ("[columns]\na = = b\n", "not TOML"),
        ('[columns]\n"sex_code" = "age"\n', "gives two columns of nea2022.csv the name 'age'"),
    ],
)
def test_mappings_that_cannot_be_followed(text: str, words: str, tmp_path: Path) -> None:
    path = nea(tmp_path, yearly.small_nea(2022))
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    with pytest.raises(llo.DataError) as caught:
        llo.read_microdata(path, instrument="nea", mapping=tmp_path / "map.toml")
    assert words in str(caught.value)


def test_a_mapped_column_must_be_in_one_of_several_files(tmp_path: Path) -> None:
    paths = [nea(tmp_path, yearly.small_nea(year)) for year in (2018, 2019)]
    with pytest.raises(llo.DataError, match="None of the 2 files has a column 'opl'"):
        llo.read_microdata(paths, instrument="nea", mapping={"opl": "education_code"})


def test_real_and_synthetic_years_are_never_mixed(tmp_path: Path, away: Path) -> None:
    folder = away / "data_raw" / "nea"
    folder.mkdir(parents=True)
    nea(folder, yearly.small_nea(2019))
    nea(folder, yearly.small_nea(2020).assign(synthetic=1))
    with pytest.raises(llo.DataError, match="Real and synthetic files are never read together") as caught:
        llo.load("nea")
    assert "nea2020.csv is synthetic" in str(caught.value)
    (folder / "nea2019.csv").unlink()
    with pytest.raises(llo.DataError, match="The files found are synthetic"):
        llo.load("nea", source="real")
    svy = llo.load("nea")
    assert svy.source["synthetic"] is True and svy.source["kind"] == "synthetic"
    assert llo.mean("training", svy).meta["synthetic"] is True
    (folder / "nea2020.csv").unlink()
    nea(folder, yearly.small_nea(2019))
    with pytest.raises(llo.DataError, match=r"nea has no data of 2022\.") as caught:
        llo.load("nea", years=[2019, 2022])
    assert "real and synthetic are never mixed" in str(caught.value)


def test_without_a_real_file_synthetic_data_and_a_warning(away: Path) -> None:
    with pytest.warns(llo.LloWarning, match="No real file of nea was found .* these data are synthetic"):
        svy = llo.load("nea", years=2021, n=2000)
    assert svy.source["synthetic"] is True
    with pytest.raises(llo.DataError, match="No file of Netherlands Working Conditions Survey"):
        llo.load("nea", source="real")
    with pytest.raises(llo.DataError, match="no synthetic version of roa"):
        llo.load("roa", source="synthetic")


@pytest.mark.parametrize("name", ["nea2022.csv", "nea2022.dta", "nea2022.parquet", "NEA2022.csv.gz"])
def test_every_kind_of_file_gives_the_same_and_is_known_for_what_it_is(name: str, tmp_path: Path) -> None:
    frame, path = yearly.small_nea(2022), tmp_path / name
    if name.endswith(".dta"):
        frame.to_stata(path, write_index=False, version=118)
    elif name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
        frame.to_parquet(path)
    else:
        frame.rename(columns=str.upper if "NEA" in name else str).to_csv(path, index=False, sep=";")
    asked = frame["skills_match_code"].notna()
    expected = np.average(frame["skills_match_code"][asked] == 2, weights=frame["weight"][asked])
    made = llo.mean("good_match", llo.read_microdata(path, instrument="nea"))
    assert made.to_frame()["estimate"][0] == pytest.approx(expected, abs=1e-12)
    assert "Netherlands Working Conditions Survey" in str(check_file(path))


def test_results_say_restricted(tmp_path: Path) -> None:
    svy = llo.read_microdata(nea(tmp_path, yearly.small_nea(2022)), instrument="nea")
    meta = llo.mean("training", svy).meta
    assert meta["source"]["kind"] == "restricted" and meta["source"]["restricted"] is True
    assert str(tmp_path) not in str(meta)


@pytest.mark.parametrize(
    "path",
    [
        *(f"data_raw/{name}/x2019.sav" for name in ("nea", "zea", "wea", "roa", "ewcts", "liss", "ess")),
        "data_processed/restricted/nea.parquet",
        "data_processed/nea/nea.csv.gz",
        "build/restricted/2023/table.html",
    ],
)
def test_git_ignores_restricted_places(path: str) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git working tree")
    asked = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False)
    assert asked.returncode == 0, f"git would take {path}"


def test_every_restricted_instrument_has_an_ignored_folder() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git working tree")
    frame = llo.instruments()
    for name in frame.loc[frame["kind"].isin(["restricted", "registered"]), "instrument"]:
        asked = subprocess.run(["git", "check-ignore", "-q", f"data_raw/{name}/a.csv"], cwd=ROOT, check=False)
        assert asked.returncode == 0, name
    tracked = subprocess.run(["git", "ls-files", "data_raw", "data_processed", "build"], cwd=ROOT, capture_output=True)
    for line in tracked.stdout.decode("utf-8").splitlines():
        assert line.startswith(
            ("data_raw/published/", "data_raw/synthetic/", "data_raw/README", "data_processed/README")
        ), line
