"""Proves that a sentence has the direction of its interval, claims no difference only within a bound, tells no more."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report import sentence, sentences
from llo_research.results.decomposition import Decomposition
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result
from tests.report.conftest import LABELS, make

POINTS = Quantity("difference", "points", 0.0)
CALL = {"function": "gap", "variables": ["training"], "group": "education", "of": "high", "minus": "low"}
SIDES = {"of": "high", "minus": "low"}


def read(result: Any, language: str = "en", **options: Any) -> str:
    """A sentence with plain blanks."""
    return str(sentence(result, language=language, **options)).replace("\N{NO-BREAK SPACE}", " ")


def gap(estimate: float, error: float, restricted: bool = False, n: float = 400.0) -> Result:
    """A gap of 60 degrees of freedom, hence two standard errors either way."""
    source = {"instrument": "nea", "restricted": restricted}
    rows = {"variable": ["training"], "measure": ["difference"], "of": ["high"], "minus": ["low"]}
    return make(rows, [estimate], [error], [n], {"call": CALL, "labels": LABELS, "source": source}, POINTS, tested=True)


def parts(gap: float, explained: float, error: float, function: str = "oaxaca_blinder", **meta: Any) -> Decomposition:
    """A twofold decomposition; the parts have standard errors of their own."""
    whole = "gap_change" if function == "oaxaca_change" else "gap"
    rows: dict[str, list[Any]] = {"term": ["total"] * 3, "component": [whole, "explained", "unexplained"]}
    rows |= {name: [value] * 3 for name, value in SIDES.items()}
    call = {"function": function, "formula": "training ~ hours", "group": "education", **SIDES}
    if function == "oaxaca_change":
        rows = {"year": [2024] * 3, **rows}
        call |= {"time": "year", "base": 2014}
    quantity = tuple(Quantity(kind, "points", 0.0) for kind in ("difference", "part", "part"))
    told = {"call": call, "labels": LABELS, "response": "training", "source": {}, **meta}
    made = make(rows, [gap, explained, gap - explained], [0.02, error, error], [400.0] * 3, told, quantity)
    return Decomposition(**made.as_fields(), whole=np.zeros(3, dtype=int), outcome=np.ones(3))


@pytest.mark.parametrize(
    ("estimate", "error", "bound", "english", "dutch"),
    [
        (0.25, 0.02, None, "25.0 percentage points more for high than for low", "25,0 procentpunt meer bij hoog dan"),
        (
            -0.25,
            0.02,
            None,
            "25.0 percentage points less for high than for low",
            "25,0 procentpunt minder bij hoog dan",
        ),
        (
            0.01,
            0.02,
            None,
            "whether high and low differ cannot be told",
            "of hoog en laag verschillen, is niet aan te tonen",
        ),
        (-0.01, 0.02, None, "whether high and low differ cannot be told", "is niet aan te tonen"),
        (0.01, 0.02, 0.02, "whether high and low differ cannot be told", "is niet aan te tonen"),
        (
            0.001,
            0.005,
            0.02,
            "no difference of 2.0 percentage points or larger",
            "geen verschil van 2,0 procentpunt of",
        ),
        (
            0.015,
            0.002,
            0.02,
            "more for high than for low (1.1 to 1.9), below the bound of 2.0",
            "minder dan de grens van",
        ),
        (-0.25, 0.02, 0.02, "25.0 percentage points less for high", "25,0 procentpunt minder bij hoog"),
    ],
)
def test_the_direction_is_that_of_the_interval(
    estimate: float, error: float, bound: float | None, english: str, dutch: str
) -> None:
    told = {language: read(gap(estimate, error), language, bound=bound) for language in ("en", "nl")}
    assert english in told["en"]
    assert dutch in told["nl"]
    # words of another reading are not there
    claimed = bound is not None and english.startswith("no difference")
    assert ("no difference" in told["en"]) == ("geen verschil" in told["nl"]) == claimed
    assert ("cannot be told" in told["en"]) == english.startswith("whether")
    assert (" more " in told["en"]) == (estimate > 2 * error)
    assert (" less " in told["en"]) == (estimate < -2 * error)


@pytest.mark.parametrize(
    ("subsets", "english"),
    [
        ({"Job": ["x"]}, "differences in Job, z and c;"),
        ({"Job": ["x", "C(c)"]}, "differences in Job and z;"),
        ({"Job": "c"}, "differences in x, z and Job;"),
        ({"Job": ["x"], "Rest": ["z", "c"]}, "differences in Job and Rest;"),
        ({"Job": ["C(c)[T.q]"]}, "differences in x, z, c and Job;"),
    ],
)
def test_the_explained_part_goes_with_all_characteristics_not_only_those_in_subsets(
    subsets: dict[str, Any], english: str
) -> None:
    made = parts(0.23, 0.09, 0.02)
    made.meta["call"] |= {"formula": "training ~ x + z + C(c)", "subsets": subsets}
    assert english.lower() in read(made).lower()


@pytest.mark.parametrize(("minus", "told"), [("b", "more for a than for b"), ("a", "less for b than for a")])
def test_listed_parts_have_the_sign_with_which_the_gap_is_told(minus: str, told: str) -> None:
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"g": ["a", "b"] * 200, "w": 1.0, "x": rng.normal(size=400)})
    data["x"] += data["g"] == "a"
    data["y"] = data["x"] + 0.5 * (data["g"] == "a") + 0.3 * rng.normal(size=400)
    of = "a" if minus == "b" else "b"
    svy = llo.Survey(data, weights="w")
    made = llo.decomposition.oaxaca_blinder("y ~ x", svy, group="g", of=of, minus=minus, kind="threefold")
    text = read(made)
    assert told in text
    found = re.search(r"endowments (\S+) .* coefficients (\S+) ", text)
    assert found is not None
    assert float(found[1]) > 0.8
    assert float(found[2]) > 0.3


def test_factors_of_a_lower_rate_have_the_sign_with_which_it_is_told() -> None:
    factors = {"p": {"x": 2.0, "y": 1.0}, "q": {"x": 3.0, "y": 4.0}}
    told = read(llo.decomposition.das_gupta(factors, ["x", "y"]))
    assert told.startswith("2.0 less in y than in x")
    assert re.findall(r" (-?\d\.\d)(?: and|\.$)", told) == ["3.5", "-1.5"]


@pytest.mark.parametrize("estimate", [0.25, -0.25, 0.001])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_withheld_gap_tells_no_number_and_no_direction(estimate: float, language: str) -> None:
    told = read(gap(estimate, 0.002, restricted=True, n=4.0), language, bound=0.02)
    assert not re.search(r"\d", told)
    assert not re.search(r"more|less|meer|minder|differ|verschil", told)
    assert "25.0" in read(gap(0.25, 0.002, restricted=True, n=4.0), disclosure="off")


@pytest.mark.parametrize(
    ("whole", "explained", "error", "english", "dutch"),
    [
        (
            0.23,
            0.09,
            0.02,
            "Of the 23.0 points, 9.0 (5.0 to 13.0) go with differences in hours; the rest (14.0; 10.0 to 18.0)",
            "Van de 23,0 punten gaan er 9,0 (5,0 tot 13,0) samen met verschillen in uren; de rest (14,0",
        ),
        (
            -0.23,
            -0.09,
            0.02,
            "Of the 23.0 points, 9.0 (5.0 to 13.0) go",
            "Van de 23,0 punten gaan er 9,0 (5,0 tot 13,0)",
        ),
        (
            0.23,
            0.25,
            0.03,
            "of a gap of 23.0 points; whether anything is left",
            "bij een verschil van 23,0 punten; of er",
        ),
        (0.23, 0.3, 0.02, "larger than all of the gap (23.0 points)", "groter dan heel het verschil (23,0 punten)"),
        (0.23, -0.1, 0.02, "work the other way: -10.0 (-14.0 to -6.0)", "gaan de andere kant op: -10,0 (-14,0 tot"),
        (
            -0.23,
            0.1,
            0.02,
            "would by the model be 33.0 (29.0 to 37.0), larger",
            "volgens het model 33,0 (29,0 tot 37,0)",
        ),
        (0.23, 0.02, 0.05, "Whether a part of the 23.0 points goes", "Of een deel van de 23,0 punten samengaat"),
        (0.01, 0.0, 0.05, "There is then nothing to divide", "Er valt dan niets te verdelen"),
        (0.01, 0.15, 0.02, "Parts lie beneath it: 15.0 points", "Daaronder gaan wel delen schuil"),
    ],
)
def test_a_gap_is_divided_by_the_signs_of_its_parts(
    whole: float, explained: float, error: float, english: str, dutch: str
) -> None:
    made = parts(whole, explained, error)
    assert english in read(made)
    assert dutch in read(made, "nl")


@pytest.mark.parametrize(
    ("change", "signs", "english", "dutch"),
    [
        (0.1, (1, 1), "the gap between high and low widened by 10.0", "is van 2014 tot 2024 10,0 procentpunt groter"),
        (-0.1, (1, 1), "the gap between high and low narrowed by 10.0", "10,0 procentpunt kleiner geworden"),
        (0.1, (-1, -1), "narrowed by 10.0", "kleiner geworden"),
        (-0.1, (-1, -1), "widened by 10.0", "groter geworden"),
        (-0.1, (1, -1), "high minus low fell by 10.0", "hoog min laag is van 2014 tot 2024 10,0 procentpunt gedaald"),
        (0.1, None, "high minus low rose by 10.0", "gestegen"),
        (0.01, (1, 1), "moved from 2014 to 2024 cannot be told", "veranderde, is niet aan te tonen"),
    ],
)
def test_a_gap_widens_or_narrows_by_its_sign(
    change: float, signs: tuple[int, int] | None, english: str, dutch: str
) -> None:
    meta = {} if signs is None else {"gap_signs": {"earlier": [signs[0]] * 3, "later": [signs[1]] * 3}}
    made = parts(change, 0.0, 0.05, "oaxaca_change", **meta)
    assert english in read(made)
    assert dutch in read(made, "nl")


def test_a_gap_that_is_measured_narrows_as_its_gaps_do() -> None:
    trained = {"high": (18, 14), "low": (4, 8)}
    lines = [
        {"year": year, "education": level, "training": float(j < count), "w": 1.0}
        for level, counts in trained.items()
        for year, count in zip((2014, 2018), counts, strict=True)
        for j in range(20)
    ]
    svy = llo.Survey(pd.DataFrame(lines), weights="w", strata=["year"], time="year")
    how: dict[str, Any] = {"group": "education", "time": "year", "base": 2014}
    forward = llo.gap_change("training", svy, of="high", minus="low", **how)
    backward = llo.gap_change("training", svy, of="low", minus="high", **how)
    assert forward.meta["gap_signs"] == {"earlier": [1], "later": [1]}
    for result in (forward, backward):
        assert "narrowed by 40.0 percentage points from 2014 to 2018" in read(result)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_change_over_a_break_says_so_before_its_number(language: str) -> None:
    rows = {"year": [2024], "variable": ["training"], "measure": ["difference"], "of": [2024], "minus": [2014]}
    meta = {
        "call": {"function": "change", "variable": ["training"], "time": "year", "base": 2014},
        "labels": LABELS,
        "breaks": {"straddled": [{"time": 2022}]},
    }
    change = Quantity("change", "points", 0.0)
    told = read(make(rows, [0.1], [0.01], [400.0], meta, change, extra_flags=("break",)), language)
    assert told.index("2022") < told.index("10")
    assert ("mixed" if language == "en" else "vermengd") in told
    assert "2022" not in read(make(rows, [0.1], [0.01], [400.0], meta, change), language)


def test_other_findings() -> None:
    ratio = make(
        {"variable": ["training"], "measure": ["ratio"], "of": ["high"], "minus": ["low"]},
        [0.7],
        [0.05],
        [400.0],
        {"call": {**CALL, "scale": "ratio"}, "labels": LABELS},
        Quantity("ratio", "number", 1.0, "log"),
    )
    assert read(ratio).startswith("Followed training: less for high than for low, 0.70 times as much")
    level = make({"variable": ["training"]}, [0.5], [0.02], [400.0], {"labels": LABELS}, Quantity("share", "percent"))
    assert read(level, "nl") == "Opleiding of cursus gevolgd: 50,0% (46,0 tot 54,0)."
    rates = pd.DataFrame({"2014": [0.4, 0.6], "2024": [0.5, 0.7]}, index=["a", "b"])
    people = pd.DataFrame({"2014": [50, 50], "2024": [40, 60]}, index=["a", "b"])
    told = read(llo.decomposition.kitagawa(rates, people))
    assert told == (
        "0.12 more for 2024 than for 2014 (without a margin of uncertainty). Of this: rate 0.10 and composition 0.02."
    )


def test_several_findings_are_refused(by_education: Result) -> None:
    with pytest.raises(llo.DataError, match="holds several"):
        sentence(by_education)
    with pytest.raises(llo.DataError, match="finding of a result"):
        read(by_education.to_frame())
    with pytest.raises(llo.DataError):
        read(make({"variable": ["hours"]}, [5.0], [1.0], quantity=Quantity("mean")), bound=1.0)


@pytest.mark.parametrize(("estimate", "english"), [(0.2, "above"), (-0.2, "below"), (0.01, "around")])
def test_words_of_ones_own_follow_the_interval(estimate: float, english: str) -> None:
    assert str(sentences("{g:direction|above|below|around}", g=gap(estimate, 0.02))) == english
    own = {"above": "meer", "below": "minder", "around": "niet aan te tonen"}[english]
    assert str(sentences("{g:direction}", g=gap(estimate, 0.02))) == own


def test_a_direction_needs_a_comparison_and_three_words(by_education: Result) -> None:
    with pytest.raises(llo.DataError, match="that of a comparison"):
        sentences("{a[row0]:direction}", a=by_education)
    with pytest.raises(llo.DataError, match="no such style"):
        sentences("{g:direction|up|down}", g=gap(0.2, 0.02))


def test_numbers_by_themselves_are_written_in_the_language() -> None:
    assert str(sentences("{k} van {n}", k=1234, n=2.55)) == "1.234 van 2,6"
    assert str(sentences("{k}", k=1234, language="en")) == "1,234"
