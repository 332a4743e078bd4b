"""What a receipt says of other programs, in Dutch: sentences are found by their English form, which scripts have."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_PLACE = re.compile(r"\{([a-z])\}")


def said(sentence: str, language: str) -> str:
    """A sentence in the language asked for; one that has no Dutch form stays as it is."""
    return _in_dutch(sentence) if language == "nl" else sentence


def _in_dutch(sentence: str) -> str:
    """The Dutch form, with what fills its places in Dutch too."""
    plain, patterns = table()
    if sentence in plain:
        return plain[sentence]
    for pattern, dutch in patterns:
        if found := pattern.fullmatch(sentence):
            return dutch.format(**{place: _in_dutch(words) for place, words in found.groupdict().items()})
    return sentence


@cache
def table() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """Dutch by English; and by pattern where something is filled in, those with the most words of their own first."""
    text = (files("llo_research.results.receipts") / "in_dutch.txt").read_text(encoding="utf-8")
    pairs = re.findall(r"^en: (.+)\nnl: (.+)$", text, flags=re.MULTILINE)
    several = sorted((pair for pair in pairs if _PLACE.search(pair[0])), key=lambda pair: -len(pair[0]))
    return {en: nl for en, nl in pairs if not _PLACE.search(en)}, [(_pattern(en), nl) for en, nl in several]


def _pattern(english: str) -> re.Pattern[str]:
    """A sentence whose places are filled with anything."""
    parts = _PLACE.split(english)
    return re.compile("".join(f"(?P<{one}>.+?)" if i % 2 else re.escape(one) for i, one in enumerate(parts)), re.DOTALL)
