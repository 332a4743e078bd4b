"""Proves that each public function documents its parameters and what it returns, with an example that runs."""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


NAMES = [name for name in llo.__all__ if not name.startswith("_")]


def undocumented(function: Callable[..., Any]) -> list[str]:
    """Parameters that the docstring does not list, and sections that it lacks."""
    text = inspect.getdoc(function) or ""
    sections = re.findall(r"^(\w+)\n-+$", text, flags=re.MULTILINE)
    wanted = ["Examples"] if inspect.isclass(function) else ["Returns", "Examples"]
    lacking = [section for section in wanted if section not in sections]
    for name in inspect.signature(function).parameters:
        entry = rf"^(?:[\w*]+, )*\*{{0,2}}{name}(?:, [\w*]+)*(?: :.*)?$"
        if not re.search(entry, text, flags=re.MULTILINE):
            lacking.append(f"parameter {name}")
    return lacking


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_returns_are_documented(name: str) -> None:
    value = getattr(llo, name)
    subpackage_or_error = inspect.ismodule(value) or (inspect.isclass(value) and issubclass(value, Exception))
    assert inspect.getdoc(value)
    assert subpackage_or_error or undocumented(value) == []


@pytest.mark.parametrize("name", NAMES)
def test_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    finder = doctest.DocTestFinder(recurse=False)
    said: list[str] = []
    for example in finder.find(getattr(llo, name), name, globs={"llo": llo}):
        failed, _ = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False).run(example, out=said.append)
        assert failed == 0, "".join(said)


def test_the_rule_can_fail() -> None:
    def bare(x: int, y: int) -> int:
        """Add.

        Parameters
        ----------
        x : int
        """
        return x + y

    assert undocumented(bare) == ["Returns", "Examples", "parameter y"]
