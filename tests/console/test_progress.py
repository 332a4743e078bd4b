"""Proves that progress counts steps and seconds on stderr, is silent when asked, and never counts what stopped."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

import pytest

from llo_research.console import progress
from llo_research.progress import LOGGER, Steps


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the clock shows, to be set."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def work(clock: list[float]) -> None:
    """Two steps, of 2 and 40 seconds."""
    steps = Steps("chapters", 2)
    for name, seconds in (("01 (nl)", 2.0), ("05 (nl)", 40.0)):
        with steps.step(name):
            clock[0] += seconds


def test_a_line_for_each_step_that_is_done(clock: list[float], capsys: Any) -> None:
    with progress.shown(quiet=False):
        work(clock)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "[chapters 1/2, 2 s] 01 (nl): 2.0 s\n[chapters 2/2, 42 s] 05 (nl): 40.0 s\n"


def test_a_terminal_also_hears_what_begins(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", stream)
    with progress.shown(quiet=False):
        work(clock)
    assert "[chapters 1/2, 2 s] 05 (nl): begins\n" in stream.getvalue()


def test_quiet_and_afterwards_nothing_is_said(clock: list[float], capsys: Any) -> None:
    with progress.shown(quiet=True):
        work(clock)
    with progress.shown(quiet=False):
        pass
    work(clock)
    assert capsys.readouterr().err == ""
    assert not any(isinstance(one, progress.Lines) for one in LOGGER.handlers)


def test_what_stopped_is_not_done(caplog: Any) -> None:
    steps = Steps("data", 2)
    with caplog.at_level(logging.INFO, logger=LOGGER.name):
        with pytest.raises(ZeroDivisionError), steps.step("a"):
            _ = 1 / 0
        with steps.step("b"):
            pass
    assert [str(record.msg) for record in caplog.records] == [
        "data: a begins (0 of 2)",
        "data: b begins (0 of 2)",
        "data: b done (1 of 2)",
    ]
    assert re.fullmatch(r"data: b done \(1 of 2\)", caplog.records[-1].getMessage())
