"""Proves that sentences name what is divided, whole columns of a formula, and the ends of a ranking in the language."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report import figure, sentence, table
from llo_research.report.content.terms import columns_of_formula

LABELS = {
    "y": {"nl": "Loon", "en": "Wage"},
    "f": {"nl": "Vrouw", "en": "Woman"},
    "a": {"nl": "Uren", "en": "Hours"},
    "place": {"nl": "Rangorde", "en": "Rank"},
}


def survey(first: float, second: float, seed: int) -> llo.Survey:
    """An outcome that depends on two characteristics, in which two groups differ."""
    draw, n = np.random.default_rng(seed), 800
    f = draw.integers(0, 2, n)
    a, b = draw.normal(size=n) + f, draw.normal(size=n) - 0.5 * f
    y = first * a + second * b + draw.normal(size=n) * 0.5
    place = pd.Categorical(np.where(a > 1, "top", np.where(a > 0, "mid", "low")), ["low", "mid", "top"], ordered=True)
    frame = pd.DataFrame({"f": f, "a": a, "b": b, "y": y, "w": 1.0, "place": place})
    return llo.Survey(frame, weights="w", labels=LABELS, source={"title": "open"})


def read(result: Any, language: str = "en") -> str:
    return str(sentence(result, language=language)).replace("\N{NO-BREAK SPACE}", " ")


def divided(first: float, second: float, seed: int) -> Any:
    groups = {"job": ["a"], "home": ["b"]}
    return llo.decomposition.gelbach("y ~ f + a + b", survey(first, second, seed), focal="f", groups=groups)


@pytest.mark.parametrize(
    ("numbers", "english", "dutch"),
    [
        (
            (0.5, -0.3, 1),
            "Wage, woman: the coefficient without job and home is 0.59 (0.48 to 0.69). With job and home in the model "
            "0.61 (0.52 to 0.70) is taken away, of a coefficient of 0.59; whether anything is left, -0.03 (-0.10 to "
            "0.05), cannot be told.",
            "Loon, vrouw: de coëfficiënt zonder job en home is 0,59 (0,48 tot 0,69). Met job en home in het model valt "
            "0,61 (0,52 tot 0,70) weg, van een coëfficiënt van 0,59; of er iets overblijft, -0,03 (-0,10 tot 0,05), is "
            "niet aan te tonen.",
        ),
        (
            (-0.3, 0.5, 3),
            "Of the coefficient (-0.54), -0.53 (-0.62 to -0.44) is taken away by job and home in the model; -0.01 "
            "(-0.09 to 0.07) is left",
            "Van de coëfficiënt (-0,54) valt -0,53 (-0,62 tot -0,44) weg met job en home in het model; er blijft -0,01 "
            "(-0,09 tot 0,07) over",
        ),
        (
            (0.01, 0.0, 2),
            "Wage, woman: whether the coefficient without job and home differs from zero cannot be told; estimated at",
            "Loon, vrouw: of de coëfficiënt zonder job en home van nul verschilt, is niet aan te tonen; geschat op",
        ),
    ],
)
def test_a_divided_coefficient_is_called_one(numbers: Any, english: str, dutch: str) -> None:
    made = divided(*numbers)
    assert english in read(made)
    assert dutch in read(made, "nl")
    for language, word in (("en", " gap"), ("nl", "verschillen in")):
        assert word not in read(made, language) + figure(made, language=language).title


def test_a_coefficient_that_grows_says_by_how_much() -> None:
    draw, n = np.random.default_rng(4), 900
    f = draw.integers(0, 2, n)
    a = draw.normal(size=n) - f
    frame = pd.DataFrame({"f": f, "a": a, "y": 2.0 * f + 0.5 * a + draw.normal(size=n), "w": 1.0})
    svy = llo.Survey(frame, weights="w", labels=LABELS)
    made = llo.decomposition.gelbach("y ~ f + a", svy, focal="f", groups={"hours": ["a"]})
    own = made.to_frame().set_index(["component", "term"])["estimate"]
    text = read(made)
    assert own["full", "total"] > own["base", "total"] > 0
    assert f"the coefficient grows, to {own['full', 'total']:.2f} (" in text
    assert f"from {own['base', 'total']:.2f}: {-own['explained', 'total']:.2f} (" in text


@pytest.mark.parametrize(
    ("share", "nl", "en"),
    [
        (0.2, "bij het hoogste vijfde deel naar rangorde dan bij het laagste vijfde deel", "the highest fifth by rank"),
        (0.5, "bij de hoogste helft naar rangorde dan bij de laagste helft", "than for the lowest half by rank"),
        (0.15, "bij de hoogste 15", "more for the highest 15% by rank"),
    ],
)
def test_the_ends_of_a_ranking_are_told_in_the_language(share: float, nl: str, en: str) -> None:
    made = llo.rank_gap("y", survey(0.5, 0.3, 1), rank="place", share=share)
    dutch = read(made, "nl") + figure(made, language="nl").alt_text
    assert nl in dutch
    assert not any(word in dutch for word in ("highest", "lowest", " of place", "place"))
    assert en in read(made)


def test_joined_comparisons_name_their_sides_by_their_labels() -> None:
    svy = survey(0.5, 0.3, 1)
    gap = llo.gap("y", svy, group="place", of="top", minus="low")
    joined = llo.joint({"ends": llo.rank_gap("y", svy, rank="place", share=0.1), "named": gap})
    labels = {**LABELS, "place": {**LABELS["place"], "values": {"top": {"nl": "boven", "en": "top"}}}}
    joined.meta["labels"].update(labels)
    made = table(joined, language="nl").to_frame()
    assert made["Groep"].tolist() == ["het hoogste tiende deel naar rangorde", "boven"]
    assert made["Maat"].tolist() == ["verschil", "verschil"]


def test_the_columns_of_a_formula_are_whole() -> None:
    text = "y ~ C(x, Treatment('a')) + bs(z, df=3) + `a b` * I(age ** 2) + (p + q):r - 1 + log(wage)"
    assert columns_of_formula(text) == ["x", "z", "a b", "age", "wage", "p", "r", "q"]
    svy = survey(0.5, 0.3, 1)
    formula = "y ~ a + C(place, Treatment('low')) + np.minimum(b, 2)"
    made = llo.decomposition.oaxaca_blinder(formula, svy, group="f", of=1, minus=0, reference="minus")
    assert "differences in hours, rank and b go" in read(made)
    assert "verschillen in uren, rangorde en b gaan" in read(made, "nl")
