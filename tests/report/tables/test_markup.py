"""Proves that HTML, Markdown and LaTeX show data as text: escaped, accessible, with caption and notes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import pytest

from llo_research.report import Table, table

NASTY = "<script>alert('x')</script> | a & b \\ 5 % $x_1^2$ {#} ~ \n*bold*"


@pytest.fixture
def nasty(make_result: Callable[..., Any]) -> Table:
    meta = {
        "call": {"function": "mean", "variables": ["y"]},
        "labels": {"g": NASTY, "y": {"nl": NASTY, "en": NASTY}},
        "source": {"title": NASTY},
    }
    rows = {"g": [NASTY, "plain"], "variable": ["y", "y"]}
    return table(make_result(rows, [1.5, -2.5], [0.1, 0.1], [10, 20], meta))


def test_html_is_well_formed_and_escaped(nasty: Table) -> None:
    text = nasty.to_html()
    tree = ElementTree.fromstring(text)
    assert "<script" not in text
    assert tree.find("caption") is not None
    assert NASTY.split("\n")[0] in tree.find("caption").text
    assert len(tree.findall("tbody/tr")) == 2


def test_html_has_scopes_and_language(by_education: Any) -> None:
    tree = ElementTree.fromstring(table(by_education).to_html())
    assert tree.get("lang") == "nl"
    assert [cell.get("scope") for cell in tree.findall("thead/tr/th")] == ["col"] * 4
    assert [cell.get("scope") for cell in tree.findall("tbody/tr/th")] == ["row"] * 2
    assert [cell.text for cell in tree.findall("tbody/tr[2]/td")] == ["73,3", "70,9 tot 75,7", "1.300"]
    assert tree.find("tfoot/tr/td").get("colspan") == "4"


def test_markdown(by_education: Any) -> None:
    lines = table(by_education, language="en").to_markdown().splitlines()
    assert lines[:6] == [
        "**Followed training: share by education**",
        "",
        "| Education | Share (%) | 95% CI | n |",
        "| :--- | ---: | ---: | ---: |",
        "| low | 45.0 | 41.8 to 48.2 | 782 |",
        "| high | 73.3 | 70.9 to 75.7 | 1,300 |",
    ]
    assert lines[7:9] == [
        "- Source: Survey, 2021-2024; selection: age &gt;= 25 (2,000 observations, 4 unknown); n = 782 to 1,300 per row"
        "; weighted.",
        "- Reference period: past two years.",
    ]
    assert lines[9].startswith("- About these figures: Weight: w. CI: 95% confidence interval")


def test_markdown_rows_have_as_many_cells_whatever_the_labels(nasty: Table) -> None:
    rows = [line for line in nasty.to_markdown().splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert {line.replace("\\|", "").count("|") for line in rows} == {5}
    assert "<script" not in nasty.to_markdown()
    assert "\\*bold\\*" in nasty.to_markdown()


def test_latex(by_education: Any) -> None:
    lines = table(by_education).to_latex().splitlines()
    assert lines[0] == r"\begin{table}[htbp]"
    assert r"\begin{tabular}{lrrr}" in lines
    assert r"Opleidingsniveau & Aandeel (\%) & 95\%-BI & n \\" in lines
    assert r"hoog & 73,3 & 70,9 tot 75,7 & 1.300 \\" in lines
    assert any(r"CBS \& TNO" in line for line in lines)


def test_latex_escapes_everything(nasty: Table) -> None:
    row = next(line for line in nasty.to_latex().splitlines() if "textless" in line and "&" in line.replace(r"\&", ""))
    assert r"\textless{}script\textgreater{}" in row
    assert r"a \& b \textbackslash{} 5 \% \$x\_1\textasciicircum{}2\$ \{\#\} \textasciitilde{}" in row


def test_text_has_one_line_a_row(nasty: Table) -> None:
    assert len(str(nasty).splitlines()) == 1 + 1 + 1 + 1 + 2 + 1 + len(nasty.notes) + sum(
        note.count("\n") for note in (*nasty.notes, nasty.caption)
    )


def test_text_prints_on_a_narrow_console(by_education: Any, over_time: Any) -> None:
    for result in (by_education, over_time):
        for language in ("nl", "en"):
            str(table(result, language=language)).encode("cp1252")
