"""Proves that the files of published figures are whole and agree with each other, and that broken ones are refused."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from llo_research.data import published_files
from llo_research.data.published import published
from llo_research.errors import DataError

FOLDER = Path(__file__).resolve().parents[2] / "data_raw" / "published"
SNAPSHOT_TABLES = {"85316NED": "LFS_size_2025", "85314NED": "LFS_tenure_2023", "85572NED": "CI_85572"}


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, dtype=str, keep_default_na=False, encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one's own with a copy of the figures, and the working directory below it."""
    target = tmp_path / "my project" / "data_raw" / "published"
    shutil.copytree(FOLDER, target)
    below = tmp_path / "my project" / "notebooks"
    below.mkdir()
    monkeypatch.chdir(below)
    return target


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def test_every_series_has_one_row_and_nothing_is_empty() -> None:
    series, figures = table("series.csv"), table("figures.csv")
    assert sorted(series["series"]) == sorted(set(figures["series_id"])) and len(series) == 60
    for name in ("series.csv", "parts.csv", "breaks.csv", "figures.csv"):
        assert not (table(name).apply(lambda column: column.str.strip()) == "").any().any(), name
    assert set(series["status"]) == {"verified", "inferred"}
    # a verified row names nothing as inferred, an inferred one says what
    assert ((series["inferred"] == "nothing") == (series["status"] == "verified")).all()
    assert series[["label_nl", "label_en"]].map(len).max().max() <= 70
    assert set(table("breaks.csv")["status"]) == {"verified", "inferred"}


def test_units_and_words_are_from_a_list() -> None:
    series = table("series.csv")
    assert set(series["instrument"]) == {
        *("NEA", "WEA", "EBB", "EU-LFS", "AES", "CVTS", "ROA", "SCP", "CODI", "AGO", "PIAAC"),
    }
    assert set(series["reference_period"]) == {
        *("4 weeks", "12 months", "past year", "2 years", "3 years", "3 years later"),
        *("at interview", "stock", "unclear", "not stated"),
    }
    units = table("figures.csv").groupby("series_id")["unit"].unique()
    for name, unit in series.set_index("series")["unit"].items():
        assert set(unit.split(" and ")) == set(units[name]), name


def test_no_figure_is_lost_or_changed_on_the_way() -> None:
    columns = ["indicator", "category", "value", "unit", "exactness", "source_title", "source"]
    raw, read = table("figures.csv"), published()
    written = Counter(zip(raw["series_id"], raw["year"], *(raw[c] for c in columns), strict=True))
    values = read.assign(value=read["value"].map(str)).astype(str)
    assert Counter(zip(values["series"], values["period"], *(values[c] for c in columns), strict=True)) == written


def test_years() -> None:
    frame = published()
    years = frame[["period", "year"]].drop_duplicates().set_index("period")["year"]
    assert years["2014-2018"] == 2018 and years["2023Q4"] == 2023 and years["2024 (provisional)"] == 2024
    assert years["2013 wave (wave inferred)"] == 2013
    assert set(frame.loc[frame["provisional"], "series"]) == {"LFS_kind_2024"}


def test_snapshot_agrees_with_the_figures() -> None:
    snapshot, frame = table("statline_snapshot.csv"), published()
    for code, series in SNAPSHOT_TABLES.items():
        shot = snapshot[(snapshot["table"] == code) & (snapshot["measure"] != "LLO non-participants")]
        held = frame[frame["series"] == series]
        assert Counter(shot["value"].astype(float)) == Counter(held["value"]), code
    ocw = snapshot[snapshot["table"] == "OCW in cijfers (EBB)"]
    held = frame[frame["series"] == "LFS4w_edu"].assign(level=lambda d: d["category"].replace("middle", "mid"))
    assert set(zip(ocw["year"].astype(int), ocw["category"], ocw["value"].astype(float), strict=True)) == set(
        zip(held["year"], held["level"], held["value"], strict=True)
    )


