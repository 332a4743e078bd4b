"""Proves that run.py speaks clearly to old Pythons and narrow consoles, and knows when .venv needs work."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

AS_MAIN = "runpy.run_path({!r}, run_name='__main__')"
OLD = "import runpy, sys; sys.version_info = (3, 8, 0, 'final', 0); " + AS_MAIN.format("run.py")
TOO_NEW = (ast.JoinedStr, ast.NamedExpr, ast.Match, ast.AnnAssign, ast.AsyncFunctionDef, ast.Starred)


@pytest.fixture
def run(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_py", root / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(run: ModuleType, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """run.py pointed at an empty project in a path with a space."""
    folder = tmp_path / "a project"
    folder.mkdir()
    for name in ("pyproject.toml", "requirements.lock", "requirements-lab.lock", "requirements-spark.lock"):
        (folder / name).write_bytes((root / name).read_bytes())
    for name, value in {
        "ROOT": folder,
        "LOCK": folder / "requirements.lock",
        "VENV": folder / ".venv",
        "LAB_LOCK": folder / "requirements-lab.lock",
        "LAB_VENV": folder / ".venv-lab",
        "SPARK_LOCK": folder / "requirements-spark.lock",
        "SPARK_VENV": folder / ".venv-spark",
    }.items():
        monkeypatch.setattr(run, name, value)
    monkeypatch.setattr(run, "STAMP", folder / ".venv" / "llo-environment.json")
    return folder


def test_syntax_is_old_enough_to_reach_the_version_check(root: Path) -> None:
    tree = ast.parse((root / "run.py").read_text(encoding="ascii"))
    calls_may_unpack = {id(arg) for node in ast.walk(tree) if isinstance(node, ast.Call) for arg in node.args}
    new = [node for node in ast.walk(tree) if isinstance(node, TOO_NEW) and id(node) not in calls_may_unpack]
    new += [node for node in ast.walk(tree) if isinstance(node, ast.arg) and node.annotation]
    new += [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and (node.returns or node.args.kwonlyargs)
    ]
    assert [ast.dump(node) for node in new] == []


def test_an_old_python_is_told_so(root: Path) -> None:
    answer = subprocess.run([sys.executable, "-c", OLD], cwd=root, capture_output=True, text=True)
    assert answer.returncode == 1
    assert "needs Python 3.11 or newer; this is Python 3.8" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_narrow_console_and_another_folder_do_no_harm(root: Path, tmp_path: Path) -> None:
    env = dict(os.environ, PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    code = "import runpy, sys; sys.argv = ['run.py', '--help']; " + AS_MAIN.format(str(root / "run.py"))
    answer = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True)
    assert answer.returncode == 0, answer.stderr
    assert b"monitor" in answer.stdout


def test_step_output_that_the_console_cannot_show_is_replaced(
    run: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    script = "import sys; sys.stdout.buffer.write('caf\\u00e9 \\u03b8\\n'.encode()); sys.exit(3)"
    name, passed, _, last = run.run_step("x", [sys.executable, "-c", script], dict(os.environ))
    assert (name, passed, last) == ("x", False, "caf\u00e9 \u03b8")


@pytest.mark.parametrize(
    ("arguments", "verb", "rest"),
    [
        (["monitor", "--offline", "--edition", "2023"], "monitor", ["--offline", "--edition", "2023"]),
        (
            ["chapter", "08_netherlands_in_piaac", "--language", "nl"],
            "chapter",
            ["08_netherlands_in_piaac", "--language", "nl"],
        ),
        (["shell", "-m", "pytest", "-x"], "shell", ["-m", "pytest", "-x"]),
        (["--no-venv", "lock", "--upgrade"], "lock", ["--upgrade"]),
        (["lab", "--no-browser", "--port=8890"], "lab", ["--no-browser", "--port=8890"]),
    ],
)
def test_what_a_verb_does_not_know_is_handed_over(
    run: ModuleType, arguments: list[str], verb: str, rest: list[str]
) -> None:
    options, found = run.read_arguments(arguments)
    assert (options.verb, found) == (verb, rest)
    assert options.no_venv is ("--no-venv" in arguments)


@pytest.mark.parametrize("arguments", [["test", "--slo"], ["tset"], [], ["test", "--no-index", "absent-folder"]])
def test_bad_arguments_give_exit_code_2(run: ModuleType, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        run.read_arguments(arguments)
    assert stop.value.code == 2


@pytest.mark.parametrize(
    "rest",
    [[], ["--offline"], ["--language", "nl"], ["--edition", "2023", "--offline"], ["--no-venv", "--source=real"]],
)
def test_a_chapter_without_a_name_is_refused_before_anything_is_built(
    run: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rest: list[str]
) -> None:
    monkeypatch.setattr(run, "prepare", lambda options: pytest.fail("the environment was prepared"))
    with pytest.raises(SystemExit) as stop:
        run.main(["chapter", *rest])
    assert stop.value.code == 2
    assert "which chapter? For example: python run.py chapter 08" in capsys.readouterr().err
    assert not run.VENV.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["monitor", "--help"], 0, "usage: llo monitor"),
        (["chapter", "--help"], 0, "examples:"),
        (["--help"], 0, "Exit code: 0 done, 1 begun but it failed, 2"),
        (["monitor", "--source", "reel"], 2, "did you mean 'real'?"),
        (["chapter", "8", "--langauge", "nl"], 2, "--langauge"),
        (["bundle", "--help"], 0, "--platform"),
        (["bundle", "--core", "--full"], 2, "not allowed with"),
        (["bundle", "win_amd64"], 2, "unrecognized arguments: win_amd64"),
    ],
)
def test_help_and_what_is_wrong_need_no_environment(
    run: ModuleType,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.setattr(run, "prepare", lambda options: pytest.fail("the environment was prepared"))
    with pytest.raises(SystemExit) as stop:
        run.main(arguments)
    assert stop.value.code == code
    told = capsys.readouterr()
    assert said in (told.err if code else told.out)


@pytest.mark.parametrize("rest", [["08_x"], ["--language", "nl", "08_x"], ["08_x", "--offline"], ["--offline", "08_x"]])
def test_the_name_of_a_chapter_may_stand_anywhere(run: ModuleType, rest: list[str]) -> None:
    assert run.read_arguments(["chapter", *rest])[1] == rest


def test_condition_of_the_environment(run: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run.condition() == "absent"
    run.VENV.mkdir()
    assert run.condition() == "broken"
    monkeypatch.setattr(run, "runs", lambda python: True)
    assert run.condition() == "foreign"
    run.STAMP.write_text("unfinished\n", encoding="utf-8")
    assert run.condition() == "broken"

    package = run.site_packages() / "numpy-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "RECORD").write_text("", encoding="utf-8")
    run.STAMP.write_text(json.dumps({"wanted": run.wanted(), "installed": run.installed()}), encoding="utf-8")
    assert run.condition() == "ready"
    run.LOCK.write_text("changed\n", encoding="utf-8")
    assert run.condition() == "outdated"
    (package / "RECORD").unlink()
    assert run.condition() == "broken"


def test_jupyterlab_has_an_environment_of_its_own(
    run: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, ...]] = []

    def install(uv: object, no_index: object, venv: Path, lock: Path) -> None:
        made.append((venv.name, lock.name, str(no_index)))
        package = run.site_packages(venv) / "jupyterlab-4.0.dist-info"
        package.mkdir(parents=True, exist_ok=True)
        (package / "RECORD").write_text("", encoding="utf-8")

    monkeypatch.setattr(run, "create", lambda uv, venv: (made.append(("created", venv.name)), venv.mkdir()))
    monkeypatch.setattr(run, "install", install)
    monkeypatch.setattr(run, "runs", lambda python: True)
    options, _ = run.read_arguments(["--no-index", str(project), "lab"])
    before = run.wanted()
    asked = (options, "JupyterLab", run.LAB_VENV, run.LAB_LOCK)
    python = run.prepare_beside(*asked)
    assert Path(python) == run.venv_python(run.LAB_VENV) and run.LAB_VENV in Path(python).parents
    assert made == [("created", ".venv-lab"), (".venv-lab", "requirements-lab.lock", str(project))]
    assert run.prepare_beside(*asked) == python and len(made) == 2, "installed once"
    assert (run.condition(run.LAB_VENV), run.condition()) == ("ready", "absent")
    run.LAB_LOCK.write_text("changed\n", encoding="utf-8")
    assert run.condition(run.LAB_VENV) == "outdated"
    assert run.wanted() == before, "what .venv is made from does not hang on JupyterLab"
    pyproject = (project / "pyproject.toml").read_text(encoding="utf-8")
    (project / "pyproject.toml").write_text(pyproject.replace("jupyterlab>=4.2", "jupyterlab>=4.3"), encoding="utf-8")
    assert run.wanted() == before

    run.LAB_LOCK.unlink()
    with pytest.raises(run.Failed, match=r"run\.py lock' makes it"):
        run.prepare_beside(*asked)


def test_jupyterlab_runs_notebooks_with_the_packages_of_venv(
    run: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(run, "prepare_beside", lambda *asked: "lab-python")
    answer = type("Answer", (), {"returncode": 0})
    monkeypatch.setattr(run.subprocess, "run", lambda command, **how: (started.append(command), answer)[1])
    options, rest = run.read_arguments(["lab", "--no-browser"])
    assert run.lab("the-python-of-venv", options, rest) == 0
    told = json.loads((run.LAB_VENV / "share/jupyter/kernels/python3/kernel.json").read_text(encoding="utf-8"))
    assert told["argv"] == ["the-python-of-venv", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert started[0][:3] == ["lab-python", "-m", "jupyterlab"] and started[0][-1] == "--no-browser"
    assert "--LabApp.extension_manager=readonly" in started[0]
    options.no_venv = True
    run.lab("this-python", options, [])
    assert started[1][0] == "this-python", "with --no-venv it is that of the environment one is in"


def test_scans_are_tested_on_spark_beside_the_packages_of_venv(
    run: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    started: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(run, "prepare_beside", lambda *told: asked.append(told[1:]))
    monkeypatch.setattr(
        run.subprocess,
        "run",
        lambda command, **how: (started.append((command, how["env"])), SimpleNamespace(returncode=3))[1],
    )
    options, rest = run.read_arguments(["test", "--spark"])
    assert run.test("the-python-of-venv", options, rest) == 3
    assert asked == [("Spark", run.SPARK_VENV, run.SPARK_LOCK)]
    command, env = started[0]
    assert command[0] == "the-python-of-venv" and "tests/scan" in command
    assert env["PYTHONPATH"] == str(run.site_packages(run.SPARK_VENV)) and env["LLO_TEST_SPARK"] == "1"
    options.no_venv = True
    run.test("this-python", options, rest)
    assert len(asked) == 1, "with --no-venv it is what the environment one is in holds"


def test_no_venv_names_what_is_missing(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "declared", lambda *extras: {"numpy": "999.0", "no-such-package": "1.2"})
    with pytest.raises(
        run.Failed, match=r"(?s)no-such-package is not installed \(needed: 1.2.*numpy is .*needed: 999.0"
    ):
        run.check_interpreter("monitor")


def test_missing_ensurepip_is_explained(run: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(run.Failed, match="apt install python3-venv"):
        run.create(None)


def test_a_notebook_without_its_data_is_not_verified(
    run: ModuleType, root: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "notebooks").mkdir()
    about = {"source_class": "public", "needs_one_of": ["piaac/nld.csv.gz"], "obtain": "Run llo data fetch piaac."}
    for name, said in {"08": about, "09": {"source_class": "published"}}.items():
        text = json.dumps({"metadata": {"llo": said}, "cells": []})
        (project / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    options, _ = run.read_arguments(["test", "--no-venv"])
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.delenv("LLO_DATA", raising=False)
    verify, absent, known = run.notebooks(sys.executable, options)
    assert verify == ["notebooks/09.ipynb"]
    assert (list(absent), known) == (["notebooks/08.ipynb"], True)
    assert "Run llo data fetch piaac." in absent["notebooks/08.ipynb"]

    (project / "elsewhere" / "piaac").mkdir(parents=True)
    (project / "elsewhere" / "piaac" / "nld.csv.gz").write_bytes(b"")
    monkeypatch.setenv("LLO_DATA", str(project / "elsewhere"))
    assert run.notebooks(sys.executable, options) == [["notebooks/08.ipynb", "notebooks/09.ipynb"], {}, True]

    (project / "notebooks" / "09.ipynb").write_text("{", encoding="utf-8")
    assert run.notebooks(sys.executable, options) == ([], {}, False)


def test_a_bundle_that_cannot_be_made_says_so(run: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["bundle", "--platform", "plan9"]) == 2
    assert "There is no such platform." in capsys.readouterr().out


def test_a_bundle_that_was_unpacked_fetches_nothing(
    run: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    answer = type("Answer", (), {"returncode": 0})
    monkeypatch.setattr(run.subprocess, "run", lambda command, **how: (started.append(command), answer)[1])
    options, rest = run.read_arguments(["chapter", "02"])
    run.command_line("python", options, rest)
    assert options.no_index is None and started[-1][-2:] == ["chapter", "02"]
    (project / "wheels").mkdir()
    monkeypatch.setattr(run, "SEALED", project / "wheels")
    options, rest = run.read_arguments(["chapter", "02"])
    run.command_line("python", options, rest)
    assert options.no_index == project / "wheels" and started[-1][-3:] == ["chapter", "02", "--offline"]
    run.install(None, options.no_index)
    assert ["--no-index", "--find-links", str(project / "wheels")] == started[-1][-3:]
