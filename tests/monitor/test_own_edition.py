"""Proves that an edition of one's own, named by its file, is the edition of a chapter, and of its stamp."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from llo_research import cli
from llo_research.monitor.chapters import check_choices
from llo_research.monitor.editions import read_edition
from llo_research.monitor.notebooks.execute import execute, inputs
from tests.monitor.test_editions import new  # noqa: F401  # the made-up edition of 2026

module = import_module("llo_research.monitor.editions")


def test_the_kernel_knows_it(project: Path, notebook: Callable[..., Path], new: Path) -> None:  # noqa: F811  # a fixture
    monkey = "print(llo.monitor.tally(edition, 'en'), '_read' in dir())"
    cells = [("code", 'edition = "2023"', ["parameters"]), ("code", f"import llo_research as llo\n{monkey}")]
    path, told = notebook("01", cells), {"edition": read_edition(new).id}
    shown = execute(path, project, told)["cells"][1]["outputs"]
    assert "".join(shown[0]["text"]).startswith("22 figures: 1 seen, 21 reconstructed; 21 rebuilt")
    assert "".join(shown[0]["text"]).endswith("False\n"), "and no name is left behind"

    before = inputs(path, project, told)
    new.write_text(new.read_text(encoding="utf-8").replace("made up", "invented"), encoding="utf-8")
    now = inputs(path, project, told)
    assert [what for what in before if now[what] != before[what]] == ["the edition"]
    assert "the edition" not in inputs(path, project, {"edition": "2023"})


@pytest.mark.parametrize("command", [["monitor"], ["chapter", "01_development"]])
def test_the_command_takes_its_file(new: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:  # noqa: F811  # a fixture
    build, asked = import_module("llo_research.monitor.build"), []

    def note(*where: Any, edition: str, **more: Any) -> Path:
        check_choices(edition, "en", "real")
        asked.append(edition)
        return Path("index.html")

    for name in ("build_monitor", "build_chapter"):
        monkeypatch.setattr(build, name, note)
    assert cli.main([*command, "--edition", str(new)]) == 0
    assert asked == ["2026"]
    assert cli.main([*command, "--edition", str(new.with_name("none.toml"))]) == 2
    assert cli.main([*command, "--edition", "2025"]) == 0, "every edition of the monitor is built"
    assert cli.main([*command, "--edition", "2024"]) == 2
