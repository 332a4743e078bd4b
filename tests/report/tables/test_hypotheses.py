"""Proves that the test of a crosstab reads as a table: what was tested, statistic, degrees of freedom, p-value."""

from __future__ import annotations

from pathlib import Path

import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.report import figure, table
from tests.regression import models


@pytest.mark.parametrize(("name", "head"), [("F", "F"), ("chisq", "X²"), ("wald", "F (Wald)")])
def test_statistic_df_and_p(survey: llo.Survey, name: str, head: str) -> None:
    found = llo.crosstab("training", "contract", survey).test(name)
    shown = table(found, language="en")
    frame = shown.to_frame()
    assert frame[head].tolist() == [f"{found.statistic:.2f}"]
    assert frame["p-value"].tolist() == [f"{found.p_value:.3f}"]
    assert frame["Degrees of freedom"].tolist() == ["1" if name == "chisq" else f"1 and {found.df_denominator:.0f}"]
    assert frame["n"].tolist() == ["300"]
    assert shown.caption == "SYNTHETIC: Followed training and contract: test of independence"
    assert shown.notes[0] == "Null hypothesis: followed training and contract are independent."
    for text in (str(shown), shown.to_html(), shown.to_markdown(), shown.to_latex()):
        assert "nan" not in text and "inf" not in text


def test_dutch_with_cells(survey: llo.Survey) -> None:
    found = llo.crosstab("training", "contract", survey, by="education").test("F")
    shown = table(found)
    assert shown.title == "Opleiding of cursus gevolgd en contract: toets op onafhankelijkheid naar opleidingsniveau"
    frame = shown.to_frame()
    heads = ["Opleidingsniveau", "F", "Vrijheidsgraden", "p-waarde", "Designeffect", "n"]
    assert frame.columns.tolist() == heads
    assert frame["Opleidingsniveau"].tolist() == ["laag", "hoog"]
    assert frame["p-waarde"].tolist() == [f"{value:.3f}".replace(".", ",") for value in found.p_values]
    assert shown.notes[0] == "Nulhypothese: opleiding of cursus gevolgd en contract hangen niet samen."


def test_small_p_values_and_undefined_tests(survey: llo.Survey) -> None:
    svy = survey.assign(again=lambda d: d["training"] * 10, one=lambda d: d["training"] * 0)
    assert table(llo.crosstab("training", "again", svy).test("chisq")).to_frame()["p-waarde"].tolist() == ["< 0,001"]
    shown = table(llo.crosstab("training", "one", svy).test("F"), language="en")
    frame = shown.to_frame()
    assert frame["F"].tolist() == ["no data"]
    assert frame["p-value"].tolist() == frame["Degrees of freedom"].tolist() == ["–"]
    assert "Levels without" not in " ".join(shown.notes)


def test_numbers_are_numbers_in_a_sheet(survey: llo.Survey, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    found = llo.crosstab("training", "contract", survey).test("F")
    sheet = openpyxl.load_workbook(table(found, language="en").to_excel(tmp_path / "t.xlsx"))["Table"]
    heads = [cell.value for cell in sheet[1]]
    assert sheet.cell(row=2, column=heads.index("p-value") + 1).value == pytest.approx(found.p_value, abs=1e-4)
    assert sheet.cell(row=2, column=heads.index("F") + 1).value == pytest.approx(found.statistic, abs=0.01)


def test_options_are_checked_and_no_figure(survey: llo.Survey) -> None:
    found = llo.crosstab("training", "contract", survey).test("F")
    assert table(found, title="Toets").title == "Toets"
    with pytest.raises(DataError, match="fr"):
        table(found, language="fr")
    with pytest.raises(DataError, match="cannot be shown"):
        figure(found)


def test_digits_have_an_effect_or_are_refused(survey: llo.Survey) -> None:
    test = llo.crosstab("contract", "education", survey).test("F")
    for digits in (0, 1, 3):
        shown = table(test, digits=digits, language="en").to_frame()["F"].iloc[0]
        assert shown == f"{test.statistic:.{digits + 1}f}"
    report = llo.weight_report(survey)
    for what in (test, report, report.largest):
        with pytest.raises(DataError, match="digits is a number of decimals"):
            table(what, digits=9)


def test_what_was_tested_of_a_model_reads_in_labels() -> None:
    labels = {
        "education": {"nl": "Opleiding", "values": {"low": {"nl": "laag"}, "high": {"nl": "hoog"}}},
        "hours": {"nl": "Uren"},
    }
    fit = llo.glm("y ~ hours + C(education)", models.survey(labels=labels))
    told = table(fit.test("C(education)"))
    assert told.title == "Toets: Opleiding"
    assert (
        told.notes[0].startswith("Nulhypothese: Opleiding: ") and "Opleiding: hoog (basis: laag) = 0" in told.notes[0]
    )
    equal = table(fit.test("2 * hours = C(education)[T.high] + 0.5"))
    assert equal.notes[0] == "Nulhypothese: 2 × Uren = Opleiding: hoog (basis: laag) + 0,5."
    assert equal.title == "Toets: Uren en opleiding"
