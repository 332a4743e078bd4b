"""Proves that editions are files: what is in them, that another one is a file, and what is refused and how."""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path

import pytest

import llo_research as llo
from llo_research.monitor.chapters import CHAPTERS
from llo_research.monitor.editions import edition_of, read_edition

from_files = import_module("llo_research.monitor.edition_files")
module = import_module("llo_research.monitor.editions")  # a function of the package has the same name
SEEN = ["1", "2", "3", "7", "8", "11", "15", "16"]
NEW = """
[edition]
id = "2026"
based_on = "2023"
appeared = { nl = "2026", en = "2026" }
data = { nl = "verzonnen", en = "made up" }
seen = ["1"]

[years]
nea = [2022, 2024]
zea = [2021, 2023]
wea = [2021, 2024]

[[figures]]
number = "1"
by = ["education"]
published = [{ series = "SER25_train", year = 2024 }]

[[figures]]
number = "7"
years = { nea = [2020, 2024] }

[[figures]]
number = "22"
indicator = "reflects"
surveys = ["nea"]

[[chapters]]
name = "04_stimulating_factors"
figures = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
  "20", "21", "22"]
"""


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up edition of 2026 in a folder of its own, forgotten afterwards."""
    monkeypatch.setattr(module, "_OWN", {})
    path = tmp_path / "2026.toml"
    path.write_text(NEW, encoding="utf-8")
    return path


def test_eight_figures_of_2022_and_2023_were_seen() -> None:
    for edition in ("2022-2", "2023"):
        frame = llo.monitor.figures(edition)
        assert frame.loc[frame["status"] == "seen", "number"].tolist() == SEEN
    for edition in ("2022-1", "2025"):
        assert set(llo.monitor.figures(edition)["status"]) == {"reconstructed"}


def test_counts_add_up_by_edition_and_chapter() -> None:
    frame = llo.monitor.editions().set_index("edition")
    for edition, row in frame.iterrows():
        figures = llo.monitor.figures(str(edition))
        assert row["figures"] == len(figures) == row["seen"] + row["reconstructed"]
        assert row["figures"] == row["rebuilt"] + row["published_only"] + row["not_available"]
        assert (figures["available"] != "rebuilt").tolist() == (figures["why_nl"] != "").tolist()
    chapters = llo.monitor.chapters("2023").set_index("name")
    assert chapters.loc["03_urgency", "numbers"] == "7, 8, 9, 10, 11, 12, 13, 14"
    told = chapters.loc["03_urgency", ["figures", "seen", "reconstructed", "rebuilt", "not_available"]].tolist()
    assert told == [8, 3, 5, 7, 1]
    assert chapters.loc["08_netherlands_in_piaac", "figures"] == 0
    assert "firm size" in chapters.loc["03_urgency", "lacking_en"]
    named = {name for edition in frame.index for name in edition_of(edition).chapters}
    assert named <= {chapter.name for chapter in CHAPTERS}


def test_a_line_for_the_page() -> None:
    assert llo.monitor.tally("2023").startswith("21 figuren: 8 gezien, 13 gereconstrueerd; 20 herbouwd")
    assert llo.monitor.tally("2022-1", "en").endswith("18 rebuilt, 0 published only, 3 not available")
    assert llo.monitor.tally("2023", "en", chapter="03_urgency").startswith("8 figures: 3 seen, 5 reconstructed; 7")
    with pytest.raises(llo.DataError, match="language"):
        llo.monitor.tally("2023", "de")
    with pytest.raises(llo.DataError, match="03_urgency"):
        llo.monitor.tally("2023", chapter="99_none")


def test_editions_differ() -> None:
    early, late = edition_of("2022-1"), edition_of("2025")
    assert early.figures["1"].years == {"nea": (2014, 2020), "zea": (2015, 2019)}
    assert late.figures["1"].years == {"nea": (2014, 2024), "zea": (2015, 2023)}
    assert early.figures["2"].available == "not available" and late.figures["2"].available == "rebuilt"
    assert {target.series for target in late.figures["1"].published} == {"SER25_train", "SER25_train_agri"}
    assert {target.series for target in edition_of("2023").figures["1"].published} == {"SER23_edu", "CBS21_flex61"}


def test_an_edition_is_a_file(new: Path) -> None:
    started = time.perf_counter()
    read_edition(new)
    frame = llo.monitor.figures("2026").set_index("number")
    assert frame.loc["1", ["status", "by", "years", "published"]].tolist() == [
        "seen",
        "education",
        "nea 2022-2024, zea 2021-2023",
        1,
    ]
    assert frame.loc["22", "title_nl"] == "Bespreekt vaak met anderen wat van het werk te leren valt"
    assert frame.loc["7", "years"] == "nea 2020-2024" and frame.loc["8", "published"] == 0
    assert llo.monitor.chapters("2026").set_index("name").loc["04_stimulating_factors", "figures"] == 22
    assert "2026" in set(llo.monitor.editions()["edition"])
    nea = llo.synthetic("nea", years=[2022, 2024], n=2000)
    figure = llo.monitor.figure("1", edition="2026", surveys={"nea": nea}, language="en")
    assert "edition 2026" in figure.alt_text and len(figure.frame) == 6
    assert time.perf_counter() - started < 20  # a morning is for finding its numbers, not for waiting


def test_a_file_among_those_of_the_monitor_is_an_edition(new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (new.parent / "2023.toml").write_bytes((from_files.FOLDER / "2023.toml").read_bytes())
    monkeypatch.setattr(from_files, "FOLDER", new.parent)
    module._monitors.cache_clear()
    try:
        assert llo.monitor.editions()["edition"].tolist() == ["2023", "2026"]
        new.rename(new.with_name("2027.toml"))
        module._monitors.cache_clear()
        with pytest.raises(llo.DataError, match=r"id of an edition is the name of its file[\s\S]*2027\.toml"):
            llo.monitor.editions()
    finally:
        monkeypatch.undo()
        module._monitors.cache_clear()
    assert "2026" not in set(llo.monitor.editions()["edition"])


def test_an_edition_of_the_monitor_is_not_replaced(new: Path) -> None:
    new.write_text(NEW.replace('id = "2026"', 'id = "2023"'), encoding="utf-8")
    with pytest.raises(llo.DataError, match="'2023' is an edition of the monitor"):
        read_edition(new)


@pytest.mark.parametrize(
    ("old", "put", "said"),
    [
        ('indicator = "reflects"', 'indikator = "reflects"', r"'indikator'; did you mean 'indicator'"),
        ('indicator = "reflects"', 'indicator = "reflect"', r"figure 22[\s\S]*'reflect'"),
        ('number = "22"', 'number = "7"', r"stands twice[\s\S]*figure 7"),
        ('number = "22"', "number = 22", "number of a figure is a text"),
        ('surveys = ["nea"]', 'surveys = ["nae"]', r"'nae'[\s\S]*nea, zea, wea"),
        ('surveys = ["nea"]', 'surveys = ["nea"]\navailable = "soon"', r"'soon'[\s\S]*not available"),
        ('surveys = ["nea"]', 'surveys = ["nea"]\navailable = "published only"', "says why"),
        ('seen = ["1"]', 'seen = ["1", "99"]', r"not among the figures[\s\S]*99"),
        ("nea = [2022, 2024]", "nea = [2024, 2022]", r"\[2014, 2022\]"),
        ("nea = [2022, 2024]", "", r"no years of a survey[\s\S]*nea"),
        ('based_on = "2023"', 'based_on = "2021"', r"2021[\s\S]*2022-1, 2022-2, 2023, 2025"),
        ('based_on = "2023"', 'based_on = "2025"', "stands by itself"),
        ('data = { nl = "verzonnen", en = "made up" }', 'data = { nl = "verzonnen" }', r"key is missing[\s\S]*en"),
        ('"20", "21", "22"]', '"20", "21"]', r"in no chapter[\s\S]*figure 22"),
        ('"20", "21", "22"]', '"20", "21", "22", "23"]', r"not there[\s\S]*23"),
        (", year = 2024 }]", " }]", "has a year, or its first and last"),
        ("year = 2024 }]", 'year = 2024, survey = "wea" }]', r"'wea'[\s\S]*nea, zea"),
        ("year = 2024 }]", "year = 2019 }]", r"not one published figure[\s\S]*figure 1, series SER25_train[\s\S]*2019"),
        ('"SER25_train"', '"SER25_trian"', r"no such published series[\s\S]*figure 1[\s\S]*did you mean 'SER25_train'"),
        ("[years]", "[years", r"is no TOML[\s\S]*line"),
    ],
)
def test_what_is_wrong_is_said_and_where(new: Path, old: str, put: str, said: str) -> None:
    assert old in NEW
    new.write_text(NEW.replace(old, put), encoding="utf-8")
    with pytest.raises(llo.DataError, match=said) as caught:
        read_edition(new)
    assert "2026.toml" in str(caught.value)
    assert "2026" not in set(llo.monitor.editions()["edition"])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(llo.DataError, match="cannot be read"):
        read_edition(tmp_path / "none.toml")
    with pytest.raises(llo.DataError, match="2022-1, 2022-2, 2023, 2025"):
        llo.monitor.figures("2024")
