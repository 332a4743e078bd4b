"""The receipt of each figure and table stands on its page, made while the notebook runs; of restricted data closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.monitor.notebooks import listening, receipts
from llo_research.monitor.site.figure_markup import Origin
from llo_research.monitor.site.figures import with_figures
from llo_research.report.figures.figure import Figure
from llo_research.report.tables.grid import Table
from llo_research.survey.survey import Survey

ORIGIN = Origin("A chapter", "2026-11-27")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel that keeps receipts, for the length of a test."""
    for owner, name in ((Figure, "_repr_mimebundle_"), (Table, "_repr_html_"), (Survey, "_meta")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    for name in listening.SHOWING:
        monkeypatch.setattr(llo.report, name, getattr(llo.report, name))
    path = tmp_path / "chapter.receipts.json"
    receipts.install(str(path))
    return path


def survey(**source: Any) -> llo.Survey:
    """People in two groups."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"y": rng.normal(size=400), "sex": rng.choice(["m", "v"], 400), "w": rng.gamma(4, 25, 400)})
    return llo.Survey(frame, weights="w", source=source)


def shown(result: Any) -> dict[str, Any]:
    """A notebook that shows a figure of a result, then its table."""
    figure = llo.report.figure(result, language="en", title="Means of <y>")._repr_mimebundle_()[0]
    table = {"text/html": llo.report.table(result, language="en", title="Means, told")._repr_html_()}
    cells = [
        {"cell_type": "code", "id": name, "metadata": {}, "source": ["pass"], "outputs": [{"data": data}]}
        for name, data in (("a", figure), ("b", table))
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def html(notebook: dict[str, Any], cell: int) -> str:
    """What a cell shows on the page."""
    return "".join(notebook["cells"][cell]["outputs"][0]["data"]["text/html"])


def test_figure_and_table_tell_how_they_were_computed(kept: Path) -> None:
    notebook = shown(llo.mean("y", survey().where("w > 20"), by="sex"))
    found = receipts.read_receipts(kept)
    assert len(found) == 2 and all(len(one) == 1 for one in found.values())
    page, files = with_figures(notebook, "01", ORIGIN, receipts=found)
    figure, table = html(page, 0), html(page, 1)
    assert "How was this computed?" in figure and "llo.mean('y', svy, by='sex')" in figure and "w &gt; 20" in figure
    assert "library(survey)" in files["_static/scripts/01-1.R"] and 'href="../_static/scripts/01-1.R"' in figure
    assert "WEIGHT BY" in files["_static/scripts/01-1.txt"] and "WEIGHT BY" not in figure
    # the table of the same result says so and links to the same files
    assert "As above." in table and 'href="../_static/scripts/01-1.R"' in table and "Means, told" in table
    assert not any("table" in name for name in files if name.startswith("_static/scripts"))


def test_a_dutch_page_has_dutch_receipts(kept: Path) -> None:
    notebook = shown(llo.mean("y", survey(), by="sex"))
    page, _ = with_figures(notebook, "01", ORIGIN, language="nl", receipts=receipts.read_receipts(kept))
    assert "vrijheidsgraden" in html(page, 1) and "Hoe is dit berekend?" in html(page, 1)


def test_without_receipts_a_page_is_as_it_was(kept: Path) -> None:
    notebook = shown(llo.mean("y", survey(), by="sex"))
    page, files = with_figures(notebook, "01", ORIGIN)
    assert "llo-receipt" not in html(page, 0) + html(page, 1)
    assert not any(name.startswith("_static/scripts") for name in files)
    assert receipts.read_receipts(kept.with_name("absent.json")) == {}


def test_restricted_data_have_a_closed_receipt_and_no_script(kept: Path) -> None:
    file = {"path": "secret_folder/own.sav", "sha256": "f1e2d3c4b5", "rows": 400}
    svy = survey(kind="restricted", restricted=True, files=[file]).where("w > 21.5")
    notebook = shown(llo.mean("y", svy, by="sex"))
    text = kept.read_text(encoding="utf-8")
    assert "secret_folder" not in text and "f1e2d3c4b5" not in text and "21.5" not in text
    _, files = with_figures(notebook, "01", ORIGIN, receipts=receipts.read_receipts(kept))
    assert [name for name in files if name.startswith("_static/scripts")] == ["_static/scripts/01-1.txt"]


def _fails(with_error: Exception) -> Any:
    """A method that writes a script, and fails."""

    def fails(self: Any, path: str) -> str:
        raise with_error

    return fails


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_program_without_a_script_is_named_on_the_page(
    kept: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(llo.Result, "to_stata", _fails(llo.DataError("Rows <lost> their cells.", found="no year")))
    notebook = shown(llo.mean("y", survey(), by="sex"))
    page, files = with_figures(notebook, "01", ORIGIN, language=language, receipts=receipts.read_receipts(kept))
    said = {"en": "No script for Stata:", "nl": "Geen script voor Stata; de reden, in het Engels:"}[language]
    for cell in (0, 1) if language == "en" else (1,):  # the figure is an English one
        assert f'{said} <span lang="en">Rows &lt;lost&gt; their cells. (no year)</span>' in html(page, cell)
    assert not any(name.endswith(".do") for name in files) and any(name.endswith(".R") for name in files)


def test_an_error_that_is_not_ours_is_not_hidden(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llo.Result, "to_r", _fails(ValueError("no words for it")))
    with pytest.raises(ValueError, match="no words"):
        shown(llo.mean("y", survey(), by="sex"))
