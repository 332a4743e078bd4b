"""Proves that the command gives its exit codes, says what is wrong without a traceback, and hands options on."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from llo_research import cli
from llo_research.errors import DataError, LloError

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


def test_a_file_that_is_not_there_is_told_as_such(gss_file: Path, capsys: Any) -> None:
    for name, found in (
        ("gs.csv", "no such file; did you mean 'gss.csv'?"),
        ("nothing", "no such file"),
        ("", "a folder"),
    ):
        assert cli.main(["check", str(gss_file.parent / name)]) == 2
        assert f"found: {found}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (LloError("Notebook 02 stopped."), 1),
        (PermissionError("index.html"), 1),
        (DataError("No."), 2),
        (KeyboardInterrupt(), 130),
    ],
)
def test_what_stops_has_its_exit_code(
    raised: BaseException, code: int, gss_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise raised

    monkeypatch.setattr("llo_research.data.check.check_file", stop)
    assert cli.main(["check", str(gss_file)]) == code
    assert capsys.readouterr().err.startswith("llo: ")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["moniter"], "'monitor'"),
        (["monitor", "--source", "reel"], "'real'"),
        (["data", "fetch", "piac"], "'piaac'"),
        (["monitor", "--edtion", "2023"], "'--edition'"),
        (["data", "fetch", "piaac", "--contry=nld"], "'--country'"),
        (["chapter", "02_learning_behavior"], "'02_learning_behaviour'"),
        (["chapter", "2", "--edition", "2032"], "'2025' or '2023'"),
        (["check", __file__, "--instrument", "nae"], "'nea'"),
    ],
)
def test_a_misspelling_is_met_with_what_may_be_meant(words: list[str], meant: str, capsys: Any) -> None:
    try:
        code = cli.main(words)
    except SystemExit as left:
        code = int(str(left.code))
    assert code == 2
    said = capsys.readouterr()
    assert f"id you mean {meant}?" in said.err and "what to do: " in said.err and not said.out


@pytest.mark.parametrize("words", [["data"], ["monitor", "--offline"], ["chapter", "2"]])
def test_what_needs_a_project_is_refused_outside_one(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(words) == 2
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


def test_fetch_takes_several_countries_or_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from llo_research.data import fetch_countries

    calls: list[Any] = []
    told = fetch_countries.Fetched([tmp_path / "prgnldp1.csv", tmp_path / "prgswep1.csv"], {})
    monkeypatch.setattr(fetch_countries, "fetch_countries", lambda *a, **k: calls.append((a, k)) or told)
    assert cli.main(["data", "fetch", "piaac", "--country", "nld", "swe", "--to", str(tmp_path)]) == 0
    assert cli.main(["data", "fetch", "piaac", "--all", "--cycle", "2", "--quiet"]) == 0
    assert calls == [
        ((["nld", "swe"], 1), {"year": None, "folder": tmp_path, "quiet": False}),
        ((None, 2), {"year": None, "folder": None, "quiet": True}),
    ]
    assert capsys.readouterr().out.splitlines() == [*map(str, told.files)] * 2
    with pytest.raises(SystemExit):
        cli.main(["data", "fetch", "piaac", "--all", "--country", "nld"])


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
    assert cli.main(["monitor", "--source", "real"]) == 0
    assert cli.main(["chapter", "8"]) == 0
    assert cli.main(["monitor", "--offline", "--language", "en", "--address", "https://example.org"]) == 0
    options = {"edition": "2023", "language": "en", "offline": True}
    one = {**options, "source": None, "offline": False}
    assert calls[0] == (tmp_path, options), "the source of each chapter"
    assert calls[1] == (tmp_path, {**options, "language": None, "offline": False}), "both languages"
    assert calls[2] == calls[5] == ("08_netherlands_in_piaac", one)
    assert calls[3] == ("08_netherlands_in_piaac", {**one, "language": "nl"})
    assert calls[6] == (tmp_path, {**options, "address": "https://example.org"})
    assert calls[4] == (tmp_path, {"edition": "2023", "language": None, "source": "real", "offline": False})
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
    from llo_research.console import parser
    from llo_research.monitor.chapters import BUILT, EDITION, LANGUAGE, LANGUAGES, SOURCES

    options, one = (parser.parser().parse_args(command) for command in (["monitor"], ["chapter", "08"]))
    assert (options.edition, options.language, options.source) == (EDITION, None, None)
    assert (one.language, one.source) == (LANGUAGE, None) == ("en", None)
    assert BUILT["language"] == LANGUAGES == parser.LANGUAGES
    assert SOURCES == parser.SOURCES and EDITION == parser.EDITION == "2023"


@pytest.mark.parametrize("module", ["llo_research", "llo_research.cli"])
def test_the_module_runs_as_a_program_with_its_exit_code(tmp_path: Path, module: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", module, "check", str(tmp_path / "none.csv")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=Path(cli.__file__).parents[1],
        timeout=120,
        check=False,
    )
    assert run.returncode == 2 and run.stderr.startswith("llo: none.csv") and "Traceback" not in run.stderr
