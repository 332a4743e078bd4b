"""Proves that R prints the same means, shares, totals, ratios and moments from the scripts that results write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from tests.results.receipts.r_people import designs
from tests.results.receipts.r_runs import answers, differences, r_with, told

# R sums in another order; intervals of tiny samples have steep ends
DIGITS = 1e-10
# R's profile is interpolated at its own steps; on calibrated designs it counts rows outside the domain in n / (n - 1)
PROFILE = 1e-5
# joint intervals: random points there, fixed ones here
JOINT = 5e-3
INTERVALS = ("wald", "beta", "wilson", "asin", "xlogit")


def results(svy: llo.Survey) -> dict[str, Any]:
    """Calls of every estimator of one cell."""
    some = svy.where("age >= 30 | education == 'high'")
    return {
        "mean": llo.mean("hours", svy),
        "cells": llo.mean(["training", "hours"], svy, by=["h", "education"]),
        "shares": llo.share("education", svy, by="h"),
        "text in a domain": llo.share("sex", some, by="year"),
        "conditions": llo.mean("age >= 55", svy, by="age < 40"),
        "own people": llo.mean(["training", "hours"], svy, missing="available", by="sex"),
        "whole numbers": llo.share("year", svy),
        "shares of 0 and 1": llo.mean("age >= 18", svy, by="sex"),
        **{f"interval {word}": llo.share("training", svy, by="sex", interval=word) for word in INTERVALS},
        "total": llo.total(["hours", "sex"], some, by="education"),
        "ratio": llo.ratio("hours", "worked", svy, by=["sex", "year"]),
        "ratio of a domain": llo.ratio("hours", "worked", some),
        "variance": llo.variance("hours", svy),
        "variances": llo.variance(["hours", "worked"], svy, by="sex", missing="available"),
        "covariance": llo.covariance(["hours", "worked", "age"], svy, by="sex"),
        "correlation": llo.correlation(["hours", "worked", "age"], some, by="sex"),
    }


@pytest.mark.parametrize("design", ["clusters", "two stages", "replicates", "raked", "calibrated replicates"])
@r_with()
def test_estimates_of_cells(tmp_path: Path, design: str) -> None:
    svy = designs()[design]
    made = results(svy)
    found = answers(made, svy, tmp_path)
    wrong = {name: own for name in made if max((own := differences(made[name], found[name])).values()) > DIGITS}
    assert not wrong, told(wrong)


@pytest.mark.parametrize("design", ["clusters", "raked"])
@r_with("mvtnorm")
def test_ends_of_joint_and_likelihood_intervals(tmp_path: Path, design: str) -> None:
    svy = designs()[design]
    made = {
        "likelihood": llo.share("training", svy, by="sex", interval="likelihood"),
        "joint": llo.mean("hours", svy, by="education", simultaneous=True),
    }
    found = answers(made, svy, tmp_path)
    for name, tolerance in (("likelihood", PROFILE), ("joint", JOINT)):
        own = differences(made[name], found[name])
        assert max(own.values()) < tolerance, told(own)
        assert max(own[column] for column in ("estimate", "std_error", "df")) < DIGITS


@r_with()
def test_another_number_is_found(tmp_path: Path) -> None:
    svy = designs()["clusters"]
    found = answers({"mean": llo.mean("hours", svy, by="sex")}, svy, tmp_path)
    assert max(differences(llo.mean("hours", svy.where("age > 18"), by="sex"), found["mean"]).values()) > DIGITS


def test_lines_are_not_too_wide_and_columns_keep_their_names() -> None:
    svy = designs()["clusters"].assign(y1="age >= 40", **{"a very `odd` name": lambda d: d["hours"]})
    names = ["a very `odd` name", "y1", "training"]
    script = llo.mean(names, svy, by=["h", "education", "year"]).to_r("somewhere/data.csv")
    assert max(map(len, script.splitlines())) <= 110
    assert "y_1 = as.numeric(`a very \\`odd\\` name`)" in script
