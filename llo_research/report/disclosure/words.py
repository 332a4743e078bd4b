"""What the documents of an export say, and the rules that a row breaks, in English and Dutch: ``words.toml``."""

from __future__ import annotations

import math
import tomllib
from importlib.resources import files
from typing import Any

_WORDS: dict[str, Any] = tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))
RULES: tuple[str, ...] = tuple(_WORDS["rules"])


def say(key: str, language: str, **values: object) -> str:
    """A text in the language."""
    return str(_WORDS["say"][key][language]).format(**values)


def rule_in_words(rule: str, language: str) -> str:
    """The name of a rule."""
    return str(_WORDS["rules"][rule]["name"][language])


def why_in_words(rule: str, found: float, limit: float, language: str) -> str:
    """Why a row does not leave, in one sentence; found, limit : nan where there is none."""
    told = _WORDS["rules"][rule]
    words = told["unknown"] if "unknown" in told and math.isnan(found) else told["why"]
    return str(words[language]).format(found=found, limit=limit)
