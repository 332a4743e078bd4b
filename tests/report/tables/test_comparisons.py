"""Proves that models side by side read as journals print them: numbers of the fits, base levels, controls, escapes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.report.content.terms import columns_in
from tests.regression import models

LABELS = {
    "education": {
        "nl": "Opleiding",
        "en": "Education",
        "values": {"low": {"nl": "laag", "en": "low"}, "high": {"nl": "hoog", "en": "high"}},
    }
}


@pytest.fixture
def both() -> list[llo.Fit]:
    svy = models.survey(labels=LABELS)
    return [llo.glm("y ~ hours", svy), llo.glm("y ~ hours + C(education)", svy)]


def test_numbers_labels_and_footer(both: list[llo.Fit], tmp_path: Path) -> None:
    shown = llo.report.table(llo.compare(both, labels=["a_1", "b"]), language="nl")
    frame = shown.to_frame().set_index("Term")
    assert "Opleiding: hoog (basis: laag)" in frame.index
    assert frame.loc["hours", "b"] == f"{both[1].estimate[1]:.3f} ({both[1].std_error[1]:.3f})".replace(".", ",")
    assert frame.loc["N"].tolist() == ["160", "160"]
    latex = shown.to_latex()
    assert r"\toprule" in latex and r"a\_1" in latex and "{$-0{,}" in latex
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(shown.to_excel(tmp_path / "t.xlsx"))["Tabel"]
    assert sheet["B2"].value == both[0].estimate[1]


def test_controls_are_told_in_the_footer(both: list[llo.Fit]) -> None:
    shown = llo.report.table(llo.compare(both, controls=["education"]), language="en").to_frame().set_index("Term")
    assert shown.loc["Education"].tolist() == ["no", "yes"]
    assert not any("high" in term for term in shown.index)
    with pytest.raises(DataError, match="No model has a term"):
        llo.report.table(llo.compare(both, controls=["eduction"]))


def test_controls_take_along_what_is_computed_from_them() -> None:
    fit = llo.glm("y ~ hours + I(hours**2) + np.log(hours + 100) + hours:C(education)", models.survey())
    shown = llo.report.table(llo.compare([fit], controls=["hours"]), language="en").to_frame().set_index("Term")
    assert shown.loc["Hours"].tolist() == ["yes"] and "hours" not in shown.index  # the footer has a capital
    assert not any(text in term for term in shown.index for text in ("hours²", "log"))
    assert any("education" in term for term in shown.index)


@pytest.mark.parametrize(
    ("name", "columns"),
    [("I(age ** 2)", ["age"]), ("np.log(a / b)", ["a", "b"]), ("{a + 1}", ["a"]), ("bs(x, df=4)", ["x"])]
    + [(name, [name]) for name in ("age", "a-b", "hours (paid)", "firm size", "I(1 +)")],
)
def test_the_columns_of_an_expression(name: str, columns: list[str]) -> None:
    assert columns_in(name) == columns


def test_a_boolean_is_one_row_however_a_program_spells_it() -> None:
    formula = pytest.importorskip("statsmodels.formula.api")
    frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0, 6.0, 4.0], "late": [True, False] * 3, "x": [1.0, 2, 3, 1, 5, 2]})
    frame["w"] = 1.0
    own = llo.glm("y ~ late * x", llo.Survey(frame, weights="w"))
    shown = llo.report.table(llo.compare([own, formula.ols("y ~ late * x", frame).fit()]), language="en").to_frame()
    rows = shown.set_index("Term").loc[["late", "late × x"]]
    assert (rows != "").all(axis=None) and not any("yes" in term for term in shown["Term"])


def test_the_figure_leaves_the_constant_out(both: list[llo.Fit]) -> None:
    drawn = llo.report.figure(llo.compare(both), language="en")
    assert drawn.kind == "coefficients" and "constant" not in set(drawn.frame["Term"])


def test_heads_of_rows_take_the_short_label() -> None:
    labels = {"hours": {"nl": "Uren; ontbreekt voor wie niet werkt", "en": "Hours", "short": {"nl": "Uren"}}}
    fit = llo.glm("y ~ hours", models.survey(labels=labels))
    for shown in (llo.report.table(llo.compare([fit])), llo.report.table(fit)):
        assert "Uren" in shown.to_frame().iloc[:, 0].tolist() and "ontbreekt" not in str(shown)


def test_stars_intervals_and_balanced_latex(both: list[llo.Fit]) -> None:
    given = llo.compare(both, labels=["a_{1", "50% & more"], brackets="interval", stars=True)
    shown = llo.report.table(given, language="en")
    low, high = both[1].to_frame().loc[1, ["conf_low", "conf_high"]]
    p = both[1].to_frame().loc[1, "p_value"]
    cell = shown.to_frame().set_index("Term").loc["hours", "50% & more"]
    assert cell.endswith(f"({low:.3f} to {high:.3f})") and cell.count("*") == sum(p < x for x in (0.05, 0.01, 0.001))
    assert "95% confidence intervals in brackets." in shown.notes and any("p < 0.05" in note for note in shown.notes)
    latex = shown.to_latex().replace(r"\{", "").replace(r"\}", "")
    assert all(line.count("{") == line.count("}") for line in latex.splitlines()), "braces are balanced"
    assert r"50\% \& more" in latex
