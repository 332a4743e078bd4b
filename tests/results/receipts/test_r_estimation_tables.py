"""Proves that R prints the same quantiles, tables, tests, ranks and pooled numbers from the scripts of results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.results.receipts.r_people import designs
from tests.results.receipts.r_runs import answers, differences, in_r, r_with, told

# R sums in another order
DIGITS = 1e-9
# the restricted likelihood is flat at its top, where both programs stop by its value
FLAT = 1e-5
RULES = ("math", "school", *(f"hf{i}" for i in range(1, 10)))
INTERVALS = ("mean", "xlogit", "beta", "asin", "score")
GROUPS: dict[str, Any] = {"group": "education", "of": "high", "minus": "low"}


def results(svy: llo.Survey) -> dict[str, Any]:
    """Quantiles, tables and ends of rankings."""
    some = svy.where("age > 25")
    return {
        "quantiles": llo.quantile(["hours", "age"], svy, q=[0.25, 0.5, 0.9], by="sex"),
        "of own people": llo.quantile(["hours", "worked"], svy, q=0.25, by="sex", missing="available"),
        **{f"rule {rule}": llo.quantile("hours", some, q=[0.25, 0.5], rule=rule) for rule in RULES},
        **{f"interval {word}": llo.quantile("hours", svy, q=[0.1, 0.5], by="sex", interval=word) for word in INTERVALS},
        "score of ties": llo.quantile("age", svy, q=[0.1, 0.5], interval="score"),
        "range": llo.quantile("hours", svy, q=[0.25, 0.75]).contrast("`0.75` - `0.25`"),
        "beside a mean": llo.joint(
            {"q": llo.quantile("hours", svy, q=0.5, interval="mean"), "m": llo.mean("hours", svy)}
        ),
        "table": llo.crosstab("education", "training", svy),
        "tables": llo.crosstab("education", "sex", some, by="year", interval="beta"),
        "book": llo.banner(["training", "hours", "education"], some, by=["sex", "year"]),
        "ends": llo.rank_gap("hours", svy, rank="education", share=0.3),
        "ends of cells": llo.rank_gap(["hours", "training"], some, rank="age", share=0.2, by="sex"),
    }


@pytest.mark.parametrize("design", ["clusters", "replicates", "raked", "bootstrap"])
@r_with()
def test_quantiles_and_tables(tmp_path: Path, design: str) -> None:
    svy = designs()[design]
    made = results(svy)
    found = answers(made, svy, tmp_path)
    wrong = {name: own for name in made if max((own := differences(made[name], found[name])).values()) > DIGITS}
    book = ["difference", "difference_low", "difference_high", "p_value", "p_adjusted", "effect"]
    if max(columns(made["book"].to_frame(), found["book"], book).values()) > DIGITS:
        wrong["book"] = columns(made["book"].to_frame(), found["book"], book)
    assert not wrong, told(wrong)


def few(seed: int = 3, n: int = 90) -> llo.Survey:
    """Few people in small groups, some of one sampling unit, whose answers are a handful of values."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"w": rng.gamma(4, 25, n), "h": np.repeat(["x", "y"], n // 2), "psu": np.arange(n) // 5})
    frame["people"], frame["x"] = rng.choice([1, 2, 3], n, p=[0.2, 0.2, 0.6]), rng.gamma(2, 5, n)
    frame["g"] = np.where(np.arange(n) < 5, "one unit", rng.choice(["a", "b"], n, p=[0.15, 0.85]))
    return llo.Survey(frame, weights="w", strata="h", psu="psu")


