"""Proves that the command gives its exit codes, says what is wrong without a traceback, and hands options on."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from llo_research import cli

ROWS = "".join(f"2014,{k},1.0,{1 + k % 2},{1 + k % 4 // 2}\n" for k in range(1, 9))
GSS = "year,id,wtssall,vstrat,vpsu\n" + ROWS


@pytest.fixture
def gss_file(tmp_path: Path) -> Path:
    path = tmp_path / "gss.csv"
    path.write_text(GSS, encoding="utf-8", newline="\n")
    return path


def test_help_of_every_command(capsys: Any) -> None:
    for words in (
        [],
        ["data"],
        ["data", "fetch", "piaac"],
        ["data", "fetch", "statline"],
        ["check"],
        ["monitor"],
        ["chapter"],
    ):
        with pytest.raises(SystemExit) as caught:
            cli.main([*words, "--help"])
        assert caught.value.code == 0
        assert capsys.readouterr().out.startswith("usage: llo")


@pytest.mark.parametrize("words", [[], ["nothing"], ["check"], ["data", "fetch", "piaac", "--cycle", "3"], ["chapter"]])
def test_wrong_arguments_give_exit_code_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(words)
    assert caught.value.code == 2


def test_check_reports_and_gives_0_or_2(gss_file: Path, tmp_path: Path, capsys: Any) -> None:
    assert cli.main(["check", str(gss_file)]) == 0
    assert "no problems" in capsys.readouterr().out
    gss_file.write_text(GSS.replace("2014,3,1.0", "2014,3,-1.0"), encoding="utf-8")
    assert cli.main(["check", str(gss_file), "--instrument", "gss"]) == 2
    assert "1 row has a negative weight" in capsys.readouterr().out
    assert cli.main(["check", str(tmp_path / "none.csv")]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("llo: none.csv cannot be read.") and "Traceback" not in err


def test_data_outside_a_project_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["data"]) == 2
    assert "not inside a project" in capsys.readouterr().err


def test_data_builds_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.delenv("LLO_DATA", raising=False)
    folder = tmp_path / "data_raw" / "gss"
    folder.mkdir(parents=True)
    (folder / "gss.csv").write_text(GSS, encoding="utf-8", newline="\n")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["data", "--source", "real"]) == 0
    out = capsys.readouterr().out
    assert "data_processed/gss/gss." in out and ": 8 rows" in out and "piaac: no file found" in out
    assert cli.main(["data", "--source", "real"]) == 0 and "(up to date)" in capsys.readouterr().out


def test_fetch_hands_its_options_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from llo_research.data import fetch, statline

    calls: list[Any] = []
    monkeypatch.setattr(fetch, "fetch_piaac", lambda *a, **k: calls.append((a, k)) or tmp_path / "prgnldp2.csv")
    monkeypatch.setattr(statline, "fetch_statline", lambda *a, **k: calls.append((a, k)) or tmp_path / "85316NED")
    assert cli.main(["data", "fetch", "piaac", "--country", "nld", "--cycle", "2", "--quiet"]) == 0
    assert cli.main(["data", "fetch", "statline", "85316NED", "--to", str(tmp_path)]) == 0
    assert calls == [
        (("nld", 2), {"year": None, "folder": None, "quiet": True}),
        (("85316NED",), {"folder": tmp_path, "quiet": False}),
    ]
    assert capsys.readouterr().out.splitlines()[0].endswith("prgnldp2.csv")


def test_monitor_and_chapter_are_imported_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    calls: list[Any] = []
    build = types.ModuleType("llo_research.monitor.build")
    vars(build)["build_monitor"] = lambda root, **k: calls.append((root, k)) or root / "site"
    vars(build)["build_chapter"] = lambda root, name, **k: calls.append((name, k)) or root / name
    monkeypatch.setitem(sys.modules, "llo_research.monitor.build", build)
    (tmp_path / "data_raw").mkdir()
    monkeypatch.chdir(tmp_path)
    assert cli.main(["monitor", "--language", "en", "--offline"]) == 0
    assert cli.main(["monitor"]) == 0
    assert cli.main(["chapter", "08_netherlands_in_piaac"]) == 0
    assert cli.main(["chapter", "08_netherlands_in_piaac", "--language", "nl"]) == 0
    options = {"edition": "2023", "language": "en", "source": None, "offline": True}
    assert calls[0] == (tmp_path, options)
    assert calls[1] == (tmp_path, {**options, "language": None, "offline": False}), "both languages"
    assert calls[2] == ("08_netherlands_in_piaac", {**options, "source": "real", "offline": False})
    assert calls[3] == ("08_netherlands_in_piaac", {**options, "language": "nl", "source": "real", "offline": False})
    assert capsys.readouterr().out.splitlines()[0] == str(tmp_path / "site")


@pytest.mark.parametrize("choice", [["--source", "synthetic"]])
@pytest.mark.parametrize("command", [["monitor"], ["chapter", "08_netherlands_in_piaac"]])
def test_choices_that_change_nothing_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, command: list[str], choice: list[str]
) -> None:
    (tmp_path / "data_raw").mkdir()
    monkeypatch.chdir(tmp_path)
    assert cli.main([*command, *choice, "--offline"]) == 2
    said = capsys.readouterr()
    assert "is not built yet" in said.err and f"Leave {choice[0]} out" in said.err
    assert said.out == ""


def test_the_defaults_are_those_of_the_monitor() -> None:
    from llo_research.monitor.chapters import BUILT, EDITION, LANGUAGE, LANGUAGES

    options, one = (cli.parser().parse_args(command) for command in (["monitor"], ["chapter", "08"]))
    assert (options.edition, options.language, options.source) == (EDITION, None, None) == ("2023", None, None)
    assert one.language == LANGUAGE == "en"
    assert BUILT["language"] == LANGUAGES == cli.LANGUAGES


def test_the_module_runs_as_a_program_with_its_exit_code(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "llo_research.cli", "check", str(tmp_path / "none.csv")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=Path(cli.__file__).parents[1],
        timeout=120,
        check=False,
    )
    assert run.returncode == 2 and run.stderr.startswith("llo: none.csv") and "Traceback" not in run.stderr
