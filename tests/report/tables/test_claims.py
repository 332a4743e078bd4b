"""Proves that what is claimed of rows stands in their table: adjusted p-values, bounds, tests of equivalence."""

from __future__ import annotations

from pathlib import Path

import pytest

import llo_research as llo
from llo_research.report import table
from tests.regression import models
from tests.report.test_withheld import survey


def test_adjusted_p_values_and_their_number() -> None:
    fit = llo.glm("y ~ hours + C(education)", models.survey()).adjusted("holm")
    shown = table(fit, language="en")
    p = fit.to_frame()["p_adjusted"]
    assert shown.to_frame()["Adjusted p"].tolist() == [f"{v:.3f}" if v >= 0.001 else "< 0.001" for v in p]
    assert f"Adjusted p: for the number of {len(p)} tests (Holm)." in shown.notes
    assert "P, aangepast" in table(fit).to_frame() and "(Benjamini-Hochberg)" in str(
        table(fit.adjusted("benjamini-hochberg"))
    )


def test_bounds_are_in_the_units_shown_and_as_given(tmp_path: Path) -> None:
    gap = llo.gap("trained", survey(0), group="group", of="b", minus="a").equivalence(0.12345)
    shown = table(gap, language="en", disclosure="off")
    frame = shown.to_frame()
    head = next(name for name in frame if name.startswith("Bound"))
    assert "points" in head and frame[head].tolist() == ["12.345"], "no bound is rounded"
    assert frame["P, equivalence"].tolist() == [f"{gap.to_frame()['p_equivalence'].iloc[0]:.3f}"]
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(shown.to_excel(tmp_path / "t.xlsx")).worksheets[0]
    assert any(cell.value == pytest.approx(12.345, abs=1e-12) for cell in sheet[2]), "a number in a spreadsheet"


def test_withheld_rows_claim_nothing() -> None:
    made = [llo.gap("trained", survey(v), group="group", of="four", minus="a").equivalence(0.1) for v in (0, 1)]
    one, other = (table(result, language="en").to_frame() for result in made)
    assert one.equals(other) and one["P, equivalence"].tolist() == ["–"]
