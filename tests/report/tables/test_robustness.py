"""Proves that the table of a break's robustness reads in words and rounded numbers, in the units of the change."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report import figure, table


def survey(**known: Any) -> llo.Survey:
    """Three years, of which the last lies after a break; the share falls from a half to a quarter."""
    year = np.repeat([2014, 2016, 2022], 400)
    draw = np.random.default_rng(5).random(1200)
    frame = pd.DataFrame({"year": year, "y": (draw < np.where(year == 2022, 0.25, 0.5)).astype(int), "w": 1.0})
    frame["hours"], frame["sex"] = draw * 10, np.where(np.arange(1200) % 2, "f", "m")
    item = {"time": 2022, "what": {"nl": "andere vragen", "en": "new questions"}, "series": ["y"], **known}
    labels = {"y": {"nl": "Cursus gevolgd", "en": "Followed a course"}, "year": {"nl": "Jaar", "en": "Year"}}
    source = {"title": "Made up", "breaks": [item]}
    return llo.Survey(frame, weights="w", strata="year", time="year", labels=labels, source=source)


def robust(svy: llo.Survey, what: str = "y", **options: Any) -> Any:
    return llo.break_robustness(llo.change(what, svy, time="year", base=2014, breaks="flag", **options))


def every_text(shown: Any) -> str:
    return "".join((str(shown), shown.to_html(), shown.to_markdown(), shown.to_latex()))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_internal_name_no_long_number_no_nan(language: str) -> None:
    svy = survey()
    for found in (robust(svy), robust(svy, "hours"), robust(svy, by="sex", scale="ratio")):
        text = every_text(table(found, language=language)).replace("\\_", "_")
        assert not re.search(r"size_|net_|known_|\bnan\b|\d[.,]\d{4}", text, re.IGNORECASE), text


def test_points_and_words() -> None:
    found = robust(survey())
    shown, numbers = table(found), found.to_frame()
    frame = shown.to_frame()
    assert frame.columns.tolist() == [
        "Jaar",
        "Verandering (procentpunt)",
        "95%-BI",
        "Breuk",
        "Niet meer aan te tonen vanaf (procentpunt)",
        "Nul bij (procentpunt)",
        "Omgekeerd vanaf (procentpunt)",
        "Oordeel",
    ]
    assert shown.title == "Cursus gevolgd: verandering sinds 2014 naar jaar, en de methodebreuk die dat teniet zou doen"
    for head, name in (
        ("Niet meer aan te tonen vanaf (procentpunt)", "size_not_significant"),
        ("Omgekeerd vanaf (procentpunt)", "size_reversed"),
    ):
        assert frame[head].tolist() == [f"{100 * value + 0.0:.1f}".replace(".", ",") for value in numbers[name]]
    assert frame["Breuk"].tolist() == ["geen", "2022"]
    size = frame["Niet meer aan te tonen vanaf (procentpunt)"].iloc[1]
    assert frame["Oordeel"].tolist()[1].replace("\u00a0", " ") == (
        f"Grootte van de breuk onbekend; een breuk van {size} procentpunt of verder is genoeg"
    )
    assert "Methodebreuk 2022: andere vragen." in shown.notes
    english = table(found, language="en")
    assert english.title == "Followed a course: change since 2014 by year, and the method break that would undo it"
    assert english.to_frame()["Break"].tolist() == ["none", "2022"]


def test_the_interval_is_that_of_the_change() -> None:
    svy = survey()
    for scale in ("difference", "ratio"):
        change = llo.change("y", svy, time="year", base=2014, breaks="flag", scale=scale)
        ours = table(llo.break_robustness(change)).content
        np.testing.assert_allclose(ours.low, table(change).content.low, rtol=1e-9)
        np.testing.assert_allclose(ours.high, table(change).content.high, rtol=1e-9)


def test_a_change_over_no_break_says_so() -> None:
    svy = survey().where("year < 2020")
    shown = table(llo.break_robustness(llo.change("y", svy, time="year", base=2014)), language="en")
    assert shown.to_frame()["Break"].tolist() == ["none"]
    assert "No known method break lies between the times compared." in shown.notes
    assert not any("2022" in note for note in shown.notes)
    assert "Known shift" not in " ".join(shown.to_frame().columns)


def test_a_known_shift_stands_beside_it() -> None:
    shown = table(robust(survey(shift=-0.03, shift_se=0.01)), language="en")
    frame = shown.to_frame()
    assert frame["Known shift (percentage points)"].tolist() == ["–", "-3.0 (standard error 1.00)"]
    assert frame["Net of that shift (percentage points)"].iloc[0] == "–"
    assert "(" in frame["Net of that shift (percentage points)"].iloc[1]
    assert frame["Verdict"].iloc[1].startswith("Stands after the known shift; a break of -")
    adjusted = llo.change("y", survey(shift=-0.03, shift_se=0.01), time="year", base=2014, breaks="adjust")
    assert "beyond it" in table(llo.break_robustness(adjusted), language="en").notes[0]


def test_a_saved_change_and_a_figure_and_a_sheet(tmp_path: Path) -> None:
    change = llo.change("y", survey(), time="year", base=2014, breaks="flag")
    change.save(tmp_path / "change")
    found = llo.break_robustness(change)
    assert str(table(llo.break_robustness(llo.read_result(tmp_path / "change")))) == str(table(found))
    assert figure(found, language="en").content.heading == "Change (percentage points)"
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(table(found).to_excel(tmp_path / "t.xlsx"))["Tabel"]
    heads = [cell.value for cell in sheet[1]]
    zero = sheet.cell(row=3, column=heads.index("Nul bij (procentpunt)") + 1)
    assert zero.value == pytest.approx(100 * float(change.estimate[1]), abs=0.05)
    assert zero.number_format == "#,##0.0"


def test_a_ratio_says_so_in_the_title() -> None:
    change = llo.change("y", survey(), by="sex", time="year", base=2014, breaks="flag", scale="ratio")
    assert table(change, language="en").title == "Followed a course: change (ratio) since 2014 by sex and year"
    assert table(llo.break_robustness(change), language="en").title.startswith(table(change, language="en").title)
