"""Proves that the site is built without network or warnings, and that no page loads anything from elsewhere."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from llo_research.errors import LloError
from llo_research.monitor.notebooks.about import About, about
from llo_research.monitor.notebooks.normalise import normalised
from llo_research.monitor.site.site import Rendered, build_site, with_banner
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


WARNINGS: list[str] = []


class Page(HTMLParser):
    """What a page loads, what it lacks, and how it is called."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.without_alt: list[str] = []
        self.language = ""
        self.mathematics = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        named = ("src", "srcset", "data", "poster") + (("href",) if tag in ("link", "use", "image") else ())
        self.loads += [str(found[name]) for name in named if found.get(name)]
        self.loads += STYLE_LOADS.findall(found.get("style") or "")
        if tag == "img" and "alt" not in found:
            self.without_alt.append(str(found.get("src")))
        if tag == "html":
            self.language = found.get("lang") or ""
        self.mathematics += tag == "math"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the project's own pages with two small chapters, built where the network is closed."""
    for package in ("sphinx", "myst_nb", "pydata_sphinx_theme", "latex2mathml"):
        pytest.importorskip(package)
    root = tmp_path_factory.mktemp("a project")
    closed = tmp_path_factory.mktemp("closed")
    (closed / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    cells = [("markdown", "# Figures: $\\hat p$\n\nProse."), ("markdown", "A finding.", ["finding"]), ("code", "f()")]
    paths = [
        write_notebook(root / "notebooks" / "09_published_figures.ipynb", cells),
        write_notebook(root / "notebooks" / "01_development.ipynb", cells[::2], source_class="synthetic"),
    ]
    rendered = []
    for path in paths:
        notebook = normalised(json.loads(path.read_text(encoding="utf-8")))
        shown = {
            "output_type": "display_data",
            "data": {"image/svg+xml": SVG},
            "metadata": {"image/svg+xml": {"alt": "Dot"}},
        }
        notebook["cells"][-1]["outputs"] = [shown]
        tags = [] if "development" in path.stem else ["finding"]
        notebook["cells"][-1]["metadata"] = {"tags": tags}
        reason = "" if tags else "Fetch it."
        rendered.append(Rendered(about(path), notebook, reason))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(closed))
        warnings = build_site(root, {"en": rendered}, root / "build" / "site-source", root / "build" / "site")
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


def test_pages_are_accessible(pages: dict[str, Page]) -> None:
    assert {name for name, page in pages.items() if page.language != "en"} == set()
    assert {name: page.without_alt for name, page in pages.items() if page.without_alt} == {}


def test_mathematics_is_in_the_page(pages: dict[str, Page]) -> None:
    assert pages["explanation/one_kernel.html"].mathematics > 20
    assert pages["notebooks/09_published_figures.html"].mathematics > 0


def test_the_front_page_shows_findings_and_disclaims(built: Path) -> None:
    text = (built / "index.html").read_text(encoding="utf-8")
    assert "A finding." in text
    assert 'alt="Dot"' in text
    assert "not a publication of SER, TNO, CBS or ROA" in text


def test_chapters_say_what_they_are(built: Path) -> None:
    synthetic = (built / "notebooks" / "01_development.html").read_text(encoding="utf-8")
    assert "shows method, not the Netherlands" in synthetic.partition("<footer")[0]
    assert "Not verified in this build" in synthetic
    published = (built / "notebooks" / "09_published_figures.html").read_text(encoding="utf-8")
    assert "published figures, each with its source" in published
    assert "Not verified" not in published
    assert "not verified" in (built / "chapters.html").read_text(encoding="utf-8")


def test_nothing_of_this_computer_is_in_the_site(built: Path) -> None:
    found = [
        path.name
        for path in built.rglob("*")
        if path.suffix in {".html", ".js"} and str(built.parent) in path.read_text(encoding="utf-8")
    ]
    assert found == []


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
