"""Proves that sentences and titles say what kind of number they tell, and name columns by their labels."""

from __future__ import annotations

from typing import Any

import pytest

import llo_research as llo
from llo_research.report import figure, sentence, table

Call = Any
CALLS: dict[str, Call] = {
    "odds": lambda s: llo.gap("training", s, group="education", of="high", minus="low", scale="odds"),
    "variance": lambda s: llo.variance("hours", s),
    "correlation": lambda s: llo.correlation(["autonomy", "variety"], s),
    "contrast": lambda s: llo.mean("training", s, by="education").contrast({"high": 1, "low": -1}),
    "focal": lambda s: llo.decomposition.gelbach(
        "training ~ C(education) + autonomy", s, focal="C(education)[T.high]", groups={"werk": ["autonomy"]}
    ),
}
# how each sentence begins, Dutch and English; an odds ratio is not so many times as many people
SENTENCES = {
    "odds": (
        "Opleiding of cursus gevolgd, afgelopen twee jaar: hogere odds bij hbo of wo dan bij tot en met mbo-1, 2,",
        "Followed training or a course, past two years: higher odds for hbo or wo than for up to mbo-1, 2.",
    ),
    "variance": ("Arbeidsduur in uren per week, variantie: ", "Working hours a week, variance: "),
    "correlation": (
        "Autonomie (1-3) en afwisseling (1-4), correlatie: 0,",
        "Autonomy (1-3) and variety (1-4), correlation: 0.",
    ),
    "contrast": (
        "Opleiding of cursus gevolgd, afgelopen twee jaar, hbo of wo min tot en met mbo-1: ",
        "Followed training or a course, past two years, hbo or wo minus up to mbo-1: ",
    ),
    "focal": (
        "Opleiding of cursus gevolgd, afgelopen twee jaar, opleidingsniveau: hbo of wo (basis: tot en met mbo-1): de ",
        "Followed training or a course, past two years, education: hbo or wo (base: up to mbo-1): the ",
    ),
}


def plain(text: Any) -> str:
    return str(text).replace("\N{NO-BREAK SPACE}", " ").removeprefix("SYNTHETISCH: ").removeprefix("SYNTHETIC: ")


@pytest.fixture(scope="module")
def waves() -> llo.Survey:
    return llo.synthetic("nea", years=[2019, 2023], n=3000, seed=3)


@pytest.fixture(scope="module")
def one(waves: llo.Survey) -> llo.Survey:
    return waves.where("year == 2023")


@pytest.mark.parametrize("kind", list(CALLS))
def test_a_sentence_says_what_kind_of_number_it_tells(one: llo.Survey, kind: str) -> None:
    for language, begins in zip(("nl", "en"), SENTENCES[kind], strict=True):
        found = plain(sentence(CALLS[kind](one), language=language))
        assert found.startswith(begins), found
    assert "zo hoog (" in plain(sentence(CALLS["odds"](one), language="nl"))


def test_titles_say_it_too(one: llo.Survey) -> None:
    def told(result: Any) -> str:
        return plain(figure(result, language="nl").title)

    assert told(CALLS["variance"](one)).startswith("Arbeidsduur in uren per week, variantie, 2023: ")
    assert told(llo.total("training", one)).startswith("Opleiding of cursus gevolgd, totaal, 2023: ")
    assert told(llo.quantile("hours", one, q=0.5)).startswith("Arbeidsduur in uren per week, mediaan, 2023: ")
    quartiles = llo.quantile("hours", one, q=[0.25, 0.5], by="sex")
    assert told(quartiles) == "Arbeidsduur in uren per week: kwantielen naar geslacht", "a quartile beside a median"


@pytest.mark.parametrize(
    ("scale", "begins"),
    [
        ("difference", "het verschil tussen hbo of wo en tot en met mbo-1 "),
        ("ratio", "de verhouding van hbo of wo tegenover tot en met mbo-1 "),
        ("odds", "de oddsratio van hbo of wo tegenover tot en met mbo-1 "),
    ],
)
def test_across_a_break_the_words_stand_in_their_order(waves: llo.Survey, scale: str, begins: str) -> None:
    sides = {"group": "education", "of": "high", "minus": "low"}
    moved = llo.gap_change("training", waves, **sides, time="year", base=2019, breaks="flag", scale=scale)
    found = plain(sentence(moved, language="nl"))
    head, _, rest = found.partition(": ")
    assert head == "Opleiding of cursus gevolgd, afgelopen twee jaar, gemeten over de methodebreuk van 2022 heen"
    assert rest.removeprefix("of ").startswith(begins), found
    assert rest.endswith("Methode en werkelijkheid zijn daarin vermengd.")


def test_no_change_over_a_break_is_a_headline(waves: llo.Survey) -> None:
    found = llo.break_robustness(llo.change("training", waves, time="year", base=2019, breaks="flag"))
    title = plain(figure(found, language="nl").title)
    assert title == (
        "Opleiding of cursus gevolgd: de verandering sinds 2019 is over de methodebreuk heen niet te duiden"
    )
    assert "Noot" not in table(found, language="nl").frame, "its own column tells the break"


def test_the_foot_of_a_change_names_its_first_year(waves: llo.Survey) -> None:
    apart = llo.decomposition.standardise("training", waves, cells=["education"], over="year")
    foot = " ".join(figure(apart, language="nl").wording.foot)
    assert "Bron: Nationale Enquête Arbeidsomstandigheden (NEA), 2019-2023; " in foot
    assert "Methodebreuk in 2022: vergelijk niet zonder meer over de breuk heen." in foot


def test_the_foot_has_no_double_blanks(one: llo.Survey) -> None:
    first = figure(llo.share("contract", one, by="sex"), language="nl").wording.foot[0]
    assert first == "Balk: 95%-betrouwbaarheidsinterval. Niet getekend, want zonder waarnemingen: zelfstandig."
