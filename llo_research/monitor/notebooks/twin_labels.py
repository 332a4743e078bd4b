"""Names of a twin beside the library's own words, and beside those of the other twins: one English, one Dutch."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from llo_research.monitor.notebooks.about import notebooks
from llo_research.monitor.notebooks.twin_file import Twin, path_of_twin, read_twin

LONGEST = 8  # words of a label; what is longer is a sentence, and compared as one
_CONTRARY = (  # words that tell two names apart, English and Dutch
    (r"this|current", r"huidige?|dit|deze"),
    (r"next|other|another", r"andere?|volgende?"),
    (r"with", r"(?<!tot en )met"),
    (r"without|not|no|neither", r"zonder|niet|geen"),
    (r"before", r"voor(?! (?:het|de|een)\b)|ervoor"),
    (r"after|later", r"na|erna|later"),
    (r"first", r"eerste?"),
    (r"second", r"tweede"),
    (r"last", r"laatste?"),
    (r"low(er)?|little|few(er)?|less|below|under", r"laag|lage(re)?|weinig|minder|onder|korter"),
    (r"high(er)?|much|many|more|above|over", r"hoog|hogere?|hoge|veel|vaker|meer|boven|hoger|langer"),
    (r"permanent", r"vaste?"),
    (r"flexible|temporary", r"flexibele?|tijdelijke?"),
    (r"tertiary|hbo", r"hbo"),
    (r"lower secondary|up to mbo-1", r"tot en met mbo-1"),
    (r"men|male", r"mannen|man"),
    (r"women|female", r"vrouwen|vrouw"),
    (r"employees?|workers?", r"werknemers?"),
    (r"employers?", r"werkgevers?"),
    (r"self-employed", r"zelfstandigen?"),
)
_SIDES = re.compile(r" (?:minus|min|compared with|vergeleken met) ")


@cache
def library_words() -> Mapping[str, frozenset[str]]:
    """The Dutch of each English word that codebooks, indicators and groups have in both languages, in lower case."""
    known: dict[str, set[str]] = defaultdict(set)
    folders = files("llo_research.data") / "instruments", files("llo_research.monitor")
    for file in (one for folder in folders for one in folder.iterdir() if one.name.endswith(".toml")):
        for english, dutch in _said(tomllib.loads(file.read_text(encoding="utf-8"))):
            known[_plain(english)].add(_plain(dutch))
    return {english: frozenset(dutch) for english, dutch in known.items()}


def _said(told: Any) -> Iterator[tuple[str, str]]:
    """English and Dutch wherever a file has both beside each other."""
    for one in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _said(one)
    if isinstance(told, dict):
        for key, english in told.items():
            dutch = told.get(f"{key[:-2]}nl") if key == "en" or key.endswith("_en") else None
            if isinstance(english, str) and isinstance(dutch, str):
                yield english, dutch


def _plain(text: str) -> str:
    """A word without its article or capitals."""
    return " ".join(text.lower().split()).removeprefix("the ")


def mistaken(english: str, dutch: str) -> Iterator[str]:
    """Why a label, or a side of a comparison, cannot be this in Dutch: it is another's, or says the contrary."""
    sides = _SIDES.split(english), _SIDES.split(dutch)
    if len(sides[0]) != len(sides[1]):
        sides = [english], [dutch]
    for one, other in zip(*sides, strict=True):
        if len(one.split()) <= LONGEST and "{" not in one:
            yield from _anothers(one, other)
            if _is_contrary(one, other):
                yield f"{one!r} and {other!r} say the contrary"


def _anothers(english: str, dutch: str) -> Iterator[str]:
    """Whether a Dutch is the library's word for another English."""
    known, said = library_words(), _plain(dutch)
    own = known.get(_plain(english), frozenset())
    others = sorted(other for other, words in known.items() if said in words)
    if own and said not in own and others and _plain(english) not in others:
        yield f"{english!r} is {' or '.join(sorted(own))!r} in the library, and {dutch!r} is its {others[0]!r}"


def _is_contrary(english: str, dutch: str) -> bool:
    """Whether a word that tells names apart is gone, and another has come."""
    found = [(_has(one, english), _has(other, dutch)) for one, other in _CONTRARY]
    return (True, False) in found and (False, True) in found


def _has(pattern: str, text: str) -> bool:
    """Whether a text has a word of a pattern."""
    return re.search(rf"\b(?:{pattern})\b", text, re.I) is not None


def said_otherwise(path: Path, twin: Twin) -> Iterator[str]:
    """Labels that another twin of the project has in other Dutch, where neither says that it is free to."""
    root = next((one for one in path.resolve().parents if (one / "notebooks").is_dir()), path.parent)
    own = _labels(twin)
    for notebook in notebooks(root):
        if notebook.stem == path.stem or not path_of_twin(notebook).exists():
            continue
        for english, dutch in _labels(read_twin(path_of_twin(notebook))).items():
            if own.get(english, dutch) != dutch:
                yield f"{english!r} is {own[english]!r}, and {dutch!r} in {notebook.stem}"


def _labels(twin: Twin) -> dict[str, str]:
    """English and Dutch of what a twin has one Dutch for everywhere."""
    code = [one for one in twin.blocks.values() if one.text.startswith(("en:", "```en")) and not one.is_free]
    pairs = (pair for block in code for pair in block.pairs)
    held = {english: dutch for english, dutch in pairs if len(english.split()) <= LONGEST}
    return {english: dutch for english, dutch in {**held, **twin.names}.items() if english not in twin.free}
