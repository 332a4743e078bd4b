"""95 % intervals of parts hold the truth in 95 % of samples, but for products of weak factors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from tests.decomposition import coverage

# Three Monte-Carlo standard errors for one part; for the largest of many the same chance shared out (Bonferroni).
_ONE = 2 * norm.sf(3.0)
_FEW = 100
# Not held: products of two differences that are both weak beside their errors (coverage.py tells more). Their standard
# errors are checked as all others are.
PRODUCTS = [("smith-welch", "main:variety"), ("smith-welch", "group:variety")]


def _bound(parts: int, samples: int) -> float:
    """How far a coverage of 95 % may be off by chance."""
    return float(norm.isf(_ONE / 2 / parts) * np.sqrt(0.95 * 0.05 / samples))


def _check(table: pd.DataFrame, samples: int) -> None:
    assert (table["samples"] == samples).all()
    assert len(table) == 88
    normal = [key not in PRODUCTS for key in zip(table["case"], table["part"], strict=True)]
    off = (table.loc[normal, "coverage"] - 0.95).abs()
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
    weak = table[[key in PRODUCTS for key in zip(table["case"], table["part"], strict=True)]]
    assert weak["coverage"].between(0.88, 0.93).all()
    assert len(weak) == 4


def test_the_truth_adds_up_to_the_change_of_the_gap() -> None:
    world = coverage.neighbourhoods()
    people, known = world.people, coverage.truth(world)
    mean = people.groupby(["year", "education"], observed=True)["training"].mean().unstack()
    gap = mean["high"] - mean["low"]
    change = gap[2024] - gap[2014]
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
