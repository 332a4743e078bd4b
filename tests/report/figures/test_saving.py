"""Proves that saved figures are the same bytes every time, name no machine or date, and can be read by everyone."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.report import figure
from llo_research.report.figures.saving import csv, slug

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import hashlib, sys, tempfile
import pandas as pd
from llo_research.report import figure, table
frame = pd.DataFrame({"year": [2014, 2016, 2019] * 2, "g": ["a"] * 3 + ["b"] * 3, "estimate": [.1, .2, .3, .2, .3, .4]})
frame["conf_low"], frame["conf_high"], frame["n"] = frame["estimate"] - .05, frame["estimate"] + .05, 100
frame.attrs = {"synthetic": True}
with tempfile.TemporaryDirectory() as folder:
    for kind in ("lines", "dots"):
        for path in figure(frame, kind=kind).save(folder, kind).values():
            print(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    path = table(frame).to_excel(folder + "/t.xlsx")
    print(hashlib.sha256(path.read_bytes()).hexdigest())
"""


def test_four_files_the_same_every_time(over_time: Any, tmp_path: Path) -> None:
    first = figure(over_time).save(tmp_path / "a", "figuur 1")
    second = figure(over_time).save(tmp_path / "b", "figuur 1")
    assert sorted(first) == ["csv", "png", "svg", "txt"]
    assert first["svg"].name == "figuur 1.svg"
    for ending, path in first.items():
        assert path.read_bytes() == second[ending].read_bytes(), ending
        assert path.stat().st_size > 100


def test_two_hash_seeds_give_the_same_bytes() -> None:
    answers = []
    for seed in ("1", "2"):
        env = dict(os.environ, PYTHONHASHSEED=seed, PYTHONUTF8="1")
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH")]))
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True)
        assert done.returncode == 0, done.stderr.decode("utf-8", errors="replace")
        answers.append(done.stdout)
    assert answers[0] == answers[1]
    assert answers[0].count(b"\n") == 9


def test_svg_is_accessible_and_anonymous(over_time: Any, tmp_path: Path) -> None:
    path = figure(over_time).save(tmp_path, "x")["svg"]
    tree = ElementTree.parse(path).getroot()
    assert tree.get("role") == "img"
    title, desc = tree.find(f"{SVG}title"), tree.find(f"{SVG}desc")
    assert title is not None and desc is not None
    assert tree.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == figure(over_time).title
    assert desc.text == figure(over_time).alt_text
    assert "SYNTHETISCH" in title.text
    text = path.read_text(encoding="utf-8")
    assert "<text" in text, "text is text: it can be read, searched and copied"
    for word in ("dc:date", "Matplotlib v", "/home", "site-packages", str(Path.home())):
        assert word not in text
    assert "\r" not in text


def test_png_has_no_software_or_date(by_education: Any, tmp_path: Path) -> None:
    content = figure(by_education).save(tmp_path, "x")["png"].read_bytes()
    assert b"Software" not in content
    assert b"tIME" not in content


def test_the_synthetic_mark_is_in_every_file(over_time: Any, tmp_path: Path) -> None:
    paths = figure(over_time, language="en").save(tmp_path, "x")
    for ending in ("svg", "txt"):
        assert "SYNTHETIC" in paths[ending].read_text(encoding="utf-8")
    with_mark = paths["png"].read_bytes()
    over_time.meta["synthetic"] = over_time.meta["source"]["synthetic"] = False
    assert figure(over_time, language="en").save(tmp_path, "y")["png"].read_bytes() != with_mark


