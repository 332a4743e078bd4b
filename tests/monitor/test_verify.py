"""llo verify finds the results behind what is shown, and a number that is another than recorded or than R's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research import cli
from llo_research.monitor.verify import account, verify
from llo_research.monitor.verify.confirmed import Confirmation, confirm
from llo_research.monitor.verify.gather import gather
from llo_research.monitor.verify.recorded import recorded
from llo_research.monitor.verify.verify import Line, Verified
from tests.results.receipts.r_runs import r_with

CODE = {
    "data": """
import pandas as pd
import llo_research as llo
frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0] * 30, "sex": ["m", "v", "m", "v"] * 30, "w": [1.0, 2.0, 1.5, 1.0] * 30})
svy = llo.Survey(frame, weights="w").where("y < 4")
means = llo.mean("y", svy, by="sex")
print("what a chapter prints is not a report")
""",
    "table": "llo.report.table(means, language='en')",
    "figure": "llo.report.figure(means, language='en', title='Means')",
    "prose": "llo.report.sentences('{g}', language='en', g=llo.gap('y', svy, group='sex', of='v', minus='m'))",
    "frame": "llo.report.table(frame.head(2).rename(columns={'y': 'value'}), language='en')",
}


def notebook(code: dict[str, str] = CODE, outputs: dict[str, Any] | None = None) -> dict[str, Any]:
    """A notebook of these cells."""
    cells = [
        {"cell_type": "code", "id": name, "metadata": {}, "source": source.strip().splitlines(keepends=True)}
        | {"outputs": [{"data": (outputs or {})[name]}] if name in (outputs or {}) else []}
        for name, source in code.items()
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_results_behind_tables_figures_and_sentences_are_found(tmp_path: Path, capsys: Any) -> None:
    heard = gather(notebook(), tmp_path)
    assert [(one.cell, one.kind, one.whole, len(one.results)) for one in heard.shown] == [
        ("table", "table", True, 1),
        ("figure", "figure", True, 1),
        ("prose", "sentences", True, 1),
        ("frame", "table", True, 0),
    ]
    first = heard.shown[0].results["1"]
    assert first is heard.shown[1].results["1"] and heard.shown[3].other == ("DataFrame",)
    svy = heard.survey_of(first)
    assert svy is not None and len(svy.frame) == 120 and capsys.readouterr().out == ""
    assert llo.report.table.__module__ == "llo_research.report.tables.tables"  # nothing listens any more


def test_the_result_behind_what_is_made_of_it_is_found(tmp_path: Path) -> None:
    code = CODE | {"ranks": "llo.report.table(llo.ranks(of_all), language='en')", "test": "llo.report.table(tested)"}
    code["data"] += "of_all = llo.mean('y', llo.Survey(frame, weights='w'), by='sex')\n"
    code["data"] += "tested = llo.glm('y ~ sex', svy).test('`sex[T.v]`')\n"
    heard = gather(notebook(code), tmp_path)
    by_cell = {one.cell: one for one in heard.shown}
    assert by_cell["ranks"].results["1"].meta["call"]["by"] == "sex"
    assert by_cell["test"].results["1"].meta["call"]["function"] == "glm"


def test_what_was_recorded_is_compared_cell_by_cell(tmp_path: Path) -> None:
    shown = gather(notebook(), tmp_path).shown
    table, figure = shown[0].value.to_html(), shown[1].value._repr_mimebundle_()[0]
    outputs = {"table": {"text/html": [table]}, "figure": figure}
    assert recorded(shown[0], notebook(outputs=outputs)) == (recorded(shown[0], notebook(outputs=outputs))[0], "")
    assert recorded(shown[1], notebook(outputs=outputs))[1] == ""
    first = next(text for text in ("2.33", "2.3") if text in table)
    wrong = {"table": {"text/html": [table.replace(first, "9.9", 1)]}}
    assert f"9.9 recorded, {first} now" in recorded(shown[0], notebook(outputs=wrong))[1]
    assert recorded(shown[0], notebook())[1] == "the notebook has no such table"


@r_with()
def test_r_confirms_and_another_number_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = gather(notebook(), tmp_path)
    means = heard.shown[0].results["1"]
    asked = {"means": (means, heard.surveys_of(means)), "nobody's": (means, (None,))}
    found = confirm(asked, tmp_path / "r")
    assert found["means"].agrees and found["means"].numbers == 10 and found["means"].digits >= 12
    assert found["nobody's"].absent.startswith("no survey") and not found["nobody's"].agrees
    write = llo.Result.to_r
    off = "answer$std_error[2] <- answer$std_error[2] * (1 + 1e-6)\n"
    monkeypatch.setattr(llo.Result, "to_r", lambda self, path: write(self, path) + off)
    wrong = confirm({"means": asked["means"]}, tmp_path / "r")["means"]
    assert wrong.differs and wrong.of == "std_error of v" and wrong.worst == pytest.approx(1e-6, rel=1e-3)
    monkeypatch.setattr(llo.Result, "to_r", lambda self, path: "stop('no')")
    stopped = confirm({"means": asked["means"]}, tmp_path / "r")["means"]
    assert stopped.absent.startswith("R stopped") and not stopped.agrees and not stopped.differs


def _found(**differs: Any) -> Verified:
    """What a run found."""
    same = Line("08", "08/cell-1 table/1", "mean", 3, 12, r=Confirmation(15, 2e-13, "df of a", seconds=1.0))
    other = Line("09", "09/cell-2 table", "published figures", 0, 40)
    return Verified("2023", (replace(same, **differs), other), "R 4.2.2 survey 4.1-1", 12.0, {"08": 12.0})


def test_the_page_tells_what_was_verified_and_what_was_not() -> None:
    text = account.as_text(_found())
    assert "52 recorded numbers were computed again from their calls: 52 are the same." in text
    assert "printed 15 numbers" in text and "15 agree" in text and "Largest difference: 2.0e-13" in text
    assert "nothing is estimated: published figures" in text
    for page in (account.as_html(_found()), account.as_markdown(_found())):
        assert "52 are the same" in page and "2.0e-13" in page


def test_programs_without_a_script_are_told() -> None:
    lost = {"Stata": "The rows are lost.", "SPSS": "The rows are lost."}
    lines = (Line("05", "05/a", "mean", 1, scriptless=lost), Line("05", "05/b", "mean", 1, scriptless=lost))
    text = account.as_text(Verified("2023", lines, "R", 1.0))
    assert "No script for a program, and why" in text
    assert "Stata: The rows are lost. (2: 05/a, 05/b)" in text and "SPSS: The rows are lost. (2: 05/a, 05/b)" in text


def test_the_command_ends_with_1_on_any_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(cli, "_root", lambda: tmp_path)
    for differs, code in (({}, 0), ({"differs": "0.1 recorded, 0.2 now"}, 1), ({"r": Confirmation(3, 1e-3, "df")}, 1)):
        monkeypatch.setattr(verify, "verify", lambda *args, told=differs, **options: _found(**told))
        assert cli.main(["verify", "--no-r"]) == code
        assert "llo verify: edition 2023" in capsys.readouterr().out
    assert (tmp_path / "build" / "verify" / "verify.html").is_file()


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(verify, "verify", lambda *args, **options: pytest.fail("computed"))
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    assert cli.main(["verify", "--no-r", "--out", str(tmp_path / "taken" / "inside")]) == 2
    assert "--out" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--edition", "1999"], ["--chapters", "77"]], ids=["an edition", "a chapter"])
def test_what_is_not_there_is_refused(options: list[str], capsys: Any) -> None:
    assert cli.main(["verify", "--no-r", *options]) == 2
    assert options[1] in capsys.readouterr().err


def test_rows_that_differ_in_number_or_miss_a_number_differ() -> None:
    from llo_research.monitor.verify.r_session import differences

    ours = pd.DataFrame({"estimate": [0.1, 0.2], "std_error": [0.01, 0.01], "df": [5.0, np.nan]})
    assert max(map(np.max, differences(ours, ours.copy()).values())) == 0
    assert np.isinf(differences(ours, ours.head(1))["rows"]).all()
    assert np.isinf(differences(ours, ours.assign(df=[5.0, 3.0]))["df"]).any()
