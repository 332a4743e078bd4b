"""Proves that the page "Is het echt gestegen?" counts as llo.break_robustness does, in Python and in its script."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from llo_research.data import published
from llo_research.errors import DataError
from llo_research.monitor.site.risen import effective, employees, employers, facts, net, robustness, verdict
from llo_research.monitor.site.risen_page import data, pages, sentence, slider
from llo_research.monitor.site.risen_tables import tipping_table, verdict_table
from llo_research.monitor.site.risen_words import WORDS, said
from tests.monitor.browser import NARROW, Page, browsing, chromium

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "_static" / "risen.js"
LANGUAGES = ("nl", "en")
SIZES = range(facts()["slider"]["lowest"], facts()["slider"]["highest"] + 1)
ROUNDED_UP = 0.1  # percentage points: the interval is rounded up to a tenth


def test_the_figures_are_those_published_and_straddle_the_break() -> None:
    for item in facts()["employees"]:
        rows = published(item["series"], breaks="flag")
        rows = rows[rows["category"].eq(item["category"]) & rows["year"].isin(item["years"])]
        assert set(rows["break_flag"]) == {True, False} and set(rows["instrument"]) == {"NEA"}
    first = {item.name: (*item.values, item.size) for item in employees()}
    assert first["training"] == (490, 540, 50) and first["agriculture"] == (280, 360, 80)
    assert [item.values for item in employers()] == [(250, 210), (210, 170), (70, 130)]
    with pytest.raises(DataError, match="must not be read as one series"):
        published("SER25_train")


def test_the_interval_is_that_of_break_robustness_rounded_up() -> None:
    training = employees()[0]
    row = robustness(0.49, 0.54, 2020, 2024).to_frame().iloc[0]
    ours = (training.tipping[0] + training.rounding) / 10
    assert 0 <= 100 * row["size_not_significant"] - ours < ROUNDED_UP
    ours = (training.tipping[1] - training.rounding) / 10
    assert 0 <= ours - 100 * row["size_reversed"] < ROUNDED_UP
    assert 100 * row["size_zero"] == pytest.approx(training.size / 10)
    by_hand = 196 * (0.49 * 0.51 / effective(2020) + 0.54 * 0.46 / effective(2024)) ** 0.5
    assert by_hand <= training.sampling / 10 < by_hand + ROUNDED_UP
    # nothing was published of the number of answers in agriculture
    assert [item.name for item in employees() if item.sampling is None] == ["agriculture"]


@pytest.mark.parametrize("item", employees(), ids=lambda item: item.name)
def test_the_verdict_turns_at_the_tipping_points(item) -> None:
    near, far = item.tipping
    toward = 1 if item.size > 0 else -1
    up, down = ("higher", "lower") if item.sampling is None else ("rose", "fell")
    before, after = (up, down) if toward > 0 else (down, up)
    assert verdict(item, 0) == before and verdict(item, near - toward) == before
    assert verdict(item, near) == "unknown" == verdict(item, item.size) == verdict(item, far)
    assert verdict(item, far + toward) == after
    assert net(item, near)[1 if toward > 0 else 2] == 0


@pytest.fixture(scope="module")
def grid() -> list[dict[str, object]]:
    """What Python says at every setting of every figure, in both languages."""
    return [
        {"language": language, "figure": item.name, "size": size, "verdict": verdict(item, size)}
        | {"sentence": sentence(item, size, language), "net": list(net(item, size))}
        for language in LANGUAGES
        for item in employees()
        for size in SIZES
    ]


def _differing(answers: list[dict[str, object]], grid: list[dict[str, object]]) -> list[object]:
    assert len(answers) == len(grid) == 2 * len(employees()) * 151
    return [(mine, theirs) for mine, theirs in zip(grid, answers, strict=True) if mine != theirs]


TWICE = '<script src="_static/risen.js"></script>'  # a site may load it on every page
ASKED = """
const all = {data};
const out = [];
for (const language of ["nl", "en"]) for (const name of Object.keys(all[language].figures))
  for (let size = {low}; size <= {high}; size++) {{
    const figure = all[language].figures[name], left = risen.net(figure, size);
    out.push({{language, figure: name, size, verdict: risen.verdict(figure, size),
      sentence: risen.sentence(all[language], figure, size), net: [left.at, left.low, left.high]}});
  }}