def test_csv_holds_every_row_and_no_formula(make_result: Callable[..., Any], tmp_path: Path) -> None:
    labels = ["=1+1", "+a", "-b", "@c", "plain"]
    meta = {"call": {"function": "mean", "variables": ["y"]}}
    result = make_result({"g": labels, "variable": ["y"] * 5}, [-1.5, 1 / 3, 1, 1, 1], [0.1] * 5, [9] * 5, meta)
    path = figure(result).save(tmp_path, "x")["csv"]
    frame = pd.read_csv(path)
    assert frame["G"].tolist() == ["'=1+1", "'+a", "'-b", "'@c", "plain"]
    assert frame["estimate"].tolist() == [-1.5, 0.3333333333, 1, 1, 1]
    assert b"\r" not in path.read_bytes()
    assert csv(pd.DataFrame({"=x": [1.0]})) == "'=x\n1\n"


@pytest.mark.parametrize("under", ["", "deeper"])
def test_a_file_where_a_folder_is_expected(by_education: Any, tmp_path: Path, under: str) -> None:
    (tmp_path / "taken.png").write_bytes(b"mine")
    with pytest.raises(DataError, match=r"the file taken\.png") as told:
        figure(by_education).save(tmp_path / "taken.png" / under)
    assert "a folder" in str(told.value)
    assert (tmp_path / "taken.png").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["gap.png", "gap.SVG", "sub/gap.pdf"])
def test_the_name_of_a_picture_is_no_folder(by_education: llo.Result, tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    with pytest.raises(llo.DataError, match="the name of a picture") as caught:
        figure(by_education).save(place)
    assert f"figure.save({str(place.parent)!r}, 'gap')" in str(caught.value)
    assert not list(tmp_path.iterdir())
    assert figure(by_education).save(place.parent, "gap")["png"] == place.with_name("gap.png")


def test_names(by_education: Any, tmp_path: Path) -> None:
    paths = figure(by_education).save(tmp_path)
    assert paths["png"].name == "training-mean-education.png"
    assert slug("Één: ½ & meer!") == "een-12-meer"
    for name in ("../x", "a/b", "", ".hidden"):
        with pytest.raises(DataError, match="file name"):
            figure(by_education).save(tmp_path, name)


def test_two_figures_keep_their_own_files(survey: Any, tmp_path: Path) -> None:
    frame = survey.frame.assign(year=[2014, 2016] * 150)
    svy = llo.Survey(frame, weights="w", strata="year", time="year", source={"title": "Made up"})
    change = llo.change("training", svy, by="education", time="year", base=2014)
    gaps = {"group": "education", "of": "high", "minus": "low"}
    gap_change = llo.gap_change("training", svy, **gaps, time="year", base=2014)
    first, second = (figure(r).save(tmp_path) for r in (change, gap_change))
    assert first["csv"].name == "training-change-education-year.csv"
    assert second["csv"].name == "training-gap-change-education-high-low-year.csv"
    assert figure(change).save(tmp_path) == first, "the same figure has the same files"
    other = figure(llo.change("training", svy.where("hours > 5"), by="education", time="year", base=2014))
    before = first["csv"].read_bytes()
    numbered = other.save(tmp_path)
    assert numbered["svg"].name == "training-change-education-year-2.svg"
    assert other.save(tmp_path) == numbered and first["csv"].read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 12


def test_a_given_name_is_not_taken_from_another_figure(by_education: Any, tmp_path: Path) -> None:
    kept = figure(by_education).save(tmp_path, "mine")
    assert figure(by_education).save(tmp_path, "mine") == kept
    before = kept["csv"].read_bytes()
    other = figure(by_education, title="Another")
    with pytest.raises(DataError, match=r"another figure of this name[\s\S]*overwrite=True"):
        other.save(tmp_path, "mine")
    assert kept["csv"].read_bytes() == before
    other.save(tmp_path, "mine", overwrite=True)
    assert "Another" in kept["txt"].read_text(encoding="utf-8")


def test_places_that_cannot_be_written_are_told_in_words(
    by_education: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DataError, match=r"cannot be written[\s\S]*No space left"):
        figure(by_education).save(tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(DataError, match="cannot be written"):
        figure(by_education).save(tmp_path / "new")
