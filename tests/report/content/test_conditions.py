"""Conditions in words, and levels named by their label in either language."""

from __future__ import annotations

import numpy as np
import pytest

import llo_research as llo
from llo_research.report.content.conditions import condition_text, side_text, variable_text

LEVELS = {
    "low": {"nl": "tot en met mbo-1", "en": "low", "also": ["laag"]},
    "high": {"nl": "hbo of wo", "en": "high", "also": ["hoog"]},
}
LABELS = {
    "education": {"nl": "Opleidingsniveau", "en": "Education", "values": LEVELS},
    "age": {"nl": "Leeftijd", "en": "Age"},
    "year": {"nl": "Jaar van onderzoek", "en": "Survey year"},
    "training": {
        "nl": "Cursus",
        "en": "Course",
        "values": {0: {"nl": "nee", "en": "no"}, 1: {"nl": "ja", "en": "yes"}},
    },
}
TOLD = {
    "age >= 55": ("leeftijd 55 of meer", "age 55 or more"),
    "25 <= age < 65": ("leeftijd 25 of meer en minder dan 65", "age 25 or more and less than 65"),
    "year <= 2013": ("jaar van onderzoek: tot en met 2013", "survey year: up to 2013"),
    "education == 'hoog'": ("opleidingsniveau hbo of wo", "education high"),
    "education != 'high'": ("opleidingsniveau niet hbo of wo", "education not high"),
    "education in ['laag', 'hoog']": (
        "opleidingsniveau tot en met mbo-1 of hbo of wo",
        "education low or high",
    ),
    "training == 1 | isna(age)": ("cursus of leeftijd: onbekend", "course or age: unknown"),
    "~(training == 0)": ("niet (cursus nee)", "not (course no)"),
    # what is better shown as written
    "unknown_name > 3": ("unknown_name > 3",) * 2,
    "age + 1 > year": ("age + 1 > year",) * 2,
    "a boolean Series": ("a boolean Series",) * 2,
}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("condition", TOLD)
def test_conditions_in_words(condition: str, language: str) -> None:
    assert condition_text(condition, LABELS, language) == TOLD[condition][language == "en"]


def test_sides_and_variables() -> None:
    assert side_text("highest 0.2 of education", LABELS, "nl") == "het hoogste vijfde deel naar opleidingsniveau"
    assert variable_text("age:year", LABELS, "nl") == "Leeftijd en jaar van onderzoek"
    assert variable_text("age / year", LABELS, "en") == "Age / survey year"
    assert variable_text("mine", LABELS, "nl") == "mine"


@pytest.fixture(scope="module")
def nea() -> llo.Survey:
    return llo.synthetic("nea", years=[2018, 2019], n=2000, seed=7)


SAME = {
    "where": ("education == 'hbo of wo'", "education == 'hoog'", "education == 'high'"),
    "yes": ("training == 'ja'", "training == 'yes'", "training == 1"),
    "no": ("training == 'nee'", "training == 'no'", "training == 0"),
    "contract": ("contract == 'vast'", "contract == 'permanent'"),
}


@pytest.mark.parametrize("name", SAME)
def test_levels_by_their_label(name: str, nea: llo.Survey) -> None:
    first, *others = (llo.mean(condition, nea, by="year").estimate for condition in SAME[name])
    assert all(np.array_equal(first, other) for other in others)
    kept = [nea.where(condition).domain for condition in SAME[name]]
    assert all(np.array_equal(kept[0], other) for other in kept[1:])


@pytest.mark.parametrize(
    ("group", "dutch", "values"),
    [
        ("education", ("hoog", "laag"), ("high", "low")),
        ("training", ("ja", "nee"), (1, 0)),
        ("sex", ("man", "vrouw"), ("male", "female")),
    ],
)
def test_sides_by_their_label(
    group: str, dutch: tuple[str, str], values: tuple[object, object], nea: llo.Survey
) -> None:
    def pair(of: object, minus: object) -> list[float]:
        sides = {"group": group, "of": of, "minus": minus}
        gap = llo.gap("age", nea, **sides)
        change = llo.gap_change("age", nea, time="year", base=2018, **sides)
        split = llo.decomposition.oaxaca_blinder("age ~ hours", nea, **sides)
        return [*gap.estimate, *change.estimate, *split.estimate]

    assert pair(*dutch) == pair(*values)
