"""Proves that a notebook says what it is made from, and that one without its data is told apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from llo_research.errors import DataError
from llo_research.monitor.chapters import CHAPTERS, chapters
from llo_research.monitor.editions import editions
from llo_research.monitor.notebooks.about import about, data_file, read_notebook, verifiable
from llo_research.monitor.notebooks.execute import main, with_parameters
from tests.monitor.conftest import ROOT

CODE = [("code", "1")]
PUBLIC = {"source_class": "public", "needs_one_of": ["piaac/a.csv", "piaac/b.csv.gz"], "obtain": "Fetch it."}


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"source_class": None}, "does not say what it is computed from"),
        ({"source_class": "restricted"}, "published, public, synthetic"),
        ({"source_class": "public"}, "does not name the file"),
        ({"source_class": "public", "needs_one_of": ["a.csv"]}, "does not say how to get them"),
    ],
)
def test_incomplete_accounts_are_refused(notebook: Callable[..., Path], metadata: dict[str, object], said: str) -> None:
    with pytest.raises(DataError, match=said):
        about(notebook("one", CODE, **metadata))


def test_no_notebook_and_no_such_notebook(project: Path, notebook: Callable[..., Path]) -> None:
    notebook("there", CODE)
    with pytest.raises(DataError, match=r"no notebook absent[\s\S]*expected: there"):
        about(project / "notebooks" / "absent.ipynb")
    (project / "notebooks" / "half.ipynb").write_text('{"cells": [', encoding="utf-8")
    with pytest.raises(DataError, match=r"half\.ipynb is not a notebook"):
        about(project / "notebooks" / "half.ipynb")


def test_without_its_file_a_public_notebook_is_not_verified(project: Path, notebook: Callable[..., Path]) -> None:
    published, public = notebook("09", CODE), notebook("08", CODE, **PUBLIC)
    can, cannot = verifiable(project)
    assert can == [published]
    assert list(cannot) == [public]
    assert cannot[public].endswith("Fetch it.")
    assert "piaac/a.csv, piaac/b.csv.gz" in cannot[public]


@pytest.mark.parametrize("place", ["data_raw", "elsewhere"])
def test_either_file_in_either_place_will_do(
    project: Path, notebook: Callable[..., Path], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLO_DATA", str(project / "elsewhere"))
    public, file = notebook("08", CODE, **PUBLIC), project / place / "piaac" / "b.csv.gz"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"data")
    assert verifiable(project) == ([public], {})
    assert data_file(about(public), project) == file


def test_the_command_says_what_cannot_be_verified(
    project: Path, notebook: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    notebook("09", CODE)
    assert main(["verifiable", "--root", str(project)]) == 0
    notebook("08", CODE, **PUBLIC)
    assert main(["verifiable", "--root", str(project)]) == 1
    assert "notebooks/08.ipynb is NOT VERIFIED" in capsys.readouterr().out


def test_chapters_are_those_of_the_monitor() -> None:
    frame = chapters("2023")
    assert list(frame["name"]) == sorted(frame["name"])
    assert frame.set_index("name")["source_class"]["08_netherlands_in_piaac"] == "public"
    assert set(frame["source_class"]) == {"published", "public", "synthetic"}
    assert "2025" in set(editions()["edition"])
    with pytest.raises(DataError, match="2022-1, 2022-2, 2023, 2025"):
        chapters("2024")


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_each_notebook_here_is_a_chapter_of_its_class(path: Path) -> None:
    chapter = next((chapter for chapter in CHAPTERS if chapter.name == path.stem), None)
    assert chapter is not None, "add it to llo_research/monitor/chapters.py"
    assert about(path).source_class == chapter.source_class
    cells = with_parameters(read_notebook(path), {"source": "told"})["cells"]
    assert chapter.reads_real == any('source = "told"' in "".join(cell["source"]) for cell in cells)
