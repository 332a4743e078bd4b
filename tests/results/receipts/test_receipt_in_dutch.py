"""A Dutch receipt has no English in what it says of other programs: every sentence that a script may say has its Dutch.

What scripts say is read off their code, so that a sentence that no case of the tests comes to is held as well.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research.results.receipts import in_dutch
from llo_research.results.receipts.as_text import FEW_DIGITS
from llo_research.results.receipts.certified import table as certified
from llo_research.results.receipts.spss import made_of as spss_made_of
from llo_research.results.receipts.spss import write as spss
from llo_research.results.receipts.stata import write as stata
from tests.results.receipts import golden, test_every_script

ROOM = Path(in_dutch.__file__).parent
# English words that Dutch has not, nor any name of a command or option that a sentence quotes
ENGLISH = re.compile(
    r"\b(the|not|are|with|and|which|has|takes|that|from|standard errors?|those|here|people|estimates?|made|weights? are"
    r"|whose|their|ours|each|printed|nearest|comes|has no|does|command|there|where|differences?|shares)\b"
)
# what scripts say first in every case, and a receipt does not repeat; lines for whoever runs the script
OF_SCRIPTS = (
    "The same numbers in",
    "SYNTHETIC DATA",
    "Made from restricted data",
    "NOT RUN",
    "Not run:",
    "It needs the module",
    "What SPSS cannot do",
    "GET FILE reads",
    "models side by side",
    "Models of another program",
    "in SPSS, which does not take the name",
)


def _templates(node: ast.expr, module: Any) -> Iterator[str]:
    """The texts that an argument may be, places as {}; names of the module are looked up."""
    match node:
        case ast.Constant(value=str()):
            yield str(node.value)
        case ast.JoinedStr():
            yield "".join(one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)
        case ast.BinOp():
            yield from (a + b for a in _templates(node.left, module) for b in _templates(node.right, module))
        case ast.IfExp():
            yield from (*_templates(node.body, module), *_templates(node.orelse, module))
        case ast.Name() | ast.Subscript():
            yield from _texts(getattr(module, node.id if isinstance(node, ast.Name) else ast.unparse(node.value), None))
        case ast.Starred():
            yield from _templates(node.value, module)
        case ast.Call():  # " ".join(TEXT.split()), TEXT.format(...)
            yield from (text for one in ast.walk(node) if isinstance(one, ast.Name) for text in _templates(one, module))


def _texts(found: Any) -> Iterator[str]:
    """The texts of a constant: itself, or those of a table."""
    match found:
        case str():
            yield found
        case dict() | tuple():
            yield from (text for one in (found.values() if isinstance(found, dict) else found) for text in _texts(one))


def _said() -> Iterator[str]:
    """Every text that is given to note() or to a class of what a program cannot say."""
    for path in sorted(ROOM.rglob("*.py")):
        name = ".".join(path.relative_to(ROOM.parents[2]).with_suffix("").parts)
        module = importlib.import_module(name)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = getattr(called, "attr", getattr(called, "id", ""))
            if isinstance(node, ast.Call) and name in ("note", "NotInR", "NotInStata", "_said", "_without"):
                for given in (*node.args, *(one.value for one in node.keywords)):
                    yield from (re.sub(r"\{[^}]*\}", "{}", " ".join(one.split())) for one in _templates(given, module))


def _nearest() -> Iterator[str]:
    """Phrases that fill a place."""
    yield from stata.NEAREST.values()
    yield from spss._NEAREST.values()
    yield from spss_made_of._SAYS.values()
    yield from (line["reference"] for line in certified())
    yield from (line["statistic"] for line in certified() if line.get("digits", FEW_DIGITS) < FEW_DIGITS)


def test_every_sentence_has_its_dutch() -> None:
    texts = [text for text in _said() if len(text.split()) > 3 and not any(one in text for one in OF_SCRIPTS)]
    assert len(texts) > 80
    filled = [text.replace("{}", "name_1") for text in [*texts, *_nearest()]]
    assert [text for text in filled if in_dutch.said(text, "nl") == text] == []


def test_the_list_has_each_sentence_once_and_the_same_places_and_numbers() -> None:
    text = (ROOM / "in_dutch.txt").read_text(encoding="utf-8")
    pairs = re.findall(r"^en: (.+)\nnl: (.+)$", text, flags=re.MULTILINE)
    assert len(pairs) == text.count("\nen: ") == text.count("\nnl: ")
    assert len({english for english, _ in pairs}) == len(pairs)
    for english, dutch in pairs:
        assert sorted(re.findall(r"\{\w\}", english)) == sorted(re.findall(r"\{\w\}", dutch)), english
        numbers = [{one.replace(",", ".") for one in re.findall(r"\d+(?:[.,]\d+)?", own)} for own in (english, dutch)]
        assert numbers[0] - {"0.5"} == numbers[1], english  # "0.5 per cent" is "een half procent"


@pytest.mark.parametrize("name", [*golden.CASES, *golden.MADE_OF, *test_every_script.OTHERS])
def test_what_is_said_of_programs_is_dutch(name: str) -> None:
    told = test_every_script._made(name).receipt(language="nl")
    for one in told.get("results", {"": told}).values():
        for program, own in one["programs"].items():
            bare = re.sub(r"'[^']*'|\w+\([^)]*\)", " ", own["cannot"] or "")  # what can be typed stays as it is
            assert not ENGLISH.findall(bare), (program, own["cannot"])


def test_english_would_be_found() -> None:
    assert ENGLISH.findall("SPSS has no command like oaxaca that knows the design.")
    assert not ENGLISH.findall(in_dutch.said("SPSS has no command like oaxaca that knows the design.", "nl"))
    assert in_dutch.said("a sentence of no script", "nl") == "a sentence of no script"
    assert llo.mean("hours", golden.clusters()).receipt(language="nl")["programs"]["SPSS"]["cannot"] is None