def test_firm_size_depends_on_the_kind_of_learning() -> None:
    shot = table("statline_snapshot.csv").query("table == '85316NED' and year == '2025'")
    wide = shot.assign(value=shot["value"].astype(float)).pivot(index="category", columns="measure", values="value")
    wide = wide.loc[["1-10", "10-50", "50-250", "250+"]]
    assert (100 * wide["LLO participants"] / wide["workers"]).round(1).tolist() == [28.0, 38.8, 36.0, 34.6]
    assert (100 * wide["formal"] / wide["workers"]).round(1).tolist() == [11.6, 25.6, 20.5, 12.5]
    held = published("LFS_size_2025")
    assert set(held["reference_period"]) == {"4 weeks"} and set(held["ages"]) == {"15-74"}


def test_figures_are_found_from_the_project_and_told_apart_by_checksum(copy: Path) -> None:
    assert published_files.folder() == copy.resolve()
    edit(copy / "figures.csv", ",2022,60.0,", ",2022,61.0,")
    changed = published("SER23_edu")
    assert changed["value"].tolist() == [61.0, 37.0]
    assert changed.attrs["sha256"] == hashlib.sha256((copy / "figures.csv").read_bytes()).hexdigest()
    assert changed.attrs["sha256"] != hashlib.sha256((FOLDER / "figures.csv").read_bytes()).hexdigest()
    assert changed.attrs["file"] == "data_raw/published/figures.csv"


def test_figures_are_found_without_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert published_files.folder() == FOLDER
    installed = tmp_path / "site-packages" / "llo_research" / "data"
    installed.mkdir(parents=True)
    monkeypatch.setattr(published_files, "__file__", str(installed / "published_files.py"))
    with pytest.raises(DataError, match="are not here"):
        published()
    shutil.copytree(FOLDER, installed / "published_figures")
    assert len(published()) == 576


BROKEN = {
    "a series without metadata": ("series.csv", "SER23_edu,", "SER23_educ,", "do not match one to one"),
    "a series twice": ("series.csv", "\nWEA_75_agri,", "\nWEA_75,", "do not match one to one"),
    "an empty cell": ("series.csv", ",4 weeks,", ",,", "A cell is empty"),
    "a word for a number": ("figures.csv", ",60.0,", ",sixty,", "no number, year or known unit"),
    "a year that is none": ("figures.csv", ",2022,60.0", ",22,60.0", "no number, year or known unit"),
    "a unit that is none": ("figures.csv", ",60.0,%", ",60.0,per mille", "no number, year or known unit"),
    "a missing column": ("figures.csv", ",unit,", ",units,", "A column is missing"),
    "a line that fits no figure": ("parts.csv", ",self-employed,", ",self employed,", "fits no figure"),
    "a field that does not exist": ("parts.csv", ",instrument,ZEA", ",instruments,ZEA", "fits no figure"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_refused(case: str, copy: Path) -> None:
    name, old, new, message = BROKEN[case]
    edit(copy / name, old, new)
    with pytest.raises(DataError, match=message) as caught:
        published()
    assert name in str(caught.value)


def test_a_period_that_pools_both_sides_of_a_break_is_refused(copy: Path) -> None:
    """The year of a period is its last; the period begins earlier."""
    edit(copy / "figures.csv", "2014-2018", "2012-2018")
    with pytest.raises(DataError, match="break 2014: NEA breaks in 2014 and the figures run from 2012 to"):
        published("SER23_obsol")
    rows = published("SER23_obsol", breaks="flag")
    pooled = rows["period"] == "2012-2018"
    assert pooled.any() and rows.loc[pooled, "flag"].str.contains("break 2014").all()


def test_the_first_year_of_a_figure() -> None:
    told = pd.DataFrame(
        {"period": ["2014-2018", "2024 (provisional)", "2023Q4", "unknown"], "year": [2018, 2024, 2023, 7]}
    )
    assert published_files.first_years(told).tolist() == [2014, 2024, 2023, 7]
