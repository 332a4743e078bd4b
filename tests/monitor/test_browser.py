"""Proves, in a real browser, that the built site works: no other host, no errors, nothing cut off, search, languages.

The site is the one that ``run.py monitor`` built last; where it is not built, or there is no Chromium, nothing is
tested and the reason is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.monitor import axe, every_page
from tests.monitor.browser import NARROW, WIDE, Page, browsing, chromium, serving
from tests.monitor.legible import cut_off

# Pages of each kind; those that this build of the site lacks are left out.
KEY_PAGES = (
    *("index", "chapters", "is_het_echt_gestegen", "search", "genindex"),
    *("notebooks/01_development", "notebooks/02_learning_behaviour", "notebooks/06m_changing_gaps_method"),
    *("notebooks/08_netherlands_in_piaac", "notebooks/09_published_figures", "tutorials/weighting"),
    *("how_to/get_data", "explanation/one_kernel", "reference/glossary", "reference/codebook_nea"),
    *("reference/certification", "reference/api", "reference/reviewers", "known_faults"),
    *("groups", "groups/flexible", "figures", "tables"),
)


@pytest.fixture(scope="session")
def site(built_site: Path) -> Path:
    """The site, where there is a browser to open it in."""
    if chromium() is None:
        pytest.skip("no chromium here: the site was not opened in a browser")
    return built_site


@pytest.fixture(scope="module")
def tab(site: Path) -> Iterator[Page]:
    with browsing() as page:
        yield page


def _pages(site: Path, names: tuple[str, ...] = KEY_PAGES) -> dict[str, Path]:
    """The pages of these names that are there, in each language."""
    places = {f"{folder}{name}": site / folder / f"{name}.html" for folder in ("", "en/") for name in names}
    return {name: path for name, path in places.items() if path.is_file()}


def test_pages_ask_no_other_host_and_do_not_complain(site: Path, tab: Page) -> None:
    found = {}
    for name, path in _pages(site).items():
        tab.open(path.as_uri())
        tab.until("document.fonts.status === 'loaded'")
        elsewhere = [one for one in tab.requests if urlsplit(one).scheme not in ("file", "data", "blob", "about")]
        found[name] = (elsewhere, tab.complaints)
    assert len(found) >= 12
    assert {name: told for name, told in found.items() if any(told)} == {}


def test_nothing_is_cut_off_on_a_phone(site: Path, tab: Page) -> None:
    found = {}
    for name, path in _pages(site).items():
        tab.open(path.as_uri(), width=NARROW)
        found[name] = cut_off(tab)
    assert {name: elements for name, elements in found.items() if elements} == {}


def test_a_switch_leads_to_the_same_page_in_the_other_language(site: Path, tab: Page) -> None:
    english = _pages(site / "en", KEY_PAGES)
    if not english:
        pytest.skip("this build of the site has one language")
    for name, path in _pages(site).items():
        tab.open(path.as_uri())
        links = "[...document.querySelectorAll('.llo-languages a[hreflang]')].map(a => a.href)"
        (there,) = set(tab.evaluate(links))
        twin = site / name.removeprefix("en/") if name.startswith("en/") else site / "en" / name
        assert Path(unquote(urlsplit(there).path)) == twin.with_suffix(".html"), name
        assert twin.with_suffix(".html").is_file(), name


CELLS = '<div role="main"><table><tr><td>2019</td><td>40,9</td></tr></table><svg><text>2019</text></svg></div>'


@pytest.mark.parametrize("folder", ["", "en"])
def test_search_finds_a_word(site: Path, tab: Page, folder: str) -> None:
    page = site / folder / "search.html"
    if not page.is_file():
        pytest.skip("this build of the site has one language")
    with serving(site) as address:  # as a file the browser refuses the page its excerpts
        tab.open(f"{address}/{page.relative_to(site).as_posix()}?q=piaac")
        found = tab.until("document.querySelectorAll('#search-results li a').length")
        tab.until("document.querySelectorAll('#search-results li p').length")
        told = tab.until("document.querySelector('#search-results .search-summary').textContent")
        last = tab.evaluate("document.querySelectorAll('#search-results > ul > li').length")
        assert str(last) in told and told.startswith("Search" if folder else "Klaar"), "heard when it ends"
        assert tab.evaluate(f"Search.htmlToText({CELLS!r})").split() == ["2019", "40,9"]
        assert found and tab.complaints == []
        assert [one for one in tab.requests if not one.startswith((address, "data:"))] == []


def test_the_slider_moves_on_its_page(site: Path, tab: Page) -> None:
    pages = _pages(site, ("is_het_echt_gestegen",))
    if not pages:
        pytest.skip("this build of the site has no page with the slider")
    for width in (WIDE, NARROW):
        for path in pages.values():
            tab.open(path.as_uri(), width=width)
            look = "document.getElementById('risen-verdict').dataset.verdict"
            assert tab.evaluate(look) == "rose"
            tab.evaluate("document.getElementById('risen-break').focus()")
            for _ in range(40):
                tab.press("ArrowRight", 39)
            assert tab.evaluate(look) == "unknown" and tab.complaints == []
            assert tab.evaluate("location.hash") == "#break=4&group=training"


@pytest.fixture
def checker() -> None:
    """The file of axe-core."""
    if not axe.FILE.is_file():
        pytest.skip(f"axe-core is not here: {axe.HOW}")


@pytest.mark.slow
def test_opened_menus_meet_wcag(site: Path, tab: Page, checker: None) -> None:
    """The menu of a phone, that of the page, and the search box, each opened."""
    found = {}
    for name, path in _pages(site, ("index", "how_to/get_data", "notebooks/02_learning_behaviour")).items():
        for opener in (".primary-toggle", ".secondary-toggle", ".search-button__button"):
            tab.open(path.as_uri(), width=NARROW)
            button = f"[...document.querySelectorAll('{opener}')].find(e => e.checkVisibility())"
            if not tab.evaluate(f"Boolean({button})"):
                continue
            tab.evaluate(f"{button}.click()")
            tab.until("document.querySelector('dialog[open]')", 5.0)
            found[f"{name} {opener}"] = axe.violations(tab)
    assert {where: rules for where, rules in found.items() if rules} == {}


@pytest.mark.slow
def test_every_page_meets_wcag_and_is_legible_on_a_phone_and_in_the_dark(site: Path, checker: None) -> None:
    """And nothing is cut off, no other host asked, nothing complains. Half an hour where no page was seen before."""
    assert every_page.counted(every_page.look_at(site, every_page.pages(site))) == []
