"""Proves that the real PIAAC and GSS files give the numbers that OECD and NORC published, through the public calls."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo


@pytest.fixture(scope="module")
def netherlands(data_dir: Path) -> llo.Survey:
    if not (data_dir / "piaac" / "nld.csv.gz").is_file():
        pytest.skip("the Dutch PIAAC file is not in LLO_DATA")
    return llo.read_microdata(data_dir / "piaac" / "nld.csv.gz", instrument="piaac")


@pytest.fixture(scope="module")
def america(data_dir: Path) -> llo.Survey:
    paths = sorted((data_dir / "gss").glob("gss_qwl*.csv.gz"))
    if not paths:
        pytest.skip("the GSS file is not in LLO_DATA")
    return llo.read_microdata(paths[0], instrument="gss")


def test_piaac_rows_columns_and_order(netherlands: llo.Survey, data_dir: Path) -> None:
    raw = pd.read_csv(data_dir / "piaac" / "nld.csv.gz", low_memory=False)
    frame = netherlands.frame
    assert len(netherlands) == 5170 and list(frame.columns[:232]) == list(raw.columns)
    assert frame["SEQID"].tolist() == raw["SEQID"].tolist()
    assert frame["NFE12JR"].equals(raw["NFE12JR"])
    assert netherlands.source["files"][0]["rows"] == 5170


@pytest.mark.parametrize(
    ("scale", "condition", "estimate", "error"),
    [
        ("PVLIT*", None, 284.0, 0.7),
        ("PVNUM*", None, 280.3, 0.7),
        ("PVNUM*", "age_group == '55+'", 262.0, None),
        ("PVNUM*", "age >= 25 & education == 'low'", 242.7, None),
    ],
)
def test_piaac_skills_as_published(
    scale: str, condition: str | None, estimate: float, error: float | None, netherlands: llo.Survey
) -> None:
    svy = netherlands if condition is None else netherlands.where(condition)
    row = llo.mean(scale, svy, plausible=True).to_frame().iloc[0]
    assert round(row["estimate"], 1) == estimate
    assert error is None or round(row["std_error"], 1) == error


@pytest.mark.parametrize(
    ("variable", "condition", "estimate", "error"),
    [
        ("training_job_related", "education == 'high'", 73.3, 1.2),
        ("training_job_related", "education == 'low'", 45.0, 1.6),
        ("training_job_related", "age_group == '55+'", 50.0, 1.7),
        ("training_job_related", "contract == 'permanent'", 67.0, 1.0),
        ("training_job_related", "contract == 'flexible'", 51.0, 2.4),
        ("training", "education == 'high'", 85.0, None),
    ],
)
def test_piaac_learning_of_employed_people_from_25(
    variable: str, condition: str, estimate: float, error: float | None, netherlands: llo.Survey
) -> None:
    svy = netherlands.where(f"employed == 1 & age >= 25 & {condition}")
    row = llo.mean(variable, svy).to_frame().iloc[0]
    assert round(100 * row["estimate"], 1) == estimate
    assert error is None or round(100 * row["std_error"], 1) == error


def test_piaac_learning_by_doing_turns_the_order_around(netherlands: llo.Survey) -> None:
    svy = netherlands.where("age >= 25")
    rows = llo.mean("learn_by_doing", svy, by="contract").to_frame().set_index("contract")
    shares = (100 * rows["estimate"]).round().astype(int).to_dict()
    assert shares == {"permanent": 46, "flexible": 58, "self-employed": 62}


def test_gss_learning_as_published(america: llo.Survey) -> None:
    assert len(america) == 6930
    rows = llo.share("learnnew", america, by="year").to_frame()
    agree = rows[rows["level"].astype(str) == "1"]
    assert (100 * agree["estimate"]).round(1).tolist() == [44.7, 42.3, 43.9]
    assert (100 * agree["std_error"]).round(1).tolist() == [1.8, 1.8, 1.6]


def test_gss_counts_are_the_official_ones(america: llo.Survey, data_dir: Path) -> None:
    path = data_dir / "gss" / "gss_codebook_counts.csv"
    if not path.is_file():
        pytest.skip("the official counts are not in LLO_DATA")
    official = pd.read_csv(path)
    book = llo.codebook("gss").set_index("variable")
    frame, compared = america.frame, 0
    for (variable, year), counts in official[official["year"].isin([2010, 2014, 2018])].groupby(["variable", "year"]):
        values = frame.loc[frame["year"] == year, variable].value_counts()
        for code, label in book.loc[variable, "values"].items():
            wanted = counts.loc[counts["category"] == label["en"], "n"]
            assert len(wanted) == 1, f"{variable}: the official label is not {label['en']!r}"
            assert values.get(code, 0) == wanted.iloc[0], f"{variable} {year} {code}"
            compared += 1
    assert compared == 9 * 3 * 4
