"""The example of every panel estimator runs and says what it shows; all names are reached as llo.panel.NAME."""

from __future__ import annotations

import doctest
import sys

import pytest

import llo_research as llo


@pytest.mark.parametrize("name", llo.panel.__all__)
def test_example(name: str) -> None:
    function = getattr(llo.panel, name)
    module = sys.modules[function.__module__]
    found = [test for test in doctest.DocTestFinder().find(function, name, module) if test.examples]
    assert found, f"{name} has no example"
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert sum(runner.run(test).failed for test in found) == 0
