"""What a chapter's prose may not say by itself: an estimate, or a direction. Both come from results."""

from __future__ import annotations

import ast
import re
from typing import Any

# What numbers of a text are when they are no estimates; taken out before the rest is read.
_INNOCENT = (
    r"`[^`]*`",  # code
    r"\$\$.*?\$\$|\$[^$\n]*\$",  # formulas
    r"\]\([^)]*\)|https?://\S+",  # links
    r"\{[^{}]*\}",  # places that results fill
    r"\bhalf of (?:the|its|their) sample\b",  # the split of the NEA
    r"\b9[05]\s?(?:%|per ?cent|procent)",  # the level of intervals
    r"\b(?:CC BY|section|sections|chapter|chapters|figure|figures|table|part|number|exercise|version) \d+(?:\.\d+)?",
    r"\b(?:19|20)\d\d(?:\s?[-–]\s?\d{2,4})?\b",  # years
    r"^\s*(?:>\s*)?\d+\.\s",  # lists
    r"^#+ \d+\.",  # headings
)
_TAKEN = re.compile("|".join(_INNOCENT), flags=re.MULTILINE | re.DOTALL)
_ESTIMATES = (
    r"\d+(?:[.,]\d+)?\s?%",
    r"\d+(?:[.,]\d+)?\s(?:per ?cent|procent|(?:percentage )?points?|procentpunt\w*)\b",
    r"(?<![\d.,])\d+[.,]\d{1,2}(?![\d.,])",
    r"\b(?:a|one|two|three) (?:third|quarter|fifth|tenth)s?\b",
    r"\b(?:een|twee|drie) (?:derde|kwart|vijfde|tiende)\b",
    r"\bhalf (?:of|as)\b|\bhalf van\b|\b(?:the|de) helft\b",
    r"\b(?:twice|thrice|three times|four times) as\b|\b(?:twee|drie|vier) ?keer zo\b",
    r"\bone in (?:two|three|four|five|six|ten)\b",
)
_ESTIMATE = re.compile("|".join(_ESTIMATES), flags=re.IGNORECASE)
UP = (
    r"more|higher|larger|wider|greater|ris(?:e|es|en|ing)|rose|grow(?:s|n|ing)?|grew|widen\w*|increas\w+",
    r"meer|hoger|groter|breder|vaker|stijg\w*|steeg|gestegen|toegenomen|neemt toe",
)
DOWN = (
    r"less|fewer|lower|smaller|narrow(?:er|s|ed|ing)?|falls?|fell|fallen|shrinks?|shrank|decreas\w+|declin\w+",
    r"minder|lager|kleiner|daal\w*|gedaald|afgenomen|neemt af",
)
_OTHER = (r"most|(?<!at )least|highest|largest|smallest|opposite|caught up|catch(?:es)? up", r"meest\w*|minst\w*")
_DIRECTION = re.compile(rf"\b(?:{'|'.join((*UP, *DOWN, *_OTHER))})\b", flags=re.IGNORECASE)
_NAMES = re.compile(r"lower secondary(?: education)?(?: or less)?", flags=re.IGNORECASE)  # of a level of education
_BINDS = re.compile(r":(?:direction|more|more often|by)\b")
_BOLD = re.compile(r"\*\*(.+?)\*\*", flags=re.DOTALL)
_CONDITION = re.compile(r"[<>=]=|[<>] \d")
SENTENCE = 5  # words: bold text of fewer is a name


def typed_estimates(text: str) -> list[str]:
    """Numbers of a text that look like estimates, with the words around them."""
    plain = _TAKEN.sub(lambda found: re.sub(r"\S", "_", found[0]), text)
    return [_around(text, found) for found in _ESTIMATE.finditer(plain)]


def typed_directions(text: str) -> list[str]:
    """Bold sentences of a text that state a direction, and hold no place in which a result states it."""
    bold = [" ".join(found[1].split()) for found in _BOLD.finditer(_NAMES.sub("low", text))]
    return [one for one in bold if len(one.split()) >= SENTENCE and _DIRECTION.search(one) and not _BINDS.search(one)]


def ways(text: str) -> list[int]:
    """The direction words of a text in order: 1 for more, -1 for less."""
    either = re.compile(rf"\b(?:(?P<up>{'|'.join(UP)})|(?:{'|'.join(DOWN)}))\b", flags=re.IGNORECASE)
    return [1 if found["up"] else -1 for found in either.finditer(_NAMES.sub("low", text))]


def literals(source: str) -> list[str]:
    """The texts of a code cell that are sentences: no names, columns, formulas or conditions."""
    values = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    texts = [value for value in values if isinstance(value, str) and len(value.split()) >= SENTENCE]
    return [text for text in texts if not _CONDITION.search(text)]


def of_cell(cell: dict[str, Any]) -> list[str]:
    """What the prose or the templates of a cell say by themselves."""
    source = "".join(cell["source"])
    texts = [source] if cell["cell_type"] == "markdown" else literals(source)
    estimates = [f"an estimate is typed: ...{one}..." for text in texts for one in typed_estimates(text)]
    return [*estimates, *(f"a direction is typed: {one}" for text in texts for one in typed_directions(text))]


def _around(text: str, found: re.Match[str]) -> str:
    """A number with a few words before and after."""
    before, after = text[: found.start()].split()[-4:], text[found.end() :].split()[:4]
    return " ".join([*before, text[found.start() : found.end()], *after])
