"""Proves that the site is built in two languages, without network or warnings, and loads nothing from elsewhere."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from argparse import Namespace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

from llo_research.errors import DataError, LloError
from llo_research.monitor.notebooks.about import About, about
from llo_research.monitor.notebooks.normalise import normalised
from llo_research.monitor.site.site import Rendered, build_site, whole_address, with_banner
from tests.monitor.browser import browsing, chromium
from tests.monitor.conftest import ROOT, write_notebook

NO_NETWORK = """
import socket
def refuse(self, address):
    raise OSError(f"the network was used: {address}")
socket.socket.connect = refuse
"""
ELSEWHERE = re.compile(r"\s*(?:https?:)?//", re.I)
STYLE_LOADS = re.compile(r"""(?:url\(\s*['"]?|@import\s+['"])\s*((?:https?:)?//[^'")]+)""", re.I)
SCRIPT_LOADS = re.compile(
    r"""https?://(?:cdn|unpkg|fonts|ajax|[\w.]*(?:cloudflare|jsdelivr|googleapis))[^"'\s]*""", re.I
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>'

HEAVY = 500_000  # bytes of a page

WARNINGS: list[str] = []


class Page(HTMLParser):
    """What a page loads, what it lacks, and how it is called."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.without_alt: list[str] = []
        self.language = ""
        self.inside: list[str] = []
        self.switches: list[tuple[str, str]] = []
        self.alternates: dict[str, str] = {}
        self.told: dict[str, str] = {}
        self.mathematics = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        links = tag in ("use", "image") or (tag == "link" and found.get("rel") != "alternate")
        named = ("src", "srcset", "data", "poster") + (("href",) if links else ())
        self.loads += [str(found[name]) for name in named if found.get(name)]
        self.loads += STYLE_LOADS.findall(found.get("style") or "")
        if tag == "img" and "alt" not in found:
            self.without_alt.append(str(found.get("src")))
        if tag == "html":
            self.language = found.get("lang") or ""
        if tag == "div" and found.get("lang"):
            self.inside.append(str(found["lang"]))
        if tag == "a" and found.get("hreflang"):
            self.switches.append((str(found["hreflang"]), str(found["href"])))
        if tag == "link" and found.get("rel") == "alternate":
            self.alternates[str(found["hreflang"])] = str(found["href"])
        if tag == "meta" and found.get("content"):
            self.told[str(found.get("property") or found.get("name"))] = str(found["content"])
        self.mathematics += tag == "math"


def chapter(path: Path, *, shows: bool, sentence: str) -> Rendered:
    """A chapter with a figure, and with a finding in the sentence's language."""
    notebook = normalised(json.loads(path.read_text(encoding="utf-8")))
    about_it = {"image/svg+xml": {"alt": "Dot"}}
    shown = {"output_type": "display_data", "data": {"image/svg+xml": SVG}, "metadata": about_it}
    notebook["cells"][-1]["outputs"] = [shown]
    notebook["cells"][-1]["metadata"] = {"tags": ["finding"] if shows else []}
    if shows:
        notebook["cells"][1]["source"] = [sentence]
    return Rendered(about(path), notebook, "" if shows else "Fetch it.")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the project's pages with two small chapters, one in Dutch too, built where the network is closed."""
    for package in ("sphinx", "myst_nb", "pydata_sphinx_theme", "latex2mathml"):
        pytest.importorskip(package)
    root = tmp_path_factory.mktemp("a project")
    closed = tmp_path_factory.mktemp("closed")
    (closed / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "CITATION.cff", root)
    cells = [("markdown", "# Figures: $\\hat p$\n\nProse."), ("markdown", "A finding.", ["finding"]), ("code", "f()")]
    first = write_notebook(root / "notebooks" / "09_published_figures.ipynb", cells)
    second = write_notebook(root / "notebooks" / "01_development.ipynb", cells[::2], source_class="synthetic")
    english = [chapter(first, shows=True, sentence="A finding."), chapter(second, shows=False, sentence="")]
    dutch = [chapter(first, shows=True, sentence="Een bevinding.")]
    tutorial = root / "docs" / "tutorials" / "weighting.ipynb"  # its figures are made into HTML as those of chapters
    english.append(Rendered(about(tutorial), json.loads(tutorial.read_text(encoding="utf-8")), ""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(closed))
        patch.delenv("LLO_DATA", raising=False)
        patch.chdir(root)
        for name in ("compared", "_people"):
            module = "figure_pages" if name == "compared" else "group_numbers"
            patch.setattr(f"llo_research.monitor.site.{module}.{name}", lambda *_: None)
        patch.setattr("llo_research.monitor.site.table_pages.compared", lambda *_: None)
        rendered = {"en": english, "nl": dutch}
        warnings = build_site(root, rendered, root / "build" / "site-source", root / "build" / "site")
    WARNINGS[:] = warnings
    return root / "build" / "site"


@pytest.fixture(scope="module")
def pages(built: Path) -> dict[str, Page]:
    return {
        path.relative_to(built).as_posix(): Page(path.read_text(encoding="utf-8")) for path in built.rglob("*.html")
    }


def test_there_are_no_warnings(built: Path) -> None:
    assert WARNINGS == []


def test_no_page_loads_from_elsewhere(built: Path, pages: dict[str, Page]) -> None:
    found = {name: [load for load in page.loads if ELSEWHERE.match(load)] for name, page in pages.items()}
    assert {name: loads for name, loads in found.items() if loads} == {}
    styles = {path.name: STYLE_LOADS.findall(path.read_text(encoding="utf-8")) for path in built.rglob("*.css")}
    assert {name: loads for name, loads in styles.items() if loads} == {}
    scripts = {path.name: SCRIPT_LOADS.findall(path.read_text(encoding="utf-8")) for path in built.rglob("*.js")}
    assert {name: loads for name, loads in scripts.items() if loads} == {}


def test_what_pages_load_is_there(built: Path, pages: dict[str, Page]) -> None:
    absent = []
    for name, page in pages.items():
        for load in page.loads:
            target = (built / name).parent / load.partition("?")[0].partition("#")[0]
            if not load.startswith(("data:", "#")) and not target.exists():
                absent.append((name, load))
    assert absent == []


def test_pages_have_a_language_and_alternative_texts(pages: dict[str, Page]) -> None:
    wrong = {name for name, page in pages.items() if page.language != ("en" if name.startswith("en/") else "nl")}
    assert wrong == set()
    assert {name: page.without_alt for name, page in pages.items() if page.without_alt} == {}


def test_the_switch_keeps_the_place(built: Path, pages: dict[str, Page]) -> None:
    assert {name for name in pages if not name.startswith("en/")} == {
        name.removeprefix("en/") for name in pages if name.startswith("en/")
    }
    for name, page in pages.items():
        other = name.removeprefix("en/") if name.startswith("en/") else f"en/{name}"
        language = "nl" if name.startswith("en/") else "en"
        here = (built / name).parent
        assert page.switches, name
        targets = {(kind, (here / link).resolve().relative_to(built).as_posix()) for kind, link in page.switches}
        assert targets == {(language, other)}, name
        found = {kind: (here / link).resolve().relative_to(built).as_posix() for kind, link in page.alternates.items()}
        assert found == {language: other, "nl" if language == "en" else "en": name}


def test_a_page_without_dutch_says_so_and_is_marked_as_english(built: Path, pages: dict[str, Page]) -> None:
    for name in ("reference/api.html", "explanation/one_kernel.html", "notebooks/01_development.html"):
        assert "en" in pages[name].inside, name
        assert "Deze pagina is er alleen in het Engels." in (built / name).read_text(encoding="utf-8")
        assert "en" not in pages[f"en/{name}"].inside
    for name in (
        "index.html",
        "reference/glossary.html",
        "notebooks/09_published_figures.html",
        "groups/flexible.html",
    ):
        assert "en" not in pages[name].inside, name


def test_pages_describe_themselves_to_who_gets_a_link(built: Path, pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert {"description", "og:title", "og:description", "og:locale"} <= set(page.told), name
        assert "og:image" not in page.told, "it needs the address of the site, which nobody gave"
    assert pages["index.html"].told["og:title"] == "Wie leert er, en hoe zeker is dat"


def test_every_page_says_whose_it_is_not(built: Path, pages: dict[str, Page]) -> None:
    for name in pages:
        text = (built / name).read_text(encoding="utf-8")
        said = "Not a publication of SER" if name.startswith("en/") else "Geen publicatie van SER"
        assert said in text, name


def test_no_page_is_heavy_and_no_head_of_a_table_is_empty(built: Path, pages: dict[str, Page]) -> None:
    assert {name for name in pages if (built / name).stat().st_size > HEAVY} == set()
    empty = re.compile(r"<th[^>]*>\s*(?:<p>\s*</p>)?\s*</th>")
    assert {name for name in pages if empty.search((built / name).read_text(encoding="utf-8"))} == set()


def test_words_of_the_theme_are_dutch(built: Path) -> None:
    text = (built / "how_to" / "cite.html").read_text(encoding="utf-8")
    assert "Naar de inhoud" in text
    assert "Skip to main content" not in text
    assert "DutchStemmer" in (built / "_static" / "language_data.js").read_text(encoding="utf-8")


def test_a_menu_offers_what_belongs_to_it(built: Path) -> None:
    text = (built / "index.html").read_text(encoding="utf-8")
    for link in ("chapters.html", "groups.html", "is_het_echt_gestegen.html", "tables.html", "known_faults.html"):
        assert f'href="{link}"' in text


def test_mathematics_is_in_the_page(pages: dict[str, Page]) -> None:
    assert pages["explanation/one_kernel.html"].mathematics > 20
    assert pages["notebooks/09_published_figures.html"].mathematics > 0


def test_the_front_page_shows_findings_and_disclaims(built: Path) -> None:
    text = (built / "en" / "index.html").read_text(encoding="utf-8")
    assert "A finding." in text
    assert 'alt="Dot"' in text
    assert "Not a publication of SER, TNO, CBS or ROA" in text
    assert "Een bevinding." in (built / "index.html").read_text(encoding="utf-8")


def test_chapters_say_what_they_are(built: Path) -> None:
    english = built / "en"
    synthetic = (english / "notebooks" / "01_development.html").read_text(encoding="utf-8")
    assert "shows method, not the Netherlands" in synthetic.partition("<footer")[0]
    assert "Not verified in this build" in synthetic
    published = (english / "notebooks" / "09_published_figures.html").read_text(encoding="utf-8")
    assert "published figures, each with its source" in published
    assert "Not verified" not in published
    assert "not verified" in (english / "chapters.html").read_text(encoding="utf-8")


def test_nothing_of_this_computer_is_in_the_site(built: Path) -> None:
    found = [
        path.name
        for path in built.rglob("*")
        if path.suffix in {".html", ".js"} and str(built.parent) in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_the_fold_of_a_cell_is_read_aloud_in_its_language(built: Path) -> None:
    for page, words in (("tutorials/weighting.html", "Toon de code"), ("en/tutorials/weighting.html", "Show the code")):
        text = (built / page).read_text(encoding="utf-8")
        assert words in text
        assert not re.search(r"<summary[^>]*aria-label", text), "another name than the words on it"


def test_titles_of_english_pages_are_english_on_dutch_pages(built: Path) -> None:
    link = r'<a class="reference internal" href="{}"( lang="en")?>'
    contents = (built / "how_to" / "index.html").read_text(encoding="utf-8")
    english = re.findall(link.format(r"write_a_chapter\.html"), contents)
    assert len(english) > 1 and set(english) == {' lang="en"'}, "in the menu and in the list"
    assert set(re.findall(link.format(r"cite\.html"), contents)) == {""}
    assert re.search(
        r'prev-next-title"><span lang="en">',
        (built / "how_to" / "weight_a_wave.html").read_text(encoding="utf-8"),
    )
    there = (built / "en" / "how_to" / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(link.format(r"write_a_chapter\.html"), there)) == {""}


def test_the_words_of_the_search_are_in_the_site(built: Path) -> None:
    said = (built / "_static" / "translations.js").read_text(encoding="utf-8")
    assert "Klaar met zoeken" in said and "Number(" in said


def test_the_search_shows_the_words_around_what_it_found(built: Path) -> None:
    if chromium() is None:
        pytest.skip("no chromium here: the search was not used")
    with browsing() as tab:
        for page, word in (("search.html", "procentpunt"), ("en/search.html", "certification")):
            tab.open(f"{(built / page).as_uri()}?q={word}")  # as a file: what llo monitor names at its end
            tab.until("document.querySelector('#search-results .search-summary')")
            tab.until("document.querySelectorAll('#search-results li p.context').length")
            shown = "[...document.querySelectorAll('#search-results li p.context')].map(p => p.textContent)"
            around = tab.until(f"(t => t.some(x => x.toLowerCase().includes({word!r})) && t)({shown})")
            assert all(20 < len(line) < 260 and "<" not in line for line in around)
            assert tab.complaints == []
        tab.open(f"{(built / 'search.html').as_uri()}?q=bijscholing")  # of its keywords: it does not stand on the page
        tab.until("document.querySelectorAll('#search-results li a[href*=\"groups/over_55\"] ~ p.context').length")
        line = "document.querySelector('#search-results li a[href*=\"groups/over_55\"] ~ p.context').textContent"
        assert tab.evaluate(line).startswith("55 jaar en ouder Wie zijn dit? Werkenden van 55"), "how the page begins"
        html = '<nav>Groepen</nav><article class="x"><p>Lezen</p></article><div class="prev-next">Verder</div>'
        assert tab.evaluate(f"Search.htmlToText({html!r})").split() == ["Lezen"]


def test_a_number_below_zero_has_one_sign_on_every_page(built: Path) -> None:
    hyphen = re.compile(r"(?:>|\s|\()-\d")
    for path in built.rglob("*.html"):
        text = re.sub(r"<(pre|code|script|style|math|svg)\b.*?</\1>", "", path.read_text(encoding="utf-8"), flags=re.S)
        if "api" not in path.parts and "codebook" not in path.name:  # where a hyphen is typed
            assert not [at[0] for at in hyphen.finditer(re.sub(r"<[^>]*>", "", text))], path


def test_the_search_is_named_as_every_page_is(built: Path) -> None:
    for page in ("search.html", "how_to/cite.html", "genindex.html"):
        (title,) = re.findall("<title>(.*?)</title>", (built / page).read_text(encoding="utf-8"), re.DOTALL)
        assert re.fullmatch(r"\S.* (—|&#8212;) llo_research", title), page


def test_no_list_of_definitions_lacks_terms(built: Path) -> None:
    for page in sorted((built / "reference" / "api").glob("*.html")):
        assert not re.search(r"<dl>\s*<dd><em class=\"sig-param", page.read_text(encoding="utf-8")), page.name


def test_one_language_alone_stands_at_the_root_without_a_switch() -> None:
    extension = _extension()
    assert extension.places(["en"], "en", "how_to/cite") == {"en": "../how_to/cite.html"}
    assert extension.places(["nl", "en"], "en", "how_to/cite") == {
        "nl": "../../how_to/cite.html",
        "en": "../../en/how_to/cite.html",
    }


def _extension() -> ModuleType:
    """The extension of the site for its languages."""
    path = ROOT / "docs" / "_extensions" / "two_languages.py"
    spec = importlib.util.spec_from_file_location("two_languages", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("asked", ["https://example.org/monitor", "https://example.org/monitor/"])
def test_with_an_address_pages_and_pictures_are_named_in_full(
    asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {}

    class Run:
        def __init__(self, root: Path, language: str, languages: tuple[str, ...], *rest: object) -> None:
            self.language, given[language] = language, rest[-1]

        def said(self) -> list[str]:
            return []

    monkeypatch.setattr("llo_research.monitor.site.site._Sphinx", Run)
    monkeypatch.setattr("llo_research.monitor.site.site.lay", lambda *_: None)
    build_site(tmp_path, {"nl": [], "en": []}, tmp_path / "a", tmp_path / "b", address=asked)
    assert given == {"nl": "https://example.org/monitor/", "en": "https://example.org/monitor/en/"}

    picture = tmp_path / "_static" / "previews" / "how_to-cite.png"
    picture.parent.mkdir(parents=True)
    picture.touch()
    config = Namespace(language="en", html_baseurl=given["en"], llo_languages="nl,en")
    told = Page(
        "".join(_extension()._described(Namespace(config=config, srcdir=tmp_path), "how_to/cite", {}, None))
    ).told
    assert told["og:image"] == "https://example.org/monitor/en/_static/previews/how_to-cite.png"
    assert told["og:url"] == "https://example.org/monitor/en/how_to/cite.html"


def test_what_is_no_address_is_refused() -> None:
    assert whole_address("") == ""
    for wrong in ("example.org/monitor", "ftp://example.org", "https://", "https://a.nl/?x=1", 'https://a.nl/"x'):
        with pytest.raises(DataError, match="not the address of a site"):
            whole_address(wrong)


def test_a_notebook_without_a_title_gets_one() -> None:
    path = Path("notebooks/09_published_figures.ipynb")
    item = About(path, "published", (), "", "2023", "nl")
    notebook = {"cells": [{"cell_type": "code", "metadata": {}, "source": "1", "outputs": []}]}
    first = "".join(with_banner(Rendered(item, notebook, ""))["cells"][0]["source"])
    assert first.startswith("# What the published figures say")
    assert "llo-banner published" in first


def test_the_rules_can_fail() -> None:
    page = Page('<link href="https://cdn.x/a.css"><img src="//x/a.png"><p style="background: url(http://x/b.png)">')
    assert [bool(ELSEWHERE.match(load)) for load in page.loads] == [True, True, True]
    assert page.without_alt == ["//x/a.png"]
    assert Page('<a href="https://x">').loads == []
    assert STYLE_LOADS.findall("@import 'https://x/y.css'; a { b: url(//x/c.woff2) }") == [
        "https://x/y.css",
        "//x/c.woff2",
    ]
    assert SCRIPT_LOADS.findall('load("https://cdn.jsdelivr.net/npm/mathjax")')


def test_absent_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llo_research.monitor.site.site._installed", lambda name: name != "myst_nb")
    with pytest.raises(LloError, match=r"absent: myst_nb[\s\S]*extra 'docs'"):
        build_site(tmp_path, {}, tmp_path / "a", tmp_path / "b")
