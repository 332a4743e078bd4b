"""Proves that weight reports are shown: steps, margins, outcomes and largest weights, in both languages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo
from llo_research.estimation.weight_report import WeightReport
from tests.weighting import samples
from tests.weighting.samples import margin


@pytest.fixture(scope="module")
def report() -> WeightReport:
    base = samples.survey(1, 200)
    out = llo.calibrate(
        llo.adjust_nonresponse(base, "came"), {"education": margin(base, "education"), "sex": margin(base, "sex")}
    )
    return llo.weight_report(llo.trim(out, upper=330), ["trained", "education"])


def test_a_table_of_steps(report: WeightReport) -> None:
    table = llo.report.table(report, language="en")
    frame = table.to_frame()
    assert frame["Step"].tolist() == ["0. base weights", "1. nonresponse", "2. calibration", "3. trimming"]
    assert frame["n"].tolist()[0] == "200" and frame["g, range"].iloc[0] == "–"
    assert frame["Effective n"].tolist() == [f"{value:.0f}" for value in report.steps["n_eff"]]
    assert any("largest weight" in note for note in table.notes)
    assert "Stap" in llo.report.table(report).to_frame() and "uitgangsgewichten" in str(llo.report.table(report))


@pytest.mark.parametrize("part", ["margins", "outcomes", "largest", "distribution"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_tables_of_parts_in_every_form(report: WeightReport, part: str, language: str, tmp_path: Path) -> None:
    table = llo.report.table(getattr(report, part), language=language)
    assert len(table.to_frame()) == len(getattr(report, part))
    assert "nan" not in str(table).lower().replace("finan", "")
    assert table.to_html().startswith("<table") and "|" in table.to_markdown() and "tabular" in table.to_latex()
    written = pd.read_excel(table.to_excel(tmp_path / "table.xlsx"))
    assert len(written) == len(table.to_frame())


def test_shares_are_percentages(report: WeightReport) -> None:
    shown = llo.report.table(report.outcomes, language="en").to_frame()
    first = report.outcomes.iloc[0]
    assert shown["Share (%)"].iloc[0] == f"{100 * first['estimate']:.1f}"


@pytest.mark.parametrize("kind", ["margins", "outcomes", "g"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_figures(report: WeightReport, kind: str, language: str, tmp_path: Path) -> None:
    figure = llo.report.figure(report, kind=kind, language=language)
    assert figure.title and figure.title in figure.alt_text
    one, two = (figure.save(tmp_path / folder, kind) for folder in ("a", "b"))
    assert set(one) == {"svg", "png", "csv", "txt"}
    for ending, path in one.items():
        assert path.read_bytes() == two[ending].read_bytes()
    assert len(figure.frame) == {"margins": 10, "outcomes": 16, "g": len(report.distribution)}[kind]


def test_margins_of_trimmed_weights_are_off_target(report: WeightReport) -> None:
    frame = llo.report.figure(report, kind="margins", language="en").frame
    row = report.margins.iloc[3]
    assert frame["estimate"].iloc[6] == pytest.approx(100 * (row["before"] / row["target"] - 1), abs=1e-8)
    assert frame["estimate"].iloc[7] == pytest.approx(100 * (row["now"] / row["target"] - 1), abs=1e-8)
    assert "agree" not in llo.report.figure(report, kind="margins", language="en").title


def test_what_cannot_be_drawn_is_said(report: WeightReport) -> None:
    bare = llo.weight_report(samples.survey(1))
    assert llo.report.figure(bare, language="en").kind == "histogram"
    for kind, words in (("margins", "has no margins"), ("outcomes", "has no outcomes"), ("pie", "no option 'pie'")):
        with pytest.raises(llo.DataError, match=words):
            llo.report.figure(bare, kind=kind)
    mixed = llo.weight_report(samples.survey(1), ["y", "trained"])
    with pytest.raises(llo.DataError, match="different units"):
        llo.report.figure(mixed, kind="outcomes")
    with pytest.raises(llo.DataError, match="has no rows"):
        llo.report.table(bare.margins)


def test_synthetic_data_say_so() -> None:
    svy = llo.Survey(samples.people(1), weights="w", source={"synthetic": True})
    report = llo.weight_report(svy, "trained")
    assert "SYNTHETIC" in llo.report.table(report, language="en").caption
    for kind in ("outcomes", "g"):
        assert "SYNTHETIC" in llo.report.figure(report, kind=kind, language="en").title
