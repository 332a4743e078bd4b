"""Proves that a page shows a figure's own numbers in two drawings and in words, and offers files that hold the same."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.monitor.site.figure_markup import Origin, citation
from llo_research.monitor.site.figures import figure_page, with_figures
from llo_research.monitor.site.tables import with_scrolling
from llo_research.report.figures.bundle import MIME
from llo_research.report.figures.fingerprint import mark_in
from llo_research.report.figures.saving import slug
from llo_research.report.figures.style import PALETTE, PAPER
from tests.monitor.browser import browsing, chromium

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = Origin("Learning behaviour", "Edition of 30 November 2023", "2023", "1.0.0")


@pytest.fixture(scope="module")
def shown() -> llo.report.Figure:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"g": rng.choice(["=a", "b & <c>", "01"], 300), "y": rng.normal(size=300), "w": 1.0})
    source = {"title": "Made up", "synthetic": True}
    return llo.report.figure(llo.mean("y", llo.Survey(frame, weights="w", source=source), by="g"), language="en")


@pytest.fixture(scope="module")
def page(shown: llo.report.Figure) -> tuple[str, dict[str, str | bytes]]:
    return figure_page(shown._repr_mimebundle_()[0], "02-1", ORIGIN, up="../", source='show("<x>")')


def tree(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(html.replace(" download ", ' download="" '))


def test_a_page_is_sound_and_says_the_words_once(page: Any, shown: llo.report.Figure) -> None:
    root = tree(page[0])
    assert root.tag == "figure" and root.get("lang") == "en" and "synthetic" in root.get("class", "")
    names = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(names) == len(set(names))
    drawings = list(root.iter("svg"))
    assert [element.get("class") for element in drawings] == ["llo-wide", "llo-narrow"]
    for drawing in drawings:
        assert drawing.get("role") == "img" and set(drawing.get("aria-labelledby", "").split()) <= set(names)
        written = [text.text for text in drawing.iter("text")]
        assert not set(written) & {*shown.notes, shown.title}, "what a page says as text is not drawn"
        assert {"b & <c>", "01", "=a"} <= set(written)
        assert "style" not in {element.tag for element in drawing}
        for element in drawing.iter():
            classes = set(re.findall(r"\b([fs])\w\b", element.get("class") or ""))
            assert element.get("fill") is None and element.get("stroke") is None
            assert element.tag not in ("text", "circle", "path") or classes, "a colour of the page"
            assert element.tag != "path" or re.search("[A-Z].*[A-Z]", element.get("d", "")), "it goes somewhere"
    assert next(p.text for p in root.iter("p")) == shown.title
    caption = root.find("figcaption")
    assert caption is not None and [p.text for p in caption] == list(shown.notes)
    assert mark_in(page[0]) == shown._repr_mimebundle_()[1]["llo"]["numbers"]


def test_its_files_hold_its_numbers(page: Any, shown: llo.report.Figure) -> None:
    html, files = page
    *links, here = tree(html).iter("a")
    assert [link.get("href", "").removeprefix("../") for link in links] == list(files)
    assert {str(link.get("download")).partition(".")[0] for link in links} == {slug(shown.title)}
    assert here.get("href") == "#fig-02-1" and here.get("aria-label", "").endswith(shown.title)
    by = {name.rpartition(".")[2]: content for name, content in files.items()}
    assert by["png"].startswith(b"\x89PNG")
    assert mark_in(by["svg"]) == mark_in(html)
    rows = pd.read_csv(io.StringIO(by["csv"]))
    sheet = pd.read_excel(io.BytesIO(by["xlsx"]), dtype={"G": str})
    for found in (rows, sheet):
        assert found["estimate"].to_numpy() == pytest.approx(shown.frame["estimate"].to_numpy(), abs=1e-6)
        assert found["n"].tolist() == shown.frame["n"].tolist()
    assert sheet["G"].tolist() == shown.frame["G"].tolist(), "no sign that guards a CSV file"
    assert shown.content.synthetic and set(rows["data"]) == set(sheet["data"]) == {"synthetic"}
    assert set(rows["source"]) == {"Made up."}
    assert all("/synthetic-" in name for name in files)
    notes = pd.read_excel(io.BytesIO(by["xlsx"]), sheet_name="Notes", header=None)[0].tolist()
    assert notes[0] == shown.title and notes[-1] == citation(shown._repr_mimebundle_()[0][MIME], ORIGIN)


def test_how_it_was_made_and_is_cited(page: Any, shown: llo.report.Figure) -> None:
    root = tree(page[0])
    code = ["".join(element.itertext()) for element in root.iter("code")]
    assert code == ['show("<x>")']
    text = " ".join(root.itertext())
    number = shown._repr_mimebundle_()[1]["llo"]["numbers"]
    assert "In: Learning behaviour, edition 2023, llo_research 1.0.0. Edition of 30 November 2023." in text
    assert number in text and "Last updated: Edition of 30 November 2023" in text


def test_a_page_links_to_its_notebook(shown: llo.report.Figure) -> None:
    data = shown._repr_mimebundle_()[0]
    origin = replace(ORIGIN, notebook="_static/notebooks/02.ipynb")
    html, _ = figure_page(data, "02-1", origin, up="../", source="show()")
    assert [a.get("href") for a in tree(html).iter("a")][-2] == "../_static/notebooks/02.ipynb"
    without, _ = figure_page(data, "02-1", origin, up="../")
    assert ".ipynb" not in without, "no code, no notebook of it"


def test_each_fold_is_named_by_its_figure(page: Any, shown: llo.report.Figure) -> None:
    names = ["".join(element.itertext()) for element in tree(page[0]).iter("summary")]
    assert len(names) >= 4 and len(set(names)) == len(names)
    assert all(name.endswith(f": {shown.title}") for name in names)


def test_a_notebook_keeps_all_else(shown: llo.report.Figure) -> None:
    data, about = shown._repr_mimebundle_()
    lines = {**data, "image/svg+xml": data["image/svg+xml"].splitlines(keepends=True)}
    figure = {"output_type": "execute_result", "data": lines, "metadata": about, "execution_count": 1}
    other = {"output_type": "display_data", "data": {"image/png": "aGk=", "text/plain": "a"}, "metadata": {}}
    cells = [
        {"cell_type": "markdown", "source": ["# A\n"], "metadata": {}},
        {"cell_type": "code", "source": ["show()"], "outputs": [other, figure], "metadata": {"tags": ["finding"]}},
        {"cell_type": "code", "source": ["again()"], "outputs": [figure], "metadata": {}},
    ]
    notebook = {"cells": cells, "metadata": {"a": 1}}
    before = json.dumps(notebook)
    made, files = with_figures(notebook, "02", ORIGIN)
    assert json.dumps(notebook) == before
    assert made["metadata"] == {"a": 1} and made["cells"][0] == cells[0]
    assert made["cells"][1]["outputs"][0] == other and made["cells"][1]["metadata"] == {"tags": ["finding"]}
    assert {Path(name).stem for name in files} == {"synthetic-02-1", "synthetic-02-2"}
    both = "".join("".join(cell["outputs"][-1]["data"]["text/html"]) for cell in made["cells"][1:])
    names = re.findall(r'\bid="([^"]+)"', both)
    assert len(names) == len(set(names)), "the same figure twice in a page"


def test_the_page_has_the_colours_of_the_house() -> None:
    css = (ROOT / "docs" / "_static" / "figures.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--llo-(\w): (#\w+);", line)) for line in css.splitlines() if "--llo-i:" in line)
    assert light == {shade.letter: colour for colour, shade in PALETTE.items() if colour != PAPER}
    assert dark == {shade.letter: shade.dark for colour, shade in PALETTE.items() if colour != PAPER}
    for shade in PALETTE.values():
        for role, name in (("f", "fill"), ("s", "stroke")):
            assert f".llo-figure svg .{role}{shade.letter} {{ {name}: var(--llo-{shade.letter}); }}" in css
    assert ".llo-figure svg :where(path, circle):where(:not([fill])) { fill: none; }" in css


def test_tables_scroll_in_a_frame_and_say_their_notes_below() -> None:
    frame = pd.DataFrame({"": ["a"], "g": ["b"], "estimate": [0.5], "conf_low": [0.4], "conf_high": [0.6], "n": [90]})
    shown = llo.report.table(frame.rename(columns={"": "h"}), language="en", title="Made <up>").to_html()
    root = ElementTree.fromstring(f"<div>{with_scrolling(shown, 'en')}</div>")
    region, notes = root
    assert region.get("tabindex") == "0" and region.get("role") == "group" and region.get("aria-label")
    assert region.find("table/tfoot") is None and "Source: not stated." in "".join(notes.itertext())
    assert next(e.text for e in region.iter("span")) == "Made <up>"
    assert [e.get("scope") for e in region.iter("th")][:2] == ["col", "col"]
    assert {e.get("class") for e in region.iter("td")} == {"r"} and "style" not in region.find("table").attrib
    plain = ElementTree.fromstring(f"<div>{with_scrolling(frame.set_index('g').to_html(), 'nl')}</div>")
    assert all("".join(e.itertext()).strip() for e in plain.iter("th"))
    assert with_scrolling("<p>no table</p>", "nl") == "<p>no table</p>"


def test_a_notebook_s_tables_are_framed() -> None:
    output = {"output_type": "execute_result", "data": {"text/html": ["<table><tr><td>1</td></tr></table>"]}}
    made, files = with_figures({"cells": [{"cell_type": "code", "outputs": [output]}]}, "x", ORIGIN, language="nl")
    assert not files
    assert "".join(made["cells"][0]["outputs"][0]["data"]["text/html"]).startswith('<div class="llo-scroll"')


def test_a_citation_can_be_copied(page: Any, shown: llo.report.Figure, tmp_path: Path) -> None:
    holder = next(p for p in tree(page[0]).iter("p") if p.get("class") == "llo-copy")
    button = holder.find("button")
    assert holder.get("hidden") is not None and button is not None, "nothing to press where there is no script"
    assert str(button.get("aria-label")).startswith("Copy: ") and shown.title[:20] in str(button.get("aria-label"))
    if chromium() is None:
        pytest.skip("no chromium here: nothing was copied")
    script = (ROOT / "docs" / "_static" / "copy.js").read_text(encoding="utf-8")
    whole = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>.</title><body>{page[0]}<script>{script}</script>'
    )
    (tmp_path / "page.html").write_text(whole, encoding="utf-8")
    with browsing() as tab:
        tab.open((tmp_path / "page.html").as_uri())
        tab.evaluate("window.copied = []; navigator.clipboard.writeText = t => (copied.push(t), Promise.resolve())")
        tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert tab.evaluate("document.querySelector('.llo-copy').checkVisibility()")
        tab.evaluate("document.querySelector('.llo-copy button').click()")
        assert tab.until("document.querySelector('.llo-copy [role=status]').textContent") == "Copied."
        told = shown._repr_mimebundle_()[0][MIME]
        assert tab.evaluate("copied") == [citation(told, ORIGIN)]
        tab.evaluate("navigator.clipboard.writeText = () => Promise.reject(1); document.execCommand = () => false")
        tab.evaluate("document.querySelector('.llo-copy button').click()")
        assert tab.until("document.querySelector('.llo-copy [role=status]').textContent.startsWith('That failed')")