@pytest.mark.parametrize("design", ["plain", "calibrated", "replicates"])
@r_with()
def test_intervals_that_leave_the_data(tmp_path: Path, design: str) -> None:
    """Ties, ends and cells of one unit: where svyquantile has no error, the script has ours."""
    svy = few()
    if design != "plain":
        svy = llo.calibrate(svy, {"h": {"x": 5000.0, "y": 4000.0}})
    if design == "replicates":
        svy = llo.replicate(few(), "bootstrap", replicates=20, seed=1)
    made = {}
    for word in INTERVALS:
        made[f"{word} of ties"] = llo.quantile("people", svy, q=[0.2, 0.8], rule="hf1", interval=word)
        made[f"{word} of cells"] = llo.quantile("x", svy, q=[0.1, 0.75], by="g", interval=word)
    made["apart"] = llo.quantile("x", svy, q=0.75, by="g").contrast("a - b")
    assert any("open_interval" in flag for flag in made["mean of cells"].flags)
    found = answers(made, svy, tmp_path)
    wrong = {}
    for name, result in made.items():
        try:
            if max(differences(result, found[name]).values()) > DIGITS:
                wrong[name] = told(differences(result, found[name]))
        except AssertionError as reason:
            wrong[name] = str(reason)
    assert not wrong, told(wrong)


@r_with()
def test_rules_beside_other_estimates(tmp_path: Path) -> None:
    """In joint results on replicate weights too the quantile has the rule of the call."""
    svy = designs()["bootstrap"]
    made = {}
    for rule in RULES:
        own = llo.quantile("hours", svy, q=[0.25, 0.5], rule=rule)
        made[f"joint {rule}"] = llo.joint({"q": own, "m": llo.mean("hours", svy)})
        made[f"range {rule}"] = own.contrast("`0.5` - `0.25`")
    found = answers(made, svy, tmp_path)
    wrong = {name: own for name in made if max((own := differences(made[name], found[name])).values()) > DIGITS}
    assert not wrong, told(wrong)


def columns(ours: pd.DataFrame, answer: Any, names: list[str]) -> dict[str, float]:
    """Largest differences of some columns, relative to their size."""
    assert isinstance(answer, pd.DataFrame), answer
    out = {}
    for name in names:
        one, other = (frame[name].astype(float).to_numpy() for frame in (ours, answer))
        assert (np.isnan(one) == np.isnan(other)).all(), name
        same = (one == other) | np.isnan(one)
        out[name] = float(np.max(np.where(same, 0.0, np.abs(one - other) / np.maximum(np.abs(one), 1e-12))))
    return out


@pytest.mark.parametrize("design", ["clusters", "replicates", "raked", "bootstrap"])
@r_with()
def test_what_is_made_of_results(tmp_path: Path, design: str) -> None:
    svy = designs()[design]
    means = llo.mean("hours", svy, by=["year", "education"])
    ratios = llo.gap("hours", svy, by=["year", "sex"], scale="ratio", **GROUPS)
    table, tables = (
        llo.crosstab("education", "sex", svy.where("age > 25")),
        llo.crosstab("education", "sex", svy, by="year"),
    )
    rank, test = ["rank", "rank_low", "rank_high"], ["statistic", "df", "df_denominator", "p_value"]
    pooled = ["estimate", "std_error", "conf_low", "conf_high", "df", "p_value"]
    sizes = ["size_not_significant", "size_zero", "size_reversed"]
    change = llo.change("hours", svy, by="sex", time="year", base=2014)
    made: dict[str, tuple[Any, list[str], float]] = {
        "ranks": (llo.ranks(means), rank, 0),
        "ranks by year": (llo.ranks(means, by="year"), rank, 0),
        "paule-mandel": (llo.meta_analysis(means), pooled, DIGITS),
        "of ratios": (llo.meta_analysis(ratios, method="dersimonian-laird"), pooled, DIGITS),
        "reml": (llo.meta_analysis(means, method="reml", knapp=False), pooled, FLAT),
        "by sex": (llo.meta_analysis(llo.mean("age", svy, by=["sex", "year"]), by="sex"), pooled, DIGITS),
        "breaks": (llo.break_robustness(change), sizes, DIGITS),
        **{f"test {s}": (table.test(s), test, DIGITS) for s in ("F", "chisq", "wald")},
        **{f"tests {s}": (tables.test(s), test, DIGITS) for s in ("F", "chisq", "wald")},
    }
    path = tmp_path / "data.csv"
    svy.to_file(path)
    found = in_r({name: own.to_r(str(path)) for name, (own, _, _) in made.items()}, tmp_path)
    off = {name: columns(own.to_frame(), found[name], some) for name, (own, some, _) in made.items()}
    wrong = {name: own for name, own in off.items() if max(own.values()) > made[name][2]}
    assert not wrong, told(wrong)