"""


def _asked() -> str:
    told = json.dumps({language: data(employees(), employers(), language) for language in LANGUAGES})
    return ASKED.format(data=told, low=SIZES[0], high=SIZES[-1])


def test_the_script_says_the_same_in_node(grid: list[dict[str, object]], tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not here; the browser's test does the same")
    copy = tmp_path / "risen.cjs"
    copy.write_text(SCRIPT.read_text(encoding="utf-8"), encoding="utf-8")
    program = f"const risen = require({json.dumps(str(copy))});{_asked()}console.log(JSON.stringify(out));"
    answer = subprocess.run([node, "-e", program], capture_output=True, encoding="utf-8", check=True)
    assert _differing(json.loads(answer.stdout), grid) == []


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    """A page of a browser."""
    if chromium() is None:
        pytest.skip("no chromium here: the page's script was not run in a browser")
    with browsing() as page:
        yield page


def test_the_script_says_the_same_in_a_browser(tab: Page, grid: list[dict[str, object]], tmp_path: Path) -> None:
    page = tmp_path / "empty.html"
    page.write_text("<!doctype html><title>empty</title>", encoding="utf-8")
    wrapped = f"(() => {{const module = {{exports: {{}}}};{SCRIPT.read_text(encoding='utf-8')}"
    tab.open(page.as_uri())
    answer = tab.evaluate(f"{wrapped}; const risen = module.exports; {_asked()} return JSON.stringify(out);}})()")
    assert _differing(json.loads(answer), grid) == []


def _text(language: str) -> str:
    """The page as the site gets it."""
    (text,) = pages(SimpleNamespace(language=language)).values()
    return str(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_it_is(language: str) -> None:
    text = _text(language)
    assert not re.search(r"\{\{(?!raw\}\})", text)
    title = {"nl": "# Is het echt gestegen?", "en": "# Did it really rise?"}[language]
    assert text.split("---\n")[2].strip().startswith(title)
    approximation = {"nl": "benadering van deze site, niet gepubliceerd", "en": "approximation of this site"}
    assert approximation[language] in " ".join(text.split())
    assert 'src="_static/risen.js"' in text and 'aria-live="polite"' in text
    assert len(text.encode()) < 60_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_script_verdict_and_tables_stand_there(language: str) -> None:
    found = employees()
    shown = slider(found, employers(), language)
    assert sentence(found[0], 0, language) in shown and 'data-verdict="rose"' in shown
    rows = re.findall(r"<tr>.*?</tr>", verdict_table(found, language))
    assert len(rows) == 1 + len(facts()["slider"]["steps"])
    assert tipping_table([*found, *employers()], language).count('scope="row"') == len(found) + len(employers())


def test_sizes_are_said_with_sign_and_decimal() -> None:
    assert [said(33, "nl"), said(-33, "en"), said(5, "nl", sign=True), said(0, "en", sign=True)] == [
        *("3,3", "−3.3", "+0,5", "0.0"),
    ]


@pytest.fixture(scope="module", params=LANGUAGES)
def alone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The language and the address of the slider on a page of its own, with a link to the other language."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "_static").mkdir()
    for path in SCRIPT.parent.glob("risen.*"):
        shutil.copyfile(path, folder / "_static" / path.name)
    shown = slider(employees(), employers(), request.param)
    page = folder / "page.html"
    head = f'<!doctype html><html lang="{request.param}"><meta charset="utf-8"><title>.</title>'
    page.write_text(f'{head}<a hreflang="xx" href="there.html">.</a>{shown}{TWICE}', encoding="utf-8")
    return request.param, page.as_uri()


def _shown(tab: Page) -> tuple[str, str, str]:
    """The verdict, its sentence and the size that the reader sees."""
    look = "document.querySelector('#risen-verdict {}').textContent"
    size = "document.getElementById('risen-size').textContent"
    return tab.evaluate(f"[{look.format('strong')}, {look.format('span')}, {size}]")


def test_a_reader_moves_the_slider_by_keyboard(tab: Page, alone: tuple[str, str]) -> None:
    language, address = alone
    training = employees()[0]
    tab.open(address, width=NARROW)
    assert _shown(tab)[1] == sentence(training, 0, language)
    tab.evaluate("document.getElementById('risen-break').focus()")
    for _ in range(training.tipping[0] - 1):
        tab.press("ArrowRight", 39)
    before = _shown(tab)
    tab.press("ArrowRight", 39)
    after = _shown(tab)
    assert before[0] != after[0] == f"{WORDS[language]['unknown']}."
    assert after[1] == sentence(training, training.tipping[0], language)
    assert tab.evaluate("location.hash") == "#break=3.1&group=training"
    assert tab.evaluate("document.querySelector('a[hreflang]').hash") == "#break=3.1&group=training"
    told = "document.getElementById('risen-break').getAttribute('aria-valuetext')"
    assert tab.evaluate(told) == after[2]
    assert tab.complaints == [] and [one for one in tab.requests if not one.startswith("file:")] == []


def test_a_link_keeps_the_setting(tab: Page, alone: tuple[str, str]) -> None:
    language, address = alone
    item = next(one for one in employees() if one.name == "agriculture")
    for asked, size in (("1.5", 15), ("3,3", 33), ("-2", -20), ("99", SIZES[-1]), ("x", 0)):
        tab.open(f"{address}#break={asked}&group=agriculture")
        assert _shown(tab)[1] == sentence(item, size, language)
        assert tab.evaluate("location.hash") == f"#break={size / 10:g}&group=agriculture"
    assert tab.evaluate("document.querySelector('a[hreflang]').hash") == "#break=0&group=agriculture"
    tab.open(f"{address}#break=1.5&group=nobody")
    assert _shown(tab)[1] == sentence(employees()[0], 15, language)
    drawn = "document.querySelector('[data-row=net] circle').getAttribute('cx')"
    assert float(tab.evaluate(drawn).rstrip("%")) == pytest.approx(100 * (35 + 150) / 300, abs=0.001)


def test_the_script_leaves_other_pages_alone(tab: Page, tmp_path: Path) -> None:
    shutil.copyfile(SCRIPT, tmp_path / "risen.js")
    (tmp_path / "other.html").write_text('<!doctype html><script src="risen.js"></script>', encoding="utf-8")
    tab.open((tmp_path / "other.html").as_uri())
    assert tab.complaints == []
