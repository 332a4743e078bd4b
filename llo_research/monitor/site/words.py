"""What the site says itself, in Dutch and English; the texts stand in ``texts.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def _all() -> dict[str, dict[str, dict[str, str]]]:
    """All texts, by page and language."""
    return tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))


def texts(page: str, language: str) -> dict[str, str]:
    """The texts of a page."""
    return _all()[page][language]


def word(name: str, language: str) -> str:
    """A text that stands on several pages."""
    return texts("site", language)[name]


def source_words(source_class: str, language: str) -> tuple[str, str]:
    """What a chapter is computed from: the kind in a word, and what that is."""
    told = texts("kinds", language)
    return told[source_class], told[f"{source_class}_is"]


def in_its_language(text: str, language: str) -> str:
    """Markdown marked with its language, where that is not the page's: ``two_languages`` writes the attribute."""
    return f":::{{container}} llo-lang-{language}\n{text}\n:::" if language else text
