"""Proves that the checks of pages find what is wrong on a page that is wrong, and nothing on one that is right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.monitor import axe, every_page
from tests.monitor.browser import Page, browsing, chromium, serving
from tests.monitor.legible import illegible

PAGE = (
    "<!doctype html><html{lang}><head><title>A page</title><link rel=icon href='data:,'></head>"
    "<body><main><h1>A page</h1>{text}</main></body>"
)
SMALL = '<button style="width:9px;height:9px;padding:0;margin:0">{}</button>'
WRONG = (
    '<img src="a.png"><p style="color:#bbb">faint</p><a href="#"></a><div id="a" role="checkbox"></div>'
    f"<p>{SMALL.format('a')}{SMALL.format('b')}</p>"
)
FIGURE = '<div style="background:{}"><svg width="200" height="40" viewBox="0 0 200 40"><rect width="200" height="40" '
FIGURE += 'fill="{}"/><text x="20" y="25" fill="{}" font-size="{}">a label</text></svg></div>'


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    if chromium() is None:
        pytest.skip("no chromium here")
    with browsing() as page:
        yield page


def _opened(tab: Page, folder: Path, text: str, lang: str = ' lang="en"') -> None:
    path = folder / "page.html"
    path.write_text(PAGE.format(lang=lang, text=text), encoding="utf-8")
    tab.open(path.as_uri())


def test_what_is_wrong_is_found(tab: Page, tmp_path: Path) -> None:
    if not axe.FILE.is_file():
        pytest.skip(f"axe-core is not here: {axe.HOW}")
    _opened(tab, tmp_path, WRONG, lang="")
    found = {one[0] for one in axe.violations(tab)}
    assert found == {
        *("html-has-lang", "image-alt", "color-contrast", "link-name", "target-size"),
        *("aria-toggle-field-name", "aria-required-attr"),
    }
    with serving(tmp_path) as address:
        assert len({(one.width, one.dark) for one in every_page.look(tab, address, "page.html")}) == 4
    _opened(tab, tmp_path, "<p>Right.</p>")
    assert axe.violations(tab) == []


@pytest.mark.parametrize(
    ("ground", "rect", "fill", "size", "right"),
    [
        ("#fff", "none", "#222", 12, True),
        ("#fff", "none", "#bbb", 12, False),
        ("#111", "none", "#222", 12, False),
        ("#111", "#fff", "#222", 12, True),
        ("#fff", "#111", "#eee", 12, True),
        ("#fff", "none", "#222", 8, False),
    ],
)
def test_faint_and_small_texts_of_figures_are_found(
    tab: Page, tmp_path: Path, ground: str, rect: str, fill: str, size: int, right: bool
) -> None:
    _opened(tab, tmp_path, FIGURE.format(ground, rect, fill, size))
    assert (illegible(tab) == []) is right


def test_another_host_is_not_reached_and_is_told(tab: Page, tmp_path: Path) -> None:
    _opened(tab, tmp_path, '<img alt="" src="http://example.org/a.png"><script>nothing()</script>')
    assert "http://example.org/a.png" in tab.requests
    assert any("ERR_NAME_NOT_RESOLVED" in one for one in tab.complaints)
    assert any("nothing is not defined" in one for one in tab.complaints)


PLANTED = {
    "illegible": FIGURE.format("#fff", "none", "#222", 8),
    "color-contrast": '<details><summary>a fold</summary><p style="color:#bbb">faint</p></details>',
    "cut off": '<p style="width:2000px">wide</p>',
    "asks another host": '<img alt="" src="http://example.org/a.png">',
    "complains": "<script>nothing()</script>",
}


@pytest.mark.parametrize("rule", PLANTED)
def test_every_page_is_looked_at_for_what_was_planted(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if chromium() is None or not axe.FILE.is_file():
        pytest.skip(f"no chromium here, or no axe-core: {axe.HOW}")
    monkeypatch.setattr(every_page, "SEEN", tmp_path / "seen.jsonl")
    (tmp_path / "right.html").write_text(PAGE.format(lang=' lang="en"', text="<p>Right.</p>"), encoding="utf-8")
    (tmp_path / "wrong.html").write_text(PAGE.format(lang=' lang="en"', text=PLANTED[rule]), encoding="utf-8")
    found = every_page.look_at(tmp_path, every_page.pages(tmp_path))
    assert {one.page for one in found} == {"wrong.html"} and rule in {one.rule for one in found}


def test_a_page_is_opened_again_only_when_something_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if chromium() is None or not axe.FILE.is_file():
        pytest.skip(f"no chromium here, or no axe-core: {axe.HOW}")
    monkeypatch.setattr(every_page, "SEEN", tmp_path / "seen.jsonl")
    for name in "abc":
        (tmp_path / f"{name}.html").write_text(PAGE.format(lang=' lang="en"', text=name), encoding="utf-8")
    opened: list[str] = []

    def looked() -> list[str]:
        opened.clear()
        found = every_page.look_at(tmp_path, every_page.pages(tmp_path), lambda name, wrong: opened.append(name))
        assert {one.rule for one in found} <= {"image-alt"}
        return sorted(opened)

    assert looked() == ["a.html", "b.html", "c.html"]
    assert looked() == []
    (tmp_path / "b.html").write_text(PAGE.format(lang=' lang="en"', text='<img src="data:,">'), encoding="utf-8")
    assert looked() == ["b.html"]
    assert len(every_page.look_at(tmp_path, ["b.html"])) == 4, "what was found is kept, too"
    (tmp_path / "site.css").write_text("p { margin: 0 }", encoding="utf-8")
    assert looked() == ["a.html", "b.html", "c.html"]
