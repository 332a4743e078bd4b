"""Proves that the help of each command has an example that its parser takes, where output goes, and exit codes."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from llo_research import cli
from llo_research.console.parser import parser

WIDEST = 120


def commands(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Every parser by the words that lead to it."""
    found = {top.prog: top}
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                found |= commands(one)
    return found


@pytest.mark.parametrize("name", commands(parser()))
def test_the_help_teaches(name: str) -> None:
    text = commands(parser())[name].format_help()
    assert re.findall(r"\n(examples|output|exit code):\n", text) == ["examples", "output", "exit code"]
    assert re.search(r"^  0  ", text, re.MULTILINE) and re.search(r"^  2  ", text, re.MULTILINE)
    assert text.isascii(), "it reads on every console"
    assert max(map(len, text.splitlines())) <= WIDEST


@pytest.mark.parametrize("name", commands(parser()))
def test_each_example_is_taken(name: str) -> None:
    examples = re.findall(r"^  llo (.*)$", commands(parser())[name].format_help(), re.MULTILINE)
    assert examples
    for example in examples:
        words = re.split(r"\s{2,}", example)[0].split()  # what follows wide space says what it is for
        if "COMMAND" not in words:
            assert parser().parse_args(words).command == words[0]


@pytest.mark.parametrize("words", [["--help"], ["chapter", "2", "--edition", "é"], ["check", "geen_één.csv"]])
def test_a_narrow_console_shows_it(words: list[str], tmp_path: Path) -> None:
    place = tmp_path / "a path with spaces"
    (place / "data_raw").mkdir(parents=True)
    env = dict(os.environ, PYTHONIOENCODING="cp1252", PYTHONPATH=str(Path(cli.__file__).parents[1]), PYTHONUTF8="0")
    run = subprocess.run(
        [sys.executable, "-m", "llo_research", *words],
        capture_output=True,
        cwd=place,
        env=env,
        timeout=120,
        check=False,
    )
    assert run.returncode == (0 if words == ["--help"] else 2)
    said = (run.stdout + run.stderr).decode("cp1252")
    assert "Traceback" not in said and (words[-1] in said or run.returncode == 0)


def test_help_loads_no_third_party_package() -> None:
    code = "import sys, llo_research.console.parser as p; p.parser().format_help(); print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "False"
