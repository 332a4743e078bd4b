"""Proves that a notebook tells what it was made from, and that a change of library or data is found and named."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from llo_research.monitor.notebooks.execute import execute, inputs, save
from tests.monitor.conftest import ROOT

module = import_module("llo_research.monitor.notebooks.made_from")
SOURCE = "# reads llo.published()\nprint(1)"


@pytest.fixture
def made(project: Path, notebook: Callable[..., Path]) -> Path:
    """An executed notebook on an open file, synthetic data being another's."""
    folder = project / "data_raw"
    (folder / "p").mkdir()
    (folder / "p" / "a.csv").write_text("1", encoding="utf-8")
    (folder / "published" / "figures.csv").write_text("1", encoding="utf-8")
    about = {"source_class": "public", "needs_one_of": ["p/a.csv"], "obtain": "Fetch it."}
    path = notebook("08", [("code", SOURCE)], **about)
    save(execute(path, project), path)
    return path


def test_it_is_up_to_date_and_stays_so(project: Path, made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = json.loads(made.read_text(encoding="utf-8"))["metadata"]["llo"]["made_from"]
    assert set(said) == {"library", "code", "data"} and set(said["data"]) == {"a.csv", "published figures"}
    before = inputs(made, project, {})
    save(execute(made, project), made)
    assert json.loads(made.read_text(encoding="utf-8"))["metadata"]["llo"]["made_from"] == said
    assert inputs(made, project, {}) == before, "what it says of itself is no input"
    assert module.main(["--root", str(project)]) == 0
    assert capsys.readouterr().out == "08: up to date\n"
    assert module.stale(project) == []


def test_prose_beside_the_data_changes_nothing(project: Path, made: Path) -> None:
    (project / "data_raw" / "published" / "README.md").write_text("text", encoding="utf-8")
    assert module.outdated(made, project) == []


@pytest.mark.parametrize(
    ("file", "said"), [("p/a.csv", "a.csv changed"), ("published/figures.csv", "published figures changed")]
)
def test_data_that_changed_are_named(project: Path, made: Path, file: str, said: str) -> None:
    (project / "data_raw" / file).write_text("2", encoding="utf-8")
    assert module.outdated(made, project) == [said]
    assert module.stale(project) == [f"08: {said}; 'llo chapter 08' makes it anew"]


def test_data_that_are_not_here_cannot_be_compared(project: Path, made: Path) -> None:
    (project / "data_raw" / "p" / "a.csv").unlink()
    assert module.outdated(made, project) == []


def test_another_version_is_named(
    project: Path, made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    version = module.__version__
    monkeypatch.setattr(module, "__version__", "9.9")
    assert module.main(["--root", str(project)]) == 1
    assert capsys.readouterr().out == f"08: made with version {version}, now 9.9\n"


def test_other_code_is_told_and_is_not_stale(project: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_code", lambda: "0" * 16)
    assert module.report(project) == ["08: up to date (code changed since; its numbers are compared)"]
    assert module.stale(project) == []


def test_a_notebook_that_says_nothing_is_not_up_to_date(project: Path, notebook: Callable[..., Path]) -> None:
    notebook("09", [("code", "1")])
    assert module.stale(project) == ["09: it does not say what it was made from; 'llo chapter 09' makes it anew"]


def test_what_reads_no_published_figures_does_not_depend_on_them(project: Path, notebook: Callable[..., Path]) -> None:
    path = notebook("06m", [("code", "1")], source_class="synthetic")
    save(execute(path, project), path)
    said = json.loads(path.read_text(encoding="utf-8"))["metadata"]["llo"]["made_from"]
    assert set(said["data"]) == {"synthetic population"}


def test_the_notebooks_of_the_project_are_up_to_date() -> None:
    found = module.stale(ROOT)
    assert not found, "\n".join(found)
