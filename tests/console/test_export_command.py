"""The command ``llo export``: saved results and chapters to a folder, with an exit code that a script can read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research.cli import main
from llo_research.monitor import which_chapter
from tests.report.disclosure.people import restricted


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A saved result of large groups."""
    return llo.mean("hours", restricted(), by="education").save(tmp_path / "training")


def test_saved_results_leave(saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = tmp_path / "analysis.py"
    code.write_text("1\n", encoding="utf-8")
    told = ["export", str(saved), "--to", str(tmp_path / "out"), "--language", "nl", "--code", str(code)]
    assert main(told) == 0
    out, err = capsys.readouterr()
    assert out.strip() == str(tmp_path / "out") and "who is in a cell" in err
    assert llo.read_result(tmp_path / "out" / "training").labels == ("low", "middle", "high")
    assert "Deze map" in (tmp_path / "out" / "control" / "control.md").read_text("utf-8")
    assert (tmp_path / "out" / "control" / "code" / "analysis.py").exists()
    again = ["export", str(saved), "--to", str(tmp_path / "again"), "--before", str(tmp_path / "out")]
    with pytest.warns(llo.LloWarning, match="NOT checked"):
        assert main(again) == 0


def test_nothing_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = llo.mean("hours", restricted().where("id == 77 | id == 78")).save(tmp_path / "few")
    assert main(["export", str(few), "--to", str(tmp_path / "out")]) == 1
    assert "Nothing of these results may leave" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_does_not_fit_is_2(saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = ["--to", str(tmp_path / "out")]
    for words in ([str(saved), "--chapter", "02"], [], [str(tmp_path / "gone.json")], [str(saved), "--profile", "cbz"]):
        assert main(["export", *words, *to]) == 2
        assert capsys.readouterr().err.strip()
    twice = tmp_path / "other" / "training.json"
    twice.parent.mkdir()
    twice.write_bytes(saved.read_bytes())
    assert main(["export", str(saved), str(twice), *to]) == 2
    assert "same name" in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == ["other", "training.csv", "training.json"]


def test_a_chapter_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = pytest.importorskip("llo_research.monitor.chapter_results")
    asked: dict[str, Any] = {}

    def told(root: Path, name: str, **own: Any) -> dict[str, llo.Result]:
        asked.update({"name": name, **own})
        return {"02_mean": llo.mean("hours", restricted(), by="education")}

    monkeypatch.setattr(results, "chapter_results", told)
    monkeypatch.setattr(which_chapter, "which_chapter", lambda name, root: f"{name}_x")
    words = ["export", "--chapter", "02", "--to", str(tmp_path / "out"), "--source", "real"]
    assert main(words) == 0
    assert asked == {"name": "02_x", "edition": "2023", "language": "en", "source": "real"}
    assert (tmp_path / "out" / "02_mean.csv").exists()
