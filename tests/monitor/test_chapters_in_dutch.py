"""Proves that each chapter shows the same numbers in Dutch as in English, written the Dutch way, and no English words.

The Dutch code is run here; the English outputs are the committed ones, which are compared cell by cell elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import llo_research as llo
from llo_research.monitor.notebooks.about import about, notebooks, read_notebook, reason_not_verifiable
from llo_research.monitor.notebooks.literals import is_prose
from llo_research.monitor.notebooks.normalise import normalised
from llo_research.monitor.notebooks.translate import in_language
from llo_research.monitor.notebooks.twin_file import path_of_twin, read_twin, source_of
from llo_research.monitor.notebooks.twin_words import numbers
from tests.monitor.conftest import ROOT
from tests.monitor.running import run, saved
from tests.report.languages import evidence, labels_of_one_language

QUICK = ("02_learning_behaviour", "09_published_figures")
CHAPTERS = [
    pytest.param(path, id=path.stem, marks=[] if path.stem in QUICK else [pytest.mark.slow]) for path in notebooks(ROOT)
]
# A decimal point where the Dutch write a comma: not a thousand, a version or a number with a point of its own.
ENGLISH_DECIMAL = re.compile(r"(?<![\w.,/])\d+\.(?!\d{3}\b)\d+(?![\w.]|,\d)")
# Words that Dutch prose has too, though the tables and figures of the library do not.
DUTCH_TOO = {"had", "data", "ratio", "at", "person", "units", "are", "error", "job", "see"}
REPLICATION = re.compile(r"\bJK\d")  # one language names it in words
# "15 tot 75 jaar" is "aged 15 to 74", "10 tot 50 werkzame personen" is "10-49 workers".
CLASSES = re.compile(r"\b(\d+) tot (\d+)(?= (?:jaar|werkzame personen))")
REFUSAL = "except llo.LloError"  # shows a message of the library, which is in English; the prose before it says so
# Code, places, links; names and titles in italics.
CODE = re.compile(r"```.*?```|(?<!\*)\*(?!\*)[^*\n]+\*(?!\*)|CC BY|`[^`]*`|\{[^{}|]*|\]\([^)]*\)|https?://\S+", re.S)


@cache
def titles() -> tuple[str, ...]:
    """Titles of publications, which stay as printed."""
    return tuple(str(title) for title in llo.published()["source_title"].unique())


def numbers_in(text: str, language: str) -> list[str]:
    """The numbers of an output, without those in labels that the two languages write with other numbers."""
    text = CLASSES.sub(lambda at: f"{at[1]} tot {int(at[2]) - 1}", REPLICATION.sub(" ", text))
    return numbers(text, language)


def rows(text: str) -> list[str]:
    """The lines of tables."""
    return [line for line in text.splitlines() if line.lstrip().startswith("|")]


def differing(english: dict[str, str], dutch: dict[str, str]) -> Iterator[str]:
    """Cells that do not show the same numbers; those of tables in the same order."""
    for cell, text in english.items():
        made = dutch[cell]
        one, other = Counter(numbers_in(text, "en")), Counter(numbers_in(made, "nl"))
        if one != other:
            yield f"{cell}: only in English {[*(one - other).elements()]}, only in Dutch {[*(other - one).elements()]}"
        elif [numbers_in(row, "en") for row in rows(text)] != [numbers_in(row, "nl") for row in rows(made)]:
            yield f"{cell}: a table has its numbers in another order"
        if found := ENGLISH_DECIMAL.findall(made):
            yield f"{cell}: decimal points {found[:5]}"


def english_in(text: str) -> list[str]:
    """English words and labels in a Dutch text; a refusal of the library is shown in English, and announced."""
    if "\n  where: " in text:
        return []
    bare = " ".join(CODE.sub(" ", text).split())
    found = [word for word in evidence(bare, "nl", titles()) if word not in DUTCH_TOO]
    return found + [label for label in labels_of_one_language()["nl"] if label in bare.lower()]


@pytest.mark.parametrize("path", CHAPTERS)
def test_the_numbers_are_those_of_the_english_chapter(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reason = reason_not_verifiable(about(path), ROOT)
    if reason is not None:
        pytest.skip(reason)
    english = normalised(read_notebook(path))
    dutch = run(in_language(english, read_twin(path_of_twin(path))), path.parent, monkeypatch)
    assert list(differing(saved(english), dutch)) == []
    refusals = {cell["id"] for cell in english["cells"] if REFUSAL in source_of(cell)}
    found = {cell: words for cell, text in dutch.items() if cell not in refusals and (words := english_in(text))}
    assert found == {}, "English in what the Dutch chapter shows"


@pytest.mark.parametrize("path", notebooks(ROOT), ids=lambda path: path.stem)
def test_the_prose_is_dutch(path: Path) -> None:
    twin = read_twin(path_of_twin(path))
    english = {cell["id"]: cell for cell in normalised(read_notebook(path))["cells"]}
    texts = {}
    for cell, block in twin.blocks.items():
        is_code = english[cell]["cell_type"] == "code"
        texts[cell] = (
            " ".join(dutch for _, dutch in block.pairs if is_prose(dutch) and "==" not in dutch)
            if is_code
            else block.text
        )
    found = {cell: words for cell, text in texts.items() if (words := english_in(text))}
    assert found == {}


PLANTED = {
    "another number": ("12.5% of 1,250", "12,6% van 1.250", "only in Dutch ['12.6']"),
    "a lost sign": ("-0.5 points", "0,5 punten", "only in English ['-.5']"),
    "a decimal point": ("12.5% of all", "12.5% van allen", "decimal points ['12.5']"),
    "rows turned": ("| a | 1 |\n| b | 2 |", "| b | 2 |\n| a | 1 |", "another order"),
}


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_difference_is_seen(case: str) -> None:
    english, dutch, said = PLANTED[case]
    assert said in "\n".join(differing({"cell-01": english}, {"cell-01": dutch}))


def test_the_same_in_both_languages_is_no_difference() -> None:
    english = "| a | 12.5 (-1.25 to 1,250.5) |\nllo 0.1.0, 2014-2020, $p$ < 0.001, aged 15 to 74, upper secondary"
    dutch = "| a | 12,5 (-1,25 tot 1.250,5) |\nllo 0.1.0, 2014-2020, $p$ < 0,001, van 15 tot 75 jaar, mbo 2-4"
    assert list(differing({"cell-01": english}, {"cell-01": dutch})) == []
    assert english_in("Wat `the share` is, zegt figuur 1.") == [] and english_in("Wat the share is.") == [
        "share",
        "the",
    ]
