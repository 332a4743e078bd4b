"""95 % intervals of distributions, inequality and effects hold the truth in 95 % of samples with unlike weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from tests.coverage_tables import off
from tests.decomposition import coverage_distributions as study
from tests.decomposition import coverage_distributions_page as page

# The chance of one row in a thousand, shared out over all rows (Bonferroni), beside what a normal interval is off by.
_CHANCE, _NORMAL = 1e-3, 0.01


def _bound(rows: int, samples: int) -> float:
    """How far a coverage of 95 % may be off."""
    return float(norm.isf(_CHANCE / 2 / rows) * np.sqrt(0.95 * 0.05 / samples)) + _NORMAL


def _check(table: pd.DataFrame) -> None:
    samples = int(table["samples"].iloc[0])
    off = (table["coverage"] - 0.95).abs()
    assert off.max() < _bound(len(table), samples), table.loc[off.idxmax()].to_dict()


def test_the_table_that_is_kept() -> None:
    table = pd.read_csv(study.TABLE)
    assert set(table["case"]) == set(study.CASES)
    _check(table)


def test_the_page_is_that_of_the_table_and_names_what_does_not_hold() -> None:
    table = pd.read_csv(study.TABLE)
    assert page.PAGE.read_text(encoding="utf-8") == page.page(table)
    said = {("fairlie", "explained:C(sex)[T.female]"), ("four_parts", "prevalence")}
    far = table[off(table)]
    assert set(zip(far["case"], far["part"], strict=True)) == said and (table["samples"] == 1000).all()


@pytest.mark.slow
def test_few_samples_anew() -> None:
    _check(study.table(60))
