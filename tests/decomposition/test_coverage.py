"""95 % intervals of parts hold the truth in 95 % of samples, but for products of weak factors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from tests.decomposition import coverage, coverage_nea

# Three Monte-Carlo standard errors for one part; for the largest of many the same chance shared out (Bonferroni).
_ONE = 2 * norm.sf(3.0)
_FEW = 100
# Not held: products of two differences that are both weak beside their errors (coverage.py tells more). Their standard
# errors are checked as all others are.
PRODUCTS = [("smith-welch", "main:variety"), ("smith-welch", "group:variety")]


# On the synthetic NEA: one or both factors are near 0 beside their errors. High and low educated work in large firms
# about as often (3 points apart), means hardly move in five years, and Smith and Welch multiply two such differences.
NEA_PRODUCTS = [
    ("level", "explained:large"),
    ("difference", "explained:large"),
    ("difference, logit", "explained:large"),
    ("smith-welch", "group"),
    ("smith-welch", "time:supervisor_support"),
    ("smith-welch", "time:large"),
    *(
        ("smith-welch", f"main:{name}")
        for name in ("autonomy", "supervisor_support", "C(contract)[T.flexible]", "large")
    ),
    *(
        ("smith-welch", f"group:{name}")
        for name in ("autonomy", "variety", "supervisor_support", "C(contract)[T.flexible]", "large")
    ),
]


def _bound(parts: int, samples: int) -> float:
    """How far a coverage of 95 % may be off by chance."""
    return float(norm.isf(_ONE / 2 / parts) * np.sqrt(0.95 * 0.05 / samples))


def _normal(table: pd.DataFrame, products: list[tuple[str, str]]) -> np.ndarray:
    """Which parts are no products of weak factors."""
    return np.array([key not in products for key in zip(table["case"], table["part"], strict=True)])


def _check(table: pd.DataFrame, samples: int) -> None:
    assert (table["samples"] == samples).all()
    assert len(table) == 88
    off = (table.loc[_normal(table, PRODUCTS), "coverage"] - 0.95).abs()
    assert len(off) == 84
    assert off.max() < _bound(len(table), samples), table.loc[off.idxmax()].to_dict()
    # the estimated errors are the spread found: a spread of so many samples is known to 1 / sqrt(2 (samples - 1))
    ratio = table["std_error"] / table["spread"]
    assert (ratio - 1).abs().max() < 0.03 + norm.isf(_ONE / 2 / len(table)) / np.sqrt(2 * (samples - 1))
    # the estimates are centred on the truth: ratios of means are biased by less than a tenth of a standard error
    bias = (table["mean"] - table["truth"]).abs() / table["spread"]
    assert bias.max() < 0.10 + norm.isf(_ONE / 2 / len(table)) / np.sqrt(samples)


def test_the_committed_thousand_samples_hold_95_per_cent_but_for_products() -> None:
    _check(pd.read_csv(coverage.TABLE), 1000)


def test_products_of_weak_factors_do_not_hold_95_per_cent() -> None:
    """A limit of the method that the documentation tells of; should it be mended, the exceptions go."""
    table = pd.read_csv(coverage.TABLE)
    weak = table[~_normal(table, PRODUCTS)]
    assert weak["coverage"].between(0.88, 0.93).all()
    assert len(weak) == 4


def _check_nea(table: pd.DataFrame, samples: int) -> None:
    assert (table["samples"] == samples).all()
    assert len(table) == 64
    normal = _normal(table, NEA_PRODUCTS)
    assert normal.sum() == 49
    off = (table.loc[normal, "coverage"] - 0.95).abs()
    assert off.max() < _bound(len(table), samples), table.loc[off.idxmax()].to_dict()
    chance = norm.isf(_ONE / 2 / len(table)) / np.sqrt(2 * (samples - 1))
    ratio = table["std_error"] / table["spread"]
    assert (ratio[normal] - 1).abs().max() < 0.03 + chance
    # the mean of the delta method's variance of a product of two zeros is twice its variance
    assert ratio[~normal].between(1 - 0.03 - chance, np.sqrt(2) + chance).all()
    bias = (table["mean"] - table["truth"]).abs() / table["spread"]
    assert bias.max() < 0.10 + norm.isf(_ONE / 2 / len(table)) / np.sqrt(samples)


def test_the_synthetic_nea_holds_95_per_cent_but_for_products() -> None:
    table = pd.read_csv(coverage_nea.TABLE)
    _check_nea(table, 1000)
    weak = table[~_normal(table, NEA_PRODUCTS)]
    # one is too narrow (92 %), the others are too wide
    assert weak.loc[weak["coverage"] < 0.95, "part"].tolist() == ["explained:large"]
    assert weak["coverage"].min() > 0.92


@pytest.mark.parametrize("make", [coverage.neighbourhoods, coverage_nea.nea])
def test_the_truth_adds_up_to_the_change_of_the_gap(make: Any) -> None:
    world = make()
    people, known = world.people, coverage.truth(world)
    mean = people.groupby(["year", "education"], observed=True)["training"].mean().unstack()
    gap = mean["high"] - mean["low"]
    change = gap[world.years[1]] - gap[world.years[0]]
    for case, parts in {
        "difference": ("explained", "unexplained"),
        "difference, logit": ("explained", "unexplained"),
        "smith-welch": coverage.SMITH_WELCH,
    }.items():
        assert sum(known[case, part] for part in parts) == pytest.approx(change, abs=1e-12)


@pytest.mark.slow
def test_other_samples_hold_95_per_cent() -> None:
    """Samples that the committed table has not seen."""
    _check(coverage.study(coverage.neighbourhoods(), _FEW, first=1000), _FEW)


@pytest.mark.slow
def test_other_samples_of_the_nea_hold_95_per_cent() -> None:
    _check_nea(coverage.study(coverage_nea.nea(), _FEW, first=1000), _FEW)
