"""Proves that no word, number or picture of a chapter drifts, of all chapters; what is planted is in the other file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from llo_research.monitor.editions import edition_of
from llo_research.monitor.entries import Edition
from llo_research.monitor.notebooks.about import about, notebooks
from tests.monitor import guards
from tests.monitor.conftest import ROOT

# Texts that may stand, by notebook, each with its reason.
METHOD, DEFINITION, BOUND = "how a method works, not a result", "a definition of what is counted", "a declared bound"
EXERCISE = "what an exercise asks"
ALLOWED = {
    "00_data_and_method": {
        "Printed to a tenth of a point": METHOD,
        "the total is half of what it should be": METHOD,
        "Half of the published shares": "how the population was made",
        "printed to a tenth of a point": METHOD,
        "The files know more than we use": METHOD,
    },
    "01_development": {
        "half of the headline": "a part of the chapter",
        "three quarters of their staff": DEFINITION,
        "Whether training rose in 2022.": "what cannot be said",
    },
    "02_learning_behaviour": {"three quarters of the staff": DEFINITION},
    "04_stimulating_factors": {"a mean of 2.5 or more": DEFINITION},
    "05_drivers_of_informal_learning": {
        "bound is 0.05": BOUND,
        "support at 5%": "the level of a test",
        "(At 5%": "the level of a test",
        "a third thing brings both": "a third, not a part",
    },
    "05m_drivers_method": {
        "clearly above a third": EXERCISE,
        "half of what a step": EXERCISE,
        "Below 0.05 in this world": "the level of a test",
        "once, twice and three times as strong": "supposed strengths of an unseen cause",
    },
    "06m_changing_gaps_method": {
        "points , known to one": "supposed sizes of the break",
        "ends of 15 per cent": "a supposed part",
    },
    "07_self_employed_and_firm_size": {
        "1.96 + 0.84": "constants of power",
        "0.84 standard errors": "constants of power",
        "more than 75% of staff": DEFINITION,
        "More than 75% of staff": DEFINITION,
    },
    "08_netherlands_in_piaac": {
        "level 2 ( 226 points )": DEFINITION,
        "below 2.5": DEFINITION,
        "2.5 to 3.5": DEFINITION,
        "3.5 and over": DEFINITION,
        "60 and 37 per cent of the Monitor": "published numbers, named to say that they are others",
    },
    "09_published_figures": {"over 75% of staff": DEFINITION, "three quarters of staff": DEFINITION},
    "10_the_netherlands_among_countries": {"joint level of one in two (`level=0.5`)": EXERCISE},
    "weighting": {"twice as densely": "how the sample was drawn"},
}  # fmt: skip
# Cells that are marked as findings, sentences and figures, by notebook.
FINDINGS = {
    "05_drivers_of_informal_learning": 2,
    "08_netherlands_in_piaac": 6,
    "09_published_figures": 2,
    "10_the_netherlands_among_countries": 4,
}
NOTEBOOKS = notebooks(ROOT)
EDITIONS = ("2022-1", "2022-2", "2023", "2025")
RULES: dict[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "magics": guards.magics,
    "pictures": guards.pictures,
    "findings": guards.findings,
}


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_is_thin(path: Path) -> None:
    code = ["".join(cell["source"]) for cell in read(path)["cells"] if cell["cell_type"] == "code"]
    lines = [sum(bool(line.strip()) for line in source.splitlines()) for source in code]
    assert max(lines) <= 12 and median(lines) < 6


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_is_typed_that_a_result_should_say(path: Path) -> None:
    found = list(guards.typed(read(path), ALLOWED.get(path.stem, {})))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_as_they_say(path: Path, rule: str) -> None:
    found = list(RULES[rule](read(path)))
    assert not found, "\n".join(found)


def test_the_front_page_has_its_findings() -> None:
    told = {path.stem[:2]: read(path) for path in NOTEBOOKS if about(path).source_class != "synthetic"}
    found = list(guards.front_page(told))
    assert not found, "\n".join(found)


def test_no_finding_is_lost() -> None:
    found = {}
    for path in NOTEBOOKS:
        cells = [cell for cell in read(path)["cells"] if guards.TAG in cell["metadata"].get("tags", [])]
        found |= {path.stem: len(cells)} if cells else {}
    assert found == FINDINGS, "the front page shows what these cells say; change FINDINGS with the chapter"


def bare() -> Edition:
    """An edition of the latest years beside which nothing was published: what a new one is at first."""
    edition = edition_of("2025")
    figures = {number: replace(figure, published=()) for number, figure in edition.figures.items()}
    return replace(edition, id="new", figures=figures)


@pytest.mark.parametrize("edition", [*EDITIONS, "new"])
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_chapter_holds_for_every_edition(path: Path, edition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("llo_research.monitor.editions"), "_OWN", {"new": bare()})
    found = list(guards.editions(read(path), edition_of(edition)))
    assert not found, "\n".join(found)


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name.endswith((".ipynb", ".svg", ".html", *guards.TABLES))]


def test_nothing_tracked_was_made_from_restricted_files() -> None:
    texts = {name: (ROOT / name).read_text(encoding="utf-8", errors="replace") for name in tracked()}
    found = [fault for name, text in texts.items() for fault in guards.restricted(name, text)]
    assert not found, "\n".join(found)


def test_what_is_allowed_is_still_there() -> None:
    left = []
    for path in NOTEBOOKS:
        found = "\n".join(guards.typed(read(path), {}))
        left += [f"{path.stem}: {one}" for one in ALLOWED.get(path.stem, {}) if " ".join(one.split()) not in found]
    assert not left, "\n".join(left)
