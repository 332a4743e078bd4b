"""Proves that each language is laid out of the right pages: Dutch over English, twins of notebooks left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llo_research.monitor.site import lay
from llo_research.monitor.site.registry import Frame


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a page in both languages, one in English, a twin of a tutorial, and words for the theme."""
    pages = {
        "a.md": "A",
        "nl/a.md": "A in het Nederlands",
        "b.md": "B",
        "tutorials/nl/weighting.md": "twin",
        "locale/nl/LC_MESSAGES/sphinx.po": 'msgid "next"',
        "nl/_static/mark.txt": "no page",
    }
    for name, text in pages.items():
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(lay, "generated", lambda frame: {"made.md": "M", "reference/api.md": "R"})
    return tmp_path


@pytest.mark.parametrize(("language", "said"), [("nl", "A in het Nederlands"), ("en", "A")])
def test_a_page_is_in_its_language(root: Path, language: str, said: str) -> None:
    sources = root / "sources"
    lay.lay(Frame(root, language, ("nl", "en"), ()), sources)
    assert (sources / "a.md").read_text(encoding="utf-8") == said
    assert (sources / "b.md").read_text(encoding="utf-8") == "B"
    assert (sources / "locale" / "nl" / "LC_MESSAGES" / "sphinx.po").is_file()
    assert not (sources / "tutorials" / "nl" / "weighting.md").exists()
    assert not (sources / "nl" / "a.md").exists()
    only = json.loads((sources / lay.ONLY).read_text(encoding="utf-8"))
    assert only == ({"b": "en", "reference/api": "en"} if language == "nl" else {})
