"""The page "A week inside Remote Access", as a new user goes through it: each command and line of code, in order."""

from __future__ import annotations

import doctest
import json
import re
import runpy
import shutil
import warnings
from pathlib import Path

import pytest

from llo_research import cli
from tests.monitor.conftest import ROOT
from tests.monitor.test_docs import write

PAGE = ROOT / "docs" / "how_to" / "a_week_inside.md"
# what a clone has that the week uses
CLONE = ("docs", "notebooks", "data_raw/published", "CITATION.cff")
# what never leaves: the names of the files, and counts behind a share or of one person
INSIDE = ("nea2022.sav", str(Path.home()), "n_complement", "n_nonzero")
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_SAME = doctest.OutputChecker()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone, and nothing of this computer's data."""
    folder = tmp_path / "project"
    for name in CLONE:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile)(ROOT / name, target)
    monkeypatch.delenv("LLO_DATA", raising=False)
    monkeypatch.chdir(folder)
    return folder


def run(command: str) -> None:
    """A line of a shell."""
    program, *words = command.split()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if program == "python":
            for path in runpy.run_path(words[0])["make"](Path(words[1])):
                print(path.as_posix())
        else:
            assert cli.main([*words, *(["--quiet"] if words[0] in ("chapter", "monitor") else [])]) == cli.DONE


def shell(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Commands, each with what it prints."""
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, _, said = part.partition("\n")
        capsys.readouterr()
        run(command)
        given = capsys.readouterr().out
        assert _SAME.check_output(said, given, doctest.ELLIPSIS), f"{command}\n{said}\nexpected, given:\n{given}"


@pytest.mark.slow
def test_the_week_as_the_page_has_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    text = PAGE.read_text(encoding="utf-8")
    for number, (kind, block) in enumerate(_BLOCK.findall(text), start=1):
        if kind == "text":
            shell(block, capsys)
        elif kind == "toml":
            write(block)
        else:
            said: list[str] = []
            example = doctest.DocTestParser().get_doctest(block, names, f"block {number}", str(PAGE), 0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(
                    example, out=said.append, clear_globs=False
                )
            names = example.globs
            assert "".join(said) == ""
    leaves = sorted(path for path in (project.parent / "release_1").iterdir() if path.is_file())
    assert {path.suffix for path in leaves} == {".csv", ".json", ".txt"}
    everything = "\n".join(path.read_text(encoding="utf-8") for path in leaves)
    assert [word for word in INSIDE if word in everything] == []
    cells = [json.loads(path.read_text(encoding="utf-8"))["cells"] for path in leaves if path.suffix == ".json"]
    assert not any("largest_share" in one for one in cells)
    assert not (project / "data_processed" / "restricted" / "tmp").exists() or not any(
        path for path in (project / "data_processed" / "restricted" / "tmp").rglob("*.csv")
    )
