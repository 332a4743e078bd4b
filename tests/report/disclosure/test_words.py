"""The documents of an export say the same in both languages: with the same numbers and names in the same texts."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from string import Formatter

import pytest

import llo_research.report.disclosure as disclosure
from llo_research.report.disclosure.findings import Finding
from llo_research.report.disclosure.words import RULES, why_in_words

WORDS = tomllib.loads((files(disclosure) / "words.toml").read_text(encoding="utf-8"))


def places(text: str) -> set[str | None]:
    """What is filled in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDS["say"])
def test_a_text_is_in_both_languages_with_the_same_to_fill_in(key: str) -> None:
    told = WORDS["say"][key]
    assert set(told) == {"en", "nl"} and places(told["en"]) == places(told["nl"])


def test_what_nobody_knows_is_no_number_in_either_language() -> None:
    for rule in RULES:
        for language in ("en", "nl"):
            assert "nan" not in why_in_words(rule, 3.0, 10.0, language)
    unknown = Finding("mean", 0, "dominance", limit=0.5)
    assert "not known" in unknown.why and "50%" in unknown.why
    assert "niet bekend" in why_in_words("dominance", unknown.found, unknown.limit, "nl")
