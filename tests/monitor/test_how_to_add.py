"""Proves that the pages on adding an edition and an indicator hold: what they say is done, and nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import llo_research as llo
from llo_research.errors import LloWarning
from tests.monitor.conftest import ROOT

PAGE = (ROOT / "docs" / "how_to" / "add_an_edition.md").read_text(encoding="utf-8")
SECONDS = 120  # of computing, on a busy machine; the rest of the morning is for finding its numbers
files = import_module("llo_research.monitor.edition_files")
module = import_module("llo_research.monitor.editions")  # a function of the package has the same name
numbers = import_module("llo_research.monitor.edition_numbers")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to work in; what is read there is forgotten afterwards, and the monitor's own folder is left alone."""
    monkeypatch.setattr(module, "_OWN", {})
    monkeypatch.setattr(module, "_FILES", {})
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    monkeypatch.undo()
    module._monitors.cache_clear()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_page_is_followed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = time.process_time()
    (folder / "2026.toml").write_text(blocks("toml")[0], encoding="utf-8")
    with pytest.warns(LloWarning):  # there are no real files here, and the page asks for none
        for line in blocks("python")[0].splitlines():
            shown = eval(line, {"llo": llo})  # the page's own line
            assert shown is not None
    assert shown.frame["theirs"].tolist() == [54.0]
    assert llo.monitor.figures("2026")["status"].value_counts().to_dict() == {"reconstructed": 19, "seen": 2}
    assert llo.monitor.tally("2026", "en").endswith("20 rebuilt, 0 published only, 1 not available")

    own = folder / "editions"
    own.mkdir()
    for path in (*files.FOLDER.glob("*.toml"), folder / "2026.toml"):
        (own / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(files, "FOLDER", own)
    monkeypatch.setattr(module, "_OWN", {})
    module._monitors.cache_clear()
    assert numbers.main(["write", "2026", "--root", str(folder)]) == 0
    text = (folder / "notebooks" / "editions" / "2026.json").read_text(encoding="utf-8")
    assert '"nea:2024:training"' in text and '"theirs": 54' in text
    assert time.process_time() - started < SECONDS


def test_every_key_of_the_page_is_one() -> None:
    """The second block of the page is a reference: its keys are those that a file may have."""
    shown = set(re.findall(r"^(\w+) = ", blocks("toml")[1], flags=re.MULTILINE)) - {"training"}
    assert shown <= {*files._FIGURE, "name", "figures", "lacking"}
    assert {*files._FIGURE} <= shown | {"published"}
    named = set(re.findall(r"(?:\{|,) (\w+) = ", re.findall(r"published = \[.*?\n\]", blocks("toml")[1], re.DOTALL)[0]))
    told = named | {name for name in files._ENTRY if f"`{name}" in PAGE}
    assert told >= {*files._ENTRY}


def test_the_page_of_an_indicator_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("indicators", "groups"):
        monkeypatch.setattr(import_module(f"llo_research.monitor.{name}"), "_OWN", {})
    page = (ROOT / "docs" / "how_to" / "add_an_indicator.md").read_text(encoding="utf-8")
    first, *others = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    lines = [line for line in first.splitlines() if line.strip()]
    assert len(lines) <= 13, "an indicator and a group of one's own in ten lines, beside the data"
    names: dict[str, object] = {}
    *before, last = first.strip().splitlines()
    exec("\n".join(before), names)
    shown = eval(last, names)
    assert set(shown.frame["Age"]) == {"25-54", "55 and over"} and "Learns neither" in shown.title
    assert shown.frame["estimate"].between(2, 60).all()
    for code in others:
        exec(code, names)
    assert names["apart"].estimate.shape == (1,) and names["apart"].estimate[0] < 0
