"""What a chapter's prose may not say by itself: an estimate, or a direction. Both come from results."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# What numbers of a text are when they are no estimates; taken out before the rest is read.
_INNOCENT = (
    r"`[^`]*`",  # code
    r"\$\$.*?\$\$|\$[^$\n]*\$",  # formulas
    r"\]\([^)]*\)|https?://\S+",  # links
    r"\b95\s?(?:%|per ?cent|procent)",  # the level of intervals
    r"\b(?:section|sections|chapter|chapters|figure|figures|table|part|number|exercise|NEA|ch\.|JK|mbo|cycle|version)"
    r"\s\d+[a-z]?(?:(?:, | and |-| to |–)\d+[a-z]?)*",
    r"\b(?:paragraaf|hoofdstuk|hoofdstukken|figuur|figuren|tabel|deel|nummer|opgave)\s\d+[a-z]?(?:(?:, | en |-)\d+[a-z]?)*",
    r"\b(?:aged?|ages|of|under|people of|in work,) \d\d(?:\s?(?:-|–|to|and) ?(?:\d\d|over))?\b(?! ?(?:%|per|point|proc))",
    r"\b(?:19|20)\d\d(?:\s?[-–]\s?\d{2,4})?\b",  # years
    r"^\s*(?:>\s*)?\d+\.\s",  # lists
    r"^#+ \d+\.",  # headings
)
_TAKEN = re.compile("|".join(_INNOCENT), flags=re.MULTILINE | re.DOTALL)
_ESTIMATE = re.compile(
    r"\d+(?:[.,]\d+)?\s?%|\d+(?:[.,]\d+)?\s(?:per ?cent|percent|procent|(?:percentage )?points?|procentpunt\w*)\b"
    r"|(?<![\d.,])\d+[.,]\d{1,2}(?![\d.,])|(?<![\d.,])0[.,]\d+"
    r"|\b(?:a|one|two|three|twee|drie|een)[ -](?:third|quarter|fifth|tenth|derde|kwart|vijfde)s?\b"
    r"|\bhalf (?:of|as)\b(?! the sample)|\b(?:twice|thrice|three times|four times) as\b|\bhalf van\b|\b(?:twee|drie)\s?keer zo\b"
    r"|\bone in (?:two|three|four|five|six|ten|twenty)\b|\b(?:the|de) helft\b",
    flags=re.IGNORECASE,
)
_DIRECTION = re.compile(
    r"\b(?:more|less|fewer|higher|lower|larger|smaller|wider|narrower|greater|most|(?<!at )least|highest|largest|smallest"
    r"|ris(?:e|es|en|ing)|rose|falls?|fell|fallen|falling|grow(?:s|n|ing)?|grew|shrinks?|shrank|widen\w*|narrow(?:s|ed|ing)?"
    r"|increas\w+|decreas\w+|declin\w+|drop(?:s|ped)?|above|below|opposite|catch(?:es|ing)? up|caught up"
    r"|meer|minder|hoger|lager|groter|kleiner|breder|smaller|stijg\w*|steeg|daal\w*|dal(?:en|ing)|toe(?:neemt|genomen|name)"
    r"|af(?:neemt|genomen|name)|vaker|boven|onder)\b",
    flags=re.IGNORECASE,
)
_BOLD = re.compile(r"\*\*(.+?)\*\*", flags=re.DOTALL)
_PLACE = re.compile(r"\{[^{}]*\}")
SENTENCE = 5  # words: bold text of fewer is a name


def typed_estimates(text: str) -> list[str]:
    """Numbers of a text that look like estimates, with the words around them."""
    plain = _TAKEN.sub(lambda found: re.sub(r"\S", "_", found[0]), text)
    return [_around(text, found) for found in _ESTIMATE.finditer(plain)]


def typed_directions(text: str) -> list[str]:
    """Bold sentences of a text that state a direction; places that a result fills are no words of it."""
    bold = [" ".join(found[1].split()) for found in _BOLD.finditer(text)]
    return [one for one in bold if len(one.split()) >= SENTENCE and _DIRECTION.search(_PLACE.sub("", one))]


def has_direction(text: str) -> bool:
    """Whether a text says more or less of something, outside the places that a result fills."""
    return bool(_DIRECTION.search(_PLACE.sub("", text)))


def literals(source: str) -> list[str]:
    """The texts of a code cell, each whole (adjacent pieces are one); parts of f-strings by themselves."""
    tree = ast.parse(source)
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def cells(path: Path) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The cells of a notebook: where, the cell, its source."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        yield f"{path.stem}, {cell['id']}", cell, "".join(cell["source"])


def _around(text: str, found: re.Match[str]) -> str:
    """A number with a few words before and after."""
    before, after = text[: found.start()].split()[-4:], text[found.end() :].split()[:4]
    return " ".join([*before, found[0], *after])
