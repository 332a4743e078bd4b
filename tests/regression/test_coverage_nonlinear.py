"""95 % intervals of nonlinear panels and instruments hold the truth in 95 % of samples with unlike weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from tests.regression import coverage_nonlinear_page as page
from tests.regression import coverage_nonlinear_panels as study

_FEW = 60
# The chance of one row in a thousand, shared out over all rows (Bonferroni); 82 units make intervals a little short.
_CHANCE, _SHORT = 1e-3, 0.02


@pytest.fixture(scope="module")
def kept() -> pd.DataFrame:
    return pd.read_csv(study.TABLE)


def test_what_must_hold_95_percent_does(kept: pd.DataFrame) -> None:
    assert (kept["samples"] == study.SAMPLES).all() and set(kept["case"]) == set(study.LAW)
    assert page.wrong(kept).empty, page.wrong(kept)
    own = kept[(kept["weights"] == "weighted") & kept["case"].isin(page.SOUND) & kept["mean"].notna()]
    # the mean is nearer to the target than a ninth of the spread: what is left of the bias of small samples
    assert ((own["mean"] - own["target"]).abs() < own["spread"] / 9).all()


def test_without_weights_and_with_dummies_they_do_not(kept: pd.DataFrame) -> None:
    twin = kept[(kept["weights"] == "weighted") & (kept["case"] == study.TWIN)]
    assert (twin["mean"] > 1.3 * twin["target"]).all() and (twin["coverage"] < 0.92).all()
    plain = kept[(kept["weights"] == "unweighted") & (kept["case"] == "conditional logit")]
    assert (plain["coverage"] < 0.9).all()


def test_the_page_is_that_of_the_table(kept: pd.DataFrame) -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(kept)


def test_two_samples_draw_what_the_page_says() -> None:
    svy = study.sample(0)
    frame = svy.frame
    assert 380 < frame["who"].nunique() < 440 and frame["workplace"].nunique() == 82
    sums = [study.sample(number).frame["w"].sum() for number in range(2)]
    assert sums == pytest.approx([len(study.everybody().frame)] * 2, rel=1e-12)


@pytest.mark.slow
def test_few_samples_anew() -> None:
    found = study.table(_FEW)
    own = found[(found["weights"] == "weighted") & found["case"].isin(page.SOUND)]
    bound = norm.isf(_CHANCE / 2 / len(own)) * np.sqrt(0.95 * 0.05 / _FEW) + _SHORT
    assert ((own["coverage"] - 0.95).abs() < bound).all(), own
