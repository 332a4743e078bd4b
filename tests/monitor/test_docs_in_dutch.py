"""Proves that a page of the docs says in Dutch what its English says: the same code, numbers, links, directions."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from llo_research.monitor.notebooks.twin_words import differing, turned
from tests.monitor.conftest import ROOT

DOCS = ROOT / "docs"
# Pages that were told anew for Dutch readers, in other words or shorter.
RETOLD = {
    *("index", "known_faults", "reference/glossary"),
    *("explanation/index", "how_to/index", "reference/index", "tutorials/index"),
    *("how_to/add_an_indicator", "how_to/bring_your_nea_file", "how_to/rebuild_the_monitor"),
    *("how_to/stata_r_and_spss", "how_to/weight_a_wave"),
}
TWINS = [path.relative_to(DOCS / "nl").with_suffix("").as_posix() for path in sorted((DOCS / "nl").rglob("*.md"))]
TWINS = [name for name in TWINS if name not in RETOLD]
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)\n *```$", re.M | re.S)


def _code(text: str) -> list[str]:
    """The blocks of code; a remark in a file that is shown may be Dutch, what is typed and printed may not."""
    blocks = [at[2] for at in BLOCK.finditer(text)]
    return [
        one if ">>> " in one or one.startswith("$ ") else re.sub(r"(^|\s+)# .*$", "", one, flags=re.M) for one in blocks
    ]


def _faults(english: str, dutch: str) -> Iterator[str]:
    """Where two pages differ: their code as a whole, their prose a section at a time."""
    if _code(english) != _code(dutch):
        yield "code differs"
    ours, theirs = (re.split(r"^#+ ", BLOCK.sub("", text), flags=re.M) for text in (english, dutch))
    if len(ours) != len(theirs):
        yield f"{len(ours)} sections beside {len(theirs)}"
    for one, other in zip(ours, theirs, strict=False):
        places = [re.sub(r"\]\(#[\w-]+\)", "](#here)", part) for part in (one, other)]
        yield from (f"{one.strip()[:30]}: {what}" for what in (*differing(*places, {}), *turned(one, other)))


def _page(name: str) -> tuple[str, str]:
    """A page in English and in Dutch."""
    english, dutch = ((folder / f"{name}.md").read_text(encoding="utf-8") for folder in (DOCS, DOCS / "nl"))
    return english, dutch


@pytest.mark.parametrize("name", TWINS)
def test_a_page_says_the_same_in_dutch(name: str) -> None:
    assert list(_faults(*_page(name))) == []


@pytest.mark.parametrize("name", TWINS)
def test_places_on_its_own_page_exist(name: str) -> None:
    for text in _page(name):
        heads = {
            re.sub(r"[^\w\s-]", "", at.lower()).strip().replace(" ", "-") for at in re.findall(r"^#+ (.*)$", text, re.M)
        }
        assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= heads


def test_code_that_a_test_should_run_is_that_of_its_english_page() -> None:
    shown = [path for path in (DOCS / "nl").rglob("*.md") if ">>> " in path.read_text(encoding="utf-8")]
    assert {path.relative_to(DOCS / "nl").with_suffix("").as_posix() for path in shown} <= set(TWINS)


def test_what_is_changed_in_one_language_is_found() -> None:
    english, dutch = _page("how_to/from_a_question_to_a_model")
    changes = {
        "0,31 naar 0,06": "0,31 naar 0,07",  # a number
        ">>> print(shown(pooled))": ">>> print(shown(within))",  # code
        "Wie minder leert, verlaat": "Wie meer leert, verlaat",  # a direction
        "](../reference/conventions.md)": "](conventions.md)",  # a link
        "## 10. Naast elkaar": "10. Naast elkaar",  # a section
    }
    found = {new: list(_faults(english, dutch.replace(old, new))) for old, new in changes.items() if old in dutch}
    assert [new for new, faults in found.items() if not faults] == []
    assert len(found) == len(changes)
