"""Proves that the picture of the README shows the numbers of the chapter, and those of the file where it is there."""

from __future__ import annotations

import json

import pytest

import llo_research as llo
from llo_research.monitor.readme_picture import PATH, drawn
from llo_research.report.figures.bundle import MIME
from llo_research.report.figures.fingerprint import fingerprint, mark_in
from tests.monitor.conftest import ROOT


def test_its_numbers_are_those_of_the_chapter() -> None:
    notebook = json.loads((ROOT / "notebooks" / "08_netherlands_in_piaac.ipynb").read_text(encoding="utf-8"))
    shown = [output.get("data", {}) for cell in notebook["cells"] for output in cell.get("outputs", [])]
    mark = mark_in((ROOT / PATH).read_bytes())
    assert mark is not None
    assert mark in {data[MIME]["numbers"] for data in shown if MIME in data}


def test_its_numbers_are_those_of_the_file() -> None:
    try:
        figure = drawn()
    except llo.DataError:
        pytest.skip("the PIAAC file is not here: llo data fetch piaac --country nld --cycle 1")
    assert mark_in((ROOT / PATH).read_bytes()) == fingerprint(figure.frame)
    assert "less often" in figure.title and "more often" in figure.title
