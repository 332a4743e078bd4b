"""A chapter on real files says what they cannot show, and goes on; every other error stops it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research.errors import LloError
from llo_research.monitor.absent import Absent, Held
from llo_research.monitor.notebooks.runner import run_cells
from llo_research.monitor.notebooks.withheld import names_from, reason

SURVEY = """\
import pandas as pd
import llo_research as llo
from llo_research.monitor.absent import Absent
frame = pd.DataFrame({"year": 2022, "a": [0.0, 1.0] * 20, "w": 1.0})
svy = llo.Survey(frame, weights="w", source={"kind": "restricted", "restricted": True})
late = 1"""
EMPTY = "early = 1\nlate = svy.where('year == 2014')\nafter = 2"


def _run(tmp_path: Path, *sources: str, tells: str = "en") -> list[str]:
    """What each cell shows."""
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{k}", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for k, source in enumerate(sources)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    shown = run_cells(notebook, tmp_path, "chapter", tells=tells)["cells"]
    return [
        "".join(one["data"].get("text/markdown", one["data"]["text/plain"]) for one in cell["outputs"])
        for cell in shown
    ]


def test_what_real_files_cannot_show_is_said_in_its_place(tmp_path: Path) -> None:
    few = "print(llo.report.sentences('{a}', a=llo.mean('a', svy)))"
    shown = _run(tmp_path, SURVEY, few, EMPTY, "early", "late", "after", "Absent('zea').frame", "svy.frame.shape")
    assert shown == [
        "",
        "*Withheld: it rests on too few respondents to be shown.*",
        "*Withheld: the files here hold no answers for it (`year == 2014`).*",
        "1",
        *[
            f"*Withheld: it is computed from what was withheld or is not here (`{name}`).*"
            for name in ("late", "after")
        ],
        "*Withheld: there are no files of the ZEA here.*",
        "(40, 3)",
    ]


@pytest.mark.parametrize("source", ["unknown + 1", "svy.where('strange == 1')", "1 / 0"])
def test_other_errors_stop_it(tmp_path: Path, source: str) -> None:
    with pytest.raises(LloError, match="stopped in code cell 2"):
        _run(tmp_path, SURVEY, source, "1")


def test_on_synthetic_data_nothing_is_withheld(tmp_path: Path) -> None:
    with pytest.raises(LloError, match="The domain is empty"):
        _run(tmp_path, SURVEY, EMPTY, tells="")


def test_names_are_lost_from_the_statement_on_that_raised() -> None:
    assert names_from("a = 1\nb = (\n  2\n)\ndef f():\n    c = 3\nd = 4", 3) == {"b", "f", "d"}
    assert reason(NameError("x", name="x"), {"y"}) is None
    assert reason(llo.DataError("Another."), set()) is None


def test_a_survey_without_files_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("llo_research.monitor.surveys")
    nea = llo.synthetic("nea", years=2022, n=2000)
    monkeypatch.setattr(module, "has_files", lambda name: name == "nea")
    monkeypatch.setattr(module, "load_of", lambda edition, name, source: nea)
    found = llo.monitor.surveys("2023", source="real")
    assert isinstance(found, Held) and list(found) == ["nea"] and found.absent == ("zea", "wea")
    assert "No files of ZEA, WEA: left out" in repr(
        llo.monitor.opening(found, edition="2023", columns=["year"], language="en")
    )
    whole = llo.monitor.estimates("1", surveys={"nea": nea, "zea": found["zea"]})
    assert whole.labels == llo.monitor.estimates("1", surveys=found).labels
    with pytest.raises(llo.DataError, match="no files of the ZEA"):
        found["zea"].where("year == 2021")
    with pytest.raises(KeyError):
        found["roa"]
    assert isinstance(found["wea"], Absent)
    assert list(llo.monitor.surveys("2023", source="synthetic")) == ["nea", "zea", "wea"], "only of real files"
