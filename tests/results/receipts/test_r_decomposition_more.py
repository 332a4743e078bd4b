"""Proves that R gives the same changes of gaps, nested models and standardised changes from the scripts of results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.results.receipts.decomposed import DESIGNS, GROUPS, furthest, panel
from tests.results.receipts.r_runs import answers, in_r, r_with

of = llo.decomposition
# sums in another order
DIGITS = 1e-9
BREAK = {
    "time": 2018,
    "what": "another questionnaire",
    "series": ["hours"],
    "shifts": [
        {"variable": "hours", "sex": "m", "shift": 0.2, "shift_se": 0.05},
        {"variable": "hours", "sex": "f", "shift": 0.1, "shift_se": 0.04},
    ],
}


def change(formula: str, svy: llo.Survey, **options: Any) -> Any:
    """A change from 2014 on."""
    return of.oaxaca_change(formula, svy, **{**GROUPS, "time": "year", "base": 2014, "breaks": "flag", **options})


def agrees(results: dict[str, Any], svy: llo.Survey, folder: Path) -> None:
    """R prints the same numbers."""
    found = answers(results, svy, folder)
    off = {name: furthest(result, found[name]) for name, result in results.items()}
    print({name: f"{far:.0e}" for name, far in off.items()})
    assert max(off.values()) < DIGITS, off


@r_with()
def test_changes_of_gaps(tmp_path: Path) -> None:
    svy = panel(source={"breaks": [BREAK]})
    model = "hours ~ age + C(education)"
    results = {
        "difference": change(model, svy),
        "smith-welch": change(model, svy, method="smith-welch", normalize="education", subsets={"who": ["age"]}),
        "kim": change(model, svy, method="kim", normalize="education", subsets={"who": ["age"]}),
        "kim plain": change(model, svy, method="kim"),
        "makepeace": change(model, svy, method="makepeace"),
        "interventionist": change(model, svy, method="interventionist", subsets={"e": ["C(education)"]}),
        "chain": change(model, svy, chain=True, reference="pooled"),
        "logit": change("training ~ age + C(education)", svy, family="logit", reference="of"),
        "adjusted": change(model, svy, breaks="adjust"),
        "by": change("hours ~ age", svy.where("age > 22"), by="education", detail=False, base=2011),
    }
    results["shares"] = results["difference"].shares()
    results["adjusted shares"] = results["adjusted"].shares()
    gap, part = results["adjusted"].labels[0], results["adjusted"].labels[5]
    results["contrast"] = results["adjusted"].contrast({"rest": {gap: 1, part: -1}})
    agrees(results, svy, tmp_path)


@r_with()
def test_changes_of_means(tmp_path: Path) -> None:
    svy = panel().assign(old="age >= 40", senior=lambda d: np.where(d["age"] % 2 == 0, "even", "odd"))
    results = {
        "one": of.standardise("training", svy, cells="education", over="year"),
        "two": of.standardise("hours", svy, cells=["education", "old"], over="year", base=2018),
        "three": of.standardise(
            "hours > 1", svy.where("age > 22"), cells=["education", "old", "sex"], over="year", by="senior"
        ),
    }
    results["shares"] = results["two"].shares()
    agrees(results, svy, tmp_path)


@r_with()
def test_calibrated_waves(tmp_path: Path) -> None:
    totals = {"year": {2011: 9e4, 2014: 9e4, 2018: 1e5, 2022: 1e5}, "sex": {"m": 2e5, "f": 1.8e5}}
    svy = llo.calibrate(panel(), totals, method="raking")
    results = {
        "change": change("training ~ age + C(education)", svy, family="logit"),
        "standardised": of.standardise("hours", svy, cells=["education", "sex"], over="year"),
    }
    agrees(results, svy, tmp_path)


@r_with()
@pytest.mark.parametrize("design", DESIGNS)
def test_nested_models_and_ranks(design: str, tmp_path: Path) -> None:
    svy = DESIGNS[design]()
    inside = svy.where("hours > 2")
    model = "training ~ age + C(education) + region + hours"
    results = {
        "gelbach": of.gelbach(model, inside, focal="age", groups={"e": ["C(education)"], "r": ["region", "hours"]}),
        "sequential": of.sequential("training ~ age", svy, focal="age", blocks={"e": ["C(education)"], "h": ["hours"]}),
        "shapley": of.shapley_r2(model, inside),
        "owen": of.shapley_r2(model, svy, groups={"who": {"old": ["age"], "place": ["region"]}}),
        "grouped": of.shapley_r2(model, svy, groups={"who": ["age", "region"]}),
        "rank": of.rank_gap(["training", "hours"], svy, rank="education"),
        "ranks by": of.rank_gap("training", inside, rank="age", share=0.3, by="h"),
    }
    results["shares"] = results["gelbach"].shares()
    agrees(results, svy, tmp_path)


@r_with()
def test_narrowing(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    n = 1200
    frame = pd.DataFrame({"country": rng.choice(["a", "b"], n), "cycle": rng.integers(1, 3, n)})
    frame["psu"], frame["w"] = rng.integers(0, 40, n), rng.gamma(4, 20, n)
    frame["education"] = pd.Categorical(rng.choice(["low", "high"], n), ["low", "high"])
    chance = 0.3 + 0.4 * (frame["education"] == "high") * (frame["cycle"] == 1)
    frame["trained"] = np.where(rng.random(n) < 0.03, np.nan, rng.random(n) < chance).astype(float)
    svy = llo.Survey(frame, weights="w", strata=["country", "cycle"], psu="psu")
    made = llo.narrowing("trained", svy, group="education", of="high", minus="low", by="country", time="cycle", base=1)
    path = tmp_path / "data.csv"
    svy.to_file(path)
    script = made.to_r(str(path))
    answer = in_r({"differences": script, "statement": script + "\nanswer <- statement\n"}, tmp_path)
    assert furthest(made.result, answer["differences"]) < DIGITS
    table = answer["statement"]
    assert isinstance(table, pd.DataFrame), table
    assert np.allclose(table["p_adjusted"], made.to_frame()["p_adjusted"], rtol=1e-9, atol=0)
    assert table["holds"].astype(bool).tolist() == made.to_frame()["holds"].tolist()


@r_with()
def test_published_figures(tmp_path: Path) -> None:
    """Kitagawa and Das Gupta: also of three populations, of arrays beside a number, and against Das Gupta's tables."""
    rates = pd.DataFrame({2014: [0.2, 0.6], 2024: [0.3, 0.6]}, index=["low", "high"])
    people = pd.DataFrame({2014: [50, 50], 2024: [40, 60]}, index=["low", "high"])
    rng = np.random.default_rng(1)
    factors = {"a b": {p: rng.random((2, 3)) for p in "xyz"}, "b": {p: rng.random() for p in "xyz"}}
    table = {"earners": {1960: 10930, 1970: 16591}, "earnings": {1960: 0.717892, 1970: 0.825974}}
    results = {
        "kitagawa": of.kitagawa(rates, people, rounding={"rates": 0.05, "composition": 0.5}, total=100),
        "several": of.das_gupta(factors, list("xyz")),
        "published": of.das_gupta(table, [1960, 1970]),
    }
    own = of.das_gupta(factors, list("xyz"), rate=lambda a, b: (a * b).max())
    found = in_r({name: result.to_r() for name, result in results.items()} | {"own": own.to_r()}, tmp_path)
    for name, result in results.items():
        answer = found[name]
        assert isinstance(answer, pd.DataFrame), answer
        assert np.allclose(answer["estimate"], result.estimate, rtol=1e-12, atol=1e-15), name
    assert np.allclose(
        found["published"]["estimate"][:2], [4369.912713, 1487.262361], atol=5e-7
    )  # Das Gupta, table 2.1
    assert "write the rate here" in str(found["own"])  # a function of Python is not told as another number
