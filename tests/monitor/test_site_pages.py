"""Proves what the pages that are made hold: groups with numbers, tables in a workbook, functions behind a cell."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo
from llo_research.monitor.site import group_numbers, group_pages, published_page, table_pages
from llo_research.monitor.site.approximated import folded
from llo_research.monitor.site.behind import functions_behind
from llo_research.monitor.site.registry import Frame
from llo_research.monitor.site.words import texts
from tests.monitor.conftest import ROOT

# DOMAIN.md, PIAAC-NL, people in work of 25 to 65: printed to one decimal.
PRINTED = 0.0005
KNOWN = {
    "no_startkwalificatie": (("training", 0.450, 0.733), ("neither", 0.234, 0.047)),
    "flexible": (("by doing", 0.58, 0.46),),
}


def frame(language: str) -> Frame:
    return Frame(ROOT, language, ("nl", "en"), ())


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Dutch PIAAC file, where it is."""
    if group_numbers._people() is None:
        pytest.skip("the PIAAC file is not here: llo data fetch piaac --country nld --cycle 1")


def test_numbers_are_those_of_others(people: None) -> None:
    groups = group_pages.groups()
    for name, rows in KNOWN.items():
        found = group_numbers.means(*groups[name]["piaac"])
        for measure, group, other in rows:
            estimates = found[measure].to_frame().set_index("side")["estimate"]
            step = PRINTED if group * 1000 % 10 else 0.005
            assert estimates["group"] == pytest.approx(group, abs=step)
            assert estimates["other"] == pytest.approx(other, abs=step)


def test_gaps_are_group_minus_other(people: None) -> None:
    found = group_numbers.means("education == 'low'", "education == 'high'")
    gaps = group_numbers.gaps(found).to_frame().set_index("term")["estimate"]
    for word, result in found.items():
        rows = result.to_frame().set_index("side")["estimate"]
        assert gaps[word] == pytest.approx(rows["group"] - rows["other"])


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_page_says_what_is_known_and_what_is_not(language: str) -> None:
    made = group_pages.pages(frame(language))
    words = texts("groups", language)
    for name in group_pages.groups():
        text = str(made[f"groups/{name}.md"])
        for part in ("what", "piaac", "cannot", "further"):
            assert words[part] in text
        assert text.count("<figure") >= 2
        assert text.count("llo-table-of") == text.count("<figure class") or "llo-figure" in text
    assert f"groups/{name}" in str(made["groups.md"])


def test_without_the_file_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_numbers, "_people", lambda: None)
    text = str(group_pages.pages(frame("en"))["groups/flexible.md"])
    assert "The PIAAC file was not there" in text
    assert "Learns by doing" not in text


def test_published_numbers_on_the_pages_are_the_published_ones() -> None:
    group = group_pages.groups()["no_startkwalificatie"]
    shown = group_pages._published(frame("en"), group)[0].rows
    assert shown["value"].tolist() == [60.0, 37.0]
    rates = group_pages._rates(group_pages.groups()["small_firms"]["rates"], "en")
    assert rates.loc[rates["label_en"] == "Any learning", "value"].round(1).tolist() == [28.0, 38.8, 36.0, 34.6]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_workbook_holds_every_table(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_pages, "compared", lambda edition: None)
    made = table_pages.pages(frame(language))
    (name,) = [one for one in made if one.endswith(".xlsx")]
    sheets = pd.read_excel(io.BytesIO(made[name]), sheet_name=None, header=None)
    assert len(sheets) == len(table_pages._tables(frame(language))) + 1
    values = {
        value for sheet in sheets.values() for value in sheet.to_numpy().ravel() if isinstance(value, int | float)
    }
    assert any(abs(value - 0.60) < 1e-9 or abs(value - 60.0) < 1e-9 for value in values)
    assert f'href="{name}"' in str(made["tables.md"])
    for sheet, own in table_pages._tables(frame(language)).items():
        assert f"*{sheet}*: {own.title}" in str(made["tables.md"])


def test_functions_behind_a_cell_are_those_of_its_names_too() -> None:
    sources = [
        "import llo_research as llo\nshow = llo.report.figure",
        "def f(x):\n    return llo.mean(x, svy)",
        "rows = f('a')\nrows['b'] = llo.gap('a', svy)",
        "show(rows)",
        "1 + 1",
    ]
    behind = functions_behind(sources)
    assert behind[3] == ["llo.gap", "llo.mean", "llo.report.figure"]
    assert behind[4] == []


def test_texts_are_the_same_in_both_languages() -> None:
    import tomllib

    path = Path(llo.__file__).parent / "monitor" / "site" / "texts.toml"
    for page, by_language in tomllib.loads(path.read_text(encoding="utf-8")).items():
        assert set(by_language["nl"]) == set(by_language["en"]), page


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_published_series_has_a_line_with_its_call_and_its_numbers(language: str) -> None:
    made = published_page.pages(frame(language))
    page, text = made["published.md"], texts("published", language)
    names = sorted(set(llo.published()["series"]))
    lines = dict(re.findall(r'<li id="(\w+)">(.*?)</li>', page, re.S))
    assert sorted(lines) == names
    assert all(f"llo.published(&quot;{name}&quot;)" in line and "<details>" in line for name, line in lines.items())
    told = texts("approximate", language)
    assert lines["SER25_train"].count(told["about"].rpartition("(")[2]) == 2  # 2020 and 2024
    assert told["group"] in lines["SER23_edu"] and "is_het_echt_gestegen.html" in lines["SER25_train"]
    assert "groups/no_startkwalificatie.html" in lines["SER23_edu"] and text["nowhere"] in lines["EAG24"]
    assert lines["CI_85572"].count(told["printed"].rpartition("(")[2]) == 8
    assert " 2 " in made["_generated/lead.md"] and str(len(names)) in made["_generated/lead.md"]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_approximation_is_folded_and_says_whose_it_is(language: str) -> None:
    text = texts("approximate", language)
    known = folded(llo.published("SER_engage", breaks="flag"), language)
    assert known.startswith("<details") and text["some"] in known and "61" in known and "42" in known
    unknown = folded(llo.published("AES_2011", breaks="flag"), language)
    assert text["lacking"] in unknown and "<table" not in unknown
    assert folded(llo.published("CI_85572"), language) == ""  # printed with an interval


def test_groups_say_that_nothing_is_known_of_how_sure_their_figures_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_numbers, "_people", lambda: None)
    made = group_pages._page(frame("nl"), "flexible", group_pages.groups()["flexible"])["groups/flexible.md"]
    assert made.count(texts("approximate", "nl")["lacking"]) == 2
