"""The page "Who takes the hours of training" prints what it shows, where the Dutch file of PIAAC is."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how_to" / "who_takes_the_hours.md"


def blocks() -> list[tuple[str, str]]:
    """Code and what is printed, in turn."""
    return re.findall(r"```(python|text)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def printed() -> list[str]:
    """What the code of the page prints, block by block."""
    names: dict[str, Any] = {}
    out = []
    for kind, body in blocks():
        if kind == "python":
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(body, names)  # the page's own code
            if said.getvalue():
                out.append(said.getvalue())
    return out


def test_the_page_prints_what_it_shows() -> None:
    try:
        llo.load("piaac", country="nld", cycle=1)
    except llo.DataError as absent:
        pytest.skip(f"not verified: {absent.what}")
    assert printed() == [body for kind, body in blocks() if kind == "text"]
