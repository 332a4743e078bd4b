"""Proves that the examples in the docstrings of the monitor run and give what they show."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

import llo_research as llo


@pytest.mark.parametrize("name", llo.monitor.__all__)
def test_examples_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("indicators", "groups"):  # what an example declares ends with it
        monkeypatch.setattr(import_module(f"llo_research.monitor.{module}"), "_OWN", {})
    said: list[str] = []
    found = doctest.DocTestFinder(recurse=False).find(getattr(llo.monitor, name), name, globs={"llo": llo})
    for example in found:
        doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert "".join(said) == "" and found
